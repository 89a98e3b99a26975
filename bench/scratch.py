"""A database of the benchmark's own: created and migrated by the owner, granted, and dropped at the end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from django.db import OperationalError, connections
from psycopg import sql
from psycopg.conninfo import make_conninfo

from cartable.config.environment import database_urls

_PREFIX = "cartable_bench_"


@dataclass(frozen=True)
class Scratch:
    """Connection strings of the scratch database, for the runtime role and for the owner."""

    runtime_url: str
    owner_url: str

    @property
    def environment(self) -> dict[str, str]:
        """Return what points another process at this database."""
        return {"DATABASE_URL": self.runtime_url, "DATABASE_OWNER_URL": self.owner_url}


@contextmanager
def scratch_database() -> Iterator[Scratch]:
    """Point this process at a new migrated database; the live one is not touched."""
    owner, runtime = connections["owner"], connections["default"]
    live = runtime.settings_dict["NAME"]
    owner.settings_dict["TEST"]["NAME"] = name = f"{_PREFIX}{os.getpid()}"
    runtime.close()
    _drop_what_a_killed_run_left()
    runtime.settings_dict["NAME"] = name
    owner.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield Scratch(*(make_conninfo(url, dbname=name) for url in database_urls()))
    finally:
        runtime.close()
        runtime.settings_dict["NAME"] = live
        owner.creation.destroy_test_db(live, verbosity=0)


def settle() -> None:
    """Give the planner statistics and empty the write-ahead log's backlog, so that windows are alike."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        # Needs a role of pg_checkpoint; without it the first window may meet a checkpoint.
        with suppress(Exception):
            cursor.execute("CHECKPOINT")


def setting(name: str) -> str:
    """Return a setting of the server."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])


def _drop_what_a_killed_run_left() -> None:
    with connections["owner"]._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [_PREFIX])
        for (name,) in cursor.fetchall():
            # A run that lives is connected to its own: PostgreSQL refuses then.
            with suppress(OperationalError):
                cursor.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
