"""Damaged parts, counted: which lot, which model, which lycée."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cartable.accounts.access import CartableRequest, open_to
from cartable.kernel.school_year import SchoolYear
from cartable.returns.models import Damage as PartName
from cartable.returns.queries.damages import MOST_ROWS, Side, damage_counts
from cartable.returns.rules import Damage
from cartable.returns.views.audience import SEES_BENCH

SIDES = {Side.LOT: _("Par lot"), Side.MODEL: _("Par modèle"), Side.LYCEE: _("Par lycée")}
HEADS = {Side.LOT: _("Lot"), Side.MODEL: _("Modèle"), Side.LYCEE: _("Lycée")}
ALWAYS = "toujours"


@open_to(*SEES_BENCH)
def damages(request: CartableRequest) -> HttpResponse:
    """Show the parts that came back damaged, in this school year or since the beginning."""
    asked = request.GET.get("par", "")
    side = Side(asked) if asked in set(Side) else Side.LOT
    is_always = request.GET.get("depuis") == ALWAYS
    since = None if is_always else SchoolYear.containing(timezone.localdate()).starts_on
    rows = damage_counts(side, since=since)
    values = {
        "sides": [(str(one), name, one == side) for one, name in SIDES.items()],
        "side": str(side),
        "head": HEADS[side],
        "is_always": is_always,
        "since": since,
        "parts": [PartName(part).label for part in Damage],
        "rows": [(row, [row.parts[part] for part in Damage]) for row in rows],
        "is_cut": len(rows) == MOST_ROWS,
    }
    return render(request, "returns/damages.html", values)
