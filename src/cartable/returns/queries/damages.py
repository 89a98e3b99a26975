"""Count the parts that came back damaged, by lot, by model or by lycée."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Count, Q

from cartable.fleet.rules import Grade
from cartable.returns.models import CheckIn
from cartable.returns.rules import Damage

# The worst are at the top; whoever looks for more narrows the period, or looks from another side.
MOST_ROWS = 100


class Side(StrEnum):
    """From which side damages are looked at; the value stands in the address."""

    LOT = "lot"
    MODEL = "modele"
    LYCEE = "lycee"


_NAMES = {
    Side.LOT: ("device__lot_id", "device__lot__reference"),
    Side.MODEL: ("device__device_model_id", "device__device_model__name"),
    Side.LYCEE: ("school_id", "school__name"),
}


@dataclass(frozen=True)
class DamageCount:
    """What came back of one lot, model or lycée: how many PCs, how many in C or D, and each part among them."""

    name: str
    returned: int
    worn: int
    damaged: int
    parts: Mapping[Damage, int]


def damage_counts(side: Side, *, since: date | None = None) -> list[DamageCount]:
    """Count over the returns in scope that were not undone; the most damaged first, ``MOST_ROWS`` at most."""
    taken = CheckIn.objects.filter(undone_by_movement=None)
    if since is not None:
        taken = taken.filter(checked_in_at__date__gte=since)
    key, name = _NAMES[side]
    counts = {f"of_{part}": Count("pk", filter=Q(damages__contains=[part])) for part in Damage}
    rows = taken.values(key, name).annotate(
        returned=Count("pk"),
        worn=Count("pk", filter=Q(grade__in=[Grade.DAMAGED, Grade.UNUSABLE])),
        damaged=Count("pk", filter=~Q(damages=[])),
        **counts,
    )
    return [
        DamageCount(
            name=row[name],
            returned=row["returned"],
            worn=row["worn"],
            damaged=row["damaged"],
            parts={part: row[f"of_{part}"] for part in Damage},
        )
        for row in rows.order_by("-damaged", "-worn", name)[:MOST_ROWS]
    ]
