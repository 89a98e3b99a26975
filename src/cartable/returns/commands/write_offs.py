"""Let what cannot be used again leave for good: under a slip, wiped, to reuse or to recycling."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from cartable.fleet.commands import MovementOrder, correct_movement, hold_custody, open_region_accounts, pass_custody
from cartable.fleet.ledger import LedgerRefusal
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind, Reason
from cartable.organisations.models import School
from cartable.returns.commands.bench import wipe_of
from cartable.returns.models import DisposalSlip, Reimaging, WriteOff
from cartable.returns.queries.bench import BenchFacts, bench_facts, bench_facts_of
from cartable.returns.queries.write_offs import is_past_reuse, write_off_obstacles
from cartable.returns.rules import Outlet, WipeMethod, WriteOffObstacle, write_off_obstacle


class WriteOffRefused(Exception):
    """The PC stays on the bench; ``code`` says why: a `WriteOffObstacle`, or a refusal of the ledger."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class LeftForGood:
    """A PC under a slip; ``is_repeated`` where the same gesture had been recorded before."""

    asset_tag: str
    is_repeated: bool


def open_slip(
    *, slip_id: UUID, school: School, outlet: Outlet, receiver: str, opened_at: datetime, opened_by_id: int
) -> DisposalSlip:
    """Open a slip for one receiver; the same id again is the same slip."""
    facts = {"school": school, "outlet": outlet, "receiver": receiver.strip()}
    slip, _is_new = DisposalSlip.objects.get_or_create(
        pk=slip_id, defaults={**facts, "opened_at": opened_at, "opened_by_id": opened_by_id}
    )
    return slip


def write_off(
    *,
    movement_id: UUID,
    slip: DisposalSlip,
    device: Device,
    wipe_method: WipeMethod | None,
    written_off_at: datetime,
    written_off_by_id: int,
) -> LeftForGood:
    """Let a PC of the slip's bench leave for good. Raises WriteOffRefused.

    ``wipe_method`` says how a PC that is not wiped yet was wiped now (a disk destroyed, most often); None: not at all.
    """
    try:
        with transaction.atomic():
            hold_custody(custodian_ids=[], device_ids=[device.pk])
            if known := WriteOff.objects.filter(pk=movement_id).first():
                if known.device_id != device.pk:
                    raise WriteOffRefused("id_reused")
                return LeftForGood(device.asset_tag, True)
            facts = bench_facts(device)
            is_old = is_past_reuse(facts, timezone.localdate(written_off_at))
            found = write_off_obstacle(
                facts.pc, Outlet(slip.outlet), will_be_wiped=wipe_method is not None, is_too_old=is_old
            )
            if found is not None:
                raise WriteOffRefused(found)
            if facts.device.custodian.school_id != slip.school_id:
                raise WriteOffRefused("elsewhere")
            _let_go([(movement_id, slip.pk, facts)], wipe_method, written_off_at, written_off_by_id)
    except LedgerRefusal as refusal:
        raise WriteOffRefused(refusal.code) from refusal
    return LeftForGood(device.asset_tag, False)


@transaction.atomic
def write_off_all(
    *,
    act_id: UUID,
    device_ids: Sequence[int],
    outlet: Outlet,
    receiver: str,
    wipe_method: WipeMethod | None,
    written_off_at: datetime,
    written_off_by_id: int,
) -> dict[int, WriteOffObstacle]:
    """Let many PCs in scope leave for good to one receiver, under one slip per bench, in the same number of statements.

    Return device id → why it stays. ``act_id`` makes the ids of slips and movements.
    """
    hold_custody(custodian_ids=[], device_ids=device_ids)
    facts = bench_facts_of(device_ids)
    today = timezone.localdate(written_off_at)
    left_out = write_off_obstacles(facts, outlet, will_be_wiped=wipe_method is not None, today=today)
    leaving = {pk: one for pk, one in facts.items() if pk not in left_out}
    schools = {one.device.custodian.school_id for one in leaving.values()}
    slips = {school_id: uuid5(act_id, f"slip:{school_id}") for school_id in schools if school_id is not None}
    said: dict[str, Any] = {
        "outlet": outlet, "receiver": receiver.strip(), "opened_at": written_off_at, "opened_by_id": written_off_by_id,
    }  # fmt: skip
    DisposalSlip.objects.bulk_create(
        [DisposalSlip(pk=slip_id, school_id=school_id, **said) for school_id, slip_id in slips.items()],
        ignore_conflicts=True,
    )  # fmt: skip
    _let_go(
        [
            (uuid5(act_id, f"write_off:{pk}"), slips[school_id], one)
            for pk, one in leaving.items()
            if (school_id := one.device.custodian.school_id) is not None  # The bench is a lycée's.
        ],
        wipe_method, written_off_at, written_off_by_id,
    )  # fmt: skip
    return left_out


def _let_go(
    leaving: Sequence[tuple[UUID, UUID, BenchFacts]], wipe_method: WipeMethod | None, at: datetime, by_id: int
) -> None:
    """Move PCs out of the park; each with the id of its movement and of its slip. What is not wiped yet is wiped now."""
    if not leaving:
        return
    wipes: dict[int, Reimaging] = {}
    fresh: list[Reimaging] = []
    for _id, _slip_id, facts in leaving:
        done = facts.done
        if done is None:
            assert wipe_method is not None  # The obstacle wants one.
            done = wipe_of(facts, wipe_method, at, by_id)
            fresh.append(done)
        wipes[facts.device.pk] = done
    Reimaging.objects.bulk_create(fresh)
    ends = open_region_accounts(region_id=leaving[0][2].device.region_id, opened_at=at)
    pass_custody(
        [
            MovementOrder(
                movement_id, facts.device.pk, facts.device.custodian_id, ends[CustodianKind.DISPOSED], Reason.DISPOSAL,
                at, by_id, f"slip:{slip_id}",
            )
            for movement_id, slip_id, facts in leaving
        ]
    )  # fmt: skip
    WriteOff.objects.bulk_create(
        [
            WriteOff(
                movement_id=movement_id, slip_id=slip_id, device=facts.device, wiped_under=wipes[facts.device.pk],
                is_over_ten_years_old=is_past_reuse(facts, timezone.localdate(at)), written_off_at=at,
                written_off_by_id=by_id,
            )
            for movement_id, slip_id, facts in leaving
        ]
    )  # fmt: skip


@transaction.atomic
def undo_write_off(*, write_off: WriteOff, movement_id: UUID, undone_at: datetime, undone_by_id: int) -> None:
    """Bring a PC back onto the bench that was written off by mistake; both movements stay.

    Raises WriteOffRefused: ``undone_already``, ``has_moved_on``.
    """
    hold_custody(custodian_ids=[], device_ids=[write_off.device_id])
    held = WriteOff.objects.select_for_update(of=("self",)).get(pk=write_off.pk)
    if held.undone_by_movement_id is not None:
        raise WriteOffRefused("undone_already")
    try:
        correct_movement(
            movement_id=movement_id,
            corrected_id=held.pk,
            happened_at=undone_at,
            recorded_by_id=undone_by_id,
            evidence=f"slip:{held.slip_id}",
        )
    except LedgerRefusal as refusal:
        raise WriteOffRefused("has_moved_on") from refusal
    held.undone_by_movement_id = movement_id
    held.save(update_fields=["undone_by_movement"])
