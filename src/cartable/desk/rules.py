"""What waits, in which order, and how a student or a PC stands in one word. Pure decisions on plain values."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from cartable.fleet.rules import Condition, CustodianKind

# A spreadsheet of so many rows is written while somebody waits (about two seconds); a longer one by the worker.
ROWS_WRITTEN_AT_ONCE = 20_000
# From what stops somebody to what only wants to be known.
URGENCIES = ("err", "att", "info")


def stock_goal(kind: CustodianKind, condition: Condition, *, to_depot: bool, goal_has_a_day: bool) -> CustodianKind:
    """Return the account that takes in what a closing lycée has in one of its own.

    What is fit goes where it is handed out from: the lot of a day where the other lycée has one to come, else its reserve.
    What is not fit goes to its bench, with all that waits there.
    """
    if to_depot:
        return CustodianKind.DEPOT
    if kind == CustodianKind.SCHOOL_BENCH or condition != Condition.FIT:
        return CustodianKind.SCHOOL_BENCH
    if kind == CustodianKind.SCHOOL_ALLOTMENT and goal_has_a_day:
        return CustodianKind.SCHOOL_ALLOTMENT
    return CustodianKind.EMERGENCY_STOCK


class InTheWay(StrEnum):
    """What keeps a lycée from closing until somebody has settled it."""

    DAY = "day"
    DISPUTE = "dispute"
    ROAD = "road"
    LISTS = "lists"
    IN_REPAIR = "in_repair"
    CONTESTED = "contested"
    STUDENTS = "students"
    HOLDERS = "holders"
    OPEN_CASES = "open_cases"
    NO_DEPOT = "no_depot"


class Listed(StrEnum):
    """What a list that leaves as a file is a list of."""

    DEVICES = "devices"
    STUDENTS = "students"


@dataclass(frozen=True)
class ToDo:
    """Something that waits for somebody: what, why, and the way to it; ``days`` where its age is known."""

    title: str
    reason: str
    tone: str
    icon: str
    url: str
    verb: str
    school: str = ""
    days: int | None = None


def in_order(items: Iterable[ToDo]) -> tuple[ToDo, ...]:
    """Return what waits, the most urgent first, among equals what has waited longest."""
    return tuple(sorted(items, key=lambda item: (URGENCIES.index(item.tone), -(item.days or 0))))


def by_school(items: Iterable[ToDo]) -> dict[str, list[ToDo]]:
    """Return what waits lycée by lycée, each in the order given: a round is driven from place to place."""
    rounds: dict[str, list[ToDo]] = {}
    for item in items:
        rounds.setdefault(item.school, []).append(item)
    return rounds


class Standing(StrEnum):
    """How a student stands, in one word; a page says the rest of the sentence."""

    CONTESTED = "contested"
    MUST_RETURN = "must_return"
    ON_LOAN = "on_loan"
    EQUIPPED = "equipped"
    GONE = "gone"
    ABSENT = "absent"
    WAITS = "waits"


def standing(*, is_contested: bool, holds: bool, is_loan: bool, has_left: bool, was_absent: bool) -> Standing:
    """Say how a student stands: what contradicts itself first, then what they hold, then what they wait for."""
    if is_contested:
        return Standing.CONTESTED
    if holds and has_left:
        return Standing.MUST_RETURN
    if holds:
        return Standing.ON_LOAN if is_loan else Standing.EQUIPPED
    if has_left:
        return Standing.GONE
    return Standing.ABSENT if was_absent else Standing.WAITS


class Owes(StrEnum):
    """What a student owes who leaves the region."""

    NOTHING = "nothing"
    OWN_PC = "own_pc"
    ASKS_TO_KEEP = "asks_to_keep"
    MAY_REFUSE = "may_refuse"
    LOANER = "loaner"


def what_a_leaver_owes(*, holds: bool, is_loan: bool, has_finished: bool, is_given_unless_refused: bool) -> Owes:
    """Say what a student owes who leaves the region: a PC on loan always, their own before the end of the course.

    After the last year of a course the campaign decides: given unless refused, or kept by whoever asks for it.
    """
    if not holds:
        return Owes.NOTHING
    if is_loan:
        return Owes.LOANER
    if not has_finished:
        return Owes.OWN_PC
    return Owes.MAY_REFUSE if is_given_unless_refused else Owes.ASKS_TO_KEEP
