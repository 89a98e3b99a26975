"""A lycée closes into another one: what would move is looked at first, then confirmed; and a lycée gets another number."""

from datetime import date
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.desk.closing_words import REFUSALS, moves_in_words, obstacle_in_words, stock_in_words
from cartable.desk.commands.closings import ClosingRefused, close_lycee
from cartable.desk.commands.numbers import renumber
from cartable.desk.forms import NOBODY, ClosingChoiceForm, ClosingForm, NumberForm
from cartable.desk.models import SchoolClosing
from cartable.desk.queries.closings import closing_of, closing_plan, occupied_schools, uai_changes_of
from cartable.organisations.access import school_of
from cartable.organisations.commands import SchoolRefused
from cartable.organisations.models import School
from cartable.organisations.queries import open_school_choices, past_of, school_for_uai
from cartable.organisations.words import REFUSED_CHANGE

TAGS_SHOWN = 40


@open_to(Role.REGION_MANAGER)
def school_closing(request: CartableRequest, uai: str) -> HttpResponse:
    """Ask which lycée takes over, show what would move and what stands in the way, and do it when confirmed."""
    school = school_of(uai)
    if (done := closing_of(school)) is not None:
        return render(request, "desk/school_closed.html", _receipt(school, done))
    if school.closed_on is not None and not occupied_schools([school.pk]):
        messages.info(request, _("Ce lycée est fermé, et il n’y reste rien."))
        return redirect("desk:school", school.uai)
    today = timezone.localdate()
    choices: dict[str, Any] = {
        "schools": [one for one in open_school_choices() if one[0] != school.uai],
        "today": today,
    }
    if request.method == "POST":
        return _confirmed(request, school, ClosingForm(request.POST, **choices), choices)
    form = ClosingChoiceForm(request.GET if "vers" in request.GET else None, initial={"le": today}, **choices)
    if not form.is_bound or not form.is_valid():
        return _page(request, school, form, status=422 if form.is_bound else 200)
    return _preview(request, school, form, choices)


def _confirmed(request: CartableRequest, school: School, form: ClosingForm, choices: dict[str, Any]) -> HttpResponse:
    if not form.is_valid():
        messages.error(request, _("Choisissez de nouveau le lycée qui reprend et le jour."))
        return redirect("desk:school-closing", school.uai)
    said = form.cleaned_data
    successor = school_for_uai(said["vers"]) if said["vers"] != NOBODY else None
    try:
        close_lycee(
            closing_id=said["fermeture"],
            school=school,
            successor_id=successor.pk if successor else None,
            closed_on=_day(school, said["le"]),
            fingerprint=said["empreinte"],
            closed_at=timezone.now(),
            closed_by_id=request.signed_in.actor_id,
        )
    except ClosingRefused as refusal:
        messages.error(request, str(REFUSALS[refusal.code]))
        chosen = ClosingChoiceForm({"vers": said["vers"], "le": said["le"]}, **choices)
        return _preview(request, school, chosen, choices, status=422) if chosen.is_valid() else _again(school)
    return _again(school)


def _again(school: School) -> HttpResponse:
    return redirect("desk:school-closing", school.uai)


def _preview(
    request: CartableRequest, school: School, form: ClosingChoiceForm, choices: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    said = form.cleaned_data
    successor = school_for_uai(said["vers"]) if said["vers"] != NOBODY else None
    plan = closing_plan(school, successor, closed_on=_day(school, said["le"]))
    confirmation = ClosingForm(
        initial={"fermeture": uuid4(), "empreinte": plan.fingerprint, "vers": said["vers"], "le": said["le"]}, **choices
    )
    more = {
        "plan": plan,
        "moves": moves_in_words(plan.counts),
        "stock": stock_in_words(plan.loads),
        "obstacles": [obstacle_in_words(one) for one in plan.obstacles],
        "confirmation": confirmation,
        "tags_shown": TAGS_SHOWN,
    }
    return _page(request, school, form, status=status, **more)


def _page(
    request: CartableRequest, school: School, form: ClosingChoiceForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    return render(request, "desk/school_closing.html", {"school": school, "form": form, **more}, status=status)


def _day(school: School, said: date) -> date:
    """Return the day of the closing: what the directory said stays so."""
    return school.closed_on or said


def _receipt(school: School, done: SchoolClosing) -> dict[str, Any]:
    return {"school": school, "done": done, "moves": moves_in_words(done.counts)}


@open_to(Role.REGION_MANAGER)
def school_number(request: CartableRequest, uai: str) -> HttpResponse:
    """Give a lycée another number; the former ones are shown, and go on naming it."""
    school = school_of(uai)
    form = NumberForm(request.POST or None, initial={"changement": uuid4()})
    if request.method == "POST" and form.is_valid():
        try:
            change = renumber(
                change_id=form.cleaned_data["changement"],
                school=school,
                uai=form.cleaned_data["uai"],
                decided_at=timezone.now(),
                decided_by_id=request.signed_in.actor_id,
            )
        except SchoolRefused as refusal:
            form.add_error("uai", str(REFUSED_CHANGE[refusal.code]))
        else:
            words = {"before": change.before, "after": change.after}
            messages.success(request, _("Le lycée porte le numéro %(after)s. %(before)s mène encore à lui.") % words)
            return redirect("desk:school", change.after)
    values = {"school": school, "form": form, "past": past_of(school), "changes": uai_changes_of(school)}
    return render(request, "desk/school_number.html", values, status=422 if request.method == "POST" else 200)
