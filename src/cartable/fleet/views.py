"""The list of the park as a file. Its page, and that of one device, stand in `desk`, which knows what the packages downstream do."""

from django.http import StreamingHttpResponse

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.fleet.forms import DeviceFilterForm
from cartable.fleet.queries.lists import kind_choices, lot_choices
from cartable.fleet.tables import device_table
from cartable.kernel.exports import delimited
from cartable.organisations.queries import school_choices

STAFF = (Role.REGION_MANAGER, Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE, Role.DISTRIBUTION_LEADER, Role.TECHNICIAN)


@open_to(*STAFF)
def device_list_csv(request: CartableRequest) -> StreamingHttpResponse:
    """Give the devices in scope as CSV, by the same filters."""
    form = DeviceFilterForm(request.GET, schools=school_choices(), kinds=kind_choices(), lots=lot_choices())
    header, rows = device_table(form.wanted())
    answer = StreamingHttpResponse(delimited(header, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="pc.csv"'
    return answer
