"""Returned ≠ tested ≠ available: each step is a fact of the stay, and nothing reaches the reserve without all of them."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from cartable.fleet.audit import audit_ledger
from cartable.fleet.commands import set_condition
from cartable.fleet.models import Device, Lot, Movement
from cartable.fleet.rules import Condition, Grade, Reason
from cartable.fleet.rules import CustodianKind as K
from cartable.repairs.commands.opening import open_repair
from cartable.repairs.rules import Symptom
from cartable.returns.commands.bench import BenchRefused, Worked, withdraw, work_on
from cartable.returns.commands.write_offs import WriteOffRefused, open_slip, undo_write_off, write_off
from cartable.returns.models import DisposalSlip, Reimaging, WriteOff
from cartable.returns.queries.bench import bench_lines
from cartable.returns.queries.write_offs import reuse_ratio
from cartable.returns.rules import BenchAct, BenchCheck, Gesture, Outlet, WipeMethod
from cartable.returns.tests.conftest import Returns

ALL = Gesture(BenchAct.ALL, image_version="2026.09", checks=tuple(BenchCheck))


def work(returns: Returns, device: Device, gesture: Gesture = ALL, *, movement: UUID | None = None) -> Worked:
    return work_on(
        movement_id=movement or uuid4(), device=device, gesture=gesture, at=returns.cast.now + timedelta(hours=2),
        by_id=returns.cast.karim.actor_id,
    )  # fmt: skip


def step(returns: Returns, device: Device, act: BenchAct, **said: Any) -> Worked:
    return work(returns, device, Gesture(act, **{"image_version": "2026.09", "checks": tuple(BenchCheck), **said}))


def slip(returns: Returns, outlet: Outlet = Outlet.RECYCLING) -> DisposalSlip:
    return open_slip(
        slip_id=uuid4(), school=returns.cast.school, outlet=outlet, receiver="Les Ateliers du Bocage",
        opened_at=returns.cast.now, opened_by_id=returns.cast.karim.actor_id,
    )  # fmt: skip


def leave(
    returns: Returns, device: Device, under: DisposalSlip, *, method: WipeMethod | None = WipeMethod.DISK_DESTROYED,
    movement: UUID | None = None, hours: int = 3,
) -> object:  # fmt: skip
    return write_off(
        movement_id=movement or uuid4(), slip=under, device=device, wipe_method=method,
        written_off_at=returns.cast.now + timedelta(hours=hours), written_off_by_id=returns.cast.karim.actor_id,
    )  # fmt: skip


def refused(act: Callable[[], object], by: type[Exception] = BenchRefused) -> str:
    """Return the code of the refusal; nothing may have moved."""
    before = Movement.objects.count(), Reimaging.objects.count(), WriteOff.objects.count()
    with pytest.raises(by) as refusal:
        act()
    assert (Movement.objects.count(), Reimaging.objects.count(), WriteOff.objects.count()) == before
    return str(refusal.value.code)  # type: ignore[attr-defined]


@pytest.fixture
def device(returns: Returns) -> Device:
    """A PC that came back used."""
    returns.take("bilal")
    return returns.held["bilal"]


def test_step_by_step_a_pc_gets_from_the_desk_to_the_reserve(returns: Returns, device: Device) -> None:
    for act in (BenchAct.WIPE, BenchAct.IMAGE, BenchAct.CHECK):
        assert not step(returns, device, act).has_left
        assert returns.desk.custody(device) == K.SCHOOL_BENCH
    assert step(returns, device, BenchAct.SHELVE).has_left
    assert returns.desk.custody(device) == K.EMERGENCY_STOCK
    done = Reimaging.objects.get()
    assert done.movement is not None
    assert done.movement.reason == Reason.REIMAGED
    assert audit_ledger().broken == []


def test_everything_at_once_is_one_gesture(returns: Returns, device: Device) -> None:
    assert work(returns, device).has_left
    done = Reimaging.objects.get()
    assert done.certificate_number == f"{device.asset_tag}-{done.arrival.sequence:03d}"
    assert (done.image_version, set(done.checks)) == ("2026.09", set(BenchCheck))
    assert returns.condition(device) == "fit"
    assert audit_ledger().broken == []


def test_everything_at_once_goes_on_from_where_the_pc_is(returns: Returns, device: Device) -> None:
    step(returns, device, BenchAct.WIPE, wipe_method=WipeMethod.KEY_DESTROYED)
    assert work(returns, device).has_left
    assert Reimaging.objects.get().wipe_method == "key_destroyed"


def test_the_depot_takes_what_a_regional_bench_has_done(returns: Returns, device: Device) -> None:
    work(returns, device, Gesture(BenchAct.ALL, image_version="1", checks=tuple(BenchCheck), to_depot=True))
    assert returns.desk.custody(device) == K.DEPOT
    assert audit_ledger().broken == []


def test_the_same_gesture_sent_twice_is_one(returns: Returns, device: Device) -> None:
    movement = uuid4()
    assert not work(returns, device, movement=movement).is_repeated
    assert work(returns, device, movement=movement).is_repeated


@pytest.mark.parametrize(
    ("act", "code"), [("image", "not_wiped"), ("check", "not_wiped"), ("shelve", "not_wiped"), ("wipe", None)]
)
def test_no_step_goes_before_the_wipe(returns: Returns, device: Device, act: str, code: str | None) -> None:
    if code:
        assert refused(lambda: step(returns, device, BenchAct(act))) == code
    else:
        step(returns, device, BenchAct(act))
        assert refused(lambda: step(returns, device, BenchAct(act))) == "done_already"
        assert refused(lambda: step(returns, device, BenchAct.SHELVE)) == "not_imaged"


@pytest.mark.parametrize("grade", [Grade.DAMAGED, Grade.UNUSABLE])
def test_a_broken_pc_is_wiped_but_never_goes_to_the_reserve(returns: Returns, grade: Grade) -> None:
    returns.take("bilal", grade=grade)
    device = returns.held["bilal"]
    assert refused(lambda: work(returns, device)) == "not_fit"
    step(returns, device, BenchAct.WIPE)
    assert refused(lambda: step(returns, device, BenchAct.IMAGE)) == "not_fit"


def test_without_its_disk_a_pc_gets_no_image(returns: Returns, device: Device) -> None:
    wiped = Gesture(BenchAct.ALL, WipeMethod.DISK_DESTROYED, "1", tuple(BenchCheck))
    assert refused(lambda: work(returns, device, wiped)) == "no_disk"
    step(returns, device, BenchAct.WIPE, wipe_method=WipeMethod.DISK_DESTROYED)
    assert refused(lambda: step(returns, device, BenchAct.IMAGE)) == "no_disk"


def test_an_image_without_name_or_a_check_left_out_stops_the_gesture(returns: Returns, device: Device) -> None:
    assert refused(lambda: work(returns, device, Gesture(BenchAct.ALL, checks=tuple(BenchCheck)))) == "no_image_named"
    some = Gesture(BenchAct.ALL, image_version="1", checks=[BenchCheck.SCREEN])
    assert refused(lambda: work(returns, device, some)) == "checks_missing"


def test_what_is_not_on_the_bench_is_not_worked_on(returns: Returns) -> None:
    assert refused(lambda: work(returns, returns.held["bilal"])) == "not_on_bench"


def test_a_stolen_pc_raises_the_alarm_at_the_bench(returns: Returns, device: Device) -> None:
    cast = returns.cast
    cast.move(device.pk, cast.school_accounts[K.SCHOOL_BENCH], cast.region_accounts[K.CLAIM], Reason.CLAIM)
    assert refused(lambda: work(returns, device)) == "in_claim"


def test_the_wipe_of_an_earlier_stay_never_counts_for_a_later_one(returns: Returns, device: Device) -> None:
    work(returns, device)
    returns.desk.hand_over("bilal", device)
    returns.take("bilal")
    assert refused(lambda: step(returns, device, BenchAct.IMAGE)) == "not_wiped"
    work(returns, device)
    assert len(set(Reimaging.objects.values_list("certificate_number", flat=True))) == 2
    assert audit_ledger().broken == []


def test_what_cannot_be_used_again_leaves_under_a_slip(returns: Returns) -> None:
    returns.take("bilal", grade=Grade.UNUSABLE)
    device, under, movement = returns.held["bilal"], slip(returns), uuid4()
    leave(returns, device, under, movement=movement)
    assert leave(returns, device, under, movement=movement).is_repeated  # type: ignore[attr-defined]
    assert returns.desk.custody(device) == K.DISPOSED
    assert WriteOff.objects.get().wiped_under.wipe_method == "disk_destroyed"
    assert audit_ledger().broken == []


def test_nothing_leaves_for_good_unwiped(returns: Returns, device: Device) -> None:
    under = slip(returns)
    assert refused(lambda: leave(returns, device, under, method=None), WriteOffRefused) == "not_wiped"
    step(returns, device, BenchAct.WIPE)
    leave(returns, device, under, method=None)


def test_a_pc_of_more_than_ten_years_goes_to_recycling_and_out_of_the_ratio(returns: Returns, device: Device) -> None:
    Lot.objects.update(received_on=date(2016, 9, 15))
    assert refused(lambda: leave(returns, device, slip(returns, Outlet.REUSE)), WriteOffRefused) == "too_old_for_reuse"
    leave(returns, device, slip(returns))
    assert reuse_ratio([returns.cast.school.pk], today=date(2026, 12, 1)).counted == 0


def test_the_ratio_is_the_share_that_went_to_reuse(returns: Returns) -> None:
    for name, outlet in (("alice", Outlet.REUSE), ("bilal", Outlet.RECYCLING), ("chloe", Outlet.REUSE)):
        returns.take(name)
        leave(returns, returns.held[name], slip(returns, outlet))
    ratio = reuse_ratio([returns.cast.school.pk], today=date(2026, 12, 1))
    assert (ratio.reused, ratio.counted, ratio.target) == (2, 3, 0.5)


def test_a_write_off_by_mistake_is_undone(returns: Returns, device: Device) -> None:
    leave(returns, device, slip(returns))

    def undo() -> None:
        undo_write_off(
            write_off=WriteOff.objects.get(), movement_id=uuid4(), undone_at=returns.cast.now + timedelta(hours=4),
            undone_by_id=returns.cast.karim.actor_id,
        )  # fmt: skip

    undo()
    assert returns.desk.custody(device) == K.SCHOOL_BENCH
    assert refused(undo, WriteOffRefused) == "undone_already"
    leave(returns, device, slip(returns), hours=5)
    assert audit_ledger().broken == []


def test_a_condition_that_changed_since_is_looked_at_again(returns: Returns, device: Device) -> None:
    step(returns, device, BenchAct.WIPE)
    set_condition(device_ids=[device.pk], condition=Condition.FAULTY)
    assert refused(lambda: step(returns, device, BenchAct.IMAGE)) == "not_fit"


def test_a_pc_shelved_by_mistake_is_back_for_a_new_stay(returns: Returns, device: Device) -> None:
    work(returns, device)
    done = Reimaging.objects.get()

    def undo() -> None:
        withdraw(
            done=done, movement_id=uuid4(), withdrawn_at=returns.cast.now + timedelta(hours=2),
            withdrawn_by_id=returns.cast.karim.actor_id,
        )  # fmt: skip

    undo()
    assert returns.desk.custody(device) == K.SCHOOL_BENCH
    assert refused(undo) == "undone_already"
    assert refused(lambda: step(returns, device, BenchAct.IMAGE)) == "not_wiped"
    work(returns, device)
    assert audit_ledger().broken == []


def test_what_was_handed_out_since_is_not_brought_back(returns: Returns, device: Device) -> None:
    work(returns, device)
    returns.desk.hand_over("bilal", device)
    assert refused(
        lambda: withdraw(
            done=Reimaging.objects.get(), movement_id=uuid4(), withdrawn_at=returns.cast.now, withdrawn_by_id=1
        )
    ) == "has_moved_on"  # fmt: skip


def test_a_pc_whose_student_waits_for_its_repair_is_neither_wiped_nor_written_off(returns: Returns) -> None:
    device = returns.held["bilal"]
    open_repair(
        act_id=uuid4(), device=device, repairer_id=returns.cast.repairer.pk, symptoms=[Symptom.SCREEN], note="",
        loaner=None, opened_at=returns.cast.now, opened_by_id=returns.cast.durand.actor_id,
    )  # fmt: skip
    assert returns.desk.custody(device) == K.SCHOOL_BENCH
    assert refused(lambda: step(returns, device, BenchAct.WIPE)) == "in_repair"
    assert refused(lambda: leave(returns, device, slip(returns)), WriteOffRefused) == "in_repair"
    assert bench_lines(returns.cast.school.pk, today=returns.cast.now.date()) == []
