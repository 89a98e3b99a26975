"""The database as referee of what is on the road: each constraint is attacked around the code."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from cartable.conftest import Cast
from cartable.fleet.commands import open_shipment_accounts
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.rules import Reason
from cartable.organisations.tests.attacks import Kit, Values, insert, refused_by, rules_of
from cartable.supply.models import Shipment
from cartable.supply.tests.conftest import Road

WRONG_SHIPMENT: dict[str, Values] = {
    "a_closed_shipment_says_when_and_by_whom": {"closed_by_id": None},
}
WRONG_LINE: dict[str, list[Values]] = {
    "a_pc_is_announced_or_unexpected": [
        {"difference": "because"}, {"dispatch_id": None, "difference": ""}, {"difference": "unexpected"},
    ],
    "a_missing_pc_has_not_arrived": [{"difference": "missing"}],
    "a_settled_difference_says_how_when_and_by_whom": [
        {"remedy": ""}, {"settled_at": None}, {"settled_by_id": None}, {"settled_by_movement_id": None},
        {"remedy": "vanished"}, {"remedy": "taken_in"}, {"remedy": "set_aside"},
        {"difference": "unexpected", "dispatch_id": None, "remedy": "set_aside"},
        {"difference": "unexpected", "dispatch_id": None, "remedy": "taken_in", "settled_by_movement_id": None},
    ],
}  # fmt: skip
ATTACKED = {
    *WRONG_SHIPMENT, *WRONG_LINE, "a_shipment_goes_somewhere_else", "a_pc_is_on_a_shipment_once",
    "a_pc_is_on_one_road_at_a_time", "a_closed_shipment_has_no_undecided_line",
}  # fmt: skip


def shipment_rows(cast: Cast) -> dict[str, Callable[[int], Values]]:
    """Return right rows of both tables: shipments that are closed, lines that arrived or are settled."""
    region, author = cast.region.pk, cast.sonia.actor_id
    reserve, goal = cast.school_accounts[K.EMERGENCY_STOCK], cast.other_accounts[K.EMERGENCY_STOCK]
    transits = open_shipment_accounts(region_id=region, count=5, opened_at=cast.now)
    devices = cast.devices_in_depot(4)
    sent, came = [], []
    for device in devices:
        cast.move(device, cast.region_accounts[K.DEPOT], reserve, Reason.TOP_UP)
        sent.append(cast.move(device, reserve, transits[4], Reason.DISPATCH))
        came.append(cast.move(device, transits[4], goal, Reason.ARRIVAL))

    def shipment(n: int) -> Values:
        return {
            "id": uuid4(), "region_id": region, "origin_id": reserve, "destination_id": goal, "transit_id": transits[n],
            "origin_school_id": cast.school.pk, "destination_school_id": cast.other_school.pk, "carrier_note": "",
            "dispatched_at": cast.now, "dispatched_by_id": author, "closed_at": cast.now, "closed_by_id": author,
        }  # fmt: skip

    carrier = {**shipment(4), "closed_at": None, "closed_by_id": None}
    insert("supply_shipment")(carrier)

    def line(n: int) -> Values:
        return {
            "shipment_id": carrier["id"], "device_id": devices[n], "dispatch_id": sent[n], "arrival_id": came[n],
            "difference": "", "remedy": "", "settled_at": None, "settled_by_id": None, "settled_by_movement_id": None,
        }  # fmt: skip

    return {"supply_shipment": shipment, "supply_shipmentline": line}


@pytest.fixture
def kits(cast: Cast) -> dict[str, Kit]:
    """Right rows of each table."""
    return {table: Kit(row, insert(table)) for table, row in shipment_rows(cast).items()}


def missing(row: Values, cast: Cast) -> Values:
    """Return the line of a PC that was missing and was found."""
    return {
        **row, "arrival_id": None, "difference": "missing", "remedy": "found", "settled_at": cast.now,
        "settled_by_id": cast.sonia.actor_id, "settled_by_movement_id": row["arrival_id"],
    }  # fmt: skip


@pytest.mark.parametrize("name", WRONG_SHIPMENT)
def test_a_shipment_with_one_thing_wrong_is_refused_by(name: str, kits: dict[str, Kit]) -> None:
    row, write = kits["supply_shipment"]
    write(row(0))
    with refused_by(name):
        write({**row(1), **WRONG_SHIPMENT[name]})


def test_a_shipment_goes_somewhere_else(kits: dict[str, Kit]) -> None:
    row, write = kits["supply_shipment"]
    with refused_by("a_shipment_goes_somewhere_else"):
        write({**row(0), "destination_id": row(0)["origin_id"]})


@pytest.mark.parametrize(("name", "wrong"), [(name, one) for name, many in WRONG_LINE.items() for one in many])
def test_a_line_with_one_thing_wrong_is_refused_by(name: str, wrong: Values, cast: Cast, kits: dict[str, Kit]) -> None:
    row, write = kits["supply_shipmentline"]
    write(missing(row(0), cast))
    right = missing(row(2), cast) if name == "a_settled_difference_says_how_when_and_by_whom" else row(2)
    with refused_by(name):
        write({**right, **wrong})


@pytest.mark.parametrize("column", ["settled_by_id", "settled_by_movement_id"])
def test_a_difference_is_settled_by_somebody_and_a_movement_that_exist(
    column: str, cast: Cast, kits: dict[str, Kit]
) -> None:
    row, write = kits["supply_shipmentline"]
    write(missing(row(1), cast))
    [name] = [
        rule.name for rule in rules_of("supply") if rule.table == "supply_shipmentline" and rule.columns == (column,)
    ]
    with refused_by(name):
        write({**missing(row(2), cast), column: uuid4() if column == "settled_by_movement_id" else -1})


def test_a_pc_is_on_a_shipment_once(kits: dict[str, Kit]) -> None:
    row, write = kits["supply_shipmentline"]
    write(row(0))
    with refused_by("a_pc_is_on_a_shipment_once"):
        write({**row(1), "device_id": row(0)["device_id"]})


def test_a_pc_is_on_one_road_at_a_time(cast: Cast, kits: dict[str, Kit]) -> None:
    row, write = kits["supply_shipmentline"]
    ship, write_shipment = kits["supply_shipment"]
    second = {**ship(0), "closed_at": None, "closed_by_id": None}
    write_shipment(second)
    write({**row(0), "arrival_id": None})
    with refused_by("a_pc_is_on_one_road_at_a_time"):
        write({**row(1), "arrival_id": None, "device_id": row(0)["device_id"], "shipment_id": second["id"]})


def test_a_shipment_does_not_close_over_a_pc_that_is_neither_here_nor_missing(road: Road) -> None:
    sent = road.send(road.stock[:1]).shipment_id
    with refused_by("a_closed_shipment_has_no_undecided_line"):
        Shipment.objects.filter(pk=sent).update(closed_at=road.cast.now, closed_by_id=road.cast.zoe.actor_id)


def test_a_closed_shipment_takes_no_undecided_pc(road: Road) -> None:
    sent = road.send(road.stock[:1]).shipment_id
    road.close(sent, missing=1)
    line: Any = road.line(sent, road.stock[0])
    with refused_by("a_closed_shipment_has_no_undecided_line"):
        type(line).objects.filter(pk=line.pk).update(difference="")
