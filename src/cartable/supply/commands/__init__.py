"""Writes of supply: receive what suppliers send, settle what was refused, allot PCs to schools."""

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

__all__ = [
    "AllotmentIdReused",
    "AllotmentRefusal",
    "Allotted",
    "DepotHasChanged",
    "LineStillRefused",
    "NotEnoughDevices",
    "NoteReceivedAlready",
    "NothingChosen",
    "Received",
    "SchoolIsClosed",
    "allot_devices",
    "ask_for_reception",
    "choose_columns",
    "drop_lines",
    "enter_refused_line",
    "keep_note",
    "receive_delivery",
    "record_failure",
]
