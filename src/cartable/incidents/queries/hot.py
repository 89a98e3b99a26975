"""Read the hot list: PCs declared stolen or lost, for the region and for the lycée that declared them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from cartable.fleet.models import CUSTODIAN_KIND_NAMES
from cartable.fleet.rules import CustodianKind

# No lycée answers for such a PC: whose it is, its last incident says. What came stolen from another tool has none and
# is the region's alone. The page is cut before incidents are looked up: one look-up per line shown, not per hot PC.
_PAGE = """
SELECT device.id, device.asset_tag, device.serial_number, device.device_model_id, device.custodian_kind
FROM fleet_custodian custodian JOIN fleet_device device ON device.custodian_id = custodian.id
WHERE custodian.region_id = %(region)s AND custodian.kind = ANY(%(kinds)s)
  AND (%(tag)s = '' OR device.asset_tag = %(tag)s)
  AND device.asset_tag > %(after)s AND (%(before)s = '' OR device.asset_tag < %(before)s)
  {owned} ORDER BY device.asset_tag {order} LIMIT %(limit)s
"""
_LAST = "SELECT incident.{column} FROM incidents_incident incident WHERE incident.device_id = {of}.id {order}"
_LATEST = "ORDER BY incident.declared_at DESC LIMIT 1"
# Few incidents are of a lycée, so they are asked first; then whether they are the PC's last one.
_OWNED = f"""
  AND device.id IN (SELECT own.device_id FROM incidents_incident own WHERE own.school_id = ANY(%(schools)s::bigint[]))
  AND ({_LAST.format(column="school_id", of="device", order=_LATEST)}) = ANY(%(schools)s::bigint[])
"""
_HOT = f"""
SELECT device.asset_tag, device.serial_number, model.name, device.custodian_kind, coalesce(school.name, ''),
    coalesce(last.id::text, ''), last.declared_at
FROM ({_PAGE}) device
JOIN fleet_devicemodel model ON model.id = device.device_model_id
LEFT JOIN LATERAL ({_LAST.format(column="*", of="device", order=_LATEST)}) last ON true
LEFT JOIN organisations_school school ON school.id = last.school_id
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
            _HOT.format(order="DESC" if before else "ASC", owned="" if school_ids is None else _OWNED),
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
