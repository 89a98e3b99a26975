"""A student leaves for another lycée or the region: the PC follows, both lycées know, no later list undoes it silently."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from cartable.conftest import Cast
from cartable.fleet.audit import audit_ledger
from cartable.fleet.models import Affiliation, Device, Movement
from cartable.organisations.models import School
from cartable.rosters.commands.departures import DepartureRefused, declare_departure, undo_departure
from cartable.rosters.models import Departure, Enrolment, RosterLine, Ruling, Student
from cartable.rosters.rules.departures import Goal, Leaver, arrival_of, departure_obstacle
from cartable.rosters.tests.test_decisions import line_in_review, rule
from cartable.rosters.tests.test_merging import equip
from cartable.rosters.tests.test_roster_import import TODAY, apply, listed, load, outcomes, preview

pytestmark = pytest.mark.django_db
LEA = {"ine": "070832327JA"}
AT = datetime(2026, 9, 13, 8, tzinfo=UTC)


@pytest.fixture
def lea(cast: Cast) -> Student:
    """Léa of the list of the lycée, with her PC."""
    load(cast, listed("1", "Marchand", "Léa", **LEA))
    student = Student.objects.get()
    equip(cast, student)
    return student


def leave(
    cast: Cast, student: Student, goal: School | None, *, id: UUID | None = None, start: School | None = None, minutes: int = 0
) -> Departure:  # fmt: skip
    return declare_departure(
        departure_id=id or uuid4(), student=student, from_school_id=(start or cast.school).pk,
        to_school_id=goal.pk if goal else None, declared_at=AT + timedelta(minutes=minutes),
        declared_by_id=cast.durand.actor_id,
    )  # fmt: skip


def undo(cast: Cast, departure: Departure) -> None:
    undo_departure(
        departure=departure, undone_at=AT + timedelta(hours=1), undone_by_id=cast.durand.actor_id
    )  # fmt: skip


def homes(student: Student) -> list[tuple[str, date, date | None]]:
    found = Enrolment.objects.filter(student=student, is_home=True).order_by("starts_on", "pk")
    return [(one.school.uai, one.starts_on, one.ends_on) for one in found.select_related("school")]


def where(student: Student) -> int | None:
    return Student.objects.get(pk=student.pk).custodian.school_id


def test_the_pc_goes_with_the_student_and_the_ledger_makes_no_movement(cast: Cast, lea: Student) -> None:
    movements = Movement.objects.count()
    leave(cast, lea, cast.other_school)
    assert Device.objects.get(custodian_id=lea.custodian_id).custodian_id == lea.custodian_id
    assert (where(lea), Movement.objects.count()) == (cast.other_school.pk, movements)
    assert Affiliation.objects.filter(custodian_id=lea.custodian_id, school=cast.other_school).count() == 1
    assert homes(lea) == [
        (cast.school.uai, date(2026, 9, 1), TODAY), (cast.other_school.uai, TODAY, None)
    ]  # fmt: skip
    assert audit_ledger().violations == 0


def test_the_list_of_the_new_lycee_finds_the_student_and_leaves_the_past_alone(cast: Cast, lea: Student) -> None:
    leave(cast, lea, cast.other_school)
    arrived = preview(cast, listed("88", "Marchand", "Léa", **LEA), school=cast.other_school)
    assert outcomes(arrived) == {"88": "change"}
    apply(cast, arrived)
    assert Student.objects.count() == 1
    assert Enrolment.objects.get(student=lea, school=cast.other_school).eleve_id == "88"
    assert homes(lea)[0] == (cast.school.uai, date(2026, 9, 1), TODAY)


@pytest.mark.parametrize("is_in_the_region", [True, False])
def test_a_list_that_still_names_who_left_asks_and_changes_nothing(
    cast: Cast, lea: Student, is_in_the_region: bool
) -> None:
    leave(cast, lea, cast.other_school if is_in_the_region else None)
    before = homes(lea)
    late = preview(cast, listed("1", "Marchand", "Léa", **LEA))
    assert line_in_review(late).review_code == "said_gone"
    apply(cast, late)
    assert homes(lea) == before
    assert Student.objects.count() == 1


@pytest.mark.parametrize("is_in_the_region", [True, False])
def test_whoever_knows_answers_that_list_once(cast: Cast, lea: Student, is_in_the_region: bool) -> None:
    leave(cast, lea, cast.other_school if is_in_the_region else None)
    late = preview(cast, listed("1", "Marchand", "Léa", **LEA))
    rule(cast, line_in_review(late), Ruling.ELSEWHERE, lea)
    assert outcomes(late) == {"1": "dropped"}
    assert outcomes(preview(cast, listed("1", "Marchand", "Léa", division="1G2", **LEA))) == {"1": "dropped"}


def test_ruled_to_be_back_the_list_takes_the_student_home(cast: Cast, lea: Student) -> None:
    leave(cast, lea, None)
    late = preview(cast, listed("1", "Marchand", "Léa", **LEA))
    rule(cast, line_in_review(late), Ruling.HERE, lea)
    apply(cast, late)
    assert homes(lea) == [(cast.school.uai, date(2026, 9, 1), None)]


def test_a_list_that_writes_the_departure_down_asks_nothing(cast: Cast, lea: Student) -> None:
    leave(cast, lea, None)
    written = preview(cast, listed("1", "Marchand", "Léa", left_on=TODAY, **LEA))
    assert not RosterLine.objects.filter(roster_import=written, outcome="review").exists()


def test_outside_the_region_the_student_stays_with_what_they_owe(cast: Cast, lea: Student) -> None:
    leave(cast, lea, None)
    assert homes(lea) == [(cast.school.uai, date(2026, 9, 1), TODAY)]
    assert where(lea) == cast.school.pk
    assert Device.objects.filter(custodian_id=lea.custodian_id).exists()


@pytest.mark.parametrize("is_in_the_region", [True, False])
def test_a_departure_is_taken_back_as_if_nothing_had_been_said(
    cast: Cast, lea: Student, is_in_the_region: bool
) -> None:
    before = homes(lea)
    departure = leave(cast, lea, cast.other_school if is_in_the_region else None)
    for _time in range(2):
        undo(cast, departure)
    assert (homes(lea), where(lea)) == (before, cast.school.pk)
    assert outcomes(preview(cast, listed("1", "Marchand", "Léa", **LEA))) == {"1": "same"}
    assert audit_ledger().violations == 0


def test_back_in_the_first_lycee_within_the_year_there_is_one_enrolment_a_lycee(cast: Cast, lea: Student) -> None:
    leave(cast, lea, cast.other_school)
    with pytest.raises(DepartureRefused, match="undo_instead"):
        leave(cast, lea, cast.school, start=cast.other_school, minutes=5)
    back = leave(cast, lea, cast.school, start=cast.other_school, minutes=2 * 24 * 60)
    later = TODAY + timedelta(days=2)
    assert homes(lea) == [(cast.other_school.uai, TODAY, later), (cast.school.uai, later, None)]
    undo(cast, back)
    assert homes(lea)[0] == (cast.school.uai, date(2026, 9, 1), TODAY)
    assert where(lea) == cast.other_school.pk


def test_an_older_departure_is_not_taken_back_under_a_newer_one(cast: Cast, lea: Student) -> None:
    first = leave(cast, lea, cast.other_school)
    leave(cast, lea, None, start=cast.other_school, minutes=5)
    with pytest.raises(DepartureRefused, match="overtaken_departure"):
        undo(cast, first)


def test_whom_the_new_list_names_is_not_taken_back(cast: Cast, lea: Student) -> None:
    departure = leave(cast, lea, cast.other_school)
    load(cast, listed("88", "Marchand", "Léa", **LEA), school=cast.other_school)
    with pytest.raises(DepartureRefused, match="listed_there"):
        undo(cast, departure)


def test_sent_twice_it_is_one_departure_and_another_page_s_id_is_refused(cast: Cast, lea: Student) -> None:
    known = uuid4()
    for _time in range(2):
        leave(cast, lea, cast.other_school, id=known)
    assert Departure.objects.count() == 1
    with pytest.raises(DepartureRefused, match="departure_id_reused"):
        leave(cast, lea, None, id=known, start=cast.other_school)


def test_two_pages_that_send_the_student_away_the_second_one_is_told(cast: Cast, lea: Student) -> None:
    leave(cast, lea, cast.other_school)
    with pytest.raises(DepartureRefused, match="not_here"):
        leave(cast, lea, None, minutes=1)


def test_who_may_leave_and_whither() -> None:
    here, gone = Leaver(True, None), Leaver(True, TODAY)
    elsewhere, closed = Goal(False, False), Goal(False, True)
    assert departure_obstacle(here, elsewhere, today=TODAY) is None
    assert departure_obstacle(gone, elsewhere, today=TODAY) is None  # Left, and turns up in another lycée.
    assert departure_obstacle(gone, None, today=TODAY) == "left_already"
    assert departure_obstacle(here, Goal(True, False), today=TODAY) == "same_school"
    assert departure_obstacle(here, closed, today=TODAY) == "school_closed"
    assert departure_obstacle(Leaver(False, None), elsewhere, today=TODAY) == "not_here"


def test_a_year_to_come_begins_in_the_new_lycee_on_its_own_day() -> None:
    assert arrival_of(2026, date(2026, 7, 5)) == (2026, date(2026, 9, 1))
    assert arrival_of(2025, date(2026, 10, 5)) == (2026, date(2026, 10, 5))
