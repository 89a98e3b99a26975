"""What a list changes: outcome by outcome or kind by kind, page by page; all of it as a table to take away."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.http.response import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from cartable.accounts.access import open_to
from cartable.accounts.models import Role
from cartable.kernel.exports import delimited, spreadsheet
from cartable.rosters.access import batch_for, import_for
from cartable.rosters.commands.imports import is_stopped
from cartable.rosters.models import Outcome, RosterImport, RosterKind, RosterLine, RosterState
from cartable.rosters.queries.differences import (
    DifferenceLine,
    difference,
    guardians,
    kinds_of,
    school_names,
    whole_difference,
)
from cartable.rosters.queries.lists import ORDER, problems
from cartable.rosters.queries.review import takes_rulings
from cartable.rosters.rules.differences import FROM_SCHOOL
from cartable.rosters.views.audience import STAFF
from cartable.rosters.words import KINDS, MATCHED_BY, OUTCOME_TONES, REVIEW, change_in_words, kind_name
from cartable.ui.figures import short_date

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@open_to(*STAFF)
def import_page(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Show the difference of an import: one outcome, one kind of change, or the guardians of a list."""
    roster_import = import_for(import_id)
    is_students = roster_import.kind == RosterKind.STUDENTS
    is_guardians = roster_import.kind == RosterKind.GUARDIANS
    values = {
        "roster_import": roster_import,
        "school": roster_import.school,
        "kind": RosterKind(roster_import.kind).label,
        "state": RosterState(roster_import.state).label,
        "is_open": roster_import.state == RosterState.PREVIEWED,
        "is_applied": roster_import.state == RosterState.APPLIED,
        "takes_rulings": takes_rulings(roster_import),
        "is_students": is_students,
        "is_guardians": is_guardians,
        "is_stopped": is_students and is_stopped(roster_import),
        "to_review": roster_import.counts.get(Outcome.REVIEW, 0) if is_students else 0,
        "counts": roster_import.counts,
        "problems": problems(roster_import),
        "selected": "",
    }
    if is_students:
        values |= _students(request, roster_import)
    elif is_guardians:
        values |= _guardians(request, roster_import)
    return render(request, "rosters/import.html", values)


def _students(request: HttpRequest, roster_import: RosterImport) -> dict[str, Any]:
    kinds, counts = kinds_of(roster_import), roster_import.counts
    schools = school_names(roster_import.school.region_id, [code for code, _count in kinds])
    wanted = [outcome for outcome in ORDER if counts.get(outcome)]
    kind = next((code for code, _count in kinds if code == request.GET.get("genre")), "")
    asked = request.GET.get("quoi", "")
    first = wanted[0] if wanted else Outcome.SAME
    outcome = "" if kind else Outcome(asked) if asked in Outcome.values else first
    page = difference(
        roster_import, outcome=outcome, kind=kind, after=_cursor(request, "apres"), before=_cursor(request, "avant")
    )
    return {
        "outcomes": [(one, one.label, counts.get(one, 0), one == outcome) for one in wanted],
        "kinds": [(code, kind_name(code, schools), count, code == kind) for code, count in kinds],
        "selected": kind_name(kind, schools) if kind else Outcome(outcome).label,
        "is_kind": bool(kind),
        "whole": roster_import.kinds.get(kind, 0) if kind else counts.get(outcome, 0),
        "page": page,
        "lines": [(line, *_words(line, schools)) for line in page.rows],
    }


def _words(line: DifferenceLine, schools: dict[str, str]) -> tuple[list[str], list[str], str, str, str]:
    """Return changes, marks, outcome with its tone, and why the line was recognised or waits."""
    why = REVIEW.get(line.review_code, line.review_code) or MATCHED_BY.get(line.matched_by, line.matched_by)
    return (
        [change_in_words(code, line, schools) for code in line.changes],
        [kind_name(code, schools) for code in line.marks],
        str(Outcome(line.outcome).label),
        OUTCOME_TONES[line.outcome],
        str(why),
    )


