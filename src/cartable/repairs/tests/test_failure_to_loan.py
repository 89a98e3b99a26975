"""A failed PC comes in, a PC of the reserve goes out, a ticket is open: one act, or none of it."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from cartable.emergency_stock.models import Loan
from cartable.emergency_stock.rules import LoanEnd
from cartable.fleet.audit import audit_ledger
from cartable.fleet.models import Movement
from cartable.fleet.rules import Condition, Reason
from cartable.fleet.rules import CustodianKind as K
from cartable.repairs.commands.contracts import agree_terms
from cartable.repairs.commands.ending import settle
from cartable.repairs.commands.opening import cancel_repair
from cartable.repairs.commands.refusals import RepairRefused
from cartable.repairs.models import RepairTicket
from cartable.repairs.queries.tickets import stage_of
from cartable.repairs.rules import RepairStage
from cartable.repairs.tests.conftest import Bench
from cartable.rosters.models import Enrolment


def refused(act: Callable[[], object]) -> str:
    """Return the code of the refusal; nothing may have changed."""
    before = Movement.objects.count(), RepairTicket.objects.count(), Loan.objects.count()
    with pytest.raises(RepairRefused) as refusal:
        act()
    assert (Movement.objects.count(), RepairTicket.objects.count(), Loan.objects.count()) == before
    return refusal.value.code


def test_the_failed_pc_is_on_the_bench_and_the_loaner_with_the_student(bench: Bench) -> None:
    ticket = bench.open()
    assert bench.desk.custody(bench.own) == K.SCHOOL_BENCH
    assert bench.device(bench.own).condition == Condition.FAULTY
    assert bench.holder(bench.loaner) == "bilal"
    loan = Loan.objects.get()
    assert (loan.stands_in_for_id, loan.ended_at) == (bench.own.pk, None)
    assert ticket.taken_from_id == bench.desk.students["bilal"].custodian_id
    assert stage_of(ticket) == RepairStage.TO_SEND
    assert audit_ledger().broken == []


def test_the_same_act_sent_twice_is_one(bench: Bench) -> None:
    act = uuid4()
    first, again = bench.open(act=act), bench.open(act=act)
    assert first.pk == again.pk
    assert Loan.objects.count() == 1
    assert refused(lambda: bench.open(bench.desk.reserve[2], lend=False, act=act)) == "id_reused"


def test_warranty_and_agreed_days_are_those_of_the_day_of_opening(bench: Bench) -> None:
    received = bench.own.lot.received_on
    ticket = bench.open()
    assert ticket.warranty_ends_on == received.replace(year=received.year + 3)
    agree_terms(repairer_id=bench.cast.repairer.pk, warranty_months=12, agreed_days=5)
    other = bench.open(bench.desk.reserve[2], lend=False)
    assert other.warranty_ends_on == received.replace(year=received.year + 1)
    assert other.agreed_days == 5
    assert bench.again(ticket).agreed_days == 10


def test_a_repair_without_loan_leaves_the_reserve_alone(bench: Bench) -> None:
    ticket = bench.open(lend=False)
    assert Loan.objects.count() == 0
    assert bench.desk.custody(bench.loaner) == K.EMERGENCY_STOCK
    assert ticket.taken_from_id is not None


def test_a_pc_of_the_reserve_is_set_aside_and_nobody_waits_for_it(bench: Bench) -> None:
    ticket = bench.open(bench.desk.reserve[2], lend=False)
    assert ticket.taken_from_id is None
    assert Movement.objects.get(evidence=f"repair:{ticket.pk}").reason == Reason.FAULT


def test_one_open_ticket_per_pc(bench: Bench) -> None:
    bench.open()
    assert refused(lambda: bench.open(lend=False)) == "ticket_is_open"


@pytest.mark.parametrize("opens", ["nothing", "rebuy"])
def test_what_the_campaign_does_not_open_is_refused_by_direct_request_too(bench: Bench, opens: str) -> None:
    bench.publish(failure_opens=opens)
    assert refused(bench.open) == "rules_open_no_loan"
    bench.open(lend=False)


def test_a_leaver_is_lent_nothing(bench: Bench) -> None:
    Enrolment.objects.filter(student=bench.desk.students["bilal"]).update(ends_on=bench.cast.now.date())
    assert refused(bench.open) == "student_gone"


def test_a_loaner_that_is_not_fit_stops_the_whole_act(bench: Bench) -> None:
    from cartable.fleet.commands import set_condition

    set_condition(device_ids=[bench.loaner.pk], condition=Condition.BROKEN)
    assert refused(bench.open) == "not_fit"
    assert bench.holder(bench.own) == "bilal"


def test_a_loaner_that_fails_is_replaced_and_the_first_pc_is_still_awaited(bench: Bench) -> None:
    bench.open()
    third = bench.desk.reserve[2]
    ticket = bench.open(bench.loaner, loaner=third)
    assert bench.holder(third) == "bilal"
    assert Loan.objects.get(ended_at=None).stands_in_for_id == bench.own.pk
    assert ticket.taken_from_id is None
    assert audit_ledger().broken == []


def test_a_ticket_is_cancelled_before_its_pc_is_sent(bench: Bench) -> None:
    ticket = bench.open(lend=False)
    by = {"cancelled_at": bench.cast.now, "cancelled_by_id": bench.cast.durand.actor_id}
    cancel_repair(ticket_id=ticket.pk, **by)
    assert bench.again(ticket).closed_as == "cancelled"
    sent = bench.open(bench.desk.reserve[2], lend=False)
    bench.send(bench.desk.reserve[2].asset_tag)
    with pytest.raises(RepairRefused, match="sent_already"):
        cancel_repair(ticket_id=sent.pk, **by)


def test_a_ticket_is_not_cancelled_while_a_loan_stands_in_for_its_pc(bench: Bench) -> None:
    """Nothing else leads the student's own PC back to them."""
    ticket = bench.open()
    by = {"cancelled_at": bench.cast.now, "cancelled_by_id": bench.cast.durand.actor_id}
    assert refused(lambda: cancel_repair(ticket_id=ticket.pk, **by)) == "lent_meanwhile"
    settle(
        act_id=uuid4(), ticket_id=ticket.pk, ended_as=LoanEnd.EXCHANGE, settled_at=bench.cast.now,
        settled_by_id=bench.cast.durand.actor_id,
    )  # fmt: skip
    assert bench.holder(bench.own) == "bilal"
    assert bench.again(ticket).closed_as == "handed_back"
