"""Work on the bench: wipe, image, check, and let a PC go to the reserve. Each step is a fact of the PC's stay."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from cartable.fleet.commands import (
    MovementOrder,
    correct_movement,
    hold_custody,
    open_school_accounts,
    pass_custody,
    set_condition,
)
from cartable.fleet.ledger import LedgerRefusal
from cartable.fleet.models import Device
from cartable.fleet.queries import depot_account
from cartable.fleet.rules import Condition, CustodianKind, Reason
from cartable.returns.models import Reimaging
from cartable.returns.queries.bench import BenchFacts, bench_facts
from cartable.returns.rules import BenchAct, BenchCheck, BenchStage, WipeMethod, bench_obstacle, steps_of


class BenchRefused(Exception):
    """The bench does not take the gesture; ``code`` says why: a `BenchObstacle`, or a refusal of the ledger."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Worked:
    """What a gesture made of a PC: its stage now, or that it left for the reserve."""

    asset_tag: str
    has_left: bool
    is_repeated: bool


@dataclass(frozen=True)
class Gesture:
    """What a technician says once, for one PC or for a series."""

    act: BenchAct
    wipe_method: WipeMethod = WipeMethod.SECURE_ERASE
    image_version: str = ""
    checks: Collection[BenchCheck] = ()
    to_depot: bool = False


def work_on(*, movement_id: UUID, device: Device, gesture: Gesture, at: datetime, by_id: int) -> Worked:
    """Make the steps of a gesture on a PC of the bench, all or none. Raises BenchRefused.

    ``movement_id`` is that of the movement into the reserve, should the gesture come so far: the same again is the same.
    """
    try:
        with transaction.atomic():
            hold_custody(custodian_ids=[], device_ids=[device.pk])
            if known := Reimaging.objects.filter(movement_id=movement_id).first():
                if known.device_id != device.pk:
                    raise BenchRefused("id_reused")
                return Worked(device.asset_tag, True, True)
            facts = bench_facts(device)
            found = bench_obstacle(
                facts.pc,
                gesture.act,
                image_version=gesture.image_version,
                checks=gesture.checks,
                is_disk_spared=gesture.wipe_method != WipeMethod.DISK_DESTROYED,
            )
            if found is not None:
                raise BenchRefused(found)
            steps = steps_of(gesture.act, facts.pc.stage)
            _make(steps, facts, gesture, movement_id, at, by_id)
    except LedgerRefusal as refusal:
        raise BenchRefused(refusal.code) from refusal
    return Worked(device.asset_tag, BenchAct.SHELVE in steps, False)


def _make(
    steps: Collection[BenchAct], facts: BenchFacts, gesture: Gesture, movement_id: UUID, at: datetime, by_id: int
) -> None:
    done = wiped(facts, gesture.wipe_method, at, by_id) if BenchAct.WIPE in steps else facts.done
    assert done is not None  # The obstacles want a wipe before everything else.
    if BenchAct.IMAGE in steps:
        done.image_version, done.imaged_at, done.imaged_by_id = gesture.image_version, at, by_id
    if BenchAct.CHECK in steps:
        done.checks = [check for check in BenchCheck if check in gesture.checks]
        done.checked_at, done.checked_by_id = at, by_id
    if BenchAct.SHELVE in steps:
        _shelve(facts, gesture, movement_id, at, by_id)
        done.movement_id, done.finished_at = movement_id, at
    done.save()


def wiped(facts: BenchFacts, method: WipeMethod, at: datetime, by_id: int) -> Reimaging:
    """Record that a PC on the bench was wiped: its stay begins, with its certificate."""
    assert facts.pc.stage == BenchStage.RETURNED
    school_id = facts.device.custodian.school_id
    assert school_id is not None  # The bench is a lycée's.
    return Reimaging.objects.create(
        arrival=facts.arrival,
        school_id=school_id,
        device=facts.device,
        wiped_at=at,
        wiped_by_id=by_id,
        wipe_method=method,
        # A PC's tag and the number of the movement that brought it: one number per stay, readable, drawn from nowhere.
        certificate_number=f"{facts.device.asset_tag}-{facts.arrival.sequence:03d}",
    )


def _shelve(facts: BenchFacts, gesture: Gesture, movement_id: UUID, at: datetime, by_id: int) -> None:
    device, school_id = facts.device, facts.device.custodian.school_id
    assert school_id is not None  # The bench is a lycée's.
    if gesture.to_depot:
        taker = depot_account(device.region_id)
        assert taker is not None  # The PC came from there.
    else:
        accounts = open_school_accounts(region_id=device.region_id, school_id=school_id, opened_at=at)
        taker = accounts[CustodianKind.EMERGENCY_STOCK]
    pass_custody(
        [
            MovementOrder(
                movement_id, device.pk, device.custodian_id, taker, Reason.REIMAGED, at, by_id,
                f"wipe:{facts.device.asset_tag}-{facts.arrival.sequence:03d}",
            )
        ]
    )  # fmt: skip
    set_condition(device_ids=[device.pk], condition=Condition.FIT)


@transaction.atomic
def withdraw(*, done: Reimaging, movement_id: UUID, withdrawn_at: datetime, withdrawn_by_id: int) -> None:
    """Bring a PC back onto the bench that was shelved by mistake: for a new stay, nothing of the old one counts.

    Raises BenchRefused: ``not_shelved``, ``undone_already``, ``has_moved_on``.
    """
    hold_custody(custodian_ids=[], device_ids=[done.device_id])
    held = Reimaging.objects.select_for_update(of=("self",)).get(pk=done.pk)
    if held.movement_id is None:
        raise BenchRefused("not_shelved")
    if held.withdrawn_by_movement_id is not None:
        raise BenchRefused("undone_already")
    try:
        correct_movement(
            movement_id=movement_id,
            corrected_id=held.movement_id,
            happened_at=withdrawn_at,
            recorded_by_id=withdrawn_by_id,
            evidence=f"wipe:{held.certificate_number}",
        )
    except LedgerRefusal as refusal:
        raise BenchRefused("has_moved_on") from refusal
    held.withdrawn_by_movement_id = movement_id
    held.save(update_fields=["withdrawn_by_movement"])
