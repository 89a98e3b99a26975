"""PCs on the road: they leave together, arrive one by one, and what does not agree is a case until it is settled."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from cartable.fleet.audit import audit_ledger
from cartable.fleet.commands import set_condition
from cartable.fleet.models import Device, Movement
from cartable.fleet.rules import Condition, Reason
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.tests.test_concurrency import all_at_once
from cartable.supply.commands import ShipmentRefused
from cartable.supply.models import Shipment, ShipmentLine
from cartable.supply.rules import Ends, Remedy
from cartable.supply.tests.conftest import Road


def refused(act: Callable[[], object]) -> str:
    """Return the code of the refusal; nothing may have moved."""
    before = Movement.objects.count(), Shipment.objects.count(), ShipmentLine.objects.count()
    with pytest.raises(ShipmentRefused) as refusal:
        act()
    assert (Movement.objects.count(), Shipment.objects.count(), ShipmentLine.objects.count()) == before
    return str(refusal.value.code)


def test_what_leaves_is_on_the_road_and_what_is_scanned_has_arrived(road: Road) -> None:
    sent = road.send(road.stock[:3]).shipment_id
    assert road.stands(*road.stock[:3]) == [road.account_of(sent)] * 3
    assert road.receive(sent, road.stock[0]).arrived == (road.stock[0],)
    assert road.stands(*road.stock[:2]) == [road.destination, road.account_of(sent)]
    assert audit_ledger().broken == []


def test_each_shipment_has_an_account_of_its_own(road: Road) -> None:
    first, second = road.send(road.stock[:1]).shipment_id, road.send(road.stock[1:2]).shipment_id
    assert road.account_of(first) != road.account_of(second)


def test_the_same_shipment_sent_twice_is_one(road: Road) -> None:
    shipment = uuid4()
    assert not road.send(count=3, shipment=shipment).is_repeated
    again = road.send(count=3, shipment=shipment)
    assert (again.is_repeated, again.device_count) == (True, 3)
    back = {"origin": road.destination, "destination": road.origin}
    assert refused(lambda: road.send(count=3, shipment=shipment, **back)) == "id_reused"


def test_a_count_takes_what_is_fit_and_is_refused_where_there_is_less(road: Road) -> None:
    set_condition(device_ids=road.stock[:2], condition=Condition.FAULTY)
    assert refused(lambda: road.send(count=11)) == "not_enough_devices"
    assert road.send(count=10).device_count == 10


def test_what_is_not_fit_goes_to_no_reserve(road: Road) -> None:
    set_condition(device_ids=road.stock[:1], condition=Condition.BROKEN)
    assert refused(lambda: road.send(road.stock[:2])) == "not_fit"
    bench = road.cast.other_accounts[K.SCHOOL_BENCH]
    assert road.send(road.stock[:2], destination=bench).device_count == 2


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"count": 0}, "nothing_to_send"),
        ({"count": -1}, "nothing_to_send"),
        ({"count": 1, "destination": "origin"}, "same_place"),
        ({"count": 1, "destination": "claim"}, "unknown_place"),
        ({"count": 1, "destination": "nowhere"}, "unknown_place"),
    ],
)
def test_a_shipment_that_cannot_be_is_refused(road: Road, asked: dict[str, object], code: str) -> None:
    places = {"origin": road.origin, "claim": road.cast.region_accounts[K.CLAIM], "nowhere": 987_654_321}
    named = {name: places[value] if isinstance(value, str) else value for name, value in asked.items()}
    assert refused(lambda: road.send(**named)) == code  # type: ignore[arg-type]


def test_a_pc_that_left_meanwhile_stops_the_whole_shipment(road: Road) -> None:
    bench = road.cast.school_accounts[K.SCHOOL_BENCH]
    road.cast.move(road.stock[0], road.origin, bench, Reason.FAULT)
    assert refused(lambda: road.send(road.stock[:3])) == "custody_has_moved"


def test_seventy_pcs_leave_and_arrive_in_as_many_statements_as_one(road: Road) -> None:
    depot = road.cast.region_accounts[K.DEPOT]
    road.cast.devices_in_depot(80)

    def statements(count: int) -> tuple[int, int]:
        with CaptureQueriesContext(
            connection,
        ) as leaving:
            sent = road.send(count=count, origin=depot).shipment_id
        devices = list(ShipmentLine.objects.filter(shipment_id=sent).values_list("device_id", flat=True))
        with CaptureQueriesContext(connection) as arriving:
            assert len(road.receive(sent, *devices).arrived) == count
        return len(leaving), len(arriving)

    one = statements(1)
    assert statements(70) == one


def test_a_pc_scanned_twice_says_so_and_moves_once(road: Road) -> None:
    sent = road.send(road.stock[:2]).shipment_id
    road.receive(sent, road.stock[0])
    before = Movement.objects.count()
    assert road.receive(sent, road.stock[0]).here_already == (road.stock[0],)
    assert Movement.objects.count() == before


def test_closing_makes_a_difference_of_what_did_not_arrive_and_of_what_nobody_announced(road: Road) -> None:
    sent = road.send(road.stock[:3]).shipment_id
    road.receive(sent, road.stock[0], road.stock[1])
    assert road.receive(sent, road.stock[9]).unexpected == (road.stock[9],)
    assert road.close(sent, missing=1) == 2
    assert road.line(sent, road.stock[2]).difference == "missing"
    assert road.line(sent, road.stock[9]).difference == "unexpected"
    assert road.close(sent, missing=0) == 2  # Sent twice.
    assert audit_ledger().broken == []


def test_what_was_seen_is_what_is_closed(road: Road) -> None:
    sent = road.send(road.stock[:3]).shipment_id
    road.receive(sent, road.stock[0])
    assert refused(lambda: road.close(sent, missing=3)) == "shipment_has_changed"


@pytest.mark.parametrize(
    ("remedy", "place"),
    [(Remedy.FOUND, "destination"), (Remedy.RETURNED, "origin"), (Remedy.CLAIMED, "claim")],
)
def test_a_missing_pc_goes_where_its_remedy_says(road: Road, remedy: Remedy, place: str) -> None:
    sent = road.send(road.stock[:1]).shipment_id
    road.close(sent, missing=1)
    for _ in range(2):
        road.settle(sent, road.stock[0], remedy)
    goal = {"destination": road.destination, "origin": road.origin, "claim": road.cast.region_accounts[K.CLAIM]}
    assert road.stands(road.stock[0]) == [goal[place]]
    other = Remedy.CLAIMED if remedy != Remedy.CLAIMED else Remedy.FOUND
    assert refused(lambda: road.settle(sent, road.stock[0], other)) == "settled_already"
    assert audit_ledger().broken == []


def test_who_holds_the_pc_says_where_it_is(road: Road) -> None:
    sent = road.send(road.stock[:1]).shipment_id
    road.close(sent, missing=1)
    sender, taker = Ends(origin=True, destination=False), Ends(origin=False, destination=True)
    assert refused(lambda: road.settle(sent, road.stock[0], Remedy.FOUND, ends=sender)) == "remedy_not_possible"
    assert refused(lambda: road.settle(sent, road.stock[0], Remedy.RETURNED, ends=taker)) == "remedy_not_possible"


def test_a_missing_pc_that_is_scanned_after_the_closing_is_found(road: Road) -> None:
    sent = road.send(road.stock[:1]).shipment_id
    road.close(sent, missing=1)
    assert road.receive(sent, road.stock[0]).arrived == (road.stock[0],)
    assert road.line(sent, road.stock[0]).remedy == "found"
    assert refused(lambda: road.receive(sent, road.stock[5])) == "shipment_is_closed"
    assert audit_ledger().broken == []


def test_a_pc_nobody_announced_is_kept_or_goes_back(road: Road) -> None:
    sent = road.send(road.stock[:1]).shipment_id
    road.receive(sent, road.stock[0], road.stock[7], road.stock[8])
    road.settle(sent, road.stock[7], Remedy.TAKEN_IN)
    road.settle(sent, road.stock[8], Remedy.SET_ASIDE)
    assert road.stands(road.stock[7], road.stock[8]) == [road.destination, road.origin]
    assert audit_ledger().broken == []


def test_two_cartons_exchanged_on_the_road_are_put_right_where_they_came(road: Road) -> None:
    here, there = road.stock[:2]
    bench = road.cast.other_accounts[K.SCHOOL_BENCH]
    first, second = road.send([here]).shipment_id, road.send([there], destination=bench).shipment_id
    assert road.receive(first, there).unexpected == (there,)
    with scope(region=road.cast.region.pk, school=[road.cast.other_school.pk]):
        road.settle(first, there, Remedy.TAKEN_IN)
    assert road.stands(there) == [road.destination]
    assert (road.line(second, there).difference, road.line(second, there).remedy) == ("missing", "moved_on")
    assert road.close(second, missing=0) == 0
    assert audit_ledger().broken == []


def test_a_pc_declared_lost_on_the_road_is_settled_by_that(road: Road) -> None:
    sent = road.send(road.stock[:2]).shipment_id
    road.cast.move(road.stock[0], road.account_of(sent), road.cast.region_accounts[K.CLAIM], Reason.CLAIM)
    assert road.receive(sent, road.stock[0]).in_claim == (road.stock[0],)
    road.receive(sent, road.stock[1])
    assert road.close(sent, missing=1) == 0
    assert road.line(sent, road.stock[0]).remedy == "moved_on"
    assert audit_ledger().broken == []


def test_a_pc_in_a_student_s_hands_is_not_taken_in(road: Road) -> None:
    account = road.cast.student_account()
    road.cast.move(road.stock[5], road.origin, account, Reason.CHECK_OUT)
    sent = road.send(road.stock[:1]).shipment_id
    road.receive(sent, road.stock[5])
    assert refused(lambda: road.settle(sent, road.stock[5], Remedy.TAKEN_IN)) == "remedy_not_possible"
    road.settle(sent, road.stock[5], Remedy.SET_ASIDE)


def test_a_shipment_sent_by_mistake_is_recalled_while_nothing_of_it_has_arrived(road: Road) -> None:
    sent = road.send(road.stock[:3]).shipment_id
    for _ in range(2):
        assert road.recall(sent) == 3
    assert road.stands(*road.stock[:3]) == [road.origin] * 3
    assert Shipment.objects.get(pk=sent).closed_at is not None
    arrived = road.send(road.stock[:3]).shipment_id
    road.receive(arrived, road.stock[0])
    assert refused(lambda: road.recall(arrived)) == "has_arrived"
    assert audit_ledger().broken == []


def test_both_lycees_see_a_shipment_and_a_third_one_does_not(road: Road) -> None:
    road.send(road.stock[:1])
    region = road.cast.region.pk
    for schools, seen in ((None, 1), ([road.cast.school.pk], 1), ([road.cast.other_school.pk], 1), ([], 0), ([-1], 0)):
        with scope(region=region, school=schools):
            assert (Shipment.objects.count(), ShipmentLine.objects.count()) == (seen, seen), schools
    with scope(region=-1, school=None):
        assert Shipment.objects.count() == 0


def test_sixty_four_senders_reach_for_the_last_pc_and_one_sends_it(committed_road: Road) -> None:
    road = committed_road

    def reach(n: int) -> Callable[[], str]:
        def act() -> str:
            try:
                road.send(**({"count": 1} if n % 2 else {"devices": road.stock}))  # type: ignore[arg-type]
            except ShipmentRefused as refusal:
                return refusal.code
            return "sent"

        return act

    said = all_at_once([reach(n) for n in range(64)])
    assert said["sent"] == 1
    assert set(said) <= {"sent", "not_enough_devices", "custody_has_moved"}
    assert (Shipment.objects.count(), Device.objects.filter(custodian_kind=K.TRANSIT).count()) == (1, 1)
    assert audit_ledger().broken == []


def test_one_form_sent_by_sixteen_clicks_is_one_shipment(committed_road: Road) -> None:
    shipment = uuid4()

    def click() -> str:
        return str(committed_road.send(count=1, shipment=shipment).device_count)

    assert all_at_once([click] * 16) == {"1": 16}
    assert Shipment.objects.count() == 1
