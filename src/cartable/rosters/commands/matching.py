"""Match the lines of a list with known students, in the order of DOMAIN 1.5, and change what is different.

Every step is one statement over all lines of an import: (lycée, ELEVE_ID), then INE, then birth name, first name and
birth date within the lycée or its declared predecessor. Never on names alone. What contradicts itself goes to review.
"""

from datetime import date
from typing import Any

from django.db import connection

from cartable.rosters.models import RosterImport

_FORGET_MATCHES = """
DELETE FROM rosters_rosterline WHERE roster_import_id = %(import)s AND outcome = 'absent';
"""
_RESET = """
UPDATE rosters_rosterline SET student_id = NULL, matched_by = '', review_code = '', outcome = 'arrival'
WHERE roster_import_id = %(import)s AND NOT (outcome = 'review' AND student_id IS NULL)
"""
_MATCH = """
WITH line AS (
    SELECT * FROM rosters_rosterline WHERE roster_import_id = %(import)s AND outcome <> 'review'
), candidate AS (
    SELECT DISTINCT ON (line.id, enrolment.student_id) line.id, enrolment.student_id, 1 AS rank, 'eleve_id' AS matched_by
    FROM line JOIN rosters_enrolment enrolment
        ON enrolment.school_id = %(school)s AND enrolment.eleve_id = line.eleve_id AND line.eleve_id <> ''
    UNION ALL
    SELECT line.id, student.id, 2, 'ine'
    FROM line JOIN rosters_student student
        ON student.region_id = %(region)s AND student.ine_fingerprint = line.ine_fingerprint
    UNION ALL
    SELECT line.id, student.id, CASE WHEN custodian.school_id = %(school)s THEN 3 ELSE 4 END,
        CASE WHEN custodian.school_id = %(school)s THEN 'name_and_birth' ELSE 'previous_school' END
    FROM line JOIN rosters_student student ON student.region_id = %(region)s
        AND student.match_key = line.match_key AND student.birth_on = line.birth_on
    JOIN fleet_custodian custodian ON custodian.id = student.custodian_id
    JOIN organisations_school home ON home.id = custodian.school_id
    WHERE custodian.school_id = %(school)s OR (line.previous_uai <> '' AND home.uai = line.previous_uai)
), best AS (
    SELECT DISTINCT ON (id) id, student_id, matched_by, rank,
        count(*) OVER (PARTITION BY id, rank) AS same_rank
    FROM candidate ORDER BY id, rank, student_id
), judged AS (
    SELECT best.*,
        CASE
            WHEN best.same_rank > 1 THEN 'several_students'
            WHEN count(*) OVER (PARTITION BY best.student_id) > 1 THEN 'student_twice'
            WHEN line.birth_on IS DISTINCT FROM student.birth_on AND line.birth_on IS NOT NULL
                 AND student.birth_on IS NOT NULL AND line.match_key <> student.match_key THEN 'somebody_else'
            WHEN line.ine_fingerprint <> student.ine_fingerprint THEN 'two_ine'
            ELSE ''
        END AS review_code
    FROM best JOIN line USING (id) JOIN rosters_student student ON student.id = best.student_id
)
UPDATE rosters_rosterline line
SET student_id = judged.student_id, matched_by = judged.matched_by, review_code = judged.review_code,
    outcome = CASE WHEN judged.review_code = '' THEN 'same' ELSE 'review' END
FROM judged WHERE line.id = judged.id
"""
_JUDGE = """
UPDATE rosters_rosterline line
SET outcome = judged.outcome, review_code = CASE WHEN judged.outcome = 'review' THEN 'enrolled_elsewhere' ELSE '' END
FROM (
    SELECT line.id,
        CASE
            WHEN line.student_id IS NULL AND line.ends_on <= %(today)s THEN 'same'
            WHEN line.student_id IS NULL THEN 'arrival'
            WHEN line.ends_on IS NOT NULL AND enrolment.ends_on IS DISTINCT FROM line.ends_on THEN 'departure'
            WHEN line.ends_on <= %(today)s THEN 'same'
            WHEN custodian.school_id <> %(school)s AND home.id IS NOT NULL AND home.starts_on >= line.starts_on
                THEN 'review'
            WHEN custodian.school_id <> %(school)s THEN 'transfer'
            WHEN enrolment.id IS NULL OR (enrolment.eleve_id, enrolment.division, enrolment.level, enrolment.mef,
                    enrolment.status, enrolment.ends_on, student.family_name, student.usage_name, student.given_name,
                    student.birth_on, coalesce(student.ine_fingerprint, ''::bytea))
                IS DISTINCT FROM (line.eleve_id, line.division, line.level, line.mef, line.status, line.ends_on,
                    line.family_name, line.usage_name, line.given_name, coalesce(line.birth_on, student.birth_on),
                    coalesce(line.ine_fingerprint, student.ine_fingerprint, ''::bytea)) THEN 'change'
            ELSE 'same'
        END AS outcome
    FROM rosters_rosterline line
    LEFT JOIN rosters_student student ON student.id = line.student_id
    LEFT JOIN fleet_custodian custodian ON custodian.id = student.custodian_id
    LEFT JOIN rosters_enrolment enrolment ON enrolment.student_id = line.student_id
        AND enrolment.school_id = %(school)s AND enrolment.first_year = %(year)s
    LEFT JOIN rosters_enrolment home ON home.student_id = line.student_id AND home.is_home
        AND home.school_id <> %(school)s AND home.first_year = %(year)s AND home.ends_on IS NULL
    WHERE line.roster_import_id = %(import)s AND line.outcome <> 'review'
) judged
WHERE line.id = judged.id AND line.outcome <> judged.outcome
"""
# Absence from a file is never a departure (DOMAIN 0.4): it is shown, and nothing else.
_ABSENT = """
INSERT INTO rosters_rosterline (roster_import_id, line, outcome, review_code, student_id, matched_by, eleve_id, family_name,
    usage_name, given_name, folded_name, match_key, birth_on, division, level, mef, status, starts_on, ends_on,
    exit_reason, previous_uai)
SELECT %(import)s, NULL, 'absent', '', student.id, '', enrolment.eleve_id, student.family_name, student.usage_name,
    student.given_name, student.folded_name, student.match_key, student.birth_on, enrolment.division, enrolment.level,
    enrolment.mef, enrolment.status, enrolment.starts_on, NULL, '', ''
FROM rosters_enrolment enrolment JOIN rosters_student student ON student.id = enrolment.student_id
WHERE enrolment.school_id = %(school)s AND enrolment.first_year = %(year)s AND enrolment.ends_on IS NULL
  AND NOT EXISTS (SELECT FROM rosters_rosterline line
                  WHERE line.roster_import_id = %(import)s AND line.student_id = student.id)
"""
_COUNTS = """
SELECT outcome, count(*) FROM rosters_rosterline WHERE roster_import_id = %(import)s GROUP BY outcome
UNION ALL
SELECT 'enrolled', count(*) FROM rosters_enrolment
WHERE school_id = %(school)s AND first_year = %(year)s AND ends_on IS NULL
"""

