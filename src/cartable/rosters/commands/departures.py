"""A student leaves for another lycée of the region, or outside it; and back, where that was a mistake.

The same state as lists change it: the enrolment ends, the account counts for the new lycée (`affiliate_custodians`), no
PC moves. What lists say afterwards is judged against it (`rules.outcomes`).
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils import timezone

from cartable.fleet.commands import affiliate_custodians
from cartable.organisations.models import School
from cartable.rosters.followers import tell_followers
from cartable.rosters.models import Departure, Enrolment, Student
from cartable.rosters.queries.departures import homes_of, leavers, stayers
from cartable.rosters.queries.reach import region_wide
from cartable.rosters.rules.departures import DepartureObstacle, Goal, arrival_of, departure_obstacle, undo_obstacle

_DATES = ("starts_on", "ends_on")
_OF_ARRIVAL = (*_DATES, "is_home", "exit_reason")
_CARRIED = ("level", "mef", "status")


class DepartureRefused(Exception):
    """The student stays where the books say; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def declare_departure(
    *,
    departure_id: UUID,
    student: Student,
    from_school_id: int,
    to_school_id: int | None,
    declared_at: datetime,
    declared_by_id: int,
) -> Departure:
    """Say that a student leaves today: for another lycée, which answers for them and their PC from now on, or outside.

    Outside (``to_school_id`` None) the account stays the lycée's, as that of a leaver who owes what they hold. The same
    ``departure_id`` again gives the first answer. Raises DepartureRefused.
    """
    today = timezone.localdate(declared_at)
    with _held(student.region_id, [student.pk], (from_school_id, to_school_id)) as schools:
        if (known := Departure.objects.filter(pk=departure_id).first()) is not None:
            if (known.student_id, known.to_school_id) != (student.pk, to_school_id):
                raise DepartureRefused("departure_id_reused")
            return known
        every = homes_of([student.pk])
        homes, leaver = every[student.pk], leavers(every, from_school_id=from_school_id)[student.pk]
        goal = None
        if to_school_id is not None:
            goal = _goal(schools[to_school_id], from_school_id, homes, today)
        if found := departure_obstacle(leaver, goal, today=today):
            raise DepartureRefused(found)
        before: dict[str, Any] = {"ended": _end(homes, today)}
        if to_school_id is not None:
            before |= _arrive(student, homes[0], to_school_id, today)
            _affiliate(student, to_school_id, declared_at, declared_by_id)
        departure = Departure.objects.create(
            id=departure_id, student=student, from_school_id=from_school_id, to_school_id=to_school_id,
            left_on=_left_on(homes),
            declared_at=declared_at, declared_by_id=declared_by_id, before=before,
        )  # fmt: skip
        _tell(schools)
    return departure


def declare_departures(
    *,
    act_id: UUID,
    student_ids: Collection[int],
    region_id: int,
    from_school_id: int,
    declared_at: datetime,
    declared_by_id: int,
) -> dict[int, DepartureObstacle]:
    """Say that many students of a lycée leave the region today, in the same number of statements.

    Return student id → why they stay where the books say. ``act_id`` makes the ids of the departures. Raises
    DepartureRefused (``lists_contradict``): then nobody left.
    """
    today = timezone.localdate(declared_at)
    with _held(region_id, student_ids, (from_school_id,)) as schools:
        homes = homes_of(student_ids)
        staying = stayers(homes, from_school_id=from_school_id, today=today)
        leaving = {pk: own for pk, own in homes.items() if pk not in staying}
        ended = _end([one for own in leaving.values() for one in own], today)
        Departure.objects.bulk_create(
            [
                Departure(
                    id=uuid5(act_id, f"leave:{pk}"), student_id=pk, from_school_id=from_school_id,
                    left_on=_left_on(own), declared_at=declared_at, declared_by_id=declared_by_id,
                    before={"ended": {str(one.pk): ended[str(one.pk)] for one in own if str(one.pk) in ended}},
                )
                for pk, own in leaving.items()
            ]
        )  # fmt: skip
        _tell(schools if leaving else ())
    return staying


def undo_departure(*, departure: Departure, undone_at: datetime, undone_by_id: int) -> None:
    """Take a departure back: enrolments and account as they were. Asked again it changes nothing.

    Raises DepartureRefused where something newer was said since, where the new lycée's list names the student, or where the
    old lycée has closed.
    """
    student = departure.student
    ends = (departure.from_school_id, departure.to_school_id)
    with _held(student.region_id, [student.pk], ends) as schools:
        held = Departure.objects.select_for_update(of=("self",)).get(pk=departure.pk)
        if held.undone_at is not None:
            return
        if schools[held.from_school_id].closed_on is not None:
            raise DepartureRefused("left_school_closed")
        arrival = Enrolment.objects.filter(pk=held.before.get("arrival")).first()
        found = undo_obstacle(
            is_as_left=_is_as_left(held, student, arrival),
            is_listed_there=arrival is not None and held.before["was"] is None and (arrival.eleve_id + arrival.division) != "",
        )  # fmt: skip
        if found:
            raise DepartureRefused(found)
        if arrival is not None:
            _leave_again(arrival, held.before["was"])
        for pk, was in held.before["ended"].items():
            Enrolment.objects.filter(pk=int(pk)).update(ends_on=was)
        if held.to_school_id is not None:
            _affiliate(student, held.from_school_id, undone_at, undone_by_id)
        held.undone_at, held.undone_by_id = undone_at, undone_by_id
        held.save(update_fields=["undone_at", "undone_by"])
        _tell(schools)


