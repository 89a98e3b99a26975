"""The ledger as its callers know it: what it records, answers again and refuses."""

from uuid import uuid4

import pytest

from cartable.conftest import Cast
from cartable.fleet.commands import (
    CustodyHasMoved,
    DeviceAlreadyKnown,
    MovementIdReused,
    MovementOrder,
    NotCorrectable,
    StudentAlreadyHolds,
    UnknownToTheTrade,
    correct_movement,
    pass_custody,
    take_daily_root,
)
from cartable.fleet.models import Device, Movement
from cartable.fleet.rules import CustodianKind, Reason

K = CustodianKind


def _check_out(cast: Cast, device_id: int, student: int, **changes: object) -> MovementOrder:
    order = MovementOrder(
        uuid4(), device_id, cast.school_accounts[K.SCHOOL_ALLOTMENT], student, Reason.CHECK_OUT, cast.now,
        cast.meyer.actor_id,
    )  # fmt: skip
    return order._replace(**changes)


def test_a_delivered_device_is_in_the_depot_with_one_movement(cast: Cast) -> None:
    (device_id,) = cast.devices_in_depot(1)
    device = Device.objects.get(pk=device_id)
    assert device.custodian_id == cast.region_accounts[K.DEPOT]
    assert [m.reason for m in device.movements.all()] == ["receipt"]


def test_a_check_out_moves_custody_to_the_student(cast: Cast) -> None:
    (device_id,), student = cast.devices_allotted(1), cast.student_account()
    (answer,) = pass_custody([_check_out(cast, device_id, student)])
    assert (answer.sequence, answer.already_recorded) == (3, False)
    assert Device.objects.get(pk=device_id).custodian_id == student


def test_the_same_movement_again_gets_the_first_answer_again(cast: Cast) -> None:
    (device_id,), student = cast.devices_allotted(1), cast.student_account()
    order = _check_out(cast, device_id, student)
    first, again = pass_custody([order])[0], pass_custody([order])[0]
    assert (again.sequence, again.already_recorded) == (first.sequence, True)
    assert Movement.objects.filter(device_id=device_id).count() == 3


def test_the_same_id_with_another_content_is_refused(cast: Cast) -> None:
    (one, two), student = cast.devices_allotted(2), cast.student_account()
    order = _check_out(cast, one, student)
    pass_custody([order])
    with pytest.raises(MovementIdReused):
        pass_custody([order._replace(device_id=two)])


def test_a_late_scan_never_acts_on_a_newer_custody(cast: Cast) -> None:
    (device_id,) = cast.devices_allotted(1)
    pass_custody([_check_out(cast, device_id, cast.student_account())])
    with pytest.raises(CustodyHasMoved):
        pass_custody([_check_out(cast, device_id, cast.student_account())])


def test_a_student_is_never_given_a_second_device(cast: Cast) -> None:
    (one, two), student = cast.devices_allotted(2), cast.student_account()
    pass_custody([_check_out(cast, one, student)])
    with pytest.raises(StudentAlreadyHolds):
        pass_custody([_check_out(cast, two, student)])
    assert Device.objects.get(pk=two).custodian_kind == "school_allotment"


def test_one_bad_order_leaves_the_whole_batch_unwritten(cast: Cast) -> None:
    devices, student = cast.devices_allotted(3), cast.student_account()
    orders = [_check_out(cast, d, cast.student_account()) for d in devices[:2]]
    orders.append(_check_out(cast, devices[2], student, from_custodian_id=cast.region_accounts[K.DEPOT]))
    with pytest.raises(CustodyHasMoved) as refusal:
        pass_custody(orders)
    assert refusal.value.movement_ids == (orders[2].movement_id,)
    assert Device.objects.filter(custodian_kind="student").count() == 0


def test_a_movement_that_the_trade_does_not_know_is_refused(cast: Cast) -> None:
    (device_id,), student = cast.devices_allotted(1), cast.student_account()
    with pytest.raises(UnknownToTheTrade):
        pass_custody([_check_out(cast, device_id, student, reason=Reason.GIFT)])


def test_a_correction_puts_the_device_back_and_names_what_it_undoes(cast: Cast) -> None:
    (device_id,), student = cast.devices_allotted(1), cast.student_account()
    order = _check_out(cast, device_id, student)
    pass_custody([order])
    correct_movement(
        movement_id=uuid4(), corrected_id=order.movement_id, happened_at=cast.now, recorded_by_id=cast.meyer.actor_id
    )
    assert Device.objects.get(pk=device_id).custodian_id == cast.school_accounts[K.SCHOOL_ALLOTMENT]
    assert Movement.objects.get(corrects_id=order.movement_id).reason == "correction"


def test_a_movement_is_corrected_only_once(cast: Cast) -> None:
    (device_id,), student = cast.devices_allotted(1), cast.student_account()
    order = _check_out(cast, device_id, student)
    pass_custody([order])
    said = {"corrected_id": order.movement_id, "happened_at": cast.now, "recorded_by_id": cast.meyer.actor_id}
    correct_movement(movement_id=uuid4(), **said)
    pass_custody([_check_out(cast, device_id, student)])
    with pytest.raises(NotCorrectable):
        correct_movement(movement_id=uuid4(), **said)


def test_a_serial_number_is_entered_only_once(cast: Cast) -> None:
    cast.devices_in_depot(1)
    Device.objects.all()
    from cartable.fleet.commands import BirthOrder, enter_devices
    from cartable.kernel.codes import label_code

    with pytest.raises(DeviceAlreadyKnown):
        enter_devices(
            [
                BirthOrder(
                    uuid4(), label_code("P", 77), "5CG0000000", cast.model_id, cast.lot_id, cast.region.pk, "", "",
                    cast.supplier_account, cast.region_accounts[K.DEPOT], Reason.RECEIPT, cast.now,
                    cast.sonia.actor_id,
                )
            ]
        )  # fmt: skip


def test_the_daily_root_changes_with_every_movement(cast: Cast) -> None:
    (device_id,) = cast.devices_allotted(1)
    from datetime import timedelta

    before = take_daily_root(taken_at=cast.now)
    pass_custody([_check_out(cast, device_id, cast.student_account())])
    after = take_daily_root(taken_at=cast.now + timedelta(minutes=1))
    assert before.root != after.root
    assert after.last_position > before.last_position
