"""Give what the rules of the student's campaign open: a PC of the reserve for keeps or on loan, or note a purchase."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django_scopes import scope

from cartable.emergency_stock.commands.allocations import Allocated, ReserveRefused, allocate
from cartable.emergency_stock.commands.loans import end_loan, lend
from cartable.emergency_stock.models import Allocation, Loan
from cartable.emergency_stock.queries.papers import open_loan_of
from cartable.emergency_stock.rules import Cause, LoanEnd
from cartable.fleet.commands import (
    BirthOrder,
    LedgerRefusal,
    MovementOrder,
    enter_devices,
    open_lot,
    open_school_accounts,
    pass_custody,
)
from cartable.fleet.ledger import constraint_name
from cartable.fleet.models import Device, Movement
from cartable.fleet.rules import CustodianKind, Grade, Reason
from cartable.incidents.commands.closing import closed
from cartable.incidents.commands.refusal import IncidentRefused, hold_incident
from cartable.incidents.models import Incident, IncidentEnd, IncidentKind, IncidentState, Rebuy
from cartable.incidents.queries.subject import loan_of, standing_of
from cartable.incidents.rules import Opening, door_obstacle, price_of_the_pc
from cartable.kernel.school_year import SchoolYear
from cartable.programme.queries import prices_of
from cartable.rosters.models import Student


def replace(
    *,
    incident_id: UUID,
    movement_id: UUID,
    device: Device,
    charter_received: bool,
    replaced_at: datetime,
    replaced_by_id: int,
    grade: Grade | None = None,
) -> Allocated:
    """Give the student a PC of the reserve for keeps, and close the incident. Raises IncidentRefused."""
    with _told(), transaction.atomic():
        incident = hold_incident(incident_id, device_ids=(device.pk,))
        if known := _again(incident, movement_id):
            return known
        student = _through(incident, Opening.REPLACEMENT)
        _take_the_broken_one(incident, student, at=replaced_at, by_id=replaced_by_id)
        given = allocate(
            movement_id=movement_id,
            student=student,
            device=device,
            cause=Cause.THEFT if incident.kind == IncidentKind.THEFT else Cause.REPLACEMENT,
            charter_received=charter_received,
            allocated_at=replaced_at,
            allocated_by_id=replaced_by_id,
            grade=grade,
        )
        closed(
            incident,
            IncidentEnd.REPLACED,
            allocation_id=movement_id,
            closed_at=replaced_at,
            closed_by_id=replaced_by_id,
        )
    return given


def lend_meanwhile(
    *,
    incident_id: UUID,
    movement_id: UUID,
    loaner: Device,
    lent_at: datetime,
    lent_by_id: int,
    grade: Grade | None = None,
) -> Allocated:
    """Lend the student a PC of the reserve, as the head agrees; a theft stays open until its complaint is there.

    Raises IncidentRefused.
    """
    with _told(), transaction.atomic():
        incident = hold_incident(incident_id, device_ids=(loaner.pk,))
        if known := _again(incident, movement_id):
            return known
        student = _through(incident, Opening.LOAN)
        ended = _take_the_broken_one(incident, student, at=lent_at, by_id=lent_by_id)
        given = lend(
            movement_id=movement_id,
            student=student,
            loaner=loaner,
            stands_in_for=_what_is_away(incident, ended, loaner),
            lent_at=lent_at,
            lent_by_id=lent_by_id,
            grade=grade,
        )
        if incident.kind == IncidentKind.THEFT and incident.state != IncidentState.ACCEPTED:
            Incident.objects.filter(pk=incident.pk).update(allocation_id=movement_id)
        else:
            closed(incident, IncidentEnd.LENT, allocation_id=movement_id, closed_at=lent_at, closed_by_id=lent_by_id)
    return given


@dataclass(frozen=True)
class Purchase:
    """What the proof of purchase says. With an ``asset_tag`` the PC enters the fleet; without, it is only noted."""

    serial_number: str
    bought_on: date
    asset_tag: str = ""


def record_rebuy(
    *, incident_id: UUID, movement_id: UUID, purchase: Purchase, recorded_at: datetime, recorded_by_id: int
) -> None:
    """Note that the family bought the same PC again, and close the incident. Raises IncidentRefused."""
    with _told(), transaction.atomic():
        incident = hold_incident(incident_id)
        if Rebuy.objects.filter(pk=incident.pk, serial_number=purchase.serial_number).exists():
            return
        student = _through(incident, Opening.REBUY)
        with scope(region=incident.device.region_id, school=None):  # In the books of any lycée: it is no new PC.
            if Device.objects.filter(serial_number=purchase.serial_number).exists():
                raise IncidentRefused("device_already_known")
        entered = None
        if purchase.asset_tag:
            _take_the_broken_one(incident, student, at=recorded_at, by_id=recorded_by_id)
            [entered] = enter_devices([_birth(incident, student, purchase, movement_id, recorded_at, recorded_by_id)])
        Rebuy.objects.create(
            incident=incident,
            serial_number=purchase.serial_number,
            bought_on=purchase.bought_on,
            price_eur=price_of_the_pc(prices_of(incident.rules), incident.rules.kit),
            recorded_at=recorded_at,
            recorded_by_id=recorded_by_id,
            device_id=entered,
        )
        closed(incident, IncidentEnd.REBOUGHT, closed_at=recorded_at, closed_by_id=recorded_by_id)


class _told:
    """Tell what the ledger and the reserve refuse under the name of this package."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Raise IncidentRefused in place of what was refused below."""
        if isinstance(error, LedgerRefusal | ReserveRefused):
            raise IncidentRefused(error.code) from error
        if isinstance(error, IntegrityError) and constraint_name(error) == "incidents_rebuy_serial_number_key":
            raise IncidentRefused("device_already_known") from error


