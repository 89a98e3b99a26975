"""The simulated day as somebody runs it from the terminal."""

import json
import subprocess
import sys
from typing import Any

import pytest


def simulate(*options: str) -> tuple[int, str]:
    """Run ``cartable simulate day``; return its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "cartable.config.command_line", "simulate", "day", *options],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.mark.soak
@pytest.mark.slow
def test_a_simulated_day_serves_everybody_who_came_and_leaves_a_clean_ledger() -> None:
    code, printed = simulate("--students", "60", "--stations-b", "2", "--json")
    played: dict[str, Any] = json.loads(printed)
    assert code == 0
    assert played["audit"]["violations"] == 0
    # Everybody on the list but the absent, and one who walked up.
    assert played["pairs"] == played["expected"] - played["absent"] + 1
    assert 3 < played["gestures_per_pair"] < 4
    assert played["refusals"]["misread"] >= 3
    assert played["max_rate_per_hour"] > 300
    assert played["server_ms_p95"] > 0


def test_a_day_without_students_is_not_simulated() -> None:
    code, _ = simulate("--students", "3")
    assert code == 2
