"""Tell families what is overdue, as the worker does each morning: one statement reads, one writes."""

from datetime import datetime

from django.db import connection
from django.utils import timezone

from cartable.distribution.commands.families import Overdue, remind_families
from cartable.notices.rules import NoticeKind
from cartable.rosters.rules.needs import has_finished

_RETURN_DUE = """
SELECT gone.level, EXISTS (SELECT FROM emergency_stock_loan loan WHERE loan.loaner_id = device.id AND loan.ended_at IS NULL),
    gone.id, student.custodian_id, device.asset_tag, gone.ends_on
FROM rosters_enrolment gone
JOIN rosters_student student ON student.id = gone.student_id
JOIN fleet_device device ON device.custodian_id = student.custodian_id AND device.custodian_kind = 'student'
WHERE gone.is_home AND gone.ends_on <= %(today)s
  AND NOT EXISTS (
    SELECT FROM rosters_enrolment later WHERE later.student_id = gone.student_id AND later.is_home
    AND (later.first_year, later.starts_on, later.id) > (gone.first_year, gone.starts_on, gone.id))
"""


def remind_of_returns(*, now: datetime) -> int:
    """Write to the families of students who have left and still hold a PC that they owe. Return the count.

    Whose studies are finished may keep the PC, or be given it: nobody asks them for it, unless it is a loaner.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RETURN_DUE, {"today": timezone.localdate(now)})
        overdue = [
            Overdue(*row) for level, is_loaner, *row in cursor.fetchall() if is_loaner or not has_finished(level)
        ]
    return remind_families(kind=NoticeKind.RETURN_DUE, overdue=overdue, now=now)
