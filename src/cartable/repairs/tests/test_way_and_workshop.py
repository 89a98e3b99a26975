"""To the repairer and back by scan, with what does not fit said; what the workshop does, and what the region decides."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from cartable.fleet.audit import audit_ledger
from cartable.fleet.models import Movement, SerialChange
from cartable.fleet.queries.codes import exact_device
from cartable.fleet.rules import Condition, Reason
from cartable.fleet.rules import CustodianKind as K
from cartable.repairs.commands.batches import send_out
from cartable.repairs.commands.refusals import RepairRefused
from cartable.repairs.commands.workshop import decide_quote, dispose, send_quote
from cartable.repairs.models import BatchDifference, RepairBatch, RepairQuote, RepairTicket
from cartable.repairs.queries import scans
from cartable.repairs.queries.scans import Verdict
from cartable.repairs.queries.tickets import clock_of, stage_of
from cartable.repairs.rules import FaultyPart, RepairOutcome, RepairStage
from cartable.repairs.tests.conftest import Bench


def refused(act: Callable[[], object]) -> str:
    """Return the code of the refusal; nothing may have moved."""
    before = Movement.objects.count()
    with pytest.raises(RepairRefused) as refusal:
        act()
    assert Movement.objects.count() == before
    return refusal.value.code


def verdicts(bench: Bench, *texts: str) -> list[Verdict]:
    """Return what each scan is worth to whoever sends from the lycée."""
    return [one.verdict for one in scans.to_send(texts, region_id=bench.cast.region.pk)]


def quote(bench: Bench, ticket: RepairTicket, price: str = "90.00") -> RepairQuote:
    """Ask the region for the price of a screen."""
    quote_id = uuid4()
    send_quote(
        quote_id=quote_id, ticket_id=ticket.pk, part=FaultyPart.SCREEN, price_eur=Decimal(price), note="",
        sent_at=bench.cast.now, sent_by_id=bench.cast.lina.actor_id,
    )  # fmt: skip
    return RepairQuote.objects.get(pk=quote_id)


def decide(bench: Bench, asked: RepairQuote, *, accept: bool) -> None:
    """Let the region decide."""
    decide_quote(
        quote_id=asked.pk, is_accepted=accept, decided_at=bench.cast.now, decided_by_id=bench.cast.sonia.actor_id
    )


def in_the_workshop(bench: Bench, *, covered: bool = True) -> RepairTicket:
    """Bring Bilal's PC to the repairer, diagnosed."""
    ticket = bench.open()
    bench.send(bench.own.asset_tag)
    bench.receive(bench.own.serial_number)
    bench.diagnose(ticket, covered=covered)
    return bench.again(ticket)


def test_a_batch_leaves_in_one_act_and_each_pc_is_at_the_repairers(bench: Bench) -> None:
    bench.open()
    bench.open(bench.desk.reserve[2], lend=False)
    act, tags = uuid4(), [bench.own.asset_tag, bench.desk.reserve[2].serial_number]
    assert bench.send(*tags, act=act) == 2
    assert {bench.desk.custody(d) for d in (bench.own, bench.desk.reserve[2])} == {K.REPAIRER}
    assert RepairBatch.objects.count() == 1
    assert audit_ledger().broken == []


def test_a_batch_sent_twice_is_one(bench: Bench) -> None:
    bench.open()
    scanned = scans.to_send([bench.own.asset_tag], region_id=bench.cast.region.pk)
    act = uuid4()
    for _ in range(2):
        send_out(act_id=act, scanned=scanned, sent_at=bench.cast.now, sent_by_id=bench.cast.durand.actor_id)
    assert RepairBatch.objects.count() == 1
    assert refused(lambda: bench.send()) == "nothing_to_send"


def test_each_scan_is_judged_at_once(bench: Bench) -> None:
    bench.open()
    tag, third = bench.own.asset_tag, bench.desk.reserve[2]
    assert verdicts(bench, tag, bench.own.serial_number, "n’importe quoi", third.asset_tag) == [
        Verdict.GOOD, Verdict.TWICE, Verdict.UNKNOWN, Verdict.NO_TICKET,
    ]  # fmt: skip
    bench.send(tag)
    assert verdicts(bench, tag) == [Verdict.SENT_ALREADY]
    cast = bench.cast
    cast.move(third.pk, cast.school_accounts[K.EMERGENCY_STOCK], cast.region_accounts[K.CLAIM], Reason.CLAIM)
    assert verdicts(bench, third.asset_tag) == [Verdict.HOT]


