"""Read tickets as lycées and the region see them: lists, one ticket, and what ends a loan."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from cartable.emergency_stock.models import Loan
from cartable.emergency_stock.queries.gesture import student_facts
from cartable.emergency_stock.rules import LoanEnd
from cartable.fleet.models import CONDITION_NAMES, CUSTODIAN_KIND_NAMES, Device
from cartable.fleet.rules import Condition, CustodianKind
from cartable.repairs.models import BatchDifference, BatchDifferenceKind, RepairQuote, RepairTicket, Symptom
from cartable.repairs.rules import Clock, Facts, RepairStage, clock, is_under_warranty, stage
from cartable.rosters.models import Student


@dataclass(frozen=True)
class TicketLine:
    """One ticket as lists show it; the student's name only where a lycée asks for it."""

    pk: UUID
    asset_tag: str
    serial_number: str
    model: str
    school: str
    repairer: str
    symptoms: str
    stage: RepairStage
    opened_at: datetime
    clock: Clock
    is_covered: bool | None
    is_under_warranty: bool
    holder: str = ""


def facts_of(ticket: RepairTicket, *, quote_waits: bool = False) -> Facts:
    """Return the dates of a ticket as the rules read them."""
    return Facts(
        taken_in_at=ticket.taken_in_at,
        sent_at=ticket.sent_at,
        received_at=ticket.received_at,
        diagnosed_at=ticket.diagnosed_at,
        quote_waits=quote_waits,
        finished_at=ticket.finished_at,
        finished_as=ticket.finished_as,
        sent_back_at=ticket.sent_back_at,
        back_at=ticket.back_at,
        closed_at=ticket.closed_at,
    )


def stage_of(ticket: RepairTicket) -> RepairStage:
    """Say how far one ticket is, its quotes asked for."""
    waits = RepairQuote.at_contractor.filter(ticket_id=ticket.pk, decided_at=None).exists()
    return stage(facts_of(ticket, quote_waits=waits))


def clock_of(ticket: RepairTicket, *, today: date) -> Clock:
    """Return how long the repairer has had the PC of a ticket."""

    def day(at: datetime | None) -> date | None:
        return timezone.localdate(at) if at else None

    ended = day(ticket.sent_back_at or ticket.back_at or ticket.closed_at)
    return clock(received_on=day(ticket.received_at), sent_back_on=ended, today=today, agreed=ticket.agreed_days)


def lines(tickets: Sequence[RepairTicket], *, today: date, with_holders: bool = False) -> list[TicketLine]:
    """Return tickets as lists show them; quotes and names are read once for all of them."""
    waiting = set(
        RepairQuote.at_contractor.filter(ticket_id__in=[t.pk for t in tickets], decided_at=None).values_list(
            "ticket_id", flat=True
        )
    )
    names = _holders(tickets) if with_holders else {}
    return [
        TicketLine(
            pk=ticket.pk,
            asset_tag=ticket.device.asset_tag,
            serial_number=ticket.device.serial_number,
            model=ticket.device.device_model.name,
            school=f"{ticket.school.name}, {ticket.school.town}",
            repairer=ticket.repairer.name,
            symptoms=symptoms_in_words(ticket),
            stage=stage(facts_of(ticket, quote_waits=ticket.pk in waiting)),
            opened_at=ticket.opened_at,
            clock=clock_of(ticket, today=today),
            is_covered=ticket.is_covered,
            is_under_warranty=is_under_warranty(timezone.localdate(ticket.opened_at), ticket.warranty_ends_on),
            holder=names.get(ticket.taken_from_id or 0, ""),
        )
        for ticket in tickets
    ]


def symptoms_in_words(ticket: RepairTicket) -> str:
    """Return the symptoms of a ticket in words."""
    return ", ".join(str(Symptom(symptom).label) for symptom in ticket.symptoms)


def _holders(tickets: Sequence[RepairTicket]) -> dict[int, str]:
    accounts = {ticket.taken_from_id for ticket in tickets if ticket.taken_from_id}
    students = Student.objects.filter(custodian_id__in=accounts).select_related("merged_into")
    return {s.custodian_id: (s.merged_into or s).display_name for s in students}


