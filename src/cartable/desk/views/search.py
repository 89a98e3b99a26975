"""The search of the bar: an exact code goes straight to its page, anything else gives lists.

What is typed may be the name of a student, so it never stands in an address: it is posted, kept in the session, and the
page of results reads it there. Only what is the code of something leads to an address of its own, at once. Going back and
forth works, and no log sees it.
"""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from cartable.accounts.access import CartableRequest, open_to
from cartable.desk.audience import FLEET, SITE
from cartable.desk.forms import ScannerForm, SearchForm
from cartable.fleet.queries.codes import Bearer, bearers_of, find_devices
from cartable.organisations.queries import find_schools, school_for_uai
from cartable.rosters.queries.people import find_students, student_by_label
from cartable.ui.camera import may_read_labels

SHOWN = 20
SEARCHED = "searched"


@open_to(*sorted(FLEET))
def search(request: CartableRequest) -> HttpResponse:
    """Find students, devices and schools in scope by what names them."""
    if request.method == "POST":
        text = request.session[SEARCHED] = SearchForm(request.POST).text()
        return _its_page(request, text, bearers_of(text)) or redirect("desk:search")
    text = SearchForm(request.GET).text() if "q" in request.GET else request.session.get(SEARCHED, "")
    bearers = bearers_of(text)
    return _its_page(request, text, bearers) or _alarm(request, text, bearers) or _lists(request, text)


@open_to(*sorted(FLEET))
@may_read_labels
def scanner(request: CartableRequest) -> HttpResponse:
    """Wait for a scan: what the code names opens with its next gestures, by the road of the search."""
    return render(request, "desk/scanner.html", {"form": ScannerForm()})


def _sees_students(request: CartableRequest) -> bool:
    return bool(SITE & request.signed_in.roles)


def _its_page(request: CartableRequest, text: str, bearers: Sequence[Bearer]) -> HttpResponse | None:
    """Go straight to the page of what this text is the code of."""
    for one in bearers:
        if one.is_seen:
            return redirect("fleet:device", one.asset_tag)
    code = "".join(text.split()).upper()
    student = student_by_label(code) if _sees_students(request) else None
    if student is not None:
        return redirect("rosters:student", student.label_code)
    school = school_for_uai(code)
    return redirect("desk:school", school.uai) if school else None


def _alarm(request: CartableRequest, text: str, bearers: Sequence[Bearer]) -> HttpResponse | None:
    """Say that this is a stolen or lost PC: it belongs to no lycée any more, and whoever has it in hand must learn it."""
    if not bearers or not bearers[0].is_hot:
        return None
    return render(request, "desk/search.html", {"search_text": text, "hot": bearers[0].asset_tag})


def _lists(request: CartableRequest, text: str) -> HttpResponse:
    schools = find_schools(text)
    devices = find_devices(text, limit=SHOWN + 1)
    # A link to the whole list only where there is more than is shown.
    all_url = f"{reverse('fleet:devices')}?{urlencode({'q': text})}" if len(devices) > SHOWN else ""
    students = find_students(text, limit=SHOWN) if text and _sees_students(request) else ()
    values = {
        "search_text": text,
        "students": students,
        "devices": devices[:SHOWN],
        "schools": schools,
        "all_url": all_url,
    }
    return render(request, "desk/search.html", values)
