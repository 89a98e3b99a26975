"""Read what scanned codes name in a repair: a ticket on its way, a PC that should not be there, or nothing.

A series is read as a whole: four queries for one scan and for fifty.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet
from django_scopes import scope

from cartable.fleet.models import Device
from cartable.fleet.queries.codes import exact_devices
from cartable.fleet.rules import HOT_KINDS, CustodianKind
from cartable.repairs.models import RepairQuote, RepairTicket


class Verdict(StrEnum):
    """What one scan is worth in the batch that is being made or received."""

    GOOD = "good"
    TWICE = "twice"
    HOT = "hot"
    UNKNOWN = "unknown"
    NO_TICKET = "no_ticket"
    NOT_TAKEN_IN = "not_taken_in"
    SENT_ALREADY = "sent_already"
    NOT_HERE = "not_here"
    NOT_FINISHED = "not_finished"
    RECEIVED_ALREADY = "received_already"
    NOT_ANNOUNCED = "not_announced"


@dataclass(frozen=True)
class Scanned:
    """One scan: the text, what it is worth, the ticket it counts for, and what to write beside it."""

    text: str
    verdict: Verdict
    ticket: RepairTicket | None = None
    device: Device | None = None

    @property
    def counts(self) -> bool:
        """Say whether the act takes this scan."""
        return self.verdict in {Verdict.GOOD, Verdict.NOT_ANNOUNCED}


Judge = Callable[[RepairTicket], Verdict]


def _judged(texts: Sequence[str], tickets: "QuerySet[RepairTicket]", judge: Judge, *, region_id: int) -> list[Scanned]:
    """Say of each scan in turn what it is worth; the same PC counts once."""
    # A parcel may hold what was never announced to its receiver; nothing but the PC's own codes is told of it.
    with scope(region=region_id, school=None):
        devices = exact_devices(texts)
    ids = {device.pk for device in devices.values()}
    rows = tickets.filter(device_id__in=ids, closed_at=None).select_related("device", "school", "repairer")
    by_device = {ticket.device_id: ticket for ticket in rows}
    found: list[Scanned] = []
    seen: set[int] = set()
    for text in texts:
        device = devices.get(text)
        if device is None:
            found.append(Scanned(text, Verdict.UNKNOWN))
        elif device.pk in seen:
            found.append(Scanned(text, Verdict.TWICE, device=device))
        elif device.custodian_kind in HOT_KINDS:
            found.append(Scanned(text, Verdict.HOT, device=device))
        else:
            ticket = by_device.get(device.pk)
            found.append(Scanned(text, judge(ticket) if ticket else Verdict.NO_TICKET, ticket, device))
        if device is not None:
            seen.add(device.pk)
    return found


def to_send(texts: Sequence[str], *, region_id: int) -> list[Scanned]:
    """Say which of these PCs may leave for the repairer."""

    def judge(ticket: RepairTicket) -> Verdict:
        if ticket.sent_at is not None:
            return Verdict.SENT_ALREADY
        if ticket.taken_in_at is None:
            return Verdict.NOT_TAKEN_IN
        return Verdict.GOOD if ticket.device.custodian_kind == CustodianKind.SCHOOL_BENCH else Verdict.NOT_HERE

    return _judged(texts, RepairTicket.objects.all(), judge, region_id=region_id)


def to_receive(texts: Sequence[str], *, region_id: int) -> list[Scanned]:
    """Say which of these PCs the repairer was sent."""

    def judge(ticket: RepairTicket) -> Verdict:
        if ticket.sent_at is None:
            return Verdict.NO_TICKET
        return Verdict.GOOD if ticket.received_at is None else Verdict.RECEIVED_ALREADY

    return _judged(texts, RepairTicket.at_contractor.all(), judge, region_id=region_id)


def to_send_back(texts: Sequence[str], *, region_id: int) -> list[Scanned]:
    """Say which of these PCs the repairer may send back: finished, or whose quote the region refused."""
    refused = refused_tickets(RepairTicket.at_contractor.filter(closed_at=None, finished_at=None))

    def judge(ticket: RepairTicket) -> Verdict:
        if ticket.sent_back_at is not None:
            return Verdict.SENT_ALREADY
        if ticket.received_at is None:
            return Verdict.NO_TICKET
        is_done = ticket.finished_at is not None or ticket.pk in refused
        return Verdict.GOOD if is_done else Verdict.NOT_FINISHED

    return _judged(texts, RepairTicket.at_contractor.all(), judge, region_id=region_id)


def refused_tickets(tickets: "QuerySet[RepairTicket]") -> set[object]:
    """Return the ids of those of these tickets whose last quote the region refused."""
    quotes = RepairQuote.at_contractor.filter(ticket__in=tickets).order_by("ticket_id", "sent_at")
    last = dict(quotes.values_list("ticket_id", "is_accepted"))
    return {ticket_id for ticket_id, is_accepted in last.items() if is_accepted is False}


def to_take_back(texts: Sequence[str], *, region_id: int) -> list[Scanned]:
    """Say which of these PCs come back to the lycée; one that was not announced is here all the same."""

    def judge(ticket: RepairTicket) -> Verdict:
        if ticket.back_at is not None:
            return Verdict.RECEIVED_ALREADY
        if ticket.sent_at is None:
            return Verdict.NO_TICKET
        return Verdict.GOOD if ticket.sent_back_at else Verdict.NOT_ANNOUNCED

    return _judged(texts, RepairTicket.objects.all(), judge, region_id=region_id)
