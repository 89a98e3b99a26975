"""The hot list: what raises the alarm, what to do, and the gesture of whoever finds one."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.fleet.models import CUSTODIAN_KIND_NAMES
from cartable.fleet.queries.codes import hot_device
from cartable.fleet.rules import CustodianKind
from cartable.incidents.commands.finds import find_again
from cartable.incidents.commands.refusal import IncidentRefused
from cartable.incidents.forms import FindForm, HotScanForm
from cartable.incidents.queries.hot import KINDS, hot_list, hot_pc
from cartable.incidents.views.audience import ALARMED
from cartable.incidents.words import ALARM, REFUSALS, WHAT_TO_DO
from cartable.ui.paging import page_place

TEMPLATE = "incidents/hot.html"


@open_to(*ALARMED)
def hot_page(request: CartableRequest) -> HttpResponse:
    """Show the PCs declared stolen or lost; a scan of one of them, of any lycée, says what to do."""
    signed_in, place = request.signed_in, page_place(request)
    asked = request.GET.get("etat", "")
    kind = CustodianKind(asked) if asked in set(KINDS) else None
    values: dict[str, Any] = {
        "form": HotScanForm(),
        "page": hot_list(
            region_id=signed_in.region_id, school_ids=signed_in.school_ids, kind=kind, after=place.after,
            before=place.before,
        ),
        "kind": kind,
        "kinds": [(one, CUSTODIAN_KIND_NAMES[one]) for one in KINDS],
        "what_to_do": WHAT_TO_DO,
    }  # fmt: skip
    if not request.GET.get("code", "").strip():
        return render(request, TEMPLATE, values)
    return _scanned(request, values)


def _scanned(request: CartableRequest, values: dict[str, Any]) -> HttpResponse:
    form = HotScanForm(request.GET)
    region_id = request.signed_in.region_id
    tag = hot_device(form.cleaned_data["code"], region_id=region_id) if form.is_valid() else None
    if form.is_valid() and tag is None:
        form.add_error("code", REFUSALS["not_hot"])
    if tag is None:
        return render(request, TEMPLATE, {**values, "form": form}, status=422)
    find_form = FindForm(initial={"movement": uuid4(), "pc": tag})
    shown = {"alarm": ALARM, "hot": hot_pc(tag, region_id=region_id), "find_form": find_form}
    return render(request, TEMPLATE, {**values, **shown})


@open_to(*ALARMED)
@require_POST
def find_do(request: CartableRequest) -> HttpResponse:
    """Take a PC that turned up onto the bench: of the head's own lycée, or of the one that declared it."""
    form = FindForm(request.POST)
    if form.is_valid():
        own = request.signed_in.school_ids
        try:
            found = find_again(
                movement_id=form.cleaned_data["movement"],
                asset_tag=form.cleaned_data["pc"],
                region_id=request.signed_in.region_id,
                bench_of_school_id=own[0] if own else None,
                found_at=timezone.now(),
                found_by_id=request.signed_in.actor_id,
            )
        except IncidentRefused as refusal:
            messages.error(request, str(REFUSALS.get(refusal.code, refusal.code)))
        else:
            messages.success(request, _("%(code)s retrouvé : il est à l’atelier.") % {"code": found.asset_tag})
    return redirect("incidents:hot")
