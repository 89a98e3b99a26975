"""Read one device: what it is, where it is, what happened to it. Carries no name of any student: the fleet knows none."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from cartable.accounts.models import ActorKind, Appointment, Role
from cartable.fleet.models import (
    CONDITION_NAMES,
    CUSTODIAN_KIND_NAMES,
    REASON_NAMES,
    Device,
    TagChange,
)
from cartable.fleet.rules import Condition, CustodianKind, Reason
from cartable.fleet.words import (
    ACTOR_NAMES,
    CONDITION_TONES,
    REASON_ICONS,
    REASON_TONES,
    evidence_in_words,
)


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
