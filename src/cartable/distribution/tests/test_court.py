"""The court: each contradiction is one dispute with all its claims, a human settles it, and the ledger follows."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cartable.distribution.commands.court import (
    NotPossible,
    SettledAlready,
    ThingsHaveMoved,
    exchange,
    settle,
)
from cartable.distribution.court_rules.hearing import Because, Settlement, Why
from cartable.distribution.court_rules.options import options
from cartable.distribution.court_rules.proposals import propose
from cartable.distribution.models import (
    CheckOut,
    Dispute,
    DistributionDay,
    Passage,
    Scan,
    SettlementMovement,
    Station,
    Testimony,
)
from cartable.distribution.queries.court import docket_of
from cartable.distribution.rules import ScanKind
from cartable.distribution.tests.conftest import DayScene, Post
from cartable.distribution.tests.test_audit_of_days import violations
from cartable.fleet.models import Device, Movement
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.rules import Reason
from cartable.rosters.models import Student


def came(scene: DayScene, *names: str) -> None:
    for name in names:
        scene.a.arrival(scene.students[name])


def holder(code: str) -> str:
    """Say whose PC it is, by the student's label."""
    custodian = Device.objects.get(asset_tag=code).custodian
    return (
        str(Student.objects.get(custodian_id=custodian.pk).label_code)
        if custodian.kind == "student"
        else custodian.kind
    )


def the_dispute() -> Dispute:
    return Dispute.objects.select_related("day__rules", "day__campaign").get(settled_at__isnull=True)


def rule(scene: DayScene, settlement: Settlement, dispute: Dispute | None = None, **changes: Any) -> Dispute:
    """Settle the one open dispute the way its page does: the first option of this name."""
    dispute = dispute or the_dispute()
    docket = docket_of(dispute)
    option = next((one for one in options(docket.hearing) if one.settlement == settlement), None)
    asked = {"testimony_id": option.testimony_id, "device_id": option.device_id} if option else {}
    said = {"reason": "Vu avec les deux élèves", "seen": docket.seen, "settled_by_id": scene.cast.meyer.actor_id}
    now = scene.cast.now + timedelta(hours=1)
    settle(dispute=dispute, settlement=settlement, now=now, **{**said, **asked, **changes})
    return Dispute.objects.get(pk=dispute.pk)


def one_pc_two_students(scene: DayScene) -> str:
    """Bilal has the first PC; another station read it for Chloé."""
    came(scene, "bilal", "chloe")
    scene.b.pair(scene.students["bilal"], scene.devices[0])
    assert scene.another_station().pair(scene.students["chloe"], scene.devices[0]).result == "conflict"
    return scene.devices[0]


def two_pcs_one_student(scene: DayScene) -> None:
    came(scene, "bilal")
    scene.b.pair(scene.students["bilal"], scene.devices[0])
    assert scene.another_station().pair(scene.students["bilal"], scene.devices[1]).result == "conflict"


def test_F18_the_same_pc_for_two_students_is_one_dispute_with_both_claims(scene: DayScene) -> None:
    pc = one_pc_two_students(scene)
    docket = docket_of(the_dispute())
    assert docket.dispute.device is not None
    assert docket.dispute.device.asset_tag == pc
    assert {(line.is_contested, docket.people[line.student_id].code) for line in docket.lines if line.student_id} == {
        (True, scene.students["chloe"]),
        (False, scene.students["bilal"]),
    }


def test_F18_a_third_claim_joins_the_open_dispute(scene: DayScene) -> None:
    pc = one_pc_two_students(scene)
    came(scene, "alice")
    scene.another_station().pair(scene.students["alice"], pc)
    assert Testimony.objects.filter(dispute=the_dispute()).count() == 3


def test_F14_a_batch_sent_five_times_is_one_dispute_with_one_claim(scene: DayScene) -> None:
    came(scene, "bilal", "chloe")
    scene.b.pair(scene.students["bilal"], scene.devices[0])
    late = scene.another_station()
    scan = late.scan(ScanKind.PAIR, scene.students["chloe"], scene.devices[0])
    answers = [late.send(scan)[0].result for _ in range(5)]
    assert answers == ["conflict", "exists", "exists", "exists", "exists"]
    assert Testimony.objects.filter(dispute=the_dispute(), scan__isnull=False).count() == 1


