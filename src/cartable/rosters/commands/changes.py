"""Write what the lines of an import change, one statement per table, straight from the lines."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from cartable.fleet.commands import affiliate_custodians, open_student_accounts
from cartable.rosters.commands.enrolment import enter_students
from cartable.rosters.models import Enrolment, Outcome, RosterImport, RosterLine, Student, StudentSource

# All lines of the import, or those that were in doubt when it was applied and are settled now.
_CHOSEN = "(%(lines)s::bigint[] IS NULL OR line.id = ANY(%(lines)s::bigint[]))"
# In the order of the lines; the account of each is taken from the array at its place: no join to be planned.
_ARRIVALS = f"""
SELECT (%(accounts)s::bigint[])[row_number() OVER (ORDER BY id)] AS custodian_id, %(school)s AS school_id, family_name,
    given_name, usage_name, folded_name, match_key, birth_on, ine_fingerprint, ine_rank, eleve_id, division, level, mef, status,
    starts_on, ends_on, exit_reason
FROM rosters_rosterline line WHERE roster_import_id = %(import)s AND outcome = 'arrival' AND {_CHOSEN} ORDER BY id
"""
_TAKEN_OVER = (
    f"line.roster_import_id = %(import)s AND line.outcome IN ('change', 'transfer', 'departure') AND {_CHOSEN}"
)
# A number given anew within the year: whoever had it keeps the enrolment and loses the number.
_RELEASE_NUMBERS = f"""
UPDATE rosters_enrolment enrolment SET eleve_id = '' FROM rosters_rosterline line
WHERE line.roster_import_id = %(import)s AND line.outcome IN ('arrival', 'change', 'transfer', 'departure')
  AND {_CHOSEN}
  AND line.eleve_id <> '' AND enrolment.school_id = %(school)s AND enrolment.first_year = %(year)s AND enrolment.is_home
  AND enrolment.eleve_id = line.eleve_id AND enrolment.student_id IS DISTINCT FROM line.student_id
"""
_UPDATE_STUDENTS = f"""
UPDATE rosters_student student
SET family_name = line.family_name, usage_name = line.usage_name, given_name = line.given_name,
    folded_name = line.folded_name, match_key = line.match_key, birth_on = coalesce(line.birth_on, student.birth_on),
    ine_fingerprint = coalesce(line.ine_fingerprint, student.ine_fingerprint),
    ine_rank = CASE WHEN coalesce(line.ine_fingerprint, student.ine_fingerprint) IS NOT DISTINCT FROM student.ine_fingerprint
        THEN student.ine_rank ELSE line.ine_rank END
FROM rosters_rosterline line WHERE {_TAKEN_OVER} AND line.student_id = student.id
"""
# One home at a time: whatever ran until now ends where this year's enrolment starts, by the list or, where it is known
# already (`commands.departures`), by what was said then; a year to come is left alone.
_STARTS_HERE = "coalesce(here.starts_on, line.starts_on)"
_END_OTHER_HOMES = f"""
UPDATE rosters_enrolment enrolment SET ends_on = greatest(enrolment.starts_on, {_STARTS_HERE})
FROM rosters_rosterline line
LEFT JOIN rosters_enrolment here ON here.student_id = line.student_id AND here.school_id = %(school)s
    AND here.first_year = %(year)s AND here.is_home
WHERE {_TAKEN_OVER} AND line.outcome <> 'departure' AND enrolment.student_id = line.student_id AND enrolment.is_home
  AND enrolment.first_year <= %(year)s
  AND (enrolment.ends_on IS NULL OR enrolment.ends_on > {_STARTS_HERE})
  AND NOT (enrolment.school_id = %(school)s AND enrolment.first_year = %(year)s)
RETURNING enrolment.school_id
"""
# `rules.people.keeps_number`, where the rows are: one statement for all.
_KEEPS_NUMBER = """rosters_enrolment.eleve_id <> '' AND (excluded.eleve_id = ''
    OR (position(':' IN excluded.eleve_id) > 0 AND position(':' IN rosters_enrolment.eleve_id) = 0))"""
# Every key of another source is remembered, so that its next list, and its guardians, find the student whatever the
# enrolment bears.
_REMEMBER_KEYS = f"""
INSERT INTO rosters_studentkey (school_id, key, student_id)
SELECT %(school)s, enrolment.key, enrolment.student_id FROM (
    SELECT line.eleve_id AS key, line.student_id FROM rosters_rosterline line
    WHERE line.roster_import_id = %(import)s AND line.outcome IN ('change', 'transfer', 'departure', 'same')
      AND line.student_id IS NOT NULL AND {_CHOSEN}
    UNION
    SELECT eleve_id, student_id FROM rosters_enrolment WHERE school_id = %(school)s AND first_year = %(year)s
) AS enrolment WHERE position(':' IN enrolment.key) > 0
ON CONFLICT (school_id, key) DO UPDATE SET student_id = excluded.student_id
WHERE rosters_studentkey.student_id <> excluded.student_id
"""
_UPDATE_ENROLMENTS = f"""
INSERT INTO rosters_enrolment (student_id, school_id, first_year, eleve_id, division, level, mef, status, starts_on, ends_on,
    exit_reason, is_home)
