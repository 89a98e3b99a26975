"""The start page of each role."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cartable.accounts.access import CartableRequest, open_to
from cartable.desk import queries
from cartable.organisations.queries import schools_of


@open_to()
def home(request: CartableRequest) -> HttpResponse:
    """Show what there is and what there is to do, in the region or in one's school."""
    signed_in = request.signed_in
    today = timezone.localdate()
    days = queries.days_around(today, region_id=signed_in.region_id, school_ids=signed_in.school_ids)
    to_do = queries.days_to_do(days, today=today)
    if signed_in.school_ids is None:
        stocks = queries.stocks()
        values = {
            "stocks": stocks,
            "device_count": sum(stock.count for stock in stocks),
            "to_do": (*to_do, *queries.region_to_do()),
        }
        return render(request, "desk/home_region.html", {**values, "days": days, "today": today})
    schools = [(school, queries.school_stocks(school.school_id)) for school in schools_of(signed_in.school_ids)]
    values = {"schools": schools, "days": days, "today": today, "to_do": to_do}
    return render(request, "desk/home_school.html", values)