def test_a_day_without_contradiction_opens_nothing(scene: DayScene) -> None:
    came(scene, "bilal")
    scene.b.pair(scene.students["bilal"], scene.devices[0])
    scene.b.pair(scene.students["bilal"], scene.devices[0])
    assert not Dispute.objects.exists()


@pytest.mark.parametrize("settlement", [Settlement.STANDS])
def test_F18_what_stands_stands_and_the_ruling_says_so_without_a_movement(
    scene: DayScene, settlement: Settlement
) -> None:
    pc = one_pc_two_students(scene)
    settled = rule(scene, settlement)
    assert holder(pc) == scene.students["bilal"]
    assert (settled.settlement, settled.settled_by_id) == ("stands", scene.cast.meyer.actor_id)
    assert not SettlementMovement.objects.exists()
    assert violations() == set()


def test_F18_the_other_claim_is_true_the_first_hand_over_is_corrected_and_a_new_one_made(scene: DayScene) -> None:
    pc = one_pc_two_students(scene)
    first = CheckOut.objects.get()
    rule(scene, Settlement.CLAIM_HOLDS)
    assert holder(pc) == scene.students["chloe"]
    made = Movement.objects.filter(settlementmovement__isnull=False).order_by("sequence")
    assert [movement.reason for movement in made] == ["correction", "check_out"]
    assert made[0].corrects_id == first.movement_id
    assert CheckOut.objects.get(movement=made[1]).charter_proof is not None
    assert violations() == set()


def test_F19_two_pcs_for_one_student_is_one_dispute_and_the_student_may_keep_the_second(scene: DayScene) -> None:
    two_pcs_one_student(scene)
    assert propose(docket_of(the_dispute()).hearing).why == Why.KEEPS_THE_FIRST
    rule(scene, Settlement.CLAIM_HOLDS)
    assert holder(scene.devices[1]) == scene.students["bilal"]
    assert scene.custody(scene.devices[0]) == "school_allotment"
    assert violations() == set()


def test_F31_two_pcs_that_were_exchanged_are_put_right_in_one_act(scene: DayScene) -> None:
    came(scene, "bilal", "chloe")
    scene.b.pair(scene.students["bilal"], scene.devices[0])
    scene.b.pair(scene.students["chloe"], scene.devices[1])
    scene.another_station().pair(scene.students["chloe"], scene.devices[0])
    proposal = propose(docket_of(the_dispute()).hearing)
    assert (proposal.option.settlement, proposal.why) == (Settlement.EXCHANGED, Why.CROSSED)
    rule(scene, Settlement.EXCHANGED)
    assert (holder(scene.devices[0]), holder(scene.devices[1])) == (scene.students["chloe"], scene.students["bilal"])
    assert SettlementMovement.objects.count() == 4
    assert violations() == set()


def test_F31_two_students_exchange_from_the_list_of_the_day_and_all_events_stay(scene: DayScene) -> None:
    came(scene, "bilal", "chloe")
    scene.b.pair(scene.students["bilal"], scene.devices[0])
    scene.b.pair(scene.students["chloe"], scene.devices[1])
    before = Movement.objects.count()
    bilal, chloe = (Passage.objects.get(student__label_code=scene.students[name]) for name in ("bilal", "chloe"))
    exchange(passage=bilal, neighbour=chloe, settled_by_id=scene.cast.meyer.actor_id, now=scene.cast.now)
    assert (holder(scene.devices[0]), holder(scene.devices[1])) == (scene.students["chloe"], scene.students["bilal"])
    assert Movement.objects.count() == before + 4
    assert violations() == set()


def test_F31_nobody_exchanges_with_a_student_who_has_no_pc(scene: DayScene) -> None:
    came(scene, "bilal", "chloe")
    scene.b.pair(scene.students["bilal"], scene.devices[0])
    bilal, chloe = (Passage.objects.get(student__label_code=scene.students[name]) for name in ("bilal", "chloe"))
    with pytest.raises(NotPossible) as refused:
        exchange(passage=bilal, neighbour=chloe, settled_by_id=scene.cast.meyer.actor_id, now=scene.cast.now)
    assert refused.value.because == Because.NOBODY_TO_EXCHANGE_WITH