@dataclass(frozen=True)
class TicketPage:
    """One page of a list, the oldest first."""

    rows: list[TicketLine]
    count: int
    next_after: str
    previous_before: str


OPEN, CLOSED, BACK, TO_SEND, LATE = "ouverts", "fermes", "revenus", "a-envoyer", "chez-le-reparateur"


def ticket_page(wanted: str, *, after: str = "", before: str = "", today: date, limit: int = 50) -> TicketPage:
    """Return one page of the tickets in scope, the oldest first."""
    chosen = _wanted(wanted)
    found, next_after, previous_before = page_of(chosen, "opened_at", after=after, before=before, limit=limit)
    rows = lines(found, today=today, with_holders=True)
    return TicketPage(rows, chosen.count(), next_after, previous_before)


def page_of(
    chosen: "QuerySet[RepairTicket]", field: str, *, after: str, before: str, limit: int
) -> tuple[list[RepairTicket], str, str]:
    """Return one page in the order of a moment, with the places where the neighbours start.

    A recall opens thousands at one moment: the id parts them.
    """
    loaded = chosen.select_related("device__device_model", "school", "repairer")
    place = _place(after or before)
    if before and place:
        found = list(loaded.filter(_beyond(field, "lt", place)).order_by(f"-{field}", "-pk")[: limit + 1])
        has_previous, has_next, found = len(found) > limit, True, found[:limit][::-1]
    else:
        rest = loaded.filter(_beyond(field, "gt", place)) if place else loaded
        found = list(rest.order_by(field, "pk")[: limit + 1])
        has_previous, has_next, found = place is not None, len(found) > limit, found[:limit]
    return (
        found,
        _as_place(found[-1], field) if has_next and found else "",
        _as_place(found[0], field) if has_previous and found else "",
    )


def _as_place(ticket: RepairTicket, field: str) -> str:
    return f"{getattr(ticket, field).isoformat()}_{ticket.pk}"


def _place(text: str) -> tuple[datetime, UUID] | None:
    """Return what an address says of a place; what can be none is the beginning of the list."""
    moment, _line, pk = text.partition("_")
    try:
        at = datetime.fromisoformat(moment)
        return (at, UUID(pk)) if at.tzinfo else None
    except ValueError:
        return None


def _beyond(field: str, side: str, place: tuple[datetime, UUID]) -> Q:
    moment, pk = place
    return Q(**{f"{field}__{side}": moment}) | Q(**{field: moment, f"pk__{side}": pk})


def _wanted(wanted: str) -> "QuerySet[RepairTicket]":
    chosen = RepairTicket.objects.all()
    if wanted == CLOSED:
        return chosen.filter(closed_at__isnull=False)
    chosen = chosen.filter(closed_at=None)
    if wanted == BACK:
        return chosen.filter(back_at__isnull=False)
    if wanted == TO_SEND:
        return chosen.filter(sent_at=None)
    return chosen.filter(sent_at__isnull=False, back_at=None) if wanted == LATE else chosen


@dataclass(frozen=True)
class Settling:
    """What ends with a ticket: whose PC it is, which PC stands in for it, and where both are."""

    ticket: RepairTicket
    student: Student | None
    has_left: bool
    loan: Loan | None
    is_here: bool

    def obstacle(self, ended_as: LoanEnd) -> str | None:
        """Say why a loan may not end this way; None where it may."""
        if self.student is None:
            return "nobody_waits"
        if ended_as != LoanEnd.EXCHANGE:
            return "no_loan" if self.loan is None else None
        if self.ticket.closed_at is not None:
            return "pc_is_gone"
        if not self.is_here:
            return "pc_is_away"
        return "student_gone" if self.has_left else None


def settling_of(ticket: RepairTicket) -> Settling:
    """Return what ends with a ticket found in scope; the ticket's device must be loaded with it."""
    loans = Loan.objects.filter(stands_in_for_id=ticket.device_id, ended_at=None)
    loan = loans.select_related("loaner", "student__custodian").first()
    student = loan.student if loan else _owner(ticket)
    is_announced = ticket.sent_back_at is not None or ticket.back_at is not None
    on_the_bench = ticket.device.custodian_kind == CustodianKind.SCHOOL_BENCH
    return Settling(
        ticket,
        student,
        student_facts(student, today=timezone.localdate()).has_left if student else False,
        loan,
        on_the_bench or (is_announced and ticket.device.custodian_kind == CustodianKind.REPAIRER),
    )


