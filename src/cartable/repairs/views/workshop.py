"""The repairer's pages: queue, one PC, statement. They know serial numbers and faults, and no student."""

from datetime import date
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.kernel.exports import delimited
from cartable.photos.access import photo_of_ticket
from cartable.photos.answers import photo_answer
from cartable.photos.queries import photos_of_ticket
from cartable.repairs.access import repairers_ticket
from cartable.repairs.commands import workshop as commands
from cartable.repairs.commands.refusals import RepairRefused
from cartable.repairs.forms import DeviceScanForm, DiagnosisForm, MonthForm, OutcomeForm, QuoteForm
from cartable.repairs.models import RepairTicket
from cartable.repairs.queries.scans import to_send_back
from cartable.repairs.queries.tickets import clock_of, quotes, stage_of, symptoms_in_words
from cartable.repairs.queries.workshop import flow, queue, statement, statement_header, statement_rows
from cartable.repairs.rules import FaultyPart, RepairOutcome, RepairStage, is_under_warranty
from cartable.repairs.views.audience import REGION, REPAIRER
from cartable.repairs.words import STAGES, refusal_in_words

TEMPLATE = "repairs/workshop_ticket.html"


@open_to(*REPAIRER)
def workshop(request: CartableRequest) -> HttpResponse:
    """Show the queue by age against the agreed limit; a scan opens its ticket."""
    today = timezone.localdate()
    form = DeviceScanForm(request.GET if "pc" in request.GET else None)
    if form.is_bound and form.is_valid():
        [one] = to_send_back([form.cleaned_data["pc"]], region_id=request.signed_in.region_id)
        if one.ticket is not None and one.ticket.sent_at is not None:
            return redirect("repairs:workshop-ticket", one.ticket.pk)
        code = "in_claim" if one.verdict == "hot" else "no_such_ticket"
        form.add_error("pc", refusal_in_words(code))
    page = queue(after=request.GET.get("apres", ""), before=request.GET.get("avant", ""), today=today)
    found = flow(today=today)
    values = {
        "form": form,
        "page": page,
        "rows": [(row, *STAGES[row.stage]) for row in page.rows],
        "flow": found,
        "in_workshop": sum(band.count for band in found.bands),
        "month": today.strftime("%Y-%m"),
    }
    return render(request, "repairs/workshop.html", values, status=422 if form.errors else 200)


def _shown(
    request: CartableRequest,
    ticket: RepairTicket,
    *,
    diagnosis: DiagnosisForm | None = None,
    quote: QuoteForm | None = None,
    outcome: OutcomeForm | None = None,
) -> HttpResponse:
    stage = stage_of(ticket)
    under = is_under_warranty(timezone.localdate(ticket.opened_at), ticket.warranty_ends_on)
    asked = quotes(only_waiting=False, ticket_id=ticket.pk)
    is_accepted = bool(asked) and asked[-1].is_accepted is True
    values = {
        "ticket": ticket,
        "symptoms": symptoms_in_words(ticket),
        "stage": STAGES[stage],
        "stage_name": str(stage),
        "clock": clock_of(ticket, today=timezone.localdate()),
        "is_under_warranty": under,
        "quotes": asked,
        "photos": photos_of_ticket(
            ticket.pk, address=lambda photo_id: reverse("repairs:workshop-photo", args=[ticket.pk, photo_id])
        ),
        "may_finish": bool(ticket.is_covered) or is_accepted,
        "needs_quote": stage == RepairStage.TO_REPAIR and not ticket.is_covered and not is_accepted,
        "diagnosis": diagnosis or DiagnosisForm(),
        "quote": quote or QuoteForm(initial={"quote": uuid4(), "part": ticket.part}),
        "outcome": outcome or OutcomeForm(initial={"outcome": RepairOutcome.REPAIRED}),
    }
    is_wrong = any(form is not None and form.errors for form in (diagnosis, quote, outcome))
    return render(request, TEMPLATE, values, status=422 if is_wrong else 200)


@open_to(*REPAIRER)
def workshop_ticket(request: CartableRequest, ticket_id: UUID) -> HttpResponse:
    """Show one PC: serial, model, faults, and the next gesture."""
    return _shown(request, repairers_ticket(ticket_id))


