"""Receive deliveries: what is right enters the park at once, what is doubtful is kept until settled."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from cartable.fleet.commands import (
    BirthOrder,
    enter_devices,
    name_device_models,
    open_contractor_account,
    open_lot,
    open_region_accounts,
)
from cartable.fleet.rules import CustodianKind, Reason
from cartable.supply.commands.births import completed_tags, wait_for_other_entries
from cartable.supply.models import Delivery, DeliveryNote, RefusedLine, Settlement
from cartable.supply.queries.notes import judged_lines, note_lines
from cartable.supply.rules import (
    FIELDS,
    KEPT_TEXT,
    AcceptedLine,
    LineCode,
    NoteLine,
    RefusedNoteLine,
)

RECEIVE_TASK = "supply.receive_delivery"
# More lines than this take longer than a page may (2 s): 15,000 births a second on the reference machine.
LINES_RECEIVED_AT_ONCE = 8_000


@dataclass(frozen=True)
class Received:
    """What a reception did; the same answer when it is asked again."""

    delivery_id: int
    accepted_count: int
    refused_count: int
    already_received: bool


class LineStillRefused(Exception):
    """The corrected line is refused as well; ``line_code`` says why."""

    code = "line_still_refused"

    def __init__(self, line_code: LineCode) -> None:
        super().__init__(f"{self.code}: {line_code}")
        self.line_code = line_code


@transaction.atomic
def receive_delivery(*, note_id: int, received_at: datetime, received_by_id: int) -> Received:
    """Enter the note's PCs in the park and keep its refused lines; all of it or nothing.

    Somebody who asks for the same note meanwhile waits, then gets the first answer. Raises
    kernel.tables.UnreadableTable, fleet.commands.DeviceAlreadyKnown.
    """
    note = DeliveryNote.objects.select_for_update(of=("self",)).get(pk=note_id)
    delivery = Delivery.objects.filter(note=note).first()
    if delivery is not None:
        return Received(delivery.pk, delivery.accepted_count, delivery.refused_lines.count(), True)
    wait_for_other_entries()
    lines, _warnings = note_lines(note)
    judgement = judged_lines(lines, default_model=note.default_model)
    delivery = _open_delivery(note, received_at, received_by_id, len(judgement.accepted))
    _enter(note, delivery, judgement.accepted, happened_at=_moment(note, received_at), actor_id=received_by_id)
    RefusedLine.objects.bulk_create(_kept(delivery, judgement.refused), batch_size=2_000)
    _close_if_settled(delivery, received_at, received_by_id)
    return Received(delivery.pk, len(judgement.accepted), len(judgement.refused), False)


@transaction.atomic
def ask_for_reception(*, note_id: int, asked_at: datetime, asked_by_id: int) -> Received | None:
    """Receive a note now, or hand a long one to the worker and return None.

    Raises what `receive_delivery` raises.
    """
    note = DeliveryNote.objects.select_for_update(of=("self",)).get(pk=note_id)
    lines, _warnings = note_lines(note)
    if len(lines) <= LINES_RECEIVED_AT_ONCE:
        return receive_delivery(note_id=note_id, received_at=asked_at, received_by_id=asked_by_id)
    if note.queued_at is None:
        note.queued_at, note.failure = asked_at, ""
        note.save(update_fields=["queued_at", "failure"])
        app.configure_task(RECEIVE_TASK, queueing_lock=f"{RECEIVE_TASK}:{note_id}").defer(
            region_id=note.region_id, note_id=note_id, actor_id=asked_by_id
        )
    return None


def record_failure(*, note_id: int, code: str) -> None:
    """Say why the worker stopped, so that the page can: the note may be received again."""
    DeliveryNote.objects.filter(pk=note_id).update(queued_at=None, failure=code)


@transaction.atomic
def enter_refused_line(
    *,
    line_id: int,
    serial: str,
    model: str,
    asset_tag: str,
    pallet: str,
    carton: str,
    settled_at: datetime,
    settled_by_id: int,
) -> str:
    """Enter the PC of a refused line, corrected by hand. Return its asset tag.

    Raises LineStillRefused; a line that is settled already gives the tag of its PC again.
    """
    kept = RefusedLine.objects.select_for_update(of=("self",)).select_related("device").get(pk=line_id)
    if kept.device is not None:
        return kept.device.asset_tag
    note = DeliveryNote.objects.get(delivery=kept.delivery_id)
    delivery = Delivery.objects.select_for_update(of=("self",)).get(pk=kept.delivery_id)
    wait_for_other_entries()
    said = NoteLine(kept.line, serial, model, asset_tag, pallet, carton)
    judgement = judged_lines([said], default_model=note.default_model)
    if not judgement.accepted:
        raise LineStillRefused(judgement.refused[0].code)
    tags, ids = _enter(
        note, delivery, judgement.accepted, happened_at=_moment(note, settled_at), actor_id=settled_by_id
    )
    kept.settlement, kept.device_id = Settlement.ENTERED, ids[0]
    kept.settled_at, kept.settled_by_id = settled_at, settled_by_id
    kept.save(update_fields=["settlement", "device", "settled_at", "settled_by"])
    _close_if_settled(delivery, settled_at, settled_by_id)
    return tags[0]


@transaction.atomic
def drop_lines(
    *,
    delivery_id: int,
    remark: str,
    settled_at: datetime,
    settled_by_id: int,
    line: int | None = None,
    code: str = "",
) -> int:
    """Leave refused lines aside for good, one of them or all of one cause, and say why. Return how many."""
    delivery = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery_id)
    chosen = RefusedLine.objects.filter(delivery=delivery, settled_at__isnull=True)
    chosen = chosen.filter(line=line) if line is not None else chosen.filter(code=code)
    dropped: int = chosen.update(
        settlement=Settlement.DROPPED, settled_at=settled_at, settled_by_id=settled_by_id, remark=remark[:200]
    )
    _close_if_settled(delivery, settled_at, settled_by_id)
    return dropped


def _open_delivery(note: DeliveryNote, received_at: datetime, actor_id: int, accepted_count: int) -> Delivery:
    lot = open_lot(region_id=note.region_id, reference=note.lot_reference, received_on=_moment(note, received_at))
    return Delivery.objects.create(
        region_id=note.region_id,
        note=note,
        contractor_id=note.contractor_id,
        lot=lot,
        received_at=received_at,
        received_by_id=actor_id,
        accepted_count=accepted_count,
    )


def _enter(
    note: DeliveryNote, delivery: Delivery, lines: Sequence[AcceptedLine], *, happened_at: datetime, actor_id: int
) -> tuple[list[str], list[int]]:
    """Enter PCs through the ledger, in one statement. Return their asset tags and ids."""
    supplier = open_contractor_account(
        region_id=note.region_id,
        contractor_id=note.contractor_id,
        kind=CustodianKind.SUPPLIER,
        opened_at=happened_at,
    )
    depot = open_region_accounts(region_id=note.region_id, opened_at=happened_at)[CustodianKind.DEPOT]
    models = name_device_models(region_id=note.region_id, names={line.model for line in lines})
    tags = completed_tags([line.asset_tag for line in lines])
    evidence = f"delivery:{delivery.pk}"
    orders = [
        BirthOrder(
            uuid4(), tag, line.serial, models[line.model], delivery.lot_id, note.region_id, line.pallet, line.carton,
            supplier, depot, Reason.RECEIPT, happened_at, actor_id, evidence,
        )
        for line, tag in zip(lines, tags, strict=True)
    ]  # fmt: skip
    return tags, enter_devices(orders)


def _kept(delivery: Delivery, refused: Iterable[RefusedNoteLine]) -> Iterable[RefusedLine]:
    for line in refused:
        cells = {field: str(getattr(line.said, field))[:KEPT_TEXT] for field in FIELDS}
        yield RefusedLine(delivery=delivery, line=line.said.line, code=line.code, other_line=line.other_line, **cells)


def _close_if_settled(delivery: Delivery, at: datetime, actor_id: int) -> None:
    if delivery.closed_at is None and not delivery.refused_lines.filter(settled_at__isnull=True).exists():
        delivery.closed_at, delivery.closed_by_id = at, actor_id
        delivery.save(update_fields=["closed_at", "closed_by"])


def _moment(note: DeliveryNote, now: datetime) -> datetime:
    """Return when the PCs came: at noon of the day that the note gives, or now where that is earlier."""
    noon = datetime.combine(note.received_on, time(12), tzinfo=timezone.get_default_timezone())
    return min(noon, now)
