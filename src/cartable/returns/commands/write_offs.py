"""Let what cannot be used again leave for good: under a slip, wiped, to reuse or to recycling."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cartable.fleet.commands import MovementOrder, correct_movement, hold_custody, open_region_accounts, pass_custody
from cartable.fleet.ledger import LedgerRefusal
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind, Reason
from cartable.organisations.models import School
from cartable.returns.commands.bench import wiped
from cartable.returns.models import DisposalSlip, WriteOff
from cartable.returns.queries.bench import bench_facts
from cartable.returns.rules import Outlet, WipeMethod, is_too_old_for_reuse, write_off_obstacle


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
            is_old = is_too_old_for_reuse(facts.device.lot.received_on, timezone.localdate(written_off_at))
            found = write_off_obstacle(
                facts.pc, Outlet(slip.outlet), will_be_wiped=wipe_method is not None, is_too_old=is_old
            )
            if found is not None:
                raise WriteOffRefused(found)
            if facts.device.custodian.school_id != slip.school_id:
                raise WriteOffRefused("elsewhere")
            done = facts.done
            if done is None:
                assert wipe_method is not None  # The obstacle wants one.
                done = wiped(facts, wipe_method, written_off_at, written_off_by_id)
            ends = open_region_accounts(region_id=facts.device.region_id, opened_at=written_off_at)
            pass_custody(
                [
                    MovementOrder(
                        movement_id, device.pk, facts.device.custodian_id, ends[CustodianKind.DISPOSED], Reason.DISPOSAL,
                        written_off_at, written_off_by_id, f"slip:{slip.pk}",
                    )
                ]
            )  # fmt: skip
            WriteOff.objects.create(
                movement_id=movement_id,
                slip=slip,
                device=device,
                wiped_under=done,
                is_over_ten_years_old=is_old,
                written_off_at=written_off_at,
                written_off_by_id=written_off_by_id,
            )
    except LedgerRefusal as refusal:
        raise WriteOffRefused(refusal.code) from refusal
    return LeftForGood(device.asset_tag, False)


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