def test_F31_a_loaner_is_never_exchanged(scene: DayScene) -> None:
    came(scene, "bilal", "chloe")
    scene.b.pair(scene.students["bilal"], scene.devices[0])
    loaner, accounts = Device.objects.get(asset_tag=scene.devices[1]), scene.cast.school_accounts
    bilal, chloe = (Passage.objects.get(student__label_code=scene.students[name]) for name in ("bilal", "chloe"))
    scene.cast.move(loaner.pk, loaner.custodian_id, accounts[K.EMERGENCY_STOCK], Reason.LEFTOVER)
    scene.cast.move(loaner.pk, accounts[K.EMERGENCY_STOCK], chloe.student.custodian_id, Reason.LOAN)
    with pytest.raises(NotPossible) as refused:
        exchange(passage=bilal, neighbour=chloe, settled_by_id=scene.cast.meyer.actor_id, now=scene.cast.now)
    assert refused.value.because == Because.IS_A_LOAN
    assert holder(scene.devices[0]) == scene.students["bilal"]


def test_F20_a_pc_that_came_back_while_it_was_given_offline_is_given_by_the_later_reading(scene: DayScene) -> None:
    came(scene, "bilal", "chloe")
    scene.b.pair(scene.students["bilal"], scene.devices[0])
    device = Device.objects.get(asset_tag=scene.devices[0])
    scene.cast.move(device.pk, device.custodian_id, scene.cast.school_accounts[K.SCHOOL_BENCH], Reason.CHECK_IN)
    assert scene.another_station().pair(scene.students["chloe"], scene.devices[0]).code == "faulty"
    assert len(docket_of(the_dispute()).lines) == 2
    rule(scene, Settlement.ACCEPTED)
    assert holder(scene.devices[0]) == scene.students["chloe"]
    assert violations() == set()


def test_a_pc_of_another_lycee_comes_by_the_movements_of_the_trade(scene: DayScene) -> None:
    came(scene, "bilal")
    (device_id,) = scene.cast.devices_in_depot(1)
    accounts, other = scene.cast.region_accounts, scene.cast.other_accounts[K.SCHOOL_ALLOTMENT]
    scene.cast.move(device_id, accounts[K.DEPOT], other, Reason.ALLOTMENT)
    pc = Device.objects.get(pk=device_id).asset_tag
    assert scene.b.pair(scene.students["bilal"], pc).code == "other_school"
    rule(scene, Settlement.ACCEPTED)
    assert holder(pc) == scene.students["bilal"]
    made = Movement.objects.filter(settlementmovement__isnull=False).order_by("sequence")
    assert [movement.reason for movement in made] == ["dispatch", "arrival", "check_out"]
    assert violations() == set()


@pytest.mark.parametrize("gone", [True, False], ids=["gone", "not entitled"])
def test_a_hand_over_to_who_is_not_expected_is_accepted_with_reason_and_author(scene: DayScene, gone: bool) -> None:
    came(scene, "bilal")
    Passage.objects.filter(student__label_code=scene.students["bilal"]).update(is_gone=gone, is_expected=False)
    assert scene.b.pair(scene.students["bilal"], scene.devices[0]).result == "refused"
    assert propose(docket_of(the_dispute()).hearing).why == Why.NO_RIGHT
    settled = rule(scene, Settlement.ACCEPTED)
    assert holder(scene.devices[0]) == scene.students["bilal"]
    assert settled.reason == "Vu avec les deux élèves"


def test_without_a_charter_the_ruling_itself_is_the_override(scene: DayScene) -> None:
    assert scene.b.pair(scene.students["bilal"], scene.devices[0]).code == "charter_missing"
    rule(scene, Settlement.ACCEPTED)
    check_out = CheckOut.objects.get()
    assert (check_out.override_reason, check_out.override_by_id) == (
        "Vu avec les deux élèves",
        scene.cast.meyer.actor_id,
    )
    assert violations() == set()


