"""The search of the bar: an exact code goes straight to its page, anything else gives lists.

What is typed may be the name of a student, so it never stands in an address: it is posted, kept in the session, and the
page of results reads it there. Going back and forth works, and no log sees it.
"""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.desk.forms import SearchForm
from cartable.desk.queries import students_found
from cartable.fleet.queries import DeviceFilter, exact_device, list_devices
from cartable.organisations.queries import find_schools

SHOWN_DEVICES = 20
SEARCHED = "searched"


@open_to(Role.REGION_MANAGER, Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE, Role.DISTRIBUTION_LEADER)
def search(request: CartableRequest) -> HttpResponse:
    """Find students, devices and schools in scope by what names them."""
    if request.method == "POST":
        request.session[SEARCHED] = SearchForm(request.POST).text()
        return redirect("desk:search")
    text = SearchForm(request.GET).text() if "q" in request.GET else request.session.get(SEARCHED, "")
    asset_tag = exact_device(text) if text else None
    if asset_tag is not None:
        return redirect("fleet:device", asset_tag)
    schools = find_schools(text)
    if len(schools) == 1 and schools[0].uai == text.upper():
        return redirect("desk:school", schools[0].uai)
    devices = list_devices(DeviceFilter(text=text), limit=SHOWN_DEVICES) if text else None
    # A link to the whole list only where there is more than is shown.
    all_url = f"{reverse('fleet:devices')}?{urlencode({'q': text})}" if devices and devices.next_after else ""
    students = students_found(text) if text else ()
    values = {"search_text": text, "students": students, "devices": devices, "schools": schools, "all_url": all_url}
    return render(request, "desk/search.html", values)
