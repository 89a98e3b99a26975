"""Read the hot list: PCs declared stolen or lost, for the region and for the lycée that declared them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from cartable.fleet.models import CUSTODIAN_KIND_NAMES
from cartable.fleet.rules import CustodianKind

# No lycée answers for such a PC: whose it is, its last incident says. What came stolen from another tool has none and
# is the region's alone.
_HOT = """
SELECT device.asset_tag, device.serial_number, model.name, device.custodian_kind, coalesce(school.name, ''),
    coalesce(last.id::text, ''), last.declared_at
FROM fleet_custodian custodian
JOIN fleet_device device ON device.custodian_id = custodian.id
JOIN fleet_devicemodel model ON model.id = device.device_model_id
LEFT JOIN LATERAL (
    SELECT incident.id, incident.school_id, incident.declared_at FROM incidents_incident incident
    WHERE incident.device_id = device.id ORDER BY incident.declared_at DESC LIMIT 1
) last ON true
LEFT JOIN organisations_school school ON school.id = last.school_id
WHERE custodian.region_id = %(region)s AND custodian.kind = ANY(%(kinds)s)
  AND (%(schools)s::bigint[] IS NULL OR last.school_id = ANY(%(schools)s::bigint[]))
  AND (%(tag)s = '' OR device.asset_tag = %(tag)s)
  AND device.asset_tag > %(after)s AND (%(before)s = '' OR device.asset_tag < %(before)s)
ORDER BY device.asset_tag {order} LIMIT %(limit)s
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
    declared_at: datetime | None


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
    """Return the PCs in claim, stolen or lost that these schools declared (None: of the whole region)."""
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
            _HOT.format(order="DESC" if before else "ASC"),
            {
                "region": region_id, "schools": list(school_ids) if school_ids is not None else None,
                "kinds": [str(one) for one in kinds], "tag": tag, "after": after, "before": before, "limit": limit,
            },
        )  # fmt: skip
        return [
            HotPC(
                row[0], row[1], row[2], row[3], str(CUSTODIAN_KIND_NAMES[CustodianKind(row[3])]), row[4],
                UUID(row[5]) if row[5] else None, row[6],
            )
            for row in cursor.fetchall()
        ]  # fmt: skip
