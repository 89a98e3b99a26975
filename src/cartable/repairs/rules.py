"""Under warranty or not, how far a repair is, how late, and what may be done next. Pure decisions on plain values."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

# DOMAIN 5.8: three years of after-sales in the 2019 market. A contract says otherwise.
WARRANTY_MONTHS = 36
# What the repairer has agreed to from receipt to sending back, where the contract is silent.
AGREED_DAYS = 10


class Symptom(StrEnum):
    """What somebody sees on the spot; nobody opens the PC."""

    SCREEN = "screen"
    KEYBOARD = "keyboard"
    BATTERY = "battery"
    CHARGER = "charger"
    DISK = "disk"
    SYSTEM = "system"
    HINGE = "hinge"
    LIQUID = "liquid"
    OTHER = "other"


class FaultyPart(StrEnum):
    """What the repairer found at fault: counted, for the next market."""

    SCREEN = "screen"
    KEYBOARD = "keyboard"
    BATTERY = "battery"
    CHARGER = "charger"
    DISK = "disk"
    MAINBOARD = "mainboard"
    HINGE = "hinge"
    SOFTWARE = "software"
    NO_FAULT = "no_fault"
    OTHER = "other"


class RepairOutcome(StrEnum):
    """What the repairer made of it."""

    REPAIRED = "repaired"
    SWAPPED = "swapped"
    UNREPAIRABLE = "unrepairable"


class TicketEnding(StrEnum):
    """Where the PC went when its ticket was closed."""

    HANDED_BACK = "handed_back"
    TO_BENCH = "to_bench"
    TO_RESERVE = "to_reserve"
    DISPOSED = "disposed"
    CANCELLED = "cancelled"


class BatchDirection(StrEnum):
    """Which way a batch travels."""

    OUT = "out"
    BACK = "back"


class BatchDifferenceKind(StrEnum):
    """What was in the parcel and should not have been."""

    NOT_IN_BATCH = "not_in_batch"
    UNKNOWN = "unknown"


class RepairStage(StrEnum):
    """How far a repair is: read from its facts, kept nowhere."""

    TO_TAKE_IN = "to_take_in"
    TO_SEND = "to_send"
    SENT = "sent"
    TO_DIAGNOSE = "to_diagnose"
    TO_DECIDE = "to_decide"
    TO_REPAIR = "to_repair"
    TO_DISPOSE = "to_dispose"
    TO_SEND_BACK = "to_send_back"
    ON_THE_WAY_BACK = "on_the_way_back"
    BACK = "back"
    CLOSED = "closed"


@dataclass(frozen=True)
class Facts:
    """The dates of a ticket, and whether a quote waits for the region."""

    taken_in_at: datetime | None = None
    sent_at: datetime | None = None
    received_at: datetime | None = None
    diagnosed_at: datetime | None = None
    quote_waits: bool = False
    finished_at: datetime | None = None
    finished_as: str = ""
    sent_back_at: datetime | None = None
    back_at: datetime | None = None
    closed_at: datetime | None = None


def stage(facts: Facts) -> RepairStage:
    """Say how far a repair is: the latest fact decides."""
    if facts.closed_at is not None:
        return RepairStage.CLOSED
    if facts.back_at is not None:
        return RepairStage.BACK
    if facts.sent_back_at is not None:
        return RepairStage.ON_THE_WAY_BACK
    if facts.finished_at is not None:
        return RepairStage.TO_DISPOSE if facts.finished_as == RepairOutcome.UNREPAIRABLE else RepairStage.TO_SEND_BACK
    if facts.received_at is not None:
        return _in_the_workshop(facts)
    if facts.sent_at is not None:
        return RepairStage.SENT
    return RepairStage.TO_TAKE_IN if facts.taken_in_at is None else RepairStage.TO_SEND


def _in_the_workshop(facts: Facts) -> RepairStage:
    if facts.diagnosed_at is None:
        return RepairStage.TO_DIAGNOSE
    return RepairStage.TO_DECIDE if facts.quote_waits else RepairStage.TO_REPAIR


def warranty_ends_on(received_on: date, months: int) -> date:
    """Return the last day of the warranty of a lot: as many months after its receipt, the month's last day at most."""
    whole = received_on.year * 12 + received_on.month - 1 + months
    year, month = whole // 12, whole % 12 + 1
    return date(year, month, min(received_on.day, monthrange(year, month)[1]))


