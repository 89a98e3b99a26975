"""Take the receipt of a complaint: the theft is accepted, the PC leaves the claim for what is stolen."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cartable.documents.commands import store_file
from cartable.documents.rules import FileClass
from cartable.fleet.commands import LedgerRefusal, MovementOrder, open_region_accounts, pass_custody
from cartable.fleet.rules import CustodianKind, Reason
from cartable.incidents.commands.closing import closed
from cartable.incidents.commands.refusal import IncidentRefused, hold_incident
from cartable.incidents.models import Incident, IncidentEnd, IncidentState
from cartable.incidents.queries.subject import standing_of
from cartable.incidents.rules import LARGEST_RECEIPT_BYTES, IncidentObstacle, complaint_obstacle, looks_like


@dataclass(frozen=True)
class Complaint:
    """What the receipt says, and the receipt itself."""

    number: str
    lodged_on: date
    office: str
    content: bytes


def accept_complaint(
    *, incident_id: UUID, movement_id: UUID, complaint: Complaint, accepted_at: datetime, accepted_by_id: int
) -> None:
    """Accept a theft on its complaint: number, date, police or gendarmerie office, and the file, all four.

    Raises IncidentRefused: ``complaint_missing`` where one of the four is, ``not_yet`` for a date to come.
    """
    if not (complaint.number.strip() and complaint.office.strip() and looks_like(complaint.content)):
        raise IncidentRefused(IncidentObstacle.COMPLAINT_MISSING)
    if len(complaint.content) > LARGEST_RECEIPT_BYTES:
        raise IncidentRefused(IncidentObstacle.COMPLAINT_MISSING)
    if complaint.lodged_on > timezone.localdate(accepted_at):
        raise IncidentRefused(IncidentObstacle.NOT_YET)
    try:
        with transaction.atomic():
            incident = hold_incident(incident_id)
            if incident.established_movement_id == movement_id:
                return
            if found := complaint_obstacle(standing_of(incident)):
                raise IncidentRefused(found)
            _accept(incident, movement_id, complaint, accepted_at=accepted_at, accepted_by_id=accepted_by_id)
    except LedgerRefusal as refusal:
        raise IncidentRefused(refusal.code) from refusal


def _accept(
    incident: Incident, movement_id: UUID, complaint: Complaint, *, accepted_at: datetime, accepted_by_id: int
) -> None:
    region_id = incident.device.region_id
    accounts = open_region_accounts(region_id=region_id, opened_at=accepted_at)
    pass_custody(
        [
            MovementOrder(
                movement_id, incident.device_id, accounts[CustodianKind.CLAIM], accounts[CustodianKind.STOLEN],
                Reason.THEFT, accepted_at, accepted_by_id, f"incident:{incident.pk}",
            )
        ]
    )  # fmt: skip
    receipt = store_file(
        content=complaint.content,
        file_class=FileClass.COMPLAINT,
        region_id=region_id,
        school_id=incident.school_id,
        stored_at=accepted_at,
        stored_by_id=accepted_by_id,
    )
    Incident.objects.filter(pk=incident.pk).update(
        state=IncidentState.ACCEPTED,
        complaint_number=complaint.number.strip(),
        complaint_on=complaint.lodged_on,
        complaint_office=complaint.office.strip(),
        receipt=receipt,
        accepted_at=accepted_at,
        accepted_by_id=accepted_by_id,
        established_movement_id=movement_id,
    )
    if incident.allocation_id is not None:  # Lent meanwhile: nothing else is awaited.
        closed(incident, IncidentEnd.LENT, closed_at=accepted_at, closed_by_id=accepted_by_id)
