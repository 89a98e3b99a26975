"""Ask the depot for PCs of a reserve; grant one request, grant a whole list, or refuse and say why."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.emergency_stock.access import school_for, top_up_for
from cartable.emergency_stock.commands.allocations import ReserveRefused
from cartable.emergency_stock.commands.top_ups import Grant, ask_for_top_up, grant_top_ups, refuse_top_up
from cartable.emergency_stock.forms import AskForm, GrantForm, RefuseForm
from cartable.emergency_stock.queries.top_ups import top_up_to_decide, top_ups_to_decide
from cartable.emergency_stock.views.audience import DECIDES, DESK
from cartable.emergency_stock.words import REFUSALS, TOP_UP_STATES
from cartable.supply.queries.depot import depot_count


@open_to(*DESK)
@require_POST
def ask(request: CartableRequest, uai: str) -> HttpResponse:
    """Ask for PCs of a reserve."""
    school, form = school_for(uai), AskForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(REFUSALS["count_unlikely"]))
        return redirect("emergency_stock:reserve", uai)
    try:
        ask_for_top_up(
            top_up_id=form.cleaned_data["id"],
            school=school,
            count=form.cleaned_data["count"],
            asked_at=timezone.now(),
            asked_by_id=request.signed_in.actor_id,
        )
    except ReserveRefused as refusal:
        messages.error(request, _words(refusal))
    else:
        messages.success(request, _("Demande envoyée à la région."))
    return redirect("emergency_stock:reserve", uai)


@open_to(*DECIDES)
def top_up_list(request: CartableRequest) -> HttpResponse:
    """Show the requests that wait, beside the level of each reserve and what the depot has."""
    waiting = top_ups_to_decide(today=timezone.localdate())
    values = {
        "waiting": waiting,
        "asked": sum(one.row.asked_count for one in waiting),
        "depot_count": depot_count(request.signed_in.region_id),
    }
    return render(request, "emergency_stock/top_ups.html", values)


@open_to(*DECIDES)
def grant_all(request: CartableRequest) -> HttpResponse:
    """Show what granting the whole list means; then grant the requests that were shown, all or nothing."""
    waiting = top_ups_to_decide(today=timezone.localdate())
    if request.method == "POST":
        shown = set(request.POST.getlist("demande"))
        chosen = [Grant(one.row.pk, one.row.asked_count) for one in waiting if str(one.row.pk) in shown]
        if chosen:
            _grant(request, chosen)
        return redirect("emergency_stock:top-ups")
    values = {
        "waiting": waiting,
        "asked": sum(one.row.asked_count for one in waiting),
        "depot_count": depot_count(request.signed_in.region_id),
    }
    return render(request, "emergency_stock/top_ups_grant.html", values)


@open_to(*DECIDES)
def top_up(request: CartableRequest, top_up_id: UUID) -> HttpResponse:
    """Show one request, to grant fewer PCs than it asks for, or to refuse it."""
    return _page(request, top_up_id, RefuseForm())


@open_to(*DECIDES)
@require_POST
def grant(request: CartableRequest, top_up_id: UUID) -> HttpResponse:
    """Grant one request."""
    found, form = top_up_for(top_up_id), GrantForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(REFUSALS["count_unlikely"]))
        return redirect("emergency_stock:top-up", top_up_id)
    _grant(request, [Grant(found.pk, form.cleaned_data["count"])])
    return redirect("emergency_stock:top-ups")


@open_to(*DECIDES)
@require_POST
def refuse(request: CartableRequest, top_up_id: UUID) -> HttpResponse:
    """Refuse one request and say why."""
    found, form = top_up_for(top_up_id), RefuseForm(request.POST)
    if not form.is_valid():
        return _page(request, top_up_id, form, status=422)
    try:
        refuse_top_up(
            top_up_id=found.pk,
            reason=form.cleaned_data["reason"],
            decided_at=timezone.now(),
            decided_by_id=request.signed_in.actor_id,
        )
    except ReserveRefused as refusal:
        messages.error(request, _words(refusal))
    else:
        messages.success(request, _("Demande refusée ; le lycée lit votre motif."))
    return redirect("emergency_stock:top-ups")


def _grant(request: CartableRequest, grants: list[Grant]) -> None:
    try:
        grant_top_ups(
            grants,
            region_id=request.signed_in.region_id,
            decided_at=timezone.now(),
            decided_by_id=request.signed_in.actor_id,
        )
    except ReserveRefused as refusal:
        messages.error(request, _words(refusal))
    else:
        count = len(grants)
        words = ngettext(
            "%(count)s demande accordée : ses PC sont en chemin.",
            "%(count)s demandes accordées : leurs PC sont en chemin.",
            count,
        )
        messages.success(request, words % {"count": count})


def _page(request: CartableRequest, top_up_id: UUID, form: RefuseForm, *, status: int = 200) -> HttpResponse:
    found = top_up_for(top_up_id)
    one = top_up_to_decide(found, today=timezone.localdate())
    values = {
        "one": one,
        "state": TOP_UP_STATES[one.row.state],
        "grant_form": GrantForm(initial={"count": one.row.asked_count}),
        "refuse_form": form,
        "depot_count": depot_count(request.signed_in.region_id),
    }
    return render(request, "emergency_stock/top_up.html", values, status=status)


def _words(refusal: ReserveRefused) -> str:
    return str(REFUSALS.get(refusal.code, refusal.code))
