"""The closing report of a day: one page to sign, then the lists that it stands on.

Personal data is kept small: a PC stands beside the student's code, not the name; names appear where somebody
must act, for the absent. What lists can tell is counted from the lists, so that no page contradicts another.
The ledger's daily root stands on the first page and, shortened, at the foot of every page.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

_SHA256 = re.compile(r"[0-9a-f]{64}")


class NotALedgerRoot(ValueError):
    """The daily root is no SHA-256 in lower-case hexadecimal."""

    code = "not_a_ledger_root"


@dataclass(frozen=True, slots=True)
class ClassTally:
    """One class's day: students expected, equipped and absent."""

    division: str
    expected: int
    equipped: int
    absent: int


@dataclass(frozen=True, slots=True)
class HandedDevice:
    """A PC handed out: when, to whose code, which asset tag and serial number."""

    handed_at: datetime
    student_code: str
    device_code: str
    serial_number: str


@dataclass(frozen=True, slots=True)
class DayException:
    """Something that did not go by the book: what, for which codes, how it was settled (empty: not yet)."""

    happened_at: datetime
    what: str
    student_code: str = ""
    device_code: str = ""
    settlement: str = ""


@dataclass(frozen=True, slots=True)
class AbsentStudent:
    """A student who was expected and did not come."""

    name: str
    division: str


@dataclass(frozen=True, slots=True)
class LeftoverDevice:
    """A PC that was not handed out, and where it was sent ("Réserve (FUP)", "Dépôt", "Établi")."""

    device_code: str
    serial_number: str
    destination: str


@dataclass(frozen=True, slots=True)
class ClosingReport:
    """What the report of one school's day says; raises NotALedgerRoot.

    `allotted` PCs came for the day; `expected` students were on the frozen list. Rates are PCs per hour.
    """

    region: str
    campaign: str
    school: str
    uai: str
    day: date
    opened_at: datetime
    closed_at: datetime
    leader_name: str
    head_name: str
    expected: int
    allotted: int
    mean_rate: int
    best_rate: int
    station_count: int
    paper_charters: int
    online_charters: int
    classes: tuple[ClassTally, ...]
    handed: tuple[HandedDevice, ...]
    exceptions: tuple[DayException, ...]
    absents: tuple[AbsentStudent, ...]
    leftovers: tuple[LeftoverDevice, ...]
    ledger_root: str
    ledger_root_at: datetime
    movement_count: int

    def __post_init__(self) -> None:
        if not _SHA256.fullmatch(self.ledger_root):
            raise NotALedgerRoot("a SHA-256 in lower-case hexadecimal is expected")

    @property
    def without_device(self) -> int:
        """Students who came, or were refused, and left without a PC; PCs given outside the list do not hide them."""
        return sum(max(0, tally.expected - tally.equipped - tally.absent) for tally in self.classes)

    @property
    def destinations(self) -> list[tuple[str, int]]:
        """Where the leftover PCs went, and how many, the largest first."""
        return Counter(device.destination for device in self.leftovers).most_common()

    @property
    def unaccounted(self) -> int:
        """PCs of the allotment neither handed out nor sent on: zero when the day may be closed."""
        return self.allotted - len(self.handed) - len(self.leftovers)
