"""Send PCs to the repairer and back, in parcels that are scanned at both ends; what does not fit is said and kept."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from cartable.distribution.commands.families import Told, tell_families
from cartable.fleet.commands import (
    LedgerRefusal,
    MovementOrder,
    hold_custody,
    open_contractor_account,
    pass_custody,
    set_condition,
)
from cartable.fleet.rules import Condition, CustodianKind, Reason
from cartable.kernel.codes import spaced
from cartable.notices.rules import NoticeKind
from cartable.repairs.commands.refusals import RepairRefused, part_of
from cartable.repairs.models import BatchDifference, RepairBatch, RepairTicket
from cartable.repairs.queries.gesture import school_accounts
from cartable.repairs.queries.scans import Scanned, Verdict
from cartable.repairs.rules import BatchDifferenceKind, BatchDirection, RepairOutcome, TicketEnding


def send_out(*, act_id: UUID, scanned: Sequence[Scanned], sent_at: datetime, sent_by_id: int) -> int:
    """Send PCs from benches to their repairers: one batch per lycée and repairer. Return how many left.

    All or nothing. Raises RepairRefused.
    """
    try:
        with transaction.atomic():
            tickets = _held(scanned, RepairTicket.objects)
            if not tickets:
                raise RepairRefused("nothing_to_send")
            if RepairBatch.objects.filter(pk__in=_batch_ids(act_id, tickets)).exists():
                return len(tickets)
            if any(ticket.sent_at or ticket.closed_at or ticket.taken_in_at is None for ticket in tickets):
                raise RepairRefused("sent_already")
            benches = school_accounts({t.school_id for t in tickets}, CustodianKind.SCHOOL_BENCH)
            orders = []
            for parcel in _parcels(tickets).values():
                batch = _batch(act_id, parcel, BatchDirection.OUT, sent_at=sent_at, sent_by_id=sent_by_id)
                account = open_contractor_account(
                    region_id=batch.region_id, contractor_id=batch.repairer_id, kind=CustodianKind.REPAIRER,
                    opened_at=sent_at,
                )  # fmt: skip
                orders += [
                    MovementOrder(
                        part_of(act_id, ticket.pk), ticket.device_id, benches[ticket.school_id], account,
                        Reason.RMA_OUT, sent_at, sent_by_id, f"repair:{ticket.pk}",
                    )
                    for ticket in parcel
                ]  # fmt: skip
                RepairTicket.objects.filter(pk__in=[t.pk for t in parcel]).update(sent_at=sent_at, batch_out=batch)
            pass_custody(orders)
    except LedgerRefusal as refusal:
        raise RepairRefused(refusal.code) from refusal
    return len(tickets)


@transaction.atomic
def receive(
    *, receipt_id: UUID, region_id: int, repairer_id: int, scanned: Sequence[Scanned], received_at: datetime,
    received_by_id: int,
) -> int:  # fmt: skip
    """Say that the repairer has these PCs in hand; keep what should not have been there. Return how many arrived."""
    tickets = _held(scanned, RepairTicket.at_contractor)
    arrived = [ticket.pk for ticket in tickets if ticket.received_at is None]
    RepairTicket.at_contractor.filter(pk__in=arrived).update(received_at=received_at, received_by_id=received_by_id)
    _keep_differences(
        receipt_id, region_id, scanned, repairer_id=repairer_id, noted_at=received_at, noted_by_id=received_by_id
    )
    return len(tickets)


@transaction.atomic
def send_back(*, act_id: UUID, scanned: Sequence[Scanned], sent_at: datetime, sent_by_id: int) -> int:
    """Send PCs back to their lycées, one batch each. The repairer answers for them until the lycée has scanned them."""
    tickets = _held(scanned, RepairTicket.at_contractor)
    if not tickets:
        raise RepairRefused("nothing_to_send")
    if RepairBatch.at_contractor.filter(pk__in=_batch_ids(act_id, tickets)).exists():
        return len(tickets)
    if any(ticket.sent_back_at or ticket.closed_at or ticket.received_at is None for ticket in tickets):
        raise RepairRefused("sent_already")
    for parcel in _parcels(tickets).values():
        batch = _batch(act_id, parcel, BatchDirection.BACK, sent_at=sent_at, sent_by_id=sent_by_id)
        RepairTicket.at_contractor.filter(pk__in=[t.pk for t in parcel]).update(sent_back_at=sent_at, batch_back=batch)
    return len(tickets)


def take_back(
    *, receipt_id: UUID, region_id: int, school_id: int, scanned: Sequence[Scanned], back_at: datetime, back_by_id: int
) -> int:
    """Bring PCs back into their lycées; keep what should not have been there. Return how many came.

    One that nobody waits for and that was installed anew goes into the reserve, any other one onto the bench.
    """
    try:
        with transaction.atomic():
            tickets = [t for t in _held(scanned, RepairTicket.objects) if t.back_at is None]
            bring_back(receipt_id, tickets, back_at=back_at, back_by_id=back_by_id)
            _keep_differences(
                receipt_id, region_id, scanned, school_id=school_id, noted_at=back_at, noted_by_id=back_by_id
            )
    except LedgerRefusal as refusal:
        raise RepairRefused(refusal.code) from refusal
    return len(tickets)


def bring_back(
    act_id: UUID, tickets: Sequence[RepairTicket], *, back_at: datetime, back_by_id: int, is_awaited: bool | None = None
) -> None:
    """Move PCs from the repairer into their lycées and set their condition, within the caller's transaction.

    ``is_awaited`` says so where the student keeps another PC; by itself a PC that was taken from a student is awaited.
    """
    schools = {ticket.school_id for ticket in tickets}
    benches = school_accounts(schools, CustodianKind.SCHOOL_BENCH)
    reserves = school_accounts(schools, CustodianKind.EMERGENCY_STOCK)
    orders, told, by_condition = [], [], defaultdict(list)
    for ticket in tickets:
        awaited = ticket.taken_from_id is not None if is_awaited is None else is_awaited
        is_good = ticket.finished_as in {RepairOutcome.REPAIRED, RepairOutcome.SWAPPED}
        to_reserve = is_good and ticket.is_reinstalled and not awaited
        account = (reserves if to_reserve else benches)[ticket.school_id]
        # What was declared lost at the repairer's and found again is on the bench already.
        if ticket.device.custodian_kind == CustodianKind.REPAIRER:
            orders.append(
                MovementOrder(
                    part_of(act_id, ticket.pk), ticket.device_id, ticket.device.custodian_id, account, Reason.RMA_IN,
                    back_at, back_by_id, f"repair:{ticket.pk}",
                )
            )  # fmt: skip
        by_condition[_condition(is_good=is_good, to_reserve=to_reserve, awaited=awaited)].append(ticket.device_id)
        ticket.back_at, ticket.back_by_id = back_at, back_by_id
        if is_awaited is None and is_good and ticket.taken_from_id is not None:
            words = {"pc": spaced(ticket.device.asset_tag)}
            told.append(Told(part_of(ticket.pk, "back"), ticket.taken_from_id, words))
        if not awaited:
            ticket.closed_at, ticket.closed_by_id = back_at, back_by_id
            ticket.closed_as = str(TicketEnding.TO_RESERVE if to_reserve else TicketEnding.TO_BENCH)
    pass_custody(orders)
    for condition, device_ids in by_condition.items():
        set_condition(device_ids=device_ids, condition=condition)
    RepairTicket.objects.bulk_update(tickets, ["back_at", "back_by", "closed_at", "closed_by", "closed_as"])
    tell_families(kind=NoticeKind.REPAIRED_PC_BACK, facts=told, told_at=back_at)


def _condition(*, is_good: bool, to_reserve: bool, awaited: bool) -> Condition:
    """Say in what state a PC is back: its own student takes it as it is, anybody else's is installed anew first."""
    if not is_good:
        return Condition.BROKEN
    return Condition.FIT if awaited or to_reserve else Condition.BEING_REIMAGED


