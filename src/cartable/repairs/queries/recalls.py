"""Read which PCs a recall would call back, lycée by lycée, and the recalls there are."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Q

from cartable.fleet.models import DeviceModel, Lot
from cartable.repairs.models import RepairRecall

# The PCs of lycées without an open ticket. What is elsewhere (depot, on its way, ends) is not a lycée's to bring.
RECALLED = """
FROM fleet_device device JOIN fleet_custodian custodian ON custodian.id = device.custodian_id
JOIN fleet_lot lot ON lot.id = device.lot_id
WHERE device.region_id = %(region)s
  AND (device.device_model_id = %(model)s OR device.lot_id = %(lot)s)
  AND device.custodian_kind IN ('student', 'emergency_stock', 'school_bench', 'school_allotment')
  AND NOT EXISTS (SELECT FROM repairs_repairticket ticket WHERE ticket.device_id = device.id AND ticket.closed_at IS NULL)
"""
_BY_SCHOOL = f"""
SELECT school.name || ', ' || school.town, count(*), count(*) FILTER (WHERE called.custodian_kind = 'student')
FROM (SELECT custodian.school_id, device.custodian_kind {RECALLED}) called
JOIN organisations_school school ON school.id = called.school_id
GROUP BY school.id ORDER BY 2 DESC, 1
"""
_ELSEWHERE = """
SELECT count(*) FROM fleet_device device
WHERE device.region_id = %(region)s AND (device.device_model_id = %(model)s OR device.lot_id = %(lot)s)
  AND device.custodian_kind IN ('depot', 'transit', 'repairer')
"""


@dataclass(frozen=True)
class SchoolCount:
    """How many PCs of a lycée a recall calls back."""

    school: str
    count: int
    with_students: int


@dataclass(frozen=True)
class Preview:
    """What a recall would do."""

    schools: list[SchoolCount]
    elsewhere: int

    @property
    def count(self) -> int:
        """Return how many tickets it would open."""
        return sum(school.count for school in self.schools)


def preview(*, region_id: int, model_id: int | None, lot_id: int | None) -> Preview:
    """Count what a recall of a model or of a lot would call back."""
    values = {"region": region_id, "model": model_id, "lot": lot_id}
    with connection.cursor() as cursor:
        cursor.execute(_BY_SCHOOL, values)
        schools = [SchoolCount(*row) for row in cursor.fetchall()]
        cursor.execute(_ELSEWHERE, values)
        (elsewhere,) = cursor.fetchone()
    return Preview(schools, elsewhere)


@dataclass(frozen=True)
class RecallLine:
    """A recall and how far it is."""

    what: str
    reason: str
    opened_at: datetime
    count: int
    open_count: int


def recalls(*, limit: int = 20) -> list[RecallLine]:
    """Return the recalls of the region, the latest first."""
    rows = RepairRecall.objects.select_related("device_model", "lot").annotate(
        count=Count("repairticket"), open_count=Count("repairticket", filter=Q(repairticket__closed_at=None))
    )
    return [
        RecallLine(str(row.device_model or row.lot), row.reason, row.opened_at, row.count, row.open_count)
        for row in rows.order_by("-opened_at")[:limit]
    ]


def recall_choices() -> list[tuple[str, str]]:
    """Return what may be recalled: models by name, then lots, the latest first."""
    models = DeviceModel.objects.order_by("name").values_list("pk", "name")
    lots = Lot.objects.order_by("-received_on", "reference").values_list("pk", "reference")
    return [*((f"modele-{pk}", name) for pk, name in models), *((f"lot-{pk}", reference) for pk, reference in lots)]
