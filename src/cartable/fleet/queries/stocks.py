"""Read how many devices each account answers for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from cartable.fleet.models import (
    Custodian,
    Device,
    StockReading,
)
from cartable.fleet.rules import CustodianKind


def held_device_ids(custodian_ids: Sequence[int]) -> dict[int, int]:
    """Return custodian id → device id for those of these student accounts that hold one."""
    held = Device.objects.filter(custodian_id__in=custodian_ids, custodian_kind=CustodianKind.STUDENT)
    return dict(held.values_list("custodian_id", "pk"))


# The worker reads every minute. Later it is not there, and an hour without its day would be believed.
STOCK_READING_LASTS = timedelta(minutes=10)


@dataclass(frozen=True)
class CustodyCounts:
    """How many devices each kind of custodian answers for, as counted at ``read_at``; None: just now."""

    by_kind: Mapping[CustodianKind, int]
    read_at: datetime | None


def custody_counts(*, now: datetime) -> CustodyCounts:
    """Return the stocks of the region, by the worker's last reading; count where there is none, or only an old one."""
    readings = list(StockReading.objects.values_list("kind", "device_count", "read_at"))
    if readings and now - readings[0][2] < STOCK_READING_LASTS:
        return CustodyCounts({CustodianKind(kind): count for kind, count, _at in readings}, readings[0][2])
    counts = Device.objects.order_by().values_list("custodian_kind").annotate(count=Count("pk"))
    return CustodyCounts({CustodianKind(kind): count for kind, count in counts}, None)


def school_custody_counts(school_ids: Sequence[int]) -> dict[tuple[int, CustodianKind], int]:
    """Return (school, kind) → how many devices that account of the school answers for; empty ones are left out."""
    chosen = Device.objects.filter(custodian__school_id__in=list(school_ids)).order_by()
    counts = chosen.values_list("custodian__school_id", "custodian_kind").annotate(count=Count("pk"))
    return {(school_id, CustodianKind(kind)): count for school_id, kind, count in counts}


def school_counts(school_ids: Iterable[int]) -> dict[int, int]:
    """Return how many devices each of these schools answers for."""
    counts = (
        Device.objects.filter(custodian__school_id__in=list(school_ids))
        .order_by()
        .values_list("custodian__school_id")
        .annotate(count=Count("pk"))
    )
    return dict(counts)


def depot_account(region_id: int) -> int | None:
    """Return the custodian id of the region's depot, None before anything was received."""
    depot = Custodian.objects.filter(region_id=region_id, kind=CustodianKind.DEPOT).order_by("pk")
    return depot.values_list("pk", flat=True).first()
