"""Read what of a lycée that closes goes on elsewhere: its students, the accounts that count for it, the lists that wait."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Q

from cartable.kernel.school_year import SchoolYear
from cartable.rosters.models import FileState, RosterFile, RosterImport, RosterState

# Who is still enrolled there; and whose account counts for the lycée and holds a PC, though they have left. Behind each of them
# the records that were merged into theirs: a merge that is undone must not bring anybody back to a closed lycée.
_LEAVING = """
WITH enrolled AS (
    SELECT student_id, max(first_year) AS first_year, bool_or(is_home) AS is_home
    FROM rosters_enrolment
    WHERE school_id = %(school)s AND (ends_on IS NULL OR ends_on > greatest(starts_on, %(on)s))
    GROUP BY student_id
), wanted AS (
    SELECT student_id AS id FROM enrolled WHERE is_home
    UNION
    SELECT student.id FROM fleet_custodian custodian
    JOIN rosters_student student ON student.custodian_id = custodian.id
    JOIN fleet_device device ON device.custodian_id = custodian.id
    WHERE custodian.school_id = %(school)s
    UNION
    SELECT student.id FROM unnest(%(also)s::bigint[]) AS asked(id) JOIN rosters_student student ON student.id = asked.id
    JOIN fleet_custodian custodian ON custodian.id = student.custodian_id AND custodian.school_id = %(school)s
), main AS (
    SELECT student.id, student.custodian_id, enrolled.first_year,
        custodian.school_id = %(school)s AS counts_here, enrolled.student_id IS NOT NULL AS is_enrolled,
        EXISTS (SELECT FROM fleet_device device WHERE device.custodian_id = custodian.id) AS holds
    FROM wanted JOIN rosters_student student ON student.id = wanted.id AND student.merged_into_id IS NULL
    JOIN fleet_custodian custodian ON custodian.id = student.custodian_id
    LEFT JOIN enrolled ON enrolled.student_id = student.id AND enrolled.is_home
)
SELECT id, custodian_id, first_year, counts_here, is_enrolled, holds, false FROM main
UNION ALL
SELECT student.id, student.custodian_id, NULL, true, false, false, true
FROM main JOIN rosters_student student ON student.merged_into_id = main.id
JOIN fleet_custodian custodian ON custodian.id = student.custodian_id AND custodian.school_id = %(school)s
ORDER BY 1
"""


@dataclass(frozen=True)
class Leaving:
    """One student of the lycée: the account, the year of the last list that names them, whether the account counts there."""

    student_id: int
    custodian_id: int
    first_year: int | None
    counts_here: bool
    is_enrolled: bool
    holds: bool
    is_alias: bool

    def is_current(self, on: date) -> bool:
        """Say whether a list of this year, or of the one to come, names them."""
        return self.first_year is not None and self.first_year >= SchoolYear.containing(on).first_year


def leaving_students(school_id: int, *, on: date, also: Collection[int] = ()) -> list[Leaving]:
    """Return whom a closing lycée, found in scope, leaves to another one, in the order of their ids: one statement.

    ``also`` are students with something open there, who may have left and hold nothing: where their account counts for the
    lycée it goes along.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LEAVING, {"school": school_id, "on": on, "also": sorted(also)})
        return [Leaving(*row) for row in cursor.fetchall()]


@dataclass(frozen=True)
class WaitingLists:
    """Lists of a lycée that nobody has applied or given up yet, and files that nobody has read."""

    imports: int
    files: int


def waiting_lists(school_id: int) -> WaitingLists:
    """Return what waits of a lycée's lists: two statements."""
    of_school = Q(school_id=school_id) | Q(batch__school_id=school_id)
    unread = RosterFile.objects.filter(of_school, settled_at=None)
    return WaitingLists(
        imports=RosterImport.objects.filter(school_id=school_id, state=RosterState.PREVIEWED).count(),
        files=unread.filter(state__in=[FileState.WAITING, FileState.MAPPING]).count(),
    )
