"""A PC leaves the reserve for one student, with its charter, once; what may not be is refused by its code."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from cartable.distribution.models import CharterProof
from cartable.emergency_stock.commands.allocations import ReserveRefused, take_back
from cartable.emergency_stock.commands.loans import end_loan
from cartable.emergency_stock.models import Allocation, Loan
from cartable.emergency_stock.queries.levels import reserves
from cartable.emergency_stock.rules import Cause, Level, LoanEnd
from cartable.emergency_stock.tests.conftest import Desk
from cartable.fleet.audit import audit_ledger
from cartable.fleet.commands import set_condition
from cartable.fleet.models import Movement
from cartable.fleet.rules import Condition, Reason
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.tests.test_concurrency import all_at_once
from cartable.rosters.models import Enrolment


def refused(act: Callable[[], object]) -> str:
    """Return the code of the refusal; nothing may have moved."""
    before = Movement.objects.count(), Allocation.objects.count(), CharterProof.objects.count()
    with pytest.raises(ReserveRefused) as refusal:
        act()
    assert (Movement.objects.count(), Allocation.objects.count(), CharterProof.objects.count()) == before
    return str(refusal.value.code)


def test_an_absent_student_leaves_with_a_pc_and_the_charter_is_in_the_books(desk: Desk) -> None:
    done = desk.hand_over("bilal", desk.reserve[0])
    assert desk.custody(desk.reserve[0]) == K.STUDENT
    kept = Allocation.objects.get(pk=done.movement_id)
    assert kept.charter_proof is not None
    assert (kept.cause, kept.charter_proof.signer_kind) == ("absent", "guardian")
    assert audit_ledger().broken == []


def test_the_same_gesture_sent_twice_is_one(desk: Desk) -> None:
    movement = uuid4()
    assert not desk.hand_over("bilal", desk.reserve[0], movement=movement).is_repeated
    assert desk.hand_over("bilal", desk.reserve[0], movement=movement).is_repeated
    assert refused(lambda: desk.hand_over("chloe", desk.reserve[1], movement=movement)) == "id_reused"


def test_without_a_charter_nothing_leaves_for_keeps(desk: Desk) -> None:
    assert refused(lambda: desk.hand_over("bilal", desk.reserve[0], charter=False)) == "charter_missing"


def test_a_charter_signed_before_counts_by_itself(desk: Desk) -> None:
    desk.hand_over("bilal", desk.reserve[0])
    desk.check_in("bilal", desk.reserve[0])
    desk.hand_over("bilal", desk.reserve[1], charter=False, cause=Cause.REPLACEMENT)
    assert CharterProof.objects.count() == 1


def test_one_student_one_pc(desk: Desk) -> None:
    desk.hand_over("bilal", desk.reserve[0])
    assert refused(lambda: desk.hand_over("bilal", desk.reserve[1])) == "already_equipped"


def test_a_pc_that_is_not_fit_stays(desk: Desk) -> None:
    set_condition(device_ids=[desk.reserve[0].pk], condition=Condition.FAULTY)
    assert refused(lambda: desk.hand_over("bilal", desk.reserve[0])) == "not_fit"


def test_a_pc_outside_the_reserve_stays(desk: Desk) -> None:
    allotted = desk.cast.devices_allotted(1)[0]
    device = desk.reserve[0].__class__.objects.get(pk=allotted)
    assert refused(lambda: desk.hand_over("bilal", device)) == "not_in_reserve"


def test_the_reserve_of_another_lycee_is_not_ours_to_give(desk: Desk) -> None:
    [theirs] = desk.fill(1, school=desk.cast.other_school)
    assert refused(lambda: desk.hand_over("bilal", theirs)) == "reserve_elsewhere"


def test_a_pc_that_was_declared_stolen_goes_to_nobody(desk: Desk) -> None:
    cast = desk.cast
    cast.move(desk.reserve[0].pk, cast.school_accounts[K.EMERGENCY_STOCK], cast.region_accounts[K.CLAIM], Reason.CLAIM)
    assert refused(lambda: desk.hand_over("bilal", desk.reserve[0])) == "in_claim"


def test_a_student_who_has_left_receives_nothing(desk: Desk) -> None:
    Enrolment.objects.filter(student=desk.students["bilal"]).update(ends_on=desk.cast.now.date())
    assert refused(lambda: desk.hand_over("bilal", desk.reserve[0])) == "student_gone"


def test_a_mistake_is_undone_and_both_movements_stay(desk: Desk) -> None:
    done = desk.hand_over("bilal", desk.reserve[0])
    allocation = Allocation.objects.get(pk=done.movement_id)

    def undo() -> None:
        take_back(
            allocation=allocation, movement_id=uuid4(), taken_back_at=desk.cast.now,
            taken_back_by_id=desk.cast.durand.actor_id,
        )  # fmt: skip

    undo()
    assert desk.custody(desk.reserve[0]) == K.EMERGENCY_STOCK
    assert refused(undo) == "undone_already"
    desk.hand_over("chloe", desk.reserve[0])
    assert audit_ledger().broken == []


def test_a_loan_stands_in_for_the_pc_that_is_away_and_asks_for_no_charter(desk: Desk) -> None:
    own, loaner = desk.reserve[:2]
    desk.hand_over("bilal", own)
    assert refused(lambda: desk.lend("bilal", loaner, own)) == "already_equipped"
    desk.check_in("bilal", own)
    desk.lend("bilal", loaner, own)
    loan = Loan.objects.get()
    assert (loan.loaner, loan.stands_in_for) == (loaner, own)
    assert loan.due_on - desk.cast.now.date() == timedelta(days=30)
    assert Movement.objects.get(pk=loan.pk).reason == Reason.LOAN
    assert audit_ledger().broken == []


def test_a_loan_ends_once(desk: Desk) -> None:
    own, loaner = desk.reserve[:2]
    desk.hand_over("bilal", own)
    desk.check_in("bilal", own)
    desk.lend("bilal", loaner, own)
    loan = Loan.objects.get()
    by = {"ended_at": desk.cast.now, "ended_by_id": desk.cast.durand.actor_id}
    end_loan(loan=loan, ended_as=LoanEnd.SWAP, **by)
    with pytest.raises(ReserveRefused, match="loan_has_ended"):
        end_loan(loan=loan, ended_as=LoanEnd.EXCHANGE, **by)


def test_the_level_is_what_is_on_the_shelf_and_fit(desk: Desk) -> None:
    def level() -> Level:
        return reserves([desk.cast.school.pk], today=desk.cast.now.date())[0].level

    assert level() == Level(target=1, fit=3, lent=0)
    own, loaner, third = desk.reserve
    desk.hand_over("bilal", own)
    desk.check_in("bilal", own)
    desk.lend("bilal", loaner, own)
    set_condition(device_ids=[third.pk], condition=Condition.BROKEN)
    assert level() == Level(target=1, fit=0, lent=1)
    assert level().tension == 1.0
    assert level().is_low


def test_sixty_four_desks_reach_for_the_last_pc_and_one_gets_it(committed_desk: Desk) -> None:
    [last] = committed_desk.reserve
    names = list(committed_desk.students)[:3]

    def reach(n: int) -> Callable[[], str]:
        def act() -> str:
            try:
                committed_desk.hand_over(names[n % 3], last)
            except ReserveRefused as refusal:
                return refusal.code
            return "handed over"

        return act

    said = all_at_once([reach(n) for n in range(64)])
    assert said["handed over"] == 1
    assert set(said) <= {"handed over", "not_in_reserve", "already_equipped", "custody_has_moved"}
    assert audit_ledger().broken == []
