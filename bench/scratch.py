"""A database of the benchmark's own, and what windows of one run need to be alike."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import connections

from cartable.config import scratch as config
from cartable.config.scratch import Scratch, migrate, migrated_database, pointed_at


@contextmanager
def scratch_database() -> Iterator[Scratch]:
    """Point this process at a new migrated database; the live one is not touched."""
    with migrated_database() as scratch, pointed_at(scratch):
        yield scratch


@contextmanager
def kept_database(name: str) -> Iterator[Scratch]:
    """Point this process at a database that outlives it, made when it is first wanted and migrated each time."""
    scratch = config.kept_database(f"cartable_bench_{name}")
    with pointed_at(scratch):
        migrate()
        yield scratch


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
