"""Send PCs on the road: one shipment or a whole list of them, in the same number of statements."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction

from cartable.fleet.commands import (
    LedgerRefusal,
    MovementOrder,
    hold_custody,
    open_school_accounts,
    open_shipment_accounts,
    pass_custody,
)
from cartable.fleet.ledger import constraint_name
from cartable.fleet.models import Custodian, Device
from cartable.fleet.queries.stocks import depot_account
from cartable.fleet.rules import Condition, CustodianKind, Reason
from cartable.organisations.models import School
from cartable.supply.held_back import all_held_back, held_back
from cartable.supply.models import Shipment, ShipmentLine
from cartable.supply.queries.shipments import standing_pcs
from cartable.supply.rules import PLACES, TravelObstacle, travel_obstacle

# What is not where the caller believes is refused by the ledger, by its own name.
KNOWN_TO_THE_LEDGER = (TravelObstacle.ELSEWHERE, TravelObstacle.IN_CLAIM)


class ShipmentRefused(Exception):
    """Nothing was moved; ``code`` is stable, and says why; ``asset_tags`` names the PCs that stood in the way."""

    def __init__(self, code: str, asset_tags: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.code, self.asset_tags = code, tuple(asset_tags)


@dataclass(frozen=True)
class Consignment:
    """What goes from one account to another: PCs by their ids, or a number of those that are fit to go."""

    shipment_id: UUID
    origin_id: int
    destination_id: int
    count: int = 0
    device_ids: tuple[int, ...] = ()
    carrier_note: str = ""


@dataclass(frozen=True)
class Dispatched:
    """A shipment on its way; ``is_repeated`` where the same one had been sent before."""

    shipment_id: UUID
    device_count: int
    is_repeated: bool


def place_of(*, school: School | None, kind: CustodianKind, region_id: int, opened_at: datetime) -> int:
    """Return the account of a school, opened where it is missing, or the depot's. Raises ShipmentRefused."""
    if school is not None:
        if school.closed_on is not None:
            raise ShipmentRefused("school_is_closed")
        return open_school_accounts(region_id=school.region_id, school_id=school.pk, opened_at=opened_at)[kind]
    depot = depot_account(region_id)
    if depot is None:
        raise ShipmentRefused("not_enough_devices")
    return depot


def dispatch_shipments(
    consignments: Sequence[Consignment], *, region_id: int, dispatched_at: datetime, dispatched_by_id: int
) -> list[Dispatched]:
    """Send consignments off, all of them or none; each becomes a shipment with an account of its own.

    Of PCs that are chosen by their number, those that somebody else is taking, and those that stand still
    (contested, in repair), are passed over. Raises ShipmentRefused.
    """
    try:
        with transaction.atomic():
            return _dispatch(consignments, region_id, dispatched_at, dispatched_by_id)
    except LedgerRefusal as refusal:
        raise ShipmentRefused(refusal.code) from refusal
    except IntegrityError as error:
        name = constraint_name(error)
        if name == "supply_shipment_pkey" and (known := _known(consignments)):
            return known
        raise ShipmentRefused(_REFUSALS.get(name, "refused")) from error


_REFUSALS = {
    "a_shipment_goes_somewhere_else": "same_place",
    "a_pc_is_on_one_road_at_a_time": "custody_has_moved",
    "supply_shipment_pkey": "id_reused",
}


def _dispatch(
    consignments: Sequence[Consignment], region_id: int, dispatched_at: datetime, dispatched_by_id: int
) -> list[Dispatched]:
    if known := _known(consignments):
        return known
    places = Custodian.objects.in_bulk({pk for c in consignments for pk in (c.origin_id, c.destination_id)})
    for consignment in consignments:
        _refuse_wrong_ends(consignment, places)
    transits = open_shipment_accounts(region_id=region_id, count=len(consignments), opened_at=dispatched_at)
    shipments = [
        Shipment(
            id=c.shipment_id, region_id=region_id, origin_id=c.origin_id, destination_id=c.destination_id,
            transit_id=transit, origin_school_id=places[c.origin_id].school_id,
            destination_school_id=places[c.destination_id].school_id, carrier_note=c.carrier_note,
            dispatched_at=dispatched_at, dispatched_by_id=dispatched_by_id,
        )
        for c, transit in zip(consignments, transits, strict=True)
    ]  # fmt: skip
    # Before any PC is chosen: the same form sent twice waits here for the first one.
    Shipment.objects.bulk_create(shipments)
    loads = _loads(consignments, places)
    orders = [
        MovementOrder(
            uuid5(shipment.pk, f"dispatch:{device_id}"), device_id, shipment.origin_id, shipment.transit_id,
            Reason.DISPATCH, dispatched_at, dispatched_by_id, f"shipment:{shipment.pk}",
        )
        for shipment in shipments
        for device_id in loads[shipment.pk]
    ]  # fmt: skip
    pass_custody(orders)
    ShipmentLine.objects.bulk_create(
        [
            ShipmentLine(shipment_id=shipment.pk, device_id=device_id, dispatch_id=uuid5(shipment.pk, f"dispatch:{device_id}"))
            for shipment in shipments
            for device_id in loads[shipment.pk]
        ],
        batch_size=2_000,
    )  # fmt: skip
    return [Dispatched(shipment.pk, len(loads[shipment.pk]), False) for shipment in shipments]


