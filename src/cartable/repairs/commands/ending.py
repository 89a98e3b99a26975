"""End a loan when the PC it stood in for is back: exchange, swap, or the loaner alone comes back; the ticket closes with it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from cartable.emergency_stock.commands.allocations import ReserveRefused
from cartable.emergency_stock.commands.loans import end_loan
from cartable.emergency_stock.models import Loan
from cartable.emergency_stock.rules import LoanEnd
from cartable.fleet.commands import LedgerRefusal, MovementOrder, hold_custody, pass_custody, set_condition
from cartable.fleet.models import Device
from cartable.fleet.rules import Condition, CustodianKind, Reason
from cartable.repairs.commands.batches import bring_back
from cartable.repairs.commands.opening import close_ticket
from cartable.repairs.commands.refusals import RepairRefused, part_of
from cartable.repairs.models import RepairTicket
from cartable.repairs.queries.gesture import school_accounts
from cartable.repairs.queries.tickets import Settling, settling_of
from cartable.repairs.rules import RepairOutcome, TicketEnding

_GOOD = frozenset({RepairOutcome.REPAIRED, RepairOutcome.SWAPPED})


def settle(*, act_id: UUID, ticket_id: UUID, ended_as: LoanEnd, settled_at: datetime, settled_by_id: int) -> None:
    """Hand the repaired PC back, or leave the loaner with the student, in one act. Raises RepairRefused.

    A PC that is still announced is received by the same gesture: whoever holds it in hand need not scan it twice.
    """
    try:
        with transaction.atomic():
            asked = RepairTicket.objects.get(pk=ticket_id)
            found = settling_of(asked)
            accounts = [found.student.custodian_id] if found.student else []
            devices = [asked.device_id, *([found.loan.loaner_id] if found.loan else [])]
            hold_custody(custodian_ids=accounts, device_ids=devices)
            ticket = RepairTicket.objects.select_for_update(of=("self",)).select_related("device").get(pk=ticket_id)
            found = settling_of(ticket)
            if found.loan is None and _is_done(ticket, ended_as):
                return
            if obstacle := found.obstacle(ended_as):
                raise RepairRefused(obstacle)
            if ticket.sent_back_at is not None and ticket.back_at is None and ticket.closed_at is None:
                bring_back(
                    act_id, [ticket], back_at=settled_at, back_by_id=settled_by_id,
                    is_awaited=ended_as == LoanEnd.EXCHANGE,
                )  # fmt: skip
            act = _Act(act_id, settled_at, settled_by_id)
            if found.loan is not None:
                _end(act, found.loan, ended_as)
            if ended_as == LoanEnd.EXCHANGE:
                _hand_back(act, ticket, found)
            _close(act, ticket, ended_as)
    except (LedgerRefusal, ReserveRefused) as refusal:
        raise RepairRefused(refusal.code) from refusal


def _is_done(ticket: RepairTicket, ended_as: LoanEnd) -> bool:
    """Say whether this end was reached before: a page that is sent twice asks for what is done."""
    if ended_as == LoanEnd.EXCHANGE:
        return ticket.closed_as == TicketEnding.HANDED_BACK
    ended = Loan.objects.filter(stands_in_for_id=ticket.device_id, ended_at__gte=ticket.opened_at)
    return ended.filter(ended_as=str(ended_as)).exists()


@dataclass(frozen=True)
class _Act:
    act_id: UUID
    at: datetime
    by_id: int


def _end(act: _Act, loan: Loan, ended_as: LoanEnd) -> None:
    """End the loan; but for a swap the loaner is on the bench first, to be installed anew."""
    end_loan(loan=loan, ended_as=ended_as, ended_at=act.at, ended_by_id=act.by_id)
    if ended_as == LoanEnd.SWAP:
        return
    loaner = Device.objects.select_related("custodian").get(pk=loan.loaner_id)
    school_id = loaner.custodian.school_id
    assert school_id is not None  # A student's account counts for a lycée.
    bench = school_accounts([school_id], CustodianKind.SCHOOL_BENCH)[school_id]
    pass_custody(
        [
            MovementOrder(
                part_of(act.act_id, "loaner"), loaner.pk, loaner.custodian_id, bench, Reason.CHECK_IN, act.at,
                act.by_id, f"loan:{loan.pk}",
            )
        ]
    )  # fmt: skip
    set_condition(device_ids=[loaner.pk], condition=Condition.BEING_REIMAGED)


def _hand_back(act: _Act, ticket: RepairTicket, found: Settling) -> None:
    assert found.student is not None  # Else there were an obstacle.
    bench = school_accounts([ticket.school_id], CustodianKind.SCHOOL_BENCH)[ticket.school_id]
    pass_custody(
        [
            MovementOrder(
                part_of(act.act_id, "own"), ticket.device_id, bench, found.student.custodian_id, Reason.CHECK_OUT,
                act.at, act.by_id, f"repair:{ticket.pk}",
            )
        ]
    )  # fmt: skip
    # What was never sent works again; what the repairer could not or might not repair goes back as it is.
    if ticket.sent_at is None or ticket.finished_as in _GOOD:
        set_condition(device_ids=[ticket.device_id], condition=Condition.FIT)


def _close(act: _Act, ticket: RepairTicket, ended_as: LoanEnd) -> None:
    """Close the ticket, unless bringing the PC back, or giving it up, did."""
    if ticket.closed_at is not None:
        return
    if ended_as == LoanEnd.EXCHANGE:
        close_ticket(ticket, ending=TicketEnding.HANDED_BACK, closed_at=act.at, closed_by_id=act.by_id)
        return
    # Nobody waits for it any more; what is still to be repaired goes its way.
    ticket.taken_from_id = None
    ticket.save(update_fields=["taken_from"])
    if ticket.back_at is not None:
        is_good = ticket.finished_as in _GOOD
        condition = Condition.BEING_REIMAGED if is_good else Condition.BROKEN
        set_condition(device_ids=[ticket.device_id], condition=condition)
        close_ticket(ticket, ending=TicketEnding.TO_BENCH, closed_at=act.at, closed_by_id=act.by_id)
