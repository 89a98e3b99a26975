"""Take the PCs of a class back: the state is said once, then each PC is one scan."""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cartable.accounts.access import CartableRequest, open_to
from cartable.emergency_stock.access import scanned_device
from cartable.fleet.models import Device
from cartable.fleet.models import Grade as GradeName
from cartable.fleet.queries.codes import hot_device
from cartable.fleet.rules import Grade
from cartable.organisations.models import School
from cartable.organisations.queries import SchoolFilter, list_schools
from cartable.returns.access import school_for
from cartable.returns.commands.check_ins import ReturnRefused, check_in
from cartable.returns.forms import SeriesForm, SeriesScanForm
from cartable.returns.models import ReturnReason as ReasonName
from cartable.returns.queries.classes import ClassState, classes_of, state_of_class
from cartable.returns.queries.desk import holder_of, kit_of
from cartable.returns.rules import ReturnReason
from cartable.returns.views.audience import DESK
from cartable.returns.words import refusal_words
from cartable.ui.camera import may_read_labels
from cartable.ui.paging import page_place


@open_to(*DESK)
def school_choice(request: CartableRequest) -> HttpResponse:
    """Choose a lycée; somebody of one lycée is there at once."""
    place = page_place(request)
    page = list_schools(SchoolFilter(), after=place.after, before=place.before)
    if page.count == 1:
        return redirect("returns:school-classes", page.rows[0].uai)
    return render(request, "returns/schools.html", {"page": page, "route": "returns:school-classes"})


@open_to(*DESK)
def classes(request: CartableRequest, uai: str) -> HttpResponse:
    """Show the classes of a lycée with what each still owes."""
    school = school_for(uai)
    lines = classes_of(school.pk, today=timezone.localdate())
    rows = [(line, f"{_address(school)}?{urlencode({'classe': line.division})}") for line in lines]
    return render(request, "returns/classes.html", {"school": school, "rows": rows})


def _address(school: School) -> str:
    return reverse("returns:series", args=[school.uai])


@open_to(*DESK)
@may_read_labels
def series(request: CartableRequest, uai: str) -> HttpResponse:
    """Ask once for the state, then take one PC after another; what was chosen stands in the address."""
    school = school_for(uai)
    if "classe" not in request.GET:
        return redirect("returns:school-classes", school.uai)
    division = request.GET["classe"]
    state = state_of_class(school.pk, division, today=timezone.localdate())
    if not (state.owing or state.returned or state.without):
        raise Http404
    chosen = SeriesForm(request.GET)
    if "etat" not in request.GET or not chosen.is_valid():
        asked = SeriesForm(
            initial={"etat": "B", "complet": True, "motif": ReasonName.END_OF_STUDIES, "classe": division}
        )
        return render(request, "returns/series.html", _values(school, state, choose=asked))
    if request.method == "POST":
        return _take_one(request, school, state, chosen.cleaned_data)
    form = SeriesScanForm(initial={"movement": uuid4()})
    return render(request, "returns/series.html", _values(school, state, form=form, said=chosen.cleaned_data))


def _values(school: School, state: ClassState, **shown: Any) -> dict[str, Any]:
    said = shown.get("said")
    had = len(state.owing) + len(state.returned)
    return {
        "school": school,
        "state": state,
        "had": had,
        "returned_count": len(state.returned),
        "chosen_words": _in_words(said) if said else "",
        "change_url": f"{_address(school)}?{urlencode({'classe': state.division})}",
        **shown,
    }


def _in_words(said: dict[str, Any]) -> str:
    grade = GradeName(said["etat"])
    kit = _("tout est rendu") if said["complet"] else _("rien d’autre que le PC n’est rendu")
    return f"{grade.value} · {grade.label}, {kit}, {ReasonName(said['motif']).label.lower()}"


def _take_one(request: CartableRequest, school: School, state: ClassState, said: dict[str, Any]) -> HttpResponse:
    form = SeriesScanForm(request.POST)
    if not form.is_valid():
        form.data = {**form.data.dict(), "movement": str(uuid4())}  # type: ignore[attr-defined]
        return render(request, "returns/series.html", _values(school, state, form=form, said=said), status=422)
    text = form.cleaned_data["pc"]
    device = scanned_device(text)
    refusal = _refusal(request, text, device, state)
    if refusal or device is None:
        return _refused(request, school, state, said, refusal, device)
    student = holder_of(device)
    if student is None:
        return _refused(request, school, state, said, "not_held", device)
    kit = kit_of(student.pk, today=timezone.localdate())
    try:
        check_in(
            movement_id=form.cleaned_data["movement"],
            student=student,
            device=device,
            grade=Grade(said["etat"]),
            kit_missing=() if said["complet"] else kit,
            damages=(),
            why=ReturnReason(said["motif"]),
            checked_in_at=timezone.now(),
            checked_in_by_id=request.signed_in.actor_id,
        )
    except ReturnRefused as stopped:
        return _refused(request, school, state, said, stopped.code, device)
    messages.success(
        request, _("%(code)s rendu par %(name)s.") % {"code": device.asset_tag, "name": student.display_name}
    )
    return redirect(request.get_full_path())


def _refusal(request: CartableRequest, text: str, device: Device | None, state: ClassState) -> str:
    """Say why a scan stops here: what is not of the class may be a mistake of the pile, the desk takes it."""
    if device is None:
        return "in_claim" if hot_device(text, region_id=request.signed_in.region_id) else "unknown_device"
    if device.custodian_kind == "student" and device.asset_tag not in {one.asset_tag for one in state.owing}:
        return "not_of_this_class"
    return ""


def _refused(
    request: CartableRequest, school: School, state: ClassState, said: dict[str, Any], code: str, device: Device | None
) -> HttpResponse:
    form = SeriesScanForm(initial={"movement": uuid4()})
    shown = {
        "form": form,
        "said": said,
        "refusal": refusal_words(code),
        "is_alarm": code == "in_claim",
        "elsewhere": device.asset_tag if device is not None and code == "not_of_this_class" else "",
    }
    return render(request, "returns/series.html", _values(school, state, **shown), status=422)
