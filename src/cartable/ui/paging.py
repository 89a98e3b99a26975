"""The place of a cursor page in its address: "?apres=P0042118759" or "?avant=…". Pure but for the request."""

import re

from django.http import HttpRequest

_PLACE = re.compile(r"[A-Za-z0-9]{1,20}")


def page_place(request: HttpRequest) -> dict[str, str]:
    """Return after and before as the address says; what can be no place is the beginning of the list."""
    places = {"after": request.GET.get("apres", ""), "before": request.GET.get("avant", "")}
    return {name: text if _PLACE.fullmatch(text) else "" for name, text in places.items()}
