"""Databases of one's own: copied from one that was migrated once, gone at the end."""

import threading

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from cartable.config import scratch
from cartable.config.environment import database_urls
from cartable.config.scratch import empty_database, migrated_database

pytestmark = pytest.mark.usefixtures("django_db_setup")  # Whose database is such a copy.


def names() -> set[str]:
    """Return the databases of the server that are ours."""
    _runtime, owner = database_urls()
    with psycopg.connect(make_conninfo(owner, dbname="postgres"), autocommit=True) as connection:
        return {
            name for (name,) in connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'cartable%'")
        }


def test_a_copy_has_every_table_and_nothing_in_it_and_is_gone_at_the_end() -> None:
    with migrated_database() as copy:
        with psycopg.connect(copy.runtime_url) as connection:
            assert connection.execute("SELECT count(*) FROM fleet_movement").fetchone() == (0,)
        assert copy.name in names()
    assert copy.name not in names()


def test_it_is_made_once_for_a_state_of_the_code_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    first = empty_database()
    monkeypatch.setattr(scratch, "migrate", lambda: pytest.fail("migrated again"))
    found = []
    together = [threading.Thread(target=lambda: found.append(empty_database())) for _ in range(4)]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    assert found == [first] * 4
    assert first.name in names()
