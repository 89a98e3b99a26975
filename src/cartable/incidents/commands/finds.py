"""Take back a PC that was declared stolen or lost and turned up, wherever it turned up."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django_scopes import scope

from cartable.fleet.commands import (
    LedgerRefusal,
    MovementOrder,
    hold_custody,
    open_region_accounts,
    open_school_accounts,
    pass_custody,
)
from cartable.fleet.models import Device, Movement
from cartable.fleet.rules import HOT_KINDS, CustodianKind, Reason
from cartable.incidents.commands.refusal import IncidentRefused
from cartable.incidents.models import Incident, IncidentEnd, IncidentState
from cartable.incidents.rules import IncidentObstacle


@dataclass(frozen=True)
class Found:
    """A PC that was found: it is on a bench again, or at the depot where no lycée answers for it."""

    asset_tag: str
    incident_id: UUID | None


def find_again(
    *,
    movement_id: UUID,
    asset_tag: str,
    region_id: int,
    bench_of_school_id: int | None,
    found_at: datetime,
    found_by_id: int,
) -> Found:
    """Take a PC that was declared stolen or lost onto a bench, and close its incident.

    No lycée answers for such a PC, so it is looked for in the whole region. Without ``bench_of_school_id`` it goes to
    the lycée that declared it, or to the depot where none did: an incident that is over says nothing of a PC that was
    lost on the road since. Raises IncidentRefused.
    """
    try:
        with transaction.atomic(), scope(region=region_id, school=None):
            device = Device.objects.filter(asset_tag=asset_tag).first()
            if device is None:
                raise IncidentRefused(IncidentObstacle.UNKNOWN_DEVICE)
            hold_custody(custodian_ids=[], device_ids=[device.pk])
            device.refresh_from_db()
            incident = _reason_of(device)
            incident_id = incident.pk if incident else None
            if Movement.objects.filter(pk=movement_id, device_id=device.pk).exists():
                known = Incident.objects.filter(found_movement_id=movement_id).first()
                return Found(asset_tag, known.pk if known else None)
            if device.custodian_kind not in HOT_KINDS:
                raise IncidentRefused(IncidentObstacle.NOT_HOT)
            school_id = bench_of_school_id or (incident.school_id if incident else None)
            pass_custody(
                [
                    MovementOrder(
                        movement_id, device.pk, device.custodian_id, _place(region_id, school_id, found_at), Reason.FOUND,
                        found_at, found_by_id, f"incident:{incident_id}" if incident_id else "",
                    )
                ]
            )  # fmt: skip
            if incident is not None:
                _note(incident, movement_id, found_at=found_at, found_by_id=found_by_id)
    except LedgerRefusal as refusal:
        raise IncidentRefused(refusal.code) from refusal
    return Found(asset_tag, incident_id)


def _reason_of(device: Device) -> Incident | None:
    """Hold the incident whose movement brought a PC where it stands now."""
    last = Movement.objects.filter(device_id=device.pk, sequence=device.last_sequence).values("pk")
    brought = Q(declared_movement__in=last) | Q(established_movement__in=last)
    return Incident.objects.select_for_update(of=("self",)).filter(brought, device_id=device.pk).first()


def _place(region_id: int, school_id: int | None, at: datetime) -> int:
    if school_id is None:
        return open_region_accounts(region_id=region_id, opened_at=at)[CustodianKind.DEPOT]
    accounts = open_school_accounts(region_id=region_id, school_id=school_id, opened_at=at)
    return accounts[CustodianKind.SCHOOL_BENCH]


def _note(incident: Incident, movement_id: UUID, *, found_at: datetime, found_by_id: int) -> None:
    found = {"found_at": found_at, "found_by_id": found_by_id, "found_movement_id": movement_id}
    end = {
        "state": IncidentState.CLOSED, "closed_at": found_at, "closed_by_id": found_by_id,
        "closed_as": IncidentEnd.FOUND,
    }  # fmt: skip
    is_open = incident.state != IncidentState.CLOSED
    Incident.objects.filter(pk=incident.pk).update(**found, **(end if is_open else {}))
