"""Read the classes of a lycée for their return: who has given the PC back, who still owes it. A statement a page."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.utils import timezone

from cartable.kernel.school_year import SchoolYear

# The student who stays, whatever record the list names; a return of this school year that stands.
_STUDENTS = """
WITH listed AS (
    SELECT DISTINCT ON (coalesce(named.merged_into_id, named.id)) coalesce(named.merged_into_id, named.id) AS id,
        enrolment.division
    FROM rosters_enrolment enrolment JOIN rosters_student named ON named.id = enrolment.student_id
    WHERE enrolment.school_id = %(school)s AND enrolment.first_year = %(year)s AND enrolment.is_home
      AND (%(division)s::text IS NULL OR enrolment.division = %(division)s)
    ORDER BY coalesce(named.merged_into_id, named.id), enrolment.starts_on DESC
), found AS (
    SELECT listed.division, student.label_code, student.folded_name,
        trim(student.given_name || ' ' || CASE WHEN student.usage_name <> '' THEN student.usage_name
                                               ELSE student.family_name END) AS name,
        device.asset_tag,
        (SELECT max(taken.checked_in_at) FROM returns_checkin taken
         WHERE taken.student_id = student.id AND taken.undone_by_movement_id IS NULL
           AND taken.checked_in_at >= %(since)s) AS returned_at
    FROM listed JOIN rosters_student student ON student.id = listed.id
    LEFT JOIN fleet_device device ON device.custodian_id = student.custodian_id AND device.custodian_kind = 'student'
)
"""
_CLASSES = f"""{_STUDENTS}
SELECT division, count(*), count(asset_tag), count(*) FILTER (WHERE asset_tag IS NULL AND returned_at IS NOT NULL)
FROM found GROUP BY division ORDER BY division
"""
_OF_CLASS = f"""{_STUDENTS}
SELECT label_code, name, asset_tag, returned_at FROM found ORDER BY folded_name, label_code
"""


@dataclass(frozen=True)
class ClassLine:
    """A class: its students, how many hold a PC, how many have given theirs back this year."""

    division: str
    student_count: int
    owing: int
    returned: int


@dataclass(frozen=True)
class ClassStudent:
    """A student of the class; no PC and no return is somebody who never had one."""

    label_code: str
    name: str
    asset_tag: str | None
    returned_at: datetime | None


@dataclass(frozen=True)
class ClassState:
    """A class in the middle of its return."""

    division: str
    owing: list[ClassStudent]
    returned: list[ClassStudent]
    without: list[ClassStudent]


def classes_of(school_id: int, *, today: date) -> list[ClassLine]:
    """Return the classes of a lycée in scope this school year."""
    with connection.cursor() as cursor:
        cursor.execute(_CLASSES, _parameters(school_id, None, today))
        return [ClassLine(*row) for row in cursor.fetchall()]


def state_of_class(school_id: int, division: str, *, today: date) -> ClassState:
    """Return who of a class still owes a PC and who has given it back; nobody for a class that is not there."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_CLASS, _parameters(school_id, division, today))
        students = [ClassStudent(*row) for row in cursor.fetchall()]
    return ClassState(
        division,
        owing=[student for student in students if student.asset_tag],
        returned=[student for student in students if not student.asset_tag and student.returned_at],
        without=[student for student in students if not student.asset_tag and not student.returned_at],
    )


def _parameters(school_id: int, division: str | None, today: date) -> dict[str, int | str | datetime | None]:
    year = SchoolYear.containing(today)
    since = timezone.make_aware(datetime(year.starts_on.year, 8, 1))  # noqa: DTZ001 - made aware at once.
    return {"school": school_id, "year": year.first_year, "division": division, "since": since}
