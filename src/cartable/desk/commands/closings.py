"""A lycée closes into another one: students, accounts, stock, loans, incidents, repairs and requests move in one act.

Each package writes what is its own, for all at once; here they are put together in one transaction. What was looked at is what
is done: the plan is read again behind the locks, and where its fingerprint is another one nothing happens.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from psycopg.errors import DeadlockDetected

from cartable.desk.models import SchoolClosing
from cartable.desk.queries.closings import ClosingPlan, closing_plan
from cartable.distribution.commands.days import cancel_planned_days
from cartable.distribution.models import DistributionDay
from cartable.emergency_stock.commands.carrying import carry_reserve
from cartable.fleet.commands import hold_custody, hold_stocks, open_school_accounts
from cartable.fleet.queries.stocks import depot_account
from cartable.fleet.rules import CustodianKind
from cartable.incidents.commands.carrying import carry_incidents
from cartable.organisations.commands import close_school
from cartable.organisations.models import School
from cartable.repairs.commands.carrying import carry_repairs
from cartable.rosters.commands.carrying import carry_students
from cartable.rosters.queries.reach import region_wide
from cartable.supply.commands import Consignment, ShipmentRefused, dispatch_shipments
from cartable.ui.figures import short_date


class ClosingRefused(Exception):
    """Nothing moved; ``code`` is stable, and says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Closed:
    """A lycée that is closed; ``is_repeated`` where the same act had been done before."""

    closing_id: UUID
    counts: dict[str, int]
    is_repeated: bool


def close_lycee(
    *,
    closing_id: UUID,
    school: School,
    successor_id: int | None,
    closed_on: date,
    fingerprint: str,
    closed_at: datetime,
    closed_by_id: int,
) -> Closed:
    """Close a lycée into another one, or, where nobody is left in it, alone: its stock goes to the depot.

    Students and their PCs count for the other lycée at once; the stock is on the road until it is scanned there. The same
    ``closing_id`` again gives the first answer. Raises ClosingRefused: books_moved (another preview than the one that was
    looked at), in_the_way, already_closed, successor_closed, day_to_come, id_reused, lists_contradict.
    """
    try:
        with transaction.atomic(), region_wide(school.region_id):
            return _close(closing_id, school, successor_id, closed_on, fingerprint, closed_at, closed_by_id)
    except IntegrityError as error:
        # A list of a third lycée named one of the students at the same moment.
        raise ClosingRefused("lists_contradict") from error
    except ShipmentRefused as refusal:
        raise ClosingRefused("books_moved") from refusal
    except OperationalError as error:
        # Somebody moves the same PCs in another order right now: PostgreSQL lets one of the two go.
        if isinstance(error.__cause__, DeadlockDetected):
            raise ClosingRefused("books_moved") from error
        raise


def _close(
    closing_id: UUID, school: School, successor_id: int | None, closed_on: date, fingerprint: str, at: datetime, by_id: int
) -> Closed:  # fmt: skip
    # Both lycées, the lower id first, as lists and departures hold them.
    wanted = [school.pk, *([successor_id] if successor_id is not None else [])]
    held = School.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=wanted).order_by("pk")
    schools = {one.pk: one for one in held}
    school, successor = schools[school.pk], schools.get(successor_id or 0)
    if (known := SchoolClosing.objects.filter(pk=closing_id).first()) is not None:
        if (known.school_id, known.successor_id) != (school.pk, successor_id):
            raise ClosingRefused("id_reused")
        return Closed(known.pk, known.counts, True)
    if SchoolClosing.objects.filter(school=school).exists():
        raise ClosingRefused("already_closed")
    if successor_id is not None and (successor is None or successor.closed_on is not None):
        raise ClosingRefused("successor_closed")
    if closed_on > timezone.localdate(at):
        raise ClosingRefused("day_to_come")
    plan = _held_plan(school, successor, closed_on)
    if plan.fingerprint != fingerprint:
        raise ClosingRefused("books_moved")
    if plan.obstacles:
        raise ClosingRefused("in_the_way")
    shipments = _dispatch(closing_id, plan, at, by_id)
    _carry(plan, at, by_id)
    cancel_planned_days(school_id=school.pk)
    close_school(school_id=school.pk, closed_on=closed_on, successor_id=successor_id)
    closing = SchoolClosing.objects.create(
        id=closing_id, school=school, successor=successor, closed_on=closed_on, decided_at=at, decided_by_id=by_id,
        fingerprint=fingerprint, counts=plan.counts, shipment_ids=shipments,
    )  # fmt: skip
    return Closed(closing.pk, closing.counts, False)


def _held_plan(school: School, successor: School | None, closed_on: date) -> ClosingPlan:
    """Hold days, students' accounts, PCs and the lycée's own accounts, in this order, and read what is there then.

    Who moves one of these PCs has its account and its device first, and waits for the lycée's account with its movement: so
    does this act, and neither waits for the other in a circle.
    """
    seen = closing_plan(school, successor, closed_on=closed_on)
    days = DistributionDay.objects.filter(school=school).order_by("pk")
    list(days.select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
    hold_custody(
        custodian_ids=[one.custodian_id for one in seen.leaving], device_ids=sorted((*seen.held_ids, *seen.stock_ids))
    )
    hold_stocks(school_id=school.pk)
    return closing_plan(school, successor, closed_on=closed_on)


def _dispatch(closing_id: UUID, plan: ClosingPlan, at: datetime, by_id: int) -> list[UUID]:
    """Send the whole stock off: it stays where it is until the other end has scanned it, and what is missing then shows."""
    if not plan.loads:
        return []
    goals = _goals(plan, at)
    consignments = [
        Consignment(
            uuid5(closing_id, f"{load.origin}:{load.condition}"), load.origin_id, goals[load.goal],
            device_ids=load.device_ids, carrier_note=_note(plan),
        )
        for load in plan.loads
    ]  # fmt: skip
    dispatch_shipments(consignments, region_id=plan.school.region_id, dispatched_at=at, dispatched_by_id=by_id)
    return [one.shipment_id for one in consignments]


def _goals(plan: ClosingPlan, at: datetime) -> dict[CustodianKind, int]:
    region_id = plan.school.region_id
    if plan.successor is not None:
        return open_school_accounts(region_id=region_id, school_id=plan.successor.pk, opened_at=at)
    depot = depot_account(region_id)
    assert depot is not None  # Else something stood in the way.
    return {CustodianKind.DEPOT: depot}


def _carry(plan: ClosingPlan, at: datetime, by_id: int) -> None:
    school_id, to_school_id = plan.school.pk, plan.successor.pk if plan.successor else None
    carry_students(
        plan.leaving, from_school_id=school_id, to_school_id=to_school_id, on=plan.closed_on, carried_at=at,
        carried_by_id=by_id,
    )  # fmt: skip
    carry_reserve(
        from_school_id=school_id, to_school_id=to_school_id, reason=_note(plan), carried_at=at, carried_by_id=by_id
    )
    if to_school_id is not None:
        open_school_accounts(region_id=plan.school.region_id, school_id=to_school_id, opened_at=at)
        carry_incidents(from_school_id=school_id, to_school_id=to_school_id)
        carry_repairs(from_school_id=school_id, to_school_id=to_school_id)


def _note(plan: ClosingPlan) -> str:
    """Return why this moves, as shipments and requests keep it: in French, whoever confirms."""
    with override("fr"):
        words = _("Fermeture de %(school)s le %(day)s")
        return (words % {"school": plan.school.name, "day": short_date(plan.closed_on)})[:120]
