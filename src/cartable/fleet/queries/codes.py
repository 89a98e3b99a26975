"""Read which devices a code or a piece of one names: tags and serial numbers of today, and those that were before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q
from django_scopes import scope

from cartable.fleet.models import (
    CUSTODIAN_KIND_NAMES,
    Device,
    SerialChange,
    TagChange,
)
from cartable.fleet.rules import HOT_KINDS, CustodianKind
from cartable.kernel.codes import DEVICE_LETTER, InvalidLabelCode, parse_label_code
from cartable.kernel.serials import is_plausible_serial, normalised_serial
from cartable.organisations.scoping import scope_values


@dataclass(frozen=True)
class Bearer:
    """A PC of the region that a code names today or named before; ``is_seen``: it is in scope."""

    asset_tag: str
    is_seen: bool
    is_hot: bool


# A maker may sell again what it took back: who bears a number today comes before who bore it.
_BEARERS = """
SELECT device.asset_tag, %(schools)s::bigint[] IS NULL OR coalesce(custodian.school_id = ANY(%(schools)s), false),
    device.custodian_kind = ANY(%(hot)s)
FROM (
    SELECT id, NULL::timestamptz FROM fleet_device WHERE {code} = %(code)s
    UNION ALL SELECT device_id, changed_at FROM fleet_{change} WHERE old_{of_change} = %(code)s
) AS bearer(device_id, until)
JOIN fleet_device device ON device.id = bearer.device_id
JOIN fleet_custodian custodian ON custodian.id = device.custodian_id
WHERE %(region)s::bigint IS NULL OR device.region_id = %(region)s
ORDER BY bearer.until DESC NULLS FIRST, device.id
"""
_BY_TAG = _BEARERS.format(code="asset_tag", change="tagchange", of_change="tag")
_BY_SERIAL = _BEARERS.format(code="serial_number", change="serialchange", of_change="serial")


def bearers_of(text: str) -> list[Bearer]:
    """Return the PCs of the region that this text names as a tag or as a serial number, today's first; one statement."""
    try:
        tag = parse_label_code(text)
    except InvalidLabelCode:
        query, code = _BY_SERIAL, normalised_serial(text)
        if not is_plausible_serial(code):
            return []
    else:
        query, code = _BY_TAG, str(tag)
        if tag.letter != DEVICE_LETTER:
            return []
    with connection.cursor() as cursor:
        cursor.execute(query, {"code": code, "hot": [str(kind) for kind in HOT_KINDS], **scope_values()})
        return [Bearer(*row) for row in cursor.fetchall()]


def exact_device(text: str) -> str | None:
    """Return the asset tag of the device in scope that this text names, as a tag or as a serial number, past ones too."""
    return next((one.asset_tag for one in bearers_of(text) if one.is_seen), None)


def exact_devices(texts: Sequence[str]) -> dict[str, Device]:
    """Return text → device in scope for those of these texts that name one, as `exact_device` reads them: four queries."""
    codes = {text: _tag_or_serial(text) for text in texts}
    wanted = list(set(codes.values()))
    devices = list(Device.objects.filter(Q(asset_tag__in=wanted) | Q(serial_number__in=wanted)))
    by_code = {device.asset_tag: device for device in devices} | {d.serial_number: d for d in devices}
    past = SerialChange.objects.filter(old_serial__in=set(wanted) - by_code.keys()).order_by("changed_at", "pk")
    bearers = dict(past.values_list("old_serial", "device_id"))
    bearers |= dict(TagChange.objects.filter(old_tag__in=wanted).values_list("old_tag", "device_id"))
    found = Device.objects.in_bulk(set(bearers.values()))
    by_code |= {code: found[device_id] for code, device_id in bearers.items() if device_id in found}
    return {text: by_code[code] for text, code in codes.items() if code in by_code}


def _tag_or_serial(text: str) -> str:
    try:
        return str(parse_label_code(text))
    except InvalidLabelCode:
        return normalised_serial(text)


def hot_device(text: str, *, region_id: int) -> str | None:
    """Return the asset tag of the PC that this text names where it is declared stolen or lost, anywhere in the region.

    Whoever scans such a PC must learn it, whatever they may see otherwise: no account of a school answers for it.
    """
    with scope(region=region_id, school=None):
        bearers = bearers_of(text)
    return bearers[0].asset_tag if bearers and bearers[0].is_hot else None


def known_identifiers(*, serials: Sequence[str], tags: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return those serial numbers and those asset tags that the park knows already, in any region.

    One array each: 70,000 are more than a statement may have parameters (65,535).
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT serial_number FROM fleet_device WHERE serial_number = ANY(%s)", [list(serials)])
        known_serials = frozenset(row[0] for row in cursor.fetchall())
        # A tag that some device bore before is known too: it still names that one.
        cursor.execute(
            "SELECT asset_tag FROM fleet_device WHERE asset_tag = ANY(%(tags)s)"
            " UNION ALL SELECT old_tag FROM fleet_tagchange WHERE old_tag = ANY(%(tags)s)",
            {"tags": list(tags)},
        )
        known_tags = frozenset(row[0] for row in cursor.fetchall())
    return known_serials, known_tags


@dataclass(frozen=True)
class FoundDevice:
    """A device that a search found."""

    asset_tag: str
    serial_number: str
    custody: str
    school: str


_FOUND = """
SELECT device.asset_tag, device.serial_number, device.custodian_kind, school.name || ', ' || school.town
FROM fleet_device device
JOIN fleet_custodian custodian ON custodian.id = device.custodian_id
LEFT JOIN organisations_school school ON school.id = custodian.school_id
WHERE device.id IN ({ways})
ORDER BY device.asset_tag LIMIT %(limit)s
"""
_WAY = """(
    SELECT device.id FROM fleet_device device JOIN fleet_custodian custodian ON custodian.id = device.custodian_id
    WHERE {way} AND (%(region)s::bigint IS NULL OR device.region_id = %(region)s)
        AND (%(schools)s::bigint[] IS NULL OR custodian.school_id = ANY(%(schools)s))
    {first}
)"""
# As in `_matching`, each way has its own index. A pallet and a carton are read whole: asked for its first tags, the planner
# would walk along all tags of the park until it has met enough of them.
_FIRST = "ORDER BY device.asset_tag LIMIT %(limit)s"
_FOUND_BY_TEXT = _FOUND.format(
    ways=" UNION ALL ".join(
        _WAY.format(way=f"device.{way}", first=first)
        for way, first in (
            ("asset_tag LIKE %(start)s", _FIRST), ("serial_number LIKE %(start)s", _FIRST),
            ("pallet = %(raw)s", ""), ("carton = %(raw)s", ""),
        )
    )
)  # fmt: skip


def find_devices(text: str, *, limit: int) -> list[FoundDevice]:
    """Return the first devices in scope that a text names as `list_devices` reads it, uncounted; one statement."""
    code = normalised_serial(text)
    if not code:
        return []
    start = re.sub(r"([\\%_])", r"\\\1", code) + "%"
    with connection.cursor() as cursor:
        cursor.execute(_FOUND_BY_TEXT, {"start": start, "raw": text.strip(), "limit": limit, **scope_values()})
        rows = cursor.fetchall()
    return [
        FoundDevice(tag, serial, str(CUSTODIAN_KIND_NAMES[CustodianKind(kind)]), school or "")
        for tag, serial, kind, school in rows
    ]
