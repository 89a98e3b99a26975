"""The incidents in scope, one of them with its next gesture, its receipt and its certificate."""

from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cartable.accounts.access import CartableRequest, open_to
from cartable.distribution.queries.charters import charter_of, rules_of_student
from cartable.documents.answers import private_file
from cartable.documents.queries import FileErased, content_of
from cartable.incidents.access import incident_for
from cartable.incidents.forms import ComplaintForm, PlaceForm, RebuyForm, ReservePCForm
from cartable.incidents.models import Incident
from cartable.incidents.printing import certificate_of
from cartable.incidents.queries.sheets import IncidentSheet, incident_sheet, last_complaint_office, list_incidents
from cartable.incidents.queries.waiting import WAITS, Wait
from cartable.incidents.rules import Opening, looks_like
from cartable.incidents.views.audience import ALARMED, DECLARES, HEAD, OPENS_RECEIPTS, SEES, SETTLES
from cartable.incidents.words import HAPPENINGS, OPENS, REFUSALS, WAIT_NAMES
from cartable.photos.forms import PhotosForm
from cartable.photos.queries import photos_of_act

TEMPLATE = "incidents/incident.html"


@open_to(*SEES)
def incident_list(request: CartableRequest) -> HttpResponse:
    """Show the incidents in scope: open ones the oldest first, or closed ones."""
    attend, uai = request.GET.get("attend", ""), request.GET.get("lycee", "")[:8]
    wait = Wait(attend) if attend in set(Wait) else None
    is_open = wait is not None or request.GET.get("etat", "") != "clos"
    form = PlaceForm(request.GET)
    form.full_clean()
    page = list_incidents(
        today=timezone.localdate(),
        wait=WAITS[wait] if wait else None,
        school_uai=uai,
        is_open=is_open,
        after=form.cleaned_data.get("apres"),
        before=form.cleaned_data.get("avant"),
    )
    values = {
        "page": page,
        "rows": page.rows,
        "query": urlencode(
            {
                name: value
                for name, value in {"attend": attend, "lycee": uai, "etat": "" if is_open else "clos"}.items()
                if value
            }
        ),
        "is_open": is_open,
        "wait": wait,
        "waits": [(one, WAIT_NAMES[one], one == wait) for one in Wait],
        "may_declare": bool(set(DECLARES) & request.signed_in.roles),
        "may_see_alarm": bool(set(ALARMED) & request.signed_in.roles),
    }
    return render(request, "incidents/incidents.html", values)


@open_to(*SEES)
def incident(request: CartableRequest, incident_id: UUID) -> HttpResponse:
    """Show one incident and what comes next."""
    return render(request, TEMPLATE, page_of(request, incident_for(incident_id)))


def page_of(request: CartableRequest, found: Incident, **forms: Any) -> dict[str, Any]:
    """Return what the page of an incident shows; ``forms`` replaces a form that was refused."""
    sheet = incident_sheet(found)
    roles = request.signed_in.roles
    return {
        "sheet": sheet,
        "incident": found,
        "opens_words": OPENS[found.opens],
        "door_refusal": REFUSALS.get(sheet.door_obstacle, ""),
        "closing_refusal": REFUSALS.get(sheet.closing_obstacle, ""),
        "happenings": [(HAPPENINGS[one.code], one) for one in sheet.happenings],
        "may_settle": bool(set(SETTLES) & roles),
        "may_lend": bool(set(HEAD) & roles),
        "may_open_receipt": bool(set(OPENS_RECEIPTS) & roles)
        and found.receipt is not None
        and not found.receipt.erased_at,
        "may_withdraw": bool(set(DECLARES) & roles) and found.state == "declared",
        "movement": uuid4(),
        "photos": photos_of_act(found.pk),
        "photos_form": PhotosForm() if set(DECLARES) & roles else None,
        "photos_url": reverse("incidents:photos", args=[found.pk]),
        "may_erase_photos": True,
        **_forms(found, sheet),
        **forms,
    }


def _forms(found: Incident, sheet: IncidentSheet) -> dict[str, Any]:
    """Return the forms of the one next gesture, empty."""
    if not sheet.is_open:
        return {}
    if found.kind == "theft" and found.state == "declared":
        # The likely one, to be read over: where the last complaint was lodged, else the police of the town.
        office = last_complaint_office(found.school_id) or _("Commissariat de %(town)s") % {"town": found.school.town}
        forms: dict[str, Any] = {"complaint_form": ComplaintForm(initial={"movement": uuid4(), "office": office})}
    else:
        forms = {}
    if sheet.door in {Opening.REPLACEMENT, Opening.LOAN}:
        forms["reserve_form"] = ReservePCForm(initial={"movement": uuid4()})
        forms["has_charter"] = sheet.door == Opening.LOAN or _has_charter(found)
    if sheet.door == Opening.REBUY:
        forms["rebuy_form"] = RebuyForm(initial={"movement": uuid4()})
    return forms


def _has_charter(found: Incident) -> bool:
    if found.student_id is None:
        return False
    rules = rules_of_student(found.student_id, today=timezone.localdate())
    return rules is not None and charter_of(found.student_id, rules) is not None


@open_to(*OPENS_RECEIPTS)
def receipt(request: CartableRequest, incident_id: UUID) -> HttpResponse:
    """Open the receipt of a complaint, for as long as it is kept."""
    found = incident_for(incident_id)
    if found.receipt_id is None:
        raise Http404
    try:
        content = content_of(found.receipt_id)
    except FileErased as erased:
        raise Http404 from erased
    media_type = looks_like(content)
    return private_file(content, media_type, f"recepisse.{media_type.rpartition('/')[2]}")


@open_to(*SEES)
def certificate(request: CartableRequest, incident_id: UUID) -> HttpResponse:
    """Print what an insurer asks for: what was declared, about which PC, and what it costs to buy it again."""
    found = incident_for(incident_id)
    content = certificate_of(found, now=timezone.localtime())
    return private_file(content, "application/pdf", _("attestation.pdf"))
