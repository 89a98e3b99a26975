"""What happened to a PC is declared once, proved, and opens what the student's campaign opens; nothing goes past it."""

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest

from cartable.documents.commands import erase_files_due
from cartable.documents.models import StoredFile
from cartable.documents.queries import FileErased, content_of
from cartable.emergency_stock.commands.allocations import ReserveRefused
from cartable.emergency_stock.models import Allocation, Loan
from cartable.fleet.audit import audit_ledger
from cartable.fleet.commands import set_condition
from cartable.fleet.models import Device, Movement
from cartable.fleet.queries.codes import hot_device
from cartable.fleet.rules import Condition, Reason
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.tests.test_concurrency import all_at_once
from cartable.incidents.commands.declarations import withdraw
from cartable.incidents.commands.refusal import IncidentRefused
from cartable.incidents.models import Incident, Rebuy
from cartable.incidents.queries.subject import theft_count
from cartable.incidents.rules import IncidentKind
from cartable.incidents.tests.conftest import RECEIPT, Counter, another_campaign, sign
from cartable.kernel.codes import DEVICE_LETTER, label_code

# A label that no PC wears yet.
NEW_TAG = label_code(DEVICE_LETTER, 990_000)
THEFT, LOSS, BREAKAGE = IncidentKind.THEFT, IncidentKind.LOSS, IncidentKind.BREAKAGE


def refused(act: Callable[[], object]) -> str:
    """Return the code of the refusal; nothing may have moved."""
    before = Movement.objects.count(), Allocation.objects.count(), StoredFile.objects.count()
    with pytest.raises(IncidentRefused) as refusal:
        act()
    assert (Movement.objects.count(), Allocation.objects.count(), StoredFile.objects.count()) == before
    return str(refusal.value.code)


# Declared.


@pytest.mark.parametrize("kind", [THEFT, LOSS])
def test_what_is_stolen_or_lost_is_in_claim_at_once_and_every_scan_raises_the_alarm(
    counter: Counter, kind: IncidentKind
) -> None:
    pc = counter.pcs["bilal"]
    incident = counter.declare("bilal", kind)
    assert counter.custody(pc) == K.CLAIM
    assert hot_device(pc.serial_number, region_id=counter.cast.region.pk) == pc.asset_tag
    assert (incident.state, incident.student_id) == ("declared", counter.desk.students["bilal"].pk)
    assert audit_ledger().broken == []


def test_a_broken_pc_that_was_brought_goes_to_the_bench(counter: Counter) -> None:
    counter.declare("bilal", BREAKAGE, is_here=True)
    assert counter.custody(counter.pcs["bilal"]) == K.SCHOOL_BENCH
    assert Device.objects.get(pk=counter.pcs["bilal"].pk).condition == "broken"


def test_a_broken_pc_that_is_at_home_stays_with_its_student_and_is_broken(counter: Counter) -> None:
    incident = counter.declare("bilal", BREAKAGE)
    assert incident.declared_movement_id is None
    assert counter.custody(counter.pcs["bilal"]) == K.STUDENT
    assert Device.objects.get(pk=counter.pcs["bilal"].pk).condition == "broken"


def test_what_is_stolen_from_the_reserve_is_nobodys_and_opens_nothing(counter: Counter) -> None:
    incident = counter.declare("", device=counter.desk.reserve[0])
    assert (incident.student_id, incident.opens, counter.custody(counter.desk.reserve[0])) == (None, "nothing", K.CLAIM)
    counter.accept(incident)
    counter.close(incident)
    assert counter.custody(counter.desk.reserve[0]) == K.STOLEN


def test_the_same_form_sent_twice_is_one_declaration(counter: Counter) -> None:
    one = uuid4()
    counter.declare("bilal", incident=one)
    counter.declare("bilal", incident=one)
    assert Incident.objects.count() == 1
    assert refused(lambda: counter.declare("chloe", incident=one)) == "id_reused"


def test_one_incident_at_a_time(counter: Counter) -> None:
    counter.declare("bilal", BREAKAGE)
    assert refused(lambda: counter.declare("bilal")) == "incident_is_open"


