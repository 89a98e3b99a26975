"""Run the set-based statements of lists, planned by keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from psycopg import Copy

_BY_KEYS = """
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true)
"""


def follow_keys() -> None:
    """Have every statement follow keys through indexes, until the transaction ends.

    Statistics lag behind a region that is being loaded: lines copied a moment ago have none. The planner then takes the
    keys of one lycée for most of a table and reads all of it, for every lycée; the cost of the last was many times that
    of the first.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BY_KEYS)


@contextmanager
def copying(statement: str) -> Iterator[Copy]:
    """Open a COPY; what fails in it comes as Django's errors, as from any other statement: its cursor passes them raw."""
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        yield copy


def rows(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a query with named parameters."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
