"""A lycée asks for PCs, the region grants or refuses, and what is granted is on the road until it is scanned."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cartable.emergency_stock.commands.allocations import ReserveRefused
from cartable.emergency_stock.commands.loans import end_loan
from cartable.emergency_stock.commands.rebalancing import rebalance
from cartable.emergency_stock.commands.top_ups import Grant, ask_for_top_up, grant_top_ups, refuse_top_up
from cartable.emergency_stock.models import Allocation, Loan, TopUp
from cartable.emergency_stock.queries.levels import reserves
from cartable.emergency_stock.queries.rebalancing import proposed_transfers
from cartable.emergency_stock.queries.top_ups import forecast, last_top_ups, top_ups_to_decide
from cartable.emergency_stock.queries.waiting import waiting
from cartable.emergency_stock.rules import (
    Level,
    LoanAges,
    LoanEnd,
    Neighbour,
    Proposal,
    loan_ages,
    needed_ahead,
    proposals,
)
from cartable.emergency_stock.tests.conftest import Desk
from cartable.fleet.audit import audit_ledger
from cartable.fleet.models import Device, Movement
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.tests.test_concurrency import all_at_once
from cartable.organisations.models import School
from cartable.supply.commands import close_receipt, recall_shipment, receive_devices
from cartable.supply.models import Shipment


def ask(desk: Desk, count: int = 3, *, school: School | None = None, top_up: UUID | None = None) -> UUID:
    """Ask for PCs of a lycée's reserve."""
    cast = desk.cast
    return ask_for_top_up(
        top_up_id=top_up or uuid4(), school=school or cast.school, count=count, asked_at=cast.now,
        asked_by_id=cast.durand.actor_id,
    ).pk  # fmt: skip


def grant(desk: Desk, *grants: tuple[UUID, int]) -> dict[UUID, UUID]:
    """Grant requests."""
    return grant_top_ups(
        [Grant(*one) for one in grants], region_id=desk.cast.region.pk, decided_at=desk.cast.now,
        decided_by_id=desk.cast.sonia.actor_id,
    )  # fmt: skip


def refuse(desk: Desk, top_up: UUID, reason: str = "Le dépôt attend sa livraison.") -> None:
    """Refuse a request."""
    refuse_top_up(top_up_id=top_up, reason=reason, decided_at=desk.cast.now, decided_by_id=desk.cast.sonia.actor_id)


def refused(act: Callable[[], object]) -> str:
    """Return the code of the refusal; nothing may have moved."""
    before = Movement.objects.count(), TopUp.objects.filter(decided_at=None).count(), Shipment.objects.count()
    with pytest.raises(ReserveRefused) as refusal:
        act()
    assert (Movement.objects.count(), TopUp.objects.filter(decided_at=None).count(), Shipment.objects.count()) == before
    return str(refusal.value.code)


def level(desk: Desk, school: School | None = None) -> Level:
    """Return the level of a reserve."""
    return reserves([(school or desk.cast.school).pk], today=desk.cast.now.date())[0].level


def state(desk: Desk) -> str:
    """Return the state of the last request of the lycée."""
    return last_top_ups(desk.cast.school.pk, today=desk.cast.now.date())[0].state


def test_what_is_granted_is_on_the_road_and_then_on_the_shelf(desk: Desk) -> None:
    desk.cast.devices_in_depot(5)
    request = ask(desk)
    assert state(desk) == "asked"
    [shipment] = grant(desk, (request, 3)).values()
    assert state(desk) == "granted"
    assert level(desk) == Level(target=1, fit=3, lent=0, on_the_road=3)
    devices = list(Shipment.objects.get(pk=shipment).lines.values_list("device_id", flat=True))
    by = {"shipment_id": shipment, "received_at": desk.cast.now, "received_by_id": desk.cast.durand.actor_id}
    receive_devices(device_ids=devices, **by)
    close_receipt(
        shipment_id=shipment, expected_missing=0, closed_at=desk.cast.now, closed_by_id=desk.cast.durand.actor_id
    )
    assert state(desk) == "received"
    assert level(desk) == Level(target=1, fit=6, lent=0)
    assert audit_ledger().broken == []


def test_a_top_up_whose_shipment_was_recalled_has_not_arrived(desk: Desk) -> None:
    desk.cast.devices_in_depot(3)
    [shipment] = grant(desk, (ask(desk), 3)).values()
    recall_shipment(shipment_id=shipment, recalled_at=desk.cast.now, recalled_by_id=desk.cast.sonia.actor_id)
    assert (state(desk), level(desk).on_the_road) == ("recalled", 0)


