"""What the region decides: quotes, PCs that cannot be repaired, terms with repairers, recalls."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.repairs.access import quote_for, ticket_for
from cartable.repairs.commands.contracts import agree_terms
from cartable.repairs.commands.recalls import open_recall
from cartable.repairs.commands.refusals import RepairRefused
from cartable.repairs.commands.workshop import decide_quote, dispose
from cartable.repairs.forms import DecisionForm, RecallForm, RepairerForm, TermsForm
from cartable.repairs.queries.gesture import repairers, terms_of
from cartable.repairs.queries.recalls import preview, recall_choices, recalls
from cartable.repairs.queries.tickets import quotes, unrepairable
from cartable.repairs.views.audience import REGION
from cartable.repairs.words import refusal_in_words


@open_to(*REGION)
def decisions(request: CartableRequest) -> HttpResponse:
    """Show the quotes that wait, and the PCs that the repairers give up."""
    values = {"quotes": quotes(only_waiting=True), "unrepairable": unrepairable()}
    return render(request, "repairs/decisions.html", values)


@open_to(*REGION)
@require_POST
def decide(request: CartableRequest, quote_id: UUID) -> HttpResponse:
    """Accept or refuse a quote."""
    quote, form = quote_for(quote_id), DecisionForm(request.POST)
    if form.is_valid():
        is_accepted = form.cleaned_data["decision"] == "accept"
        try:
            decide_quote(
                quote_id=quote.pk, is_accepted=is_accepted, decided_at=timezone.now(),
                decided_by_id=request.signed_in.actor_id,
            )  # fmt: skip
        except RepairRefused as refusal:
            messages.error(request, refusal_in_words(refusal.code))
        else:
            messages.success(
                request, _("Devis accepté.") if is_accepted else _("Devis refusé : le PC revient tel quel.")
            )
    return redirect("repairs:decisions")


@open_to(*REGION)
@require_POST
def give_up(request: CartableRequest, ticket_id: UUID) -> HttpResponse:
    """Let a PC that cannot be repaired leave the fleet."""
    one = ticket_for(ticket_id)
    try:
        dispose(ticket_id=one.pk, disposed_at=timezone.now(), disposed_by_id=request.signed_in.actor_id)
    except RepairRefused as refusal:
        messages.error(request, refusal_in_words(refusal.code))
    else:
        messages.success(request, _("%(code)s est éliminé.") % {"code": one.device.asset_tag})
    return redirect("repairs:decisions")


@open_to(*REGION)
def contracts(request: CartableRequest) -> HttpResponse:
    """Show and write what was agreed with each repairer."""
    hired = repairers()
    if request.method == "POST":
        chosen, form = RepairerForm(request.POST, repairers=hired), TermsForm(request.POST)
        if chosen.is_valid() and form.is_valid():
            agree_terms(repairer_id=chosen.cleaned_data["repairer"], **form.cleaned_data)
            messages.success(request, _("Conditions enregistrées pour les réparations à venir."))
            return redirect("repairs:contracts")
    rows = []
    for pk, name in hired:
        terms = terms_of(pk)
        is_sent = request.method == "POST" and request.POST.get("repairer") == str(pk)
        initial = {"warranty_months": terms.warranty_months, "agreed_days": terms.agreed_days}
        rows.append((pk, name, TermsForm(request.POST if is_sent else None, initial=initial, auto_id=f"id_{pk}_%s")))
    return render(request, "repairs/contracts.html", {"rows": rows}, status=422 if request.method == "POST" else 200)


@open_to(*REGION)
def recall(request: CartableRequest) -> HttpResponse:
    """Choose a model or a lot, see whom it concerns, call it back."""
    hired, choices = repairers(), recall_choices()
    values = {"recalls": recalls(), "has_repairer": bool(hired), "no_repairer": refusal_in_words("no_repairer")}
    if request.method != "POST":
        form = RecallForm(initial={"act": uuid4()}, choices=choices)
        return render(request, "repairs/recall.html", {**values, "form": form, "chosen": RepairerForm(repairers=hired)})
    form, chosen = RecallForm(request.POST, choices=choices), RepairerForm(request.POST, repairers=hired)
    if not form.is_valid() or not chosen.is_valid():
        return render(request, "repairs/recall.html", {**values, "form": form, "chosen": chosen}, status=422)
    model_id, lot_id = form.named()
    region_id = request.signed_in.region_id
    if request.POST.get("do") != "open":
        seen = preview(region_id=region_id, model_id=model_id, lot_id=lot_id)
        shown = {**values, "form": form, "chosen": chosen, "preview": seen}
        return render(request, "repairs/recall.html", shown)
    count = open_recall(
        recall_id=form.cleaned_data["act"],
        region_id=region_id,
        repairer_id=chosen.cleaned_data["repairer"],
        model_id=model_id,
        lot_id=lot_id,
        reason=form.cleaned_data["reason"],
        opened_at=timezone.now(),
        opened_by_id=request.signed_in.actor_id,
    )
    said = ngettext("%(count)s dossier ouvert.", "%(count)s dossiers ouverts.", count) % {"count": count}
    messages.success(request, said)
    return redirect("repairs:recall")
