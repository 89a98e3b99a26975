"""Read what would move if a lycée closed, and what stands in the way; and, once it has closed, what moved.

A plan is read once for the page and once more behind the locks: its fingerprint says whether the two are the same.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.urls import reverse

from cartable.desk.models import SchoolClosing, UaiChange
from cartable.desk.rules import InTheWay, stock_goal
from cartable.distribution.court_models import Dispute
from cartable.distribution.models import DayState, DistributionDay
from cartable.emergency_stock.models import Loan, TopUp
from cartable.fleet.models import Device
from cartable.fleet.queries.stocks import depot_account
from cartable.fleet.rules import Condition, CustodianKind
from cartable.incidents.models import Incident, IncidentState
from cartable.organisations.models import School
from cartable.repairs.models import RepairTicket
from cartable.rosters.models import Student
from cartable.rosters.queries.carrying import Leaving, leaving_students, waiting_lists
from cartable.rosters.queries.review import waiting_lines
from cartable.supply.held_back import held_back
from cartable.supply.models import Shipment, ShipmentLine

STOCKS = (CustodianKind.EMERGENCY_STOCK, CustodianKind.SCHOOL_ALLOTMENT, CustodianKind.SCHOOL_BENCH)
# What somebody still has to do, by the lycée that has to. The audit finds none of it at a closed one.
OPEN_BUSINESS = """
    SELECT 'loan' AS what, allocation_id::text AS id, school_id FROM emergency_stock_loan WHERE ended_at IS NULL
    UNION ALL SELECT 'top-up', id::text, school_id FROM emergency_stock_topup WHERE decided_at IS NULL
    UNION ALL SELECT 'incident', id::text, school_id FROM incidents_incident WHERE state <> 'closed'
    UNION ALL SELECT 'ticket', id::text, school_id FROM repairs_repairticket WHERE closed_at IS NULL
    UNION ALL SELECT 'day', id::text, school_id FROM distribution_distributionday WHERE state <> 'closed'
    UNION ALL SELECT 'shipment', id::text, destination_school_id FROM supply_shipment WHERE closed_at IS NULL
"""
_OCCUPIED = f"""
SELECT school.id FROM unnest(%(schools)s::bigint[]) AS school(id)
WHERE EXISTS (SELECT FROM rosters_enrolment enrolment WHERE enrolment.school_id = school.id
              AND (enrolment.ends_on IS NULL OR enrolment.ends_on > greatest(enrolment.starts_on, current_date)))
   OR EXISTS (SELECT FROM fleet_custodian custodian JOIN fleet_device device ON device.custodian_id = custodian.id
              WHERE custodian.school_id = school.id)
   OR EXISTS (SELECT FROM ({OPEN_BUSINESS}) AS open WHERE open.school_id = school.id)
"""


def occupied_schools(school_ids: Collection[int]) -> set[int]:
    """Return those of these schools, in scope or not, with students, PCs, or something open: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_OCCUPIED, {"schools": list(school_ids)})
        return {row[0] for row in cursor.fetchall()}


@dataclass(frozen=True)
class Load:
    """PCs of one account, in one condition, and the account of the other lycée (or of the region) that takes them in."""

    origin_id: int
    origin: CustodianKind
    condition: Condition
    goal: CustodianKind
    device_ids: tuple[int, ...]


@dataclass(frozen=True)
class Obstacle:
    """What must be settled first: how many, where, and of PCs which ones."""

    what: InTheWay
    count: int
    url: str
    asset_tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClosingPlan:
    """What moves when a lycée closes on a day, into another one or, without students, into the depot."""

    school: School
    successor: School | None
    closed_on: date
    leaving: tuple[Leaving, ...]
    held_ids: tuple[int, ...]
    loads: tuple[Load, ...]
    loan_ids: tuple[int, ...]
    top_up_ids: tuple[UUID, ...]
    incident_ids: tuple[UUID, ...]
    ticket_ids: tuple[UUID, ...]
    planned_days: tuple[tuple[int, date], ...]
    review_count: int
    obstacles: tuple[Obstacle, ...]

    @property
    def stock_ids(self) -> tuple[int, ...]:
        """Return the PCs that go by shipment."""
        return tuple(sorted(pk for load in self.loads for pk in load.device_ids))

    @property
    def counts(self) -> dict[str, int]:
        """Return how many of what moves: what the page shows, and what is kept of it."""
        by_goal = {
            f"to_{kind}": sum(len(one.device_ids) for one in self.loads if one.goal == kind) for kind in CustodianKind
        }
        return {
            "students": sum(one.is_current(self.closed_on) for one in self.leaving),
            "earlier_students": sum(one.is_enrolled and not one.is_current(self.closed_on) for one in self.leaving),
            "leavers": sum(one.holds and not one.is_enrolled for one in self.leaving),
            "held": len(self.held_ids),
            "stock": len(self.stock_ids),
            "loans": len(self.loan_ids),
            "top_ups": len(self.top_up_ids),
            "incidents": len(self.incident_ids),
            "repairs": len(self.ticket_ids),
            "planned_days": len(self.planned_days),
            "review": self.review_count,
            **{name: count for name, count in by_goal.items() if count},
        }

    @property
    def fingerprint(self) -> str:
        """Return a digest of all that would move: what was looked at is what is done."""
        content = repr((
            self.school.pk, self.successor.pk if self.successor else None, self.closed_on, self.leaving, self.held_ids,
            self.loads, self.loan_ids, self.top_up_ids, self.incident_ids, self.ticket_ids, self.planned_days,
        ))  # fmt: skip
        return sha256(content.encode()).hexdigest()


