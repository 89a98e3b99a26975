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
NAMESPACE = UUID("2d9b5d7c-4c1c-4f7b-9e57-3f0a1c8e6b90")
_RETURN_DUE = """
SELECT gone.id, student.custodian_id, device.asset_tag, gone.ends_on
FROM rosters_enrolment gone
JOIN rosters_student student ON student.id = gone.student_id
JOIN fleet_device device ON device.custodian_id = student.custodian_id AND device.custodian_kind = 'student'
WHERE gone.is_home AND gone.ends_on <= %(today)s
  AND NOT EXISTS (
    SELECT FROM rosters_enrolment later WHERE later.student_id = gone.student_id AND later.is_home
    AND (later.first_year, later.starts_on, later.id) > (gone.first_year, gone.starts_on, gone.id))
"""


def remind_of_returns(*, now: datetime) -> int:
    """Write to the families of students who have left and still hold a PC. Return the count."""
    today = timezone.localdate(now)
    with connection.cursor() as cursor:
        cursor.execute(_RETURN_DUE, {"today": today})
        facts = [
            Told(
                uuid5(NAMESPACE, f"{key}:{(today - since).days // SAID_AGAIN_AFTER_DAYS}"), custodian_id,
                {"pc": spaced(tag), "date": short_date(since)},
            )
            for key, custodian_id, tag, since in cursor.fetchall()
        ]  # fmt: skip
    return tell_families(kind=NoticeKind.RETURN_DUE, facts=facts, told_at=now)
