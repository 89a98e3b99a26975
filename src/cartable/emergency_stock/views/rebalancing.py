"""Even out near reserves: what one has too many, another one lacks."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.emergency_stock.access import school_for
from cartable.emergency_stock.commands.allocations import ReserveRefused
from cartable.emergency_stock.commands.rebalancing import rebalance
from cartable.emergency_stock.forms import RebalanceForm
from cartable.emergency_stock.queries.rebalancing import proposed_transfers
from cartable.emergency_stock.views.audience import MOVES
from cartable.emergency_stock.words import REFUSALS


@open_to(*MOVES)
def proposal_list(request: CartableRequest) -> HttpResponse:
    """Show which reserves could help each other out; one gesture makes a transfer."""
    rows = [
        (one, RebalanceForm(auto_id=False, initial=_said(one.giver.uai, one.taker.uai, one.count)))
        for one in proposed_transfers(today=timezone.localdate())
    ]
    return render(request, "emergency_stock/rebalancing.html", {"rows": rows})


def _said(giver: str, taker: str, count: int) -> dict[str, object]:
    return {"id": uuid4(), "giver": giver, "taker": taker, "count": count}


@open_to(*MOVES)
@require_POST
def rebalance_do(request: CartableRequest) -> HttpResponse:
    """Make a proposed transfer."""
    form = RebalanceForm(request.POST)
    if not form.is_valid():
        return redirect("emergency_stock:rebalancing")
    said = form.cleaned_data
    try:
        sent = rebalance(
            shipment_id=said["id"],
            giver=school_for(said["giver"]),
            taker=school_for(said["taker"]),
            count=said["count"],
            moved_at=timezone.now(),
            moved_by_id=request.signed_in.actor_id,
        )
    except ReserveRefused as refusal:
        messages.error(request, str(REFUSALS.get(refusal.code, refusal.code)))
        return redirect("emergency_stock:rebalancing")
    return redirect("supply:shipment", sent.shipment_id)
