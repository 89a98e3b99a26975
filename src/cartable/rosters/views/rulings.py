"""What humans ruled about the people in a lycée's lists, and taking it back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.fleet.commands import LedgerRefusal
from cartable.rosters.access import decision_for, import_for, line_for
from cartable.rosters.commands.decisions import undo_decision
from cartable.rosters.commands.imports import ImportRefused
from cartable.rosters.queries.rulings import rulings_about
from cartable.rosters.views.audience import STAFF
from cartable.rosters.views.review import answered
from cartable.rosters.words import REFUSALS


@open_to(*STAFF)
def rulings(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Show what was ruled about the lists of this lycée and school year."""
    roster_import = import_for(import_id)
    values = {
        "roster_import": roster_import, "school": roster_import.school, "rulings": rulings_about(roster_import),
    }  # fmt: skip
    return render(request, "rosters/rulings.html", values)


@open_to(*STAFF)
@require_POST
def ruling_undo(request: CartableRequest, decision_id: UUID) -> HttpResponse:
    """Take a ruling back; a card that asks gets its question again."""
    decision = decision_for(decision_id)
    refusal = ""
    try:
        undo_decision(
            decision_id=decision.pk,
            undone_by_id=request.signed_in.actor_id,
            undone_at=timezone.now(),
            today=timezone.localdate(),
        )
    except (ImportRefused, LedgerRefusal) as refused:
        refusal = str(REFUSALS.get(refused.code, refused.code))
    line_id = request.POST.get("ligne", "")
    if line_id.isascii() and line_id.isdigit() and len(line_id) < 19:
        return answered(request, line_for(int(line_id)), None, refusal)
    if refusal:
        messages.error(request, refusal)
    else:
        messages.success(request, _("Décision annulée."))
    return redirect("rosters:rulings", decision.roster_import_id)
