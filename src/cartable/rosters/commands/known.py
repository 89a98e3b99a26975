"""Look up what is known of the people in a list: keys of all lines at once, so that the cost grows with the list only."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from cartable.organisations.models import School
from cartable.rosters.rules.people import Known, KnownEnrolment, KnownStudent, ListedLine

_BY_ELEVE_ID = """
SELECT DISTINCT ON (eleve_id) eleve_id, student_id FROM rosters_enrolment
WHERE school_id = %(school)s AND eleve_id = ANY(%(eleve_ids)s) AND eleve_id <> '' ORDER BY eleve_id, first_year DESC
"""
_BY_INE_OR_NAME = """
SELECT student.id FROM unnest(%(fingerprints)s::bytea[]) AS listed(ine_fingerprint)
JOIN rosters_student student ON student.ine_fingerprint = listed.ine_fingerprint AND student.region_id = %(region)s
UNION
SELECT student.id FROM unnest(%(match_keys)s::text[], %(birth_dates)s::date[]) AS listed(match_key, birth_on)
JOIN rosters_student student ON student.match_key = listed.match_key AND student.birth_on = listed.birth_on
    AND student.region_id = %(region)s
"""
_STUDENTS = """
SELECT student.id, student.family_name, student.usage_name, student.given_name, student.match_key, student.birth_on,
    student.ine_fingerprint, home.uai
FROM rosters_student student
JOIN fleet_custodian custodian ON custodian.id = student.custodian_id
JOIN organisations_school home ON home.id = custodian.school_id
WHERE student.id = ANY(%(students)s)
"""
_ENROLMENTS = """
SELECT student_id, school_id = %(school)s, is_home, eleve_id, division, level, mef, status, starts_on, ends_on
FROM rosters_enrolment WHERE student_id = ANY(%(students)s) AND first_year = %(year)s
"""
_ENROLLED_NOW = """
SELECT student_id FROM rosters_enrolment WHERE school_id = %(school)s AND first_year = %(year)s AND ends_on IS NULL
"""


def known_people(lines: Sequence[ListedLine], *, school: School, first_year: int) -> Known:
    """Return the students whom the lines may be, with their enrolments of the school year."""
    by_eleve_id = dict(
        _rows(_BY_ELEVE_ID, school=school.pk, eleve_ids=[line.eleve_id for line in lines if not line.review_code])
    )
    # The lycée's own key rules: INE and names are looked up for the others only.
    others = [line for line in lines if not line.review_code and line.eleve_id not in by_eleve_id]
    ids = set(by_eleve_id.values())
    if others:
        alike = _rows(
            _BY_INE_OR_NAME,
            region=school.region_id,
            fingerprints=[line.ine_fingerprint for line in others if line.ine_fingerprint],
            match_keys=[line.match_key for line in others],
            birth_dates=[line.birth_on for line in others],
        )
        ids.update(row[0] for row in alike)
    students = (KnownStudent(*row) for row in _rows(_STUDENTS, students=list(ids))) if ids else ()
    enrolments: dict[int, list[KnownEnrolment]] = {}
    for row in _rows(_ENROLMENTS, students=list(ids), school=school.pk, year=first_year) if ids else ():
        enrolments.setdefault(row[0], []).append(KnownEnrolment(*row))
    return Known(school.uai, by_eleve_id, {student.student_id: student for student in students}, enrolments)


def enrolled_now(*, school: School, first_year: int) -> set[int]:
    """Return the students enrolled in a lycée this year without an end."""
    return {row[0] for row in _rows(_ENROLLED_NOW, school=school.pk, year=first_year)}


def _rows(statement: str, **parameters: Any) -> Iterable[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()
