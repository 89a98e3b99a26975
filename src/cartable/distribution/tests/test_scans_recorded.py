"""What becomes of a scan: recorded, known already, in conflict, refused; and what is true afterwards."""

from dataclasses import replace
from datetime import date

import pytest

from cartable.conftest import Cast
from cartable.distribution.models import CharterProof, CheckOut, Passage, Scan, ScanAnomaly
from cartable.distribution.rules import ScanKind
from cartable.distribution.tests.conftest import NAMES, DayScene, build_scene, known
from cartable.fleet.models import Device, Movement


def test_an_arrival_takes_the_charter_and_opens_workshop_b(scene: DayScene) -> None:
    assert known(scene.a.arrival(scene.students["bilal"])) == ("recorded", "")
    passage = Passage.objects.get(student__label_code=scene.students["bilal"])
    assert passage.arrived_at is not None
    assert passage.charter_proof is not None
    assert passage.charter_proof.signer_kind == "guardian"


def test_the_charter_of_an_adult_is_signed_by_the_student(scene: DayScene) -> None:
    scene.a.arrival(scene.students["alice"])
    assert CharterProof.objects.get().signer_kind == "student"


@pytest.mark.parametrize(
    ("birth_on", "signer"),
    [
        (date(2008, 9, 16), "guardian"),
        (date(2008, 9, 15), "student"),
        (date(2008, 9, 14), "student"),
        (None, "guardian"),
    ],
    ids=["eighteen tomorrow", "eighteen today", "eighteen yesterday", "unknown"],
)
def test_P25_who_turns_eighteen_on_the_day_signs_the_charter(cast: Cast, birth_on: date | None, signer: str) -> None:
    names = {**NAMES, "alice": NAMES["alice"]._replace(birth_on=birth_on)}
    scene = build_scene(cast, names=names)
    assert Passage.objects.get(student__label_code=scene.students["alice"]).signer_kind == signer
    scene.a.arrival(scene.students["alice"])
    assert CharterProof.objects.get().signer_kind == signer


def test_a_pair_hands_the_pc_over_and_says_what_entitled_to_it(scene: DayScene) -> None:
    student, pc = scene.students["bilal"], scene.devices[0]
    scene.a.arrival(student)
    assert known(scene.b.pair(student, pc)) == ("recorded", "")
    assert scene.custody(pc) == "student"
    check_out = CheckOut.objects.get()
    assert check_out.charter_proof is not None
    assert check_out.movement.evidence == f"scan:{scene.b.sent[0].id}"


def test_without_charter_no_pc_and_the_scan_is_kept(scene: DayScene) -> None:
    answer = scene.b.pair(scene.students["bilal"], scene.devices[0])
    assert known(answer) == ("refused", "charter_missing")
    assert scene.custody(scene.devices[0]) == "school_allotment"
    assert Scan.objects.get(pk=answer.id).code == "charter_missing"


def test_a_student_of_a_level_outside_the_rules_is_not_eligible(scene: DayScene) -> None:
    assert known(scene.a.arrival(scene.students["dylan"])) == ("refused", "not_eligible")


def test_second_station_is_refused_and_its_scan_is_kept(scene: DayScene) -> None:
    bilal, chloe, pc = scene.students["bilal"], scene.students["chloe"], scene.devices[0]
    for student in (bilal, chloe):
        scene.a.arrival(student)
    scene.b.pair(bilal, pc)
    answer = scene.another_station().pair(chloe, pc)
    assert known(answer) == ("conflict", "already_held")
    assert Scan.objects.filter(pk=answer.id, result="conflict").exists()
    assert Device.objects.get(asset_tag=pc).custodian.student.label_code == bilal


def test_a_student_who_holds_a_pc_gets_no_second_one(scene: DayScene) -> None:
    bilal = scene.students["bilal"]
    scene.a.arrival(bilal)
    scene.b.pair(bilal, scene.devices[0])
    assert known(scene.another_station().pair(bilal, scene.devices[1])) == ("conflict", "already_equipped")


def test_B29_the_same_pair_again_is_done_already_and_changes_nothing(scene: DayScene) -> None:
    bilal, pc = scene.students["bilal"], scene.devices[0]
    scene.a.arrival(bilal)
    scene.b.pair(bilal, pc)
    count = Movement.objects.count()
    assert known(scene.another_station().pair(bilal, pc)) == ("recorded", "already_equipped")
    assert Movement.objects.count() == count


def test_an_upload_repeated_five_times_is_recorded_once(scene: DayScene) -> None:
    bilal, pc = scene.students["bilal"], scene.devices[0]
    arrival = scene.b.scan(ScanKind.ARRIVAL, bilal)
    pair = scene.b.scan(ScanKind.PAIR, bilal, pc)
    assert [known(a) for a in scene.b.send(arrival, pair)] == [("recorded", ""), ("recorded", "")]
    for _ in range(4):
        assert [known(a) for a in scene.b.send(arrival, pair)] == [("exists", ""), ("exists", "")]
    assert CheckOut.objects.count() == 1


