"""Who left a lycée and who came to it, and taking back what was said by mistake. Saying it stands in `desk`."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.kernel.school_year import SchoolYear
from cartable.rosters.access import departure_for
from cartable.rosters.commands.departures import DepartureRefused, undo_departure
from cartable.rosters.queries.departures import departures as departure_lines
from cartable.rosters.words import REFUSALS

# Who says that a student leaves: whoever leads a distribution only sees them.
SAYS = (Role.REGION_MANAGER, Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE)
_SHOWN = 200


@open_to(*SAYS)
def departures(request: CartableRequest) -> HttpResponse:
    """Show who left and who came this school year, the latest first."""
    since = SchoolYear.containing(timezone.localdate()).starts_on
    lines = departure_lines(since=since, limit=_SHOWN)
    return render(request, "rosters/departures.html", {"lines": lines, "is_cut": len(lines) == _SHOWN})


@open_to(*SAYS)
@require_POST
def departure_undo(request: CartableRequest, departure_id: UUID) -> HttpResponse:
    """Take a departure back."""
    departure = departure_for(departure_id)
    try:
        undo_departure(departure=departure, undone_at=timezone.now(), undone_by_id=request.signed_in.actor_id)
        messages.success(request, _("Départ annulé : l’élève est de nouveau dans son lycée, comme avant."))
    except DepartureRefused as refusal:
        messages.error(request, str(REFUSALS.get(refusal.code, refusal.code)))
    return redirect("rosters:departures")
