"""The road between two lycées: PCs in the reserve of the first one, and what happens to them on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from cartable.conftest import Cast
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.rules import Reason
from cartable.supply.commands import (
    Consignment,
    Dispatched,
    Taken,
    close_receipt,
    dispatch_shipments,
    recall_shipment,
    receive_devices,
    settle_difference,
)
from cartable.supply.models import Shipment, ShipmentLine
from cartable.supply.rules import Ends, Remedy

BOTH_ENDS = Ends(origin=True, destination=True)


@dataclass
class Road:
    """From the reserve of the lycée des Trois-Rivières to that of the lycée du Warndt."""

    cast: Cast
    stock: list[int]

    @property
    def origin(self) -> int:
        """Return the reserve that PCs leave."""
        return self.cast.school_accounts[K.EMERGENCY_STOCK]

    @property
    def destination(self) -> int:
        """Return the reserve where they arrive."""
        return self.cast.other_accounts[K.EMERGENCY_STOCK]

    def send(
        self,
        devices: Sequence[int] = (),
        *,
        count: int = 0,
        shipment: UUID | None = None,
        origin: int | None = None,
        destination: int | None = None,
    ) -> Dispatched:
        """Send PCs off."""
        sent = Consignment(
            shipment or uuid4(), origin or self.origin, destination or self.destination, count, tuple(devices)
        )
        [done] = dispatch_shipments(
            [sent], region_id=self.cast.region.pk, dispatched_at=self.cast.now,
            dispatched_by_id=self.cast.karim.actor_id,
        )  # fmt: skip
        return done

    def receive(self, shipment: UUID, *devices: int) -> Taken:
        """Scan PCs at the destination."""
        return receive_devices(
            shipment_id=shipment, device_ids=devices, received_at=self.cast.now, received_by_id=self.cast.zoe.actor_id
        )

    def close(self, shipment: UUID, *, missing: int) -> int:
        """Say that all that came is in."""
        return close_receipt(
            shipment_id=shipment, expected_missing=missing, closed_at=self.cast.now,
            closed_by_id=self.cast.zoe.actor_id,
        )  # fmt: skip

    def recall(self, shipment: UUID) -> int:
        """Take a shipment back."""
        return recall_shipment(shipment_id=shipment, recalled_at=self.cast.now, recalled_by_id=self.cast.karim.actor_id)

    def settle(self, shipment: UUID, device: int, remedy: Remedy, *, ends: Ends = BOTH_ENDS) -> None:
        """Settle what did not agree."""
        settle_difference(
            line_id=self.line(shipment, device).pk, remedy=remedy, ends=ends, settled_at=self.cast.now,
            settled_by_id=self.cast.zoe.actor_id,
        )  # fmt: skip

    def line(self, shipment: UUID, device: int) -> ShipmentLine:
        """Return one line."""
        return ShipmentLine.objects.get(shipment_id=shipment, device_id=device)

    def stands(self, *devices: int) -> list[int]:
        """Return the accounts in which PCs stand."""
        placed = dict(Device.objects.filter(pk__in=devices).values_list("pk", "custodian_id"))
        return [placed[device] for device in devices]

    def account_of(self, shipment: UUID) -> int:
        """Return the account of what a shipment carries."""
        return Shipment.objects.get(pk=shipment).transit_id


def build_road(cast: Cast, *, stock: int = 12) -> Road:
    """Fill the reserve of the first lycée."""
    ids = cast.devices_in_depot(stock)
    for device_id in ids:
        cast.move(device_id, cast.region_accounts[K.DEPOT], cast.school_accounts[K.EMERGENCY_STOCK], Reason.TOP_UP)
    return Road(cast, ids)


@pytest.fixture
def road(cast: Cast) -> Road:
    """The road of the cast."""
    return build_road(cast)


@pytest.fixture
def committed_road(committed_cast: Cast) -> Road:
    """The same, committed, with one PC left at its beginning."""
    return build_road(committed_cast, stock=1)
