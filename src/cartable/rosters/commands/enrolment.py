"""Enter students: many from a list in one statement, or one who walks up."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Max

from cartable.fleet.commands import open_student_accounts
from cartable.kernel.names import cleaned
from cartable.kernel.school_year import SchoolYear
from cartable.rosters.models import Student, StudentSource
from cartable.rosters.rules.names import folded_names


class NewStudent(NamedTuple):
    """A student to enter, with the enrolment that brings them. ``school_id`` is the lycée that answers for them."""

    school_id: int
    family_name: str
    given_name: str
    usage_name: str = ""
    birth_on: date | None = None
    ine_fingerprint: bytes | None = None
    eleve_id: str = ""
    division: str = ""
    level: str = ""
    mef: str = ""
    status: str = "ST"
    starts_on: date | None = None
    ends_on: date | None = None


_AS_GIVEN = ("birth_on", "ine_fingerprint", "eleve_id", "division", "level", "mef", "status", "ends_on")

# Students to enter in their order, each with an account: from arrays here, from the lines of a list in `changes`.
# Labels carry the region's own number with its check digits (ISO 7064 MOD 97-10), never one of the ministry's.
_ENTER = """
WITH asked AS (
    SELECT nextval(pg_get_serial_sequence('rosters_student', 'id')) AS id, nextval('rosters_student_label') AS number, asked.*
    FROM ({asked}) AS asked
), entered AS (
    INSERT INTO rosters_student (id, region_id, custodian_id, label_code, family_name, usage_name, given_name,
        folded_name, match_key, birth_on, ine_fingerprint, ine_rank, source)
    SELECT id, %(region)s, custodian_id,
        'E' || lpad(number::text, 8, '0') || lpad((98 - number * 100 %% 97)::text, 2, '0'),
        family_name, usage_name, given_name, folded_name, match_key, birth_on, ine_fingerprint, ine_rank, %(source)s
    FROM asked
), enrolled AS (
    INSERT INTO rosters_enrolment (student_id, school_id, first_year, eleve_id, division, level, mef, status, starts_on,
        ends_on, exit_reason, is_home)
    SELECT id, school_id, %(year)s, eleve_id, division, level, mef, status, starts_on, ends_on, exit_reason, true
    FROM asked
)
SELECT id FROM asked ORDER BY id
"""
_ASKED = """
SELECT custodian_id, school_id, family_name, given_name, usage_name, folded_name, match_key, birth_on, ine_fingerprint,
    (SELECT coalesce(max(bearer.ine_rank) + 1, 0) FROM rosters_student bearer
        WHERE bearer.ine_fingerprint = asked.ine_fingerprint AND bearer.region_id = %(region)s) AS ine_rank,
    eleve_id, division, level, mef, status, starts_on, ends_on, '' AS exit_reason
FROM unnest(%(custodian_id)s::bigint[], %(school_id)s::bigint[], %(family_name)s::text[], %(given_name)s::text[],
        %(usage_name)s::text[], %(folded_name)s::text[], %(match_key)s::text[], %(birth_on)s::date[],
        %(ine_fingerprint)s::bytea[], %(eleve_id)s::text[], %(division)s::text[], %(level)s::text[], %(mef)s::text[],
        %(status)s::text[], %(starts_on)s::date[], %(ends_on)s::date[]) WITH ORDINALITY
    AS asked(custodian_id, school_id, family_name, given_name, usage_name, folded_name, match_key, birth_on,
        ine_fingerprint, eleve_id, division, level, mef, status, starts_on, ends_on, place)
ORDER BY place
"""


def enrol_students(
    *,
    region_id: int,
    first_year: int,
    students: Sequence[NewStudent],
    source: StudentSource,
    entered_at: datetime,
    recorded_by_id: int,
) -> list[int]:
    """Enter new students with their accounts and enrolments, in two statements. Return their ids in the same order.

    Whoever enters them one by one has looked: an INE that somebody bears already is theirs too (`Student.ine_rank`).
    """
    if not students:
        return []
    starts_on = SchoolYear(first_year).starts_on
    with transaction.atomic():
        custodian_ids = open_student_accounts(
            region_id=region_id,
            school_ids=[student.school_id for student in students],
            opened_at=entered_at,
            recorded_by_id=recorded_by_id,
        )
        names = [folded_names(s.family_name, s.usage_name, s.given_name) for s in students]
        columns = {
            "custodian_id": custodian_ids,
            "school_id": [s.school_id for s in students],
            "family_name": [cleaned(s.family_name) for s in students],
            "given_name": [cleaned(s.given_name) for s in students],
            "usage_name": [cleaned(s.usage_name) for s in students],
            "folded_name": [name.search_name for name in names],
            "match_key": [name.match_key for name in names],
            **{field: [getattr(s, field) for s in students] for field in _AS_GIVEN},
            "starts_on": [s.starts_on or starts_on for s in students],
        }
        return enter_students(_ASKED, region_id=region_id, first_year=first_year, source=source, **columns)


def next_ine_rank(fingerprint: "bytes | memoryview[int] | None", region_id: int) -> int:
    """Return the rank under which one more student bears an INE because a human says so; 0 where nobody bears it."""
    if fingerprint is None:
        return 0
    bearers = Student.objects.filter(ine_fingerprint=bytes(fingerprint), region_id=region_id)
    highest = bearers.aggregate(highest=Max("ine_rank"))["highest"]
    return 0 if highest is None else highest + 1


def enter_students(
    asked: str, *, region_id: int, first_year: int, source: StudentSource, **parameters: Any
) -> list[int]:
    """Enter whom a query yields, in its order, as students with an enrolment of the year. Return their ids in that order.

    The query names custodian_id (an account opened for each), school_id, and all that is kept of a student and enrolment.
    Where another transaction entered the same INE the whole is refused (`an_ine_names_one_student`).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _ENTER.format(asked=asked),
            {"region": region_id, "year": first_year, "source": str(source), **parameters},
        )
        return [row[0] for row in cursor.fetchall()]


def add_walk_up(
    *,
    region_id: int,
    school_id: int,
    first_year: int,
    family_name: str,
    given_name: str,
    division: str,
    level: str,
    birth_on: date | None,
    entered_at: datetime,
    recorded_by_id: int,
) -> Student:
    """Enter a student who stands there and is on no list yet; the next list finds them by name and birth date."""
    (student_id,) = enrol_students(
        region_id=region_id,
        first_year=first_year,
        students=[NewStudent(school_id, family_name, given_name, birth_on=birth_on, division=division, level=level)],
        source=StudentSource.WALK_UP,
        entered_at=entered_at,
        recorded_by_id=recorded_by_id,
    )
    return Student.objects.get(pk=student_id)