def devices_in_repair(among: Collection[int] | None = None) -> list[int]:
    """Return the PCs, all or among some, that came in for a repair which is open; of whichever lycée."""
    open_tickets = RepairTicket._base_manager.filter(closed_at=None, taken_in_at__isnull=False)
    if among is not None:
        open_tickets = open_tickets.filter(device_id__in=among)
    return list(open_tickets.values_list("device_id", flat=True))


def _owner(ticket: RepairTicket) -> Student | None:
    """Return the student who waits for a PC, through whoever two records turned out to be."""
    if ticket.taken_from_id is None or ticket.closed_at is not None:
        return None
    found = Student.objects.filter(custodian_id=ticket.taken_from_id).select_related("merged_into").first()
    return (found.merged_into or found) if found else None


def ticket_of_scan(device: Device) -> RepairTicket | None:
    """Return the ticket that a scanned PC settles: its own, or that of the PC which it stands in for."""
    loan = Loan.objects.filter(loaner=device, ended_at=None).first()
    chosen = RepairTicket.objects.filter(device_id=loan.stands_in_for_id if loan else device.pk)
    if loan is None:
        chosen = chosen.filter(closed_at=None)
    return chosen.select_related("device").order_by("-opened_at").first()


@dataclass(frozen=True)
class DifferenceLine:
    """A scan that nothing explained."""

    scanned: str
    kind: str
    who: str
    noted_at: datetime


def differences(rows: "QuerySet[BatchDifference]", *, limit: int = 20) -> list[DifferenceLine]:
    """Return the last differences of receipts, the latest first."""
    found = rows.select_related("school", "repairer").order_by("-noted_at", "-pk")[:limit]
    return [
        DifferenceLine(
            row.scanned, str(BatchDifferenceKind(row.kind).label),
            row.school.name if row.school else row.repairer.name if row.repairer else "", row.noted_at,
        )
        for row in found
    ]  # fmt: skip


@dataclass(frozen=True)
class QuoteLine:
    """A quote with what it is about; carries no name of any student."""

    pk: UUID
    ticket_id: UUID
    asset_tag: str
    model: str
    school: str
    repairer: str
    part: str
    price_eur: object
    note: str
    sent_at: datetime
    decided_at: datetime | None
    is_accepted: bool | None


def quotes(*, only_waiting: bool, ticket_id: UUID | None = None) -> list[QuoteLine]:
    """Return quotes that the reader may see, the oldest first."""
    chosen = RepairQuote.at_contractor.filter(Q(ticket_id=ticket_id) if ticket_id else Q())
    if only_waiting:
        chosen = chosen.filter(decided_at=None)
    loaded = chosen.select_related("ticket__device__device_model", "ticket__school", "ticket__repairer")
    return [
        QuoteLine(
            row.pk, row.ticket_id, row.ticket.device.asset_tag, row.ticket.device.device_model.name,
            row.ticket.school.name, row.ticket.repairer.name, row.get_part_display(), row.price_eur, row.note,
            row.sent_at, row.decided_at, row.is_accepted,
        )
        for row in loaded.order_by("sent_at")[:200]
    ]  # fmt: skip


def unrepairable() -> list[RepairTicket]:
    """Return the tickets in scope whose PC the repairer cannot repair and still has."""
    chosen = RepairTicket.objects.filter(closed_at=None, finished_as="unrepairable", sent_back_at=None, back_at=None)
    return list(chosen.select_related("device__device_model", "school", "repairer").order_by("finished_at")[:200])


def place_in_words(device: Device) -> str:
    """Say who answers for a PC, and in what state it is."""
    kind, condition = CustodianKind(device.custodian_kind), Condition(device.condition)
    return f"{CUSTODIAN_KIND_NAMES[kind]} · {CONDITION_NAMES[condition]}"
