"""Read where students stand in days."""

from typing import NamedTuple

from django.db import connection

from cartable.organisations.scoping import scope_values


class LatestPassage(NamedTuple):
    """Where a student stood last in a day."""

    day_id: int
    passage_id: int
    is_expected: bool


_LATEST = """
SELECT passage.day_id, passage.id, passage.is_expected FROM distribution_passage passage
JOIN distribution_distributionday day ON day.id = passage.day_id
JOIN organisations_school school ON school.id = day.school_id
WHERE passage.student_id = %(student)s AND (%(region)s::bigint IS NULL OR school.region_id = %(region)s)
    AND (%(schools)s::bigint[] IS NULL OR school.id = ANY(%(schools)s))
ORDER BY day.held_on DESC, day.id DESC LIMIT 1
"""


def latest_passage(student_id: int) -> LatestPassage | None:
    """Return the passage of a student in the latest day in scope that knows them; None where none does."""
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, {"student": student_id, **scope_values()})
        found = cursor.fetchone()
    return LatestPassage(*found) if found else None
