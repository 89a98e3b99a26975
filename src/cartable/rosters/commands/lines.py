"""Keep the lines of a list with what each would do, and read them back."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection

from cartable.kernel.ine import ine_fingerprint
from cartable.kernel.school_year import SchoolYear
from cartable.rosters.commands.statements import copying
from cartable.rosters.formats.records import Student, StudentFile
from cartable.rosters.rules.differences import list_marks
from cartable.rosters.rules.names import folded_names
from cartable.rosters.rules.outcomes import OutcomeName, Verdict
from cartable.rosters.rules.people import ListedLine

# Both records bear the names of the table's columns.
_COLUMNS = ", ".join((*Verdict._fields, *ListedLine._fields))
_VERDICT_WIDTH = len(Verdict._fields)

_COPY = f"COPY rosters_rosterline (roster_import_id, {_COLUMNS}) FROM STDIN"
_KEPT = f"""
SELECT id, {_COLUMNS} FROM rosters_rosterline WHERE roster_import_id = %s AND outcome = ANY(%s) ORDER BY id
"""
_JUDGE_AGAIN = """
UPDATE rosters_rosterline line
SET outcome = verdict.outcome, review_code = verdict.review_code, student_id = verdict.student_id,
    matched_by = verdict.matched_by, candidates = verdict.candidates::bigint[], changes = verdict.changes::varchar[],
    ine_rank = verdict.ine_rank
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::smallint[])
    AS verdict(line_id, outcome, review_code, student_id, matched_by, candidates, changes, ine_rank)
WHERE line.id = verdict.line_id
"""
# Absence from a file is never a departure (DOMAIN 0.4): it is shown, and nothing else.
_FORGET_ABSENT = "DELETE FROM rosters_rosterline WHERE roster_import_id = %s AND outcome = 'absent'"
_KEEP_ABSENT = """
INSERT INTO rosters_rosterline (roster_import_id, line, outcome, review_code, student_id, matched_by, eleve_id, family_name,
    usage_name, given_name, folded_name, match_key, birth_on, division, level, mef, status, starts_on, ends_on,
    exit_reason, previous_uai, set_aside)
SELECT %(import)s, NULL, 'absent', '', student.id, '', enrolment.eleve_id, student.family_name, student.usage_name,
    student.given_name, student.folded_name, student.match_key, student.birth_on, enrolment.division, enrolment.level,
    enrolment.mef, enrolment.status, enrolment.starts_on, NULL, '', '', ''
FROM rosters_student student JOIN rosters_enrolment enrolment ON enrolment.student_id = student.id
WHERE student.id = ANY(%(students)s) AND enrolment.school_id = %(school)s AND enrolment.first_year = %(year)s
"""


# What readers say of an INE that they do not trust.
_DOUBTFUL_INE = {"ine_unreadable", "ine_key_wrong", "ine_shared"}


class KeptLine(NamedTuple):
    """A line as kept, with the verdict that stands beside it."""

    line_id: int
    verdict: Verdict
    listed: ListedLine


def listed_lines(listed: StudentFile) -> list[ListedLine]:
    """Return the students of a file as lines; those whom the reader set aside say why."""
    year = SchoolYear(listed.header.school_year)
    reasons = {p.eleve_id: p.code for p in listed.problems if p.severity == "queue" and p.eleve_id}
    lines = [
        *(_line(student, year) for student in listed.students),
        *(_line(student, year, reasons.get(student.eleve_id, "set_aside")) for student in listed.queued),
    ]
    doubtful = {p.line for p in listed.problems if p.code in _DOUBTFUL_INE}
    marks = list_marks(lines, doubtful - {None})
    return [line._replace(marks=found) if found else line for line, found in zip(lines, marks, strict=True)]


def _line(student: Student, year: SchoolYear, set_aside: str = "") -> ListedLine:
    names = student.family_name, student.usage_name, student.given_name
    # DATE_ENTREE may be years ago: within this school year the enrolment starts on its first day at the earliest.
    starts_on = max(student.entered_on or year.starts_on, year.starts_on)
    return ListedLine(
        student.line, student.eleve_id, *names, *folded_names(*names), student.birth_on,
        ine_fingerprint(student.ine, key=settings.INE_KEY) if student.ine else None,
        student.division or "", student.level or "", student.mef, student.status, starts_on,
        max(student.left_on, starts_on) if student.left_on else None,
        student.exit_reason, student.previous_uai or "", set_aside,
    )  # fmt: skip


def keep_lines(import_id: UUID, lines: Sequence[ListedLine], verdicts: Sequence[Verdict]) -> None:
    """Write the lines of an import with their verdicts."""
    key = str(import_id)
    with copying(_COPY) as copy:
        for line, verdict in zip(lines, verdicts, strict=True):
            copy.write_row((key, *_columns(verdict), *line[:-1], _array(line.marks)))


def kept_lines(import_id: UUID, outcomes: Iterable[OutcomeName]) -> list[KeptLine]:
    """Return the lines of an import that have one of these outcomes, in the order of its file."""
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, [import_id, list(outcomes)])
        return [_kept(row) for row in cursor.fetchall()]


def kept_line(line_id: int) -> ListedLine:
    """Return one line of an import, as its list said it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {_COLUMNS} FROM rosters_rosterline WHERE id = %s", [line_id])
        return _kept(cursor.fetchone()).listed


def _kept(row: tuple[Any, ...]) -> KeptLine:
    verdict, listed = Verdict._make(row[1 : 1 + _VERDICT_WIDTH]), ListedLine._make(row[1 + _VERDICT_WIDTH :])
    return KeptLine(
        row[0],
        verdict._replace(candidates=tuple(verdict.candidates), changes=tuple(verdict.changes)),
        listed._replace(marks=tuple(listed.marks)),
    )


def _columns(verdict: Verdict) -> tuple[Any, ...]:
    """Return a verdict as it travels: its arrays as texts, for they may be of any length side by side."""
    return (*verdict[:4], _array(verdict.candidates), _array(verdict.changes), verdict.ine_rank)


def _array(values: Iterable[object]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def judge_again(kept: Iterable[KeptLine], verdicts: Sequence[Verdict]) -> None:
    """Write the verdicts that are no longer what stands beside the line."""
    rows = [
        (line.line_id, *_columns(verdict))
        for line, verdict in zip(kept, verdicts, strict=True)
        if verdict != line.verdict
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_JUDGE_AGAIN, [list(column) for column in zip(*rows, strict=True)])


def keep_absent(import_id: UUID, student_ids: Iterable[int], *, school_id: int, first_year: int) -> None:
    """Keep a line for each student who is enrolled here and in no line; the former ones go."""
    students = list(student_ids)
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_ABSENT, [import_id])
        if students:
            cursor.execute(
                _KEEP_ABSENT, {"import": import_id, "students": students, "school": school_id, "year": first_year}
            )
