"""What waits for whoever is signed in: for a technician lycée by lycée, as a round is driven."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cartable.accounts.access import CartableRequest, SignedIn, open_to
from cartable.desk.audience import TECHNICIAN
from cartable.desk.forms import LyceeForm
from cartable.desk.rules import by_school
from cartable.desk.waiting import Asker, waiting_for
from cartable.emergency_stock.queries.levels import reserves
from cartable.organisations.queries import school_choices, school_for_uai, schools_of


@open_to()
def to_do(request: CartableRequest) -> HttpResponse:
    """Show what waits, the most urgent first; the lycée stands in the address."""
    signed_in = request.signed_in
    form = LyceeForm(request.GET, schools=school_choices())
    chosen = school_for_uai(form.chosen())
    items = waiting_for(Asker.of(signed_in, school_id=chosen.pk if chosen else None))
    values: dict[str, Any] = {"form": form if len(form.schools) > 1 else None, "items": items, "chosen": chosen}
    if signed_in.roles == TECHNICIAN:
        values["rounds"] = _rounds(signed_in, by_school(items), chosen.pk if chosen else None)
    return render(request, "desk/to_do.html", values)


def _rounds(signed_in: SignedIn, waiting: dict[str, Any], school_id: int | None) -> list[dict[str, Any]]:
    """Return each lycée of a technician with what waits there, its reserve, and how many PCs to carry."""
    ids = signed_in.school_ids or () if school_id is None else (school_id,)
    schools = schools_of(ids)
    lines = reserves([one.school_id for one in schools], today=timezone.localdate())
    return [
        {"school": school, "line": line, "items": waiting.get(f"{school.name}, {school.town}", [])}
        for school, line in zip(schools, lines, strict=True)
    ]
