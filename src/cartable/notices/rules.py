"""Which words a notice may fill in, when a refused one is tried again, when it is given up. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from string import Template

# Minutes after each refusal: a mail server that is down for the night has the notice by noon.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
# One round of the worker: what a provider takes in a minute without calling it spam.
SENT_PER_ROUND = 100
KEPT_FOR = timedelta(days=30)


class NoticeKind(StrEnum):
    """What a notice is about; each kind fills in words of its own and may be stopped by who receives it."""

    CHARTER_REMINDER = "charter_reminder"
    PC_HANDED_OVER = "pc_handed_over"
    LOAN_BEGUN = "loan_begun"
    LOAN_OVERDUE = "loan_overdue"
    THEFT_DECLARED = "theft_declared"
    RECEIPT_AWAITED = "receipt_awaited"
    REPAIRED_PC_BACK = "repaired_pc_back"
    RETURN_DUE = "return_due"


class Channel(StrEnum):
    """The road to a person."""

    MAIL = "mail"
    SMS = "sms"


# Names of fields as the region's people write them in a text: ${lycee}.
PLACEHOLDERS: dict[NoticeKind, frozenset[str]] = {
    NoticeKind.CHARTER_REMINDER: frozenset({"lycee", "eleve", "classe", "charte"}),
    NoticeKind.PC_HANDED_OVER: frozenset({"lycee", "eleve", "pc"}),
    NoticeKind.LOAN_BEGUN: frozenset({"lycee", "eleve", "pc", "date"}),
    NoticeKind.LOAN_OVERDUE: frozenset({"lycee", "eleve", "pc", "date"}),
    NoticeKind.THEFT_DECLARED: frozenset({"lycee", "eleve", "pc"}),
    NoticeKind.RECEIPT_AWAITED: frozenset({"lycee", "eleve", "pc", "date"}),
    NoticeKind.REPAIRED_PC_BACK: frozenset({"lycee", "eleve", "pc"}),
    NoticeKind.RETURN_DUE: frozenset({"lycee", "eleve", "pc", "date"}),
}
LANGUAGES = ("fr", "en")


class UnfitText(ValueError):
    """A text names a word that this kind of notice does not fill in, or is written wrong; ``word`` is the culprit."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def check_text(kind: NoticeKind, text: str) -> None:
    """Refuse a text that could not be filled in. Raises UnfitText."""
    template = Template(text)
    if not template.is_valid():
        raise UnfitText("$")
    for word in template.get_identifiers():
        if word not in PLACEHOLDERS[kind]:
            raise UnfitText(word)


def unfit_words(kind: NoticeKind, text: str) -> list[str]:
    """Return what keeps a text from being filled in, as it is written there: unknown words, or the dollar that is alone."""
    try:
        check_text(kind, text)
    except UnfitText:
        template = Template(text)
        unknown = [word for word in template.get_identifiers() if word not in PLACEHOLDERS[kind]]
        return [*(f"${{{word}}}" for word in unknown), *(() if template.is_valid() else ("$",))]
    return []


def filled_in(text: str, words: Mapping[str, str]) -> str:
    """Return a text with its words filled in; line breaks in a word become spaces, so that no header can grow."""
    return Template(text).substitute({name: " ".join(word.split()) for name, word in words.items()})


def pause_after(attempts: int) -> timedelta | None:
    """Return how long to wait after the n-th refusal, 1 for the first; None where it is given up."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None
