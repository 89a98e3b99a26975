"""Read devices, where they are and what happened to them. Carries no name of any student: the fleet knows none."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django_scopes import scope

from cartable.accounts.models import ActorKind, Appointment, Role
from cartable.fleet.models import (
    CONDITION_NAMES,
    CUSTODIAN_KIND_NAMES,
    REASON_NAMES,
    Custodian,
    Device,
    Lot,
    SerialChange,
    StockReading,
    TagChange,
)
from cartable.fleet.rules import HOT_KINDS, Condition, CustodianKind, Reason
from cartable.fleet.words import (
    ACTOR_NAMES,
    CONDITION_TONES,
    REASON_ICONS,
    REASON_TONES,
    evidence_in_words,
)
from cartable.kernel.codes import DEVICE_LETTER, InvalidLabelCode, parse_label_code
from cartable.kernel.serials import is_plausible_serial, normalised_serial
from cartable.organisations.scoping import scope_values

# A page says how many there are up to here: to count a million on every turn of the page serves nobody.
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class DeviceRow:
    """A device as lists show it."""

    asset_tag: str
    serial_number: str
    model: str
    lot: str
    custody: str
    school: str
    school_uai: str
    condition: str
    condition_tone: str
    is_fit: bool


@dataclass(frozen=True)
class DevicePage:
    """One page of a list: rows, their count (up to `MOST_COUNTED`), and the tags from which the neighbours start."""

    rows: tuple[DeviceRow, ...]
    count: int
    is_more: bool
    previous_before: str | None
    next_after: str | None


@dataclass(frozen=True)
class DeviceFilter:
    """What a list of devices is narrowed to; empty texts narrow nothing."""

    text: str = ""
    school_uai: str = ""
    kind: str = ""
    lot: str = ""
    condition: str = ""


@dataclass(frozen=True)
class Event:
    """One movement in plain words."""

    title: str
    at: datetime
    icon: str
    tone: str
    before: str
    after: str
    who: str
    evidence: str
    recorded_later_at: datetime | None
    is_corrected: bool
    movement_id: UUID
    # The raw reference: whoever knows scans or papers says more of it than the fleet can.
    reference: str
    asset_tag: str = ""


@dataclass(frozen=True)
class DeviceSheet:
    """All that the fleet knows of one device."""

    asset_tag: str
    serial_number: str
    model: str
    lot: str
    lot_received_on: Any
    pallet: str
    carton: str
    custody: str
    kind: CustodianKind
    school: str
    school_uai: str
    condition: str
    condition_tone: str
    events: tuple[Event, ...]
    old_tags: tuple[str, ...]


def held_device_ids(custodian_ids: Sequence[int]) -> dict[int, int]:
    """Return custodian id → device id for those of these student accounts that hold one."""
    held = Device.objects.filter(custodian_id__in=custodian_ids, custodian_kind=CustodianKind.STUDENT)
    return dict(held.values_list("custodian_id", "pk"))


def list_devices(wanted: DeviceFilter, *, after: str = "", before: str = "", limit: int = 50) -> DevicePage:
    """Return one page of the devices in scope, in the order of their asset tags."""
    branches = _matching(wanted)
    counted = _counted(branches, MOST_COUNTED + 1)
    if before:
        found = _first(branches, limit + 1, before=before)
        has_previous, has_next = len(found) > limit, True
        found = found[:limit][::-1]
    else:
        found = _first(branches, limit + 1, after=after)
        has_previous, has_next = bool(after), len(found) > limit
        found = found[:limit]
    return DevicePage(
        rows=tuple(map(_row, found)),
        count=min(counted, MOST_COUNTED),
        is_more=counted > MOST_COUNTED,
        previous_before=found[0].asset_tag if has_previous and found else None,
        next_after=found[-1].asset_tag if has_next and found else None,
    )


def device_count(wanted: DeviceFilter, *, most: int) -> int:
    """Return how many devices in scope answer, up to ``most``."""
    return _counted(_matching(wanted), most)


def device_ids(wanted: DeviceFilter, *, most: int) -> list[int]:
    """Return the ids of the devices in scope that answer, in the order of their asset tags, up to ``most``."""
    chosen = Device.objects.filter(pk__in=_union([branch.values("pk") for branch in _matching(wanted)]))
    if not wanted.text:
        [chosen] = _matching(wanted)
    return list(chosen.order_by("asset_tag").values_list("pk", flat=True)[:most])


def tagged_device_ids(asset_tags: Sequence[str]) -> list[int]:
    """Return the ids of the devices in scope that bear these tags, in the order of the tags."""
    found = Device.objects.filter(asset_tag__in=list(asset_tags)).order_by("asset_tag")
    return list(found.values_list("pk", flat=True))


def each_device(wanted: DeviceFilter) -> Iterator[DeviceRow]:
    """Yield every device in scope that answers, in the order of their asset tags: a few thousand are held at once."""
    chosen = Device.objects.filter(pk__in=_union([branch.values("pk") for branch in _matching(wanted)]))
    if not wanted.text:
        [chosen] = _matching(wanted)
    loaded = chosen.select_related("device_model", "lot", "custodian__school").order_by("asset_tag")
    return map(_row, loaded.iterator(2_000))


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


def device_sheet(device: Device, *, school_ids: Sequence[int] | None) -> DeviceSheet:
    """Return all about a device that was reached through `access`.

    Schools outside ``school_ids`` (None: the whole region) are not named in its history.
    """
    sees = None if school_ids is None else frozenset(school_ids)
    school = device.custodian.school
    return DeviceSheet(
        asset_tag=device.asset_tag,
        serial_number=device.serial_number,
        model=device.device_model.name,
        lot=device.lot.reference,
        lot_received_on=device.lot.received_on,
        pallet=device.pallet,
        carton=device.carton,
        custody=str(CUSTODIAN_KIND_NAMES[CustodianKind(device.custodian_kind)]),
        kind=CustodianKind(device.custodian_kind),
        school=str(school) if school else "",
        school_uai=school.uai if school else "",
        condition=str(CONDITION_NAMES[Condition(device.condition)]),
        condition_tone=CONDITION_TONES[Condition(device.condition)],
        events=_events(device, sees),
        old_tags=tuple(
            TagChange.objects.filter(device=device).order_by("-changed_at").values_list("old_tag", flat=True)
        ),
    )


# The worker reads every minute. Later it is not there, and an hour without its day would be believed.
STOCK_READING_LASTS = timedelta(minutes=10)


@dataclass(frozen=True)
class CustodyCounts:
    """How many devices each kind of custodian answers for, as counted at ``read_at``; None: just now."""

    by_kind: Mapping[CustodianKind, int]
    read_at: datetime | None


def custody_counts(*, now: datetime) -> CustodyCounts:
    """Return the stocks of the region, by the worker's last reading; count where there is none, or only an old one."""
    readings = list(StockReading.objects.values_list("kind", "device_count", "read_at"))
    if readings and now - readings[0][2] < STOCK_READING_LASTS:
        return CustodyCounts({CustodianKind(kind): count for kind, count, _at in readings}, readings[0][2])
    counts = Device.objects.order_by().values_list("custodian_kind").annotate(count=Count("pk"))
    return CustodyCounts({CustodianKind(kind): count for kind, count in counts}, None)