SELECT line.student_id, %(school)s, %(year)s, line.eleve_id, line.division, line.level, line.mef, line.status,
    line.starts_on, line.ends_on, line.exit_reason, true
FROM rosters_rosterline line WHERE {_TAKEN_OVER}
ON CONFLICT (student_id, school_id, first_year) DO UPDATE
SET eleve_id = CASE WHEN {_KEEPS_NUMBER} THEN rosters_enrolment.eleve_id ELSE excluded.eleve_id END,
    division = excluded.division,
    -- What a list has no word for takes nothing away; another line of study has another level.
    level = CASE WHEN excluded.level <> '' OR excluded.mef NOT IN ('', rosters_enrolment.mef) THEN excluded.level
        ELSE rosters_enrolment.level END,
    mef = coalesce(nullif(excluded.mef, ''), rosters_enrolment.mef),
    status = coalesce(nullif(excluded.status, ''), rosters_enrolment.status),
    exit_reason = excluded.exit_reason,
    -- greatest() passes over a null: who has no end would be gone on the first day. A year that is followed by the
    -- next one ends with it, whatever an older list leaves open.
    ends_on = CASE WHEN excluded.ends_on IS NOT NULL THEN greatest(excluded.ends_on, rosters_enrolment.starts_on)
        ELSE (SELECT min(later.starts_on) FROM rosters_enrolment later
            WHERE later.student_id = rosters_enrolment.student_id AND later.is_home
              AND later.starts_on >= rosters_enrolment.starts_on AND later.first_year > rosters_enrolment.first_year) END
"""


def apply_lines(
    roster_import: RosterImport, *, applied_at: datetime, applied_by_id: int, line_ids: Sequence[int] | None = None
) -> set[int]:
    """Enter arrivals; write changes, departures and transfers. Reviews, absences and what is the same do nothing.

    ``line_ids`` name the lines to write where the others were written before. Return the lycées whose enrolments
    changed: that of the list, and those that students came from.
    """
    lines = RosterLine.objects.filter(roster_import=roster_import)
    counts, schools = roster_import.counts, {roster_import.school_id}
    chosen = list(line_ids) if line_ids is not None else None
    if chosen is not None:
        lines = lines.filter(pk__in=chosen)
        counts = Counter(lines.values_list("outcome", flat=True))
    if _brings_other_keys(roster_import):
        _write(_REMEMBER_KEYS, roster_import, chosen)
    _write(_RELEASE_NUMBERS, roster_import, chosen)
    if arrival_count := counts.get(Outcome.ARRIVAL, 0):
        _enter_arrivals(roster_import, arrival_count, chosen, applied_at, applied_by_id)
    if any(counts.get(outcome) for outcome in (Outcome.CHANGE, Outcome.TRANSFER, Outcome.DEPARTURE)):
        schools |= _take_over(roster_import, chosen)
    if counts.get(Outcome.TRANSFER):
        moved = lines.filter(outcome=Outcome.TRANSFER).values("student_id")
        affiliate_custodians(
            custodian_ids=list(Student.objects.filter(pk__in=moved).values_list("custodian_id", flat=True)),
            school_id=roster_import.school_id, starts_at=applied_at, recorded_by_id=applied_by_id,
        )  # fmt: skip
    return schools


def _brings_other_keys(roster_import: RosterImport) -> bool:
    """Say whether the list, or the enrolments that it meets, bear keys of another source than SIECLE."""
    lines = RosterLine.objects.filter(roster_import=roster_import, eleve_id__contains=":")
    enrolments = Enrolment.objects.filter(
        school_id=roster_import.school_id, first_year=roster_import.first_year, eleve_id__contains=":"
    )
    return lines.exists() or enrolments.exists()


def _enter_arrivals(
    roster_import: RosterImport, count: int, chosen: list[int] | None, applied_at: datetime, applied_by_id: int
) -> None:
    school = roster_import.school
    accounts = open_student_accounts(
        region_id=school.region_id, school_ids=[school.pk] * count, opened_at=applied_at, recorded_by_id=applied_by_id
    )
    enter_students(
        _ARRIVALS, region_id=school.region_id, first_year=roster_import.first_year, source=StudentSource.LIST,
        accounts=accounts, school=school.pk, lines=chosen, **{"import": roster_import.pk},
    )  # fmt: skip


def _take_over(roster_import: RosterImport, chosen: list[int] | None) -> set[int]:
    _write(_UPDATE_STUDENTS, roster_import, chosen)
    ended_in = _write(_END_OTHER_HOMES, roster_import, chosen)
    _write(_UPDATE_ENROLMENTS, roster_import, chosen)
    return {school_id for (school_id,) in ended_in}


def _write(statement: str, roster_import: RosterImport, chosen: list[int] | None) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "import": roster_import.pk, "school": roster_import.school_id, "year": roster_import.first_year,
                "lines": chosen,
            },
        )  # fmt: skip
        return cursor.fetchall() if cursor.description else []
