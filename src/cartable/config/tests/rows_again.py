"""What tests begin with: written through the commands once per process, its rows brought back by one statement after that.

A cast takes 90 statements, and thousands of tests begin with it. Its ids stay the same in a run: no sequence gives them twice.
"""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection, transaction
from psycopg import sql

Built = TypeVar("Built")

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
_ROWS = "SELECT json_agg(written)::text FROM {table} written"
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

    def write(self) -> Built:
        """Write the rows in the present transaction; return an object of one's own, as the builder would."""
        with connection.cursor() as cursor:
            cursor.execute(self.statement)
        return pickle.loads(self.pickled)


def rows_again(build: Callable[[], Built]) -> RowsAgain[Built]:
    """Let ``build`` write into empty tables, note its rows, and take everything back."""
    with transaction.atomic(), connection.cursor() as cursor:
        built = build()
        cursor.execute(_WRITTEN)
        tables = [name for (name,) in cursor.fetchall()]
        statement = _statement(cursor, tables)
        transaction.set_rollback(True)
    return RowsAgain(statement, pickle.dumps(built))


def _statement(cursor: Any, tables: list[str]) -> str:
    parts = []
    for number, name in enumerate(tables):
        table = sql.Identifier(name)
        cursor.execute(_COLUMNS, [name])
        columns = sql.SQL(", ").join(sql.Identifier(column) for (column,) in cursor.fetchall())
        cursor.execute(sql.SQL(_ROWS).format(table=table))
        (rows,) = cursor.fetchone()
        again = sql.SQL(_AGAIN).format(
            name=sql.Identifier(f"part{number}"), table=table, columns=columns, rows=sql.Literal(rows)
        )
        parts.append(again)
    return (sql.SQL("WITH ") + sql.SQL(", ").join(parts) + sql.SQL(" SELECT")).as_string(None)
