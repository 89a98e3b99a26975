"""Close an incident: a lost PC leaves the claim for what is lost; or the family is told that nothing more comes."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from cartable.fleet.commands import LedgerRefusal, MovementOrder, open_region_accounts, pass_custody
from cartable.fleet.rules import CustodianKind, Reason
from cartable.incidents.commands.refusal import IncidentRefused, hold_incident
from cartable.incidents.models import Incident, IncidentEnd, IncidentKind, IncidentState
from cartable.incidents.queries.subject import standing_of
from cartable.incidents.rules import closing_obstacle


def close_with_nothing(*, incident_id: UUID, closed_at: datetime, closed_by_id: int) -> None:
    """Close an incident from which nothing more comes: the rules open nothing, or the family renounced.

    Raises IncidentRefused.
    """
    try:
        with transaction.atomic():
            incident = hold_incident(incident_id)
            if found := closing_obstacle(standing_of(incident)):
                raise IncidentRefused(found)
            closed(incident, IncidentEnd.NOTHING, closed_at=closed_at, closed_by_id=closed_by_id)
    except LedgerRefusal as refusal:
        raise IncidentRefused(refusal.code) from refusal


def closed(
    incident: Incident,
    closed_as: IncidentEnd,
    *,
    closed_at: datetime,
    closed_by_id: int,
    allocation_id: UUID | None = None,
) -> None:
    """Close an incident that is held, within the caller's transaction; what was lost is lost for good."""
    end: dict[str, Any] = {
        "state": IncidentState.CLOSED, "closed_at": closed_at, "closed_by_id": closed_by_id, "closed_as": closed_as,
    }  # fmt: skip
    if allocation_id is not None:
        end["allocation_id"] = allocation_id
    if incident.kind == IncidentKind.LOSS:
        end["established_movement_id"] = _lost(incident, at=closed_at, by_id=closed_by_id)
    Incident.objects.filter(pk=incident.pk).update(**end)


def _lost(incident: Incident, *, at: datetime, by_id: int) -> UUID:
    movement_id = uuid5(incident.pk, "loss")
    accounts = open_region_accounts(region_id=incident.device.region_id, opened_at=at)
    pass_custody(
        [
            MovementOrder(
                movement_id, incident.device_id, accounts[CustodianKind.CLAIM], accounts[CustodianKind.LOST],
                Reason.LOSS, at, by_id, f"incident:{incident.pk}",
            )
        ]
    )  # fmt: skip
    return movement_id
