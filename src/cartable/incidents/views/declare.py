"""Declare what happened: the student or the PC, then theft, loss or breakage. Each step is an address.

The student may be named instead of scanned, and a name never stands in an address: the first step is posted.
"""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.fleet.models import Device
from cartable.fleet.queries.codes import hot_device
from cartable.incidents.access import Named, incident_for, named, scanned_device
from cartable.incidents.commands.declarations import declare
from cartable.incidents.commands.refusal import IncidentRefused
from cartable.incidents.forms import DeclareForm, ScanForm
from cartable.incidents.models import Incident, IncidentKind
from cartable.incidents.queries.subject import (
    Subject,
    incidents_of_student,
    open_incident_of_device,
    subject_of,
    theft_count,
)
from cartable.incidents.rules import IncidentKind as Kind
from cartable.incidents.rules import declaration_obstacle
from cartable.incidents.views.audience import DECLARES
from cartable.incidents.views.photos import keep_photos_of
from cartable.incidents.words import ALARM, OPENS, REFUSALS, WHAT_TO_DO

TEMPLATE = "incidents/declare.html"


@open_to(*DECLARES)
def declare_page(request: CartableRequest) -> HttpResponse:
    """Ask for the student or the PC, then for what happened; the label that was scanned stands in the address."""
    if request.method == "POST":
        return _who(request)
    if not request.GET.get("code", "").strip():
        return render(request, TEMPLATE, {"form": ScanForm()})
    form = ScanForm(request.GET)
    if not form.is_valid():
        return render(request, TEMPLATE, {"form": form}, status=422)
    text = form.cleaned_data["code"]
    found = named(text)
    if found.device is None and found.student is None:
        return _nobody(request, form, text)
    if known := _open_incident(found):
        return redirect("incidents:incident", known)
    if found.device is None:
        form.add_error("code", REFUSALS["no_device"])
        return render(request, TEMPLATE, {"form": form}, status=422)
    return _what_happened(request, found.device, was_scanned=found.student is None)


def _who(request: CartableRequest) -> HttpResponse:
    """Go on with what was scanned, or let people choose among the students whose name holds the text."""
    form = ScanForm(request.POST)
    if not form.is_valid():
        return render(request, TEMPLATE, {"form": form}, status=422)
    text = form.cleaned_data["code"]
    found = named(text)
    if found.candidates:
        return render(request, TEMPLATE, {"form": form, "found": found.candidates})
    # The student who was named, else the PC: what is asked next depends on which of the two was in hand.
    code = found.student.label_code if found.student else found.device.asset_tag if found.device else ""
    return redirect(f"{reverse('incidents:declare')}?code={code}") if code else _nobody(request, form, text)


def _nobody(request: CartableRequest, form: ScanForm, text: str) -> HttpResponse:
    # A PC that is stolen or lost belongs to no school any more, and everybody who scans it must learn it.
    if hot_device(text, region_id=request.signed_in.region_id):
        return render(request, TEMPLATE, {"form": form, "alarm": ALARM, "what_to_do": WHAT_TO_DO}, status=422)
    form.add_error("code", REFUSALS["unknown_code"])
    return render(request, TEMPLATE, {"form": form}, status=422)


def _open_incident(found: Named) -> UUID | None:
    if found.device is not None and (known := open_incident_of_device(found.device.pk)):
        return known.pk
    return incidents_of_student(found.student.pk).open_id if found.student is not None else None


def _what_happened(request: CartableRequest, device: Device, *, was_scanned: bool) -> HttpResponse:
    today = timezone.localdate()
    subject = subject_of(device.pk, today=today)
    assert subject is not None  # Found in scope a moment ago.
    if refusal := declaration_obstacle(subject.reported, happened_on=today, today=today):
        scan = ScanForm(request.GET)
        scan.is_valid()
        scan.add_error("code", REFUSALS[refusal])
        return render(request, TEMPLATE, {"form": scan}, status=422)
    form = DeclareForm(initial={"incident": uuid4(), "pc": device.asset_tag, "is_here": was_scanned})
    return render(request, TEMPLATE, {"step": "kind", "form": form, **_said(subject)})


def _said(subject: Subject) -> dict[str, Any]:
    """Return who and what is concerned, and what each kind opens under the rules of this student."""
    kinds = [(kind, IncidentKind(kind).label, OPENS[subject.opens(kind)]) for kind in Kind]
    thefts = theft_count(subject.student.pk) if subject.student else 0
    return {"subject": subject, "kinds": kinds, "rules": subject.rules, "thefts": thefts}


@open_to(*DECLARES)
@require_POST
def declare_do(request: CartableRequest) -> HttpResponse:
    """Declare it."""
    form = DeclareForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("Dites ce qui est arrivé et quand."))
        return redirect("incidents:declare")
    said = form.cleaned_data
    if Incident.objects.filter(pk=said["incident"]).exists():  # Sent twice.
        return redirect("incidents:incident", said["incident"])
    device = scanned_device(said["pc"])
    if device is None:
        messages.error(request, str(REFUSALS["unknown_device"]))
        return redirect("incidents:declare")
    try:
        done = declare(
            incident_id=said["incident"],
            device=device,
            kind=Kind(said["kind"]),
            happened_on=said["happened_on"],
            is_here=said["is_here"],
            declared_at=timezone.now(),
            declared_by_id=request.signed_in.actor_id,
        )
    except IncidentRefused as refusal:
        messages.error(request, str(REFUSALS.get(refusal.code, refusal.code)))
        return redirect("incidents:declare")
    keep_photos_of(request, incident_for(done.incident_id), said["photos"])
    return redirect("incidents:incident", done.incident_id)
