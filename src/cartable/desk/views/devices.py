"""One PC: where it is, whose it is, what may be done, what happened."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cartable.accounts.access import CartableRequest, open_to
from cartable.desk.audience import FLEET, SITE
from cartable.desk.gestures import DEVICE_GESTURES, gestures
from cartable.desk.queries.devices import device_page
from cartable.fleet.access import device_of


@open_to(*sorted(FLEET))
def device(request: CartableRequest, asset_tag: str) -> HttpResponse:
    """Show one device: what it is, who answers for it, all that happened to it."""
    signed_in = request.signed_in
    page = device_page(device_of(asset_tag), today=timezone.localdate(), school_ids=signed_in.school_ids)
    values = {
        "page": page,
        "sheet": page.sheet,
        "gestures": gestures(DEVICE_GESTURES, page, signed_in.roles),
        "sees_students": bool(SITE & signed_in.roles),
    }
    return render(request, "desk/device.html", values)
