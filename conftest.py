"""The ground of every test: the embedded PostgreSQL, a database of its own, the runtime role.

Tests run as the runtime role, as the product does; creating, migrating and emptying the database is the owner's.
"""

from collections.abc import Iterator
from typing import Any

import pytest

# 300 runs of 60 steps: minutes on two cores that others use too.
SLOW_WITHIN_SECONDS = 1200


def pytest_configure(config: pytest.Config) -> None:
    """Start the embedded server before Django reads its settings; the controller of parallel workers does it once."""
    from cartable.config.command_line import start_embedded_server

    start_embedded_server()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give slow tests more time than pyproject's limit, which is there for what hangs, not for what takes long."""
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SLOW_WITHIN_SECONDS))


@pytest.fixture(autouse=True)
def french_first() -> Iterator[None]:
    """Begin in French: the language of the last request stays with its thread, and with the next test."""
    from django.conf import settings
    from django.utils import translation

    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any, worker_id: str) -> Iterator[None]:
    """Create the test database as its owner; point the runtime role at it."""
    from django.db import connections
    from django.test import TransactionTestCase

    from cartable.config.scratch import empty_database, end_sessions

    owner, runtime = connections["owner"], connections["default"]
    suffix = "" if worker_id == "master" else f"_{worker_id}"
    with django_db_blocker.unblock():
        owner.settings_dict["TEST"] |= {"NAME": f"test_cartable{suffix}", "TEMPLATE": empty_database().name}
        runtime_name = runtime.settings_dict["NAME"]
        runtime.close()
        # The migrate command grants rights to the runtime role inside the database that the owner is connected to.
        name = owner.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        runtime.settings_dict["NAME"] = name
        _begin_ids_high(owner)
        TransactionTestCase._fixture_teardown = _empty_as_owner  # type: ignore[assignment, method-assign]
    yield
    with django_db_blocker.unblock():
        runtime.close()
        runtime.settings_dict["NAME"] = runtime_name
        end_sessions(owner.settings_dict["NAME"])
        owner.creation.destroy_test_db("cartable", verbosity=0)


def _begin_ids_high(owner: Any) -> None:
    """Let every id begin at 10,001, as in a region: a page that writes one as "10 001" breaks its form there only."""
    with owner.cursor() as cursor:
        cursor.execute("SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences WHERE start_value = 1")
        for (sequence,) in cursor.fetchall():
            if "procrastinate" not in sequence:
                cursor.execute(f"ALTER SEQUENCE {sequence} START WITH 10001 RESTART")


def _empty_as_owner(self: Any) -> None:
    """Empty every table after a test that committed: the runtime role may not truncate.

    On a connection of its own: Django keeps tests away from databases that they do not name.
    """
    import psycopg
    from django.db import connections

    owner = connections["owner"]
    with psycopg.connect(**owner.get_connection_params(), autocommit=True) as connection:
        tables = connection.execute(
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations'"
        ).fetchall()
        # To look for rows in a hundred tables costs 30 ms, to truncate them with their indexes 700.
        asked = " UNION ALL ".join(f"(SELECT '{name}' FROM {name} LIMIT 1)" for (name,) in tables)
        filled = connection.execute(asked).fetchall()
        if filled:  # No sequence begins again: an id of the cast is never given twice (`rows_again`).
            connection.execute(f"TRUNCATE {', '.join(name for (name,) in filled)} CASCADE")
