"""The pages of the park: all devices, and one of them."""

from django.http import HttpResponse
from django.shortcuts import render

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.fleet import access, queries
from cartable.fleet.contests import dispute_address
from cartable.fleet.forms import DeviceFilterForm
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
def device(request: CartableRequest, asset_tag: str) -> HttpResponse:
    """Show one device: what it is, who answers for it, all that happened to it."""
    found = access.device_of(asset_tag)
    sheet = queries.device_sheet(found, school_ids=request.signed_in.school_ids)
    return render(request, "fleet/device.html", {"sheet": sheet, "dispute_url": dispute_address(found.pk)})
