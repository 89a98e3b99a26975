"""What waits for a human: a card for each case, one gesture for each answer; with htmx the card alone, without it the page."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.rosters.access import import_for, line_for
from cartable.rosters.commands.decisions import decide
from cartable.rosters.commands.imports import ImportRefused
from cartable.rosters.forms.lists import ReviewAnswerForm
from cartable.rosters.models import Outcome, RosterDecision, RosterImport, RosterLine, RosterState, Ruling
from cartable.rosters.queries.review import (
    ReviewCase,
    full_name,
    review_cases,
    review_page,
    takes_rulings,
    waiting_lines,
)
from cartable.rosters.views.audience import STAFF
from cartable.rosters.words import REFUSALS, REVIEW

HERE, ALL = "import", "tout"


@open_to(*STAFF)
def review_all(request: HttpRequest) -> HttpResponse:
    """Show what waits in all lists in scope."""
    return _page(request, None)


@open_to(*STAFF)
def review_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Show what waits in one list."""
    return _page(request, import_for(import_id))


def _page(request: HttpRequest, roster_import: RosterImport | None) -> HttpResponse:
    page = review_page(roster_import, after=_cursor(request, "apres"), before=_cursor(request, "avant"))
    values = {
        "roster_import": roster_import,
        "school": roster_import.school if roster_import else None,
        "page": page,
        "waiting": page.count,
        "is_applied": roster_import is not None and roster_import.state == RosterState.APPLIED,
        "cards": [case_values(case, HERE if roster_import else ALL) for case in page.cases],
    }
    return render(request, "rosters/review.html", values)


def _cursor(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def case_values(case: ReviewCase, place: str) -> dict[str, Any]:
    """Return a case as its card shows it; the page makes the id of the answer, so that sent twice it is one."""
    proposed = case.proposal
    return {
        "case": case,
        "card_id": f"cas-{case.line_id}",
        "decision_id": uuid4(),
        "place": place,
        "reason": REVIEW.get(case.review_code, case.review_code),
        "candidates": [
            # As text: a page writes figures with spaces between thousands.
            (
                one,
                str(one.student_id),
                proposed is not None and proposed.ruling == "same" and proposed.student_id == one.student_id,
            )
            for one in case.candidates
        ],
        "proposed": proposed.ruling if proposed else "",
    }


@open_to(*STAFF)
@require_POST
def review_rule(request: CartableRequest, line_id: int) -> HttpResponse:
    """Take one answer about one line."""
    line = line_for(line_id)
    form = ReviewAnswerForm(request.POST)
    if not form.is_valid():
        return answered(request, line, None, _("Cette réponse n’a pas été comprise : relisez le cas."))
    ruling, student_id = form.answer_given()
    try:
        decision = decide(
            decision_id=form.cleaned_data["decision"],
            line_id=line.pk,
            ruling=ruling,
            student_id=student_id,
            decided_by_id=request.signed_in.actor_id,
            decided_at=timezone.now(),
            today=timezone.localdate(),
        )
    except ImportRefused as refusal:
        return answered(request, line, None, str(REFUSALS.get(refusal.code, refusal.code)))
    return answered(request, line, decision, "")


def answered(request: CartableRequest, line: RosterLine, decision: RosterDecision | None, refusal: str) -> HttpResponse:
    """Answer with the card as it is now: still a question, another one, or settled; without htmx with the page."""
    place = request.POST.get("retour", HERE)
    if not request.headers.get("HX-Request"):
        if refusal:
            messages.error(request, refusal)
        elif decision is not None:
            is_applied = line.roster_import.state == RosterState.APPLIED
            taken = _("%(ruling)s : appliqué.") if is_applied else _("%(ruling)s : retenu.")
            messages.success(request, taken % {"ruling": Ruling(decision.ruling).label})
        else:
            messages.success(request, _("Décision annulée."))
        if place == ALL:
            return redirect("rosters:review-all")
        return redirect("rosters:review", line.roster_import_id)
    line = line_for(line.pk)
    scope = line.roster_import if place != ALL else None
    values: dict[str, Any] = {
        "refusal": refusal, "waiting": waiting_lines(scope).count(), "is_answer": True, "place": place,
    }  # fmt: skip
    if line.outcome == Outcome.REVIEW and takes_rulings(line.roster_import):
        (case,) = review_cases([line])
        values |= case_values(case, place)
        template = "rosters/review.html#case"
    else:
        values |= {
            "card_id": f"cas-{line.pk}",
            "line_number": str(line.pk),
            "name": full_name(line),
            "becomes": Outcome(line.outcome).label,
            "decision": decision,
            "ruling": Ruling(decision.ruling).label if decision else "",
            "is_applied": line.roster_import.state == RosterState.APPLIED,
        }
        template = "rosters/review.html#settled"
    return render(request, template, values, status=422 if refusal else 200)
