"""Read who still waits for a PC since the day, which loans are open, and what left a reserve lately."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from cartable.emergency_stock.models import Allocation, Loan

# Expected on the last closed day of the lycée, not gone, and holding nothing today. Who was equipped since is off the
# list by what they hold: nothing is ticked.
_ABSENT = """
SELECT student.label_code,
    trim(student.given_name || ' ' || CASE WHEN student.usage_name <> '' THEN student.usage_name
                                           ELSE student.family_name END),
    passage.division, day.held_on, passage.charter_proof_id IS NOT NULL
FROM distribution_passage passage
JOIN (
    SELECT DISTINCT ON (day.school_id) day.id, day.school_id, day.held_on FROM distribution_distributionday day
    WHERE day.school_id = %(school)s AND day.state = 'closed' ORDER BY day.school_id, day.held_on DESC
) day ON day.id = passage.day_id
JOIN rosters_student student ON student.id = passage.student_id AND student.merged_into_id IS NULL
JOIN fleet_custodian custodian ON custodian.id = student.custodian_id AND custodian.school_id = day.school_id
WHERE passage.is_expected AND NOT passage.is_gone
  AND NOT EXISTS (SELECT FROM fleet_device device WHERE device.custodian_id = student.custodian_id)
ORDER BY passage.division, student.folded_name
"""


@dataclass(frozen=True)
class AbsentStudent:
    """Somebody expected on the day who still has no PC."""

    label_code: str
    name: str
    division: str
    held_on: date
    has_charter: bool


@dataclass(frozen=True)
class OpenLoan:
    """A PC of the reserve that stands in for another one."""

    name: str
    label_code: str
    loaner_tag: str
    own_tag: str
    lent_at: datetime
    days: int
    is_overdue: bool


@dataclass(frozen=True)
class AllocationLine:
    """A PC that left the reserve."""

    movement_id: object
    name: str
    label_code: str
    asset_tag: str
    cause: str
    allocated_at: datetime
    is_undone: bool
    is_loan: bool


def absent_since_the_day(school_id: int) -> list[AbsentStudent]:
    """Return who was expected on the last closed day of a lycée in scope and holds no PC, class by class."""
    with connection.cursor() as cursor:
        cursor.execute(_ABSENT, {"school": school_id})
        return [AbsentStudent(*row) for row in cursor.fetchall()]


def open_loans(school_id: int, *, today: date) -> list[OpenLoan]:
    """Return the open loans of a lycée, the oldest first."""
    loans = Loan.objects.filter(school_id=school_id, ended_at=None).select_related("student", "loaner", "stands_in_for")
    return [
        OpenLoan(
            name=loan.student.display_name,
            label_code=loan.student.label_code,
            loaner_tag=loan.loaner.asset_tag,
            own_tag=loan.stands_in_for.asset_tag,
            lent_at=loan.lent_at,
            days=(today - loan.lent_at.date()).days,
            is_overdue=loan.due_on < today,
        )
        for loan in loans.order_by("lent_at")
    ]


def open_loan_of(student_id: int) -> Loan | None:
    """Return the open loan of a student in scope."""
    return Loan.objects.filter(student_id=student_id, ended_at=None).select_related("loaner", "stands_in_for").first()


def last_allocations(school_id: int, *, limit: int = 20) -> list[AllocationLine]:
    """Return what left the reserve of a lycée, the latest first."""
    rows = Allocation.objects.filter(school_id=school_id).select_related("student", "device")
    return [
        AllocationLine(
            row.pk, row.student.display_name, row.student.label_code, row.device.asset_tag, row.get_cause_display(),
            row.allocated_at, row.undone_by_movement_id is not None, row.cause == "loan",
        )
        for row in rows.order_by("-allocated_at")[:limit]
    ]  # fmt: skip
