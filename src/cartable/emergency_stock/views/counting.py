"""Counting a shelf: one scan for each PC, then what is missing. Nothing is written: PCs move by their own gestures."""

from django.http import HttpResponse
from django.shortcuts import render

from cartable.accounts.access import CartableRequest, open_to
from cartable.emergency_stock.access import school_for
from cartable.emergency_stock.forms import CountForm
from cartable.emergency_stock.queries.counting import ShelfCount, count_shelf, shelf_size
from cartable.emergency_stock.views.audience import DESK
from cartable.emergency_stock.words import STRAYS


@open_to(*DESK)
def count(request: CartableRequest, uai: str) -> HttpResponse:
    """Take the scans of a shelf, and show what is missing and what lies there by mistake."""
    school = school_for(uai)
    form = CountForm(request.POST or None)
    counted: ShelfCount | None = None
    if form.is_valid():
        counted = count_shelf(school.pk, form.cleaned_data["codes"], region_id=request.signed_in.region_id)
    values = {
        "school": school,
        "form": form,
        "size": shelf_size(school.pk),
        "counted": counted,
        "strays": [(text, *STRAYS[why]) for text, why in counted.strays] if counted else [],
    }
    return render(request, "emergency_stock/count.html", values, status=422 if form.errors else 200)