def test_without_a_charter_nobody_rules_against_the_rules_of_the_campaign(scene: DayScene) -> None:
    scene.b.pair(scene.students["bilal"], scene.devices[0])
    strict = replace(docket_of(the_dispute()).hearing, override_allowed=False)
    accepted = next(one for one in options(strict) if one.settlement == Settlement.ACCEPTED)
    assert accepted.impossible == Because.CHARTER_NEEDED


def test_a_ruling_that_is_not_possible_is_refused_with_its_reason_and_writes_nothing(scene: DayScene) -> None:
    one_pc_two_students(scene)
    with pytest.raises(NotPossible) as refused:
        rule(scene, Settlement.EXCHANGED)
    assert refused.value.because == Because.NOBODY_TO_EXCHANGE_WITH
    assert the_dispute().settlement == ""


def test_a_charter_that_came_later_makes_the_hand_over_the_proposal(scene: DayScene) -> None:
    # One PC alone would be settled by the arrival itself; of two, somebody must say which one left.
    for pc in scene.devices[:2]:
        scene.b.pair(scene.students["bilal"], pc)
    came(scene, "bilal")
    proposal = propose(docket_of(the_dispute()).hearing)
    assert (proposal.option.settlement, proposal.why) == (Settlement.ACCEPTED, Why.CHARTER_CAME)


@pytest.mark.parametrize(
    ("settlement", "place"), [(Settlement.SET_ASIDE, "school_bench"), (Settlement.MISSING, "claim")]
)
def test_a_contested_pc_is_set_aside_or_declared_missing(scene: DayScene, settlement: Settlement, place: str) -> None:
    pc = one_pc_two_students(scene)
    rule(scene, settlement)
    assert scene.custody(pc) == place
    assert violations() == set()


def test_a_missing_pc_that_is_scanned_is_found_again(scene: DayScene) -> None:
    came(scene, "bilal")
    device = Device.objects.get(asset_tag=scene.devices[0])
    scene.cast.move(device.pk, device.custodian_id, scene.cast.region_accounts[K.CLAIM], Reason.CLAIM)
    assert scene.b.pair(scene.students["bilal"], scene.devices[0]).code == "hot"
    proposal = propose(docket_of(the_dispute()).hearing)
    assert (proposal.option.settlement, proposal.why) == (Settlement.SET_ASIDE, Why.FOUND_AGAIN)
    rule(scene, Settlement.SET_ASIDE)
    assert Movement.objects.get(settlementmovement__isnull=False).reason == "found"


def test_an_unknown_pc_label_is_named_and_the_student_has_that_pc(scene: DayScene) -> None:
    came(scene, "bilal")
    assert scene.b.pair(scene.students["bilal"], "P9999999999").code == "device_unknown"
    assert the_dispute().unknown_code == "P9999999999"
    rule(scene, Settlement.IDENTIFIED, device_id=Device.objects.get(asset_tag=scene.devices[2]).pk)
    assert holder(scene.devices[2]) == scene.students["bilal"]
    assert violations() == set()


def test_an_unknown_student_label_is_named_at_both_workshops_with_one_ruling(scene: DayScene) -> None:
    assert scene.a.arrival("E9999999999").code == "student_unknown"
    assert scene.b.pair("E9999999999", scene.devices[0]).code == "student_unknown"
    assert Testimony.objects.filter(dispute=the_dispute()).count() == 2
    bilal = Student.objects.get(label_code=scene.students["bilal"])
    rule(scene, Settlement.IDENTIFIED, student_id=bilal.pk)
    assert holder(scene.devices[0]) == bilal.label_code
    assert Passage.objects.get(student=bilal).charter_proof is not None
    assert violations() == set()


def test_an_undo_that_came_too_late_is_believed_by_a_correction(scene: DayScene) -> None:
    came(scene, "bilal")
    scene.b.pair(scene.students["bilal"], scene.devices[0])
    assert scene.another_station().undo(scene.students["bilal"], scene.devices[0]).code == "nothing_to_undo"
    rule(scene, Settlement.CLAIM_HOLDS)
    assert scene.custody(scene.devices[0]) == "school_allotment"
    assert violations() == set()


