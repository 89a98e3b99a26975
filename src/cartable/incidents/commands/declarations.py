"""Declare what happened to a PC, and withdraw a declaration that was a mistake."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from cartable.distribution.commands.families import Told, tell_families
from cartable.emergency_stock.commands.allocations import ReserveRefused
from cartable.emergency_stock.commands.loans import end_loan, reopen_loan
from cartable.emergency_stock.models import Loan
from cartable.emergency_stock.queries.papers import open_loan_of
from cartable.emergency_stock.rules import LoanEnd
from cartable.fleet.commands import (
    LedgerRefusal,
    MovementOrder,
    correct_movement,
    hold_custody,
    open_region_accounts,
    open_school_accounts,
    pass_custody,
    set_condition,
)
from cartable.fleet.ledger import constraint_name
from cartable.fleet.models import Device
from cartable.fleet.rules import Condition, CustodianKind, Reason
from cartable.incidents.commands.refusal import IncidentRefused, hold_incident
from cartable.incidents.models import Incident, IncidentEnd, IncidentState
from cartable.incidents.queries.subject import Subject, loan_of, subject_of
from cartable.incidents.rules import IncidentKind, IncidentObstacle, declaration_obstacle
from cartable.kernel.codes import spaced
from cartable.notices.rules import NoticeKind
from cartable.supply.held_back import held_back


@dataclass(frozen=True)
class Declared:
    """An incident that is in the books; ``is_repeated`` where the same form had been sent before."""

    incident_id: UUID
    is_repeated: bool


def declare(
    *,
    incident_id: UUID,
    device: Device,
    kind: IncidentKind,
    happened_on: date,
    is_here: bool,
    declared_at: datetime,
    declared_by_id: int,
) -> Declared:
    """Declare a theft, a loss or a breakage. What is stolen or lost is in claim at once: every scan raises the alarm.

    ``is_here`` says that a broken PC was brought: it goes to the bench; else it stays, broken, with whoever has it.
    Raises IncidentRefused.
    """
    try:
        with transaction.atomic():
            hold_custody(custodian_ids=[device.custodian_id], device_ids=[device.pk])
            if known := Incident.objects.filter(pk=incident_id).first():
                return _again(known, device, kind)
            today = timezone.localdate(declared_at)
            subject = subject_of(device.pk, today=today)
            if subject is None:
                raise IncidentRefused(IncidentObstacle.UNKNOWN_DEVICE)
            if found := declaration_obstacle(subject.reported, happened_on=happened_on, today=today):
                raise IncidentRefused(found)
            if subject.rules is None:
                raise IncidentRefused(IncidentObstacle.NO_RULES)
            assert subject.school_id is not None  # Else the PC were at no school.
            condition = subject.device.condition
            movement, loan = _moved(subject, kind, incident_id, is_here=is_here, at=declared_at, by_id=declared_by_id)
            Incident.objects.create(
                id=incident_id,
                kind=kind,
                state=IncidentState.DECLARED,
                device=device,
                student=subject.student,
                school_id=subject.school_id,
                happened_on=happened_on,
                declared_at=declared_at,
                declared_by_id=declared_by_id,
                rules=subject.rules,
                opens=subject.opens(kind),
                declared_movement_id=movement,
                condition_before=condition,
                ended_loan=loan,
            )
            if kind == IncidentKind.THEFT and subject.student is not None:
                fact = Told(incident_id, subject.student.custodian_id, {"pc": spaced(device.asset_tag)})
                tell_families(kind=NoticeKind.THEFT_DECLARED, facts=[fact], told_at=declared_at)
    except LedgerRefusal as refusal:
        raise IncidentRefused(refusal.code) from refusal
    except IntegrityError as error:
        if constraint_name(error) == "a_pc_has_one_open_incident_at_a_time":
            raise IncidentRefused(IncidentObstacle.INCIDENT_IS_OPEN) from error
        raise
    return Declared(incident_id, False)


def _again(known: Incident, device: Device, kind: IncidentKind) -> Declared:
    if (known.device_id, known.kind) != (device.pk, kind):
        raise IncidentRefused("id_reused")
    return Declared(known.pk, True)


def _moved(
    subject: Subject, kind: IncidentKind, incident_id: UUID, *, is_here: bool, at: datetime, by_id: int
) -> tuple[UUID | None, Loan | None]:
    """Move the PC as the incident asks, under the incident's own id. Return the movement, None where it stays; the loan it ended."""
    if kind == IncidentKind.BREAKAGE:
        set_condition(device_ids=[subject.device.pk], condition=Condition.BROKEN)
        way = _way_to_the_bench(subject, is_here=is_here, opened_at=at)
    else:
        region_id = subject.device.region_id
        claim = open_region_accounts(region_id=region_id, opened_at=at)[CustodianKind.CLAIM]
        way = (claim, Reason.CLAIM)
    if way is None:
        return None, None
    loan = None
    if loan_of(subject.device, subject.student) and subject.student is not None:
        loan = open_loan_of(subject.student.pk)
        assert loan is not None
        ended_as = LoanEnd.CHECK_IN if kind == IncidentKind.BREAKAGE else LoanEnd.CLAIMED
        end_loan(loan=loan, ended_as=ended_as, ended_at=at, ended_by_id=by_id)
    account, reason = way
    pass_custody(
        [
            MovementOrder(
                incident_id, subject.device.pk, subject.device.custodian_id, account, reason, at, by_id,
                f"incident:{incident_id}",
            )
        ]
    )  # fmt: skip
    return incident_id, loan


