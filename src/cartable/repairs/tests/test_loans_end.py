"""The PC is back: exchanged, kept apart by a swap, or the loaner alone comes back; a leaver owes the loaner."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from cartable.emergency_stock.models import Loan
from cartable.emergency_stock.rules import LoanEnd
from cartable.fleet.audit import audit_ledger
from cartable.fleet.models import Movement
from cartable.fleet.rules import Condition
from cartable.fleet.rules import CustodianKind as K
from cartable.repairs.commands.refusals import RepairRefused
from cartable.repairs.commands.workshop import dispose
from cartable.repairs.queries.tickets import ticket_of_scan
from cartable.repairs.rules import RepairOutcome
from cartable.repairs.tests.conftest import Bench
from cartable.repairs.tests.test_way_and_workshop import decide, quote
from cartable.rosters.models import Enrolment


def refused(act: Callable[[], object]) -> str:
    """Return the code of the refusal; nothing may have moved."""
    before = Movement.objects.count()
    with pytest.raises(RepairRefused) as refusal:
        act()
    assert Movement.objects.count() == before
    return refusal.value.code


def test_the_loaner_is_exchanged_against_the_students_own_pc(bench: Bench) -> None:
    ticket = bench.repaired()
    bench.take_back(bench.own.asset_tag)
    act = uuid4()
    for _ in range(2):
        bench.settle(ticket, LoanEnd.EXCHANGE, act=act)
    assert bench.holder(bench.own) == "bilal"
    assert bench.desk.custody(bench.loaner) == K.SCHOOL_BENCH
    assert bench.device(bench.loaner).condition == Condition.BEING_REIMAGED
    assert Loan.objects.get().ended_as == "exchange"
    assert bench.again(ticket).closed_as == "handed_back"
    assert audit_ledger().broken == []


def test_a_pc_that_is_still_announced_is_received_by_the_same_gesture(bench: Bench) -> None:
    ticket = bench.repaired()
    bench.settle(ticket, LoanEnd.EXCHANGE)
    assert bench.holder(bench.own) == "bilal"
    assert bench.again(ticket).back_at is not None
    assert audit_ledger().broken == []


def test_a_swap_leaves_the_loaner_with_the_student_and_puts_the_repaired_pc_into_the_reserve(bench: Bench) -> None:
    ticket = bench.repaired(reinstalled=True)
    act = uuid4()
    for _ in range(2):
        bench.settle(ticket, LoanEnd.SWAP, act=act)
    assert bench.holder(bench.loaner) == "bilal"
    assert (bench.desk.custody(bench.own), bench.again(ticket).closed_as) == (K.EMERGENCY_STOCK, "to_reserve")
    assert audit_ledger().broken == []


def test_a_swap_of_a_pc_with_the_students_files_waits_on_the_bench_to_be_installed_anew(bench: Bench) -> None:
    ticket = bench.repaired()
    bench.take_back(bench.own.asset_tag)
    bench.settle(ticket, LoanEnd.SWAP)
    assert (bench.desk.custody(bench.own), bench.again(ticket).closed_as) == (K.SCHOOL_BENCH, "to_bench")
    assert bench.device(bench.own).condition == Condition.BEING_REIMAGED


def test_a_leaver_gives_the_loaner_back_and_gets_nothing(bench: Bench) -> None:
    ticket = bench.repaired()
    Enrolment.objects.filter(student=bench.desk.students["bilal"]).update(ends_on=bench.cast.now.date())
    assert refused(lambda: bench.settle(ticket, LoanEnd.EXCHANGE)) == "student_gone"
    bench.settle(ticket, LoanEnd.CHECK_IN)
    assert bench.desk.custody(bench.loaner) == K.SCHOOL_BENCH
    assert Loan.objects.get().ended_as == "check_in"
    assert audit_ledger().broken == []


def test_a_loaner_comes_back_while_the_repair_goes_on(bench: Bench) -> None:
    ticket = bench.open()
    bench.send(bench.own.asset_tag)
    assert refused(lambda: bench.settle(ticket, LoanEnd.EXCHANGE)) == "pc_is_away"
    bench.settle(ticket, LoanEnd.CHECK_IN)
    ticket = bench.again(ticket)
    assert (ticket.closed_at, ticket.taken_from_id) == (None, None)
    assert bench.desk.custody(bench.own) == K.REPAIRER
    assert audit_ledger().broken == []


def test_without_a_loan_the_pc_is_simply_handed_back(bench: Bench) -> None:
    ticket = bench.repaired(lend=False)
    assert refused(lambda: bench.settle(ticket, LoanEnd.SWAP)) == "no_loan"
    bench.settle(ticket, LoanEnd.EXCHANGE)
    assert bench.holder(bench.own) == "bilal"


def test_scanning_either_pc_finds_the_ticket(bench: Bench) -> None:
    ticket = bench.repaired()
    for device in (bench.own, bench.loaner):
        found = ticket_of_scan(device)
        assert found is not None
        assert found.pk == ticket.pk


def test_the_loaner_of_a_pc_that_was_given_up_stays_with_the_student(bench: Bench) -> None:
    ticket = bench.open()
    bench.send(bench.own.asset_tag)
    bench.receive(bench.own.asset_tag)
    bench.diagnose(ticket)
    bench.finish(ticket, RepairOutcome.UNREPAIRABLE)
    dispose(ticket_id=ticket.pk, disposed_at=bench.cast.now, disposed_by_id=bench.cast.sonia.actor_id)
    assert refused(lambda: bench.settle(ticket, LoanEnd.EXCHANGE)) == "pc_is_gone"
    bench.settle(ticket, LoanEnd.SWAP)
    assert bench.holder(bench.loaner) == "bilal"
    assert audit_ledger().broken == []


def test_a_pc_whose_quote_was_refused_is_handed_back_as_it_is(bench: Bench) -> None:
    ticket = bench.open()
    bench.send(bench.own.asset_tag)
    bench.receive(bench.own.asset_tag)
    bench.diagnose(ticket, covered=False)
    decide(bench, quote(bench, ticket), accept=False)
    bench.send_back(bench.own.asset_tag)
    bench.settle(ticket, LoanEnd.EXCHANGE)
    assert bench.holder(bench.own) == "bilal"
    assert bench.device(bench.own).condition == Condition.BROKEN