def closing_plan(school: School, successor: School | None, *, closed_on: date) -> ClosingPlan:
    """Return what would move, and what stands in the way; the same number of statements for any lycée."""
    leaving = tuple(leaving_students(school.pk, on=closed_on, also=_with_something_open(school)))
    accounts = [one.custodian_id for one in leaving if one.counts_here]
    held = Device.objects.filter(custodian_id__in=accounts, custodian_kind=CustodianKind.STUDENT)
    days = DistributionDay.objects.filter(school=school).exclude(state=DayState.CLOSED).order_by("held_on", "pk")
    open_days = list(days.values_list("pk", "held_on", "state"))
    open_incidents = Incident.objects.filter(school=school).exclude(state=IncidentState.CLOSED)
    plan = ClosingPlan(
        school=school,
        successor=successor,
        closed_on=closed_on,
        leaving=leaving,
        held_ids=tuple(held.order_by("pk").values_list("pk", flat=True)),
        loads=tuple(_loads(school, successor)),
        loan_ids=_ids(Loan.objects.filter(school=school, ended_at=None)),
        top_up_ids=_ids(TopUp.objects.filter(school=school, decided_at=None)),
        incident_ids=_ids(open_incidents),
        ticket_ids=_ids(RepairTicket.objects.filter(school=school, closed_at=None)),
        planned_days=tuple((pk, day) for pk, day, state in open_days if state == DayState.PLANNED),
        review_count=waiting_lines(school=school).count(),
        obstacles=(),
    )
    begun = [pk for pk, _day, state in open_days if state != DayState.PLANNED]
    found = [*_of_the_lycee(plan, begun), *(() if successor else _of_nobody_after(plan))]
    return ClosingPlan(**{**plan.__dict__, "obstacles": tuple(found)})


def _with_something_open(school: School) -> set[int]:
    """Return the students whose loan, incident or repair is open there: whoever takes over must see whose it is."""
    loans = Loan.objects.filter(school=school, ended_at=None).values_list("student_id", flat=True)
    incidents = Incident.objects.filter(school=school, student__isnull=False).exclude(state=IncidentState.CLOSED)
    tickets = RepairTicket.objects.filter(school=school, closed_at=None, taken_from__isnull=False)
    waiting = Student.objects.filter(custodian_id__in=tickets.values("taken_from_id")).values_list("pk", flat=True)
    return {*loans, *incidents.values_list("student_id", flat=True), *waiting}


def _ids(rows: Any) -> tuple[Any, ...]:
    return tuple(rows.order_by("pk").values_list("pk", flat=True))


def _loads(school: School, successor: School | None) -> Iterator[Load]:
    """Yield the stock account by account and condition by condition: each becomes a shipment of its own."""
    stock = Device.objects.filter(custodian__school=school, custodian_kind__in=[str(kind) for kind in STOCKS])
    rows = stock.order_by("custodian_kind", "condition", "pk").values_list(
        "custodian_id", "custodian_kind", "condition", "pk"
    )
    to_come = DistributionDay.objects.exclude(state=DayState.CLOSED)
    has_a_day = successor is not None and to_come.filter(school=successor).exists()
    for (account, kind, condition), ones in groupby(rows, key=lambda row: row[:3]):
        origin, state = CustodianKind(kind), Condition(condition)
        goal = stock_goal(origin, state, to_depot=successor is None, goal_has_a_day=has_a_day)
        yield Load(account, origin, state, goal, tuple(row[3] for row in ones))


