"""The audit of shipments is clean after a real journey, and finds what was planted in each of its checks."""

import pytest
from django.db import connection

from cartable.supply.audit import CHECKS
from cartable.supply.rules import Remedy
from cartable.supply.tests.conftest import Road


def violations() -> set[str]:
    found = set()
    with connection.cursor() as cursor:
        for check in CHECKS:
            cursor.execute(check.query)
            if cursor.fetchall():
                found.add(check.name)
    return found


def travelled(road: Road) -> None:
    """Send three shipments: one is on its way, one arrived whole, one has differences of each kind."""
    road.send(road.stock[:2])
    whole = road.send(road.stock[2:4]).shipment_id
    road.receive(whole, *road.stock[2:4])
    road.close(whole, missing=0)
    torn = road.send(road.stock[4:8]).shipment_id
    road.receive(torn, road.stock[4], road.stock[10], road.stock[11])
    road.close(torn, missing=3)
    road.settle(torn, road.stock[5], Remedy.RETURNED)
    road.settle(torn, road.stock[6], Remedy.CLAIMED)
    road.settle(torn, road.stock[10], Remedy.TAKEN_IN)


def test_a_journey_has_no_violation(road: Road) -> None:
    travelled(road)
    assert violations() == set()


@pytest.mark.parametrize(
    ("planted", "name"),
    [
        (
            "DELETE FROM supply_shipmentline WHERE arrival_id IS NULL AND difference = ''",
            "what_is_on_the_road_is_on_one_open_line",
        ),
        (
            "UPDATE supply_shipmentline SET settled_at = now(), remedy = 'moved_on', settled_by_movement_id = dispatch_id,"
            " settled_by_id = (SELECT min(id) FROM accounts_actor) WHERE difference = 'missing' AND settled_at IS NULL",
            "what_is_on_the_road_is_on_one_open_line",
        ),
        (
            "UPDATE supply_shipment SET transit_id = (SELECT max(id) FROM fleet_custodian WHERE kind = 'student')"
            " WHERE closed_at IS NULL",
            "what_is_on_the_road_is_on_one_open_line",
        ),
        (
            "UPDATE supply_shipmentline SET device_id = (SELECT max(id) FROM fleet_device) + 0 WHERE id ="
            " (SELECT min(id) FROM supply_shipmentline WHERE arrival_id IS NOT NULL)",
            "a_shipment_line_says_what_the_ledger_says",
        ),
        (
            "UPDATE supply_shipment SET destination_id = transit_id WHERE closed_at IS NOT NULL",
            "a_shipment_line_says_what_the_ledger_says",
        ),
        (
            "DELETE FROM supply_shipmentline WHERE remedy = 'claimed'",
            "a_shipment_line_says_what_the_ledger_says",
        ),
    ],
)
def test_what_is_planted_is_found(road: Road, planted: str, name: str) -> None:
    road.cast.student_account()
    travelled(road)
    with connection.cursor() as cursor:
        cursor.execute(planted)
    assert name in violations()


def test_a_closed_shipment_with_an_undecided_pc_is_found(road: Road) -> None:
    travelled(road)
    with connection.cursor() as cursor:
        [check] = [check for check in CHECKS if check.name == "a_closed_shipment_has_no_undecided_line"]
        # The trigger lets nobody plant it: the question is asked of the same rows as if the shipment were closed.
        cursor.execute(check.query.replace("shipment.closed_at IS NOT NULL", "true"))
        assert len(cursor.fetchall()) == 2
