"""PCs that go from the depot to a school: chosen, looked at, confirmed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.organisations.access import school_of
from cartable.organisations.queries import open_school_choices
from cartable.supply import commands
from cartable.supply.access import allotment_of
from cartable.supply.forms import AllotmentForm, ConfirmationForm
from cartable.supply.queries import depot
from cartable.supply.words import REFUSALS, choice_in_words


@open_to(Role.REGION_MANAGER)
def allotment_list(request: CartableRequest) -> HttpResponse:
    """Show what went where, the latest first."""
    values = {"rows": depot.list_allotments(), "depot_count": depot.depot_count(request.signed_in.region_id)}
    return render(request, "supply/allotment_list.html", values)


@open_to(Role.REGION_MANAGER)
def allotment_new(request: CartableRequest) -> HttpResponse:
    """Ask which PCs go to which school."""
    form = _form(request, initial={"lycee": request.GET.get("lycee", "")})
    return _asked(request, form)


@open_to(Role.REGION_MANAGER)
@require_POST
def allotment_check(request: CartableRequest) -> HttpResponse:
    """Show what the choice means, before it is confirmed. Writes nothing."""
    form = _form(request, data=request.POST)
    if not form.is_valid():
        return _asked(request, form, status=422)
    stock = depot.chosen_stock(form.choice, region_id=request.signed_in.region_id)
    if not stock.count or (form.choice.count and stock.count < form.choice.count):
        form.add_error(None, str(REFUSALS["not_enough_devices" if form.choice.count else "nothing_chosen"]))
        return _asked(request, form, status=422)
    values = {
        "form": form,
        "school": school_of(form.cleaned_data["lycee"]),
        "stock": stock,
        "choice": choice_in_words(form.choice.reference),
        "hidden": [(name, value) for name, values in request.POST.lists() for value in values if name in form.fields],
        "confirmation": ConfirmationForm(initial={"expected_count": stock.count}),
    }
    return render(request, "supply/allotment_check.html", values)


@open_to(Role.REGION_MANAGER)
@require_POST
def allotment_make(request: CartableRequest) -> HttpResponse:
    """Move the PCs that were looked at."""
    # Sent twice: its PCs have left the depot, so the form would no longer know them.
    made = depot.made_allotment(request.POST.get("id", ""))
    if made is not None:
        return redirect("supply:allotment", made)
    form, confirmation = _form(request, data=request.POST), ConfirmationForm(request.POST)
    if not (form.is_valid() and confirmation.is_valid()):
        return _asked(request, form, status=422)
    try:
        done = commands.allot_devices(
            allotment_id=form.cleaned_data["id"],
            region_id=request.signed_in.region_id,
            school_id=school_of(form.cleaned_data["lycee"]).pk,
            choice=form.choice,
            acting_actor_id=request.signed_in.actor_id,
            happened_at=timezone.now(),
            expected_count=confirmation.cleaned_data["expected_count"],
        )
    except commands.AllotmentRefusal as refusal:
        messages.error(request, str(REFUSALS[refusal.code]))
        return redirect("supply:allotment-new")
    return redirect("supply:allotment", done.allotment_id)


@open_to(Role.REGION_MANAGER)
def allotment(request: CartableRequest, pk: UUID) -> HttpResponse:
    """Confirm what went where."""
    found = allotment_of(pk)
    values = {"row": depot.allotment_row(found), "depot_count": depot.depot_count(request.signed_in.region_id)}
    return render(request, "supply/allotment.html", values)


def _form(request: CartableRequest, **more: Any) -> AllotmentForm:
    pallets = depot.depot_pallets(request.signed_in.region_id)
    return AllotmentForm(
        **more,
        schools=open_school_choices(),
        pallets=[(row.pallet, row.pallet) for row in pallets],
        region_id=request.signed_in.region_id,
    )


def _asked(request: CartableRequest, form: AllotmentForm, *, status: int = 200) -> HttpResponse:
    region_id = request.signed_in.region_id
    chosen = set(form.data.getlist("palettes")) if isinstance(form.data, QueryDict) else set()
    values = {
        "form": form,
        "pallets": [(row, row.pallet in chosen) for row in depot.depot_pallets(region_id)],
        "depot_count": depot.depot_count(region_id),
    }
    return render(request, "supply/allotment_new.html", values, status=status)
