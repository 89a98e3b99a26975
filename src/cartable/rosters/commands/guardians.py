"""Preview and apply a lycée's file of guardians."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from cartable.kernel.names import cleaned
from cartable.organisations.models import School
from cartable.rosters.commands.imports import ImportNotOpen, keep_problems
from cartable.rosters.models import RosterImport, RosterKind, RosterState
from cartable.rosters.siecle import GuardianFile

_LINE_COLUMNS = (
    "roster_import_id, eleve_id, person_key, family_name, given_name, email, phone, is_legal, level, kinship"
)
_KNOWN_STUDENT = """
rosters_guardianline line JOIN rosters_enrolment enrolment ON enrolment.eleve_id = line.eleve_id
    AND enrolment.school_id = %(school)s AND enrolment.first_year = %(year)s
WHERE line.roster_import_id = %(import)s
"""
_COUNTS = f"""
SELECT (SELECT count(*) FROM {_KNOWN_STUDENT}),
    (SELECT count(*) FROM {_KNOWN_STUDENT} AND line.is_legal),
    (SELECT count(*) FROM rosters_guardianline line WHERE line.roster_import_id = %(import)s
     AND NOT EXISTS (SELECT FROM rosters_enrolment enrolment WHERE enrolment.eleve_id = line.eleve_id
                     AND enrolment.school_id = %(school)s AND enrolment.first_year = %(year)s)),
    (SELECT count(*) FROM {_KNOWN_STUDENT} AND NOT EXISTS (SELECT FROM rosters_guardian guardian
        WHERE guardian.student_id = enrolment.student_id AND guardian.person_key = line.person_key))
"""
_WRITE = f"""
INSERT INTO rosters_guardian (student_id, person_key, family_name, given_name, email, phone, is_legal, level, kinship)
SELECT DISTINCT ON (enrolment.student_id, line.person_key) enrolment.student_id, line.person_key, line.family_name,
    line.given_name, line.email, line.phone, line.is_legal, line.level, line.kinship
FROM {_KNOWN_STUDENT} ORDER BY enrolment.student_id, line.person_key, line.is_legal DESC
ON CONFLICT (student_id, person_key) DO UPDATE
SET family_name = excluded.family_name, given_name = excluded.given_name, email = excluded.email,
    phone = excluded.phone, is_legal = excluded.is_legal, level = excluded.level, kinship = excluded.kinship
"""
# Only for students whom the file names: a student that it leaves out keeps what is known.
_REMOVE = f"""
DELETE FROM rosters_guardian guardian USING {_KNOWN_STUDENT} AND guardian.student_id = enrolment.student_id
  AND NOT EXISTS (SELECT FROM rosters_guardianline same WHERE same.roster_import_id = line.roster_import_id
                  AND same.eleve_id = line.eleve_id AND same.person_key = guardian.person_key)
"""


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
    _count(roster_import)
    return roster_import


def _lines(roster_import: RosterImport, listed: GuardianFile) -> Iterable[tuple[Any, ...]]:
    persons = {person.person_id: person for person in listed.persons}
    for link in listed.links:
        person = persons[link.person_id]
        yield (
            roster_import.pk, link.eleve_id, link.person_id, cleaned(person.last_name), cleaned(person.given_name),
            person.mail or "", person.phones[0] if person.phones else "", link.is_legal, link.level, link.kinship,
        )  # fmt: skip


def _parameters(roster_import: RosterImport) -> dict[str, Any]:
    return {"import": roster_import.pk, "school": roster_import.school_id, "year": roster_import.first_year}


def _count(roster_import: RosterImport) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, _parameters(roster_import))
        names = ("guardians", "legal_guardians", "unknown_students", "new_guardians")
        roster_import.counts = dict(zip(names, cursor.fetchone(), strict=True))
    roster_import.save(update_fields=["counts"])


@transaction.atomic
def apply_guardians(*, roster_import: RosterImport, applied_by_id: int, now: datetime) -> RosterImport:
    """Apply a previewed file of guardians, all or nothing. Raises ImportNotOpen."""
    School.objects.select_for_update(no_key=True).get(pk=roster_import.school_id)
    roster_import = RosterImport.objects.select_for_update().get(pk=roster_import.pk)
    if roster_import.state != RosterState.PREVIEWED:
        raise ImportNotOpen
    _count(roster_import)
    with connection.cursor() as cursor:
        cursor.execute(_REMOVE, _parameters(roster_import))
        cursor.execute(_WRITE, _parameters(roster_import))
    roster_import.state, roster_import.applied_at = RosterState.APPLIED, now
    roster_import.applied_by_id = applied_by_id
    roster_import.save(update_fields=["state", "applied_at", "applied_by"])
    return roster_import
