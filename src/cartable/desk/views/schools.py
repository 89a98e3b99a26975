"""The schools of the region, and one of them."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.desk.audience import SITE
from cartable.desk.forms import SchoolFilterForm
from cartable.desk.queries.closings import closings_into
from cartable.desk.queries.days import SHOWN_DAYS
from cartable.desk.queries.schools import class_rings
from cartable.desk.queries.stocks import school_stocks
from cartable.desk.waiting import Asker, days_of, waiting_for
from cartable.emergency_stock.queries.levels import reserves
from cartable.fleet.queries.stocks import school_counts
from cartable.organisations.access import school_of
from cartable.organisations.queries import departements, list_schools, past_of, school_row
from cartable.supply.queries.depot import list_allotments
from cartable.ui.paging import page_place

# Over a school year the page of a lycée tells which one closed into it.
CLOSINGS_TOLD_DAYS = 366


@open_to(Role.REGION_MANAGER)
def school_list(request: CartableRequest) -> HttpResponse:
    """Show the schools of the region; filters and place stand in the address."""
    form = SchoolFilterForm(request.GET, departements=departements())
    place = page_place(request)
    page = list_schools(form.wanted(), after=place.after, before=place.before)
    counts = school_counts(row.school_id for row in page.rows)
    rows = [(row, counts.get(row.school_id, 0)) for row in page.rows]
    return render(request, "desk/school_list.html", {"form": form, "page": page, "rows": rows})


@open_to(Role.REGION_MANAGER, Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE, Role.DISTRIBUTION_LEADER, Role.TECHNICIAN)
def school(request: CartableRequest, uai: str) -> HttpResponse:
    """Show one school: what waits, its reserve, how far each class is, what it answers for, its days."""
    found = school_of(uai)
    today, signed_in = timezone.localdate(), request.signed_in
    asker = Asker.of(signed_in, school_id=found.pk)
    days = days_of(asker)
    [reserve] = reserves([found.pk], today=today)
    values = {
        "school": school_row(found),
        "academy": found.departement.academy.name,
        "to_do": waiting_for(asker, days=days),
        "reserve": reserve,
        "rings": class_rings(found.pk, today=today),
        "stocks": school_stocks(found.pk),
        "allotments": list_allotments(school_id=found.pk, limit=10),
        "days": days[:SHOWN_DAYS],
        "sees_site": bool(SITE & signed_in.roles),
        "past": past_of(found),
        "came": closings_into([found.pk], since=today - timedelta(days=CLOSINGS_TOLD_DAYS)),
    }
    return render(request, "desk/school.html", values)
