"""Read the hot list: PCs declared stolen or lost, for the region and for the lycées that they concern."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from cartable.fleet.models import CUSTODIAN_KIND_NAMES
from cartable.fleet.rules import CustodianKind
from cartable.supply.queries.shipments import LostOnTheRoad, lost_on_the_road

# No lycée answers for such a PC: whose it is says the incident that brought it where it is, by its own movement. What was
# lost on the road has a shipment instead, and is of both ends; what came stolen from another tool has neither, and is the
# region's alone. The page is cut before incidents are looked up: one look-up per line shown, not per hot PC.
_PAGE = """
SELECT device.id, device.asset_tag, device.serial_number, device.device_model_id, device.custodian_kind,
    device.last_sequence
FROM fleet_custodian custodian JOIN fleet_device device ON device.custodian_id = custodian.id
WHERE custodian.region_id = %(region)s AND custodian.kind = ANY(%(kinds)s)
  AND (%(tag)s = '' OR device.asset_tag = %(tag)s)
  AND device.asset_tag > %(after)s AND (%(before)s = '' OR device.asset_tag < %(before)s)
  {owned} ORDER BY device.asset_tag {order} LIMIT %(limit)s
"""
# Few incidents and few losses are of a lycée, so they are asked first; then whether they are why the PC is hot now.
_OWNED = """
  AND device.id IN (
    SELECT incident.device_id FROM incidents_incident incident
    JOIN fleet_movement movement ON movement.id IN (incident.declared_movement_id, incident.established_movement_id)
    JOIN fleet_device own ON own.id = incident.device_id AND own.last_sequence = movement.sequence
    WHERE incident.school_id = ANY(%(schools)s::bigint[])
    UNION ALL
    SELECT line.device_id FROM supply_shipment shipment
    JOIN supply_shipmentline line ON line.shipment_id = shipment.id AND line.remedy = 'claimed'
    JOIN fleet_movement movement ON movement.id = line.settled_by_movement_id
    JOIN fleet_device own ON own.id = line.device_id AND own.last_sequence = movement.sequence
    WHERE shipment.origin_school_id = ANY(%(schools)s::bigint[])
       OR shipment.destination_school_id = ANY(%(schools)s::bigint[]))
"""
_HOT = f"""
SELECT device.asset_tag, device.serial_number, model.name, device.custodian_kind, coalesce(school.name, ''),
    coalesce(reason.id::text, ''), coalesce(reason.declared_at, movement.happened_at)
FROM ({_PAGE}) device
JOIN fleet_devicemodel model ON model.id = device.device_model_id
JOIN fleet_movement movement ON movement.device_id = device.id AND movement.sequence = device.last_sequence
LEFT JOIN LATERAL (
    SELECT incident.* FROM incidents_incident incident WHERE incident.device_id = device.id
      AND movement.id IN (incident.declared_movement_id, incident.established_movement_id) LIMIT 1) reason ON true
LEFT JOIN organisations_school school ON school.id = reason.school_id
ORDER BY device.asset_tag {{order}}
"""
KINDS = (CustodianKind.CLAIM, CustodianKind.STOLEN, CustodianKind.LOST)
PAGE = 50


@dataclass(frozen=True)
class HotPC:
    """A PC that raises the alarm wherever it is scanned."""

    asset_tag: str
    serial_number: str
    model: str
    kind: str
    kind_name: str
    school: str
    incident_id: UUID | None
    declared_at: datetime
    # Where no lycée declared it: it never arrived, and was declared lost from its shipment.
    lost_on_the_road: LostOnTheRoad | None = None


@dataclass(frozen=True)
class HotPage:
    """One page of the hot list, in the order of asset tags."""

    rows: tuple[HotPC, ...]
    previous_before: str
    next_after: str


def hot_list(
    *,
    region_id: int,
    school_ids: Sequence[int] | None,
    kind: CustodianKind | None = None,
    after: str = "",
    before: str = "",
) -> HotPage:
    """Return the PCs in claim, stolen or lost that these schools declared, or that were lost on a road from or to them.

    None: those of the whole region.
    """
    rows = _read(region_id, school_ids, kinds=(kind,) if kind else KINDS, after=after, before=before, limit=PAGE + 1)
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if before:
        rows.reverse()
    has_next, has_previous = (True, more) if before else (more, bool(after))
    return HotPage(
        rows=tuple(rows),
        previous_before=rows[0].asset_tag if rows and has_previous else "",
        next_after=rows[-1].asset_tag if rows and has_next else "",
    )


def hot_pc(asset_tag: str, *, region_id: int) -> HotPC | None:
    """Return one hot PC of the region, whoever declared it: whoever scans it must learn what it is."""
    found = _read(region_id, None, kinds=KINDS, tag=asset_tag, limit=1)
    return found[0] if found else None


def _read(
    region_id: int,
    school_ids: Sequence[int] | None,
    *,
    kinds: Sequence[CustodianKind],
    tag: str = "",
    after: str = "",
    before: str = "",
    limit: int,
) -> list[HotPC]:
    with connection.cursor() as cursor:
        cursor.execute(
            _HOT.format(order="DESC" if before else "ASC", owned="" if school_ids is None else _OWNED),
            {
                "region": region_id, "schools": list(school_ids) if school_ids is not None else None,
                "kinds": [str(one) for one in kinds], "tag": tag, "after": after, "before": before, "limit": limit,
            },
        )  # fmt: skip
        rows = cursor.fetchall()
    on_the_road = lost_on_the_road([row[0] for row in rows if not row[5]], region_id=region_id)
    return [
        HotPC(
            row[0], row[1], row[2], row[3], str(CUSTODIAN_KIND_NAMES[CustodianKind(row[3])]), row[4],
            UUID(row[5]) if row[5] else None, row[6], on_the_road.get(row[0]),
        )
        for row in rows
    ]  # fmt: skip
