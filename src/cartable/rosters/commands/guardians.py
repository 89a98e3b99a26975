"""Preview and apply a lycée's file of guardians."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from cartable.kernel.names import cleaned
from cartable.organisations.models import School
from cartable.rosters.commands.imports import ImportNotOpen, keep_problems
from cartable.rosters.models import Enrolment, Guardian, GuardianLine, RosterImport, RosterKind, RosterState
from cartable.rosters.siecle import GuardianFile

_LINE_COLUMNS = (
    "roster_import_id, eleve_id, person_key, family_name, given_name, email, phone, is_legal, level, kinship"
)
_WRITE = """
INSERT INTO rosters_guardian (student_id, person_key, family_name, given_name, email, phone, is_legal, level, kinship)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bool[], %s::text[],
                     %s::text[])
ON CONFLICT (student_id, person_key) DO UPDATE
SET family_name = excluded.family_name, given_name = excluded.given_name, email = excluded.email,
    phone = excluded.phone, is_legal = excluded.is_legal, level = excluded.level, kinship = excluded.kinship
"""


@dataclass(frozen=True)
class _Difference:
    """What a file of guardians would do: rows to write, rows of students whom it names to remove, and counts."""

    rows: list[tuple[Any, ...]]
    gone_ids: list[int]
    counts: dict[str, int]


@transaction.atomic
def preview_guardians(
    *, school: School, first_year: int, listed: GuardianFile, sha256: bytes, now: datetime, read_by_id: int
) -> RosterImport:
    """Keep a file of guardians as lines and count what it would change. Nothing changes yet."""
    roster_import = RosterImport.objects.create(
        id=uuid4(), school=school, first_year=first_year, kind=RosterKind.GUARDIANS, sha256=sha256,
        exported_at=listed.header.exported_at, read_at=now, read_by_id=read_by_id, state=RosterState.PREVIEWED,
    )  # fmt: skip
    with connection.cursor() as cursor, cursor.copy(f"COPY rosters_guardianline ({_LINE_COLUMNS}) FROM STDIN") as copy:
        for row in _lines(roster_import, listed):
            copy.write_row(row)
    keep_problems(roster_import.pk, listed.problems)
    roster_import.counts = _difference(roster_import).counts
    roster_import.save(update_fields=["counts"])
    return roster_import


def _lines(roster_import: RosterImport, listed: GuardianFile) -> Iterable[tuple[Any, ...]]:
    persons = {person.person_id: person for person in listed.persons}
    for link in listed.links:
        person = persons[link.person_id]
        yield (
            roster_import.pk, link.eleve_id, link.person_id, cleaned(person.last_name), cleaned(person.given_name),
            person.mail or "", person.phones[0] if person.phones else "", link.is_legal, link.level, link.kinship,
        )  # fmt: skip


def _difference(roster_import: RosterImport) -> _Difference:
    """Compare the lines with what is known.

    Joined here and not in SQL: lines that were copied a moment ago have no statistics, and the planner then loops over
    every pair (0.2 s per lycée instead of 0.01).
    """
    enrolments = Enrolment.objects.filter(school_id=roster_import.school_id, first_year=roster_import.first_year)
    students = dict(enrolments.exclude(eleve_id="").values_list("eleve_id", "student_id"))
    lines = GuardianLine.objects.filter(roster_import=roster_import).values_list(
        "eleve_id", "person_key", "family_name", "given_name", "email", "phone", "is_legal", "level", "kinship"
    )
    rows: dict[tuple[int, str], tuple[Any, ...]] = {}
    unknown_count = 0
    for eleve_id, person_key, *rest in lines:
        if (student_id := students.get(eleve_id)) is None:
            unknown_count += 1
        else:
            rows.setdefault((student_id, person_key), (student_id, person_key, *rest))
    named = {student_id for student_id, _key in rows}
    # Only for students whom the file names: a student that it leaves out keeps what is known.
    known = {
        (student_id, person_key): pk
        for pk, student_id, person_key in Guardian.objects.filter(student_id__in=named).values_list(
            "pk", "student_id", "person_key"
        )
    }
    return _Difference(
        list(rows.values()),
        [pk for key, pk in known.items() if key not in rows],
        {
            "guardians": len(rows),
            "legal_guardians": sum(row[6] for row in rows.values()),
            "unknown_students": unknown_count,
            "new_guardians": sum(key not in known for key in rows),
        },
    )


@transaction.atomic
def apply_guardians(*, roster_import: RosterImport, applied_by_id: int, now: datetime) -> RosterImport:
    """Apply a previewed file of guardians, all or nothing. Raises ImportNotOpen."""
    School.objects.select_for_update(no_key=True).get(pk=roster_import.school_id)
    roster_import = RosterImport.objects.select_for_update().get(pk=roster_import.pk)
    if roster_import.state != RosterState.PREVIEWED:
        raise ImportNotOpen
    difference = _difference(roster_import)
    Guardian.objects.filter(pk__in=difference.gone_ids).delete()
    if difference.rows:
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, [list(column) for column in zip(*difference.rows, strict=True)])
    roster_import.state, roster_import.applied_at = RosterState.APPLIED, now
    roster_import.applied_by_id, roster_import.counts = applied_by_id, difference.counts
    roster_import.save(update_fields=["state", "applied_at", "applied_by", "counts"])
    return roster_import
