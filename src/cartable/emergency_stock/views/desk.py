"""Hand over a PC of the reserve at the lycée's desk: the student, the PC, the charter. Each step is an address.

The student may be named instead of scanned, and a name never stands in an address: the first step is posted.
"""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.emergency_stock.access import scanned_device
from cartable.emergency_stock.commands.allocations import ReserveRefused, allocate
from cartable.emergency_stock.forms import DeviceScanForm, HandOverForm, StudentScanForm
from cartable.emergency_stock.queries.gesture import GestureFacts, facts_of, student_facts, usual_grade
from cartable.emergency_stock.rules import Cause, device_obstacle, student_obstacle
from cartable.emergency_stock.views.audience import DESK
from cartable.emergency_stock.words import REFUSALS
from cartable.fleet.models import Device
from cartable.fleet.queries.codes import hot_device
from cartable.fleet.rules import Grade
from cartable.photos.taking import keep_with_movement
from cartable.rosters.models import Student
from cartable.rosters.queries.people import find_students, student_by_label

TEMPLATE = "emergency_stock/hand_over.html"


@open_to(*DESK)
def hand_over(request: CartableRequest) -> HttpResponse:
    """Ask for the student, then for the PC, then for the charter; the labels that were scanned stand in the address."""
    if request.method == "POST":
        return _who(request)
    if not request.GET.get("eleve", "").strip():
        return render(request, TEMPLATE, {"step": "student", "form": StudentScanForm()})
    form = StudentScanForm(request.GET)
    if not form.is_valid():
        return render(request, TEMPLATE, {"step": "student", "form": form}, status=422)
    student = _labelled(form)
    if student is None:
        form.add_error("eleve", REFUSALS["unknown_student"])
        return render(request, TEMPLATE, {"step": "student", "form": form}, status=422)
    return _for_student(request, student)


def _labelled(form: StudentScanForm) -> Student | None:
    return student_by_label("".join(form.cleaned_data["eleve"].split()).upper())


def _who(request: CartableRequest) -> HttpResponse:
    """Go on with the student whose label was scanned, or let people choose among those whose name holds the text."""
    form = StudentScanForm(request.POST)
    if not form.is_valid():
        return render(request, TEMPLATE, {"step": "student", "form": form}, status=422)
    if student := _labelled(form):
        return redirect(f"{reverse('emergency_stock:hand-over')}?eleve={student.label_code}")
    found = find_students(form.cleaned_data["eleve"], limit=12)
    if not found:
        form.add_error("eleve", REFUSALS["unknown_student"])
    values = {"step": "student", "form": form, "found": found}
    return render(request, TEMPLATE, values, status=200 if found else 422)


def _for_student(request: CartableRequest, student: Student) -> HttpResponse:
    today = timezone.localdate()
    who = student_facts(student, today=today)
    values: dict[str, Any] = {"step": "device", "student": student, "division": who.division, "form": DeviceScanForm()}
    if refusal := student_obstacle(who.taker(charter_received=True)):
        return render(request, TEMPLATE, {**values, "step": "stop", "refusal": REFUSALS[refusal]}, status=422)
    if not request.GET.get("pc", "").strip():
        return render(request, TEMPLATE, values)
    form = DeviceScanForm(request.GET)
    if not form.is_valid():
        return render(request, TEMPLATE, {**values, "form": form}, status=422)
    text = form.cleaned_data["pc"]
    device = scanned_device(text)
    if device is None:
        return _refused(request, {**values, "form": form}, _why_unknown(request, text))
    facts = facts_of(student=student, device=device, today=today)
    if found := device_obstacle(facts.offered):
        return _refused(request, {**values, "form": form}, str(found))
    return _ask_to_confirm(request, values, student, device, facts)


def _why_unknown(request: CartableRequest, text: str) -> str:
    # A PC that is stolen or lost belongs to no school any more, and everybody who scans it must learn it.
    return "in_claim" if hot_device(text, region_id=request.signed_in.region_id) else "unknown_device"


def _refused(request: CartableRequest, values: dict[str, Any], code: str) -> HttpResponse:
    values["form"].add_error("pc", REFUSALS[code])
    return render(request, TEMPLATE, {**values, "is_alarm": code == "in_claim"}, status=422)


def _ask_to_confirm(
    request: CartableRequest, values: dict[str, Any], student: Student, device: Device, facts: GestureFacts
) -> HttpResponse:
    if facts.rules is None:
        return render(request, TEMPLATE, {**values, "step": "stop", "refusal": REFUSALS["no_rules"]}, status=422)
    form = HandOverForm(
        initial={
            "movement": uuid4(),
            "eleve": student.label_code,
            "pc": device.asset_tag,
            "cause": facts.usual_cause,
            "charter_received": True,
            "grade": usual_grade(device.pk),
        }
    )
    shown = {
        "step": "confirm",
        "form": form,
        "device": device,
        "has_charter": facts.charter is not None,
        "charter_title": facts.rules.charter_title,
        "signer": facts.signer.label,
    }
    return render(request, TEMPLATE, {**values, **shown})


@open_to(*DESK)
@require_POST
def hand_over_do(request: CartableRequest) -> HttpResponse:
    """Take the charter and hand the PC over."""
    form = HandOverForm(request.POST, request.FILES)
    if not form.is_valid():
        return redirect("emergency_stock:hand-over")
    said = form.cleaned_data
    student, device = student_by_label(said["eleve"]), scanned_device(said["pc"])
    if student is None or device is None:
        messages.error(request, str(REFUSALS["unknown_student" if student is None else "unknown_device"]))
        return redirect("emergency_stock:hand-over")
    try:
        done = allocate(
            movement_id=said["movement"],
            student=student,
            device=device,
            cause=Cause(said["cause"]),
            charter_received=said["charter_received"],
            allocated_at=timezone.now(),
            allocated_by_id=request.signed_in.actor_id,
            grade=Grade(said["grade"]),
        )
    except ReserveRefused as refusal:
        messages.error(request, str(REFUSALS.get(refusal.code, refusal.code)))
    else:
        words = {"code": done.asset_tag, "name": student.display_name}
        messages.success(request, _("%(code)s remis à %(name)s.") % words)
        if not keep_with_movement(request, said["photos"], done.movement_id):
            return redirect("fleet:device", done.asset_tag)
    return redirect("emergency_stock:hand-over")
