"""Preview a lycée's list as a difference, then apply it: all or nothing, repeatable without effect."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import chain
from uuid import UUID, uuid4

from django.db import IntegrityError, OperationalError, transaction
from psycopg.errors import DeadlockDetected

from cartable.fleet.ledger import constraint_name
from cartable.organisations.models import School
from cartable.rosters.commands.changes import apply_lines
from cartable.rosters.commands.known import enrolled_now, known_people, rulings_for
from cartable.rosters.commands.lines import (
    KeptLine,
    judge_again,
    keep_absent,
    keep_lines,
    kept_lines,
    listed_lines,
)
from cartable.rosters.commands.replaced import remember_application
from cartable.rosters.commands.statements import follow_keys
from cartable.rosters.followers import tell_followers
from cartable.rosters.formats.records import Problem, StudentFile
from cartable.rosters.models import GuardianLine, RosterImport, RosterKind, RosterLine, RosterProblem, RosterState
from cartable.rosters.queries.reach import region_wide
from cartable.rosters.rules.outcomes import UNWRITTEN, WRITTEN, Verdict, judge, needs_second_person
from cartable.rosters.rules.people import ListedLine


class ImportRefused(Exception):
    """The import cannot take this step; ``code`` says why."""

    code = "import_refused"


class ImportNotOpen(ImportRefused):
    """The import is applied or abandoned already."""

    code = "import_not_open"


class SecondPersonNeeded(ImportRefused):
    """More than one student in five would be gone: somebody else must confirm."""

    code = "second_person_needed"


class SchoolHasClosed(ImportRefused):
    """The lycée has closed since: what its lists say is written no more."""

    code = "school_closed"


@transaction.atomic
def preview_students(
    *, school: School, first_year: int, listed: StudentFile, sha256: bytes, now: datetime, read_by_id: int, today: date
) -> RosterImport:
    """Keep a list as lines and say what each would change. Nothing changes yet.

    The caller has checked that the file is of this lycée and school year (`recognition.claimed`).
    """
    follow_keys()
    lines = listed_lines(listed)
    rulings = rulings_for(school=school, first_year=first_year)
    known = known_people(lines, school=school, first_year=first_year, rulings=rulings)
    verdicts = judge(lines, known, rulings, today=today)
    roster_import = RosterImport(
        id=uuid4(), school=school, first_year=first_year, kind=RosterKind.STUDENTS, sha256=sha256,
        exported_at=listed.header.exported_at, read_at=now, read_by_id=read_by_id, state=RosterState.PREVIEWED,
        lists_everybody=listed.lists_everybody,
    )  # fmt: skip
    absent = _count(roster_import, lines, verdicts)
    roster_import.save(force_insert=True)
    keep_lines(roster_import.pk, lines, verdicts)
    keep_absent(roster_import.pk, absent, school_id=school.pk, first_year=first_year)
    keep_problems(roster_import.pk, listed.problems)
    return roster_import


def _count(roster_import: RosterImport, lines: Iterable[ListedLine], verdicts: Sequence[Verdict]) -> set[int]:
    """Count outcomes, changes and marks on the import; return the students who are enrolled and in no line.

    A list that may be partial leaves nobody absent.
    """
    enrolled = enrolled_now(school=roster_import.school, first_year=roster_import.first_year)
    absent = enrolled - {verdict.student_id for verdict in verdicts} if roster_import.lists_everybody else set()
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    roster_import.counts = {**outcomes, "enrolled": len(enrolled)}
    kinds = Counter(chain.from_iterable((*(v.changes for v in verdicts), *(line.marks for line in lines))))
    roster_import.kinds = dict(kinds)
    if absent:
        roster_import.counts["absent"] = len(absent)
    return absent


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


def is_stopped(roster_import: RosterImport) -> bool:
    """Say whether so many students would be gone that a second person must apply the import."""
    gone = roster_import.counts.get("departure", 0) + roster_import.counts.get("absent", 0)
    return needs_second_person(gone=gone, enrolled=roster_import.counts.get("enrolled", 0))


class ListsContradict(ImportRefused):
    """A student would have two home lycées at once: the lists of both contradict each other."""

    code = "lists_contradict"


class OvertakenByAnotherList(ImportRefused):
    """Another lycée entered the same newcomer at the same moment: nothing was written, asked again it is seen."""

    code = "overtaken"


# What the database says where a ruling would bring somebody back into a lycée that has closed.
OF_CLOSED_LYCEES = frozenset({"a_closed_lycee_enrols_nobody", "a_closed_lycee_answers_for_nobody_new"})
# Each time one of the two has written: who is overtaken again meets a third list.
_MOST_ATTEMPTS = 3


def apply_students(*, roster_import: RosterImport, applied_by_id: int, now: datetime, today: date) -> RosterImport:
    """Apply a previewed list, all or nothing. Raises ImportNotOpen, SecondPersonNeeded, ListsContradict.

    The difference is computed again first: what another import changed meanwhile is seen, not overwritten. Where another
    lycée enters the same newcomer at the same moment, the database lets one of them through; this one is then judged
    against the other's record.
    """
    for _attempt in range(_MOST_ATTEMPTS - 1):
        try:
            return _apply_once(roster_import, applied_by_id, now, today)
        except OvertakenByAnotherList:
            continue
    return _apply_once(roster_import, applied_by_id, now, today)


def _apply_once(roster_import: RosterImport, applied_by_id: int, now: datetime, today: date) -> RosterImport:
    with held_with_lycee(roster_import) as held:
        if held.state != RosterState.PREVIEWED:
            raise ImportNotOpen
        return _apply_students(held, applied_by_id, now, today)


@contextmanager
def held_with_lycee(roster_import: RosterImport) -> Iterator[RosterImport]:
    """Hold a lycée and then its import in one transaction: one import at a time writes there.

    What the database refuses leaves nothing behind. Raises ListsContradict, OvertakenByAnotherList, SchoolHasClosed.
    """
    try:
        # Who comes by transfer still counts for the other lycée: asked by a head of school the whole region is written.
        with transaction.atomic(), region_wide(roster_import.school.region_id):
            school = School.objects.select_for_update(no_key=True).get(pk=roster_import.school_id)
            if school.closed_on is not None:
                raise SchoolHasClosed
            held = RosterImport.objects.select_for_update().get(pk=roster_import.pk)
            held.school = school
            yield held
    except IntegrityError as error:
        if "a_student_has_one_home_school_at_a_time" in str(error):
            raise ListsContradict from error
        if "an_ine_names_one_student" in str(error):
            raise OvertakenByAnotherList from error
        if constraint_name(error) in OF_CLOSED_LYCEES:
            raise SchoolHasClosed from error
        raise
    except OperationalError as error:
        # Two lists that bring the same newcomers in another order wait for each other: PostgreSQL lets one go.
        if isinstance(error.__cause__, DeadlockDetected):
            raise OvertakenByAnotherList from error
        raise


def _apply_students(roster_import: RosterImport, applied_by_id: int, now: datetime, today: date) -> RosterImport:
    follow_keys()
    if not _still_holds(roster_import, today=today):
        judge_import_again(roster_import, today=today)
    if is_stopped(roster_import) and roster_import.read_by_id == applied_by_id:
        raise SecondPersonNeeded
    remember_application(roster_import, applied_at=now)
    schools = apply_lines(roster_import, applied_at=now, applied_by_id=applied_by_id)
    roster_import.state, roster_import.applied_at = RosterState.APPLIED, now
    roster_import.applied_by_id = applied_by_id
    roster_import.save(update_fields=["state", "applied_at", "applied_by", "counts", "kinds"])
    for school_id in sorted(schools):
        tell_followers(school_id)
    return roster_import


def _still_holds(roster_import: RosterImport, *, today: date) -> bool:
    """Say whether the lines that will be written are judged today as they were when the difference was shown."""
    kept = kept_lines(roster_import.pk, WRITTEN)
    return [line.verdict for line in kept] == judged_now(roster_import, kept, today=today)


def judge_import_again(roster_import: RosterImport, *, today: date) -> None:
    """Compare all kept lines with what is known and ruled now, and write what has become of them since the preview."""
    kept = kept_lines(roster_import.pk, (*WRITTEN, *UNWRITTEN))
    verdicts = judged_now(roster_import, kept, today=today)
    judge_again(kept, verdicts)
    absent = _count(roster_import, [line.listed for line in kept], verdicts)
    keep_absent(roster_import.pk, absent, school_id=roster_import.school_id, first_year=roster_import.first_year)
    roster_import.save(update_fields=["counts", "kinds"])


def judged_now(roster_import: RosterImport, kept: Iterable[KeptLine], *, today: date) -> list[Verdict]:
    """Judge kept lines by what is known and ruled now; nothing is written."""
    lines = [line.listed for line in kept]
    school, first_year = roster_import.school, roster_import.first_year
    rulings = rulings_for(school=school, first_year=first_year)
    known = known_people(lines, school=school, first_year=first_year, rulings=rulings)
    return judge(lines, known, rulings, today=today)


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
