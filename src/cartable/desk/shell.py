"""What surrounds every page: the navigation of the person who is signed in, the search, the way out."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cartable.accounts.access import SignedIn
from cartable.accounts.models import Role
from cartable.desk.audience import EVERYBODY, FLEET, HANDS_OVER, REGION, SCHOOL, SITE, TECHNICIAN
from cartable.ui.shell import NavEntry, Shell

# In the order things happen: what arrives, where it goes, whom it is for.
NAVIGATION = (
    # The mark leads to the start page too: whoever has what waits in the bar needs no second way.
    (_("Accueil"), "desk:home", EVERYBODY - FLEET),
    (_("À traiter"), "desk:to-do", SITE),
    (_("Ma tournée"), "desk:to-do", TECHNICIAN),
    (_("Scanner"), "desk:scanner", TECHNICIAN),
    (_("Distribution"), "distribution:day-list", SITE),
    (_("Élèves"), "rosters:schools", SITE),
    (pgettext_lazy("plusieurs", "PC"), "fleet:devices", FLEET),
    (_("Réserves"), "emergency_stock:reserves", FLEET),
    (_("Réparations"), "repairs:tickets", SCHOOL | TECHNICIAN),
    (_("File de réparation"), "repairs:workshop", frozenset({Role.REPAIRER})),
    (_("Transferts"), "supply:shipments", (SCHOOL - REGION) | TECHNICIAN),
    (_("Restitutions"), "returns:desk", HANDS_OVER),
    (_("Ateliers"), "returns:benches", SCHOOL | TECHNICIAN),
    (_("Incidents"), "incidents:incidents", SCHOOL | TECHNICIAN),
    (_("Livraisons"), "supply:deliveries", REGION),
    (_("Affectations"), "supply:allotments", REGION),
    (_("Lycées"), "desk:schools", REGION),
    (_("Programme"), "programme:campaigns", SCHOOL),
    (_("Messages"), "notices:text-campaigns", REGION),
)
# How many entries stand in the bar beside the search at 1366 px; the others are behind « Plus ».
ROOM = 6
# Pages of a section whose address does not begin like its entry's.
ALSO_UNDER = {"distribution:day-list": "/distribution/", "repairs:tickets": "/reparer/"}


def build_shell(request: HttpRequest) -> Shell:
    """Return the shell of this request; without anybody signed in, the mark alone."""
    signed_in: SignedIn | None = getattr(request, "signed_in", None)
    if signed_in is None:
        return Shell()
    entries = _entries(request.path, signed_in)
    # One entry more than there is room for would hide behind a menu of one.
    room = len(entries) if len(entries) <= ROOM + 1 else ROOM
    return Shell(
        navigation=tuple(entries[:room]),
        more=tuple(entries[room:]),
        search_url=reverse("desk:search") if FLEET & signed_in.roles else "",
        log_out_url=reverse("accounts:log-out"),
        user_name=signed_in.full_name,
        user_role=signed_in.role_names,
    )


def _entries(path: str, signed_in: SignedIn) -> list[NavEntry]:
    entries: list[NavEntry] = []
    for label, name, roles in NAVIGATION:
        if roles & signed_in.roles and reverse(name) not in {entry.url for entry in entries}:
            url = reverse(name)
            is_current = path == url if url == "/" else path.startswith((url, ALSO_UNDER.get(name, url)))
            entries.append(NavEntry(str(label), url, is_current))
    return entries
