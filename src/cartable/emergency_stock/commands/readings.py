"""Read every reserve of a region, as the worker does every ten minutes: whole regions are counted there, not on a page."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from cartable.emergency_stock.models import ReserveReading
from cartable.emergency_stock.queries.levels import reserves
from cartable.emergency_stock.queries.waiting import absent_counts
from cartable.organisations.models import School


@transaction.atomic
def read_reserves(*, now: datetime) -> int:
    """Keep what the open lycées in scope lack, and who still waits there; return their count.

    Four statements and one that writes, however many lycées a region has. A lycée that closed is forgotten.
    """
    today = timezone.localdate(now)
    school_ids = list(School.objects.filter(closed_on=None).order_by("pk").values_list("pk", flat=True))
    absent = absent_counts(school_ids)
    readings = []
    for line in reserves(school_ids, today=today):
        count, since = absent.get(line.school_id, (0, None))
        low_by = line.level.missing if line.level.is_low else 0
        readings.append(
            ReserveReading(school_id=line.school_id, read_at=now, low_by=low_by, absent_count=count, absent_since=since)
        )
    ReserveReading.objects.bulk_create(
        readings,
        update_conflicts=True,
        unique_fields=["school"],
        update_fields=["read_at", "low_by", "absent_count", "absent_since"],
    )
    ReserveReading.objects.exclude(school__in=school_ids).delete()
    return len(readings)
