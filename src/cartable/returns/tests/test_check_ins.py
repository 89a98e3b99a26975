"""A PC comes back: onto the bench, in its state, with what misses; what may not be is refused by its code."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from cartable.emergency_stock.models import Loan
from cartable.fleet.audit import audit_ledger
from cartable.fleet.models import Movement
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.rules import Grade, Reason
from cartable.fleet.tests.test_concurrency import all_at_once
from cartable.returns.commands.check_ins import ReturnRefused, undo_check_in
from cartable.returns.models import CheckIn
from cartable.returns.rules import Damage, ReturnReason
from cartable.returns.tests.conftest import KIT, Returns, build_returns


def refused(act: Callable[[], object]) -> str:
    """Return the code of the refusal; nothing may have moved."""
    before = Movement.objects.count(), CheckIn.objects.count()
    with pytest.raises(ReturnRefused) as refusal:
        act()
    assert (Movement.objects.count(), CheckIn.objects.count()) == before
    return str(refusal.value.code)


def undo(returns: Returns, taken: CheckIn) -> None:
    undo_check_in(
        check_in=taken, movement_id=uuid4(), undone_at=returns.cast.now + timedelta(hours=2),
        undone_by_id=returns.cast.durand.actor_id,
    )  # fmt: skip


def test_a_pc_comes_back_onto_the_bench_with_its_state_and_what_misses(returns: Returns) -> None:
    done = returns.take(
        "bilal", grade=Grade.DAMAGED, kit_missing=["pochette", "autre chose"], damages=[Damage.SCREEN],
        why=ReturnReason.LEAVES_REGION,
    )  # fmt: skip
    taken = CheckIn.objects.get(pk=done.movement_id)
    assert returns.desk.custody(returns.held["bilal"]) == K.SCHOOL_BENCH
    assert (taken.grade, taken.kit_missing, taken.damages, taken.why) == (
        "C", ["pochette"], ["screen"], "leaves_region",
    )  # fmt: skip
    assert Movement.objects.get(pk=taken.pk).reason == Reason.CHECK_IN
    assert audit_ledger().broken == []


@pytest.mark.parametrize(("grade", "condition"), [("A", "fit"), ("B", "fit"), ("C", "faulty"), ("D", "broken")])
def test_the_grade_decides_the_condition(returns: Returns, grade: str, condition: str) -> None:
    returns.take("bilal", grade=Grade(grade))
    assert returns.condition(returns.held["bilal"]) == condition


def test_the_same_gesture_sent_twice_is_one(returns: Returns) -> None:
    movement = uuid4()
    assert not returns.take("bilal", movement_id=movement).is_repeated
    assert returns.take("bilal", movement_id=movement).is_repeated
    assert refused(lambda: returns.take("chloe", movement_id=movement)) == "id_reused"


def test_the_pc_of_somebody_else_is_refused(returns: Returns) -> None:
    assert refused(lambda: returns.take("bilal", returns.held["chloe"])) == "somebody_elses"


def test_a_pc_that_nobody_holds_is_not_taken_back(returns: Returns) -> None:
    returns.take("bilal")
    assert refused(lambda: returns.take("bilal")) == "not_held"


def test_a_stolen_pc_raises_the_alarm(returns: Returns) -> None:
    cast, student = returns.cast, returns.students["bilal"]
    cast.move(returns.held["bilal"].pk, student.custodian_id, cast.region_accounts[K.CLAIM], Reason.CLAIM)
    assert refused(lambda: returns.take("bilal")) == "in_claim"


def test_a_pc_on_loan_that_comes_back_ends_its_loan(returns: Returns) -> None:
    loaner = returns.lend("bilal")
    done = returns.take("bilal", loaner)
    loan = Loan.objects.get()
    assert (loan.ended_as, loan.ended_at is not None) == ("check_in", True)
    assert CheckIn.objects.get(pk=done.movement_id).ended_loan == loan
    assert audit_ledger().broken == []


def test_a_mistake_is_undone_and_the_state_is_what_it_was(returns: Returns) -> None:
    done = returns.take("bilal", grade=Grade.UNUSABLE)
    taken = CheckIn.objects.get(pk=done.movement_id)
    undo(returns, taken)
    assert returns.desk.custody(returns.held["bilal"]) == K.STUDENT
    assert returns.condition(returns.held["bilal"]) == "fit"
    assert refused(lambda: undo(returns, taken)) == "undone_already"
    returns.take("bilal")
    assert audit_ledger().broken == []


def test_what_has_moved_on_is_not_undone(returns: Returns) -> None:
    done = returns.take("bilal")
    returns.desk.hand_over("bilal", returns.desk.fill(1)[0])
    assert refused(lambda: undo(returns, CheckIn.objects.get(pk=done.movement_id))) == "has_moved_on"


def test_a_loan_that_ended_is_not_reopened_by_undoing(returns: Returns) -> None:
    done = returns.take("bilal", returns.lend("bilal"))
    assert refused(lambda: undo(returns, CheckIn.objects.get(pk=done.movement_id))) == "ended_a_loan"


def test_thirty_two_desks_take_one_pc_back_and_one_does(committed_cast: object) -> None:
    returns = build_returns(committed_cast)  # type: ignore[arg-type]

    def reach() -> str:
        try:
            returns.take("bilal")
        except ReturnRefused as refusal:
            return refusal.code
        return "taken"

    said = all_at_once([reach] * 32)
    assert said["taken"] == 1
    assert set(said) <= {"taken", "not_held", "custody_has_moved"}
    assert audit_ledger().broken == []


def test_the_kit_is_that_of_the_campaign_whose_charter_was_signed(returns: Returns) -> None:
    done = returns.take("bilal", kit_missing=KIT)
    assert tuple(CheckIn.objects.get(pk=done.movement_id).kit_missing) == KIT