@open_to(*REPAIRER)
@require_POST
def diagnose(request: CartableRequest, ticket_id: UUID) -> HttpResponse:
    """Say what is at fault, and whether the warranty covers it."""
    ticket, form = repairers_ticket(ticket_id), DiagnosisForm(request.POST)
    if not form.is_valid():
        return _shown(request, ticket, diagnosis=form)
    try:
        commands.diagnose(
            ticket_id=ticket.pk,
            is_covered=form.cleaned_data["is_covered"],
            part=FaultyPart(form.cleaned_data["part"]),
            diagnosed_at=timezone.now(),
            diagnosed_by_id=request.signed_in.actor_id,
        )
    except RepairRefused as refusal:
        messages.error(request, refusal_in_words(refusal.code))
    else:
        messages.success(request, _("Diagnostic enregistré."))
    return redirect("repairs:workshop-ticket", ticket.pk)


@open_to(*REPAIRER)
@require_POST
def send_quote(request: CartableRequest, ticket_id: UUID) -> HttpResponse:
    """Ask the region for the price of a damage."""
    ticket, form = repairers_ticket(ticket_id), QuoteForm(request.POST)
    if not form.is_valid():
        return _shown(request, ticket, quote=form)
    said = form.cleaned_data
    try:
        commands.send_quote(
            quote_id=said["quote"],
            ticket_id=ticket.pk,
            part=FaultyPart(said["part"]),
            price_eur=said["price_eur"],
            note=said["note"],
            sent_at=timezone.now(),
            sent_by_id=request.signed_in.actor_id,
        )
    except RepairRefused as refusal:
        messages.error(request, refusal_in_words(refusal.code))
    else:
        messages.success(request, _("Devis envoyé à la région."))
    return redirect("repairs:workshop-ticket", ticket.pk)


@open_to(*REPAIRER)
@require_POST
def finish(request: CartableRequest, ticket_id: UUID) -> HttpResponse:
    """Say what became of the PC."""
    ticket, form = repairers_ticket(ticket_id), OutcomeForm(request.POST)
    if not form.is_valid():
        return _shown(request, ticket, outcome=form)
    said = form.cleaned_data
    try:
        commands.finish(
            ticket_id=ticket.pk,
            outcome=RepairOutcome(said["outcome"]),
            new_serial=said["new_serial"],
            is_reinstalled=said["is_reinstalled"],
            finished_at=timezone.now(),
            finished_by_id=request.signed_in.actor_id,
        )
    except RepairRefused as refusal:
        field = "new_serial" if "serial" in refusal.code or "known" in refusal.code else "outcome"
        form.add_error(field, refusal_in_words(refusal.code))
        return _shown(request, ticket, outcome=form)
    messages.success(request, _("Résultat enregistré : le PC attend son envoi."))
    return redirect("repairs:workshop-ticket", ticket.pk)


@open_to(*REPAIRER)
def photo(_request: CartableRequest, ticket_id: UUID, photo_id: UUID) -> HttpResponse:
    """Show a photo that the lycée took for a ticket of the repairer's."""
    return photo_answer(photo_of_ticket(repairers_ticket(ticket_id).pk, photo_id))


def _month(request: CartableRequest) -> tuple[MonthForm, date]:
    today = timezone.localdate()
    form = MonthForm(request.GET if "mois" in request.GET else {"mois": today.strftime("%Y-%m")})
    if not form.is_valid():
        return form, today.replace(day=1)
    year, month = map(int, form.cleaned_data["mois"].split("-"))
    return form, date(year, month, 1)


@open_to(*REPAIRER, *REGION)
def month(request: CartableRequest) -> HttpResponse:
    """Show a month in figures: how many, how fast, which parts, what was accepted."""
    form, first = _month(request)
    values = {"form": form, "first": first, "month": first.strftime("%Y-%m"), "statement": statement(first)}
    return render(request, "repairs/statement.html", values, status=422 if form.errors else 200)


@open_to(*REPAIRER, *REGION)
def month_csv(request: CartableRequest) -> StreamingHttpResponse:
    """Send the statement of a month, row by row."""
    _form, first = _month(request)
    answer = StreamingHttpResponse(
        delimited(statement_header(), statement_rows(first)), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="reparations-{first:%Y-%m}.csv"'
    return answer
