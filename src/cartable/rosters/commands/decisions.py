"""Rule on who a listed person is: one gesture, remembered, and taken back where it was wrong."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from cartable.fleet.ledger import constraint_name
from cartable.organisations.models import School
from cartable.rosters.commands.imports import (
    OF_CLOSED_LYCEES,
    ImportNotOpen,
    ImportRefused,
    SchoolHasClosed,
    held_with_lycee,
    judge_import_again,
)
from cartable.rosters.commands.lines import kept_line
from cartable.rosters.commands.parting import part_students
from cartable.rosters.commands.settlement import settle_lines
from cartable.rosters.models import (
    Outcome,
    RosterDecision,
    RosterImport,
    RosterLine,
    RosterState,
    Ruling,
)
from cartable.rosters.queries.reach import region_wide
from cartable.rosters.queries.review import imports_that_take_rulings, takes_rulings
from cartable.rosters.rules.people import ListedLine
from cartable.rosters.rules.rulings import line_key, person_key

_ABOUT_LINES = {Ruling.TAKEN, Ruling.DROPPED}


class NotACandidate(ImportRefused):
    """The student is not one of those whom this line may be."""

    code = "not_a_candidate"


class AlreadyRuled(ImportRefused):
    """Somebody has ruled otherwise meanwhile: their ruling stands until it is taken back."""

    code = "already_ruled"


class DecisionNotOpen(ImportRefused):
    """The ruling is taken back already."""

    code = "decision_not_open"


@transaction.atomic
def decide(
    *,
    decision_id: UUID,
    line_id: int,
    ruling: Ruling,
    student_id: int | None,
    decided_by_id: int,
    decided_at: datetime,
    today: date,
) -> RosterDecision:
    """Rule on one line of a list, and judge the list again. The same ``decision_id`` gives the first answer.

    A list that is applied already is not read again: what the ruling settles is written at once (`settlement`). "Other"
    without a student says: none of those whom it may be. Raises ImportNotOpen, NotACandidate, AlreadyRuled,
    ListsContradict.
    """
    if (known := RosterDecision.objects.filter(pk=decision_id).first()) is not None:
        return known
    line = RosterLine.objects.select_related("roster_import__school").get(pk=line_id)
    with held_with_lycee(line.roster_import) as roster_import:
        if not takes_rulings(roster_import):
            raise ImportNotOpen
        # Read under the lock: another answer may have settled the line meanwhile.
        line.refresh_from_db(fields=["outcome", "candidates"])
        if roster_import.state == RosterState.APPLIED and line.outcome != Outcome.REVIEW:
            raise AlreadyRuled
        decision = _ruled(
            line, roster_import, decision_id=decision_id, ruling=ruling, student_id=student_id,
            decided_by_id=decided_by_id, decided_at=decided_at,
        )  # fmt: skip
        _let_it_take_effect(roster_import, at=decided_at, by_id=decided_by_id, today=today)
    return decision


def _ruled(
    line: RosterLine, roster_import: RosterImport, *, decision_id: UUID, ruling: Ruling, student_id: int | None,
    decided_by_id: int, decided_at: datetime,
) -> RosterDecision:  # fmt: skip
    key = _key(kept_line(line.pk), ruling)
    standing = RosterDecision.objects.filter(
        school_id=roster_import.school_id, first_year=roster_import.first_year, person_key=key, undone_at__isnull=True
    )
    if _is_contradicted(standing, ruling, student_id):
        raise AlreadyRuled
    about = _about(line, ruling, student_id)
    decisions = [
        RosterDecision(
            id=decision_id if place == 0 else UUID(int=decision_id.int ^ place),
            school_id=roster_import.school_id, first_year=roster_import.first_year, ruling=ruling, student_id=one,
            person_key=key, decided_at=decided_at, decided_by_id=decided_by_id,
            roster_import=roster_import,
        )
        for place, one in enumerate(about)
    ]  # fmt: skip
    RosterDecision.objects.bulk_create(decisions)
    return decisions[0]


def _let_it_take_effect(roster_import: RosterImport, *, at: datetime, by_id: int, today: date) -> None:
    """Judge a waiting list again; of an applied one write what the ruling settles."""
    if roster_import.state == RosterState.PREVIEWED:
        judge_import_again(roster_import, today=today)
    else:
        settle_lines(roster_import, settled_at=at, settled_by_id=by_id, today=today)


def _about(line: RosterLine, ruling: Ruling, student_id: int | None) -> list[int | None]:
    """Return whom a ruling is about: one of the candidates, all of them for "nobody known", nobody for a whole line."""
    if ruling in _ABOUT_LINES:
        if not line.set_aside:
            raise NotACandidate
        return [None]
    if ruling == Ruling.OTHER and student_id is None and line.candidates:
        return list(line.candidates)
    if student_id not in line.candidates:
        raise NotACandidate
    return [student_id]


def _key(line: ListedLine, ruling: Ruling) -> str:
    return (line_key if ruling in _ABOUT_LINES else person_key)(line, settings.INE_KEY)


def _is_contradicted(standing: QuerySet[RosterDecision], ruling: Ruling, student_id: int | None) -> bool:
    """Say whether what stands already answers the question, the same way or otherwise."""
    if ruling in _ABOUT_LINES:
        return standing.exists()
    if ruling == Ruling.SAME or student_id is None:
        return standing.filter(ruling=Ruling.SAME).exists()
    return standing.filter(student_id=student_id, ruling__in=_OPPOSITE[ruling]).exists()


_OPPOSITE: dict[Ruling, Iterable[Ruling]] = {
    Ruling.OTHER: (Ruling.SAME, Ruling.OTHER),
    Ruling.HERE: (Ruling.ELSEWHERE, Ruling.HERE),
    Ruling.ELSEWHERE: (Ruling.HERE, Ruling.ELSEWHERE),
}


def undo_decision(*, decision_id: UUID, undone_by_id: int, undone_at: datetime, today: date) -> None:
    """Take back what one gesture ruled. Asked again it changes nothing; the next list asks the question anew.

    Where a list that followed "same person" was applied, the two are parted again (`parting.part_students`), as far as
    the 30 days go in which what was replaced is kept. Raises DecisionNotOpen, SchoolHasClosed where somebody would come
    back into a lycée that has closed, parting.TooLateToPart and what it raises.
    """
    try:
        with transaction.atomic():
            _undo(decision_id, undone_by_id, undone_at, today)
    except IntegrityError as error:
        if constraint_name(error) in OF_CLOSED_LYCEES:
            raise SchoolHasClosed from error
        raise


def _undo(decision_id: UUID, undone_by_id: int, undone_at: datetime, today: date) -> None:
    asked = RosterDecision.objects.filter(pk=decision_id).first()
    if asked is None:
        raise DecisionNotOpen
    # The lycée before its rulings and imports, as whoever applies a list holds them.
    School.objects.select_for_update(no_key=True).get(pk=asked.school_id)
    decision = (
        RosterDecision.objects.select_for_update(of=("self",)).select_related("school", "student").get(pk=decision_id)
    )
    if decision.undone_at is not None:
        return
    if decision.ruling == Ruling.SAME and decision.applied_at is not None:
        with region_wide(decision.school.region_id):
            part_students(decision=decision, parted_by_id=undone_by_id, parted_at=undone_at)
    _of_one_gesture(decision).update(undone_at=undone_at, undone_by_id=undone_by_id, replaced=None)
    open_imports = imports_that_take_rulings().filter(school_id=decision.school_id, first_year=decision.first_year)
    for roster_import in open_imports.order_by("pk").select_related("school"):
        with held_with_lycee(roster_import) as held:
            _let_it_take_effect(held, at=undone_at, by_id=undone_by_id, today=today)


def _of_one_gesture(decision: RosterDecision) -> QuerySet[RosterDecision]:
    """Return the rulings that one gesture made: "nobody known" is one about each of those whom the line may be."""
    return RosterDecision.objects.filter(
        school_id=decision.school_id, first_year=decision.first_year, person_key=decision.person_key,
        ruling=decision.ruling, decided_at=decision.decided_at, decided_by_id=decision.decided_by_id,
        undone_at__isnull=True,
    )  # fmt: skip
