"""Two records were one person: both labels name whoever stays, at the stations as in the office."""

from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from cartable.distribution.api.day import student_row
from cartable.distribution.commands.days import follow_list
from cartable.distribution.models import Passage
from cartable.distribution.queries.closing import DayAccount, day_account
from cartable.distribution.queries.control_room import classes_of
from cartable.distribution.queries.days import days_in_scope
from cartable.distribution.queries.prepared import prepared_day
from cartable.distribution.queries.progress import day_progress
from cartable.distribution.rules import ScanKind
from cartable.distribution.tests.conftest import DayScene, known
from cartable.fleet.audit import audit_ledger
from cartable.fleet.models import Device
from cartable.rosters.commands.merging import merge_students, undo_merge
from cartable.rosters.models import Student
from cartable.rosters.queries.people import find_students


def merged(scene: DayScene, one: str, other: str) -> tuple[UUID, Student, Student]:
    """Read two students of the day as one; return the merge, who stays and who is read through them."""
    ids = [Student.objects.get(label_code=scene.students[name]).pk for name in (one, other)]
    found = merge_students(
        merge_id=uuid4(), student_ids=(ids[0], ids[1]), decided_by_id=scene.cast.durand.actor_id, decided_at=scene.cast.now
    )  # fmt: skip
    return found.merge_id, Student.objects.get(pk=found.kept_id), Student.objects.get(pk=found.absorbed_id)


def holder(tag: str) -> int:
    return Device.objects.get(asset_tag=tag).custodian_id


def test_the_label_of_a_merged_record_takes_the_pc_for_whoever_stays(scene: DayScene) -> None:
    _merge, kept, absorbed = merged(scene, "bilal", "chloe")
    assert known(scene.a.arrival(absorbed.label_code)) == ("recorded", "")
    assert known(scene.b.pair(absorbed.label_code, scene.devices[0])) == ("recorded", "")
    assert holder(scene.devices[0]) == kept.custodian_id
    assert audit_ledger().violations == 0


def test_who_arrived_under_the_other_label_is_served_under_either(scene: DayScene) -> None:
    scene.a.arrival(scene.students["chloe"])
    _merge, kept, _absorbed = merged(scene, "bilal", "chloe")
    assert known(scene.b.pair(kept.label_code, scene.devices[0])) == ("recorded", "")
    assert holder(scene.devices[0]) == kept.custodian_id


def test_in_one_upload_both_labels_are_one_person(scene: DayScene) -> None:
    _merge, kept, absorbed = merged(scene, "bilal", "chloe")
    scene.a.arrival(kept.label_code)
    answers = scene.b.send(
        scene.b.scan(ScanKind.PAIR, absorbed.label_code, scene.devices[0]),
        scene.b.scan(ScanKind.PAIR, kept.label_code, scene.devices[1]),
    )
    assert [known(answer) for answer in answers] == [("recorded", ""), ("conflict", "already_equipped")]


def test_what_was_paired_under_one_label_is_taken_back_under_the_other(scene: DayScene) -> None:
    _merge, kept, absorbed = merged(scene, "bilal", "chloe")
    scene.a.arrival(kept.label_code)
    scene.b.pair(absorbed.label_code, scene.devices[0])
    assert known(scene.b.undo(kept.label_code, scene.devices[0])) == ("recorded", "")
    assert scene.custody(scene.devices[0]) == "school_allotment"


def test_stations_learn_of_a_merge_and_of_its_end(scene: DayScene) -> None:
    place = {"day_id": scene.day.pk, "school_id": scene.cast.school.pk}
    whole = prepared_day(**place)
    merge_id, kept, absorbed = merged(scene, "bilal", "chloe")
    changed = {one.facts.code: one for one in prepared_day(**place, since=whole.cursor).students}
    assert student_row(changed[kept.label_code])["l"] == [absorbed.label_code]
    assert absorbed.label_code not in {one.facts.code for one in prepared_day(**place).students}
    assert len(prepared_day(**place).students) == len(whole.students) - 1
    undo_merge(
        merge_id=merge_id, movement_id=uuid4(), undone_by_id=scene.cast.durand.actor_id, undone_at=scene.cast.now
    )  # fmt: skip
    again = {one.facts.code: one for one in prepared_day(**place, since=whole.cursor).students}
    assert "l" not in student_row(again[kept.label_code])
    assert absorbed.label_code in again


