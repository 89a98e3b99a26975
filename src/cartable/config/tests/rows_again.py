"""What tests begin with: written through the commands once per process, its rows brought back by one statement after that.

A cast takes 90 statements, the world of the role matrix 3 s, and thousands of tests begin with them: written again they take
7 and 50 ms, past every constraint and trigger. Their ids stay the same in a run: no sequence gives them twice.
"""

import io
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection, transaction
from django_scopes import scopes_disabled
from psycopg import sql

Built = TypeVar("Built")
Rows = dict[str, list[str]]

_WRITTEN = """
SELECT relname FROM pg_stat_xact_user_tables
WHERE schemaname = 'public' AND n_tup_ins + n_tup_upd + n_tup_del > 0 ORDER BY relname
"""
# Neither what PostgreSQL computes, nor the transaction that wrote a row: that is the one which writes it again.
_COLUMNS = """
SELECT attribute.attname FROM pg_attribute attribute
LEFT JOIN pg_attrdef given ON given.adrelid = attribute.attrelid AND given.adnum = attribute.attnum
WHERE attribute.attrelid = %s::regclass AND attribute.attnum > 0 AND NOT attribute.attisdropped
  AND attribute.attgenerated = '' AND coalesce(pg_get_expr(given.adbin, given.adrelid), '') NOT LIKE 'pg_current_xact_id%%'
ORDER BY attribute.attnum
"""
# All in one: a foreign key is looked at when the statement ends, whatever the order of the tables.
_AGAIN = """
{name} AS (
    INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE
    SELECT {columns} FROM json_populate_recordset(NULL::{table}, {rows})
)"""


@dataclass(frozen=True)
class RowsAgain(Generic[Built]):
    """The statement that writes the rows again, and what the builder returned."""

    statement: str
    pickled: bytes

    def write(self, *given: Any) -> Built:
        """Write the rows in the present transaction; return an object of one's own, as the builder would.

        ``given``: what the builder was given, as it is now; its rows are there already.
        """
        with connection.cursor() as cursor:
            cursor.execute(self.statement)
        loading = pickle.Unpickler(io.BytesIO(self.pickled))
        loading.persistent_load = given.__getitem__  # type: ignore[method-assign]
        return loading.load()  # type: ignore[no-any-return]


def rows_again(build: Callable[..., Built], *, on: "tuple[RowsAgain[Any], ...]" = ()) -> RowsAgain[Built]:
    """Let ``build`` write upon what is there and ``on``, note its rows, and take everything back.

    It may add rows, not change those that were there. It is called with what ``on`` returned.
    """
    with _taken_back(), connection.cursor() as cursor:
        given = tuple(before.write() for before in on)
        before = _rows(cursor)
        built = build(*given)
        after = _rows(cursor)
        added = {name: [row for row in rows if row not in set(before.get(name, ()))] for name, rows in after.items()}
        kept = {name: len(rows) - len(added[name]) for name, rows in after.items()}
        assert all(kept[name] == len(rows) for name, rows in before.items()), "the builder changed what was there"
        return RowsAgain(_statement(cursor, added), _pickled(built, given))


@contextmanager
def _taken_back() -> Iterator[None]:
    with scopes_disabled(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def _rows(cursor: Any) -> Rows:
    cursor.execute(_WRITTEN)
    rows: Rows = {}
    for (name,) in cursor.fetchall():
        cursor.execute(sql.SQL("SELECT to_json(written)::text FROM {} written").format(sql.Identifier(name)))
        rows[name] = [row for (row,) in cursor.fetchall()]
    return rows


def _statement(cursor: Any, added: Rows) -> str:
    parts = []
    for number, (name, rows) in enumerate(added.items()):
        cursor.execute(_COLUMNS, [name])
        columns = sql.SQL(", ").join(sql.Identifier(column) for (column,) in cursor.fetchall())
        again = sql.SQL(_AGAIN).format(
            name=sql.Identifier(f"part{number}"), table=sql.Identifier(name), columns=columns,
            rows=sql.Literal(f"[{', '.join(rows)}]"),
        )  # fmt: skip
        parts.append(again)
    return (sql.SQL("WITH ") + sql.SQL(", ").join(parts) + sql.SQL(" SELECT")).as_string(None)


def _pickled(built: object, given: tuple[Any, ...]) -> bytes:
    """Pickle what was built; what it was given stays whoever it will be."""
    places = {id(one): place for place, one in enumerate(given)}
    written = io.BytesIO()
    pickler = pickle.Pickler(written)
    pickler.persistent_id = lambda one: places.get(id(one))  # type: ignore[method-assign, assignment]
    pickler.dump(built)
    return written.getvalue()