def test_a_faulty_pc_in_a_students_hand_comes_to_the_bench_as_faulty(scene: DayScene) -> None:
    came(scene, "bilal")
    scene.b.pair(scene.students["bilal"], scene.devices[0])
    post = scene.another_station()
    post.send(post.scan(ScanKind.DEVICE_FAULTY, "", scene.devices[0]))
    assert propose(docket_of(the_dispute()).hearing).why == Why.DOES_NOT_WORK
    rule(scene, Settlement.SET_ASIDE)
    device = Device.objects.get(asset_tag=scene.devices[0])
    assert (device.custodian_kind, device.condition) == ("school_bench", "faulty")


def test_a_reading_after_closing_is_a_dispute_about_its_pc_and_can_be_accepted(scene: DayScene) -> None:
    came(scene, "bilal")
    late = scene.b.scan(ScanKind.PAIR, scene.students["bilal"], scene.devices[0])
    device = Device.objects.get(asset_tag=scene.devices[0])
    scene.cast.move(device.pk, device.custodian_id, scene.cast.school_accounts[K.EMERGENCY_STOCK], Reason.LEFTOVER)
    DistributionDay.objects.update(state="closed", closed_at=scene.cast.now, closed_by_id=scene.cast.meyer.actor_id)
    assert scene.b.send(late)[0].code == "day_closed"
    rule(scene, Settlement.ACCEPTED)
    assert holder(scene.devices[0]) == scene.students["bilal"]


def test_a_dispute_is_settled_once(scene: DayScene) -> None:
    one_pc_two_students(scene)
    dispute = the_dispute()
    seen = docket_of(dispute).seen
    rule(scene, Settlement.STANDS)
    with pytest.raises(SettledAlready):
        settle(
            dispute=dispute, settlement=Settlement.STANDS, reason="Encore", seen=seen,
            settled_by_id=scene.cast.sonia.actor_id, now=scene.cast.now,
        )  # fmt: skip


def test_a_new_contradiction_after_the_ruling_is_a_new_dispute_and_the_old_one_stays(scene: DayScene) -> None:
    pc = one_pc_two_students(scene)
    old = rule(scene, Settlement.STANDS)
    came(scene, "alice")
    scene.another_station().pair(scene.students["alice"], pc)
    assert the_dispute().pk != old.pk
    assert Testimony.objects.filter(dispute=old).count() == 2


def test_nobody_rules_on_what_moved_since_the_page_was_shown(scene: DayScene) -> None:
    one_pc_two_students(scene)
    dispute = the_dispute()
    shown = docket_of(dispute).seen
    scene.b.undo(scene.students["bilal"], scene.devices[0])
    with pytest.raises(ThingsHaveMoved):
        rule(scene, Settlement.CLAIM_HOLDS, dispute, seen=shown)
    assert the_dispute().pk == dispute.pk


def test_nobody_rules_before_reading_a_claim_that_came_meanwhile(scene: DayScene) -> None:
    pc = one_pc_two_students(scene)
    shown = docket_of(the_dispute()).seen
    came(scene, "alice")
    scene.another_station().pair(scene.students["alice"], pc)
    with pytest.raises(ThingsHaveMoved):
        rule(scene, Settlement.STANDS, seen=shown)


def test_F17_a_clock_that_is_wrong_is_corrected_before_two_claims_are_compared(scene: DayScene) -> None:
    came(scene, "bilal", "chloe")
    scene.b.pair(scene.students["bilal"], scene.devices[0])
    hurried: Post = scene.another_station()
    scan = hurried.scan(ScanKind.PAIR, scene.students["chloe"], scene.devices[0])
    hurried.send(scan)
    station = Scan.objects.get(pk=scan.id).station_id
    Station.objects.filter(pk=station).update(clock_skew_ms=-3_600_000)
    line = next(
        line for line in docket_of(the_dispute(), now=scene.cast.now + timedelta(hours=2)).lines if line.is_contested
    )
    assert line.at == scan.happened_at + timedelta(hours=1)
