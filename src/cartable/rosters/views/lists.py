"""Upload a list, read the difference, apply it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.kernel.school_year import SchoolYear
from cartable.organisations.models import School
from cartable.rosters.access import import_for, school_for
from cartable.rosters.commands.files import apply_import, preview_content
from cartable.rosters.commands.imports import ImportRefused, abandon, is_stopped
from cartable.rosters.formats.recognition import FileRefused, sentence
from cartable.rosters.forms import RosterFileForm
from cartable.rosters.models import Outcome, RosterImport, RosterKind, RosterState
from cartable.rosters.queries.lists import ORDER, difference, imports_of, problems
from cartable.rosters.words import MATCHED_BY, REFUSALS, REVIEW

STAFF = (Role.REGION_MANAGER, Role.HEAD_OF_SCHOOL, Role.DISTRIBUTION_LEADER)


@open_to(*STAFF)
def roster_schools(request: HttpRequest) -> HttpResponse:
    """Choose the lycée whose list is loaded; whoever has one only goes straight to it."""
    schools = list(School.objects.order_by("name")[:400])
    if len(schools) == 1:
        return redirect("rosters:roster", schools[0].uai)
    return render(request, "rosters/schools.html", {"schools": schools})


@open_to(*STAFF)
def roster(request: CartableRequest, uai: str) -> HttpResponse:
    """Show the lists of a lycée, and take a new file."""
    school = school_for(uai)
    form = RosterFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            roster_import = _preview(request, school, form.cleaned_data["file"])
        except FileRefused as refusal:
            form.add_error("file", sentence(refusal, _))
        else:
            return redirect("rosters:import", roster_import.pk)
    context = {
        "school": school,
        "form": form,
        "imports": [(one, RosterKind(one.kind).label, RosterState(one.state).label) for one in imports_of(school.pk)],
    }
    return render(request, "rosters/roster.html", context, status=422 if request.method == "POST" else 200)


def _preview(request: CartableRequest, school: School, file: "UploadedFile[Any]") -> RosterImport:
    now = timezone.now()
    today = timezone.localdate()
    (roster_import, *_others) = preview_content(
        content=file.read(),
        first_year=SchoolYear.containing(today).first_year,
        read_by_id=request.signed_in.actor_id,
        now=now,
        today=today,
        school=school,
    )
    return roster_import


@open_to(*STAFF)
def import_page(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Show the difference of an import, outcome by outcome."""
    roster_import = import_for(import_id)
    counts = roster_import.counts
    shown = request.GET.get("quoi", "")
    wanted = [outcome for outcome in ORDER if counts.get(outcome)]
    selected = Outcome(shown) if shown in Outcome.values else (wanted[0] if wanted else Outcome.SAME)
    is_students = roster_import.kind == RosterKind.STUDENTS
    lines = [
        (line, MATCHED_BY.get(line.matched_by, line.matched_by), REVIEW.get(line.review_code, line.review_code))
        for line in (difference(roster_import, selected) if is_students else [])
    ]
    return render(
        request,
        "rosters/import.html",
        {
            "roster_import": roster_import,
            "school": roster_import.school,
            "kind": RosterKind(roster_import.kind).label,
            "state": RosterState(roster_import.state).label,
            "is_open": roster_import.state == RosterState.PREVIEWED,
            "is_applied": roster_import.state == RosterState.APPLIED,
            "is_students": is_students,
            "is_stopped": is_students and is_stopped(roster_import),
            "outcomes": [(outcome, outcome.label, counts.get(outcome, 0), outcome == selected) for outcome in wanted],
            "selected": selected.label,
            "counts": counts,
            "lines": lines,
            "is_cut": len(lines) == 200,
            "problems": problems(roster_import),
        },
    )


@open_to(*STAFF)
@require_POST
def import_apply(request: CartableRequest, import_id: UUID) -> HttpResponse:
    """Apply an import."""
    roster_import = import_for(import_id)
    try:
        apply_import(
            roster_import=roster_import,
            applied_by_id=request.signed_in.actor_id,
            now=timezone.now(),
            today=timezone.localdate(),
        )
        messages.success(request, _("Liste appliquée."))
    except ImportRefused as refusal:
        messages.error(request, str(REFUSALS.get(refusal.code, refusal.code)))
    return redirect("rosters:import", roster_import.pk)


@open_to(*STAFF)
@require_POST
def import_abandon(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Give an import up."""
    roster_import = import_for(import_id)
    try:
        abandon(roster_import=roster_import)
        messages.success(request, _("Liste abandonnée : rien n’a changé."))
    except ImportRefused as refusal:
        messages.error(request, str(REFUSALS.get(refusal.code, refusal.code)))
    return redirect("rosters:roster", roster_import.school.uai)