def _way_to_the_bench(subject: Subject, *, is_here: bool, opened_at: datetime) -> tuple[int, Reason] | None:
    kind = subject.reported.custodian_kind
    if kind == CustodianKind.SCHOOL_BENCH or (kind == CustodianKind.STUDENT and not is_here):
        return None
    assert subject.school_id is not None
    accounts = open_school_accounts(
        region_id=subject.device.region_id, school_id=subject.school_id, opened_at=opened_at
    )
    reason = Reason.CHECK_IN if kind == CustodianKind.STUDENT else Reason.FAULT
    return accounts[CustodianKind.SCHOOL_BENCH], reason


def withdraw(*, incident_id: UUID, movement_id: UUID, withdrawn_at: datetime, withdrawn_by_id: int) -> None:
    """Take a declaration back that was a mistake: the PC is where it was, and both movements stay.

    Raises IncidentRefused: ``incident_is_closed``, ``complaint_known``, ``in_repair``, or ``has_moved_on``.
    """
    try:
        with transaction.atomic():
            incident = hold_incident(incident_id)
            if incident.state == IncidentState.CLOSED:
                raise IncidentRefused(IncidentObstacle.INCIDENT_IS_CLOSED)
            if incident.state == IncidentState.ACCEPTED:
                raise IncidentRefused(IncidentObstacle.COMPLAINT_KNOWN)
            if incident.declared_movement_id is not None:
                if held_back([incident.device_id]).get(IncidentObstacle.IN_REPAIR):
                    raise IncidentRefused(IncidentObstacle.IN_REPAIR)
                correct_movement(
                    movement_id=movement_id,
                    corrected_id=incident.declared_movement_id,
                    happened_at=withdrawn_at,
                    recorded_by_id=withdrawn_by_id,
                    evidence=f"incident:{incident.pk}",
                )
            set_condition(device_ids=[incident.device_id], condition=Condition(incident.condition_before))
            if incident.ended_loan is not None:
                reopen_loan(loan=incident.ended_loan)
            Incident.objects.filter(pk=incident.pk).update(
                state=IncidentState.CLOSED,
                closed_at=withdrawn_at,
                closed_by_id=withdrawn_by_id,
                closed_as=IncidentEnd.WITHDRAWN,
            )
    except LedgerRefusal as refusal:
        raise IncidentRefused(IncidentObstacle.HAS_MOVED_ON) from refusal
    except ReserveRefused as refusal:
        raise IncidentRefused(refusal.code) from refusal