def test_what_is_declared_already_cannot_be_declared_by_another_way(counter: Counter) -> None:
    counter.close(counter.declare("bilal", LOSS))
    assert refused(lambda: counter.declare("bilal")) == "already_hot"


def test_a_day_to_come_is_refused(counter: Counter) -> None:
    assert refused(lambda: counter.declare("bilal", happened_on=date(2026, 9, 16))) == "not_yet"


def test_a_pc_at_the_depot_is_not_of_a_lycee(counter: Counter) -> None:
    [pc] = counter.cast.devices_in_depot(1)
    device = Device.objects.get(pk=pc)
    assert refused(lambda: counter.declare("", device=device)) == "not_at_a_school"


def take_back(counter: Counter, incident: Incident) -> None:
    """Withdraw a declaration that was a mistake."""
    withdraw(
        incident_id=incident.pk, movement_id=uuid4(), withdrawn_at=counter.cast.now,
        withdrawn_by_id=counter.cast.durand.actor_id,
    )  # fmt: skip


def test_a_declaration_that_was_a_mistake_is_withdrawn_and_the_pc_is_back(counter: Counter) -> None:
    incident = counter.declare("bilal")
    take_back(counter, incident)
    assert counter.custody(counter.pcs["bilal"]) == K.STUDENT
    assert counter.now_of(incident).closed_as == "withdrawn"
    assert theft_count(counter.desk.students["bilal"].pk) == 0
    assert audit_ledger().broken == []


def test_a_withdrawal_leaves_a_pc_as_faulty_as_it_was(counter: Counter) -> None:
    set_condition(device_ids=[counter.pcs["bilal"].pk], condition=Condition.FAULTY)
    take_back(counter, counter.declare("bilal", IncidentKind.BREAKAGE))
    assert Device.objects.get(pk=counter.pcs["bilal"].pk).condition == Condition.FAULTY


def test_a_withdrawal_opens_the_loan_again_that_the_declaration_ended(counter: Counter) -> None:
    own, loaner = counter.pcs["bilal"], counter.desk.reserve[0]
    counter.desk.check_in("bilal", own)
    counter.desk.lend("bilal", loaner, own)
    take_back(counter, counter.declare("bilal", device=loaner))
    assert Loan.objects.get().ended_at is None
    assert counter.custody(loaner) == K.STUDENT
    assert audit_ledger().broken == []


def test_a_loaner_that_is_stolen_ends_its_loan(counter: Counter) -> None:
    own, loaner = counter.pcs["bilal"], counter.desk.reserve[0]
    counter.desk.check_in("bilal", own)
    counter.desk.lend("bilal", loaner, own)
    counter.declare("bilal", device=loaner)
    assert Loan.objects.get().ended_as == "claimed"
    assert audit_ledger().broken == []


# The complaint of a theft.


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"number": " "}, "complaint_missing"),
        ({"office": ""}, "complaint_missing"),
        ({"content": b""}, "complaint_missing"),
        ({"content": b"<html>not a receipt</html>"}, "complaint_missing"),
        ({"lodged_on": date(2027, 1, 1)}, "not_yet"),
    ],
)
def test_a_theft_is_accepted_only_with_number_date_office_and_file(
    counter: Counter, wrong: dict[str, object], code: str
) -> None:
    incident = counter.declare("bilal")
    assert refused(lambda: counter.accept(incident, **wrong)) == code
    assert counter.custody(counter.pcs["bilal"]) == K.CLAIM


def test_the_replacement_is_blocked_until_the_receipt_is_there(counter: Counter) -> None:
    incident = counter.declare("bilal")
    assert refused(lambda: counter.replace(incident, counter.desk.reserve[0])) == "complaint_missing"
    counter.accept(incident)
    assert counter.custody(counter.pcs["bilal"]) == K.STOLEN
    counter.replace(incident, counter.desk.reserve[0])
    after = counter.now_of(incident)
    assert (after.state, after.closed_as) == ("closed", "replaced")
    assert Allocation.objects.get(pk=after.allocation_id).cause == "theft"
    assert counter.custody(counter.desk.reserve[0]) == K.STUDENT
    assert audit_ledger().broken == []


