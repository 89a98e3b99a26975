"""Writes of supply: receive what suppliers send, settle what was refused, allot PCs, send them on the road."""

from cartable.supply.commands.allotments import (
    AllotmentIdReused,
    AllotmentRefusal,
    Allotted,
    DepotHasChanged,
    NotEnoughDevices,
    NothingChosen,
    SchoolIsClosed,
    allot_devices,
)
from cartable.supply.commands.deliveries import (
    LineStillRefused,
    Received,
    ask_for_reception,
    drop_lines,
    enter_refused_line,
    receive_delivery,
    record_failure,
)
from cartable.supply.commands.notes import NoteReceivedAlready, choose_columns, keep_note
from cartable.supply.commands.receipts import (
    Taken,
    close_receipt,
    recall_shipment,
    receive_devices,
    settle_difference,
)
from cartable.supply.commands.shipments import (
    Consignment,
    Dispatched,
    ShipmentRefused,
    dispatch_shipments,
    place_of,
)

__all__ = [
    "AllotmentIdReused",
    "AllotmentRefusal",
    "Allotted",
    "Consignment",
    "DepotHasChanged",
    "Dispatched",
    "LineStillRefused",
    "NotEnoughDevices",
    "NoteReceivedAlready",
    "NothingChosen",
    "Received",
    "SchoolIsClosed",
    "ShipmentRefused",
    "Taken",
    "allot_devices",
    "ask_for_reception",
    "choose_columns",
    "close_receipt",
    "dispatch_shipments",
    "drop_lines",
    "enter_refused_line",
    "keep_note",
    "place_of",
    "recall_shipment",
    "receive_delivery",
    "receive_devices",
    "record_failure",
    "settle_difference",
]
