"""The ledger under random actions agrees with a plain model: in long runs, in shrinkable ones, and after a kill."""

import json
import random
from collections.abc import Callable
from io import StringIO
from typing import Any, ClassVar

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django_scopes import scopes_disabled
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from cartable.fleet import commands, ledger, torture
from cartable.fleet.audit import audit_ledger
from cartable.fleet.rules import ALLOWED_MOVEMENTS, Reason
from cartable.fleet.torture_actions import ACTIONS, Action
from cartable.fleet.torture_model import read_books

both_roles = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


class LedgerMachine(RuleBasedStateMachine):
    """One run: a transaction of its own over the committed stage, undone at the end."""

    audited_runs: ClassVar[int] = 0
    deeds_done: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.stage = torture.Stage(seed=7)
        self.step = 0

    def play(self, action: Action, chance: random.Random) -> None:
        """Do one action; where nothing is there to do it with, bring a device into the books."""
        self.step += 1
        if not self.stage.play(action, chance, self.step):
            self.stage.play(ACTIONS["open_the_books"], chance, self.step)
        LedgerMachine.deeds_done += 1

    def teardown(self) -> None:
        """Compare the whole state, audit, undo."""
        try:
            self.stage.compare()
            report = audit_ledger()
            assert report.broken == []
            LedgerMachine.audited_runs += 1
        finally:
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)


def _rule_of(action: Action) -> Callable[..., None]:
    def play(self: LedgerMachine, chance: random.Random) -> None:
        self.play(action, chance)

    return rule(chance=st.randoms(use_true_random=False))(play)


for _name, _act in ACTIONS.items():
    setattr(LedgerMachine, f"play_{_name}", _rule_of(_act))


@pytest.mark.soak
@pytest.mark.slow
@both_roles
def test_the_ledger_agrees_with_its_model_in_300_runs_of_60_steps() -> None:
    with scopes_disabled():
        torture.set_the_stage()
        _play(torture.Stage(seed=6), 300)  # Runs begin in the middle of a year, not before it.
        run_state_machine_as_test(
            LedgerMachine,
            settings=settings(
                max_examples=300, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
    # Hypothesis runs a few more to look at its own draws, and ends a few before the last step.
    assert LedgerMachine.audited_runs >= 300
    assert LedgerMachine.deeds_done >= 300 * 50


def test_every_reason_of_the_trade_is_played() -> None:
    # Births come from `deliver` and `open_the_books`, corrections from four actions of their own.
    assert {str(reason) for reason in Reason} - ACTIONS.keys() == {"receipt", "opening", "correction"}
    assert len(ACTIONS) >= 40
    assert {reason for reason, _, _ in ALLOWED_MOVEMENTS} == set(Reason)


@both_roles
def test_a_thousand_steps_find_no_difference_and_leave_nothing_behind() -> None:
    out = StringIO()
    call_command("ledger", "torture", "--steps", "1000", "--seed", "990", "--part", "ledger", "--json", stdout=out)
    said = json.loads(out.getvalue())["ledger"]
    assert (said["steps"], said["difference"], said["violations"], said["audits"]) == (1000, "", 0, 1)
    assert len(said["refusals"]) == 6
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname LIKE '%torture_990'")
        assert cursor.fetchone() == (0,)


@both_roles
def test_a_run_that_was_killed_goes_on_with_the_same_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[int] = []
    play = torture.Stage.play

    def killed(stage: Any, action: Action, chance: Any, step: int) -> bool:
        if step == 250 and not played:
            played.append(len(stage.books.facts))
            raise KeyboardInterrupt
        return play(stage, action, chance, step)

    monkeypatch.setattr(torture.Stage, "play", killed)
    with pytest.raises(CommandError, match="--resume"):
        call_command(
            "ledger", "torture", "--steps", "400", "--seed", "991", "--part", "ledger", "--json", stdout=StringIO()
        )
    out = StringIO()
    call_command(
        "ledger", "torture", "--steps", "400", "--seed", "991", "--resume", "--part", "ledger", "--json", stdout=out
    )
    said = json.loads(out.getvalue())["ledger"]
    assert (said["steps"], said["difference"]) == (400, "")
    assert said["movements"] > played[0]
    # The checkpoint is of step 200: fifty steps were played again, under ids that the ledger knew.
    assert said["refusals"]["id_reused"] > 0


def test_a_run_that_never_began_cannot_go_on() -> None:
    with pytest.raises(CommandError) as failure:
        call_command("ledger", "torture", "--seed", "992", "--resume")
    assert failure.value.returncode == 2


def _a_ledger_that_takes_every_late_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_MOVE", ledger._MOVE.replace(" AND device.custodian_id = asked.from_id", ""))


def _a_ledger_that_answers_a_reused_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_says_the_same", lambda order, row: True)


def _a_ledger_that_refuses_by_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ledger._REFUSAL_OF_CONSTRAINT, "a_student_holds_one_device", ledger.CustodyHasMoved)


def _a_command_that_forgets_the_last_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        commands, "pass_custody", lambda orders: ledger.record_movements(orders[: len(orders) // 2 + 1])
    )


@both_roles
@pytest.mark.parametrize(
    "break_it",
    [
        _a_ledger_that_takes_every_late_scan,
        _a_ledger_that_answers_a_reused_id,
        _a_ledger_that_refuses_by_another_name,
        _a_command_that_forgets_the_last_order,
    ],
)
def test_a_broken_ledger_is_told_from_a_right_one(
    break_it: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    break_it(monkeypatch)
    with scopes_disabled():
        torture.set_the_stage()
        stage = torture.Stage(seed=3)
        with pytest.raises((torture.Difference, ValueError)):  # noqa: PT012
            _play(stage, 1500)
            stage.compare()


def _play(stage: torture.Stage, steps: int) -> None:
    for step in range(1, steps + 1):
        chance = random.Random(f"3/{step}")
        stage.play(ACTIONS[chance.choice(list(ACTIONS))], chance, step)


@both_roles
def test_a_row_changed_behind_the_models_back_is_found_by_the_comparison() -> None:
    with scopes_disabled():
        torture.set_the_stage()
        stage = torture.Stage(seed=3)
        _play(stage, 60)
        device, custodian = next(iter(stage.books.holder.items()))
        stage.books.holder[device] = custodian + 1
        with pytest.raises(torture.Difference, match="holder"):
            stage.compare()
        assert read_books().holder[device] == custodian