def test_the_desk_of_the_reserve_hands_nothing_over_past_an_incident(counter: Counter) -> None:
    counter.declare("bilal")
    with pytest.raises(ReserveRefused) as refusal:
        counter.desk.hand_over("bilal", counter.desk.reserve[0])
    assert refusal.value.code == "incident_decides"


def test_a_receipt_and_a_replacement_sent_twice_are_one(counter: Counter) -> None:
    incident, receipt, given = counter.declare("bilal"), uuid4(), uuid4()
    for _ in range(2):
        counter.accept(incident, movement=receipt)
    for _ in range(2):
        counter.replace(incident, counter.desk.reserve[0], movement=given)
    assert (StoredFile.objects.count(), Allocation.objects.filter(cause="theft").count()) == (1, 1)


def test_the_receipt_is_kept_a_year_and_its_number_date_and_hash_for_ever(counter: Counter) -> None:
    incident = counter.declare("bilal")
    counter.accept(incident)
    after = counter.now_of(incident)
    assert after.receipt is not None
    assert content_of(after.receipt.pk) == RECEIPT
    erase_files_due(today=date(2027, 9, 14), erased_at=counter.cast.now)
    assert content_of(after.receipt.pk) == RECEIPT
    erase_files_due(today=date(2027, 9, 15), erased_at=counter.cast.now)
    with pytest.raises(FileErased):
        content_of(after.receipt.pk)
    kept = counter.now_of(incident)
    assert (kept.complaint_number, kept.complaint_on) == ("2026/01234", date(2026, 9, 14))
    assert kept.receipt is not None
    assert len(bytes(kept.receipt.sha256)) == 32


def test_a_second_theft_of_the_same_student_is_counted(counter: Counter) -> None:
    first = counter.declare("bilal")
    counter.accept(first)
    counter.replace(first, counter.desk.reserve[0])
    counter.declare("bilal", device=counter.desk.reserve[0])
    assert theft_count(counter.desk.students["bilal"].pk) == 2


# Two campaigns at once.


@pytest.mark.parametrize("kind", [LOSS, BREAKAGE])
def test_the_same_incident_opens_different_doors_for_two_cohorts(counter: Counter, kind: IncidentKind) -> None:
    of_2024, of_2026 = counter.declare("alice", kind), counter.declare("bilal", kind)
    assert (of_2024.opens, of_2026.opens) == ("rebuy", "nothing")
    assert (of_2024.rules.campaign.first_year, of_2026.rules.campaign.first_year) == (2024, 2026)
    spare = counter.desk.reserve[0]
    assert refused(lambda: counter.replace(of_2024, spare)) == "door_closed"
    assert refused(lambda: counter.replace(of_2026, spare)) == "nothing_opens"
    assert refused(lambda: counter.lend(of_2024, spare)) == "door_closed"
    assert refused(lambda: counter.rebuy(of_2026, "5CG9999999")) == "nothing_opens"
    counter.rebuy(of_2024, "5CG9999999")
    counter.close(of_2026)
    assert (counter.now_of(of_2024).closed_as, counter.now_of(of_2026).closed_as) == ("rebought", "nothing")
    assert Rebuy.objects.get().price_eur is not None
    assert f"{Rebuy.objects.get().price_eur}" == "349.90"
    assert audit_ledger().broken == []


def test_a_later_version_of_the_rules_changes_nothing_for_what_was_declared(counter: Counter) -> None:
    incident = counter.declare("bilal", BREAKAGE)
    later = another_campaign(counter.cast, first_year=2025)
    sign(counter.cast, counter.desk.students["bilal"].pk, later)
    assert refused(lambda: counter.rebuy(incident, "5CG9999999")) == "nothing_opens"


