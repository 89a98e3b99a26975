"""Look up what is known of the people in a list: keys of all lines at once, so that the cost grows with the list only."""

from collections.abc import Sequence, Set

from django.conf import settings

from cartable.organisations.models import School
from cartable.rosters.commands.statements import rows
from cartable.rosters.rules.likeness import is_alike
from cartable.rosters.rules.people import (
    FormerEnrolment,
    Known,
    KnownEnrolment,
    KnownStudent,
    ListedLine,
    is_of_another_source,
)
from cartable.rosters.rules.rulings import Ruled, Rulings

_BY_ELEVE_ID = """
SELECT DISTINCT ON (enrolment.eleve_id) enrolment.eleve_id, coalesce(student.merged_into_id, student.id)
FROM rosters_enrolment enrolment JOIN rosters_student student ON student.id = enrolment.student_id
WHERE enrolment.school_id = %(school)s AND enrolment.eleve_id = ANY(%(eleve_ids)s) AND enrolment.eleve_id <> ''
ORDER BY enrolment.eleve_id, enrolment.first_year DESC, enrolment.is_home DESC
"""
# What another source than SIECLE calls a student whose enrolment bears SIECLE's number.
_BY_OTHER_KEY = """
SELECT known.key, coalesce(student.merged_into_id, student.id)
FROM rosters_studentkey known JOIN rosters_student student ON student.id = known.student_id
WHERE known.school_id = %(school)s AND known.key = ANY(%(keys)s)
"""
# A student who was merged into another is read through that other one.
_BY_INE_OR_NAME = """
SELECT coalesce(student.merged_into_id, student.id) FROM unnest(%(fingerprints)s::bytea[]) AS listed(ine_fingerprint)
JOIN rosters_student student ON student.ine_fingerprint = listed.ine_fingerprint AND student.region_id = %(region)s
UNION
SELECT coalesce(student.merged_into_id, student.id)
FROM unnest(%(match_keys)s::text[], %(birth_dates)s::date[]) AS listed(match_key, birth_on)
JOIN rosters_student student ON student.match_key = listed.match_key AND student.birth_on = listed.birth_on
    AND student.region_id = %(region)s
"""
# Who may be somebody of this lycée, or of the previous one, written otherwise: born on the same day, or of the same names.
# Subqueries, not arrays: PostgreSQL hashes the one, and searches the other from end to end for every student, which
# cost a lycée of 2,500 four seconds where the tables were new and without statistics.
_NEAR = """
SELECT student.id
FROM organisations_school school JOIN fleet_custodian custodian ON custodian.school_id = school.id
JOIN rosters_student student ON student.custodian_id = custodian.id
WHERE school.uai = ANY(%(schools)s) AND student.merged_into_id IS NULL
  AND (student.birth_on IN (SELECT unnest(%(birth_dates)s::date[]))
       OR student.match_key IN (SELECT unnest(%(match_keys)s::text[])))
"""
_STUDENTS = """
SELECT student.id, student.family_name, student.usage_name, student.given_name, student.match_key, student.birth_on,
    student.ine_fingerprint, home.uai, student.ine_rank
FROM rosters_student student
JOIN fleet_custodian custodian ON custodian.id = student.custodian_id
JOIN organisations_school home ON home.id = custodian.school_id
WHERE student.id = ANY(%(students)s)
"""
_ENROLMENTS = """
SELECT student_id, school_id = %(school)s, is_home, eleve_id, division, level, mef, status, starts_on, ends_on,
    ends_on IS NOT NULL AND EXISTS (
        SELECT FROM rosters_departure departure WHERE departure.student_id = enrolment.student_id
        AND departure.from_school_id = enrolment.school_id AND departure.left_on = enrolment.ends_on
        AND departure.undone_at IS NULL)
FROM rosters_enrolment enrolment WHERE student_id = ANY(%(students)s) AND first_year = %(year)s
"""
_FORMER = """
SELECT DISTINCT ON (student_id) student_id, first_year, level, ends_on FROM rosters_enrolment
WHERE student_id = ANY(%(students)s) AND school_id = %(school)s AND first_year < %(year)s
ORDER BY student_id, first_year DESC
"""
_ENROLLED_NOW = """
SELECT student_id FROM rosters_enrolment
WHERE school_id = %(school)s AND first_year = %(year)s AND ends_on IS NULL AND is_home
"""
_RULINGS = """
SELECT decision.person_key, decision.ruling, coalesce(student.merged_into_id, student.id)
FROM rosters_rosterdecision decision LEFT JOIN rosters_student student ON student.id = decision.student_id
WHERE decision.school_id = %(school)s AND decision.first_year = %(year)s AND decision.undone_at IS NULL
"""