def _again(incident: Incident, movement_id: UUID) -> Allocated | None:
    if incident.allocation_id != movement_id:
        return None
    known = Allocation.objects.select_related("device").get(pk=movement_id)
    return Allocated(movement_id, known.device.asset_tag, True)


def _through(incident: Incident, door: Opening) -> Student:
    """Return the student for whom the door of an incident is open."""
    if found := door_obstacle(standing_of(incident), door):
        raise IncidentRefused(found)
    student = incident.student
    assert student is not None  # Else there were no door.
    return student.merged_into or student


def _take_the_broken_one(incident: Incident, student: Student, *, at: datetime, by_id: int) -> Loan | None:
    """Take a broken PC that is still in the student's hands onto the bench: one PC per student.

    Return the loan that ends with it, where it was only lent.
    """
    if incident.kind != IncidentKind.BREAKAGE or incident.device.custodian_id != student.custodian_id:
        return None
    loan = open_loan_of(student.pk) if loan_of(incident.device, student) else None
    if loan is not None:
        end_loan(loan=loan, ended_as=LoanEnd.CHECK_IN, ended_at=at, ended_by_id=by_id)
    accounts = open_school_accounts(region_id=incident.device.region_id, school_id=incident.school_id, opened_at=at)
    pass_custody(
        [
            MovementOrder(
                uuid5(incident.pk, "check_in"), incident.device_id, student.custodian_id,
                accounts[CustodianKind.SCHOOL_BENCH], Reason.CHECK_IN, at, by_id, f"incident:{incident.pk}",
            )
        ]
    )  # fmt: skip
    return loan


def _what_is_away(incident: Incident, ended: Loan | None, loaner: Device) -> Device:
    """Return the PC that a loan stands in for: the student's own one, where what happened was to its loaner."""
    before = ended or incident.ended_loan
    if before is None:
        return incident.device
    own = Device.objects.get(pk=before.stands_in_for_id)
    # Meanwhile somebody else may have it: then nobody waits for it any more.
    is_free = own.custodian_kind in {CustodianKind.STUDENT, CustodianKind.EMERGENCY_STOCK} or own.pk == loaner.pk
    return incident.device if is_free else own


def _birth(
    incident: Incident, student: Student, purchase: Purchase, movement_id: UUID, at: datetime, by_id: int
) -> BirthOrder:
    """Return the entry of a bought PC, straight into the student's hands: the same make, from the same supplier."""
    device = incident.device
    supplier = Movement.objects.get(device_id=device.pk, sequence=1).from_custodian_id
    reference = f"Rachats {SchoolYear.containing(purchase.bought_on).label}"
    lot = open_lot(region_id=device.region_id, reference=reference, received_on=at)
    return BirthOrder(
        movement_id, purchase.asset_tag, purchase.serial_number, device.device_model_id, lot.pk, device.region_id, "", "",
        supplier, student.custodian_id, Reason.OPENING, at, by_id, f"incident:{incident.pk}",
    )  # fmt: skip
