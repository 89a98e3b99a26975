"""F02, F05: real processes are killed in the middle of uploads; nothing acknowledged is lost, nothing comes twice.

Here the web server, the worker and the whole of PostgreSQL, twenty times each, dealt from a seed. How soon stations are
answered again is a figure of the machine: `cartable faults kill` measures it, also kills single PostgreSQL processes,
and replaces the web server as a release does (F28).
"""

from typing import Any

import pytest

from cartable.simulation.faults.kills import KillResult, run_kills

ROUNDS = 20
pytestmark = [pytest.mark.soak, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def killed(django_db_blocker: Any) -> KillResult:
    with django_db_blocker.unblock():
        return run_kills(ROUNDS, seed=3, victims=("web", "worker", "database"), quiet=True)


@pytest.mark.parametrize(
    "victim",
    [
        pytest.param("web", id="F02_every_web_process_is_killed"),
        pytest.param("worker", id="the_worker_is_killed"),
        pytest.param("database", id="F05_every_process_of_postgresql_is_killed"),
    ],
)
def test_killed_in_the_middle_of_uploads(killed: KillResult, victim: str) -> None:
    assert killed.violations == []
    assert killed.killed[victim] == ROUNDS