def test_a_lycee_asks_once_at_a_time(desk: Desk) -> None:
    request = uuid4()
    assert ask(desk, top_up=request) == ask(desk, top_up=request)
    assert refused(lambda: ask(desk)) == "asked_already"
    assert refused(lambda: ask(desk, 4, top_up=request)) == "id_reused"
    refuse(desk, request)
    ask(desk)


@pytest.mark.parametrize("count", [0, -1, 501])
def test_an_unlikely_number_is_refused(desk: Desk, count: int) -> None:
    assert refused(lambda: ask(desk, count)) == "count_unlikely"
    request = ask(desk)
    assert refused(lambda: grant(desk, (request, count))) == "count_unlikely"


def test_what_the_depot_does_not_have_is_granted_to_nobody(desk: Desk) -> None:
    desk.cast.devices_in_depot(5)
    first, second = ask(desk, 3), ask(desk, 3, school=desk.cast.other_school)
    assert refused(lambda: grant(desk, (first, 3), (second, 3))) == "not_enough_devices"
    assert len(grant(desk, (first, 3), (second, 2))) == 2


def test_granting_again_changes_nothing(desk: Desk) -> None:
    desk.cast.devices_in_depot(9)
    request = ask(desk)
    assert grant(desk, (request, 3)) == grant(desk, (request, 3))
    assert Shipment.objects.count() == 1
    assert refused(lambda: refuse(desk, request)) == "decided_already"


def test_a_refusal_says_why_and_stands(desk: Desk) -> None:
    request = ask(desk)
    assert refused(lambda: refuse(desk, request, " ")) == "reason_missing"
    for _ in range(2):
        refuse(desk, request)
    assert state(desk) == "refused"
    assert refused(lambda: grant(desk, (request, 3))) == "decided_already"
    assert refused(lambda: grant(desk, (uuid4(), 3))) == "no_such_request"


def test_a_whole_list_is_granted_in_as_many_statements_as_one_request(desk: Desk) -> None:
    desk.cast.devices_in_depot(60)

    def statements(*grants: tuple[UUID, int]) -> int:
        with CaptureQueriesContext(connection) as seen:
            grant(desk, *grants)
        return len(seen)

    one = statements((ask(desk), 3))
    two = [(ask(desk, n + 1, school=s), n + 1) for n, s in enumerate([desk.cast.school, desk.cast.other_school])]
    assert statements(*two) == one


def test_a_closed_lycee_gets_nothing(desk: Desk) -> None:
    desk.cast.devices_in_depot(3)
    request = ask(desk)
    School.objects.filter(pk=desk.cast.school.pk).update(closed_on=desk.cast.now.date())
    assert refused(lambda: grant(desk, (request, 3))) == "school_is_closed"


def test_requests_wait_beside_the_level_of_their_reserve_the_oldest_first(desk: Desk) -> None:
    late = ask(desk, school=desk.cast.other_school)
    TopUp.objects.filter(pk=late).update(asked_at=desk.cast.now - timedelta(days=4))
    ask(desk)
    found = top_ups_to_decide(today=desk.cast.now.date())
    assert [(one.row.school_uai, one.row.days, one.reserve.level.fit) for one in found] == [
        (desk.cast.other_school.uai, 4, 0), (desk.cast.school.uai, 0, 3),
    ]  # fmt: skip


def test_the_forecast_counts_what_left_for_good_month_by_month(desk: Desk) -> None:
    desk.hand_over("bilal", desk.reserve[0])
    desk.hand_over("chloe", desk.reserve[1])
    Allocation.objects.filter(student=desk.students["chloe"]).update(allocated_at=desk.cast.now - timedelta(days=31))
    found = forecast(desk.cast.school.pk, today=desk.cast.now.date())
    assert [line.kept for line in found.months] == [0] * 10 + [1, 1]
    assert (found.kept, found.ahead, found.months[-1].share) == (2, 3, 1000)


def test_reserves_near_each_other_help_each_other_out_in_one_gesture(desk: Desk) -> None:
    cast, today = desk.cast, desk.cast.now.date()
    desk.fill(3, school=cast.other_school)
    for device in desk.reserve[:3]:
        cast.move(device.pk, cast.school_accounts[K.EMERGENCY_STOCK], cast.school_accounts[K.SCHOOL_BENCH], "fault")  # type: ignore[arg-type]
    [one] = proposed_transfers(today=today)
    assert (one.giver, one.taker, one.count) == (cast.other_school, cast.school, 1)
    rebalance(
        shipment_id=uuid4(), giver=one.giver, taker=one.taker, count=one.count, moved_at=cast.now,
        moved_by_id=cast.karim.actor_id,
    )  # fmt: skip
    assert proposed_transfers(today=today) == ()
    assert level(desk).on_the_road == 1
    assert audit_ledger().broken == []


