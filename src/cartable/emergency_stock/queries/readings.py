"""Read what the worker last read of the reserves in scope: one row per lycée, whatever it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Count, Min, Q, Sum

from cartable.emergency_stock.models import ReserveReading


class ReserveState(StrEnum):
    """What a list of reserves is narrowed to, as it stands in the address."""

    LOW = "basses"
    ABSENT = "absents"


_OF_STATE = {ReserveState.LOW: Q(low_by__gt=0), ReserveState.ABSENT: Q(absent_count__gt=0)}


@dataclass(frozen=True)
class Readings:
    """How many lycées are below low water; how many absent students wait, in how many lycées, since when."""

    read_at: datetime | None
    low_count: int
    absent_count: int
    absent_schools: int
    absent_since: date | None


@dataclass(frozen=True)
class Absent:
    """How many students who were absent on the day wait in a lycée, and since when."""

    count: int
    since: date | None


def readings() -> Readings:
    """Return what waits in scope, by the oldest of the last readings."""
    found = ReserveReading.objects.aggregate(
        oldest=Min("read_at"),
        low=Count("pk", filter=_OF_STATE[ReserveState.LOW]),
        absent=Sum("absent_count", default=0),
        schools=Count("pk", filter=_OF_STATE[ReserveState.ABSENT]),
        since=Min("absent_since"),
    )
    return Readings(found["oldest"], found["low"], found["absent"], found["schools"], found["since"])


def schools_that_are(state: ReserveState) -> list[int]:
    """Return the lycées in scope whose last reading says so."""
    return list(ReserveReading.objects.filter(_OF_STATE[state]).values_list("school_id", flat=True))


def absent_of(school_ids: Sequence[int]) -> dict[int, Absent]:
    """Return who waits in each of these lycées by its last reading; those where nobody does are left out."""
    found = ReserveReading.objects.filter(_OF_STATE[ReserveState.ABSENT], school__in=list(school_ids))
    return {row.school_id: Absent(row.absent_count, row.absent_since) for row in found}