def school_custody_counts(school_ids: Sequence[int]) -> dict[tuple[int, CustodianKind], int]:
    """Return (school, kind) → how many devices that account of the school answers for; empty ones are left out."""
    chosen = Device.objects.filter(custodian__school_id__in=list(school_ids)).order_by()
    counts = chosen.values_list("custodian__school_id", "custodian_kind").annotate(count=Count("pk"))
    return {(school_id, CustodianKind(kind)): count for school_id, kind, count in counts}


def school_counts(school_ids: Iterable[int]) -> dict[int, int]:
    """Return how many devices each of these schools answers for."""
    counts = (
        Device.objects.filter(custodian__school_id__in=list(school_ids))
        .order_by()
        .values_list("custodian__school_id")
        .annotate(count=Count("pk"))
    )
    return dict(counts)


def kind_choices() -> list[tuple[str, str]]:
    """Return the kinds of custodians that may hold a device, with their names. Which ones do is not worth a whole park."""
    return [(str(kind), str(CUSTODIAN_KIND_NAMES[kind])) for kind in CustodianKind if kind != CustodianKind.SUPPLIER]


def lot_choices() -> list[tuple[str, str]]:
    """Return the lots of the region, the latest first."""
    references = Lot.objects.order_by("-received_on", "reference").values_list("reference", flat=True)
    return [(reference, reference) for reference in references]


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


