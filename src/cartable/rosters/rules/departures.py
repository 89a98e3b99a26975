"""When a student may be said to leave, and what the next enrolment is. Pure decisions on plain values."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cartable.kernel.school_year import SchoolYear


class DepartureObstacle(StrEnum):
    """Why a departure is not taken."""

    NOT_HERE = "not_here"
    LEFT_ALREADY = "left_already"
    SAME_SCHOOL = "same_school"
    SCHOOL_CLOSED = "school_closed"
    UNDO_INSTEAD = "undo_instead"


@dataclass(frozen=True)
class Leaver:
    """Who is said to leave: whether the lycée answers for them, and the end of their last enrolment."""

    is_here: bool
    ends_on: date | None

    def has_left(self, today: date) -> bool:
        """Say whether a list or somebody ended the enrolment before; absence from a list ends nothing."""
        return self.ends_on is not None and self.ends_on <= today


@dataclass(frozen=True)
class Goal:
    """The lycée that a student leaves for; ``was_left_today`` where they came from there today: a mistake, not a move."""

    is_the_same: bool
    is_closed: bool
    was_left_today: bool = False


def departure_obstacle(leaver: Leaver, goal: Goal | None, *, today: date) -> DepartureObstacle | None:
    """Say why a departure is not taken; ``goal`` is None for outside the region.

    Who has left already may still turn up in another lycée, and is nobody's second record there.
    """
    if not leaver.is_here:
        return DepartureObstacle.NOT_HERE
    if goal is None:
        return DepartureObstacle.LEFT_ALREADY if leaver.has_left(today) else None
    if goal.is_the_same:
        return DepartureObstacle.SAME_SCHOOL
    if goal.is_closed:
        return DepartureObstacle.SCHOOL_CLOSED
    return DepartureObstacle.UNDO_INSTEAD if goal.was_left_today else None


def arrival_of(last_year: int, today: date) -> tuple[int, date]:
    """Return school year and first day in the new lycée, from the year of the last enrolment; a year to come waits for its own day."""
    first_year = max(last_year, SchoolYear.containing(today).first_year)
    return first_year, max(today, SchoolYear(first_year).starts_on)


class UndoObstacle(StrEnum):
    """Why a departure is not taken back."""

    OVERTAKEN = "overtaken_departure"
    LISTED_THERE = "listed_there"


def undo_obstacle(*, is_as_left: bool, is_listed_there: bool) -> UndoObstacle | None:
    """Say why a departure stays: something newer was said, or the list of the new lycée names the student already."""
    if not is_as_left:
        return UndoObstacle.OVERTAKEN
    return UndoObstacle.LISTED_THERE if is_listed_there else None
