"""The place of a cursor page in its address: "?apres=P0042118759" or "?avant=…". Pure but for the request."""

import re
from typing import NamedTuple

from django.http import HttpRequest

_PLACE = re.compile(r"[A-Za-z0-9]{1,20}")


class PagePlace(NamedTuple):
    """Where a page of a list begins (``after``) or ends (``before``); both empty at the beginning of the list."""

    after: str
    before: str


def page_place(request: HttpRequest) -> PagePlace:
    """Return the place that the address gives; what can be no place is the beginning of the list."""
    after, before = (request.GET.get(name, "") for name in ("apres", "avant"))
    return PagePlace(*(text if _PLACE.fullmatch(text) else "" for text in (after, before)))
