"""Who gets a laptop, and what one version of the rules changes in another: pure decisions on plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from enum import StrEnum


@dataclass(frozen=True)
class EligibilityRules:
    """What decides eligibility in one lycée this year: the campaign's rules, narrowed by the wave."""

    eligible_levels: frozenset[str]
    eligible_statuses: frozenset[str]
    wave_levels: frozenset[str] = frozenset()
    wave_divisions: frozenset[str] = frozenset()
    has_wave: bool = True


def is_eligible(*, level: str | None, status: str, division: str | None, rules: EligibilityRules) -> bool:
    """Say whether a student of this level (MEFSTAT4), SIECLE status and class gets a laptop this year.

    A student without class or with an unknown level is kept out of a wave by class or level until the list says
    more: nobody is equipped on a guess.
    """
    if not rules.has_wave or status not in rules.eligible_statuses or level not in rules.eligible_levels:
        return False
    if rules.wave_divisions:
        return division in rules.wave_divisions
    if rules.wave_levels:
        return level in rules.wave_levels
    return True


def emergency_stock_target(*, student_count: int, fup_rate: float) -> int:
    """Return how many PCs the FUP of a lycée should hold: the rate of the campaign, rounded up."""
    return -(-student_count * round(fup_rate * 1000) // 1000)


class Fate(StrEnum):
    """What becomes of a paragraph or a price from one version to the next."""

    KEPT = "kept"
    ADDED = "added"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True)
class ParagraphChange:
    """A paragraph of the charter, in the order of reading, and what becomes of it."""

    text: str
    fate: Fate


@dataclass(frozen=True)
class PriceChange:
    """An item of the price list with its prices in both versions; None where a version does not have it."""

    item: str
    before: Decimal | None
    after: Decimal | None

    @property
    def fate(self) -> Fate:
        """Say what becomes of the price."""
        if self.before is None:
            return Fate.ADDED
        if self.after is None:
            return Fate.GONE
        return Fate.KEPT if self.before == self.after else Fate.CHANGED


def paragraphs(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a charter: parted by an empty line, whatever the line ends are."""
    lines = "\n".join(line.strip() for line in text.splitlines())
    return tuple(part.strip() for part in lines.split("\n\n") if part.strip())


def charter_changes(before: str, after: str) -> tuple[ParagraphChange, ...]:
    """Compare two charters paragraph by paragraph; one that is reworded is gone and added."""
    old, new = paragraphs(before), paragraphs(after)
    changes: list[ParagraphChange] = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            changes += (ParagraphChange(text, Fate.KEPT) for text in old[old_from:old_to])
        else:
            changes += (ParagraphChange(text, Fate.GONE) for text in old[old_from:old_to])
            changes += (ParagraphChange(text, Fate.ADDED) for text in new[new_from:new_to])
    return tuple(changes)


def price_changes(before: Mapping[str, Decimal], after: Mapping[str, Decimal]) -> tuple[PriceChange, ...]:
    """Compare two price lists, in the order of the new one; what is gone comes last."""
    items = [*after, *(item for item in before if item not in after)]
    return tuple(PriceChange(item, before.get(item), after.get(item)) for item in items)


def added_and_gone(before: Sequence[str], after: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what a list of words gains and what it loses."""
    return tuple(w for w in after if w not in before), tuple(w for w in before if w not in after)