def _of_the_lycee(plan: ClosingPlan, begun: Sequence[int]) -> Iterator[Obstacle]:
    school = plan.school
    if begun:
        yield Obstacle(InTheWay.DAY, len(begun), reverse("distribution:day", args=[begun[0]]))
    disputes = list(Dispute.objects.filter(day__school=school, settled_at=None).values_list("day_id", flat=True))
    if disputes:
        yield Obstacle(InTheWay.DISPUTE, len(disputes), reverse("distribution:disputes", args=[disputes[0]]))
    ends = Q(origin_school=school) | Q(destination_school=school)
    of_lines = Q(shipment__origin_school=school) | Q(shipment__destination_school=school)
    unsettled = ShipmentLine.objects.filter(of_lines, settled_at=None).exclude(difference="")
    moving = {
        *Shipment.objects.filter(ends, closed_at=None).values_list("pk", flat=True),
        *unsettled.values_list("shipment_id", flat=True),
    }
    if moving:
        first = min(moving, key=str)
        yield Obstacle(InTheWay.ROAD, len(moving), reverse("supply:shipment", args=[first]))
    lists = waiting_lists(school.pk)
    if lists.imports or lists.files:
        yield Obstacle(InTheWay.LISTS, lists.imports + lists.files, reverse("rosters:roster", args=[school.uai]))
    pages = {
        InTheWay.IN_REPAIR: reverse("repairs:tickets"),
        InTheWay.CONTESTED: reverse("distribution:region-disputes"),
    }
    for code, staying in held_back(plan.stock_ids).items():
        tags = Device.objects.filter(pk__in=staying).order_by("asset_tag").values_list("asset_tag", flat=True)
        what = InTheWay(code)
        yield Obstacle(what, len(staying), pages[what], tuple(tags))


def _of_nobody_after(plan: ClosingPlan) -> Iterator[Obstacle]:
    """Yield what a lycée that nobody takes over must have settled itself."""
    counts, uai = plan.counts, plan.school.uai
    if counts["students"]:
        yield Obstacle(InTheWay.STUDENTS, counts["students"], reverse("desk:school-students", args=[uai]))
    if plan.held_ids:
        tags = Device.objects.filter(pk__in=plan.held_ids).order_by("asset_tag").values_list("asset_tag", flat=True)
        yield Obstacle(InTheWay.HOLDERS, len(plan.held_ids), f"{reverse('fleet:devices')}?lycee={uai}", tuple(tags))
    if cases := counts["loans"] + counts["incidents"] + counts["repairs"]:
        yield Obstacle(InTheWay.OPEN_CASES, cases, f"{reverse('desk:to-do')}?lycee={uai}")
    if plan.loads and depot_account(plan.school.region_id) is None:
        yield Obstacle(InTheWay.NO_DEPOT, len(plan.stock_ids), reverse("supply:deliveries"))


def closing_of(school: School) -> SchoolClosing | None:
    """Return how a lycée in scope closed; None where it did not, or where the directory alone said so."""
    found: SchoolClosing | None = (
        SchoolClosing._base_manager.filter(school=school).select_related("school", "successor").first()
    )
    return found


_OF_ACCOUNTS = """
SELECT closing.id FROM fleet_affiliation affiliation JOIN desk_schoolclosing closing
    ON closing.successor_id = affiliation.school_id AND closing.decided_at = affiliation.starts_at
WHERE affiliation.custodian_id = ANY(%(accounts)s)
"""


def closings_of_accounts(custodian_ids: Sequence[int]) -> list[SchoolClosing]:
    """Return the closings that made these students' accounts count for another lycée."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_ACCOUNTS, {"accounts": list(custodian_ids)})
        ids = [row[0] for row in cursor.fetchall()]
    found = SchoolClosing._base_manager.filter(pk__in=ids).select_related("school", "successor")
    return list(found.order_by("-decided_at")) if ids else []


def closings_into(school_ids: Sequence[int], *, since: date) -> list[SchoolClosing]:
    """Return which lycées closed into these ones lately, the latest first."""
    found = SchoolClosing.objects.filter(successor_id__in=list(school_ids), decided_at__date__gte=since)
    return list(found.select_related("school", "successor").order_by("-decided_at"))


def uai_changes_of(school: School) -> list[UaiChange]:
    """Return what numbers a lycée in scope was given, the latest first."""
    return list(UaiChange.objects.filter(school=school).select_related("decided_by").order_by("-decided_at"))