def test_a_known_id_with_another_content_is_never_applied(scene: DayScene) -> None:
    bilal = scene.students["bilal"]
    scan = scene.a.scan(ScanKind.ARRIVAL, bilal)
    scene.a.send(scan)
    answer = scene.a.send(replace(scan, student_code=scene.students["alice"]))[0]
    assert known(answer) == ("refused", "id_reused")
    assert ScanAnomaly.objects.count() == 1
    assert Passage.objects.get(student__label_code=scene.students["alice"]).arrived_at is None


def test_undo_brings_the_last_pair_back_and_both_facts_stay(scene: DayScene) -> None:
    bilal, pc = scene.students["bilal"], scene.devices[0]
    scene.a.arrival(bilal)
    scene.b.pair(bilal, pc)
    assert known(scene.b.undo(bilal, pc)) == ("recorded", "")
    assert scene.custody(pc) == "school_allotment"
    assert Movement.objects.filter(reason="correction").count() == 1
    assert known(scene.b.pair(bilal, scene.devices[1])) == ("recorded", "")


def test_undo_reaches_only_the_last_pair_of_this_station(scene: DayScene) -> None:
    bilal, chloe = scene.students["bilal"], scene.students["chloe"]
    for student, pc in ((bilal, scene.devices[0]), (chloe, scene.devices[1])):
        scene.a.arrival(student)
        scene.b.pair(student, pc)
    assert known(scene.b.undo(bilal, scene.devices[0])) == ("refused", "nothing_to_undo")
    assert known(scene.another_station().undo(chloe, scene.devices[1])) == ("refused", "nothing_to_undo")


def test_the_card_without_charter_takes_the_last_arrival_back(scene: DayScene) -> None:
    bilal = scene.students["bilal"]
    scene.a.arrival(bilal)
    answer = scene.a.send(scene.a.scan(ScanKind.NO_CHARTER, bilal))[0]
    assert known(answer) == ("recorded", "")
    assert known(scene.b.pair(bilal, scene.devices[0])) == ("refused", "charter_missing")
    assert CharterProof.objects.get().withdrawn_at is not None
    assert known(scene.a.arrival(bilal)) == ("recorded", "")


def test_a_faulty_pc_goes_to_the_bench_and_is_not_handed_over(scene: DayScene) -> None:
    bilal, pc = scene.students["bilal"], scene.devices[0]
    scene.a.arrival(bilal)
    scene.b.send(scene.b.scan(ScanKind.DEVICE_FAULTY, bilal, pc))
    assert scene.custody(pc) == "school_bench"
    assert known(scene.b.pair(bilal, pc)) == ("refused", "faulty")


def test_B27_an_unknown_pc_is_refused_and_kept(scene: DayScene) -> None:
    bilal = scene.students["bilal"]
    scene.a.arrival(bilal)
    assert known(scene.b.pair(bilal, "P9999999901")) == ("refused", "device_unknown")


def test_a_pc_of_another_school_is_refused(scene: DayScene) -> None:
    bilal = scene.students["bilal"]
    (depot_device,) = scene.cast.devices_in_depot(1)
    tag = Device.objects.get(pk=depot_device).asset_tag
    scene.a.arrival(bilal)
    assert known(scene.b.pair(bilal, tag)) == ("refused", "other_school")


def test_a_serial_number_names_a_pc_as_well_as_its_tag(scene: DayScene) -> None:
    bilal = scene.students["bilal"]
    scene.a.arrival(bilal)
    serial = Device.objects.get(asset_tag=scene.devices[0]).serial_number
    assert known(scene.b.pair(bilal, serial)) == ("recorded", "")


def test_one_bad_scan_among_many_leaves_the_others_recorded(scene: DayScene) -> None:
    bilal, chloe = scene.students["bilal"], scene.students["chloe"]
    for student in (bilal, chloe):
        scene.a.arrival(student)
    answers = scene.b.send(
        scene.b.scan(ScanKind.PAIR, bilal, scene.devices[0]),
        scene.b.scan(ScanKind.PAIR, chloe, scene.devices[0]),
        scene.b.scan(ScanKind.PAIR, chloe, scene.devices[1]),
    )
    assert [known(a) for a in answers] == [("recorded", ""), ("conflict", "already_held"), ("recorded", "")]


def test_a_whole_story_in_one_upload_is_judged_in_its_order(scene: DayScene) -> None:
    bilal, (one, two) = scene.students["bilal"], scene.devices[:2]
    answers = scene.b.send(
        scene.b.scan(ScanKind.ARRIVAL, bilal),
        scene.b.scan(ScanKind.PAIR, bilal, one),
        scene.b.scan(ScanKind.UNDO, bilal, one),
        scene.b.scan(ScanKind.PAIR, bilal, two),
    )
    assert [known(a) for a in answers] == [("recorded", "")] * 4
    assert (scene.custody(one), scene.custody(two)) == ("school_allotment", "student")
