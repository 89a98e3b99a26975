"""Tell families what is overdue, as the worker does each morning: one statement reads, one writes."""

from datetime import datetime

from django.db import connection
from django.utils import timezone

from cartable.distribution.commands.families import Overdue, remind_families
from cartable.notices.rules import NoticeKind

AWAITED_FOR_DAYS = 7
_RECEIPT_AWAITED = """
SELECT incident.id, student.custodian_id, device.asset_tag,
    (incident.declared_at AT TIME ZONE 'Europe/Paris')::date
FROM incidents_incident incident
JOIN rosters_student student ON student.id = incident.student_id
JOIN fleet_device device ON device.id = incident.device_id
WHERE incident.kind = 'theft' AND incident.state = 'declared'
    AND (incident.declared_at AT TIME ZONE 'Europe/Paris')::date <= %(today)s - %(days)s
"""


def remind_of_receipts(*, now: datetime) -> int:
    """Write to the families whose complaint receipt is still missing a week after the declaration. Return the count."""
    today = timezone.localdate(now)
    with connection.cursor() as cursor:
        cursor.execute(_RECEIPT_AWAITED, {"today": today, "days": AWAITED_FOR_DAYS})
        overdue = [Overdue(*row) for row in cursor.fetchall()]
    return remind_families(kind=NoticeKind.RECEIPT_AWAITED, overdue=overdue, now=now)
