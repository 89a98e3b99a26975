"""The gestures of every desk under chance agree with a plain model of who has what; a wrong one is told from a right one."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django_scopes import scopes_disabled

from cartable.fleet.audit import audit_ledger
from cartable.fleet.torture import Difference, parts
from cartable.simulation.torture import desks, roads, workshops
from cartable.simulation.torture.stage import GESTURES, TradeStage, set_the_stage


def played(seed: int, steps: int) -> TradeStage:
    """Play steps on a stage of their own, then audit."""
    stage = TradeStage(seed)
    for step in range(1, steps + 1):
        stage.play_step(step)
    assert audit_ledger().broken == []
    return stage


@pytest.mark.django_db
def test_sixty_gestures_of_the_desks_agree_with_the_model() -> None:
    with scopes_disabled():
        set_the_stage()
        stage = played(21, 60)
    assert sum(stage.actions.values()) == 60
    assert len(stage.refusals) > 3


@pytest.mark.soak
@pytest.mark.slow
@pytest.mark.django_db
def test_the_trade_agrees_with_its_model_in_300_runs_of_60_gestures() -> None:
    with scopes_disabled():
        set_the_stage()
        stage = TradeStage(6)  # Runs begin in the middle of a year, not before it.
        for step in range(1, 301):
            stage.play_step(step)
        for seed in range(300):
            with transaction.atomic():
                later = TradeStage(1000 + seed)
                for step in range(301, 361):
                    later.play_step(step)
                assert audit_ledger().broken == []
                transaction.set_rollback(True)


def test_the_command_plays_every_part_and_every_gesture() -> None:
    assert [part.name for part in parts()] == ["ledger", "trade"]
    of_modules = {gesture for module in (roads, desks, workshops) for gesture in module.GESTURES}
    assert set(GESTURES) == of_modules
    assert len(of_modules) >= 35


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["allocate", "declare", "check_in"])
def test_a_command_that_does_nothing_is_found(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    idle: Callable[..., Any] = lambda **_said: None  # noqa: E731
    monkeypatch.setattr(desks, command, idle)
    with scopes_disabled():
        set_the_stage()
        stage = TradeStage(21)
        with pytest.raises(Difference):  # noqa: PT012
            for step in range(1, 200):
                stage.play_step(step)
