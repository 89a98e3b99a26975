"""The list of the park. The page of one device stands in `desk`, which knows what the packages downstream do with it."""

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.fleet import queries
from cartable.fleet.forms import DeviceFilterForm
from cartable.fleet.tables import device_table
from cartable.kernel.exports import delimited
from cartable.organisations.queries import school_choices
from cartable.ui.paging import page_place

STAFF = (Role.REGION_MANAGER, Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE, Role.DISTRIBUTION_LEADER, Role.TECHNICIAN)


@open_to(*STAFF)
def device_list(request: CartableRequest) -> HttpResponse:
    """Show the devices in scope; filters and place stand in the address."""
    form = DeviceFilterForm(
        request.GET, schools=school_choices(), kinds=queries.kind_choices(), lots=queries.lot_choices()
    )
    place = page_place(request)
    page = queries.list_devices(form.wanted(), after=place.after, before=place.before)
    return render(request, "fleet/device_list.html", {"form": form, "page": page})


@open_to(*STAFF)
def device_list_csv(request: CartableRequest) -> StreamingHttpResponse:
    """Give the devices in scope as CSV, by the same filters."""
    form = DeviceFilterForm(
        request.GET, schools=school_choices(), kinds=queries.kind_choices(), lots=queries.lot_choices()
    )
    header, rows = device_table(form.wanted())
    answer = StreamingHttpResponse(delimited(header, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="pc.csv"'
    return answer
