"""The gestures on an incident: take the complaint, go through the door that is open, close, withdraw."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.fleet.models import Device
from cartable.fleet.queries.codes import hot_device
from cartable.fleet.rules import Grade
from cartable.incidents.access import incident_for, scanned_device
from cartable.incidents.commands.closing import close_with_nothing
from cartable.incidents.commands.complaints import Complaint, accept_complaint
from cartable.incidents.commands.declarations import withdraw
from cartable.incidents.commands.doors import Purchase, lend_meanwhile, record_rebuy, replace
from cartable.incidents.commands.refusal import IncidentRefused
from cartable.incidents.forms import ComplaintForm, MovementForm, RebuyForm, ReservePCForm
from cartable.incidents.models import Incident
from cartable.incidents.views.audience import DECLARES, HEAD, SETTLES
from cartable.incidents.views.incidents import TEMPLATE, page_of
from cartable.incidents.words import REFUSALS
from cartable.photos.taking import keep_with_movement


@open_to(*SETTLES)
@require_POST
def complaint_take(request: CartableRequest, incident_id: UUID) -> HttpResponse:
    """Take the receipt of the complaint."""
    found, form = incident_for(incident_id), ComplaintForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, TEMPLATE, page_of(request, found, complaint_form=form), status=422)
    said = form.cleaned_data
    return _done(
        request,
        found,
        lambda: accept_complaint(
            incident_id=found.pk,
            movement_id=said["movement"],
            complaint=Complaint(said["number"], said["lodged_on"], said["office"], said["receipt"]),
            accepted_at=timezone.now(),
            accepted_by_id=request.signed_in.actor_id,
        ),
        _("Plainte reçue. Le vol est établi."),
    )


@open_to(*SETTLES)
@require_POST
def replace_do(request: CartableRequest, incident_id: UUID) -> HttpResponse:
    """Hand a PC of the reserve over for keeps."""
    found, form = incident_for(incident_id), ReservePCForm(request.POST, request.FILES)
    device = _reserve_pc(request, form)
    if device is None:
        return render(request, TEMPLATE, page_of(request, found, reserve_form=form), status=422)
    said = form.cleaned_data
    return _done(
        request,
        found,
        lambda: replace(
            incident_id=found.pk,
            movement_id=said["movement"],
            device=device,
            charter_received=said["charter_received"],
            replaced_at=timezone.now(),
            replaced_by_id=request.signed_in.actor_id,
            grade=_grade(form),
        ),
        _("%(code)s remis. L’incident est clos.") % {"code": device.asset_tag},
        (form, device),
    )


@open_to(*HEAD)
@require_POST
def lend_do(request: CartableRequest, incident_id: UUID) -> HttpResponse:
    """Lend a PC of the reserve: the head agrees by doing so."""
    found, form = incident_for(incident_id), ReservePCForm(request.POST, request.FILES)
    device = _reserve_pc(request, form)
    if device is None:
        return render(request, TEMPLATE, page_of(request, found, reserve_form=form), status=422)
    return _done(
        request,
        found,
        lambda: lend_meanwhile(
            incident_id=found.pk,
            movement_id=form.cleaned_data["movement"],
            loaner=device,
            lent_at=timezone.now(),
            lent_by_id=request.signed_in.actor_id,
            grade=_grade(form),
        ),
        _("%(code)s prêté.") % {"code": device.asset_tag},
        (form, device),
    )


def _grade(form: ReservePCForm) -> Grade | None:
    said = form.cleaned_data["grade"]
    return Grade(said) if said else None


def _reserve_pc(request: CartableRequest, form: ReservePCForm) -> Device | None:
    """Return the PC that was scanned; what is hot, or none of the lycée's, is said on the form."""
    if not form.is_valid():
        return None
    text = form.cleaned_data["pc"]
    if device := scanned_device(text):
        return device
    is_hot = hot_device(text, region_id=request.signed_in.region_id)
    form.add_error("pc", REFUSALS["in_claim" if is_hot else "unknown_device"])
    return None


@open_to(*SETTLES)
@require_POST
def rebuy_do(request: CartableRequest, incident_id: UUID) -> HttpResponse:
    """Note that the family bought the same PC again."""
    found, form = incident_for(incident_id), RebuyForm(request.POST)
    if not form.is_valid():
        return render(request, TEMPLATE, page_of(request, found, rebuy_form=form), status=422)
    said = form.cleaned_data
    return _done(
        request,
        found,
        lambda: record_rebuy(
            incident_id=found.pk,
            movement_id=said["movement"],
            purchase=Purchase(said["serial_number"], said["bought_on"], said["asset_tag"]),
            recorded_at=timezone.now(),
            recorded_by_id=request.signed_in.actor_id,
        ),
        _("Achat noté. L’incident est clos."),
    )


@open_to(*SETTLES)
@require_POST
def close_do(request: CartableRequest, incident_id: UUID) -> HttpResponse:
    """Close an incident from which nothing more comes."""
    found = incident_for(incident_id)
    return _done(
        request,
        found,
        lambda: close_with_nothing(
            incident_id=found.pk, closed_at=timezone.now(), closed_by_id=request.signed_in.actor_id
        ),
        _("Incident clos."),
    )


@open_to(*DECLARES)
@require_POST
def withdraw_do(request: CartableRequest, incident_id: UUID) -> HttpResponse:
    """Take a declaration back that was a mistake."""
    found, form = incident_for(incident_id), MovementForm(request.POST)
    if not form.is_valid():
        return redirect("incidents:incident", found.pk)
    return _done(
        request,
        found,
        lambda: withdraw(
            incident_id=found.pk,
            movement_id=form.cleaned_data["movement"],
            withdrawn_at=timezone.now(),
            withdrawn_by_id=request.signed_in.actor_id,
        ),
        _("Déclaration retirée : le PC est de nouveau où il était."),
    )


def _done(
    request: CartableRequest,
    found: Incident,
    act: Callable[[], object],
    words: str,
    handed: tuple[ReservePCForm, Device] | None = None,
) -> HttpResponse:
    """Do it and go back to the incident, with what was done or why it was not.

    ``handed`` is the PC that left the reserve and its form: a photo that is not kept can be added on the PC's page.
    """
    try:
        act()
    except IncidentRefused as refusal:
        messages.error(request, str(REFUSALS.get(refusal.code, refusal.code)))
    else:
        messages.success(request, words)
        if handed is not None:
            form, device = handed
            if not keep_with_movement(request, form.cleaned_data["photos"], form.cleaned_data["movement"]):
                return redirect("fleet:device", device.asset_tag)
    return redirect("incidents:incident", found.pk)
