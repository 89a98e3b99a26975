"""Take a PC back at the lycée's desk: a scan, a letter. The label that was scanned stands in the address.

The student may be named instead, and a name never stands in an address: the first step is posted.
"""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.emergency_stock.access import scanned_device
from cartable.fleet.models import Device
from cartable.fleet.queries.codes import hot_device
from cartable.fleet.rules import Grade
from cartable.photos.taking import keep_with_movement
from cartable.returns.access import check_in_for, school_for
from cartable.returns.commands.check_ins import ReturnRefused, check_in, undo_check_in
from cartable.returns.forms import ReturnForm, ReturnScanForm, UndoForm
from cartable.returns.models import ReturnReason
from cartable.returns.printing import quitus_pdf
from cartable.returns.queries.desk import (
    device_of_student,
    holder_of,
    kit_of,
    last_check_in_by,
    return_facts,
)
from cartable.returns.queries.waiting import leavers_of
from cartable.returns.rules import Damage, ReturnObstacle, return_obstacle
from cartable.returns.rules import ReturnReason as Why
from cartable.returns.views.answers import pdf
from cartable.returns.views.audience import DESK
from cartable.returns.words import REFUSALS, refusal_words
from cartable.rosters.models import Student
from cartable.rosters.queries.people import find_students, student_by_label
from cartable.ui.camera import may_read_labels

TEMPLATE = "returns/desk.html"


@open_to(*DESK)
@may_read_labels
def desk(request: CartableRequest) -> HttpResponse:
    """Ask for the PC or the student, then for the state."""
    values: dict[str, Any] = {"step": "scan", "form": ReturnScanForm(), "last": _last(request)}
    if request.method == "POST":
        return _who(request, values)
    if not request.GET.get("code", "").strip():
        return render(request, TEMPLATE, values)
    form = ReturnScanForm(request.GET)
    values["form"] = form
    if not form.is_valid():
        return render(request, TEMPLATE, values, status=422)
    text = form.cleaned_data["code"]
    asked_for = student_by_label(request.GET.get("eleve", "")[:11])
    device = scanned_device(text)
    if device is not None:
        holder = asked_for or holder_of(device)
        return _stop(request, values, ReturnObstacle.NOT_HELD) if holder is None else _ask(request, holder, device)
    if hot_device(text, region_id=request.signed_in.region_id):
        return _stop(request, values, ReturnObstacle.IN_CLAIM)
    student = _labelled(text)
    if student is None:
        form.add_error("code", REFUSALS["unknown_code"])
        return render(request, TEMPLATE, values, status=422)
    return _of_student(request, values, student)


def _labelled(text: str) -> Student | None:
    return student_by_label("".join(text.split()).upper())


def _who(request: CartableRequest, values: dict[str, Any]) -> HttpResponse:
    """Go on with what was scanned, or let people choose among the students whose name holds the text."""
    form = ReturnScanForm(request.POST)
    values["form"] = form
    if not form.is_valid():
        return render(request, TEMPLATE, values, status=422)
    text = form.cleaned_data["code"]
    device, student = scanned_device(text), _labelled(text)
    if device is None and student is None:
        if hot_device(text, region_id=request.signed_in.region_id):
            return _stop(request, values, ReturnObstacle.IN_CLAIM)
        return _who_is_it(request, values, text)
    asked = {"code": device.asset_tag if device else student.label_code if student else ""}
    if request.GET.get("motif") in ReturnReason.values:
        asked["motif"] = request.GET["motif"]
    return redirect(f"{reverse('returns:desk')}?{urlencode(asked)}")


def _last(request: CartableRequest) -> dict[str, Any] | None:
    last = last_check_in_by(request.signed_in.actor_id)
    if last is None:
        return None
    may_undo = last.undone_by_movement_id is None and last.ended_loan_id is None
    return {
        "id": last.pk,
        "tag": last.device.asset_tag,
        "name": last.student.display_name,
        "grade": f"{last.grade} · {last.get_grade_display()}",
        "is_undone": last.undone_by_movement_id is not None,
        "may_undo": may_undo,
        "undo_id": uuid4(),
    }


def _who_is_it(request: CartableRequest, values: dict[str, Any], text: str) -> HttpResponse:
    """Let people choose among the students whose name holds the text."""
    found = find_students(text, limit=12)
    if not found:
        values["form"].add_error("code", REFUSALS["unknown_code"])
    return render(request, TEMPLATE, {**values, "found": found}, status=200 if found else 422)


def _of_student(request: CartableRequest, values: dict[str, Any], student: Student) -> HttpResponse:
    device = device_of_student(student)
    if device is None:
        return render(
            request, TEMPLATE, {**values, "refusal": REFUSALS["holds_nothing"], "student": student}, status=422
        )
    return _ask(request, student, device, is_seen=False)


