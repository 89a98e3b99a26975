"""Read what waits on the road, school by school: shipments to receive, differences to settle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.urls import reverse

# One row per school and kind, however many shipments there are. A difference waits at both ends: either may know.
_WAITING = """
SELECT 'shipment_to_receive', count(DISTINCT shipment.id), min(shipment.dispatched_at::date), school.name, school.uai,
    CASE WHEN count(DISTINCT shipment.id) = 1 THEN min(shipment.id::text) END
FROM supply_shipment shipment JOIN organisations_school school ON school.id = shipment.destination_school_id
WHERE shipment.closed_at IS NULL AND school.id = ANY(%(schools)s)
GROUP BY school.id
UNION ALL
SELECT 'difference_to_settle', count(line.id), min(shipment.dispatched_at::date), school.name, school.uai,
    CASE WHEN count(DISTINCT shipment.id) = 1 THEN min(shipment.id::text) END
FROM supply_shipmentline line JOIN supply_shipment shipment ON shipment.id = line.shipment_id
JOIN organisations_school school ON school.id IN (shipment.origin_school_id, shipment.destination_school_id)
WHERE line.difference <> '' AND line.settled_at IS NULL AND school.id = ANY(%(schools)s)
GROUP BY school.id
ORDER BY 1, 3, 5
"""


@dataclass(frozen=True)
class Waiting:
    """Something that waits at a school: how many of it, for how many days the oldest one, and where it is settled."""

    kind: str
    count: int
    oldest_days: int
    school: str
    school_uai: str
    url: str


def waiting(school_ids: Sequence[int], *, today: date) -> list[Waiting]:
    """Return what waits on the road at these schools, found in scope, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"schools": list(school_ids)})
        rows: list[Any] = cursor.fetchall()
    return [
        Waiting(kind, count, (today - since).days, name, uai, _address(shipment_id))
        for kind, count, since, name, uai, shipment_id in rows
    ]


def _address(shipment_id: str | None) -> str:
    return reverse("supply:shipment", args=[shipment_id]) if shipment_id else reverse("supply:shipments")