def test_fifty_scans_cost_no_more_queries_than_one(bench: Bench, django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        scans.to_send([f"{bench.own.asset_tag}{n}" for n in range(50)], region_id=bench.cast.region.pk)


def test_what_should_not_be_in_the_parcel_is_said_and_kept(bench: Bench) -> None:
    bench.open()
    bench.send(bench.own.asset_tag)
    receipt, third = uuid4(), bench.desk.reserve[2]
    for _ in range(2):
        bench.receive(bench.own.asset_tag, third.asset_tag, "5CGXXXXXX", receipt=receipt)
    kept = BatchDifference.objects.order_by("pk").values_list("kind", "device_id", "repairer_id")
    assert list(kept) == [("not_in_batch", third.pk, bench.cast.repairer.pk), ("unknown", None, bench.cast.repairer.pk)]


def test_a_pc_comes_back_onto_the_bench_where_its_student_waits(bench: Bench) -> None:
    ticket = bench.repaired()
    assert stage_of(ticket) == RepairStage.ON_THE_WAY_BACK
    assert bench.desk.custody(bench.own) == K.REPAIRER
    assert bench.take_back(bench.own.asset_tag) == 1
    ticket = bench.again(ticket)
    assert (bench.desk.custody(bench.own), stage_of(ticket)) == (K.SCHOOL_BENCH, RepairStage.BACK)
    assert bench.device(bench.own).condition == Condition.FIT
    assert audit_ledger().broken == []


def test_nobody_waits_and_it_was_installed_anew_so_it_goes_into_the_reserve(bench: Bench) -> None:
    third = bench.desk.reserve[2]
    ticket = bench.open(third, lend=False)
    bench.send(third.asset_tag)
    bench.receive(third.asset_tag)
    bench.diagnose(ticket)
    bench.finish(ticket, reinstalled=True)
    bench.send_back(third.asset_tag)
    bench.take_back(third.asset_tag)
    assert (bench.desk.custody(third), bench.again(ticket).closed_as) == (K.EMERGENCY_STOCK, "to_reserve")
    assert bench.device(third).condition == Condition.FIT


def test_a_pc_that_was_never_announced_is_here_all_the_same(bench: Bench) -> None:
    bench.open()
    bench.send(bench.own.asset_tag)
    [one] = scans.to_take_back([bench.own.asset_tag], region_id=bench.cast.region.pk)
    assert one.verdict == Verdict.NOT_ANNOUNCED
    assert bench.take_back(bench.own.asset_tag) == 1
    assert bench.device(bench.own).condition == Condition.BROKEN


def test_the_clock_stops_when_the_repairer_sends_back(bench: Bench) -> None:
    ticket = bench.repaired()
    assert clock_of(ticket, today=bench.cast.now.date() + timedelta(days=60)).days == 3


def test_a_repairer_sends_back_only_what_is_finished(bench: Bench) -> None:
    in_the_workshop(bench)
    [one] = scans.to_send_back([bench.own.asset_tag], region_id=bench.cast.region.pk)
    assert one.verdict == Verdict.NOT_FINISHED
    assert refused(lambda: bench.send_back(bench.own.asset_tag)) == "nothing_to_send"


def test_a_pc_is_diagnosed_once_and_not_before_it_is_received(bench: Bench) -> None:
    ticket = bench.open()
    assert refused(lambda: bench.diagnose(ticket)) == "stage_has_passed"
    bench.send(bench.own.asset_tag)
    bench.receive(bench.own.asset_tag)
    bench.diagnose(ticket)
    assert refused(lambda: bench.diagnose(ticket)) == "stage_has_passed"


def test_damage_is_repaired_once_the_region_has_accepted_its_price(bench: Bench) -> None:
    ticket = in_the_workshop(bench, covered=False)
    assert refused(lambda: bench.finish(ticket)) == "quote_needed"
    asked = quote(bench, ticket)
    assert stage_of(ticket) == RepairStage.TO_DECIDE
    assert refused(lambda: bench.finish(ticket)) == "stage_has_passed"
    decide(bench, asked, accept=True)
    decide(bench, asked, accept=True)
    assert refused(lambda: decide(bench, asked, accept=False)) == "decided_already"
    bench.finish(ticket)
    assert stage_of(bench.again(ticket)) == RepairStage.TO_SEND_BACK


def test_a_refused_quote_sends_the_pc_back_as_it_is(bench: Bench) -> None:
    ticket = in_the_workshop(bench, covered=False)
    decide(bench, quote(bench, ticket), accept=False)
    assert refused(lambda: bench.finish(ticket)) == "quote_needed"
    assert bench.send_back(bench.own.asset_tag) == 1


def test_what_the_warranty_covers_asks_for_no_quote(bench: Bench) -> None:
    ticket = in_the_workshop(bench)
    assert refused(lambda: quote(bench, ticket)) == "covered"


def test_a_swapped_pc_keeps_its_identity_and_both_serials_name_it(bench: Bench) -> None:
    ticket = in_the_workshop(bench)
    old = bench.own.serial_number
    assert refused(lambda: bench.finish(ticket, RepairOutcome.SWAPPED, serial="1,23E+9")) == "serial_unfit"
    assert refused(lambda: bench.finish(ticket, RepairOutcome.SWAPPED, serial=old)) == "serial_is_the_same"
    taken = bench.loaner.serial_number
    assert refused(lambda: bench.finish(ticket, RepairOutcome.SWAPPED, serial=taken)) == "device_already_known"
    bench.finish(ticket, RepairOutcome.SWAPPED, serial=" 5cg-swapped ")
    assert bench.device(bench.own).serial_number == "5CG-SWAPPED"
    assert exact_device(old) == exact_device("5cg-swapped") == bench.own.asset_tag
    assert SerialChange.objects.get().evidence == f"repair:{ticket.pk}"
    [one] = scans.to_send_back([old], region_id=bench.cast.region.pk)
    assert one.verdict == Verdict.GOOD
    assert audit_ledger().broken == []


def test_what_cannot_be_repaired_leaves_the_fleet_when_the_region_says_so(bench: Bench) -> None:
    ticket = in_the_workshop(bench)
    bench.finish(ticket, RepairOutcome.UNREPAIRABLE)
    assert stage_of(bench.again(ticket)) == RepairStage.TO_DISPOSE
    by = {"disposed_at": bench.cast.now, "disposed_by_id": bench.cast.sonia.actor_id}
    for _ in range(2):
        dispose(ticket_id=ticket.pk, **by)
    assert (bench.desk.custody(bench.own), bench.again(ticket).closed_as) == (K.DISPOSED, "disposed")
    assert audit_ledger().broken == []
