"""Preview a lycée's list as a difference, then apply it: all or nothing, repeatable without effect."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from cartable.fleet.commands import affiliate_custodians
from cartable.kernel.ine import ine_fingerprint
from cartable.kernel.names import cleaned
from cartable.kernel.school_year import SchoolYear
from cartable.organisations.models import School
from cartable.rosters.commands import matching
from cartable.rosters.commands.enrolment import NewStudent, enrol_students
from cartable.rosters.models import (
    GuardianLine,
    Outcome,
    RosterImport,
    RosterKind,
    RosterLine,
    RosterProblem,
    RosterState,
    StudentSource,
)
from cartable.rosters.rules import match_key, needs_second_person, search_name
from cartable.rosters.siecle import Problem, StudentFile
from cartable.rosters.siecle import Student as ListedStudent


class ImportRefused(Exception):
    """The import cannot take this step; ``code`` says why."""

    code = "import_refused"


class ImportNotOpen(ImportRefused):
    """The import is applied or abandoned already."""

    code = "import_not_open"


class SecondPersonNeeded(ImportRefused):
    """More than one student in five would be gone: somebody else must confirm."""

    code = "second_person_needed"


_LINE_COLUMNS = (
    "roster_import_id, line, outcome, review_code, matched_by, eleve_id, family_name, usage_name, given_name, folded_name,"
    " match_key, birth_on, ine_fingerprint, division, level, mef, status, starts_on, ends_on, exit_reason, previous_uai"
)


@transaction.atomic
def preview_students(
    *, school: School, first_year: int, listed: StudentFile, sha256: bytes, now: datetime, read_by_id: int, today: date
) -> RosterImport:
    """Keep a list as lines and say what each would change. Nothing changes yet.

    The caller has checked that the file is of this lycée and school year (`siecle.check_expected`).
    """
    roster_import = RosterImport.objects.create(
        id=uuid4(), school=school, first_year=first_year, kind=RosterKind.STUDENTS, sha256=sha256,
        exported_at=listed.header.exported_at, read_at=now, read_by_id=read_by_id, state=RosterState.PREVIEWED,
    )  # fmt: skip
    reviews = {p.eleve_id: p.code for p in listed.problems if p.severity == "queue" and p.eleve_id}
    _copy_lines(
        [
            *(_line(roster_import.pk, s, first_year) for s in listed.students),
            *(_line(roster_import.pk, s, first_year, reviews.get(s.eleve_id, "set_aside")) for s in listed.queued),
        ]
    )
    keep_problems(roster_import.pk, listed.problems)
    _compare(roster_import, today=today)
    return roster_import


def _line(import_id: UUID, student: ListedStudent, first_year: int, review_code: str = "") -> tuple[Any, ...]:
    year = SchoolYear(first_year)
    # DATE_ENTREE may be years ago: within this school year the enrolment starts on its first day at the earliest.
    starts_on = max(student.entered_on or year.starts_on, year.starts_on)
    ends_on = max(student.left_on, starts_on) if student.left_on else None
    return (
        import_id, student.line, str(Outcome.REVIEW if review_code else Outcome.ARRIVAL), review_code, "",
        student.eleve_id, cleaned(student.family_name), cleaned(student.usage_name), cleaned(student.given_name),
        search_name(student.family_name, student.usage_name, student.given_name),
        match_key(student.family_name, student.given_name), student.birth_on,
        ine_fingerprint(student.ine, key=settings.INE_KEY) if student.ine else None,
        student.division or "", student.level or "", student.mef, student.status, starts_on, ends_on,
        student.exit_reason, student.previous_uai or "",
    )  # fmt: skip


def _copy_lines(lines: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY rosters_rosterline ({_LINE_COLUMNS}) FROM STDIN") as copy:
        for line in lines:
            copy.write_row(line)


def keep_problems(import_id: UUID, problems: Sequence[Problem]) -> None:
    """Keep what a file's reader had to say, with lines, until it is settled."""
    RosterProblem.objects.bulk_create(
        RosterProblem(
            roster_import_id=import_id,
            line=problem.line,
            severity=problem.severity,
            code=problem.code,
            eleve_id=problem.eleve_id or "",
            details=dict(problem.parameters),
        )
        for problem in problems
    )