def test_what_waits_is_said_school_by_school_in_a_constant_number_of_statements(desk: Desk) -> None:
    cast, today = desk.cast, desk.cast.now.date()
    cast.devices_in_depot(9)
    ask(desk, school=cast.other_school)
    grant(desk, (ask(desk), 2))

    def statements(school_ids: list[int]) -> int:
        with CaptureQueriesContext(connection) as seen:
            waiting(school_ids, today=today)
        return len(seen)

    found = {(one.kind, one.school_uai): one for one in waiting([cast.school.pk, cast.other_school.pk], today=today)}
    assert set(found) == {("top_up_to_decide", cast.other_school.uai), ("shipment_to_receive", cast.school.uai)}
    assert found["shipment_to_receive", cast.school.uai].url.startswith("/transferts/")
    assert statements([cast.school.pk]) == statements([cast.school.pk, cast.other_school.pk])


def test_an_empty_reserve_and_a_difference_wait(desk: Desk) -> None:
    cast, today = desk.cast, desk.cast.now.date()
    cast.devices_in_depot(2)
    [shipment] = grant(desk, (ask(desk), 2)).values()
    by = {"closed_at": cast.now, "closed_by_id": cast.durand.actor_id}
    close_receipt(shipment_id=shipment, expected_missing=2, **by)
    for device in Device.objects.filter(custodian_id=cast.school_accounts[K.EMERGENCY_STOCK]):
        cast.move(device.pk, device.custodian_id, cast.school_accounts[K.SCHOOL_BENCH], "fault")  # type: ignore[arg-type]
    found = {one.kind: one.count for one in waiting([cast.school.pk], today=today + timedelta(days=1))}
    assert found["difference_to_settle"] == 2
    assert "low_reserve" not in found  # What is missing is counted as on the road until somebody settles it.


def test_a_low_reserve_waits_with_what_it_lacks_and_a_loan_that_lasts_too_long_with_its_age(desk: Desk) -> None:
    cast, today = desk.cast, desk.cast.now.date()
    own, loaner, third = desk.reserve
    desk.hand_over("bilal", own)
    desk.check_in("bilal", own)
    desk.lend("bilal", loaner, own)
    Loan.objects.update(due_on=today - timedelta(days=5), ended_at=None)
    desk.hand_over("chloe", third)
    found = {one.kind: (one.count, one.oldest_days) for one in waiting([cast.school.pk], today=today)}
    assert found == {"overdue_loan": (1, 5)}  # The target is one PC, and that one is on loan.
    end_loan(loan=Loan.objects.get(), ended_as=LoanEnd.SWAP, ended_at=cast.now, ended_by_id=cast.durand.actor_id)
    found = {one.kind: (one.count, one.oldest_days) for one in waiting([cast.school.pk], today=today)}
    assert found == {"low_reserve": (1, 0)}


@pytest.mark.parametrize(
    ("months", "ahead"), [([0] * 12, 0), ([0] * 11 + [4], 12), ([12] + [0] * 11, 3), ([1, 2] * 6, 5), ([0, 1, 1], 3)]
)
def test_the_need_is_the_mean_since_the_first_month_that_counts(months: list[int], ahead: int) -> None:
    assert needed_ahead(months) == ahead


def test_loans_are_of_this_week_of_this_month_or_too_long() -> None:
    assert loan_ages([0, 7, 8, 30, 31, 90]) == LoanAges(week=2, month=2, overdue=2)


def test_the_fullest_gives_to_the_emptiest_and_nothing_is_given_twice() -> None:
    around = [
        Neighbour(1, 57, Level(target=10, fit=18, lent=0)), Neighbour(2, 57, Level(target=10, fit=4, lent=0)),
        Neighbour(3, 57, Level(target=10, fit=5, lent=0)), Neighbour(4, 67, Level(target=10, fit=0, lent=0)),
        Neighbour(5, 57, Level(target=10, fit=11, lent=0)),
    ]  # fmt: skip
    assert proposals(around) == [Proposal(1, 2, 6), Proposal(1, 3, 2)]


def test_sixty_four_managers_grant_one_request_once(committed_desk: Desk) -> None:
    committed_desk.cast.devices_in_depot(3)
    request = ask(committed_desk, 1)

    def click() -> str:
        try:
            return str(len(grant(committed_desk, (request, 1))))
        except ReserveRefused as refusal:
            return refusal.code

    assert all_at_once([click] * 64) == {"1": 64}
    assert Shipment.objects.count() == 1
    assert audit_ledger().broken == []
