"""Say which column of a table is which, then read the difference."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from cartable.accounts.access import CartableRequest, open_to
from cartable.documents.queries import FileErased
from cartable.rosters.access import file_for
from cartable.rosters.commands.files import SchoolClosed
from cartable.rosters.commands.mappings import FileNotOfTable, choose_columns
from cartable.rosters.formats.recognition import FileRefused, sentence
from cartable.rosters.forms.lists import TableColumnsForm
from cartable.rosters.models import FileState, RosterFile
from cartable.rosters.queries.lists import closed_in_words, imports_of_file
from cartable.rosters.queries.tables import table_sample
from cartable.rosters.views.audience import STAFF


@open_to(*STAFF)
def file_columns(request: CartableRequest, file_id: UUID) -> HttpResponse:
    """Ask which column of a table is what, and whose list it is where nobody said."""
    file = file_for(file_id)
    if file.state != FileState.MAPPING:
        return _onwards(file)
    try:
        sample = table_sample(file)
    except FileErased:
        return _gone(request, file, _("Ce fichier est effacé : il était là depuis 30 jours. Envoyez-le de nouveau."))
    except FileRefused as refusal:
        return _gone(request, file, sentence(refusal, _))
    form = TableColumnsForm(request.POST or None, sample=sample, school=file.school)
    if request.method == "POST" and form.is_valid():
        try:
            (roster_import, *_others) = _choose(request, file, form)
        except FileNotOfTable:
            return _onwards(file_for(file_id))
        except FileRefused as refusal:
            form.add_error(None, sentence(refusal, _))
        except SchoolClosed:
            form.add_error(None, closed_in_words(form.cleaned_data["school"]))
        else:
            return redirect("rosters:import", roster_import.pk)
    context = {"file": file, "school": file.school, "form": form, "columns": _columns(sample)}
    return render(request, "rosters/table.html", context, status=422 if request.method == "POST" else 200)


def _choose(request: CartableRequest, file: RosterFile, form: TableColumnsForm) -> list[Any]:
    return choose_columns(
        file_id=file.pk,
        school=form.cleaned_data["school"],
        columns=form.chosen(),
        chosen_at=timezone.now(),
        chosen_by_id=request.signed_in.actor_id,
        today=timezone.localdate(),
    )


def _columns(sample: Any) -> list[tuple[str, list[str]]]:
    return [(name, [cells[place] for cells in sample.rows]) for place, name in enumerate(sample.header)]


def _onwards(file: RosterFile) -> HttpResponse:
    """Lead to what became of a file."""
    for one in imports_of_file(file):
        return redirect("rosters:import", one.roster_import_id)
    return _home(file)


def _gone(request: CartableRequest, file: RosterFile, words: str) -> HttpResponse:
    messages.error(request, words)
    return _home(file)


def _home(file: RosterFile) -> HttpResponse:
    if file.school is None:
        return redirect("rosters:batch", file.batch_id)
    return redirect("rosters:roster", file.school.uai)
