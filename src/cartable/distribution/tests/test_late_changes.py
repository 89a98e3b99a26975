"""Late changes of a list reach a running day: who came is added, who left is gone, and who has a PC stays in sight."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from procrastinate.contrib.django.models import ProcrastinateJob

from cartable.distribution.commands.days import FOLLOW_TASK, follow_lists
from cartable.distribution.models import Passage
from cartable.distribution.queries.closing import absent_students, day_account
from cartable.distribution.queries.control_room import passages_of
from cartable.distribution.tasks import follow_school
from cartable.distribution.tests.conftest import DayScene, known
from cartable.distribution.tests.stations_by_wire import Wire
from cartable.rosters.commands.decisions import decide
from cartable.rosters.commands.enrolment import add_walk_up
from cartable.rosters.models import Enrolment, RosterLine, Ruling, Student
from cartable.rosters.tests.test_roster_import import TODAY, apply, listed, load, preview

BILAL = listed("2", "Benali", "Bilal", birth_on=date(2011, 5, 9))
ALICE = listed("1", "Marchand", "Alice", birth_on=date(2008, 3, 2), division="TG3", level="2213")
CHLOE = listed("3", "Lefèvre", "Chloé", birth_on=date(2011, 1, 30))
DYLAN = listed("4", "Muller", "Dylan", birth_on=date(2005, 1, 30), division="BTS1", level="3111")


def changes(scene: DayScene, cursor: str) -> dict[str, Any]:
    return Wire(scene.b).contact(cursor)  # type: ignore[no-any-return]


def whole_day(scene: DayScene) -> dict[str, Any]:
    return Wire(scene.b).day()  # type: ignore[no-any-return]


def work_off() -> None:
    """Do what the worker would do, with what it was really handed."""
    for job in ProcrastinateJob.objects.filter(task_name=FOLLOW_TASK):
        follow_school(**job.args)


def test_a_list_applied_during_the_day_reaches_the_stations(scene: DayScene) -> None:
    cursor = whole_day(scene)["cursor"]
    scene.a.arrival(scene.students["bilal"])
    assert known(scene.b.pair(scene.students["bilal"], scene.devices[0])) == ("recorded", "")
    left_on = scene.day.held_on - timedelta(days=3)
    load(
        scene.cast,
        ALICE,
        replace(BILAL, left_on=left_on),
        replace(CHLOE, left_on=left_on),
        DYLAN,
        listed("5", "Diallo", "Awa"),
    )
    work_off()
    told = {student["n"]: student for student in changes(scene, cursor)["students"]}
    assert (told["Awa Diallo"]["a"], told["Awa Diallo"]["d"]) == ("ok", "2DE7")
    assert (told["Chloé Lefèvre"]["a"], told["Chloé Lefèvre"]["b"]) == ("gone", "gone")
    assert told["Bilal Benali"]["p"] == scene.devices[0]
    assert Passage.objects.get(student__family_name="Diallo").is_added
    assert known(scene.b.pair(scene.students["chloe"], scene.devices[1])) == ("refused", "gone")


def test_who_has_left_with_a_pc_stays_in_the_account_of_the_day(scene: DayScene) -> None:
    scene.a.arrival(scene.students["bilal"])
    scene.b.pair(scene.students["bilal"], scene.devices[0])
    left_on = scene.day.held_on - timedelta(days=3)
    load(scene.cast, ALICE, replace(BILAL, left_on=left_on), CHLOE, DYLAN)
    work_off()
    account = day_account(
        day=scene.day, ledger_root=b"", movement_count=0, closed_at=scene.cast.now, leader_name="", head_name=""
    )
    assert [row.student_code for row in account.handed_over] == [scene.students["bilal"]]
    assert scene.custody(scene.devices[0]) == "student"
    assert "Bilal Benali" not in {row.name for row in absent_students(scene.day)}
    (bilal,) = [line for line in passages_of(scene.day) if line.code == scene.students["bilal"]]
    assert (bilal.is_gone, bilal.asset_tag) == (True, scene.devices[0])


def test_who_has_gone_to_another_lycee_is_gone_from_the_day_as_soon_as_its_list_is_applied(scene: DayScene) -> None:
    load(scene.cast, ALICE, replace(BILAL, ine="070832327JA"), CHLOE, DYLAN)
    work_off()
    ProcrastinateJob.objects.filter(task_name=FOLLOW_TASK).delete()
    there = listed("77", "Benali", "Bilal", birth_on=date(2011, 5, 9), ine="070832327JA", entered_on=date(2026, 9, 14))
    load(scene.cast, there, school=scene.cast.other_school)
    schools = {job.args["school_id"] for job in ProcrastinateJob.objects.filter(task_name=FOLLOW_TASK)}
    assert schools == {scene.cast.school.pk, scene.cast.other_school.pk}
    work_off()
    assert Passage.objects.get(student__given_name="Bilal").is_gone


def test_a_list_that_is_not_applied_hands_nothing_to_the_worker(scene: DayScene) -> None:
    preview(scene.cast, ALICE, listed("5", "Diallo", "Awa"))
    assert not ProcrastinateJob.objects.filter(task_name=FOLLOW_TASK).exists()


def test_what_no_list_announced_is_found_by_the_round_over_all_days(scene: DayScene) -> None:
    Enrolment.objects.filter(student__given_name="Chloé").update(division="2DE9")
    assert follow_lists() == 1
    assert Passage.objects.get(student__given_name="Chloé").division == "2DE9"


def walk_up(scene: DayScene, birth_on: date | None) -> Student:
    return add_walk_up(
        region_id=scene.cast.region.pk, school_id=scene.cast.school.pk, first_year=2026, family_name="DIALLO",
        given_name="awa", division="2DE7", level="2211", birth_on=birth_on, entered_at=scene.cast.now,
        recorded_by_id=scene.cast.meyer.actor_id,
    )  # fmt: skip


def test_a_student_typed_with_a_birth_date_becomes_the_one_of_the_list(scene: DayScene) -> None:
    typed = walk_up(scene, date(2011, 4, 5))
    follow_lists()
    scene.a.arrival(typed.label_code)
    assert known(scene.b.pair(typed.label_code, scene.devices[0])) == ("recorded", "")
    load(scene.cast, ALICE, BILAL, CHLOE, DYLAN, listed("5", "Diallo", "Awa", ine="070832327JA", division="2DE3"))
    work_off()
    found = Student.objects.get(match_key=typed.match_key)
    assert (found.pk, found.label_code, found.family_name) == (typed.pk, typed.label_code, "Diallo")
    assert Enrolment.objects.get(student=found).eleve_id == "5"
    passage = Passage.objects.get(student=found)
    assert (passage.division, passage.is_expected, passage.is_gone) == ("2DE3", True, False)
    # The label still opens the student, and the PC in hand is theirs.
    assert known(scene.b.pair(typed.label_code, scene.devices[0])) == ("recorded", "already_equipped")


def test_a_student_typed_without_birth_date_waits_beside_the_one_of_the_list(scene: DayScene) -> None:
    typed = walk_up(scene, None)
    follow_lists()
    scene.a.arrival(typed.label_code)
    scene.b.pair(typed.label_code, scene.devices[0])
    applied = load(scene.cast, ALICE, BILAL, CHLOE, DYLAN, listed("5", "Diallo", "Awa"))
    work_off()
    (line,) = RosterLine.objects.filter(roster_import=applied, outcome="review")
    assert (line.review_code, line.student_id, line.candidates) == ("same_name_no_birth_date", typed.pk, [typed.pk])
    assert Student.objects.filter(match_key=typed.match_key).count() == 1
    assert scene.custody(scene.devices[0]) == "student"


def test_one_gesture_makes_the_student_typed_without_birth_date_the_one_of_the_list(scene: DayScene) -> None:
    typed = walk_up(scene, None)
    follow_lists()
    scene.a.arrival(typed.label_code)
    scene.b.pair(typed.label_code, scene.devices[0])
    read = preview(scene.cast, ALICE, BILAL, CHLOE, DYLAN, listed("5", "Diallo", "Awa", ine="070832327JA"))
    decide(
        decision_id=uuid4(), line_id=RosterLine.objects.get(roster_import=read, outcome="review").pk,
        ruling=Ruling.SAME, student_id=typed.pk, decided_by_id=scene.cast.durand.actor_id, decided_at=scene.cast.now,
        today=TODAY,
    )  # fmt: skip
    apply(scene.cast, read)
    work_off()
    found = Student.objects.get(match_key=typed.match_key)
    assert (found.pk, found.label_code, found.birth_on) == (typed.pk, typed.label_code, date(2011, 4, 5))
    assert found.ine_fingerprint is not None
    assert Passage.objects.get(student=found).is_expected
    assert known(scene.b.pair(typed.label_code, scene.devices[0])) == ("recorded", "already_equipped")
