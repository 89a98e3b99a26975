"""Move PCs from a reserve that has too many to a near one that lacks some."""

from datetime import datetime
from uuid import UUID

from cartable.emergency_stock.commands.allocations import ReserveRefused
from cartable.fleet.rules import CustodianKind
from cartable.organisations.models import School
from cartable.supply.commands import Consignment, Dispatched, ShipmentRefused, dispatch_shipments, place_of


def rebalance(
    *, shipment_id: UUID, giver: School, taker: School, count: int, moved_at: datetime, moved_by_id: int
) -> Dispatched:
    """Send PCs of one reserve to another one; they are on the road until the other lycée scans them.

    Raises ReserveRefused.
    """
    kind, region_id = CustodianKind.EMERGENCY_STOCK, giver.region_id
    try:
        origin, goal = (place_of(school=s, kind=kind, region_id=region_id, opened_at=moved_at) for s in (giver, taker))
        [sent] = dispatch_shipments(
            [Consignment(shipment_id, origin, goal, count=count)],
            region_id=region_id,
            dispatched_at=moved_at,
            dispatched_by_id=moved_by_id,
        )
    except ShipmentRefused as refusal:
        raise ReserveRefused(refusal.code) from refusal
    return sent