def _stop(request: CartableRequest, values: dict[str, Any], found: ReturnObstacle, **shown: Any) -> HttpResponse:
    is_alarm = found == ReturnObstacle.IN_CLAIM
    refused = {"refusal": REFUSALS[found], "is_alarm": is_alarm, **shown}
    return render(request, TEMPLATE, {**values, **refused, "form": ReturnScanForm()}, status=422)


def _ask(request: CartableRequest, student: Student, device: Device, *, is_seen: bool = True) -> HttpResponse:
    facts = return_facts(student=student, device=device, today=timezone.localdate())
    values: dict[str, Any] = {"step": "scan", "last": None, "student": student, "division": facts.division}
    if found := return_obstacle(facts.pc):
        holder = holder_of(device)
        shown = {"dispute_url": facts.dispute_url, "holder": holder, "device": device}
        return _stop(request, values, found, **shown)
    asked = request.GET.get("motif", "")
    form = ReturnForm(
        initial={
            "movement": uuid4(),
            "pc": device.asset_tag,
            "eleve": student.label_code,
            "kit": list(facts.kit),
            "why": asked if asked in ReturnReason.values else facts.usual_reason,
        },
        kit=facts.kit,
    )
    asking: dict[str, Any] = {
        "step": "grade",
        "form": form,
        "device": device,
        "loan": facts.loan,
        "handed_over": facts.handed_over,
        "scan_form": None if is_seen else ReturnScanForm(auto_id="verifier_%s").without_focus(),
    }
    return render(request, TEMPLATE, {**values, **asking})


@open_to(*DESK)
@require_POST
def take(request: CartableRequest) -> HttpResponse:
    """Take the PC back in the state that was chosen."""
    student = student_by_label(request.POST.get("eleve", "")[:11])
    device = scanned_device(request.POST.get("pc", "")[:40])
    if student is None or device is None:
        messages.error(request, refusal_words("unknown_device"))
        return redirect("returns:desk")
    form = ReturnForm(request.POST, request.FILES, kit=kit_of(student.pk, today=timezone.localdate()))
    if not form.is_valid():
        messages.error(request, _("Choisissez l’état du PC : A, B, C ou D."))
        return redirect(f"{reverse('returns:desk')}?code={device.asset_tag}")
    said = form.cleaned_data
    kit = [item for item, _name in form.fields["kit"].choices]  # type: ignore[attr-defined]
    try:
        done = check_in(
            movement_id=said["movement"],
            student=student,
            device=device,
            grade=Grade(said["grade"]),
            kit_missing=[item for item in kit if item not in said["kit"]],
            damages=[Damage(damage) for damage in said["damages"]],
            why=Why(said["why"]),
            checked_in_at=timezone.now(),
            checked_in_by_id=request.signed_in.actor_id,
        )
    except ReturnRefused as refusal:
        messages.error(request, refusal_words(refusal.code))
    else:
        words = {"code": done.asset_tag, "name": student.display_name}
        messages.success(request, _("%(code)s rendu par %(name)s.") % words)
        if not keep_with_movement(request, said["photos"], done.movement_id):
            return redirect("fleet:device", done.asset_tag)
    return redirect("returns:desk")


@open_to(*DESK)
@require_POST
def undo(request: CartableRequest, check_in_id: UUID) -> HttpResponse:
    """Take a return back that was a mistake."""
    found = check_in_for(check_in_id)
    form = UndoForm(request.POST)
    if form.is_valid():
        try:
            undo_check_in(
                check_in=found,
                movement_id=form.cleaned_data["movement"],
                undone_at=timezone.now(),
                undone_by_id=request.signed_in.actor_id,
            )
        except ReturnRefused as refusal:
            messages.error(request, refusal_words(refusal.code))
        else:
            messages.success(request, _("Restitution annulée : le PC est de nouveau chez son élève."))
    return redirect("returns:desk")


@open_to(*DESK)
def leavers(request: CartableRequest, uai: str) -> HttpResponse:
    """Show who has left a lycée and still holds a PC, each a click from the desk."""
    school = school_for(uai)
    rows = leavers_of(school.pk, today=timezone.localdate())
    return render(request, "returns/leavers.html", {"school": school, "leavers": rows})


@open_to(*DESK)
def quitus(request: CartableRequest, check_in_id: UUID) -> HttpResponse:
    """Print the receipt for the family; a return that was undone has none."""
    found = check_in_for(check_in_id)
    if found.undone_by_movement_id is not None:
        raise Http404
    return pdf(quitus_pdf(found), f"quitus-{found.device.asset_tag}")
