"""Read which near reserves could help each other out."""

from dataclasses import dataclass
from datetime import date

from cartable.emergency_stock.queries.levels import ReserveLine, reserves
from cartable.emergency_stock.rules import Neighbour, proposals
from cartable.organisations.models import School


@dataclass(frozen=True)
class ProposedTransfer:
    """PCs that one reserve has too many and a near one lacks."""

    giver: School
    giver_reserve: ReserveLine
    taker: School
    taker_reserve: ReserveLine
    count: int


def proposed_transfers(*, today: date) -> tuple[ProposedTransfer, ...]:
    """Return what reserves in scope could give each other within a departement: two statements, however many they are."""
    schools = {school.pk: school for school in School.objects.filter(closed_on=None).order_by("departement", "uai")}
    lines = {line.school_id: line for line in reserves(list(schools), today=today)}
    around = [Neighbour(pk, school.departement_id, lines[pk].level) for pk, school in schools.items()]
    return tuple(
        ProposedTransfer(
            schools[one.from_school_id], lines[one.from_school_id], schools[one.to_school_id],
            lines[one.to_school_id], one.count,
        )
        for one in proposals(around)
    )  # fmt: skip