def _compare(roster_import: RosterImport, *, today: date) -> None:
    matching.compare(roster_import, today=today)
    roster_import.counts = matching.counts(roster_import)
    roster_import.save(update_fields=["counts"])


def is_stopped(roster_import: RosterImport) -> bool:
    """Say whether so many students would be gone that a second person must apply the import."""
    gone = roster_import.counts.get("departure", 0) + roster_import.counts.get("absent", 0)
    return needs_second_person(gone=gone, enrolled=roster_import.counts.get("enrolled", 0))


class ListsContradict(ImportRefused):
    """A student would have two home lycées at once: the lists of both contradict each other."""

    code = "lists_contradict"


def apply_students(*, roster_import: RosterImport, applied_by_id: int, now: datetime, today: date) -> RosterImport:
    """Apply a previewed list, all or nothing. Raises ImportNotOpen, SecondPersonNeeded, ListsContradict.

    The difference is computed again first: what another import changed meanwhile is seen, not overwritten.
    """
    try:
        with transaction.atomic():
            return _apply_students(roster_import, applied_by_id, now, today)
    except IntegrityError as error:
        if "a_student_has_one_home_school_at_a_time" in str(error):
            raise ListsContradict from error
        raise


def _apply_students(roster_import: RosterImport, applied_by_id: int, now: datetime, today: date) -> RosterImport:
    School.objects.select_for_update(no_key=True).get(pk=roster_import.school_id)  # One import per lycée at a time.
    roster_import = RosterImport.objects.select_for_update().get(pk=roster_import.pk)
    if roster_import.state != RosterState.PREVIEWED:
        raise ImportNotOpen
    _compare(roster_import, today=today)
    if is_stopped(roster_import) and roster_import.read_by_id == applied_by_id:
        raise SecondPersonNeeded
    _enter_arrivals(roster_import, now=now, applied_by_id=applied_by_id)
    moved = matching.apply_changes(roster_import)
    affiliate_custodians(
        custodian_ids=moved, school_id=roster_import.school_id, starts_at=now, recorded_by_id=applied_by_id
    )
    roster_import.state, roster_import.applied_at = RosterState.APPLIED, now
    roster_import.applied_by_id = applied_by_id
    roster_import.save(update_fields=["state", "applied_at", "applied_by"])
    return roster_import


def abandon(*, roster_import: RosterImport) -> None:
    """Give a previewed import up; its lines go at once."""
    with transaction.atomic():
        changed = RosterImport.objects.filter(pk=roster_import.pk, state=RosterState.PREVIEWED).update(
            state=RosterState.ABANDONED
        )
        if not changed:
            raise ImportNotOpen
        RosterLine.objects.filter(roster_import=roster_import).delete()


def forget_lines(*, read_before: datetime) -> int:
    """Wipe the lines and problems of imports read before a moment; counts and hashes stay. Return the line count."""
    old = RosterImport.objects.filter(read_at__lt=read_before)
    with transaction.atomic():
        old.filter(state=RosterState.PREVIEWED).update(state=RosterState.ABANDONED)
        RosterProblem.objects.filter(roster_import__in=old).delete()
        GuardianLine.objects.filter(roster_import__in=old).delete()
        count, _by_model = RosterLine.objects.filter(roster_import__in=old).delete()
    return count


def _enter_arrivals(roster_import: RosterImport, *, now: datetime, applied_by_id: int) -> None:
    fields = (
        "family_name", "given_name", "usage_name", "birth_on", "ine_fingerprint", "eleve_id", "division", "level",
        "mef", "status", "starts_on", "ends_on",
    )  # fmt: skip
    rows = RosterLine.objects.filter(roster_import=roster_import, outcome=Outcome.ARRIVAL).order_by("pk")
    enrol_students(
        region_id=roster_import.school.region_id,
        first_year=roster_import.first_year,
        students=[NewStudent(roster_import.school_id, *row) for row in rows.values_list(*fields)],
        source=StudentSource.LIST,
        entered_at=now,
        recorded_by_id=applied_by_id,
    )
