"""Sixty-four connections at once: one winner, a refusal by name for everybody else, and never a deadlock."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier, Event
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django_scopes import scopes_disabled

from cartable.conftest import Cast
from cartable.fleet.audit import audit_ledger
from cartable.fleet.commands import (
    BirthOrder,
    LedgerRefusal,
    MovementOrder,
    affiliate_custodians,
    correct_movement,
    enter_devices,
    open_student_accounts,
    pass_custody,
    take_daily_root,
)
from cartable.fleet.models import DailyRoot, Device, Movement
from cartable.fleet.rules import CustodianKind, Reason
from cartable.kernel.codes import label_code

K = CustodianKind
CONNECTIONS = 64


def all_at_once(acts: Sequence[Callable[[], str]]) -> Counter[str]:
    """Start every act at the same instant, each on a connection of its own; count what they said.

    A refusal says its code. Anything else that is raised, a deadlock first of all, fails the test.
    """
    barrier = Barrier(len(acts))

    def run(act: Callable[[], str]) -> str:
        with scopes_disabled():
            try:
                connection.ensure_connection()
                barrier.wait()
                return act()
            except LedgerRefusal as refusal:
                return refusal.code
            finally:
                connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(run, acts))


def students_of(cast: Cast, count: int) -> list[int]:
    return open_student_accounts(
        region_id=cast.region.pk, school_ids=[cast.school.pk] * count, opened_at=cast.now,
        recorded_by_id=cast.sonia.actor_id,
    )  # fmt: skip


def handing(cast: Cast, *pairs: tuple[int, int], movement_id: UUID | None = None) -> Callable[[], str]:
    """Return the act of handing these devices to these students, in one call."""
    orders = [
        MovementOrder(
            movement_id or uuid4(), device, cast.school_accounts[K.SCHOOL_ALLOTMENT], student, Reason.CHECK_OUT, cast.now,
            cast.meyer.actor_id,
        )
        for device, student in pairs
    ]  # fmt: skip
    return lambda: "again" if pass_custody(orders)[0].already_recorded else "recorded"


def test_one_of_64_gets_the_device(committed_cast: Cast) -> None:
    (device,), students = committed_cast.devices_allotted(1), students_of(committed_cast, CONNECTIONS)
    said = all_at_once([handing(committed_cast, (device, student)) for student in students])
    assert said == {"recorded": 1, "custody_has_moved": CONNECTIONS - 1}
    assert Movement.objects.filter(device_id=device).count() == 3
    assert audit_ledger().broken == []


def test_a_student_gets_one_of_64_devices(committed_cast: Cast) -> None:
    devices, (student,) = committed_cast.devices_allotted(CONNECTIONS), students_of(committed_cast, 1)
    said = all_at_once([handing(committed_cast, (device, student)) for device in devices])
    assert said == {"recorded": 1, "already_equipped": CONNECTIONS - 1}
    assert Device.objects.filter(custodian_id=student).count() == 1
    assert audit_ledger().broken == []


def test_crossed_pairs_leave_each_device_and_each_student_one_winner(committed_cast: Cast) -> None:
    devices, students = committed_cast.devices_allotted(8), students_of(committed_cast, 8)
    pairs = [(device, student) for device in devices for student in students]
    random.Random(8).shuffle(pairs)
    said = all_at_once([handing(committed_cast, pair) for pair in pairs])
    # Eight devices, eight students, each pair asked for once: in the end nobody can be left beside a free device.
    assert said["recorded"] == 8
    assert set(said) <= {"recorded", "custody_has_moved", "already_equipped"}
    assert sorted(Device.objects.filter(custodian_kind="student").values_list("custodian_id", flat=True)) == students
    assert audit_ledger().broken == []


def test_batches_that_give_to_the_same_students_in_any_order_never_deadlock(committed_cast: Cast) -> None:
    batches, size = 32, 12
    devices, students = committed_cast.devices_allotted(batches * size), students_of(committed_cast, size)
    acts = []
    for n in range(batches):
        shuffled = random.Random(n).sample(students, size)
        acts.append(handing(committed_cast, *zip(devices[n * size : (n + 1) * size], shuffled, strict=True)))
    assert all_at_once(acts) == {"recorded": 1, "already_equipped": batches - 1}
    assert audit_ledger().broken == []


def test_batches_that_take_the_same_devices_in_any_order_never_deadlock(committed_cast: Cast) -> None:
    batches, size = 32, 12
    devices, students = committed_cast.devices_allotted(size), students_of(committed_cast, batches * size)
    acts = []
    for n in range(batches):
        shuffled = random.Random(n).sample(devices, size)
        acts.append(handing(committed_cast, *zip(shuffled, students[n * size : (n + 1) * size], strict=True)))
    assert all_at_once(acts) == {"recorded": 1, "custody_has_moved": batches - 1}
    assert audit_ledger().broken == []


def test_batches_and_single_scans_of_the_same_pairs_never_deadlock(committed_cast: Cast) -> None:
    size = 16
    devices, students = committed_cast.devices_allotted(size), students_of(committed_cast, size)
    acts = [handing(committed_cast, (d, s)) for d, s in zip(devices, reversed(students), strict=True)]
    acts += [
        handing(committed_cast, *zip(random.Random(n).sample(devices, size), students, strict=True)) for n in range(16)
    ]
    said = all_at_once(acts)
    assert set(said) <= {"recorded", "custody_has_moved", "already_equipped"}
    assert audit_ledger().broken == []


def test_the_same_movement_sent_64_times_is_recorded_once(committed_cast: Cast) -> None:
    (device,), (student,) = committed_cast.devices_allotted(1), students_of(committed_cast, 1)
    same = handing(committed_cast, (device, student), movement_id=uuid4())
    assert all_at_once([same] * CONNECTIONS) == {"recorded": 1, "again": CONNECTIONS - 1}


def test_one_id_sent_for_64_devices_names_one_of_them(committed_cast: Cast) -> None:
    devices, students = committed_cast.devices_allotted(CONNECTIONS), students_of(committed_cast, CONNECTIONS)
    movement_id = uuid4()
    pairs = zip(devices, students, strict=True)
    said = all_at_once([handing(committed_cast, pair, movement_id=movement_id) for pair in pairs])
    assert said == {"recorded": 1, "id_reused": CONNECTIONS - 1}


def test_a_movement_is_corrected_by_one_of_64(committed_cast: Cast) -> None:
    cast = committed_cast
    (device,), (student,) = cast.devices_allotted(1), students_of(cast, 1)
    wrong = cast.move(device, cast.school_accounts[K.SCHOOL_ALLOTMENT], student, Reason.CHECK_OUT)

    def correct() -> str:
        correct_movement(
            movement_id=uuid4(), corrected_id=wrong, happened_at=cast.now, recorded_by_id=cast.meyer.actor_id
        )
        return "corrected"

    said = all_at_once([correct] * CONNECTIONS)
    assert said == {"corrected": 1, "custody_has_moved": CONNECTIONS - 1}
    assert Movement.objects.filter(corrects_id=wrong).count() == 1


def test_a_delivery_entered_by_many_at_once_is_entered_once(committed_cast: Cast) -> None:
    cast = committed_cast

    def birth(n: int, serial: int) -> BirthOrder:
        return BirthOrder(
            uuid4(), label_code("P", n), f"SERIAL{serial}", cast.model_id, cast.lot_id, cast.region.pk, "", "",
            cast.supplier_account, cast.region_accounts[K.DEPOT], Reason.RECEIPT, cast.now, cast.sonia.actor_id,
        )  # fmt: skip

    def deliver(place: int) -> Callable[[], str]:
        # The same serial numbers in another order, each time under other asset tags.
        serials = random.Random(place).sample(range(30), 30)
        orders = [birth(place * 100 + n, serial) for n, serial in enumerate(serials)]
        return lambda: f"entered {len(enter_devices(orders))}"

    said = all_at_once([deliver(place) for place in range(16)])
    assert said == {"entered 30": 1, "device_already_known": 15}
    assert Device.objects.count() == 30


def test_a_root_taken_in_the_rush_comes_out_again(committed_cast: Cast) -> None:
    devices, students = committed_cast.devices_allotted(48), students_of(committed_cast, 48)
    acts = [handing(committed_cast, pair) for pair in zip(devices, students, strict=True)]
    a_root_is_taken = Event()

    def take(n: int) -> str:
        take_daily_root(taken_at=committed_cast.now + timedelta(seconds=n))
        a_root_is_taken.set()
        return "root"

    def after_a_root(act: Callable[[], str]) -> Callable[[], str]:
        return lambda: act() if a_root_is_taken.wait(60) else "no root within a minute"

    takers = [partial(take, n) for n in range(16)]
    said = all_at_once([*acts[:24], *takers, *map(after_a_root, acts[24:])])
    take(16)
    assert said == {"recorded": 48, "root": 16}
    assert DailyRoot.objects.values("last_position").distinct().count() > 1
    assert audit_ledger().broken == []


def test_students_change_school_while_they_are_equipped(committed_cast: Cast) -> None:
    cast = committed_cast
    devices, students = cast.devices_allotted(32), students_of(cast, 32)
    acts = [handing(cast, pair) for pair in zip(devices, students, strict=True)]

    def change(n: int) -> Callable[[], str]:
        def act() -> str:
            affiliate_custodians(
                custodian_ids=random.Random(n).sample(students, 16),
                school_id=(cast.school, cast.other_school)[n % 2].pk,
                starts_at=cast.now + timedelta(seconds=n + 1),
                recorded_by_id=cast.sonia.actor_id,
            )
            return "changed"

        return act

    said = all_at_once([*acts, *(change(n) for n in range(16))])
    assert said == {"recorded": 32, "changed": 16}
    assert audit_ledger().broken == []


def test_two_transactions_that_cross_are_told_so_by_name(committed_cast: Cast) -> None:
    (one, two), students = committed_cast.devices_allotted(2), students_of(committed_cast, 4)
    both_hold_one = Barrier(2)

    def cross(first: tuple[int, int], second: tuple[int, int]) -> Callable[[], str]:
        def act() -> str:
            with transaction.atomic():
                handing(committed_cast, first)()
                both_hold_one.wait()
                return handing(committed_cast, second)()

        return act

    said = all_at_once([cross((one, students[0]), (two, students[1])), cross((two, students[2]), (one, students[3]))])
    # The one that was told rolled everything back; the other one finished.
    assert said == {"recorded": 1, "custody_has_moved": 1}
    assert Device.objects.filter(custodian_kind="student").count() == 2


@pytest.mark.slow
def test_twenty_rounds_of_crossed_batches_leave_a_ledger_without_violation(committed_cast: Cast) -> None:
    cast = committed_cast
    devices, students = cast.devices_allotted(24), students_of(cast, 24)
    allotted, bench = cast.school_accounts[K.SCHOOL_ALLOTMENT], cast.school_accounts[K.SCHOOL_BENCH]
    for chance in map(random.Random, range(20)):
        acts = [
            handing(cast, *zip(chance.sample(devices, size), chance.sample(students, size), strict=True))
            for size in (chance.randrange(1, 9) for _ in range(16))
        ]
        assert set(all_at_once(acts)) <= {"recorded", "custody_has_moved", "already_equipped"}
        for device in Device.objects.filter(custodian_kind="student"):
            cast.move(device.pk, device.custodian_id, bench, Reason.CHECK_IN)
            cast.move(device.pk, bench, cast.region_accounts[K.DEPOT], Reason.REIMAGED)
            cast.move(device.pk, cast.region_accounts[K.DEPOT], allotted, Reason.ALLOTMENT)
    assert audit_ledger().broken == []
