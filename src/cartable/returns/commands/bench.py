"""Work on the bench: wipe, image, check, and let a PC go to the reserve. Each step is a fact of the PC's stay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

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
from cartable.fleet.queries.stocks import depot_account
from cartable.fleet.rules import Condition, CustodianKind, Reason
from cartable.returns.models import Reimaging
from cartable.returns.queries.bench import BenchFacts, bench_facts, bench_facts_of, gesture_obstacles
from cartable.returns.rules import (
    BenchAct,
    BenchCheck,
    BenchObstacle,
    BenchStage,
    Gesture,
    WipeMethod,
    gesture_obstacle,
    steps_of,
)


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
            if found := gesture_obstacle(facts.pc, gesture):
                raise BenchRefused(found)
            _make([(movement_id, facts)], gesture, at, by_id)
    except LedgerRefusal as refusal:
        raise BenchRefused(refusal.code) from refusal
    return Worked(device.asset_tag, BenchAct.SHELVE in steps_of(gesture.act, facts.pc.stage), False)


@transaction.atomic
def work_on_all(
    *, act_id: UUID, device_ids: Sequence[int], gesture: Gesture, at: datetime, by_id: int
) -> dict[int, BenchObstacle]:
    """Make a gesture on many PCs in scope, in the same number of statements; return device id → why it was left out.

    ``act_id`` makes the ids of the movements into the reserve.
    """
    hold_custody(custodian_ids=[], device_ids=device_ids)
    facts = bench_facts_of(device_ids)
    left_out = gesture_obstacles(facts, gesture)
    taken = [(uuid5(act_id, f"bench:{pk}"), one) for pk, one in facts.items() if pk not in left_out]
    _make(taken, gesture, at, by_id)
    return left_out


def _make(taken: Sequence[tuple[UUID, BenchFacts]], gesture: Gesture, at: datetime, by_id: int) -> None:
    """Make the steps that are left of a gesture; each PC with the id of its movement into the reserve."""
    begun: list[Reimaging] = []
    gone_on: list[Reimaging] = []
    leaving: list[tuple[UUID, BenchFacts]] = []
    for movement_id, facts in taken:
        steps = steps_of(gesture.act, facts.pc.stage)
        done = facts.done if BenchAct.WIPE not in steps else wipe_of(facts, gesture.wipe_method, at, by_id)
        assert done is not None  # The obstacles want a wipe before everything else.
        if BenchAct.IMAGE in steps:
            done.image_version, done.imaged_at, done.imaged_by_id = gesture.image_version, at, by_id
        if BenchAct.CHECK in steps:
            done.checks = [check for check in BenchCheck if check in gesture.checks]
            done.checked_at, done.checked_by_id = at, by_id
        if BenchAct.SHELVE in steps:
            leaving.append((movement_id, facts))
            done.movement_id, done.finished_at = movement_id, at
        (begun if BenchAct.WIPE in steps else gone_on).append(done)
    _shelve(leaving, gesture, at, by_id)
    Reimaging.objects.bulk_create(begun)
    Reimaging.objects.bulk_update(gone_on, _MADE)


_MADE = (
    "image_version", "imaged_at", "imaged_by", "checks", "checked_at", "checked_by", "movement", "finished_at",
)  # fmt: skip


def wipe_of(facts: BenchFacts, method: WipeMethod, at: datetime, by_id: int) -> Reimaging:
    """Return what records that a PC on the bench was wiped, for whoever writes it: its stay begins, with its certificate."""
    assert facts.pc.stage == BenchStage.RETURNED
    school_id = facts.device.custodian.school_id
    assert school_id is not None  # The bench is a lycée's.
    return Reimaging(
        arrival=facts.arrival,
        school_id=school_id,
        device=facts.device,
        wiped_at=at,
        wiped_by_id=by_id,
        wipe_method=method,
        # A PC's tag and the number of the movement that brought it: one number per stay, readable, drawn from nowhere.
        certificate_number=f"{facts.device.asset_tag}-{facts.arrival.sequence:03d}",
    )


def _shelve(leaving: Sequence[tuple[UUID, BenchFacts]], gesture: Gesture, at: datetime, by_id: int) -> None:
    if not leaving:
        return
    takers = _takers({facts.device.custodian.school_id: facts.device.region_id for _id, facts in leaving}, gesture, at)
    pass_custody(
        [
            MovementOrder(
                movement_id, facts.device.pk, facts.device.custodian_id, takers[facts.device.custodian.school_id],
                Reason.REIMAGED, at, by_id, f"wipe:{facts.device.asset_tag}-{facts.arrival.sequence:03d}",
            )
            for movement_id, facts in leaving
        ]
    )  # fmt: skip
    set_condition(device_ids=[facts.device.pk for _id, facts in leaving], condition=Condition.FIT)


def _takers(regions: Mapping[int | None, int], gesture: Gesture, at: datetime) -> dict[int | None, int]:
    """Return the account where what leaves each lycée's bench goes; ``regions`` gives the region of each."""
    takers: dict[int | None, int] = {}
    for school_id, region_id in regions.items():
        assert school_id is not None  # The bench is a lycée's.
        if gesture.to_depot:
            depot = depot_account(region_id)
            assert depot is not None  # The PC came from there.
            takers[school_id] = depot
        else:
            accounts = open_school_accounts(region_id=region_id, school_id=school_id, opened_at=at)
            takers[school_id] = accounts[CustodianKind.EMERGENCY_STOCK]
    return takers


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
