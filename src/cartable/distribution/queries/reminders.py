"""Read which families a day still waits for: expected students without a charter, and whom one can write to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from cartable.distribution.list_rules import ListPlace, PlaceObstacle
from cartable.distribution.models import DistributionDay

# Guardians are those of the student's own record: what is said to one child's parents says nothing of another's.
_MISSING = """
FROM distribution_passage passage
JOIN rosters_student student ON student.id = passage.student_id AND student.merged_into_id IS NULL
LEFT JOIN rosters_guardian guardian ON guardian.student_id = student.id AND guardian.is_legal AND guardian.email <> ''
WHERE passage.is_expected AND NOT passage.is_gone AND passage.charter_proof_id IS NULL AND passage.arrived_at IS NULL
"""
_WITHOUT_CHARTER = f"{_MISSING} AND passage.day_id = %(day)s"
_CLASSES = f"""
SELECT passage.division, count(DISTINCT student.id), count(DISTINCT student.id) FILTER (WHERE guardian.id IS NOT NULL)
{_WITHOUT_CHARTER} GROUP BY passage.division ORDER BY passage.division
"""
_FAMILIES = f"""
SELECT DISTINCT guardian.email, trim(student.given_name || ' ' || CASE WHEN student.usage_name <> '' THEN
    student.usage_name ELSE student.family_name END)
{_WITHOUT_CHARTER} AND guardian.id IS NOT NULL AND passage.division = %(division)s ORDER BY 1, 2
"""


# Of a lycée that was found in scope: each student's place on the latest list that names them.
_PLACES = """
SELECT DISTINCT ON (passage.student_id) passage.student_id, passage.id, passage.day_id, passage.is_expected,
    passage.is_gone, passage.charter_proof_id IS NOT NULL OR passage.arrived_at IS NOT NULL,
    EXISTS (SELECT FROM rosters_guardian guardian
            WHERE guardian.student_id = passage.student_id AND guardian.is_legal AND guardian.email <> '')
FROM distribution_passage passage
JOIN distribution_distributionday day ON day.id = passage.day_id AND day.school_id = %(school)s
WHERE passage.student_id = ANY(%(students)s)
ORDER BY passage.student_id, day.held_on DESC, day.id DESC
"""
_FAMILIES_OF = f"""
SELECT DISTINCT passage.day_id, guardian.email, trim(student.given_name || ' ' || CASE WHEN student.usage_name <> '' THEN
    student.usage_name ELSE student.family_name END), passage.division
{_MISSING} AND passage.id = ANY(%(passages)s) AND guardian.id IS NOT NULL
ORDER BY 1, 2, 3
"""


@dataclass(frozen=True)
class ClassWaiting:
    """A class: how many charters are missing, and the families of how many of these students have an address."""

    division: str
    missing: int
    reachable: int


def classes_waiting(day: DistributionDay) -> list[ClassWaiting]:
    """Return the classes of a day that lack charters, by name."""
    return [ClassWaiting(*row) for row in _rows(_CLASSES, day=day.pk)]


def families_waiting(day: DistributionDay, division: str) -> list[tuple[str, str]]:
    """Return the address of each legal guardian of a class whose charter is missing, with the student's name."""
    return [(email, name) for email, name in _rows(_FAMILIES, day=day.pk, division=division)]


def places_on_list(student_ids: Sequence[int], *, school_id: int) -> dict[int, ListPlace]:
    """Return student id → where they stand on the last list of the lycée that names them; one statement."""
    rows = _rows(_PLACES, students=list(student_ids), school=school_id)
    return {student_id: ListPlace(*place) for student_id, *place in rows}


def obstacles_on_list(
    student_ids: Sequence[int], rule: Callable[[ListPlace | None], PlaceObstacle | None], *, school_id: int
) -> dict[int, PlaceObstacle]:
    """Return student id → why a rule of `list_rules` leaves them out, for those of these students whom it leaves out."""
    places = places_on_list(student_ids, school_id=school_id)
    judged = {student_id: rule(places.get(student_id)) for student_id in student_ids}
    return {student_id: found for student_id, found in judged.items() if found is not None}


def families_of(passage_ids: Sequence[int]) -> list[tuple[int, str, str, str]]:
    """Return day, address, student's name and class for each legal guardian whose child's charter is missing."""
    rows = _rows(_FAMILIES_OF, passages=list(passage_ids))
    return [(day_id, email, name, division) for day_id, email, name, division in rows]


def _rows(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
