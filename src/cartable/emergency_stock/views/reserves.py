"""The reserves in scope, and one of them: its level, who still waits, what is lent."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.emergency_stock.access import allocation_for, school_for
from cartable.emergency_stock.commands.allocations import ReserveRefused, take_back
from cartable.emergency_stock.forms import AskForm, UndoForm
from cartable.emergency_stock.queries.levels import ReserveLine, reserves
from cartable.emergency_stock.queries.papers import absent_since_the_day, last_allocations, open_loans
from cartable.emergency_stock.queries.readings import ReserveState, absent_of, readings, schools_that_are
from cartable.emergency_stock.queries.top_ups import forecast, last_top_ups, waiting_count
from cartable.emergency_stock.rules import loan_ages
from cartable.emergency_stock.views.audience import DECIDES, DESK, MOVES, SEES
from cartable.emergency_stock.words import REFUSALS, TOP_UP_STATES
from cartable.organisations.queries import SchoolFilter, list_schools
from cartable.supply.queries.shipments import list_shipments
from cartable.ui.figures import percent
from cartable.ui.paging import page_place


@open_to(*SEES)
def reserve_list(request: CartableRequest) -> HttpResponse:
    """Show the reserves in scope by UAI, all or those that wait for something; who has one lycée sees its own at once.

    Which ones wait is what the worker last read; what each of them holds is read now.
    """
    place, asked = page_place(request), request.GET.get("etat", "")
    state = ReserveState(asked) if asked in set(ReserveState) else None
    wanted = SchoolFilter(school_ids=tuple(schools_that_are(state)) if state else None)
    page = list_schools(wanted, after=place.after, before=place.before)
    if page.count == 1 and state is None:
        return redirect("emergency_stock:reserve", page.rows[0].uai)
    shown = [row.school_id for row in page.rows]
    lines, absent = reserves(shown, today=timezone.localdate()), absent_of(shown)
    rows = [
        (row, line, percent(line.level.tension), absent.get(row.school_id))
        for row, line in zip(page.rows, lines, strict=True)
    ]
    roles = request.signed_in.roles
    known = readings()
    values = {
        "rows": rows,
        "page": page,
        "query": f"etat={state}&" if state else "",
        "state": state,
        "read_at": known.read_at,
        "states": [
            ("", _("Toutes"), None, state is None),
            (str(ReserveState.LOW), _("Sous le seuil"), known.low_count, state == ReserveState.LOW),
            (str(ReserveState.ABSENT), _("Élèves absents"), known.absent_schools, state == ReserveState.ABSENT),
        ],
        "waiting": waiting_count() if set(DECIDES) & roles else None,
        "may_move": bool(set(MOVES) & roles),
        "may_send": bool(set(DECIDES) & roles),
    }
    return render(request, "emergency_stock/reserves.html", values)


@open_to(*SEES)
def reserve(request: CartableRequest, uai: str) -> HttpResponse:
    """Show the reserve of one lycée."""
    school = school_for(uai)
    today = timezone.localdate()
    [line] = reserves([school.pk], today=today)
    loans, roles = open_loans(school.pk, today=today), request.signed_in.roles
    top_ups = last_top_ups(school.pk, today=today)
    values = {
        "school": school,
        "line": line,
        "tension": percent(line.level.tension),
        "absent": absent_since_the_day(school.pk),
        "loans": loans,
        "ages": loan_ages([loan.days for loan in loans]),
        "forecast": forecast(school.pk, today=today),
        "road": list_shipments(today=today, is_open=True, school_id=school.pk),
        "top_ups": [(row, *TOP_UP_STATES[row.state]) for row in top_ups],
        "ask_form": _ask_form(line, may_ask=bool(set(DESK) & roles) and not any(r.state == "asked" for r in top_ups)),
        "allocations": last_allocations(school.pk),
        "undo_id": uuid4(),
        "may_hand_over": bool(set(DESK) & roles),
        "sees_road": bool({*DESK, *DECIDES} & roles),
    }
    return render(request, "emergency_stock/reserve.html", values)


def _ask_form(line: ReserveLine, *, may_ask: bool) -> AskForm | None:
    """Propose what the reserve lacks; somebody may ask for another number."""
    return AskForm(initial={"id": uuid4(), "count": max(1, line.level.missing)}) if may_ask else None


@open_to(*DESK)
@require_POST
def undo(request: CartableRequest, movement_id: UUID) -> HttpResponse:
    """Take an allocation back that was a mistake."""
    allocation = allocation_for(movement_id)
    form = UndoForm(request.POST)
    if form.is_valid():
        try:
            take_back(
                allocation=allocation,
                movement_id=form.cleaned_data["movement"],
                taken_back_at=timezone.now(),
                taken_back_by_id=request.signed_in.actor_id,
            )
        except ReserveRefused as refusal:
            messages.error(request, str(REFUSALS.get(refusal.code, refusal.code)))
        else:
            messages.success(request, _("Remise annulée : le PC est de nouveau dans la réserve."))
    return redirect("emergency_stock:reserve", allocation.school.uai)
