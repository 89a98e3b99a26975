"""Read what lycées ask of the depot, and what a reserve will need."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cartable.emergency_stock.models import TopUp
from cartable.emergency_stock.queries.levels import ReserveLine, reserves
from cartable.emergency_stock.rules import needed_ahead
from cartable.supply.models import Shipment
from cartable.supply.rules import Remedy

# Months of the region's own clock, the oldest first; what was undone never left.
_LEFT = """
SELECT month.begins::date,
    count(allocation.movement_id) FILTER (WHERE allocation.cause <> 'loan'),
    count(allocation.movement_id) FILTER (WHERE allocation.cause = 'loan')
FROM generate_series(date_trunc('month', %(today)s::timestamp) - interval '11 months',
                     date_trunc('month', %(today)s::timestamp), interval '1 month') AS month(begins)
LEFT JOIN emergency_stock_allocation allocation ON allocation.school_id = %(school)s
    AND allocation.undone_by_movement_id IS NULL
    AND allocation.allocated_at >= month.begins AT TIME ZONE %(zone)s
    AND allocation.allocated_at < (month.begins + interval '1 month') AT TIME ZONE %(zone)s
GROUP BY month.begins ORDER BY month.begins
"""


@dataclass(frozen=True)
class TopUpRow:
    """A request as pages show it; ``state`` is read from its facts."""

    pk: UUID
    school: str
    town: str
    school_uai: str
    asked_count: int
    asked_at: datetime
    days: int
    state: str
    refusal: str
    shipment_id: UUID | None


@dataclass(frozen=True)
class TopUpToDecide:
    """A request that waits for an answer, beside the reserve that it is for."""

    row: TopUpRow
    reserve: ReserveLine


@dataclass(frozen=True)
class MonthLine:
    """What left a reserve in one month; ``share`` of the busiest one, 0 to 1000."""

    begins: date
    kept: int
    lent: int
    share: int


@dataclass(frozen=True)
class Forecast:
    """What left a reserve over twelve months, and what that says about the months ahead."""

    months: tuple[MonthLine, ...]
    kept: int
    ahead: int


def seen_top_ups() -> "QuerySet[TopUp]":
    """Return the requests in scope with what their state is read from."""
    arrived = Shipment.objects.filter(pk=OuterRef("shipment_id")).filter(
        Q(lines__arrival__isnull=False) | Q(lines__remedy=str(Remedy.FOUND))
    )
    found: QuerySet[TopUp] = TopUp.objects.select_related("school", "shipment").annotate(has_arrived=Exists(arrived))
    return found


def last_top_ups(school_id: int, *, today: date, limit: int = 5) -> tuple[TopUpRow, ...]:
    """Return the requests of a lycée, the latest first."""
    found = seen_top_ups().filter(school_id=school_id).order_by("-asked_at")
    return tuple(_row(request, today) for request in found[:limit])


def top_ups_to_decide(*, today: date, limit: int = 200) -> tuple[TopUpToDecide, ...]:
    """Return the requests in scope that wait for an answer, the oldest first, beside the level of each reserve."""
    waiting = seen_top_ups().filter(decided_at=None).order_by("asked_at", "pk")
    return _beside_reserves(list(waiting[:limit]), today)


def top_up_to_decide(top_up: TopUp, *, today: date) -> TopUpToDecide:
    """Return one request, found in scope by `access`."""
    [one] = _beside_reserves([top_up], today)
    return one


def waiting_count() -> int:
    """Return how many requests in scope wait for an answer."""
    return TopUp.objects.filter(decided_at=None).count()


def forecast(school_id: int, *, today: date) -> Forecast:
    """Return what left the reserve of a lycée in scope, month by month, and what it needs ahead: one statement."""
    zone = timezone.get_default_timezone_name()
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, {"school": school_id, "today": today, "zone": zone})
        rows = cursor.fetchall()
    most = max((kept + lent for _month, kept, lent in rows), default=0) or 1
    months = tuple(MonthLine(month, kept, lent, round(1000 * (kept + lent) / most)) for month, kept, lent in rows)
    kept_by_month = [line.kept for line in months]
    return Forecast(months, sum(kept_by_month), needed_ahead(kept_by_month))


def _beside_reserves(requests: Sequence[TopUp], today: date) -> tuple[TopUpToDecide, ...]:
    lines = reserves([request.school_id for request in requests], today=today)
    return tuple(TopUpToDecide(_row(request, today), line) for request, line in zip(requests, lines, strict=True))


def _row(request: TopUp, today: date) -> TopUpRow:
    return TopUpRow(
        request.pk, request.school.name, request.school.town, request.school.uai, request.asked_count,
        request.asked_at, (today - request.asked_at.date()).days, _state(request), request.refusal,
        request.shipment_id,
    )  # fmt: skip


def _state(request: TopUp) -> str:
    if request.decided_at is None:
        return "asked"
    if request.shipment is None:
        return "refused"
    if request.shipment.closed_at is None:
        return "granted"
    return "received" if request.has_arrived else "recalled"  # type: ignore[attr-defined]
