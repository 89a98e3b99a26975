"""The calendar of lists: what each day to come needs before its list can be frozen."""

from collections import Counter

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.distribution.list_rules import ListStanding
from cartable.distribution.list_words import STANDING_NAMES, list_in_words
from cartable.distribution.queries.calendar import list_calendar


@open_to(Role.REGION_MANAGER, Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE, Role.DISTRIBUTION_LEADER)
def list_calendar_page(request: CartableRequest) -> HttpResponse:
    """Show the list of each day to come, narrowed to one standing."""
    signed_in = request.signed_in
    lines = list_calendar(today=timezone.localdate(), region_id=signed_in.region_id, school_ids=signed_in.school_ids)
    wanted = request.GET.get("etat", "")
    chosen = ListStanding(wanted) if wanted in set(ListStanding) else None
    counts = Counter(line.standing for line in lines)
    values = {
        "line_count": len(lines),
        "chosen": chosen,
        "filters": [(one, STANDING_NAMES[one], counts[one], one == chosen) for one in ListStanding if counts[one]],
        "rows": [(line, list_in_words(line)) for line in lines if chosen in (None, line.standing)],
    }
    return render(request, "distribution/list_calendar.html", values)
