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
NAMESPACE = UUID("b1a7c1de-6a5e-4a0f-8f3c-7d1f6b2e9a44")
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
        facts = [
            Told(
                uuid5(NAMESPACE, f"{key}:{(today - since).days // SAID_AGAIN_AFTER_DAYS}"), custodian_id,
                {"pc": spaced(tag), "date": short_date(since)},
            )
            for key, custodian_id, tag, since in cursor.fetchall()
        ]  # fmt: skip
    return tell_families(kind=NoticeKind.RECEIPT_AWAITED, facts=facts, told_at=now)
