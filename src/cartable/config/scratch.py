"""A database of one's own beside the real one: created by the owner, filled or copied from another, dropped at the end."""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psutil
import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql
from psycopg.conninfo import make_conninfo

from cartable.config.environment import database_urls, django_database

_PREFIX = "cartable_scratch"
_EMPTY = "cartable_empty"
_CODE = Path(__file__).resolve().parents[1]
_NAME = re.compile(rf"{_PREFIX}_(\d+)_\d+")
_numbers = count(1)
# What of Django's settings leads to a database.
_ROAD = ("NAME", "USER", "PASSWORD", "HOST", "PORT")


@dataclass(frozen=True)
class Scratch:
    """A scratch database: its name, and how its two roles reach it."""

    name: str
    runtime_url: str
    owner_url: str

    @property
    def environment(self) -> dict[str, str]:
        """Return what points another process at this database."""
        return {"DATABASE_URL": self.runtime_url, "DATABASE_OWNER_URL": self.owner_url}


@contextmanager
def scratch_database(template: Scratch | None = None) -> Iterator[Scratch]:
    """Create an empty database, or a copy of ``template`` (to which nobody may be connected), and drop it at the end.

    Django's connections are not touched: see `pointed_at`.
    """
    name = f"{_PREFIX}_{os.getpid()}_{next(_numbers)}"
    runtime_url, owner_url = database_urls()
    _drop_what_killed_processes_left(owner_url)
    if template:
        end_sessions(template.name)
    copied = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template.name)) if template else sql.SQL("")
    _as_owner(owner_url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + copied)
    try:
        yield Scratch(name, make_conninfo(runtime_url, dbname=name), make_conninfo(owner_url, dbname=name))
    finally:
        _as_owner(owner_url, sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


@contextmanager
def migrated_database() -> Iterator[Scratch]:
    """Create a database as the code of today makes it, with nothing in it, and drop it at the end."""
    with scratch_database(empty_database()) as scratch:
        yield scratch


def kept_database(name: str) -> Scratch:
    """Return a database that stays when its process ends: an empty one when it is first wanted, for `migrate` to bring up to date."""
    runtime_url, owner_url = database_urls()
    with psycopg.connect(make_conninfo(owner_url, dbname="postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return Scratch(name, make_conninfo(runtime_url, dbname=name), make_conninfo(owner_url, dbname=name))


def empty_database() -> Scratch:
    """Return the migrated, empty database that others are copied from: made once for each state of the code, and kept.

    Migrating takes as long as a hundred copies. Processes that want it together wait for the one that makes it.
    """
    runtime_url, owner_url = database_urls()
    name = f"{_EMPTY}_{_state_of_the_code()}"
    with psycopg.connect(make_conninfo(owner_url, dbname="postgres"), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [_EMPTY])
        known = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [_EMPTY]
        ).fetchall()
        if (name,) not in known:
            for (older,) in known:
                # Somebody copies it right now: the next state of the code drops it.
                with suppress(psycopg.errors.ObjectInUse):
                    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(older)))
            with scratch_database() as fresh:
                with pointed_at(fresh):
                    migrate()
                end_sessions(fresh.name)
                rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                connection.execute(rename.format(sql.Identifier(fresh.name), sql.Identifier(name)))
    return Scratch(name, make_conninfo(runtime_url, dbname=name), make_conninfo(owner_url, dbname=name))


def _state_of_the_code() -> str:
    """Return a digest of all that may decide what a migration makes, which is any module of ours."""
    digest = hashlib.sha256()
    for file in sorted(_CODE.rglob("*.py")):
        digest.update(file.relative_to(_CODE).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def end_sessions(name: str) -> None:
    """End what threads left connected to a database: PostgreSQL copies and drops only what nobody is connected to.

    Each role ends its own; what the server itself runs there (autovacuum) steps aside by itself.
    """
    for url in database_urls():
        with psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND usename = current_user",
                [name],
            )


@contextmanager
def pointed_at(scratch: Scratch) -> Iterator[None]:
    """Point this process's connections at a scratch database until the block ends."""
    roads = {"default": scratch.runtime_url, "owner": scratch.owner_url}
    settings = {alias: connections[alias].settings_dict for alias in roads}
    live = {alias: {key: one[key] for key in _ROAD} for alias, one in settings.items()}
    connections.close_all()
    for alias, url in roads.items():
        settings[alias].update({key: django_database(url)[key] for key in _ROAD})
    try:
        yield
    finally:
        connections.close_all()
        for alias, before in live.items():
            settings[alias].update(before)


def migrate() -> None:
    """Bring the database that this process is pointed at to the state of the code, with the runtime role's rights."""
    call_command("migrate", verbosity=0, interactive=False)


def _as_owner(owner_url: str, statement: sql.Composed) -> None:
    # A database is created and dropped from another one.
    with psycopg.connect(make_conninfo(owner_url, dbname="postgres"), autocommit=True) as connection:
        connection.execute(statement)


def _drop_what_killed_processes_left(owner_url: str) -> None:
    # A server that outlived its killed parent still holds its database, and would let DROP wait for five seconds.
    unused = "SELECT datname FROM pg_database WHERE datname NOT IN (SELECT datname FROM pg_stat_activity WHERE datname <> '')"
    with psycopg.connect(make_conninfo(owner_url, dbname="postgres"), autocommit=True) as connection:
        for (name,) in connection.execute(unused).fetchall():
            found = _NAME.fullmatch(name)
            if found and not psutil.pid_exists(int(found[1])):
                # Another process may be tidying up as well.
                with suppress(psycopg.errors.ObjectInUse):
                    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