def _held(scanned: Sequence[Scanned], manager: object) -> list[RepairTicket]:
    """Hold the PCs of the scans that count, and read their tickets again behind the lock."""
    named = [one.ticket for one in scanned if one.counts and one.ticket is not None]
    hold_custody(custodian_ids=[], device_ids=[ticket.device_id for ticket in named])
    rows = manager.select_for_update(of=("self",)).filter(pk__in=[ticket.pk for ticket in named])  # type: ignore[attr-defined]
    return list(rows.select_related("device").order_by("pk"))


def _parcels(tickets: Sequence[RepairTicket]) -> dict[tuple[int, int], list[RepairTicket]]:
    parcels: dict[tuple[int, int], list[RepairTicket]] = defaultdict(list)
    for ticket in tickets:
        parcels[ticket.school_id, ticket.repairer_id].append(ticket)
    return parcels


def _batch_ids(act_id: UUID, tickets: Sequence[RepairTicket]) -> list[UUID]:
    return [part_of(act_id, pair) for pair in _parcels(tickets)]


def _batch(
    act_id: UUID, parcel: Sequence[RepairTicket], direction: BatchDirection, *, sent_at: datetime, sent_by_id: int
) -> RepairBatch:
    first = parcel[0]
    return RepairBatch.objects.create(
        id=part_of(act_id, (first.school_id, first.repairer_id)),
        region_id=first.region_id,
        school_id=first.school_id,
        repairer_id=first.repairer_id,
        direction=str(direction),
        sent_at=sent_at,
        sent_by_id=sent_by_id,
    )


def _keep_differences(
    receipt_id: UUID,
    region_id: int,
    scanned: Sequence[Scanned],
    *,
    school_id: int | None = None,
    repairer_id: int | None = None,
    noted_at: datetime,
    noted_by_id: int,
) -> None:
    """Keep the scans that no ticket on its way explains, once per receipt."""
    BatchDifference.objects.bulk_create(
        [
            BatchDifference(
                region_id=region_id,
                school_id=school_id,
                repairer_id=repairer_id,
                receipt_id=receipt_id,
                kind=str(BatchDifferenceKind.UNKNOWN if one.device is None else BatchDifferenceKind.NOT_IN_BATCH),
                scanned=one.text[:40],
                device=one.device,
                noted_at=noted_at,
                noted_by_id=noted_by_id,
            )
            for one in scanned
            if one.verdict in {Verdict.UNKNOWN, Verdict.NO_TICKET, Verdict.HOT}
        ],
        ignore_conflicts=True,
    )
