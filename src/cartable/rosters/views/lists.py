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
from cartable.kernel.school_year import SchoolYear
from cartable.organisations.models import School
from cartable.rosters.access import import_for, school_for
from cartable.rosters.commands.batches import SentFile
from cartable.rosters.commands.files import SchoolClosed, apply_import, preview_content
from cartable.rosters.commands.imports import ImportRefused, abandon
from cartable.rosters.commands.mappings import keep_table
from cartable.rosters.formats.recognition import FileRefused, is_table, sentence
from cartable.rosters.formats.refusals import TableNeedsMapping
from cartable.rosters.forms.lists import RosterFileForm
from cartable.rosters.models import RosterFile, RosterImport, RosterKind, RosterState
from cartable.rosters.queries.lists import closed_in_words, imports_of, open_problem_counts
from cartable.rosters.queries.tables import waiting_tables
from cartable.rosters.views.audience import STAFF
from cartable.rosters.words import REFUSALS


@open_to(*STAFF)
def roster_schools(request: HttpRequest) -> HttpResponse:
    """Choose the lycée whose list is loaded; whoever has one only goes straight to it."""
    listed = School.objects.order_by("name")
    # Whoever has a closed lycée alone still reads what was listed there.
    schools = list(listed.filter(closed_on=None)[:400]) or list(listed[:400])
    if len(schools) == 1:
        return redirect("rosters:roster", schools[0].uai)
    return render(request, "rosters/schools.html", {"schools": schools})


@open_to(*STAFF)
def roster(request: CartableRequest, uai: str) -> HttpResponse:
    """Show the lists of a lycée, and take a new file."""
    school = school_for(uai)
    form = RosterFileForm(request.POST or None, request.FILES or None)
    closed = closed_in_words(school) if school.closed_on is not None else ""
    if request.method == "POST" and form.is_valid():
        try:
            if closed:
                raise SchoolClosed(school.uai)
            roster_import = _preview(request, school, form.cleaned_data)
        except TableNeedsMapping:
            return redirect("rosters:file-columns", _keep(request, school, form.cleaned_data["file"]).pk)
        except FileRefused as refusal:
            form.add_error("file", sentence(refusal, _))
        except SchoolClosed:
            form.add_error("file", closed or str(REFUSALS["school_closed"]))
        else:
            return redirect("rosters:import", roster_import.pk)
    imports = imports_of(school.pk)
    to_settle = open_problem_counts([one.pk for one in imports])
    context = {
        "school": school,
        "form": form,
        "closed": closed,
        "waiting": waiting_tables(school.pk),
        "imports": [
            (one, RosterKind(one.kind).label, RosterState(one.state).label, to_settle.get(one.pk, 0)) for one in imports
        ],
    }
    return render(request, "rosters/roster.html", context, status=422 if request.method == "POST" else 200)


def _preview(request: CartableRequest, school: School, sent: dict[str, Any]) -> RosterImport:
    now = timezone.now()
    today = timezone.localdate()
    content = sent["file"].read()
    if sent["asks_columns"] and is_table(content):
        raise TableNeedsMapping
    (roster_import, *_others) = preview_content(
        content=content,
        first_year=SchoolYear.containing(today).first_year,
        read_by_id=request.signed_in.actor_id,
        now=now,
        today=today,
        school=school,
        name=sent["file"].name or "",
    )
    return roster_import


def _keep(request: CartableRequest, school: School, file: "UploadedFile[Any]") -> RosterFile:
    """Keep a table until somebody has said which column is what."""
    file.seek(0)
    return keep_table(
        school=school,
        first_year=SchoolYear.containing(timezone.localdate()).first_year,
        file=SentFile(file.name or "", file.read()),
        sent_at=timezone.now(),
        sent_by_id=request.signed_in.actor_id,
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
