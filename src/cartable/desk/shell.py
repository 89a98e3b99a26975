"""What surrounds every page: the navigation of the person who is signed in, the search, the way out."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cartable.accounts.access import SignedIn
from cartable.accounts.models import Role
from cartable.ui.shell import NavEntry, Shell

EVERYBODY = frozenset(Role)
REGION = frozenset({Role.REGION_MANAGER})
SCHOOL = REGION | {Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE}
SITE = SCHOOL | {Role.DISTRIBUTION_LEADER}
# In the order things happen: what arrives, where it goes, whom it is for.
NAVIGATION = (
    (_("Accueil"), "desk:home", EVERYBODY),
    (_("Distribution"), "distribution:day-list", SITE),
    (_("Élèves"), "rosters:schools", SITE),
    (pgettext_lazy("plusieurs", "PC"), "fleet:devices", SITE | {Role.TECHNICIAN}),
    (_("Réserves"), "emergency_stock:reserves", SITE | {Role.TECHNICIAN}),
    (_("Réparations"), "repairs:tickets", SCHOOL | {Role.TECHNICIAN}),
    (_("File de réparation"), "repairs:workshop", frozenset({Role.REPAIRER})),
    (_("Transferts"), "supply:shipments", (SCHOOL - REGION) | {Role.TECHNICIAN}),
    (_("Restitutions"), "returns:desk", frozenset({Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE, Role.TECHNICIAN})),
    (_("Ateliers"), "returns:benches", SCHOOL | {Role.TECHNICIAN}),
    (_("Incidents"), "incidents:incidents", SCHOOL | {Role.TECHNICIAN}),
    (_("Livraisons"), "supply:deliveries", REGION),
    (_("Affectations"), "supply:allotments", REGION),
    (_("Lycées"), "desk:schools", REGION),
    (_("Programme"), "programme:campaigns", SCHOOL),
)
# Pages of a section whose address does not begin like its entry's.
ALSO_UNDER = {"distribution:day-list": "/distribution/", "repairs:tickets": "/reparer/"}


def build_shell(request: HttpRequest) -> Shell:
    """Return the shell of this request; without anybody signed in, the mark alone."""
    signed_in: SignedIn | None = getattr(request, "signed_in", None)
    if signed_in is None:
        return Shell()
    return Shell(
        navigation=tuple(_entries(request.path, signed_in)),
        search_url=reverse("desk:search"),
        log_out_url=reverse("accounts:log-out"),
        user_name=signed_in.full_name,
        user_role=signed_in.role_names,
    )


def _entries(path: str, signed_in: SignedIn) -> list[NavEntry]:
    entries = []
    for label, name, roles in NAVIGATION:
        if roles & signed_in.roles:
            url = reverse(name)
            is_current = path == url if url == "/" else path.startswith((url, ALSO_UNDER.get(name, url)))
            entries.append(NavEntry(str(label), url, is_current))
    return entries