def is_under_warranty(on: date, ends_on: date) -> bool:
    """Say whether a failure of that day falls under the warranty."""
    return on <= ends_on


@dataclass(frozen=True)
class Clock:
    """How long the repairer has had a PC, against the days agreed; ``days`` is None before it is received."""

    days: int | None
    agreed: int

    @property
    def is_late(self) -> bool:
        """Say whether the agreed limit is passed."""
        return self.days is not None and self.days > self.agreed


def clock(*, received_on: date | None, sent_back_on: date | None, today: date, agreed: int) -> Clock:
    """Run from receipt to sending back; it stands still before and after."""
    return Clock(None if received_on is None else ((sent_back_on or today) - received_on).days, agreed)


@dataclass(frozen=True)
class AgeBand:
    """How many PCs the repairer has had for so many days; ``last`` is None for the open end."""

    first: int
    last: int | None
    count: int
    is_late: bool


def age_bands(days: Sequence[int], agreed: int) -> tuple[AgeBand, ...]:
    """Part ages at half the limit, the limit and twice the limit."""
    half = max(0, agreed // 2)
    edges: list[tuple[int, int | None]] = [
        (0, half), (half + 1, agreed), (agreed + 1, agreed * 2), (agreed * 2 + 1, None),
    ]  # fmt: skip
    return tuple(
        AgeBand(first, last, sum(first <= d and (last is None or d <= last) for d in days), first > agreed)
        for first, last in edges
    )


class RepairObstacle(StrEnum):
    """Why a repair may not begin, or no PC may be lent meanwhile."""

    IN_CLAIM = "in_claim"
    NOT_OF_THIS_SCHOOL = "not_of_this_school"
    TICKET_IS_OPEN = "ticket_is_open"
    NOT_IN_THE_LYCEE = "not_in_the_lycee"
    NOBODY_HOLDS_IT = "nobody_holds_it"
    RULES_OPEN_NO_LOAN = "rules_open_no_loan"
    STUDENT_GONE = "student_gone"
    RESERVE_IS_EMPTY = "reserve_is_empty"


# Both put a PC of the reserve into the student's hands; a loan that is never ended by an exchange is a replacement.
OPENINGS_THAT_LEND = frozenset({"loan", "replacement"})


@dataclass(frozen=True)
class Failed:
    """The PC that was scanned, as the lycée sees it."""

    kind: str
    is_of_a_school: bool
    has_ticket_on_its_way: bool

    @property
    def is_with_student(self) -> bool:
        """Say whether a student holds it."""
        return self.kind == "student"


def repair_obstacle(failed: Failed) -> RepairObstacle | None:
    """Say why no repair may begin; None where it may. What is stolen or lost comes before everything else."""
    if failed.kind in {"claim", "stolen", "lost"}:
        return RepairObstacle.IN_CLAIM
    if failed.has_ticket_on_its_way:
        return RepairObstacle.TICKET_IS_OPEN
    if not failed.is_of_a_school:
        return RepairObstacle.NOT_OF_THIS_SCHOOL
    return (
        None
        if failed.kind in {"student", "school_bench", "emergency_stock", "school_allotment"}
        else RepairObstacle.NOT_IN_THE_LYCEE
    )


def loan_obstacle(failed: Failed, *, opens: str | None, has_left: bool, fit_in_reserve: int) -> RepairObstacle | None:
    """Say why no PC may be lent meanwhile; ``opens`` is what the campaign's rules open for a failure."""
    if not failed.is_with_student:
        return RepairObstacle.NOBODY_HOLDS_IT
    if opens not in OPENINGS_THAT_LEND:
        return RepairObstacle.RULES_OPEN_NO_LOAN
    if has_left:
        return RepairObstacle.STUDENT_GONE
    return RepairObstacle.RESERVE_IS_EMPTY if fit_in_reserve == 0 else None


def family_pays(breakage_opens: str) -> bool:
    """Say whether the family answers for a damage that no warranty covers: the rules make it buy the PC again."""
    return breakage_opens == "rebuy"
