"""Take in what a shipment brings, close the receipt, and settle what did not agree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django_scopes import scope

from cartable.fleet.commands import LedgerRefusal, MovementOrder, hold_custody, pass_custody
from cartable.fleet.models import Custodian, Device, Movement
from cartable.fleet.rules import HOT_KINDS, CustodianKind, Reason
from cartable.supply.commands.shipments import ShipmentRefused
from cartable.supply.models import Shipment, ShipmentLine
from cartable.supply.rules import Ends, Remedy, ShipmentDifference, possible_remedies

_SETTLED = ("remedy", "settled_at", "settled_by", "settled_by_movement")


@dataclass(frozen=True)
class Taken:
    """What a scan at the receipt did, PC by PC."""

    arrived: tuple[int, ...] = ()
    here_already: tuple[int, ...] = ()
    unexpected: tuple[int, ...] = ()
    in_claim: tuple[int, ...] = ()


def receive_devices(
    *, shipment_id: UUID, device_ids: Sequence[int], received_at: datetime, received_by_id: int
) -> Taken:
    """Take PCs in at the destination: those announced arrive, another one is kept as a difference.

    After the closing, a PC that was missing and is scanned is found again. A PC that is declared stolen or lost is
    left where it is: the alarm is the answer. Raises ShipmentRefused.
    """
    try:
        with transaction.atomic():
            shipment = _held(shipment_id)
            hold_custody(custodian_ids=[], device_ids=device_ids)
            return _take(shipment, device_ids, received_at, received_by_id)
    except LedgerRefusal as refusal:
        raise ShipmentRefused(refusal.code) from refusal


def _take(shipment: Shipment, device_ids: Sequence[int], received_at: datetime, received_by_id: int) -> Taken:
    stands = _where(device_ids, region_id=shipment.region_id)
    lines = {line.device_id: line for line in shipment.lines.filter(device_id__in=device_ids)}
    hot = tuple(pk for pk in device_ids if CustodianKind(stands[pk][1]) in HOT_KINDS)
    due = [lines[pk] for pk in device_ids if pk in lines and stands[pk][0] == shipment.transit_id]
    strange = [pk for pk in device_ids if pk not in lines and pk not in hot]
    if shipment.closed_at is not None and strange:
        raise ShipmentRefused("shipment_is_closed")
    pass_custody(
        [_road(shipment, line, Reason.ARRIVAL, shipment.destination_id, received_at, received_by_id) for line in due]
    )
    for line in due:
        movement_id = _road_id(shipment, line, Reason.ARRIVAL)
        if line.difference:
            _settled(line, Remedy.FOUND, movement_id, received_at, received_by_id)
        else:
            line.arrival_id = movement_id
    ShipmentLine.objects.bulk_update(due, ["arrival", *_SETTLED], batch_size=500)
    ShipmentLine.objects.bulk_create(
        [ShipmentLine(shipment=shipment, device_id=pk, difference=str(ShipmentDifference.UNEXPECTED)) for pk in strange]
    )
    arrived = tuple(line.device_id for line in due)
    before = tuple(pk for pk in lines if pk not in arrived and pk not in hot)
    return Taken(arrived, before, tuple(strange), hot)


@transaction.atomic
def close_receipt(*, shipment_id: UUID, expected_missing: int, closed_at: datetime, closed_by_id: int) -> int:
    """Say that all that came is in: what has not arrived is missing from now on. Return how many differences are open.

    ``expected_missing`` is what the person saw. A PC that left the road meanwhile (declared lost, brought elsewhere
    by a ruling) is settled by the movement that took it away. Raises ShipmentRefused.
    """
    shipment = _held(shipment_id)
    if shipment.closed_at is None:
        missing = shipment.lines.filter(dispatch__isnull=False, arrival=None, difference="")
        if missing.count() != expected_missing:
            raise ShipmentRefused("shipment_has_changed")
        missing.update(difference=str(ShipmentDifference.MISSING))
        left = (
            Movement.objects.filter(device_id=OuterRef("device_id"), from_custodian_id=shipment.transit_id)
            .order_by("-sequence")
            .values("pk")[:1]
        )
        gone = shipment.lines.filter(difference=str(ShipmentDifference.MISSING), settled_at=None)
        gone.exclude(device__custodian_id=shipment.transit_id).update(
            remedy=str(Remedy.MOVED_ON), settled_at=closed_at, settled_by_id=closed_by_id,
            settled_by_movement_id=Subquery(left),
        )  # fmt: skip
        Shipment.objects.filter(pk=shipment.pk).update(closed_at=closed_at, closed_by_id=closed_by_id)
    open_differences: int = shipment.lines.exclude(difference="").filter(settled_at=None).count()
    return open_differences


def recall_shipment(*, shipment_id: UUID, recalled_at: datetime, recalled_by_id: int) -> int:
    """Take a shipment back that was a mistake, while nothing of it has arrived: its PCs are where they left.

    Return how many came back; recalled twice, nothing more happens. Raises ShipmentRefused (``has_arrived``).
    """
    try:
        with transaction.atomic():
            shipment = _held(shipment_id)
            # PCs before lines, as whoever settles another road's difference holds them.
            hold_custody(custodian_ids=[], device_ids=list(shipment.lines.values_list("device_id", flat=True)))
            lines = list(shipment.lines.select_for_update(of=("self",)).order_by("device_id"))
            if all(line.remedy == Remedy.RETURNED for line in lines):
                return len(lines)
            stands = _where([line.device_id for line in lines], region_id=shipment.region_id)
            if shipment.closed_at is not None or any(
                line.arrival_id or line.difference or stands[line.device_id][0] != shipment.transit_id for line in lines
            ):
                raise ShipmentRefused("has_arrived")
            pass_custody(
                [
                    _road(shipment, line, Reason.ARRIVAL, shipment.origin_id, recalled_at, recalled_by_id)
                    for line in lines
                ]
            )
            for line in lines:
                line.difference = str(ShipmentDifference.MISSING)
                _settled(line, Remedy.RETURNED, _road_id(shipment, line, Reason.ARRIVAL), recalled_at, recalled_by_id)
            ShipmentLine.objects.bulk_update(lines, ["difference", *_SETTLED], batch_size=500)
            Shipment.objects.filter(pk=shipment.pk).update(closed_at=recalled_at, closed_by_id=recalled_by_id)
            return len(lines)
    except LedgerRefusal as refusal:
        raise ShipmentRefused(refusal.code) from refusal


def settle_difference(*, line_id: int, remedy: Remedy, ends: Ends, settled_at: datetime, settled_by_id: int) -> None:
    """Settle a difference; the PC moves where the remedy says. Asked again with the same remedy, nothing more happens.

    Raises ShipmentRefused.
    """
    try:
        with transaction.atomic():
            shipment_id, device_id = ShipmentLine.objects.values_list("shipment_id", "device_id").get(pk=line_id)
            _held(shipment_id)
            hold_custody(custodian_ids=[], device_ids=[device_id])
            line = ShipmentLine.objects.select_for_update(of=("self",)).select_related("shipment").get(pk=line_id)
            if line.settled_at is not None:
                if line.remedy == remedy:
                    return
                raise ShipmentRefused("settled_already")
            _settle(line, remedy, ends, settled_at, settled_by_id)
    except LedgerRefusal as refusal:
        raise ShipmentRefused(refusal.code) from refusal


def _settle(line: ShipmentLine, remedy: Remedy, ends: Ends, settled_at: datetime, settled_by_id: int) -> None:
    shipment = line.shipment
    custodian_id, stands = _where([line.device_id], region_id=shipment.region_id)[line.device_id]
    if not line.difference or remedy not in possible_remedies(
        ShipmentDifference(line.difference),
        kind=stands,
        is_on_this_road=custodian_id == shipment.transit_id,
        ends=ends,
    ):
        raise ShipmentRefused("remedy_not_possible")
    movement_id: UUID | None = None
    if remedy in {Remedy.FOUND, Remedy.RETURNED, Remedy.CLAIMED}:
        reason = Reason.CLAIM if remedy == Remedy.CLAIMED else Reason.ARRIVAL
        goal = {
            Remedy.FOUND: shipment.destination_id,
            Remedy.RETURNED: shipment.origin_id,
            Remedy.CLAIMED: _claims(shipment.region_id) if remedy == Remedy.CLAIMED else 0,
        }[remedy]
        pass_custody([_road(shipment, line, reason, goal, settled_at, settled_by_id)])
        movement_id = _road_id(shipment, line, reason)
    elif remedy == Remedy.MOVED_ON:
        left = Movement.objects.filter(device_id=line.device_id, from_custodian_id=shipment.transit_id)
        movement_id = left.order_by("-sequence").values_list("pk", flat=True).first()
    elif remedy == Remedy.TAKEN_IN:
        movement_id = _take_in(line, custodian_id, stands, settled_at, settled_by_id)
    _settled(line, remedy, movement_id, settled_at, settled_by_id)
    line.save(update_fields=_SETTLED)


def _take_in(line: ShipmentLine, custodian_id: int, stands: CustodianKind, at: datetime, by_id: int) -> UUID:
    """Bring a PC that nobody had announced into the account of the destination, by movements the trade knows."""
    shipment = line.shipment
    if stands != CustodianKind.TRANSIT:
        if custodian_id == shipment.destination_id:
            raise ShipmentRefused("same_place")
        sent = MovementOrder(
            uuid5(shipment.pk, f"dispatch:{line.device_id}"), line.device_id, custodian_id, shipment.transit_id,
            Reason.DISPATCH, at, by_id, f"shipment:{shipment.pk}",
        )  # fmt: skip
        pass_custody([sent])
        custodian_id = shipment.transit_id
    arrival = _road(shipment, line, Reason.ARRIVAL, shipment.destination_id, at, by_id)
    pass_custody([arrival._replace(from_custodian_id=custodian_id)])
    # It was on another road: there it will not arrive any more.
    with scope(region=shipment.region_id, school=None):
        other = ShipmentLine.objects.filter(
            device_id=line.device_id, dispatch__isnull=False, arrival=None, settled_at=None
        )
        other.update(
            difference=str(ShipmentDifference.MISSING), remedy=str(Remedy.MOVED_ON), settled_at=at,
            settled_by_id=by_id, settled_by_movement_id=arrival.movement_id,
        )  # fmt: skip
    return arrival.movement_id


def _held(shipment_id: UUID) -> Shipment:
    return Shipment.objects.select_for_update(of=("self",)).get(pk=shipment_id)


def _where(device_ids: Iterable[int], *, region_id: int) -> dict[int, tuple[int, CustodianKind]]:
    """Return where PCs stand. No school sees what is on the road: they were found by the shipment, or by their code."""
    with scope(region=region_id, school=None):
        rows = Device.objects.filter(pk__in=list(device_ids)).values_list("pk", "custodian_id", "custodian_kind")
        return {pk: (custodian_id, CustodianKind(kind)) for pk, custodian_id, kind in rows}


def _road_id(shipment: Shipment, line: ShipmentLine, reason: Reason) -> UUID:
    return uuid5(shipment.pk, f"{reason}:{line.device_id}")


def _road(
    shipment: Shipment, line: ShipmentLine, reason: Reason, goal_id: int, at: datetime, by_id: int
) -> MovementOrder:
    return MovementOrder(
        _road_id(shipment, line, reason), line.device_id, shipment.transit_id, goal_id, reason, at, by_id,
        f"shipment:{shipment.pk}",
    )  # fmt: skip


def _settled(line: ShipmentLine, remedy: Remedy, movement_id: UUID | None, at: datetime, by_id: int) -> None:
    line.remedy, line.settled_at, line.settled_by_id = str(remedy), at, by_id
    line.settled_by_movement_id = movement_id


def _claims(region_id: int) -> int:
    with scope(region=region_id, school=None):
        return Custodian.objects.values_list("pk", flat=True).get(kind=CustodianKind.CLAIM)