def test_what_was_lost_is_lost_for_good_once_the_incident_is_closed(counter: Counter) -> None:
    incident = counter.declare("bilal", LOSS)
    counter.close(incident)
    assert counter.custody(counter.pcs["bilal"]) == K.LOST
    with pytest.raises(ReserveRefused) as refusal:  # Nothing was opened: the desk opens nothing either.
        counter.desk.hand_over("bilal", counter.desk.reserve[0])
    assert refusal.value.code == "incident_decides"


def test_a_rebought_pc_enters_the_fleet_in_its_students_hands_and_the_broken_one_comes_back(counter: Counter) -> None:
    incident = counter.declare("alice", BREAKAGE)
    counter.rebuy(incident, "5CG9999999", NEW_TAG)
    bought = Device.objects.get(serial_number="5CG9999999")
    assert (bought.custodian_id, bought.custodian_kind) == (counter.desk.students["alice"].custodian_id, K.STUDENT)
    assert counter.custody(counter.pcs["alice"]) == K.SCHOOL_BENCH
    assert Rebuy.objects.get().device_id == bought.pk
    assert audit_ledger().broken == []


def test_a_serial_that_is_in_the_books_is_no_new_pc(counter: Counter) -> None:
    incident = counter.declare("alice", BREAKAGE)
    known = counter.pcs["bilal"].serial_number
    assert refused(lambda: counter.rebuy(incident, known, NEW_TAG)) == "device_already_known"
    assert refused(lambda: counter.rebuy(incident, known)) == "device_already_known"


def test_a_campaign_that_replaces_what_is_broken_takes_the_broken_one_in_the_same_gesture(counter: Counter) -> None:
    sign(counter.cast, counter.desk.students["chloe"].pk,
         rules := another_campaign(counter.cast, first_year=2027, breakage_opens="replacement"))  # fmt: skip
    incident = counter.declare("chloe", BREAKAGE)
    assert incident.rules == rules
    counter.replace(incident, counter.desk.reserve[0], charter=True)
    assert counter.custody(counter.pcs["chloe"]) == K.SCHOOL_BENCH
    after = counter.now_of(incident)
    assert after.closed_as == "replaced"
    assert Allocation.objects.get(pk=after.allocation_id).cause == "replacement"
    assert audit_ledger().broken == []


def test_a_loan_bridges_a_theft_until_its_complaint_is_there(counter: Counter) -> None:
    rules = another_campaign(counter.cast, first_year=2027, theft_opens="loan")
    sign(counter.cast, counter.desk.students["chloe"].pk, rules)
    incident = counter.declare("chloe")
    counter.lend(incident, counter.desk.reserve[0])
    assert counter.now_of(incident).state == "declared"
    assert refused(lambda: counter.lend(incident, counter.desk.reserve[1])) == "door_used"
    counter.accept(incident)
    assert counter.now_of(incident).closed_as == "lent"
    assert audit_ledger().broken == []


def test_a_loaner_that_broke_at_home_ends_its_loan_and_the_next_one_stands_in_for_the_students_own(
    counter: Counter,
) -> None:
    own, loaner, (second, *_) = counter.pcs["chloe"], counter.desk.reserve[0], counter.desk.fill(1)
    sign(counter.cast, counter.desk.students["chloe"].pk,
         another_campaign(counter.cast, first_year=2027, breakage_opens="loan"))  # fmt: skip
    counter.desk.check_in("chloe", own)
    counter.desk.lend("chloe", loaner, own)
    incident = counter.declare("chloe", BREAKAGE, device=loaner)
    counter.lend(incident, second)
    assert (counter.custody(loaner), counter.custody(second)) == (K.SCHOOL_BENCH, K.STUDENT)
    loan = Loan.objects.get(ended_at=None)
    assert (loan.loaner_id, loan.stands_in_for_id) == (second.pk, own.pk)
    assert Loan.objects.get(loaner=loaner).ended_as == "check_in"
    assert audit_ledger().broken == []


# Found again.


