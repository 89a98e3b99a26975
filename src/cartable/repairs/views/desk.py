"""A PC fails: scan it, "Réparer et prêter", scan the loaner. Each step works without script."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.emergency_stock.models import Loan
from cartable.fleet.models import Device
from cartable.fleet.queries.codes import hot_device
from cartable.fleet.rules import Grade
from cartable.photos.taking import keep_with_movement
from cartable.repairs.access import scanned_device
from cartable.repairs.commands.opening import open_repair
from cartable.repairs.commands.refusals import RepairRefused
from cartable.repairs.forms import DeviceScanForm, FailureForm, LoanerScanForm, RepairerForm
from cartable.repairs.queries.gesture import FailureFacts, failure_facts, repairers, terms_of
from cartable.repairs.rules import Symptom, is_under_warranty, warranty_ends_on
from cartable.repairs.views.audience import DESK
from cartable.repairs.words import refusal_in_words

TEMPLATE = "repairs/repair.html"


@open_to(*DESK)
def repair(request: CartableRequest) -> HttpResponse:
    """Ask for the failed PC; then show it, what ails it, and what the rules open."""
    if not request.GET.get("pc", "").strip():
        return render(request, TEMPLATE, {"step": "device", "form": DeviceScanForm()})
    form = DeviceScanForm(request.GET)
    if not form.is_valid():
        return render(request, TEMPLATE, {"step": "device", "form": form}, status=422)
    text = form.cleaned_data["pc"]
    device = scanned_device(text)
    if device is None:
        return _refused(request, form, _why_unknown(request, text))
    facts = failure_facts(device, today=timezone.localdate())
    if obstacle := facts.repair_obstacle:
        return _refused(request, form, obstacle)
    failure = FailureForm(initial={"act": uuid4(), "pc": device.asset_tag})
    return render(request, TEMPLATE, _choices(facts, failure))


def _why_unknown(request: CartableRequest, text: str) -> str:
    # A PC that is stolen or lost belongs to no lycée any more, and everybody who scans it must learn it.
    return "in_claim" if hot_device(text, region_id=request.signed_in.region_id) else "unknown_device"


def _refused(request: CartableRequest, form: DeviceScanForm, code: str) -> HttpResponse:
    form.add_error("pc", refusal_in_words(code))
    values = {"step": "device", "form": form, "is_alarm": code == "in_claim"}
    return render(request, TEMPLATE, values, status=422)


def _choices(facts: FailureFacts, form: FailureForm, repairer: RepairerForm | None = None) -> dict[str, Any]:
    """Return what the second step shows: the PC, its warranty, the symptoms, and both ways on."""
    hired = repairers()
    terms = terms_of(hired[0][0]) if hired else None
    ends_on = warranty_ends_on(facts.device.lot.received_on, terms.warranty_months) if terms else None
    obstacle = facts.loan_obstacle
    return {
        "step": "failure",
        "facts": facts,
        "form": form,
        "repairer_form": repairer or RepairerForm(repairers=hired),
        "has_repairer": bool(hired),
        "no_repairer": refusal_in_words("no_repairer"),
        "warranty_ends_on": ends_on,
        "is_covered": ends_on is not None and is_under_warranty(timezone.localdate(), ends_on),
        "no_loan": refusal_in_words(obstacle) if obstacle else "",
        "opens": facts.opens,
    }


@open_to(*DESK)
@require_POST
def repair_do(request: CartableRequest) -> HttpResponse:
    """Open the repair at once, or ask for the loaner first; the loaner's scan does it all."""
    form, chosen = FailureForm(request.POST), RepairerForm(request.POST, repairers=repairers())
    device = scanned_device(request.POST.get("pc", "")[:40])
    if device is None:
        return redirect("repairs:repair")
    facts = failure_facts(device, today=timezone.localdate())
    if not form.is_valid() or not chosen.is_valid():
        return render(request, TEMPLATE, _choices(facts, form, chosen), status=422)
    if request.POST.get("how") != "lend":
        return _open(request, form, chosen, device, loaner=None)
    values = {"step": "loaner", "facts": facts, "form": form, "repairer_form": chosen, "said": form.cleaned_data}
    if "loaner" not in request.POST:
        if obstacle := facts.loan_obstacle:
            messages.error(request, refusal_in_words(obstacle))
            return render(request, TEMPLATE, _choices(facts, form, chosen), status=422)
        return render(request, TEMPLATE, {**values, "loaner_form": LoanerScanForm()})
    scan = LoanerScanForm(request.POST, request.FILES)
    if not scan.is_valid():
        return render(request, TEMPLATE, {**values, "loaner_form": scan}, status=422)
    text = scan.cleaned_data["loaner"]
    loaner = scanned_device(text)
    if loaner is None:
        code = _why_unknown(request, text)
        scan.add_error("loaner", refusal_in_words(code))
        return render(request, TEMPLATE, {**values, "loaner_form": scan, "is_alarm": code == "in_claim"}, status=422)
    return _open(request, form, chosen, device, loaner=loaner, scan=scan, values=values)


def _open(
    request: CartableRequest,
    form: FailureForm,
    chosen: RepairerForm,
    device: Device,
    *,
    loaner: Device | None,
    scan: LoanerScanForm | None = None,
    values: dict[str, Any] | None = None,
) -> HttpResponse:
    said = form.cleaned_data
    try:
        ticket = open_repair(
            act_id=said["act"],
            device=device,
            repairer_id=chosen.cleaned_data["repairer"],
            symptoms=[Symptom(symptom) for symptom in said["symptoms"]],
            note=said["note"],
            loaner=loaner,
            opened_at=timezone.now(),
            opened_by_id=request.signed_in.actor_id,
            loaner_grade=Grade(grade) if (grade := scan.cleaned_data["grade"] if scan else "") else None,
        )
    except RepairRefused as refusal:
        if scan is not None:
            scan.add_error("loaner", refusal_in_words(refusal.code))
            return render(request, TEMPLATE, {**(values or {}), "loaner_form": scan}, status=422)
        messages.error(request, refusal_in_words(refusal.code))
        return redirect("repairs:repair")
    if loaner is None:
        messages.success(request, _("%(code)s repris : réparation ouverte.") % {"code": device.asset_tag})
    else:
        words = {"code": device.asset_tag, "loaner": loaner.asset_tag}
        messages.success(request, _("%(code)s repris, %(loaner)s prêté : réparation ouverte.") % words)
        lent = Loan.objects.filter(loaner=loaner, ended_at=None).first()
        sent = scan.cleaned_data["photos"] if scan is not None else None
        if sent and lent and not keep_with_movement(request, sent, lent.pk):
            return redirect("fleet:device", loaner.asset_tag)
    return redirect("repairs:ticket", ticket.pk)