def depot_account(region_id: int) -> int | None:
    """Return the custodian id of the region's depot, None before anything was received."""
    depot = Custodian.objects.filter(region_id=region_id, kind=CustodianKind.DEPOT).order_by("pk")
    return depot.values_list("pk", flat=True).first()


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


def _matching(wanted: DeviceFilter) -> list["QuerySet[Device]"]:
    """Return what the filter asks for, one query per way in which a text may name a device.

    Each has its own index; one query over "this or that or that" would read the whole park. Beginnings come first, then the
    pallet and the carton.
    """
    chosen = Device.objects.all()
    if wanted.school_uai:
        chosen = chosen.filter(custodian__school__uai=wanted.school_uai)
    if wanted.kind:
        chosen = chosen.filter(custodian_kind=wanted.kind)
    if wanted.lot:
        chosen = chosen.filter(lot__reference=wanted.lot)
    if wanted.condition:
        chosen = chosen.filter(condition=wanted.condition)
    text = normalised_serial(wanted.text)
    if not text:
        return [chosen]
    raw = wanted.text.strip()
    ways: list[dict[str, str]] = [
        {"asset_tag__startswith": text}, {"serial_number__startswith": text}, {"pallet": raw}, {"carton": raw},
    ]  # fmt: skip
    return [chosen.filter(**way) for way in ways]


def _counted(branches: Sequence["QuerySet[Device]"], most: int) -> int:
    return min(most, _union([branch.order_by().values("pk")[:most] for branch in branches]).count())


def _union(branches: Sequence["QuerySet[Any, Any]"]) -> "QuerySet[Any, Any]":
    return branches[0].union(*branches[1:]) if len(branches) > 1 else branches[0]


def _first(branches: Sequence["QuerySet[Device]"], limit: int, *, after: str = "", before: str = "") -> list[Device]:
    """Return the first devices of all branches together, beyond a place."""
    beyond: dict[str, str] = {"asset_tag__lt": before} if before else {"asset_tag__gt": after}
    order = "-asset_tag" if before else "asset_tag"
    related = "device_model", "lot", "custodian__school"
    if len(branches) == 1:
        return list(branches[0].select_related(*related).filter(**beyond).order_by(order)[:limit])
    # A pallet and a carton are read whole, as in `find_devices`.
    *beginnings, pallet, carton = (one.filter(**beyond).values_list("pk", flat=True) for one in branches)
    ids = {pk for one in beginnings for pk in one.order_by(order)[:limit]}.union(pallet, carton)
    return list(Device.objects.select_related(*related).filter(pk__in=ids).order_by(order)[:limit])


def _row(device: Device) -> DeviceRow:
    school = device.custodian.school
    condition = Condition(device.condition)
    return DeviceRow(
        asset_tag=device.asset_tag,
        serial_number=device.serial_number,
        model=device.device_model.name,
        lot=device.lot.reference,
        custody=str(CUSTODIAN_KIND_NAMES[CustodianKind(device.custodian_kind)]),
        school=str(school) if school else "",
        school_uai=school.uai if school else "",
        condition=str(CONDITION_NAMES[condition]),
        condition_tone=CONDITION_TONES[condition],
        is_fit=condition == Condition.FIT,
    )


class _Place(NamedTuple):
    kind: str
    contractor: str | None
    school_id: int | None
    school: str | None


class _Moved(NamedTuple):
    pk: UUID
    corrects_id: UUID | None
    reason: str
    happened_at: datetime
    recorded_at: datetime
    evidence: str
    asset_tag: str
    actor_kind: str
    role: str | None


