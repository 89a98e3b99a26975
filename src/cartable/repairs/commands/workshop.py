"""What the repairer does with a PC, and what the region decides about it: diagnosis, quote, outcome, disposal."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from cartable.fleet.commands import (
    LedgerRefusal,
    MovementOrder,
    change_serial,
    hold_custody,
    open_region_accounts,
    pass_custody,
    set_condition,
)
from cartable.fleet.rules import Condition, CustodianKind, Reason
from cartable.kernel.serials import is_plausible_serial, is_spoilt_by_spreadsheet, normalised_serial
from cartable.repairs.commands.opening import close_ticket
from cartable.repairs.commands.refusals import RepairRefused, part_of
from cartable.repairs.commands.telling import tell_of_quote
from cartable.repairs.models import RepairQuote, RepairTicket
from cartable.repairs.queries.tickets import stage_of
from cartable.repairs.rules import FaultyPart, RepairOutcome, RepairStage, TicketEnding


def _held(ticket_id: UUID, *stages: RepairStage) -> RepairTicket:
    """Hold a PC, then its ticket, which must be at one of these stages. Raises RepairRefused (``stage_has_passed``)."""
    named = RepairTicket.at_contractor.values_list("device_id", flat=True).get(pk=ticket_id)
    hold_custody(custodian_ids=[], device_ids=[named])
    ticket = RepairTicket.at_contractor.select_for_update(of=("self",)).select_related("device").get(pk=ticket_id)
    if stage_of(ticket) not in stages:
        raise RepairRefused("stage_has_passed")
    return ticket


@transaction.atomic
def diagnose(
    *, ticket_id: UUID, is_covered: bool, part: FaultyPart, diagnosed_at: datetime, diagnosed_by_id: int
) -> None:
    """Say what is at fault, and whether the warranty covers it. Raises RepairRefused."""
    ticket = _held(ticket_id, RepairStage.TO_DIAGNOSE)
    ticket.diagnosed_at, ticket.diagnosed_by_id = diagnosed_at, diagnosed_by_id
    ticket.is_covered, ticket.part = is_covered, str(part)
    ticket.save(update_fields=["diagnosed_at", "diagnosed_by", "is_covered", "part"])


@transaction.atomic
def send_quote(
    *,
    quote_id: UUID,
    ticket_id: UUID,
    part: FaultyPart,
    price_eur: Decimal,
    note: str,
    sent_at: datetime,
    sent_by_id: int,
) -> None:
    """Ask the region whether a damage may be repaired at this price, and tell it so. Raises RepairRefused."""
    known = RepairQuote.at_contractor.filter(pk=quote_id).first()
    if known is not None:
        if known.ticket_id != ticket_id:
            raise RepairRefused("id_reused")
        return
    ticket = _held(ticket_id, RepairStage.TO_REPAIR)
    if ticket.is_covered:
        raise RepairRefused("covered")
    quote = RepairQuote.at_contractor.create(
        id=quote_id,
        ticket=ticket,
        part=str(part),
        price_eur=price_eur,
        note=note,
        sent_at=sent_at,
        sent_by_id=sent_by_id,
    )
    tell_of_quote(quote, told_at=sent_at)


@transaction.atomic
def decide_quote(*, quote_id: UUID, is_accepted: bool, decided_at: datetime, decided_by_id: int) -> None:
    """Accept or refuse a quote. Raises RepairRefused (``decided_already``) where it says the other thing."""
    quote = RepairQuote.objects.select_for_update(of=("self",)).get(pk=quote_id)
    if quote.decided_at is not None:
        if quote.is_accepted == is_accepted:
            return
        raise RepairRefused("decided_already")
    quote.is_accepted, quote.decided_at, quote.decided_by_id = is_accepted, decided_at, decided_by_id
    quote.save(update_fields=["is_accepted", "decided_at", "decided_by"])


def finish(
    *,
    ticket_id: UUID,
    outcome: RepairOutcome,
    new_serial: str,
    is_reinstalled: bool,
    finished_at: datetime,
    finished_by_id: int,
) -> None:
    """Say what became of a PC. A swap names the serial number that comes back: the PC keeps its label and its past.

    A damage is repaired only once the region has accepted what it costs. Raises RepairRefused.
    """
    try:
        with transaction.atomic():
            ticket = _held(ticket_id, RepairStage.TO_REPAIR)
            if outcome != RepairOutcome.UNREPAIRABLE and not (ticket.is_covered or _is_accepted(ticket)):
                raise RepairRefused("quote_needed")
            if outcome == RepairOutcome.SWAPPED:
                _swap(ticket, new_serial, changed_at=finished_at, changed_by_id=finished_by_id)
            is_good = outcome != RepairOutcome.UNREPAIRABLE
            set_condition(device_ids=[ticket.device_id], condition=Condition.FIT if is_good else Condition.BROKEN)
            ticket.finished_at, ticket.finished_by_id, ticket.finished_as = finished_at, finished_by_id, str(outcome)
            # Another PC comes without anybody's files: it is as good as installed anew.
            ticket.is_reinstalled = is_good and (is_reinstalled or outcome == RepairOutcome.SWAPPED)
            ticket.save(update_fields=["finished_at", "finished_by", "finished_as", "is_reinstalled"])
    except LedgerRefusal as refusal:
        raise RepairRefused(refusal.code) from refusal


def _is_accepted(ticket: RepairTicket) -> bool:
    last = RepairQuote.at_contractor.filter(ticket=ticket).order_by("-sent_at").first()
    return last is not None and bool(last.is_accepted)


def _swap(ticket: RepairTicket, new_serial: str, *, changed_at: datetime, changed_by_id: int) -> None:
    serial = normalised_serial(new_serial)
    if not is_plausible_serial(serial) or is_spoilt_by_spreadsheet(serial):
        raise RepairRefused("serial_unfit")
    changed = change_serial(
        device_id=ticket.device_id,
        new_serial=serial,
        changed_at=changed_at,
        changed_by_id=changed_by_id,
        evidence=f"repair:{ticket.pk}",
    )
    if changed is None:
        raise RepairRefused("serial_is_the_same")


def dispose(*, ticket_id: UUID, disposed_at: datetime, disposed_by_id: int) -> None:
    """Give a PC up that the repairer cannot repair: it leaves the fleet, and its ticket closes. Raises RepairRefused."""
    try:
        with transaction.atomic():
            asked = RepairTicket.objects.get(pk=ticket_id)
            if asked.closed_as == TicketEnding.DISPOSED:
                return
            ticket = _held(ticket_id, RepairStage.TO_DISPOSE)
            ends = open_region_accounts(region_id=ticket.region_id, opened_at=disposed_at)
            pass_custody(
                [
                    MovementOrder(
                        part_of(ticket_id, "disposal"), ticket.device_id, ticket.device.custodian_id,
                        ends[CustodianKind.DISPOSED], Reason.DISPOSAL, disposed_at, disposed_by_id,
                        f"repair:{ticket_id}",
                    )
                ]
            )  # fmt: skip
            close_ticket(ticket, ending=TicketEnding.DISPOSED, closed_at=disposed_at, closed_by_id=disposed_by_id)
    except LedgerRefusal as refusal:
        raise RepairRefused(refusal.code) from refusal
