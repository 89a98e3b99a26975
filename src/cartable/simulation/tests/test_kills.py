"""F02, F05, F28: real processes are killed, or replaced, in the middle of uploads; nothing acknowledged is lost, nothing comes twice.

Here the web server, the worker and the whole of PostgreSQL, twenty times each; `cartable faults kill` also kills single
PostgreSQL processes, and as often as one likes.
"""

from typing import Any

import pytest

from cartable.simulation.faults.kills import BACK_WITHIN_S, KillResult, run_kills

SEEDS = 20
DEPLOYMENTS = 3
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def killed(django_db_blocker: Any) -> KillResult:
    with django_db_blocker.unblock():
        return run_kills(SEEDS, seed=3, victims=("web", "worker", "database"), quiet=True)


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
    assert killed.killed[victim] == SEEDS
    assert killed.back_after_s[victim] <= BACK_WITHIN_S[victim]


def test_F28_a_deployment_under_load_shows_no_error_to_any_station(
    django_db_setup: None, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock():
        deployed = run_kills(DEPLOYMENTS, seed=3, victims=("deployment",), quiet=True)
    assert deployed.violations == []
    assert deployed.killed["deployment"] == DEPLOYMENTS
