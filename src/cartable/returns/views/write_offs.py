"""What leaves for good: slips by lycée, PCs under them one scan each, the paper that goes with them."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.emergency_stock.access import scanned_device
from cartable.fleet.queries.codes import hot_device
from cartable.returns.access import school_for, slip_for, write_off_for
from cartable.returns.commands.write_offs import WriteOffRefused, open_slip, undo_write_off, write_off
from cartable.returns.forms import SlipForm, UndoForm, WriteOffForm
from cartable.returns.models import DisposalSlip
from cartable.returns.models import Outlet as OutletName
from cartable.returns.printing import slip_pdf
from cartable.returns.queries.write_offs import reuse_ratio, slips_of, written_off_under
from cartable.returns.rules import Outlet, WipeMethod
from cartable.returns.views.answers import pdf
from cartable.returns.views.audience import BENCH, SEES_BENCH
from cartable.returns.words import refusal_words
from cartable.ui.figures import percent


@open_to(*SEES_BENCH)
def slips(request: CartableRequest, uai: str) -> HttpResponse:
    """Show the slips of a lycée and the share that went to reuse; open a new one."""
    school = school_for(uai)
    may_work = bool(set(BENCH) & request.signed_in.roles)
    form = SlipForm(request.POST or None, initial={"slip": uuid4(), "outlet": OutletName.REUSE})
    if request.method == "POST" and may_work and form.is_valid():
        said = form.cleaned_data
        slip = open_slip(
            slip_id=said["slip"],
            school=school,
            outlet=Outlet(said["outlet"]),
            receiver=said["receiver"],
            opened_at=timezone.now(),
            opened_by_id=request.signed_in.actor_id,
        )
        return redirect("returns:slip", slip.pk)
    ratio = reuse_ratio([school.pk], today=timezone.localdate())
    values = {
        "school": school,
        "form": form,
        "may_work": may_work,
        "lines": slips_of(school.pk),
        "ratio": ratio,
        "year": str(ratio.year),
        "share": "" if ratio.share is None else percent(ratio.share),
        "target": percent(ratio.target),
    }
    return render(request, "returns/slips.html", values, status=422 if form.errors else 200)


@open_to(*SEES_BENCH)
def slip(request: CartableRequest, slip_id: UUID) -> HttpResponse:
    """Show a slip, and take one PC after another under it."""
    found = slip_for(slip_id)
    may_work = bool(set(BENCH) & request.signed_in.roles)
    method = request.GET.get("methode", "")
    method = method if method in list(WipeMethod) else ""
    if request.method == "POST" and may_work:
        return _take_one(request, found)
    form = WriteOffForm(initial={"movement": uuid4(), "methode": method})
    return render(request, "returns/slip.html", {**_values(found, may_work=may_work), "form": form})


def _values(found: DisposalSlip, *, may_work: bool) -> dict[str, Any]:
    lines = written_off_under(found)
    return {"slip": found, "lines": lines, "count": len(lines), "may_work": may_work, "undo_id": uuid4()}


def _take_one(request: CartableRequest, found: DisposalSlip) -> HttpResponse:
    form = WriteOffForm(request.POST)
    if not form.is_valid():
        return render(request, "returns/slip.html", {**_values(found, may_work=True), "form": form}, status=422)
    said = form.cleaned_data
    device = scanned_device(said["pc"])
    code = ""
    if device is None:
        code = "in_claim" if hot_device(said["pc"], region_id=request.signed_in.region_id) else "unknown_device"
    else:
        try:
            done = write_off(
                movement_id=said["movement"],
                slip=found,
                device=device,
                wipe_method=WipeMethod(said["methode"]) if said["methode"] else None,
                written_off_at=timezone.now(),
                written_off_by_id=request.signed_in.actor_id,
            )
        except WriteOffRefused as refusal:
            code = refusal.code
        else:
            messages.success(request, _("%(code)s est sorti du parc.") % {"code": done.asset_tag})
    if code:
        again = WriteOffForm(initial={"movement": uuid4(), "methode": said["methode"]})
        shown = {"form": again, "refusal": refusal_words(code), "is_alarm": code == "in_claim"}
        return render(request, "returns/slip.html", {**_values(found, may_work=True), **shown}, status=422)
    return redirect(f"{request.path}?methode={said['methode']}")


@open_to(*BENCH)
@require_POST
def undo(request: CartableRequest, write_off_id: UUID) -> HttpResponse:
    """Bring a PC back onto the bench that was written off by mistake."""
    found = write_off_for(write_off_id)
    form = UndoForm(request.POST)
    if form.is_valid():
        try:
            undo_write_off(
                write_off=found,
                movement_id=form.cleaned_data["movement"],
                undone_at=timezone.now(),
                undone_by_id=request.signed_in.actor_id,
            )
        except WriteOffRefused as refusal:
            messages.error(request, refusal_words(refusal.code))
        else:
            messages.success(request, _("Sortie annulée : le PC est de nouveau à l’atelier."))
    return redirect("returns:slip", found.slip_id)


@open_to(*SEES_BENCH)
def paper(request: CartableRequest, slip_id: UUID) -> HttpResponse:
    """Print the slip that goes with the PCs."""
    found = slip_for(slip_id)
    return pdf(slip_pdf(found), f"bordereau-{str(found.pk)[:8]}")
