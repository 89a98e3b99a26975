"""Plan and prepare a day."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.distribution.access import day_for, passage_for
from cartable.distribution.commands import closing, days
from cartable.distribution.forms import LabelSheetForm, OverrideForm, PlanDayForm, WalkUpForm
from cartable.distribution.models import DayState, DistributionDay
from cartable.distribution.queries.closing import contested_tags, leftover_tags
from cartable.distribution.queries.control_room import classes_of, passages_of
from cartable.distribution.queries.court import open_disputes_by_student
from cartable.distribution.queries.days import counted_at, days_in_scope
from cartable.kernel.names import folded
from cartable.rosters.commands.enrolment import add_walk_up

SOUGHT_NAME = "day_sought_name"
STAFF = (Role.REGION_MANAGER, Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE, Role.DISTRIBUTION_LEADER)
SITE = (Role.HEAD_OF_SCHOOL, Role.DISTRIBUTION_LEADER)
REFUSAL_TEXTS = {
    "day_not_planned": gettext_lazy("La liste de cette journée est déjà figée."),
    "day_not_frozen": gettext_lazy("Figez d’abord la liste, puis ouvrez la journée."),
    "nobody_enrolled": gettext_lazy("Ce lycée n’a aucun élève dans sa liste. Chargez d’abord la liste SIECLE."),
    "no_rules_published": gettext_lazy("Cette campagne n’a pas encore de règles publiées. La région les publie."),
    "override_not_allowed": gettext_lazy("Les règles de la campagne n’autorisent personne à passer sans charte."),
    "nothing_to_take_back": gettext_lazy("Aucune remise à annuler pour cet élève."),
}


@open_to(*STAFF)
def day_list(request: CartableRequest) -> HttpResponse:
    """List the days of the region or of the school."""
    signed_in = request.signed_in
    lines = days_in_scope(region_id=signed_in.region_id, school_ids=signed_in.school_ids, now=timezone.now())
    states = dict(DayState.choices)
    values = {"days": [(line, states[line.state]) for line in lines], "read_at": counted_at(lines)}
    return render(request, "distribution/day_list.html", values)


@open_to(Role.REGION_MANAGER)
def day_plan(request: HttpRequest) -> HttpResponse:
    """Plan the day of a lycée."""
    form = PlanDayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                day = days.plan_day(**form.cleaned_data)
        except IntegrityError:
            form.add_error("held_on", _("Ce lycée a déjà une journée à cette date."))
        except days.SchoolHasClosed:
            form.add_error("school", _("Ce lycée est fermé. Choisissez-en un autre."))
        else:
            messages.success(request, _("Journée prévue."))
            return redirect("distribution:day", day.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "distribution/day_plan.html", {"form": form}, status=status)


@open_to(*STAFF)
def day_page(request: HttpRequest, day_id: int) -> HttpResponse:
    """Show a day: what is ready, what is to be done next, what to print."""
    return render(request, "distribution/day.html", _day_context(day_for(day_id)))


def _day_context(day: DistributionDay, **more: Any) -> dict[str, Any]:
    classes = classes_of(day)
    devices = len(leftover_tags(day))
    expected = sum(line.expected for line in classes)
    equipped = sum(line.equipped for line in classes)
    return {
        "day": day,
        "state": DayState(day.state).label,
        "classes": classes,
        "expected": expected,
        "equipped": equipped,
        "device_count": devices,
        "contested": contested_tags(day),
        "missing_devices": max(0, expected - equipped - devices),
        "label_form": LabelSheetForm(divisions=[line.division for line in classes if line.expected]),
        "not_concerned": sum(line.not_expected for line in classes),
        "card_address": "/poste/",
        **more,
    }


def _take_step(request: HttpRequest, day_id: int, step: str) -> HttpResponse:
    day = day_for(day_id)
    try:
        if step == "freeze":
            count = days.freeze_list(day=day, now=timezone.now())
            text = ngettext("Liste figée : %(count)s élève attendu.", "Liste figée : %(count)s élèves attendus.", count)
            messages.success(request, text % {"count": count})
        elif step == "follow":
            count = days.follow_list(day=day)
            text = ngettext(
                "%(count)s changement repris de la liste.", "%(count)s changements repris de la liste.", count
            )
            messages.success(request, text % {"count": count})
        else:
            days.open_day(day=day, now=timezone.now())
            messages.success(request, _("Journée ouverte : les postes peuvent enregistrer."))
            return redirect("distribution:control-room", day.pk)
    except days.DayRefused as refusal:
        messages.error(request, REFUSAL_TEXTS.get(refusal.code, refusal.code))
    return redirect("distribution:day", day.pk)


@open_to(*STAFF)
@require_POST
def day_freeze(request: HttpRequest, day_id: int) -> HttpResponse:
    """Freeze the list."""
    return _take_step(request, day_id, "freeze")


@open_to(*STAFF)
@require_POST
def day_follow(request: HttpRequest, day_id: int) -> HttpResponse:
    """Take late changes of the list over."""
    return _take_step(request, day_id, "follow")


@open_to(*STAFF)
@require_POST
def day_open(request: HttpRequest, day_id: int) -> HttpResponse:
    """Open the day."""
    return _take_step(request, day_id, "open")


@open_to(*STAFF)
def student_list(request: HttpRequest, day_id: int) -> HttpResponse:
    """List the students of a day, by class, label or name.

    A name never stands in an address: it is posted and kept in the session; the address only says that one is sought.
    """
    day = day_for(day_id)
    address = request.POST if request.method == "POST" else request.GET
    division = address.get("classe", "")[:20]
    if request.method == "POST":
        name = request.POST.get("nom", "")[:60].strip()
        request.session[SOUGHT_NAME] = name
        place = reverse("distribution:student-list", args=[day.pk])
        asked = {"classe": division} if division else {}
        return redirect(f"{place}?{urlencode(asked | {'cherche': 1} if name else asked)}")
    name = request.session.get(SOUGHT_NAME, "") if "cherche" in request.GET else request.GET.get("code", "")[:11]
    contested = open_disputes_by_student(day.pk)
    lines = passages_of(day, division=division, name_folded=_search_key(name), limit=200)
    return render(
        request,
        "distribution/student_list.html",
        {
            "day": day,
            "students": [(line, contested.get(line.id)) for line in lines],
            "divisions": [line.division for line in classes_of(day) if line.division],
            "division": division,
            "name": name,
            "is_cut": len(lines) == 200,
            "can_act": day.state == DayState.OPEN,
        },
    )


def _search_key(name: str) -> str:
    code = "".join(name.split()).upper()
    return code if len(code) == 11 and code[0] == "E" and code[1:].isdigit() else folded(name)


@open_to(*SITE)
def walk_up(request: CartableRequest, day_id: int) -> HttpResponse:
    """Add a student who stands there and is on no list."""
    day = day_for(day_id)
    levels = list(day.rules.eligible_levels) if day.rules else []
    form = WalkUpForm(request.POST or None, levels=levels)
    if request.method == "POST" and form.is_valid() and day.state in {DayState.FROZEN, DayState.OPEN}:
        student = add_walk_up(
            region_id=day.campaign.region_id,
            school_id=day.school_id,
            first_year=day.campaign.first_year,
            entered_at=timezone.now(),
            recorded_by_id=request.signed_in.actor_id,
            **form.cleaned_data,
        )
        days.follow_list(day=day)
        messages.success(request, _("Élève ajouté. Imprimez son étiquette."))
        return redirect("distribution:walk-up-added", day.pk, student.label_code)
    return render(
        request,
        "distribution/walk_up.html",
        {"day": day, "form": form, "divisions": [line.division for line in classes_of(day) if line.expected]},
        status=422 if request.method == "POST" else 200,
    )


@open_to(*SITE)
def walk_up_added(request: HttpRequest, day_id: int, label_code: str) -> HttpResponse:
    """Confirm that a student was added: the code, and what to print."""
    day = day_for(day_id)
    lines = passages_of(day, name_folded=label_code, limit=1)
    return render(request, "distribution/walk_up_added.html", {"day": day, "line": lines[0] if lines else None})


@open_to(*SITE)
def override(request: CartableRequest, day_id: int, passage_id: int) -> HttpResponse:
    """Let a student pass without charter, with a reason."""
    day = day_for(day_id)
    passage = passage_for(day, passage_id)
    form = OverrideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            days.let_pass_without_charter(
                passage=passage, reason=form.cleaned_data["reason"], allowed_by_id=request.signed_in.actor_id
            )
        except days.OverrideNotAllowed as refusal:
            messages.error(request, REFUSAL_TEXTS[refusal.code])
        else:
            messages.success(request, _("Passage autorisé. L’élève peut aller à l’atelier B."))
        return redirect("distribution:control-room", day.pk)
    return render(
        request,
        "distribution/override.html",
        {"day": day, "form": form, "student_name": passage.student.display_name, "division": passage.division},
        status=422 if request.method == "POST" else 200,
    )


@open_to(*SITE)
@require_POST
def take_back(request: CartableRequest, day_id: int, passage_id: int) -> HttpResponse:
    """Undo the hand-over of a student."""
    day = day_for(day_id)
    passage = passage_for(day, passage_id)
    try:
        closing.take_pair_back(passage=passage, taken_back_by_id=request.signed_in.actor_id, now=timezone.now())
        messages.success(request, _("Remise annulée : le PC est de nouveau dans le lot du jour."))
    except closing.NothingToTakeBack as refusal:
        messages.error(request, REFUSAL_TEXTS[refusal.code])
    return redirect("distribution:student-list", day.pk)