def test_a_pc_that_was_found_is_on_a_bench_and_its_incident_is_closed(counter: Counter) -> None:
    incident, pc, movement = counter.declare("bilal"), counter.pcs["bilal"], uuid4()
    for _ in range(2):
        assert counter.find(pc, movement=movement).incident_id == incident.pk
    assert counter.custody(pc) == K.SCHOOL_BENCH
    assert counter.now_of(incident).closed_as == "found"
    counter.desk.hand_over("bilal", counter.desk.reserve[0], charter=False)
    assert audit_ledger().broken == []


def test_a_pc_found_in_another_lycee_is_on_its_bench_and_the_replacement_stays(counter: Counter) -> None:
    incident, pc = counter.declare("bilal"), counter.pcs["bilal"]
    counter.accept(incident)
    counter.replace(incident, counter.desk.reserve[0])
    counter.find(pc, at=counter.cast.other_school.pk)
    assert Device.objects.get(pk=pc.pk).custodian_id == counter.cast.other_accounts[K.SCHOOL_BENCH]
    after = counter.now_of(incident)
    assert (after.closed_as, after.found_movement_id is not None) == ("replaced", True)
    assert counter.custody(counter.desk.reserve[0]) == K.STUDENT


def test_only_what_is_declared_can_be_found(counter: Counter) -> None:
    assert refused(lambda: counter.find(counter.pcs["bilal"])) == "not_hot"


def test_what_came_stolen_from_another_tool_is_found_at_the_depot(counter: Counter) -> None:
    pc = counter.desk.reserve[0]
    reserve, claim = counter.cast.school_accounts[K.EMERGENCY_STOCK], counter.cast.region_accounts[K.CLAIM]
    counter.cast.move(pc.pk, reserve, claim, Reason.CLAIM)
    assert counter.find(pc).incident_id is None
    assert counter.custody(pc) == K.DEPOT


@pytest.mark.django_db(transaction=True)
def test_many_who_declare_the_same_theft_at_once_make_one_incident(committed_counter: Counter) -> None:
    counter = committed_counter

    def one() -> str:
        try:
            return str(counter.declare("bilal").state)
        except IncidentRefused as refusal:
            return refusal.code

    answers = all_at_once([one] * 8)
    assert answers.pop("declared") == 1
    assert set(answers) <= {"already_hot", "incident_is_open"}
    assert Incident.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_who_replace_one_theft_at_once_hand_one_pc_over(committed_counter: Counter) -> None:
    counter = committed_counter
    incident = counter.declare("bilal")
    counter.accept(incident)
    spares = [*counter.desk.reserve, *counter.desk.fill(7)]

    def with_a_pc_of_ones_own(device: Device) -> Callable[[], str]:
        def act() -> str:
            try:
                return counter.replace(incident, device).asset_tag
            except IncidentRefused as refusal:
                return refusal.code

        return act

    answers = all_at_once([with_a_pc_of_ones_own(device) for device in spares])
    assert answers.pop("incident_is_closed") == len(spares) - 1
    [(winner, count)] = answers.items()
    assert count == 1
    assert [device.asset_tag for device in spares if counter.custody(device) == K.STUDENT] == [winner]
    assert audit_ledger().broken == []


@pytest.mark.django_db(transaction=True)
def test_families_who_buy_again_at_the_same_instant_open_the_lot_of_their_year_once(committed_counter: Counter) -> None:
    counter = committed_counter
    names = ("alice", "bilal", "chloe")
    rules = another_campaign(counter.cast, first_year=2027)
    for name in names:
        sign(counter.cast, counter.desk.students[name].pk, rules)
    broken = {name: counter.declare(name, BREAKAGE) for name in names}

    def buying(n: int) -> Callable[[], str]:
        def act() -> str:
            counter.rebuy(broken[names[n]], f"5CG999990{n}", label_code(DEVICE_LETTER, 990_010 + n))
            return "rebought"

        return act

    assert all_at_once([buying(n) for n in range(3)]) == {"rebought": 3}
    bought = Device.objects.filter(serial_number__startswith="5CG99999")
    assert list(bought.values_list("lot__reference", flat=True)) == ["Rachats 2026-2027"] * 3
    assert audit_ledger().broken == []