def known_people(lines: Sequence[ListedLine], *, school: School, first_year: int, rulings: Rulings) -> Known:
    """Return the students whom the lines may be, with their enrolments of the school year."""
    keys = [line.eleve_id for line in lines]
    other_keys = [key for key in keys if is_of_another_source(key)]
    by_eleve_id = dict(rows(_BY_OTHER_KEY, school=school.pk, keys=other_keys)) if other_keys else {}
    by_eleve_id |= dict(rows(_BY_ELEVE_ID, school=school.pk, eleve_ids=keys))
    known = _students(set(by_eleve_id.values()) | rulings.students)
    # Where number, names and INE agree nobody else is asked for: nearly all lines of a list that was loaded before.
    unsettled = [line for line in lines if not _is_settled(line, known.get(by_eleve_id.get(line.eleve_id, 0)))]
    if unsettled:
        known |= _students(_alike(unsettled, school) - known.keys())
    enrolments: dict[int, list[KnownEnrolment]] = {}
    if known:
        for row in rows(_ENROLMENTS, students=list(known), school=school.pk, year=first_year):
            enrolments.setdefault(row[0], []).append(KnownEnrolment(*row))
    new_here = [one for one in known if not any(enrolment.is_here for enrolment in enrolments.get(one, ()))]
    former = rows(_FORMER, students=new_here, school=school.pk, year=first_year) if new_here else []
    return Known(school.uai, by_eleve_id, known, enrolments, {row[0]: FormerEnrolment(*row) for row in former})


def _is_settled(line: ListedLine, student: KnownStudent | None) -> bool:
    return student is not None and is_alike(line, student) and line.ine_fingerprint in (None, student.ine_fingerprint)


def _alike(lines: Sequence[ListedLine], school: School) -> set[int]:
    """Return who shares an INE, or names and birth date, with one of the lines, or is near it."""
    match_keys, birth_dates = [line.match_key for line in lines], [line.birth_on for line in lines]
    fingerprints = [line.ine_fingerprint for line in lines if line.ine_fingerprint]
    found = rows(
        _BY_INE_OR_NAME, region=school.region_id, fingerprints=fingerprints, match_keys=match_keys,
        birth_dates=birth_dates,
    )  # fmt: skip
    schools = sorted({school.uai, *(line.previous_uai for line in lines)} - {""})
    near = rows(_NEAR, schools=schools, birth_dates=birth_dates, match_keys=match_keys)
    return {row[0] for row in found} | {row[0] for row in near}


def _students(ids: Set[int]) -> dict[int, KnownStudent]:
    if not ids:
        return {}
    return {row[0]: KnownStudent(*row) for row in rows(_STUDENTS, students=list(ids))}


def enrolled_now(*, school: School, first_year: int) -> set[int]:
    """Return the students enrolled in a lycée this year without an end."""
    return {row[0] for row in rows(_ENROLLED_NOW, school=school.pk, year=first_year)}


def rulings_for(*, school: School, first_year: int) -> Rulings:
    """Return what humans ruled about the people in this lycée's lists of a school year."""
    by_key: dict[str, dict[str, set[int]]] = {}
    for key, ruling, student_id in rows(_RULINGS, school=school.pk, year=first_year):
        by_key.setdefault(key, {}).setdefault(ruling, set()).add(student_id)
    by_person: dict[str, Ruled] = {}
    by_line: dict[str, Ruled] = {}
    for key, ruled in by_key.items():
        one = Ruled(
            same=next(iter(ruled.get("same", ())), None),
            others=frozenset(ruled.get("other", ())),
            here=frozenset(ruled.get("here", ())),
            elsewhere=frozenset(ruled.get("elsewhere", ())),
            is_taken="taken" in ruled,
            is_dropped="dropped" in ruled,
        )
        (by_line if one.is_taken or one.is_dropped else by_person)[key] = one
    return Rulings(settings.INE_KEY, by_person, by_line)
