"""Preview and apply a lycée's file of guardians."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from cartable.organisations.models import School
from cartable.rosters.commands.imports import ImportNotOpen, keep_problems
from cartable.rosters.commands.statements import copying, follow_keys, rows
from cartable.rosters.formats.records import GuardianFile
from cartable.rosters.models import RosterImport, RosterKind, RosterState

_KEPT = "family_name", "given_name", "email", "phone", "accepts_sms", "is_legal", "level", "kinship"
_COLUMNS = ", ".join(_KEPT)
_COPY = f"COPY rosters_guardianline (roster_import_id, eleve_id, person_key, {_COLUMNS}) FROM STDIN"
_LINES = "SELECT id, eleve_id, person_key, is_legal FROM rosters_guardianline WHERE roster_import_id = %(import)s"
_STUDENTS = """
SELECT key, student_id FROM rosters_studentkey WHERE school_id = %(school)s
UNION ALL
SELECT eleve_id, student_id FROM rosters_enrolment WHERE school_id = %(school)s AND first_year = %(year)s AND eleve_id <> ''
"""
_GUARDIANS = "SELECT student_id, person_key, id FROM rosters_guardian WHERE student_id = ANY(%(students)s)"
# Only numbers travel: what is said of a person goes from the line into the table without leaving the database.
_ENTER = f"""
INSERT INTO rosters_guardian (student_id, person_key, {_COLUMNS})
SELECT new.student_id, line.person_key, {", ".join(f"line.{column}" for column in _KEPT)}
FROM unnest(%(students)s::bigint[], %(lines)s::bigint[]) AS new(student_id, line_id)
JOIN rosters_guardianline line ON line.id = new.line_id
ON CONFLICT (student_id, person_key) DO NOTHING
"""
_UPDATE = f"""
UPDATE rosters_guardian guardian SET ({_COLUMNS}) = ROW({", ".join(f"line.{column}" for column in _KEPT)})
FROM unnest(%(guardians)s::bigint[], %(lines)s::bigint[]) AS known(guardian_id, line_id)
JOIN rosters_guardianline line ON line.id = known.line_id
WHERE guardian.id = known.guardian_id
  AND ({", ".join(f"guardian.{column}" for column in _KEPT)}) IS DISTINCT FROM ({", ".join(f"line.{column}" for column in _KEPT)})
"""
_REMOVE = "DELETE FROM rosters_guardian WHERE id = ANY(%s)"


@dataclass(frozen=True)
class _Difference:
    """What a file of guardians would do: (student, line) to enter, (guardian, line) to compare, guardians to remove."""

    new: list[tuple[int, int]]
    known: list[tuple[int, int]]
    gone: list[int]
    counts: dict[str, int]


@transaction.atomic
def preview_guardians(
    *, school: School, first_year: int, listed: GuardianFile, sha256: bytes, now: datetime, read_by_id: int
) -> RosterImport:
    """Keep a file of guardians as lines and count what it would change. Nothing changes yet."""
    follow_keys()
    roster_import = RosterImport.objects.create(
        id=uuid4(), school=school, first_year=first_year, kind=RosterKind.GUARDIANS, sha256=sha256,
        exported_at=listed.header.exported_at, read_at=now, read_by_id=read_by_id, state=RosterState.PREVIEWED,
    )  # fmt: skip
    with copying(_COPY) as copy:
        for row in _lines(listed):
            copy.write_row((str(roster_import.pk), *row))
    keep_problems(roster_import.pk, listed.problems)
    roster_import.counts = _difference(roster_import).counts
    roster_import.save(update_fields=["counts"])
    return roster_import


def _lines(listed: GuardianFile) -> Iterable[tuple[Any, ...]]:
    persons = {person.person_id: person for person in listed.persons}
    for link in listed.links:
        person = persons[link.person_id]
        yield (
            link.eleve_id, link.person_id, person.last_name, person.given_name, person.mail or "",
            person.phones[0] if person.phones else "", person.accepts_sms, link.is_legal, link.level, link.kinship,
        )  # fmt: skip


def _difference(roster_import: RosterImport, only: Set[int] | None = None) -> _Difference:
    """Compare the keys of the lines with those that are known; what is said of a person is compared when it is written.

    ``only``: the students whom it may be about.
    """
    students = dict(rows(_STUDENTS, school=roster_import.school_id, year=roster_import.first_year))
    if only is not None:
        students = {key: student_id for key, student_id in students.items() if student_id in only}
    lines: dict[tuple[int, str], int] = {}
    legal_count = unknown_count = 0
    for line_id, eleve_id, person_key, is_legal in rows(_LINES, **{"import": roster_import.pk}):
        if (student_id := students.get(eleve_id)) is None:
            unknown_count += 1
        elif (student_id, person_key) not in lines:
            lines[student_id, person_key] = line_id
            legal_count += is_legal
    # Only for students whom the file names: a student that it leaves out keeps what is known.
    named = list({student_id for student_id, _person_key in lines})
    known = {(student_id, key): pk for student_id, key, pk in rows(_GUARDIANS, students=named)}
    new = [(pair[0], line_id) for pair, line_id in lines.items() if pair not in known]
    return _Difference(
        new,
        [(known[pair], line_id) for pair, line_id in lines.items() if pair in known],
        [pk for pair, pk in known.items() if pair not in lines],
        {
            "guardians": len(lines),
            "legal_guardians": legal_count,
            "unknown_students": unknown_count,
            "new_guardians": len(new),
        },
    )


@transaction.atomic
def apply_guardians(*, roster_import: RosterImport, applied_by_id: int, now: datetime) -> RosterImport:
    """Apply a previewed file of guardians, all or nothing. Raises ImportNotOpen."""
    School.objects.select_for_update(no_key=True).get(pk=roster_import.school_id)
    roster_import = RosterImport.objects.select_for_update().get(pk=roster_import.pk)
    if roster_import.state != RosterState.PREVIEWED:
        raise ImportNotOpen
    follow_keys()
    difference = _difference(roster_import)
    _write(difference)
    roster_import.state, roster_import.applied_at = RosterState.APPLIED, now
    roster_import.applied_by_id, roster_import.counts = applied_by_id, difference.counts
    roster_import.save(update_fields=["state", "applied_at", "applied_by", "counts"])
    return roster_import


def follow_settled_students(*, school_id: int, first_year: int, student_ids: Set[int]) -> None:
    """Take from the lycée's last applied file the guardians of students who were not known when it was applied."""
    latest = (
        RosterImport.objects.filter(
            school_id=school_id, first_year=first_year, kind=RosterKind.GUARDIANS, state=RosterState.APPLIED
        )
        .order_by("-applied_at")
        .first()
    )
    if latest is not None and student_ids:
        _write(_difference(latest, only=student_ids))


def _write(difference: _Difference) -> None:
    with connection.cursor() as cursor:
        if difference.gone:
            cursor.execute(_REMOVE, [difference.gone])
        for statement, who, pairs in (
            (_ENTER, "students", difference.new),
            (_UPDATE, "guardians", difference.known),
        ):
            if pairs:
                subjects, lines = zip(*pairs, strict=True)
                cursor.execute(statement, {who: list(subjects), "lines": list(lines)})
