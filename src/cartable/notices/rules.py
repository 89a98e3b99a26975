"""Which words a notice may fill in, when a refused one is tried again, when it is given up. Pure."""

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from string import Template

# Minutes after each refusal: a mail server that is down for the night has the notice by noon.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
# One round of the worker: what a provider takes in a minute without calling it spam.
SENT_PER_ROUND = 100
KEPT_FOR = timedelta(days=30)
PAUSE_OF_A_CLOSED_ROAD = timedelta(minutes=5)
LONGEST_PAUSE_ASKED_FOR = timedelta(hours=6)
# Three messages in one: what a provider still delivers as one text everywhere.
LONGEST_SMS = 459


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
    DAMAGE_QUOTED = "damage_quoted"
    QUOTE_TO_DECIDE = "quote_to_decide"


class Channel(StrEnum):
    """The road to a person."""

    MAIL = "mail"
    SMS = "sms"


class Audience(StrEnum):
    """Who is written to about a kind: families, or the people of the region who decide."""

    FAMILY = "family"
    REGION = "region"


# Kinds that are not for families.
_AUDIENCES = {NoticeKind.QUOTE_TO_DECIDE: Audience.REGION}


def audience_of(kind: NoticeKind) -> Audience:
    """Say to whom a kind is written."""
    return _AUDIENCES.get(kind, Audience.FAMILY)


def kinds_beside(kind: NoticeKind) -> list[NoticeKind]:
    """Return every kind that whoever received this one may receive, this one among them."""
    return [other for other in NoticeKind if audience_of(other) == audience_of(kind)]


def masked(channel: Channel, address: str) -> str:
    """Return what lets its owner know an address and nobody else use it: p•••@e•••.org, •• 78."""
    if channel == Channel.SMS:
        return f"•• {address[-2:]}" if address else ""
    name, at, host = address.partition("@")
    domain, dot, ending = host.rpartition(".")
    return f"{name[:1]}•••{at}{domain[:1]}•••{dot}{ending}" if at else ""


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
    NoticeKind.DAMAGE_QUOTED: frozenset({"lycee", "eleve", "pc", "prix"}),
    NoticeKind.QUOTE_TO_DECIDE: frozenset({"lycee", "pc", "prix", "lien"}),
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


def with_way_out(sms: str, url: str) -> str:
    """Return an SMS with the address that stops its kind: understood in both languages."""
    return f"{sms} Stop: {url}"


def is_international_number(number: str) -> bool:
    """Say whether a phone number is written in E.164: +33612345678."""
    return re.fullmatch(r"\+[1-9][0-9]{6,14}", number) is not None


class GatewayVerdict(StrEnum):
    """What the answer of an HTTP gateway means for a message."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    LATER = "later"
    CLOSED = "closed"


# The gateway read the message and will never take it: no such number, no such text.
_REFUSED_FOR_GOOD = frozenset({400, 410, 413, 422})
# The gateway, its account or its address is the trouble: token, credit, path, too fast, away.
_GATEWAY_IN_TROUBLE = frozenset({401, 402, 403, 404, 405, 406, 407, 408, 415, 429, 502, 503, 504})


def verdict_on(*, status: int, is_page: bool, is_accepted: bool) -> GatewayVerdict:
    """Say what an answer means; ``is_page``: a page for people, ``is_accepted``: it holds the word for a success.

    A portal that answers 200 took nothing, and one that redirects neither.
    """
    if status in _REFUSED_FOR_GOOD and not is_page:
        return GatewayVerdict.REFUSED
    if is_page or 300 <= status < 400 or status in _GATEWAY_IN_TROUBLE:
        return GatewayVerdict.CLOSED
    return GatewayVerdict.ACCEPTED if 200 <= status < 300 and is_accepted else GatewayVerdict.LATER


def pause_until(asked_seconds: float | None) -> timedelta:
    """Return how long a closed road is left alone: as long as it asks for, within a minute and some hours."""
    if asked_seconds is None:
        return PAUSE_OF_A_CLOSED_ROAD
    asked = timedelta(seconds=min(asked_seconds, LONGEST_PAUSE_ASKED_FOR.total_seconds()))
    return max(asked, timedelta(minutes=1))