@contextmanager
def _held(
    region_id: int, student_ids: Collection[int], school_ids: Iterable[int | None]
) -> Iterator[dict[int, School]]:
    """Hold the lycées, as lists do, and then the students: who writes enrolments there waits. Others stay readable."""
    wanted = [pk for pk in school_ids if pk is not None]
    try:
        with transaction.atomic(), region_wide(region_id):
            schools = School.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=wanted).order_by("pk")
            found = {school.pk: school for school in schools}
            students = Student.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=list(student_ids))
            list(students.order_by("pk").values_list("pk", flat=True))
            yield found
    except IntegrityError as error:
        # A list of a third lycée was applied at the same moment: the database lets one of the two through.
        raise DepartureRefused("lists_contradict") from error


def _counts_for(student: Student) -> int | None:
    return Student.objects.values_list("custodian__school_id", flat=True).get(pk=student.pk)


def _goal(school: School, from_school_id: int, homes: Iterable[Enrolment], today: date) -> Goal:
    return Goal(
        is_the_same=school.pk == from_school_id,
        is_closed=school.closed_on is not None,
        was_left_today=any(one.school_id == school.pk and one.ends_on == max(today, one.starts_on) for one in homes),
    )


def _end(homes: Iterable[Enrolment], today: date) -> dict[str, str | None]:
    """End what runs today or begins later; return what their ends were."""
    running = [one for one in homes if one.ends_on is None or one.ends_on > today]
    ended = {str(one.pk): one.ends_on.isoformat() if one.ends_on else None for one in running}
    for one in running:
        one.ends_on = max(one.starts_on, today)
    Enrolment.objects.bulk_update(running, ["ends_on"])
    return ended


def _left_on(homes: Sequence[Enrolment]) -> date:
    """Return the first day on which a student whose enrolments were ended is no longer there."""
    left_on = homes[0].ends_on
    assert left_on is not None  # Ended just now, or before.
    return left_on


def _arrive(student: Student, last: Enrolment, school_id: int, today: date) -> dict[str, Any]:
    """Enrol in the new lycée, until its list says class and number; return what undoing needs."""
    first_year, starts_on = arrival_of(last.first_year, today)
    known = Enrolment.objects.filter(student=student, school_id=school_id, first_year=first_year).first()
    if known is None:
        carried = {field: getattr(last, field) for field in _CARRIED} if first_year == last.first_year else {}
        made = Enrolment.objects.create(
            student=student, school_id=school_id, first_year=first_year, starts_on=starts_on, **carried
        )
        return {"arrival": made.pk, "was": None}
    # Back in a lycée of this very year: one enrolment a year, which starts again.
    was = {field: getattr(known, field) for field in _OF_ARRIVAL}
    known.starts_on, known.ends_on, known.is_home, known.exit_reason = starts_on, None, True, ""
    known.save(update_fields=list(_OF_ARRIVAL))
    return {
        "arrival": known.pk,
        "was": {field: value.isoformat() if isinstance(value, date) else value for field, value in was.items()},
    }


def _leave_again(arrival: Enrolment, was: dict[str, Any] | None) -> None:
    if was is None:
        arrival.delete()
    else:
        Enrolment.objects.filter(pk=arrival.pk).update(**was)


def _is_as_left(departure: Departure, student: Student, arrival: Enrolment | None) -> bool:
    """Say whether the books still say what the departure made of them."""
    newer = Departure.objects.filter(student=student, undone_at=None, declared_at__gt=departure.declared_at)
    last = next(iter(homes_of([student.pk])[student.pk]), None)
    if newer.exists() or last is None:
        return False
    if departure.to_school_id is None:
        return (last.school_id, last.ends_on) == (departure.from_school_id, departure.left_on)
    is_there = _counts_for(student) == departure.to_school_id
    return is_there and arrival is not None and last.pk == arrival.pk and last.ends_on is None


def _affiliate(student: Student, school_id: int, at: datetime, by_id: int) -> None:
    affiliate_custodians(
        custodian_ids=[student.custodian_id], school_id=school_id, starts_at=at, recorded_by_id=by_id
    )  # fmt: skip


def _tell(schools: Iterable[int]) -> None:
    for school_id in sorted(schools):
        tell_followers(school_id)
