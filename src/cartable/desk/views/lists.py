"""The PCs of the park, the students of a lycée this year, and these as a file that a spreadsheet opens."""

from dataclasses import asdict

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from cartable.accounts.access import CartableRequest, open_to
from cartable.desk.audience import FLEET, SITE
from cartable.desk.bulk import bulk_bar
from cartable.desk.forms import StudentFilterForm
from cartable.desk.queries.school_year import StudentFilter, divisions_of, students_page
from cartable.desk.queries.tables import table_of
from cartable.desk.rules import Listed
from cartable.fleet.forms import DeviceFilterForm
from cartable.fleet.queries.lists import kind_choices, list_devices, lot_choices
from cartable.kernel.exports import delimited
from cartable.organisations.access import school_of
from cartable.organisations.queries import school_choices, school_row
from cartable.ui.paging import page_place


@open_to(*sorted(FLEET))
def devices(request: CartableRequest) -> HttpResponse:
    """Show the devices in scope; filters and place stand in the address."""
    form = DeviceFilterForm(request.GET, schools=school_choices(), kinds=kind_choices(), lots=lot_choices())
    place = page_place(request)
    page = list_devices(form.wanted(), after=place.after, before=place.before)
    bar = bulk_bar(Listed.DEVICES, request.signed_in.roles)
    values = {"form": form, "page": page, "bar": bar, "are_ticked": request.GET.get("coche") == "page"}
    return render(request, "desk/device_list.html", values)


@open_to(*sorted(SITE))
def school_students(request: CartableRequest, uai: str) -> HttpResponse:
    """Show the students of a lycée; filters and place stand in the address."""
    found, today, place = school_of(uai), timezone.localdate(), page_place(request)
    form = StudentFilterForm(request.GET, divisions=divisions_of(found.pk, today=today))
    page = students_page(form.wanted(found.uai), today=today, after=place.after, before=place.before)
    values = {
        "school": school_row(found),
        "form": form,
        "page": page,
        "bar": bulk_bar(Listed.STUDENTS, request.signed_in.roles),
        "are_ticked": request.GET.get("coche") == "page",
    }
    return render(request, "desk/school_students.html", values)


@open_to(*sorted(SITE))
def school_students_csv(request: CartableRequest, uai: str) -> StreamingHttpResponse:
    """Give the students of a lycée as CSV, by the same filters."""
    found, today = school_of(uai), timezone.localdate()
    form = StudentFilterForm(request.GET, divisions=divisions_of(found.pk, today=today))
    return _table(form.wanted(found.uai))


@open_to(*sorted(SITE))
def students_csv(request: CartableRequest) -> StreamingHttpResponse:
    """Give all students in scope as CSV: of a region, or of the lycées of whoever asks."""
    return _table(StudentFilterForm(request.GET, divisions=[]).wanted(""))


def _table(wanted: StudentFilter) -> StreamingHttpResponse:
    # The query is built here, inside the scope of whoever asks; the rows leave after the request has ended.
    table = table_of(Listed.STUDENTS, asdict(wanted), today=timezone.localdate())
    answer = StreamingHttpResponse(delimited(table.header, table.rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{table.name}.csv"'
    return answer