# The role is the one that `roles_of_actors` says.
_MOVED = """
SELECT movement.id, movement.corrects_id, movement.reason, movement.happened_at, movement.recorded_at, movement.evidence,
    device.asset_tag, actor.kind,
    (
        SELECT held.role FROM accounts_appointment held JOIN accounts_person person ON person.id = held.person_id
        WHERE person.actor_id = actor.id ORDER BY held.id DESC LIMIT 1
    ),
    origin.kind, origin_contractor.name, origin_school.id, origin_school.name,
    goal.kind, goal_contractor.name, goal_school.id, goal_school.name
FROM fleet_movement movement
JOIN fleet_device device ON device.id = movement.device_id
JOIN accounts_actor actor ON actor.id = movement.recorded_by_id
JOIN fleet_custodian origin ON origin.id = movement.from_custodian_id
LEFT JOIN organisations_contractor origin_contractor ON origin_contractor.id = origin.contractor_id
LEFT JOIN organisations_school origin_school ON origin_school.id = origin.school_id
JOIN fleet_custodian goal ON goal.id = movement.to_custodian_id
LEFT JOIN organisations_contractor goal_contractor ON goal_contractor.id = goal.contractor_id
LEFT JOIN organisations_school goal_school ON goal_school.id = goal.school_id
"""
_MOVED_ONE = _MOVED + "WHERE movement.device_id = %(device)s ORDER BY movement.sequence DESC"
# What left an account came into it before: only arrivals are indexed. As an array, so that it is read first.
_MOVED_BY = (
    _MOVED
    + """
WHERE movement.device_id = ANY(ARRAY(
    SELECT device_id FROM fleet_movement WHERE to_custodian_id = ANY(%(accounts)s) AND to_kind = 'student'
)) AND (movement.to_custodian_id = ANY(%(accounts)s) OR movement.from_custodian_id = ANY(%(accounts)s))
ORDER BY movement.happened_at DESC, movement.position DESC
"""
)


def events_of_accounts(custodian_ids: Sequence[int], *, school_ids: Sequence[int] | None) -> tuple[Event, ...]:
    """Return the movements into and out of these accounts of students, the latest first, each with its PC; one statement."""
    return _in_words(
        _MOVED_BY, {"accounts": list(custodian_ids)}, None if school_ids is None else frozenset(school_ids)
    )


def _events(device: Device, sees: frozenset[int] | None) -> tuple[Event, ...]:
    return _in_words(_MOVED_ONE, {"device": device.pk}, sees)


def _in_words(query: str, values: Mapping[str, Any], sees: frozenset[int] | None) -> tuple[Event, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        rows = [(_Moved(*row[:9]), _Place(*row[9:13]), _Place(*row[13:])) for row in cursor.fetchall()]
    corrected = {moved.corrects_id for moved, _origin, _goal in rows}
    return tuple(
        _event(moved, _place_in_words(origin, sees), _place_in_words(goal, sees), is_corrected=moved.pk in corrected)
        for moved, origin, goal in rows
    )


def _event(moved: _Moved, before: str, after: str, *, is_corrected: bool) -> Event:
    reason = Reason(moved.reason)
    late = (moved.recorded_at - moved.happened_at).total_seconds() > 3600
    return Event(
        title=str(REASON_NAMES[reason]),
        at=moved.happened_at,
        icon=REASON_ICONS[reason],
        tone=REASON_TONES.get(reason, ""),
        before=before,
        after=after,
        who=str(Role(moved.role).label) if moved.role else str(ACTOR_NAMES[ActorKind(moved.actor_kind)]),
        evidence=evidence_in_words(moved.evidence),
        recorded_later_at=moved.recorded_at if late else None,
        is_corrected=is_corrected,
        movement_id=moved.pk,
        reference=moved.evidence,
        asset_tag=moved.asset_tag,
    )


def _place_in_words(place: _Place, sees: frozenset[int] | None) -> str:
    name = str(CUSTODIAN_KIND_NAMES[CustodianKind(place.kind)])
    if place.contractor is not None:
        return f"{name} ({place.contractor})"
    if place.school is None:
        return name
    if sees is not None and place.school_id not in sees:
        return f"{name} ({_('autre lycée')})"
    return f"{name} ({place.school})"


def roles_of_actors(actor_ids: Iterable[int]) -> dict[int, str]:
    """Return the role of these actors, in words; whoever holds none today, and what is no person, is left out."""
    held = Appointment.objects.filter(person__actor_id__in=list(actor_ids)).order_by("pk")
    return {actor_id: str(Role(role).label) for actor_id, role in held.values_list("person__actor_id", "role")}
