"""Read which families a day still waits for: expected students without a charter, and whom one can write to."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from cartable.distribution.models import DistributionDay

# Guardians are those of the student's own record: what is said to one child's parents says nothing of another's.
_WITHOUT_CHARTER = """
FROM distribution_passage passage
JOIN rosters_student student ON student.id = passage.student_id AND student.merged_into_id IS NULL
LEFT JOIN rosters_guardian guardian ON guardian.student_id = student.id AND guardian.is_legal AND guardian.email <> ''
WHERE passage.day_id = %(day)s AND passage.is_expected AND NOT passage.is_gone AND passage.charter_proof_id IS NULL
  AND passage.arrived_at IS NULL
"""
_CLASSES = f"""
SELECT passage.division, count(DISTINCT student.id), count(DISTINCT student.id) FILTER (WHERE guardian.id IS NOT NULL)
{_WITHOUT_CHARTER} GROUP BY passage.division ORDER BY passage.division
"""
_FAMILIES = f"""
SELECT DISTINCT guardian.email, trim(student.given_name || ' ' || CASE WHEN student.usage_name <> '' THEN
    student.usage_name ELSE student.family_name END)
{_WITHOUT_CHARTER} AND guardian.id IS NOT NULL AND passage.division = %(division)s ORDER BY 1, 2
"""


@dataclass(frozen=True)
class ClassWaiting:
    """A class: how many charters are missing, and the families of how many of these students have an address."""

    division: str
    missing: int
    reachable: int


def classes_waiting(day: DistributionDay) -> list[ClassWaiting]:
    """Return the classes of a day that lack charters, by name."""
    return [ClassWaiting(*row) for row in _rows(_CLASSES, day)]


def families_waiting(day: DistributionDay, division: str) -> list[tuple[str, str]]:
    """Return the address of each legal guardian of a class whose charter is missing, with the student's name."""
    return [(email, name) for email, name in _rows(_FAMILIES, day, division=division)]


def _rows(sql: str, day: DistributionDay, **more: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"day": day.pk, **more})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