def _known(consignments: Sequence[Consignment]) -> list[Dispatched]:
    """Answer consignments that were sent off before: the same answer again. Raises ShipmentRefused (``id_reused``)."""
    known = Shipment.objects.in_bulk([c.shipment_id for c in consignments])
    if not known:
        return []
    for consignment in consignments:
        found = known.get(consignment.shipment_id)
        ends = (consignment.origin_id, consignment.destination_id)
        if found is None or (found.origin_id, found.destination_id) != ends:
            raise ShipmentRefused("id_reused")
    lines = ShipmentLine.objects.filter(shipment__in=known, dispatch__isnull=False)
    carried = list(lines.values_list("shipment_id", flat=True))
    return [Dispatched(c.shipment_id, carried.count(c.shipment_id), True) for c in consignments]


def _refuse_wrong_ends(consignment: Consignment, places: dict[int, Custodian]) -> None:
    ends = [places.get(pk) for pk in (consignment.origin_id, consignment.destination_id)]
    if any(end is None or CustodianKind(end.kind) not in PLACES for end in ends):
        raise ShipmentRefused("unknown_place")
    if consignment.origin_id == consignment.destination_id:
        raise ShipmentRefused("same_place")
    if (consignment.count > 0) == bool(consignment.device_ids):
        raise ShipmentRefused("nothing_to_send")


def _loads(consignments: Sequence[Consignment], places: dict[int, Custodian]) -> dict[UUID, list[int]]:
    """Choose and lock the PCs of each consignment: one statement per account that something leaves, not per PC."""
    loads: dict[UUID, list[int]] = {}
    counted: dict[int, int] = {}
    for consignment in consignments:
        if consignment.device_ids:
            loads[consignment.shipment_id] = _named(consignment, places[consignment.destination_id])
        else:
            counted[consignment.origin_id] = counted.get(consignment.origin_id, 0) + consignment.count
    stock = {origin_id: _picked(origin_id, count) for origin_id, count in counted.items()}
    for consignment in consignments:
        if not consignment.device_ids:
            loads[consignment.shipment_id] = list(islice(stock[consignment.origin_id], consignment.count))
    return loads


def _named(consignment: Consignment, destination: Custodian) -> list[int]:
    device_ids = sorted(set(consignment.device_ids))
    hold_custody(custodian_ids=[], device_ids=device_ids)
    staying: dict[str, list[str]] = {}
    for pc in standing_pcs(device_ids):
        found = travel_obstacle(
            pc.kind, to=CustodianKind(destination.kind), is_fit=pc.is_fit, held_back_by=pc.held_back_by
        )
        staying.setdefault(found, []).append(pc.asset_tag)
    for code in (*KNOWN_TO_THE_LEDGER, ""):
        staying.pop(code, None)
    if staying:
        code = next((code for code in staying if code != TravelObstacle.NOT_FIT), TravelObstacle.NOT_FIT)
        raise ShipmentRefused(code, () if code == TravelObstacle.NOT_FIT else staying[code])
    return device_ids


def _picked(origin_id: int, count: int) -> Iterator[int]:
    passed_over = set(all_held_back())
    while True:
        ready = Device.objects.filter(custodian_id=origin_id, condition=Condition.FIT).exclude(pk__in=passed_over)
        locked = ready.order_by("pallet", "carton", "pk")[:count].select_for_update(
            of=("self",), no_key=True, skip_locked=True
        )
        found = list(locked.values_list("pk", flat=True))
        if len(found) < count:
            raise ShipmentRefused("not_enough_devices")
        # Contested, or in for a repair, since it was looked at and before it was held.
        stopped = {device_id for staying in held_back(found).values() for device_id in staying}
        if not stopped:
            return iter(found)
        passed_over |= stopped
