"""Which of two students stays when they are read as one."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class MergeSide:
    """One of two students who are one person: where they come from, and their latest home enrolment."""

    student_id: int
    is_listed: bool
    starts_on: date | None
    ends_on: date | None


def survivor(one: MergeSide, other: MergeSide) -> int:
    """Return the id of the student that stays when two are read as one.

    The one who is enrolled now rather than gone, the later enrolment, the one from a list rather than typed on the
    spot, the older record: what the lycée's list will name next stays.
    """

    def rank(side: MergeSide) -> tuple[bool, date, bool, int]:
        is_enrolled = side.starts_on is not None and side.ends_on is None
        return (is_enrolled, side.starts_on or date.min, side.is_listed, -side.student_id)

    return max(one, other, key=rank).student_id