_TAKEN_OVER = "line.roster_import_id = %(import)s AND line.outcome IN ('change', 'transfer', 'departure')"
_UPDATE_STUDENTS = f"""
UPDATE rosters_student student
SET family_name = line.family_name, usage_name = line.usage_name, given_name = line.given_name,
    folded_name = line.folded_name, match_key = line.match_key, birth_on = coalesce(line.birth_on, student.birth_on),
    ine_fingerprint = coalesce(line.ine_fingerprint, student.ine_fingerprint)
FROM rosters_rosterline line WHERE {_TAKEN_OVER} AND line.student_id = student.id
"""
# One home at a time: whatever ran until now ends where this year's enrolment starts.
_END_OTHER_HOMES = f"""
UPDATE rosters_enrolment enrolment SET ends_on = greatest(enrolment.starts_on, line.starts_on)
FROM rosters_rosterline line
WHERE {_TAKEN_OVER} AND line.ends_on IS NULL AND enrolment.student_id = line.student_id AND enrolment.is_home
  AND enrolment.ends_on IS NULL AND NOT (enrolment.school_id = %(school)s AND enrolment.first_year = %(year)s)
"""
_UPDATE_ENROLMENTS = f"""
INSERT INTO rosters_enrolment (student_id, school_id, first_year, eleve_id, division, level, mef, status, starts_on, ends_on,
    exit_reason, is_home)
SELECT line.student_id, %(school)s, %(year)s, line.eleve_id, line.division, line.level, line.mef, line.status,
    line.starts_on, line.ends_on, line.exit_reason, true
FROM rosters_rosterline line WHERE {_TAKEN_OVER}
ON CONFLICT (student_id, school_id, first_year) DO UPDATE
SET eleve_id = excluded.eleve_id, division = excluded.division, level = excluded.level, mef = excluded.mef,
    status = excluded.status, ends_on = greatest(excluded.ends_on, rosters_enrolment.starts_on),
    exit_reason = excluded.exit_reason
"""
_MOVED = """
SELECT student.custodian_id FROM rosters_rosterline line JOIN rosters_student student ON student.id = line.student_id
WHERE line.roster_import_id = %(import)s AND line.outcome = 'transfer'
"""


def _parameters(roster_import: RosterImport, **more: Any) -> dict[str, Any]:
    return {
        "import": roster_import.pk,
        "school": roster_import.school_id,
        "region": roster_import.school.region_id,
        "year": roster_import.first_year,
        **more,
    }


def compare(roster_import: RosterImport, *, today: date) -> None:
    """Say of each line what applying it would do; may be repeated when the students have changed."""
    parameters = _parameters(roster_import, today=today)
    with connection.cursor() as cursor:
        for statement in (_FORGET_MATCHES, _RESET, _MATCH, _JUDGE, _ABSENT):
            cursor.execute(statement, parameters)


def counts(roster_import: RosterImport) -> dict[str, int]:
    """Return how many lines each outcome has, and how many students are enrolled now."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, _parameters(roster_import))
        return {outcome: count for outcome, count in cursor.fetchall()}


def apply_changes(roster_import: RosterImport) -> list[int]:
    """Write changes, transfers and departures; return the accounts that now count for this lycée."""
    parameters = _parameters(roster_import)
    with connection.cursor() as cursor:
        for statement in (_UPDATE_STUDENTS, _END_OTHER_HOMES, _UPDATE_ENROLMENTS):
            cursor.execute(statement, parameters)
        cursor.execute(_MOVED, parameters)
        return [row[0] for row in cursor.fetchall()]
