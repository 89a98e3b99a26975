"""The lists as workbooks: short ones at once, long ones written by the worker and fetched from a page of their own."""

from dataclasses import asdict
from uuid import UUID, uuid4

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django_scopes import scope

from cartable.accounts.access import CartableRequest, open_to
from cartable.desk import rules
from cartable.desk.access import export_of
from cartable.desk.audience import FLEET, SITE
from cartable.desk.commands.exports import ask_for_export
from cartable.desk.forms import ExportForm, StudentFilterForm
from cartable.desk.queries.school_year import StudentFilter, divisions_of
from cartable.desk.queries.tables import file_name, row_count, table_of
from cartable.desk.rules import Listed
from cartable.documents.queries import FileErased, content_of
from cartable.fleet.forms import DeviceFilterForm
from cartable.fleet.queries.lists import DeviceFilter, kind_choices, lot_choices
from cartable.kernel.exports import spreadsheet
from cartable.organisations.access import school_of
from cartable.organisations.queries import school_choices
from cartable.ui.charts import plan_bar

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@open_to(*sorted(FLEET))
def devices_xlsx(request: CartableRequest) -> HttpResponseBase:
    """Give the devices in scope as a workbook, by the filters of their list."""
    form = DeviceFilterForm(request.GET, schools=school_choices(), kinds=kind_choices(), lots=lot_choices())
    return _workbook(request, Listed.DEVICES, form.wanted())


@open_to(*sorted(SITE))
def students_xlsx(request: CartableRequest) -> HttpResponseBase:
    """Give all students in scope as a workbook."""
    return _workbook(request, Listed.STUDENTS, StudentFilterForm(request.GET, divisions=[]).wanted(""))


@open_to(*sorted(SITE))
def school_students_xlsx(request: CartableRequest, uai: str) -> HttpResponseBase:
    """Give the students of a lycée as a workbook, by the filters of their list."""
    found, today = school_of(uai), timezone.localdate()
    form = StudentFilterForm(request.GET, divisions=divisions_of(found.pk, today=today))
    return _workbook(request, Listed.STUDENTS, form.wanted(found.uai))


@open_to(*sorted(FLEET))
def export(request: CartableRequest, export_id: UUID) -> HttpResponse:
    """Show how far a long list is, and where to fetch it."""
    found = export_of(export_id, request.signed_in)
    values = {
        "export": found,
        "is_erased": found.document is not None and found.document.erased_at is not None,
        "bar": plan_bar(found.written_count, max(found.expected_count, found.written_count)),
    }
    template = "desk/export.html#avancement" if request.headers.get("HX-Request") else "desk/export.html"
    return render(request, template, values)


@open_to(*sorted(FLEET))
def export_file(request: CartableRequest, export_id: UUID) -> HttpResponse:
    """Give the file of a long list; before it is there and after it is gone, its page says so."""
    found = export_of(export_id, request.signed_in)
    if found.document_id is None:
        return redirect("desk:export", export_id)
    try:
        # The file belongs to whoever asked, whatever lycées they see: `export_of` has looked.
        with scope(region=found.region_id, school=None):
            content = content_of(found.document_id)
    except FileErased:
        return redirect("desk:export", export_id)
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{file_name(Listed(found.listed), found.filters)}.xlsx"'
    return answer


def _workbook(request: CartableRequest, listed: Listed, wanted: DeviceFilter | StudentFilter) -> HttpResponseBase:
    today, most = timezone.localdate(), rules.ROWS_WRITTEN_AT_ONCE
    if request.method == "POST":
        return _ask(request, listed, wanted)
    if row_count(listed, asdict(wanted), today=today, most=most + 1) > most:
        form = ExportForm(initial={"form_id": uuid4()})
        return render(request, "desk/export_long.html", {"form": form, "most": most})
    table = table_of(listed, asdict(wanted), today=today)
    file = spreadsheet(table.header, table.rows)
    return FileResponse(file, as_attachment=True, filename=f"{table.name}.xlsx", content_type=XLSX)


def _ask(request: CartableRequest, listed: Listed, wanted: DeviceFilter | StudentFilter) -> HttpResponse:
    form, signed_in = ExportForm(request.POST), request.signed_in
    if not form.is_valid():
        return redirect(request.get_full_path())
    export_id = ask_for_export(
        form_id=form.cleaned_data["form_id"],
        region_id=signed_in.region_id,
        school_ids=signed_in.school_ids,
        listed=listed,
        wanted=wanted,
        language=(translation.get_language() or "fr")[:2],
        asked_at=timezone.now(),
        asked_by_id=signed_in.actor_id,
    )
    return redirect("desk:export", export_id)
