"""The start page of each role."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.desk.audience import SITE
from cartable.desk.queries.days import SHOWN_DAYS
from cartable.desk.queries.stocks import park, school_stocks_of
from cartable.desk.waiting import Asker, days_of, waiting_for
from cartable.distribution.queries.days import counted_at
from cartable.organisations.queries import schools_of

# What a start page shows of what waits; the rest stands on its own page.
SHOWN = 6


@open_to()
def home(request: CartableRequest) -> HttpResponse:
    """Show what there is and what there is to do: in the region, in one's lycées, or for one's contractor."""
    signed_in = request.signed_in
    asker = Asker.of(signed_in)
    days = days_of(asker) if SITE & signed_in.roles else ()
    items = waiting_for(asker, days=days)
    values = {
        "to_do": items[:SHOWN],
        "more": max(0, len(items) - SHOWN),
        "days": days[:SHOWN_DAYS],
        "days_read_at": counted_at(days[:SHOWN_DAYS]),
        "today": timezone.localdate(),
        "sees_days": bool(SITE & signed_in.roles),
    }
    if signed_in.school_ids is None:
        return render(request, "desk/home_region.html", {**values, "park": park(now=timezone.now())})
    if signed_in.roles == {Role.REPAIRER}:
        return render(request, "desk/home_repairer.html", values)
    of_school = school_stocks_of(signed_in.school_ids)
    schools = [(school, of_school[school.school_id]) for school in schools_of(signed_in.school_ids)]
    return render(request, "desk/home_school.html", {**values, "schools": schools})
