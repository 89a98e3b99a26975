"""Match the lines of a list with known students, in the order of DOMAIN 1.5, and change what is different.

Set-based: keys are looked up for all lines of an import at once, `rules.match_lines` decides, a few statements write.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from cartable.kernel.names import folded
from cartable.rosters.models import Outcome, RosterImport, RosterLine
from cartable.rosters.rules import KnownStudent, ListedLine, match_lines

_FORGET_MATCHES = """
DELETE FROM rosters_rosterline WHERE roster_import_id = %(import)s AND outcome = 'absent';
"""
_RESET = """
UPDATE rosters_rosterline SET student_id = NULL, matched_by = '', review_code = '', outcome = 'arrival'
WHERE roster_import_id = %(import)s AND NOT (outcome = 'review' AND student_id IS NULL)
"""
_KNOWN = """
SELECT student.id, student.match_key, student.birth_on, student.ine_fingerprint, home.uai, student.usage_name
FROM rosters_student student JOIN fleet_custodian custodian ON custodian.id = student.custodian_id
JOIN organisations_school home ON home.id = custodian.school_id
WHERE student.id = ANY(%s)
"""
_KNOWN_IDS = """
SELECT id FROM rosters_student WHERE region_id = %s AND ine_fingerprint = ANY(%s::bytea[])
UNION SELECT id FROM rosters_student WHERE region_id = %s AND match_key = ANY(%s::text[])
"""
# Who may be somebody of this lycée or of the previous one, written otherwise: born on the same day, and not both with INE.
_NEAR_IDS = """
SELECT student.id
FROM organisations_school school JOIN fleet_custodian custodian ON custodian.school_id = school.id
JOIN rosters_student student ON student.custodian_id = custodian.id
WHERE school.uai = ANY(%s::text[])
  AND (student.birth_on = ANY(%s::date[]) OR student.ine_fingerprint IS NULL AND student.birth_on = ANY(%s::date[]))
"""
_TAKE_MATCHES = """
UPDATE rosters_rosterline line
SET student_id = matched.student_id, matched_by = matched.matched_by, review_code = matched.review_code,
    outcome = CASE WHEN matched.review_code = '' THEN 'same' ELSE 'review' END
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS matched(id, student_id, matched_by, review_code)
WHERE line.id = matched.id
"""
_JUDGE = """
UPDATE rosters_rosterline line
SET outcome = judged.outcome, review_code = CASE WHEN judged.outcome = 'review' THEN 'enrolled_elsewhere' ELSE '' END
FROM (
    SELECT line.id,
        CASE
            WHEN line.student_id IS NULL AND line.ends_on <= %(today)s THEN 'same'
            WHEN line.student_id IS NULL THEN 'arrival'
            WHEN enrolment.id IS NOT NULL AND line.ends_on IS NOT NULL
                 AND enrolment.ends_on IS DISTINCT FROM line.ends_on
                THEN CASE WHEN home.id IS NULL THEN 'departure' ELSE 'review' END
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
        AND home.school_id <> %(school)s AND home.first_year = %(year)s
        AND daterange(home.starts_on, home.ends_on) && daterange(line.starts_on, line.ends_on)
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
WHERE {_TAKEN_OVER} AND line.outcome <> 'departure' AND enrolment.student_id = line.student_id AND enrolment.is_home
  AND (enrolment.ends_on IS NULL OR enrolment.ends_on > line.starts_on)
  AND NOT (enrolment.school_id = %(school)s AND enrolment.first_year = %(year)s)
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
        for statement in (_FORGET_MATCHES, _RESET):
            cursor.execute(statement, parameters)
        _match(roster_import, cursor)
        for statement in (_JUDGE, _ABSENT):
            cursor.execute(statement, parameters)


def _match(roster_import: RosterImport, cursor: Any) -> None:
    """Match lines by keys looked up at once.

    Looked up with arrays and joined by `rules.match_lines`: lines copied a moment ago have no statistics, and one join
    over them looped through every pair (0.6 s per lycée instead of 0.03).
    """
    fields = ("id", "eleve_id", "match_key", "birth_on", "ine_fingerprint", "previous_uai", "usage_name")
    rows = RosterLine.objects.filter(roster_import=roster_import).exclude(outcome=Outcome.REVIEW)
    lines = [
        ListedLine(pk, eleve_id, key, birth_on, bytes(ine) if ine else None, previous_uai, folded(usage))
        for pk, eleve_id, key, birth_on, ine, previous_uai, usage in rows.values_list(*fields)
    ]
    cursor.execute(
        "SELECT DISTINCT ON (eleve_id) eleve_id, student_id FROM rosters_enrolment"
        " WHERE school_id = %s AND eleve_id = ANY(%s::text[]) AND eleve_id <> '' ORDER BY eleve_id, first_year DESC",
        [roster_import.school_id, [line.eleve_id for line in lines]],
    )
    by_eleve_id = dict(cursor.fetchall())
    region_id = roster_import.school.region_id
    fingerprints = [line.ine_fingerprint for line in lines if line.ine_fingerprint]
    cursor.execute(_KNOWN_IDS, [region_id, fingerprints, region_id, [line.match_key for line in lines]])
    ids = {row[0] for row in cursor.fetchall()} | set(by_eleve_id.values())
    ids |= _near_ids(cursor, roster_import.school.uai, [line for line in lines if line.eleve_id not in by_eleve_id])
    cursor.execute(_KNOWN, [list(ids)])
    known = [
        KnownStudent(pk, key, birth_on, bytes(ine) if ine else None, uai, folded(usage))
        for pk, key, birth_on, ine, uai, usage in cursor.fetchall()
    ]
    matches = match_lines(lines, uai=roster_import.school.uai, by_eleve_id=by_eleve_id, known=known)
    if matches:
        columns = zip(*((m.line_id, m.student_id, m.matched_by, m.review_code) for m in matches), strict=True)
        cursor.execute(_TAKE_MATCHES, [list(column) for column in columns])


def _near_ids(cursor: Any, uai: str, lines: Sequence[ListedLine]) -> set[int]:
    schools = sorted({uai, *(line.previous_uai for line in lines)} - {""})
    without_ine = [line.birth_on for line in lines if line.birth_on and not line.ine_fingerprint]
    with_ine = [line.birth_on for line in lines if line.birth_on and line.ine_fingerprint]
    if not lines:
        return set()
    cursor.execute(_NEAR_IDS, [schools, without_ine, with_ine])
    return {row[0] for row in cursor.fetchall()}


def counts(roster_import: RosterImport) -> dict[str, int]:
    """Return how many lines each outcome has, and how many students are enrolled now."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, _parameters(roster_import))
        return dict(cursor.fetchall())


def apply_changes(roster_import: RosterImport) -> list[int]:
    """Write changes, transfers and departures; return the accounts that now count for this lycée."""
    parameters = _parameters(roster_import)
    with connection.cursor() as cursor:
        for statement in (_UPDATE_STUDENTS, _END_OTHER_HOMES, _UPDATE_ENROLMENTS):
            cursor.execute(statement, parameters)
        cursor.execute(_MOVED, parameters)
        return [row[0] for row in cursor.fetchall()]
