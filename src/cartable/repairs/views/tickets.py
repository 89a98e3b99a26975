"""Tickets as lycées and the region see them; the loan that ends; a ticket that is cancelled."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.emergency_stock.rules import LoanEnd
from cartable.fleet.queries.codes import hot_device
from cartable.photos.forms import PhotosForm
from cartable.photos.queries import photos_of_act
from cartable.photos.rules import Act
from cartable.photos.taking import keep_sent
from cartable.repairs.access import scanned_device, ticket_for
from cartable.repairs.commands.ending import settle as settle_loan
from cartable.repairs.commands.opening import cancel_repair
from cartable.repairs.commands.refusals import RepairRefused
from cartable.repairs.forms import DeviceScanForm, SettleForm
from cartable.repairs.queries import tickets
from cartable.repairs.queries.tickets import (
    clock_of,
    place_in_words,
    quotes,
    settling_of,
    stage_of,
    symptoms_in_words,
    ticket_of_scan,
    ticket_page,
)
from cartable.repairs.rules import is_under_warranty
from cartable.repairs.views.audience import DESK, SEES
from cartable.repairs.words import STAGES, refusal_in_words

FILTERS = (
    (tickets.OPEN, gettext_lazy("Ouverts")),
    (tickets.TO_SEND, gettext_lazy("À envoyer")),
    (tickets.LATE, gettext_lazy("Chez le réparateur")),
    (tickets.BACK, gettext_lazy("Revenus")),
    (tickets.CLOSED, gettext_lazy("Fermés")),
)
ENDS = {
    LoanEnd.EXCHANGE: gettext_lazy("Rendre son PC à l’élève"),
    LoanEnd.SWAP: gettext_lazy("L’élève garde le PC prêté"),
    LoanEnd.CHECK_IN: gettext_lazy("Le PC prêté est rendu, sans échange"),
}


@open_to(*SEES)
def ticket_list(request: CartableRequest) -> HttpResponse:
    """Show the tickets in scope, the oldest first."""
    known = {key for key, _label in FILTERS}
    wanted = request.GET.get("etat", "")
    wanted = wanted if wanted in known else tickets.OPEN
    page = ticket_page(
        wanted, after=request.GET.get("apres", ""), before=request.GET.get("avant", ""), today=timezone.localdate()
    )
    values = {
        "page": page,
        "rows": [(row, *STAGES[row.stage]) for row in page.rows],
        "filters": [(key, label, key == wanted) for key, label in FILTERS],
        "may_repair": bool(set(DESK) & request.signed_in.roles),
        "sees_region": request.signed_in.school_ids is None,
    }
    return render(request, "repairs/tickets.html", values)


@open_to(*SEES)
def ticket(request: CartableRequest, ticket_id: UUID) -> HttpResponse:
    """Show one ticket: what was said, how far it is, what comes next."""
    one = ticket_for(ticket_id)
    today = timezone.localdate()
    settling = settling_of(one)
    stage = stage_of(one)
    values = {
        "ticket": one,
        "symptoms": symptoms_in_words(one),
        "place": place_in_words(one.device),
        "stage": STAGES[stage],
        "stage_name": str(stage),
        "clock": clock_of(one, today=today),
        "is_under_warranty": is_under_warranty(timezone.localdate(one.opened_at), one.warranty_ends_on),
        "settling": settling,
        "quotes": quotes(only_waiting=False, ticket_id=one.pk),
        "may_repair": bool(set(DESK) & request.signed_in.roles),
        "photos": photos_of_act(one.pk),
        "photos_form": PhotosForm() if set(DESK) & request.signed_in.roles else None,
        "photos_url": reverse("repairs:photos", args=[one.pk]),
        "may_erase_photos": True,
    }
    return render(request, "repairs/ticket.html", values)


@open_to(*DESK)
@require_POST
def photos_add(request: CartableRequest, ticket_id: UUID) -> HttpResponse:
    """Add photos of the failed PC, which its repairer sees too."""
    one = ticket_for(ticket_id)
    form = PhotosForm(request.POST, request.FILES)
    form.is_valid()
    sent = form.cleaned_data["photos"]
    if sent.is_nothing:
        messages.warning(request, _("Aucune photo choisie."))
    keep_sent(request, sent, act=Act.TICKET, act_id=one.pk, device=one.device, school_id=one.school_id)
    return redirect("repairs:ticket", one.pk)


@open_to(*DESK)
@require_POST
def cancel(request: CartableRequest, ticket_id: UUID) -> HttpResponse:
    """Close a ticket whose PC works again before it was sent."""
    one = ticket_for(ticket_id)
    try:
        cancel_repair(ticket_id=one.pk, cancelled_at=timezone.now(), cancelled_by_id=request.signed_in.actor_id)
    except RepairRefused as refusal:
        messages.error(request, refusal_in_words(refusal.code))
    else:
        messages.success(request, _("Dossier annulé. Le PC reste à l’atelier."))
    return redirect("repairs:ticket", one.pk)


@open_to(*DESK)
def settle(request: CartableRequest) -> HttpResponse:
    """Ask which PC is back, then which one the student gives; other ends are a button each."""
    if not request.GET.get("pc", "").strip():
        return render(request, "repairs/settle.html", {"step": "device", "form": DeviceScanForm()})
    form = DeviceScanForm(request.GET)
    if not form.is_valid():
        return render(request, "repairs/settle.html", {"step": "device", "form": form}, status=422)
    text = form.cleaned_data["pc"]
    device = scanned_device(text)
    # A PC that is announced is still the repairer's: the lycée finds it by its ticket.
    found = ticket_of_scan(device) if device else _announced(request, text)
    if found is None:
        is_alarm = hot_device(text, region_id=request.signed_in.region_id) is not None
        form.add_error("pc", refusal_in_words("in_claim" if is_alarm else "no_such_ticket"))
        values = {"step": "device", "form": form, "is_alarm": is_alarm}
        return render(request, "repairs/settle.html", values, status=422)
    return render(request, "repairs/settle.html", _settle_values(found.pk))


def _announced(request: CartableRequest, text: str) -> Any:
    from cartable.repairs.queries.scans import to_take_back

    [one] = to_take_back([text], region_id=request.signed_in.region_id)
    return one.ticket


def _settle_values(ticket_id: UUID) -> dict[str, Any]:
    one = ticket_for(ticket_id)
    found = settling_of(one)
    return {
        "step": "end",
        "ticket": one,
        "settling": found,
        "form": SettleForm(initial={"act": uuid4()}),
        "exchange_refusal": _words(found.obstacle(LoanEnd.EXCHANGE)),
        "others": [(str(end), ENDS[end], _words(found.obstacle(end))) for end in (LoanEnd.SWAP, LoanEnd.CHECK_IN)],
    }


def _words(code: str | None) -> str:
    return refusal_in_words(code) if code else ""


@open_to(*DESK)
@require_POST
def settle_do(request: CartableRequest, ticket_id: UUID) -> HttpResponse:
    """End the loan the way that was chosen; an exchange names the loaner by its scan."""
    one = ticket_for(ticket_id)
    form = SettleForm(request.POST)
    if not form.is_valid():
        return redirect("repairs:settle")
    end = LoanEnd(form.cleaned_data["end"])
    found = settling_of(one)
    if end == LoanEnd.EXCHANGE and found.loan is not None:
        loaner = scanned_device(form.cleaned_data["loaner"])
        if loaner is None or loaner.pk != found.loan.loaner_id:
            values = {**_settle_values(one.pk), "scan_refusal": refusal_in_words("another_loaner")}
            return render(request, "repairs/settle.html", values, status=422)
    try:
        settle_loan(
            act_id=form.cleaned_data["act"],
            ticket_id=one.pk,
            ended_as=end,
            settled_at=timezone.now(),
            settled_by_id=request.signed_in.actor_id,
        )
    except RepairRefused as refusal:
        messages.error(request, refusal_in_words(refusal.code))
    else:
        messages.success(request, _("C’est fait : %(what)s.") % {"what": str(ENDS[end]).lower()})
    return redirect("repairs:ticket", one.pk)
