"""Enter students: many from a list in one statement, or one who walks up."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection, transaction

from cartable.fleet.commands import open_student_accounts
from cartable.kernel.names import cleaned
from cartable.kernel.school_year import SchoolYear
from cartable.rosters.models import Student, StudentSource
from cartable.rosters.rules import match_key, search_name


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


# Labels carry the region's own number with its check digits (ISO 7064 MOD 97-10), never one of the ministry's.
_ENTER = """
WITH asked AS (
    SELECT nextval(pg_get_serial_sequence('rosters_student', 'id')) AS id, nextval('rosters_student_label') AS number, asked.*
    FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::date[],
                %s::bytea[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::date[], %s::date[]) WITH ORDINALITY
    AS asked(custodian_id, school_id, family_name, given_name, usage_name, folded_name, match_key, birth_on,
             ine_fingerprint, eleve_id, division, level, mef, status, starts_on, ends_on, place)
), entered AS (
    INSERT INTO rosters_student (id, region_id, custodian_id, label_code, family_name, usage_name, given_name,
        folded_name, match_key, birth_on, ine_fingerprint, source)
    SELECT id, %s, custodian_id,
        'E' || lpad(number::text, 8, '0') || lpad((98 - number * 100 %% 97)::text, 2, '0'),
        family_name, usage_name, given_name, folded_name, match_key, birth_on, ine_fingerprint, %s
    FROM asked RETURNING id
), enrolled AS (
    INSERT INTO rosters_enrolment (student_id, school_id, first_year, eleve_id, division, level, mef, status, starts_on,
        ends_on, exit_reason, is_home)
    SELECT asked.id, school_id, %s, eleve_id, division, level, mef, status, starts_on, ends_on, '', true
    FROM asked JOIN entered USING (id)
)
SELECT id FROM asked ORDER BY place
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
    """Enter new students with their accounts and enrolments, in two statements. Return their ids in the same order."""
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
        rows = [
            (
                custodian_id, s.school_id, cleaned(s.family_name), cleaned(s.given_name), cleaned(s.usage_name),
                search_name(s.family_name, s.usage_name, s.given_name),
                match_key(s.family_name, s.given_name), s.birth_on, s.ine_fingerprint, s.eleve_id, s.division, s.level,
                s.mef, s.status, s.starts_on or starts_on, s.ends_on,
            )
            for custodian_id, s in zip(custodian_ids, students, strict=True)
        ]  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(_ENTER, [*map(list, zip(*rows, strict=True)), region_id, str(source), first_year])
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
