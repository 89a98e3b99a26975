"""What is said before the court and what is true now: plain values, and who may rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from cartable.distribution.rules import Code, ScanKind
from cartable.fleet.rules import CustodianKind, Reason

# Of two claims about one subject, only one can be true.
TWICE = frozenset({Code.ALREADY_EQUIPPED, Code.ALREADY_HELD})
_ABOUT_THE_STUDENT = frozenset({Code.ALREADY_EQUIPPED, Code.NOT_ELIGIBLE, Code.GONE, Code.CHARTER_MISSING})


class Settlement(StrEnum):
    """How a dispute ends."""

    STANDS = "stands"
    CLAIM_HOLDS = "claim_holds"
    EXCHANGED = "exchanged"
    ACCEPTED = "accepted"
    SET_ASIDE = "set_aside"
    MISSING = "missing"
    IDENTIFIED = "identified"


class Because(StrEnum):
    """Why a ruling is not possible now."""

    HAS_IT_ALREADY = "has_it_already"
    STUDENT_UNKNOWN = "student_unknown"
    DEVICE_UNKNOWN = "device_unknown"
    DEVICE_IS_GONE = "device_is_gone"
    HELD_ELSEWHERE = "held_elsewhere"
    CHARTER_NEEDED = "charter_needed"
    NOBODY_TO_EXCHANGE_WITH = "nobody_to_exchange_with"
    IS_A_LOAN = "is_a_loan"
    IS_ASIDE_ALREADY = "is_aside_already"
    IS_MISSING_ALREADY = "is_missing_already"
    NOTHING_TO_TAKE_BACK = "nothing_to_take_back"


class Why(StrEnum):
    """Why a ruling is proposed."""

    TRUE_BY_NOW = "true_by_now"
    NAME_THE_CODE = "name_the_code"
    FOUND_AGAIN = "found_again"
    UNDO_IS_NEWER = "undo_is_newer"
    CROSSED = "crossed"
    READ_LAST = "read_last"
    READ_BEFORE = "read_before"
    UNDECIDABLE = "undecidable"
    KEEPS_THE_FIRST = "keeps_the_first"
    DOES_NOT_WORK = "does_not_work"
    CHARTER_CAME = "charter_came"
    CHARTER_FIRST = "charter_first"
    LIST_CHANGED = "list_changed"
    NO_RIGHT = "no_right"
    IS_HERE = "is_here"
    HANDED_AFTER_RETURN = "handed_after_return"
    CHARTER_IN_HAND = "charter_in_hand"
    NOTHING_MOVES = "nothing_moves"


class Subject(NamedTuple):
    """What a dispute is about: one of the three."""

    device_id: int | None
    student_id: int | None
    unknown_code: str


def subject_of(
    *, code: str, student_id: int | None, device_id: int | None, student_code: str, device_code: str
) -> Subject:
    """Return what a contested scan is about: the student, else the PC, else the code that nobody knows."""
    if code == Code.STUDENT_UNKNOWN:
        return Subject(None, None, student_code)
    if code == Code.DEVICE_UNKNOWN:
        return Subject(None, None, device_code)
    if student_id is not None and (device_id is None or code in _ABOUT_THE_STUDENT):
        return Subject(None, student_id, "")
    if device_id is not None:
        return Subject(device_id, None, "")
    return Subject(None, None, device_code or student_code or "?")


@dataclass(frozen=True)
class Party:
    """A student of the dispute, as things stand now."""

    student_id: int
    custodian_id: int
    passage_id: int
    is_gone: bool
    is_expected: bool
    has_charter: bool
    has_override: bool
    has_arrived: bool
    held_device_id: int | None


@dataclass(frozen=True)
class Exhibit:
    """A PC of the dispute, as the ledger has it now. ``check_out_id``: its last movement is a hand-over of this day."""

    device_id: int
    custodian_id: int
    custodian_kind: CustodianKind
    in_this_school: bool
    condition: str
    last_sequence: int
    last_reason: Reason
    from_custodian_id: int
    from_kind: CustodianKind
    check_out_id: UUID | None = None


@dataclass(frozen=True)
class Testimony:
    """One claim: a scan that was contested, or the movement that stood against it. ``at`` is without the clock's skew."""

    id: int
    at: datetime
    kind: str
    code: str = ""
    student_id: int | None = None
    device_id: int | None = None
    is_contested: bool = True


@dataclass(frozen=True)
class Accounts:
    """The accounts to which a ruling can send a PC. ``leftovers``: where the day's rest went, once it is closed."""

    allotment: int
    bench: int
    claim: int
    transit: int
    leftovers: tuple[CustodianKind, int] | None = None


@dataclass(frozen=True)
class Hearing:
    """All that a ruling needs to know, read at once."""

    testimonies: tuple[Testimony, ...]
    students: Mapping[int, Party]
    devices: Mapping[int, Exhibit]
    accounts: Accounts
    is_code_unknown: bool = False
    override_allowed: bool = True

    @property
    def contested(self) -> list[Testimony]:
        """Return the scans that were not taken, the latest first."""
        return sorted((t for t in self.testimonies if t.is_contested), key=lambda t: t.at, reverse=True)

    @property
    def standing(self) -> list[Testimony]:
        """Return the movements that stood against them, the latest first."""
        return sorted((t for t in self.testimonies if not t.is_contested), key=lambda t: t.at, reverse=True)

    def holder_of(self, device: Exhibit) -> Party | None:
        """Return the student of the dispute who holds a PC."""
        return next((p for p in self.students.values() if p.custodian_id == device.custodian_id), None)


class Step(NamedTuple):
    """One movement of a ruling. ``student_id``: whose hand-over it is."""

    device_id: int
    from_custodian_id: int
    to_custodian_id: int
    reason: Reason
    corrects: UUID | None = None
    student_id: int | None = None


@dataclass(frozen=True)
class Option:
    """One way to settle the dispute, or why it is closed now."""

    settlement: Settlement
    testimony_id: int | None = None
    student_id: int | None = None
    device_id: int | None = None
    steps: tuple[Step, ...] = ()
    takes_charter: bool = False
    withdraws_charter: bool = False
    needs_override: bool = False
    impossible: Because | None = None
    others: tuple[int, ...] = ()  # The students who must be called back.


@dataclass(frozen=True)
class Proposal:
    """What is proposed, and why."""

    option: Option
    why: Why


def is_true_by_now(hearing: Hearing, testimony: Testimony) -> bool:
    """Say whether what a scan claimed has come true since, by another road."""
    student = hearing.students.get(testimony.student_id or 0)
    if student is None:
        return False
    if testimony.kind == ScanKind.PAIR:
        return testimony.device_id is not None and student.held_device_id == testimony.device_id
    return testimony.kind == ScanKind.ARRIVAL and student.has_arrived and student.held_device_id is None


def may_settle(*, rules_region: bool, rules_site: bool, is_day_open: bool, is_the_day: bool) -> bool:
    """Say who rules: the region on any day; the head and the leader until the evening of the day, or while it is open."""
    return rules_region or (rules_site and (is_day_open or is_the_day))
