"""Read what humans ruled about the people in a lycée's lists of a school year."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from cartable.rosters.models import RosterDecision, RosterImport, RosterLine, Ruling, Student
from cartable.rosters.queries.people import actor_names
from cartable.rosters.queries.reach import region_wide
from cartable.rosters.queries.review import full_name
from cartable.rosters.rules.people import ListedLine
from cartable.rosters.rules.rulings import line_key, person_key

# What a ruling replaced is kept so long once its list is applied (`tasks.forget_old_lines`).
UNDONE_WITHIN = timedelta(days=30)


@dataclass(frozen=True)
class RulingRow:
    """One gesture: who was ruled on, as the list wrote them, about whom, by whom; names are gone after 30 days.

    ``is_late`` where a list that followed it was applied too long ago to part the two again.
    """

    decision_id: UUID
    ruling: Ruling
    listed: str
    students: tuple[str, ...]
    decided_at: datetime
    decided_by: str
    applied_at: datetime | None
    undone_at: datetime | None
    undone_by: str
    is_late: bool


def decision_by_id(decision_id: UUID) -> RosterDecision | None:
    """Return a ruling in scope."""
    return RosterDecision.objects.select_related("roster_import", "school").filter(pk=decision_id).first()


def rulings_about(roster_import: RosterImport, *, limit: int = 200) -> list[RulingRow]:
    """Return the gestures about the lists of a lycée and school year, the latest first."""
    found = list(
        RosterDecision.objects.filter(school_id=roster_import.school_id, first_year=roster_import.first_year)
        .order_by("-decided_at", "pk")[:limit]
    )  # fmt: skip
    gestures: dict[tuple[object, ...], list[RosterDecision]] = {}
    for one in found:
        key = one.person_key, one.ruling, one.decided_at, one.decided_by_id, one.undone_at
        gestures.setdefault(key, []).append(one)
    listed = _listed(found)
    with region_wide(roster_import.school.region_id):  # By name only, as where it was ruled.
        ids = {one.student_id for one in found if one.student_id}
        names = {student.pk: full_name(student) for student in Student.objects.filter(pk__in=ids)}
    actors = actor_names([actor for one in found for actor in (one.decided_by_id, one.undone_by_id)])
    return [_row(rulings, listed, names, actors) for rulings in gestures.values()]


def _row(
    rulings: list[RosterDecision], listed: dict[str, str], names: dict[int, str], actors: dict[int, str]
) -> RulingRow:
    first = rulings[0]
    return RulingRow(
        decision_id=first.pk,
        ruling=Ruling(first.ruling),
        listed=listed.get(first.person_key, ""),
        students=tuple(names[one.student_id] for one in rulings if one.student_id in names),
        decided_at=first.decided_at,
        decided_by=actors.get(first.decided_by_id, ""),
        applied_at=first.applied_at,
        undone_at=first.undone_at,
        undone_by=actors.get(first.undone_by_id or 0, ""),
        is_late=first.applied_at is not None and first.replaced is None and first.undone_at is None,
    )


def _listed(decisions: Iterable[RosterDecision]) -> dict[str, str]:
    """Return key → name of the listed person, for lists whose lines are still kept."""
    wanted = {one.person_key for one in decisions}
    imports = {one.roster_import_id for one in decisions}
    found: dict[str, str] = {}
    for row in RosterLine.objects.filter(roster_import__in=imports).iterator():
        line = ListedLine(**{name: getattr(row, name) for name in ListedLine._fields})
        fingerprint = row.ine_fingerprint
        line = line._replace(ine_fingerprint=bytes(fingerprint) if fingerprint is not None else None)
        for key in (person_key, line_key):
            if (hashed := key(line, settings.INE_KEY)) in wanted:
                found[hashed] = full_name(row)
    return found
