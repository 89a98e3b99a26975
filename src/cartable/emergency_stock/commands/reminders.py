"""Tell families what is overdue, as the worker does each morning: one statement reads, one writes."""

from datetime import datetime
from uuid import UUID, uuid5

from django.db import connection
from django.utils import timezone

from cartable.distribution.commands.families import Told, tell_families
from cartable.kernel.codes import spaced
from cartable.notices.rules import NoticeKind
from cartable.ui.figures import short_date

# Said again after as many days; within them a second run of the worker says nothing.
SAID_AGAIN_AFTER_DAYS = 14
NAMESPACE = UUID("6f0c8a52-0f0e-4a53-9d0b-0b6a5f1d2c31")
_LOAN_OVERDUE = """
SELECT loan.allocation_id, student.custodian_id, device.asset_tag, loan.due_on
FROM emergency_stock_loan loan
JOIN rosters_student student ON student.id = loan.student_id
JOIN fleet_device device ON device.id = loan.loaner_id
WHERE loan.ended_at IS NULL AND loan.due_on < %(today)s
"""


def remind_of_loans(*, now: datetime) -> int:
    """Write to the families of students whose loan is overdue. Return the count of mails that are to be said now."""
    today = timezone.localdate(now)
    with connection.cursor() as cursor:
        cursor.execute(_LOAN_OVERDUE, {"today": today})
        facts = [
            Told(
                uuid5(NAMESPACE, f"{key}:{(today - since).days // SAID_AGAIN_AFTER_DAYS}"), custodian_id,
                {"pc": spaced(tag), "date": short_date(since)},
            )
            for key, custodian_id, tag, since in cursor.fetchall()
        ]  # fmt: skip
    return tell_families(kind=NoticeKind.LOAN_OVERDUE, facts=facts, told_at=now)
