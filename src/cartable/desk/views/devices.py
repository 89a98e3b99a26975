"""One PC: where it is, whose it is, what may be done, what happened."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.desk.audience import FLEET, HANDS_OVER, SITE
from cartable.desk.gestures import DEVICE_GESTURES, SEES_INCIDENTS, gestures
from cartable.desk.queries.devices import DevicePage, device_page
from cartable.fleet.access import device_of
from cartable.photos.forms import PhotosForm
from cartable.photos.rules import Act

PHOTOGRAPHED = {
    Act.HAND_OVER: _("Elles montrent le PC tel qu’il vient d’être remis."),
    Act.CHECK_IN: _("Elles montrent le PC tel qu’il vient d’être rendu."),
}


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
    return render(request, "desk/device.html", {**values, **_photos(page, signed_in.roles)})


def _photos(page: DevicePage, roles: frozenset[Role]) -> dict[str, Any]:
    """Return what the photos' card shows: to add to, the hand-over or return that was the last thing that happened."""
    last = page.photographed if HANDS_OVER & roles else None
    return {
        "sees_photos": bool(SEES_INCIDENTS & roles),
        "photos": page.photos,
        "may_erase_photos": True,
        "photos_form": PhotosForm() if last else None,
        "photos_url": reverse("photos:add", args=[last.movement_id]) if last else "",
        "photos_act": PHOTOGRAPHED[last.act] if last else "",
    }
