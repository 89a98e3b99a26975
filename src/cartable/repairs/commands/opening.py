"""Open a repair: the failed PC comes in, and a PC of the reserve goes out where the rules and the head say so."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cartable.emergency_stock.commands.allocations import ReserveRefused
from cartable.emergency_stock.commands.loans import end_loan, lend
from cartable.emergency_stock.models import Loan
from cartable.emergency_stock.rules import LoanEnd
from cartable.fleet.commands import LedgerRefusal, MovementOrder, hold_custody, pass_custody, set_condition
from cartable.fleet.models import Device, Movement
from cartable.fleet.rules import Condition, CustodianKind, Grade, Reason
from cartable.repairs.commands.refusals import RepairRefused, part_of
from cartable.repairs.models import RepairTicket
from cartable.repairs.queries.gesture import FailureFacts, failure_facts, school_accounts, terms_of
from cartable.repairs.rules import Symptom, TicketEnding, warranty_ends_on


def open_repair(
    *,
    act_id: UUID,
    device: Device,
    repairer_id: int,
    symptoms: Sequence[Symptom],
    note: str,
    loaner: Device | None,
    opened_at: datetime,
    opened_by_id: int,
    loaner_grade: Grade | None = None,
) -> RepairTicket:
    """Take a failed PC in, open its ticket, and lend ``loaner`` to its student, in one act. Raises RepairRefused.

    A PC that a recall has called back already gets no second ticket: the one that waits is its ticket.
    """
    try:
        with transaction.atomic():
            devices = [device.pk] if loaner is None else [device.pk, loaner.pk]
            hold_custody(custodian_ids=_students_accounts(device), device_ids=devices)
            if known := _again(act_id, device):
                return known
            facts = failure_facts(device, today=timezone.localdate(opened_at))
            if obstacle := facts.repair_obstacle or (facts.loan_obstacle if loaner is not None else None):
                raise RepairRefused(obstacle)
            ticket = facts.waiting or _opened(
                act_id, facts, repairer_id, symptoms, note, opened_at=opened_at, opened_by_id=opened_by_id
            )
            if facts.waiting is not None:
                _complete(ticket, symptoms, note)
            _bring_in(act_id, ticket, facts, taken_in_at=opened_at, taken_in_by_id=opened_by_id)
            _lend(act_id, facts, loaner, loaner_grade, lent_at=opened_at, lent_by_id=opened_by_id)
    except (LedgerRefusal, ReserveRefused) as refusal:
        raise RepairRefused(refusal.code) from refusal
    return ticket


def _students_accounts(device: Device) -> list[int]:
    return [device.custodian_id] if device.custodian_kind == CustodianKind.STUDENT else []


def _again(act_id: UUID, device: Device) -> RepairTicket | None:
    """Return the ticket of an act that was done before: by its own id, or by the movement of a recalled PC."""
    known = RepairTicket.objects.filter(pk=act_id).first()
    if known is None and Movement.objects.filter(pk=part_of(act_id, "in")).exists():
        known = RepairTicket.objects.filter(device=device).latest("opened_at")
    if known is not None and known.device_id != device.pk:
        raise RepairRefused("id_reused")
    return known


def _opened(
    act_id: UUID,
    facts: FailureFacts,
    repairer_id: int,
    symptoms: Sequence[Symptom],
    note: str,
    *,
    opened_at: datetime,
    opened_by_id: int,
) -> RepairTicket:
    assert facts.school_id is not None  # Else the PC were of no lycée.
    terms = terms_of(repairer_id)
    return RepairTicket.objects.create(
        id=act_id,
        region_id=facts.device.region_id,
        school_id=facts.school_id,
        device=facts.device,
        repairer_id=repairer_id,
        opened_at=opened_at,
        opened_by_id=opened_by_id,
        symptoms=[str(symptom) for symptom in symptoms] or [str(Symptom.OTHER)],
        note=note,
        warranty_ends_on=warranty_ends_on(facts.device.lot.received_on, terms.warranty_months),
        agreed_days=terms.agreed_days,
    )


def _complete(ticket: RepairTicket, symptoms: Sequence[Symptom], note: str) -> None:
    """Add what was seen at the desk to a ticket that a recall opened."""
    seen = {*ticket.symptoms, *map(str, symptoms)}
    ticket.symptoms, ticket.note = sorted(seen), note or ticket.note
    ticket.save(update_fields=["symptoms", "note"])


def _bring_in(
    act_id: UUID, ticket: RepairTicket, facts: FailureFacts, *, taken_in_at: datetime, taken_in_by_id: int
) -> None:
    """Move the PC onto the bench, wherever in the lycée it is, and say whom it was taken from."""
    kind = CustodianKind(facts.device.custodian_kind)
    if kind != CustodianKind.SCHOOL_BENCH:
        assert facts.school_id is not None
        bench = school_accounts([facts.school_id], CustodianKind.SCHOOL_BENCH)[facts.school_id]
        reason = Reason.CHECK_IN if kind == CustodianKind.STUDENT else Reason.FAULT
        pass_custody(
            [
                MovementOrder(
                    part_of(act_id, "in"), facts.device.pk, facts.device.custodian_id, bench, reason, taken_in_at,
                    taken_in_by_id, f"repair:{ticket.pk}",
                )
            ]
        )  # fmt: skip
    set_condition(device_ids=[facts.device.pk], condition=Condition.FAULTY)
    ticket.taken_in_at = taken_in_at
    # Nobody waits for a PC that was only lent: the one that it stood in for is theirs.
    if kind == CustodianKind.STUDENT and facts.loan is None:
        ticket.taken_from_id = facts.device.custodian_id
    ticket.save(update_fields=["taken_in_at", "taken_from"])


def _lend(
    act_id: UUID,
    facts: FailureFacts,
    loaner: Device | None,
    grade: Grade | None,
    *,
    lent_at: datetime,
    lent_by_id: int,
) -> None:
    """Lend the PC that was scanned; where the failed one was itself a loaner, its loan ends first."""
    if facts.loan is not None:
        end_loan(loan=facts.loan, ended_as=LoanEnd.CHECK_IN, ended_at=lent_at, ended_by_id=lent_by_id)
    if loaner is None or facts.student is None:
        return
    lend(
        movement_id=part_of(act_id, "loan"),
        student=facts.student,
        loaner=loaner,
        stands_in_for=facts.loan.stands_in_for if facts.loan else facts.device,
        lent_at=lent_at,
        lent_by_id=lent_by_id,
        grade=grade,
    )


@transaction.atomic
def cancel_repair(*, ticket_id: UUID, cancelled_at: datetime, cancelled_by_id: int) -> None:
    """Close a ticket whose PC has not been sent, and for which no other one is lent. Raises RepairRefused."""
    ticket = RepairTicket.objects.select_for_update(of=("self",)).get(pk=ticket_id)
    if ticket.closed_at is not None:
        return
    if ticket.sent_at is not None:
        raise RepairRefused("sent_already")
    # The loan ends with this ticket and no other way: its PC would never go back to its student.
    if Loan.objects.filter(stands_in_for_id=ticket.device_id, ended_at=None).exists():
        raise RepairRefused("lent_meanwhile")
    close_ticket(ticket, ending=TicketEnding.CANCELLED, closed_at=cancelled_at, closed_by_id=cancelled_by_id)


def close_ticket(ticket: RepairTicket, *, ending: TicketEnding, closed_at: datetime, closed_by_id: int) -> None:
    """Say where the PC went, within the transaction that moves it."""
    ticket.closed_at, ticket.closed_by_id, ticket.closed_as = closed_at, closed_by_id, str(ending)
    ticket.save(update_fields=["closed_at", "closed_by", "closed_as"])