def _guardians(request: HttpRequest, roster_import: RosterImport) -> dict[str, Any]:
    counts = roster_import.counts
    legal = counts.get("legal_guardians", 0)
    asked = {"legaux": True, "contacts": False}.get(request.GET.get("quoi", ""))
    contacts = counts.get("guardians", 0) - legal
    return {
        "guardian_page": guardians(roster_import, is_legal=asked, after=_cursor(request, "apres")),
        "guardian_filters": [
            ("", _("Tous"), counts.get("guardians", 0), asked is None),
            ("legaux", _("Responsables légaux"), legal, asked is True),
            ("contacts", _("Contacts"), contacts, asked is False),
        ],
        "contacts": contacts,
        "selected": _("Responsables"),
    }


def _cursor(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


@open_to(*STAFF)
def import_export(request: HttpRequest, import_id: UUID, form: str) -> HttpResponseBase:
    """Give the whole difference of a list as CSV or .xlsx."""
    roster_import = import_for(import_id)
    if roster_import.kind != RosterKind.STUDENTS:
        raise Http404
    imports = RosterImport.objects.filter(pk=roster_import.pk)
    codes = set(roster_import.kinds)
    schools = school_names(roster_import.school.region_id, codes)
    return _table(f"difference-{roster_import.school.uai}", form, whole_difference(imports).iterator(2_000), schools)


@open_to(Role.REGION_MANAGER)
def batch_export(request: HttpRequest, batch_id: UUID) -> HttpResponseBase:
    """Give the difference of all lists of a batch as one CSV: it streams, where a workbook is built whole first."""
    batch = batch_for(batch_id)
    imports = RosterImport.objects.filter(files__file__batch=batch, kind=RosterKind.STUDENTS)
    codes = {
        code for kinds in imports.values_list("kinds", flat=True) for code in kinds if code.startswith(FROM_SCHOOL)
    }
    lines = whole_difference(imports).iterator(2_000)
    return _table("difference-region", "csv", lines, school_names(batch.region_id, codes))


def _table(name: str, form: str, lines: Iterator[RosterLine], schools: dict[str, str]) -> HttpResponseBase:
    header = [
        _("Lycée"), "UAI", _("Résultat"), _("Ce qui change"), _("À savoir"), _("Nom"), _("Nom d’usage"), _("Prénom"),
        _("Date de naissance"), _("Classe"), _("Niveau"), _("Reconnu par"), _("À examiner parce que"), _("Ligne"),
    ]  # fmt: skip
    rows = _cells(lines, schools)
    if form == "xlsx":
        return FileResponse(spreadsheet(header, rows), as_attachment=True, filename=f"{name}.xlsx", content_type=_XLSX)
    answer = StreamingHttpResponse(delimited(header, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _cells(lines: Iterator[RosterLine], schools: dict[str, str]) -> Iterator[list[str]]:
    # Said before the first row is asked for, in the language of whoever asks: rows leave after the request has ended.
    outcomes = {outcome.value: str(outcome.label) for outcome in Outcome}
    why, matched = ({code: str(text) for code, text in words.items()} for words in (REVIEW, MATCHED_BY))
    names = {code: kind_name(code, schools) for code in (*KINDS, *(f"{FROM_SCHOOL}{uai}" for uai in schools))}

    def cells(line: RosterLine) -> list[str]:
        school = line.roster_import.school
        return [
            school.name, school.uai, outcomes[line.outcome], *(
                ", ".join(names.get(code, code) for code in codes) for codes in (line.changes, line.marks)
            ), line.family_name, line.usage_name, line.given_name, short_date(line.birth_on) if line.birth_on else "",
            line.division, line.level, matched.get(line.matched_by, line.matched_by),
            why.get(line.review_code, line.review_code), str(line.line or ""),
        ]  # fmt: skip

    return map(cells, lines)