def test_the_search_finds_whoever_stays_by_either_label_and_either_name(scene: DayScene) -> None:
    _merge, kept, absorbed = merged(scene, "bilal", "chloe")
    for text in (kept.label_code, absorbed.label_code, kept.family_name, absorbed.family_name):
        assert [one.label_code for one in find_students(text, limit=10)] == [kept.label_code], text


@pytest.mark.django_db
def test_the_search_page_leads_from_an_old_label_to_the_student(scene: DayScene) -> None:
    _merge, kept, absorbed = merged(scene, "bilal", "chloe")
    client = Client()
    client.force_login(scene.cast.durand, backend="django.contrib.auth.backends.ModelBackend")
    page = client.post("/recherche/", {"q": absorbed.label_code}, follow=True).content.decode()
    assert f"/eleves/{kept.label_code}/" in page
    assert client.get(f"/eleves/{absorbed.label_code}/")["Location"] == f"/eleves/{kept.label_code}/"


@pytest.mark.parametrize("equipped", [False, True])
def test_at_closing_and_in_the_control_room_two_records_of_one_person_count_once_whether_the_worker_has_followed_or_not(
    scene: DayScene, equipped: bool
) -> None:
    _merge, kept, absorbed = merged(scene, "bilal", "chloe")
    if equipped:
        scene.a.arrival(absorbed.label_code)
        scene.b.pair(absorbed.label_code, scene.devices[0])
    for _worker in ("not yet", "has followed"):
        account = account_of(scene)
        absent = {one.student_code for one in account.absent}
        assert absorbed.label_code not in absent
        assert (kept.label_code in absent) is not equipped
        figures = account.figures()
        assert (figures["expected"], figures["equipped"]) == (2, int(equipped))
        assert sum(row.equipped for row in account.classes) == int(equipped)
        progress = day_progress(day_id=scene.day.pk, now=scene.cast.now)
        assert (progress.expected, progress.equipped) == (2, int(equipped))
        classes = classes_of(scene.day)
        assert [sum(row) for row in zip(*((c.expected, c.equipped) for c in classes), strict=True)] == [
            2,
            int(equipped),
        ]
        (line,) = days_in_scope(region_id=scene.cast.region.pk, school_ids=None, now=timezone.now())
        assert (line.expected, line.equipped) == (2, int(equipped))
        follow_list(day=scene.day)


def test_a_pc_taken_before_the_merge_stays_in_the_account_under_whoever_took_it(scene: DayScene) -> None:
    for label in (scene.students["bilal"], scene.students["chloe"]):
        scene.a.arrival(label)
    scene.b.pair(scene.students["chloe"], scene.devices[0])
    _merge, kept, _absorbed = merged(scene, "bilal", "chloe")
    follow_list(day=scene.day)
    account = account_of(scene)
    assert [row.asset_tag for row in account.handed_over] == [scene.devices[0]]
    assert holder(scene.devices[0]) == kept.custodian_id
    figures = account.figures()
    assert (figures["expected"], figures["equipped"], sum(row.equipped for row in account.classes)) == (2, 1, 1)
    assert "Bilal Benali" not in {one.name for one in account.absent}
    assert audit_ledger().violations == 0


def account_of(scene: DayScene) -> DayAccount:
    return day_account(
        day=scene.day, ledger_root=b"", movement_count=0, closed_at=scene.cast.now, leader_name="", head_name=""
    )


def test_who_arrived_under_the_label_that_is_read_through_the_other_counts_as_arrived(scene: DayScene) -> None:
    scene.a.arrival(scene.students["bilal"])
    scene.a.arrival(scene.students["chloe"])
    _merge, kept, _absorbed = merged(scene, "bilal", "chloe")
    Passage.objects.filter(student=kept).update(arrived_at=None)
    for _worker in ("not yet", "has followed"):
        assert day_progress(day_id=scene.day.pk, now=scene.cast.now).arrived == 1
        assert sum(line.arrived for line in classes_of(scene.day)) == 1
        assert [one.has_arrived for one in account_of(scene).absent if one.student_code == kept.label_code] == [True]
        follow_list(day=scene.day)
