"""What the reader of a list could not take: settled one by one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.rosters.access import problem_for
from cartable.rosters.commands.problems import settle_problem
from cartable.rosters.views.audience import STAFF


@open_to(*STAFF)
@require_POST
def problem_settle(request: CartableRequest, problem_id: int) -> HttpResponse:
    """Take one record off what waits."""
    problem = problem_for(problem_id)
    settle_problem(problem_id=problem.pk, settled_at=timezone.now(), settled_by_id=request.signed_in.actor_id)
    messages.success(request, _("Ligne réglée."))
    return redirect(f"{reverse('rosters:import', args=[problem.roster_import_id])}#signalements")
