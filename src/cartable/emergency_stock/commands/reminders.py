"""Tell families what is overdue, as the worker does each morning: one statement reads, one writes."""

from datetime import datetime

from django.db import connection
from django.utils import timezone

from cartable.distribution.commands.families import Overdue, remind_families
from cartable.notices.rules import NoticeKind

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
        overdue = [Overdue(*row) for row in cursor.fetchall()]
    return remind_families(kind=NoticeKind.LOAN_OVERDUE, overdue=overdue, now=now)
