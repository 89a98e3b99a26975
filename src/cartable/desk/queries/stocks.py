"""Read how many PCs each kind of custodian answers for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy

from cartable.fleet.models import CUSTODIAN_KIND_NAMES
from cartable.fleet.queries.stocks import custody_counts, school_custody_counts
from cartable.fleet.rules import CustodianKind


@dataclass(frozen=True)
class Stock:
    """How many devices one kind of custodian answers for."""

    kind: str
    name: str
    count: int


# Where a stock is read as a place, the kind's own name would be odd: « Élève : 412 ».
STOCK_NAMES = {
    **CUSTODIAN_KIND_NAMES,
    CustodianKind.DEPOT: gettext_lazy("Au dépôt"),
    CustodianKind.TRANSIT: gettext_lazy("En chemin"),
    CustodianKind.SCHOOL_ALLOTMENT: gettext_lazy("À distribuer"),
    CustodianKind.SCHOOL_BENCH: gettext_lazy("À l’atelier"),
    CustodianKind.EMERGENCY_STOCK: gettext_lazy("En réserve (FUP)"),
    CustodianKind.STUDENT: gettext_lazy("Chez les élèves"),
    CustodianKind.REPAIRER: gettext_lazy("Chez le réparateur"),
}


@dataclass(frozen=True)
class Park:
    """The stocks of a region, as counted at ``read_at``; None: just now."""

    stocks: tuple[Stock, ...]
    read_at: datetime | None

    @property
    def device_count(self) -> int:
        """Return how many devices there are."""
        return sum(stock.count for stock in self.stocks)


def park(*, now: datetime) -> Park:
    """Return the stocks of the region, in the order of a device's life; kinds that hold nothing are left out."""
    counts = custody_counts(now=now)
    named = ((kind, counts.by_kind.get(kind, 0)) for kind in CustodianKind)
    return Park(tuple(Stock(str(kind), str(STOCK_NAMES[kind]), n) for kind, n in named if n), counts.read_at)


SCHOOL_STOCKS = (
    CustodianKind.SCHOOL_ALLOTMENT,
    CustodianKind.STUDENT,
    CustodianKind.EMERGENCY_STOCK,
    CustodianKind.SCHOOL_BENCH,
)


def school_stocks(school_id: int) -> tuple[Stock, ...]:
    """Return the four accounts of a school, empty ones too: an empty reserve is worth knowing."""
    return school_stocks_of([school_id])[school_id]


def school_stocks_of(school_ids: Sequence[int]) -> dict[int, tuple[Stock, ...]]:
    """Return the four accounts of each of these schools: one statement for one and for fifty."""
    counts = school_custody_counts(school_ids)
    return {
        school_id: tuple(
            Stock(str(kind), str(STOCK_NAMES[kind]), counts.get((school_id, kind), 0)) for kind in SCHOOL_STOCKS
        )
        for school_id in school_ids
    }
