"""F25: what a killed worker left is done by the next one, once; what kills each worker is said, and nobody waits for it."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.test import Client
from django_scopes import scopes_disabled
from procrastinate.contrib.django import app
from psycopg.conninfo import make_conninfo

from cartable.config.environment import database_urls
from cartable.config.processes import worker_command
from cartable.config.stalled import GIVEN_UP, Rescued, rescue_jobs
from cartable.conftest import Cast
from cartable.fleet.models import Device
from cartable.rosters.models import Takeover
from cartable.rosters.tests.takeover_files import fleet_text, line_of, send

killing = pytest.mark.django_db(transaction=True)
# Nobody waits on a page for what these do: the gesture stays at hand, or another task looks again.
NOBODY_WAITS = {
    "rosters.apply_lists": "its lists stay open, and so does their button",
    "distribution.follow_school": "`distribution.follow_lists` looks again",
    "notices.send_due": "`notices.wake` asks for the next round",
    "notices.send_due_sms": "`notices.wake` asks for the next round",
}


def rescue() -> Rescued:
    """Look for killed workers' jobs as the worker does each minute, over its own kind of connection."""
    # In a thread of its own: the browser of other tests keeps a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _rescue()).result()


async def _rescue() -> Rescued:
    with app.replace_connector(app.connector.get_worker_connector()) as of_worker:  # type: ignore[attr-defined]
        async with of_worker.open_async():
            return await rescue_jobs(of_worker.job_manager, of_worker.tasks)


def jobs(task: str) -> list[str]:
    """Return the states of the jobs of a task."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs WHERE task_name = %s ORDER BY id", [task])
        return [row[0] for row in cursor.fetchall()]


def run_sql(statement: str) -> None:
    """Change jobs and heartbeats as time and workers do."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def empty_queue(transactional_db: None) -> None:
    """Nothing waits: the tables of jobs are no model's, so no test before this one emptied them."""
    for table in ("procrastinate_periodic_defers", "procrastinate_jobs", "procrastinate_workers"):
        run_sql(f"DELETE FROM {table}")


@pytest.fixture
def asked(empty_queue: None, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Takeover:
    """A long fleet whose books the worker was asked to open."""
    monkeypatch.setattr("cartable.rosters.commands.takeover.LINES_ENTERED_AT_ONCE", 1)
    with scopes_disabled():
        kept = send(cast, fleet_text(*(line_of(f"5CD000000{n}", "dépôt") for n in (1, 2))))
    sonia = Client()
    sonia.force_login(cast.sonia, backend="django.contrib.auth.backends.ModelBackend")
    sonia.post(f"/reprises/{kept.pk}/ouvrir/")
    assert jobs("rosters.open_books") == ["todo"]
    return kept


@contextmanager
def worker(*more: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the product's worker on the test's database."""
    name = connection.settings_dict["NAME"]
    runtime, owner = (make_conninfo(url, dbname=name) for url in database_urls())
    child = subprocess.Popen(
        [*worker_command(), *more],
        env={**os.environ, "DATABASE_URL": runtime, "DATABASE_OWNER_URL": owner},
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield child
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


@killing
def test_books_whose_worker_was_killed_while_opening_them_are_opened_by_the_next_one(asked: Takeover) -> None:
    with scopes_disabled(), transaction.atomic(), worker() as killed:
        Takeover.objects.select_for_update(of=("self",)).get(pk=asked.pk)  # The worker comes as far as this row.
        while jobs("rosters.open_books") != ["doing"]:
            assert killed.poll() is None, "the worker ended by itself"
            time.sleep(0.05)
        assert rescue() == Rescued()  # It lives: it is left alone.
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
    run_sql("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '31 seconds'")
    rescue()
    assert jobs("rosters.open_books") == ["todo"]
    with worker("--one-shot") as second:
        assert second.wait() == 0
    with scopes_disabled():
        assert Takeover.objects.get(pk=asked.pk).applied_at is not None
        assert Device.objects.count() == 2
    assert jobs("rosters.open_books") == ["succeeded"]


@killing
def test_a_file_that_kills_every_worker_is_given_up_and_its_page_has_its_button_again(asked: Takeover) -> None:
    run_sql("UPDATE procrastinate_jobs SET status = 'doing'")
    for _ in range(2):
        assert rescue() == Rescued(done_again=1)
        run_sql("UPDATE procrastinate_jobs SET status = 'doing'")
    assert rescue() == Rescued(given_up=1)
    assert (jobs("rosters.open_books"), jobs("rosters.open_books.given_up")) == (["failed"], ["todo"])
    with worker("--one-shot") as last:
        assert last.wait() == 0
    with scopes_disabled():
        kept = Takeover.objects.get(pk=asked.pk)
    assert (kept.queued_at, kept.failure) == (None, "unexpected")


@killing
@pytest.mark.usefixtures("empty_queue")
def test_a_job_that_waits_already_takes_the_place_of_the_one_that_was_killed() -> None:
    for status in ("doing", "todo"):
        run_sql(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args, status) "
            f"VALUES ('notices', 'notices.send_due', 'notices.send_due', '{{}}', '{status}')"
        )
    assert rescue() == Rescued(superseded=1)
    assert jobs("notices.send_due") == ["failed", "todo"]


def test_whoever_waits_for_a_job_is_told_when_it_is_given_up() -> None:
    app.perform_import_paths()
    asked_for = {name for name, task in app.tasks.items() if name not in _periodic() and not name.endswith(GIVEN_UP)}
    ours = {name for name in asked_for if (app.tasks[name].func.__module__ or "").startswith("cartable.")}
    assert ours - {name for name in ours if f"{name}{GIVEN_UP}" in app.tasks} == NOBODY_WAITS.keys()


def _periodic() -> set[str]:
    return {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
