"""Attack constraints with raw SQL, as the runtime role, around all code: shared by every package's test_constraints.

A package says how to write one right row of each of its tables; an attack is that row with one thing wrong, so that
what is refused is refused for that thing. What PostgreSQL names itself (primary keys, NOT NULL, plain foreign keys and
unique columns) is attacked from the catalogue; what we name is attacked by name, one test each.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction

Values = dict[str, Any]


class Rule(NamedTuple):
    """One constraint, unique index or trigger as the database knows it."""

    table: str
    name: str
    kind: str
    columns: tuple[str, ...]

    @property
    def is_named_by_postgresql(self) -> bool:
        """Say whether the name is generated: such rules are attacked from the catalogue."""
        generated = (f"{self.table}_pkey", f"{self.table}_{'_'.join(self.columns)}_key")
        return self.name in generated or (self.kind == "f" and "_fk_" in self.name)


class Kit(NamedTuple):
    """How to write one right row of a table. ``row(n)`` gives the n-th, which collides with no other."""

    row: Callable[[int], Values]
    insert: Callable[[Values], None]


_RULES = """
SELECT conrelid::regclass::text, conname, contype::text,
    ARRAY(SELECT attname FROM unnest(conkey) WITH ORDINALITY AS k (number, place)
        JOIN pg_attribute ON attrelid = conrelid AND attnum = number ORDER BY place)
FROM pg_constraint WHERE conrelid = ANY(%(tables)s::text[]::regclass[]) AND contype IN ('p', 'u', 'f', 'c', 'x')
UNION ALL
SELECT indrelid::regclass::text, relname, 'i', '{}' FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE indrelid = ANY(%(tables)s::text[]::regclass[]) AND indisunique
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
UNION ALL
SELECT tgrelid::regclass::text, tgname, 't', '{}' FROM pg_trigger
WHERE tgrelid = ANY(%(tables)s::text[]::regclass[]) AND NOT tgisinternal
ORDER BY 1, 2
"""


def tables_of(app_label: str) -> list[str]:
    """List the tables of a package, from the database."""
    return sorted(t for t in connection.introspection.table_names() if t.startswith(f"{app_label}_"))


def rules_of(app_label: str) -> list[Rule]:
    """List every rule of the package's tables, from the database's own catalogue."""
    with connection.cursor() as cursor:
        cursor.execute(_RULES, {"tables": tables_of(app_label)})
        return [Rule(table, name, kind, tuple(columns)) for table, name, kind, columns in cursor.fetchall()]


def required_columns(table: str) -> list[str]:
    """List the columns that are NOT NULL and that a statement can write."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::text::regclass AND attnum > 0 AND attnotnull"
            " AND attgenerated = '' AND NOT attisdropped ORDER BY attnum",
            [table],
        )
        return [row[0] for row in cursor.fetchall()]


def insert(table: str) -> Callable[[Values], None]:
    """Return the plain way to write a row."""

    def write(values: Values) -> None:
        names = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join(["%s"] * len(values))
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))

    return write


def assert_runtime_role() -> None:
    """Prove that the attack is not helped by rights that the product does not have."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")
        role, is_superuser = cursor.fetchone()
    assert role == connections["default"].settings_dict["USER"]
    assert role != connections["owner"].settings_dict["USER"]
    assert not is_superuser


@contextmanager
def refused_by(name: str) -> Iterator[None]:
    """Expect the constraint, index or trigger of this name to refuse; leave the transaction usable."""
    assert_runtime_role()
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        yield
    assert refusal.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


@contextmanager
def refused_for_want_of_rights() -> Iterator[None]:
    """Expect PostgreSQL to say that the role may not."""
    assert_runtime_role()
    with pytest.raises(Exception, match=r"permission denied|must be owner") as refusal, transaction.atomic():
        yield
    assert refusal.value.__cause__.sqlstate == "42501"  # type: ignore[union-attr]


def attack_what_postgresql_names(app_label: str, kits: Mapping[str, Kit], *, but: Container[str] = ()) -> int:
    """Attack every primary key, NOT NULL, plain foreign key and unique column. Return how many were attacked.

    ``but`` names those that need an attack of their own.
    """
    attacked = 0
    for rule in rules_of(app_label):
        if rule.is_named_by_postgresql and rule.name not in but:
            with transaction.atomic():
                _attack(rule, kits[rule.table])
                transaction.set_rollback(True)
            attacked += 1
    for table in tables_of(app_label):
        for column in required_columns(table):
            _attack_with_null(table, column, kits[table])
            attacked += 1
    return attacked


def _attack(rule: Rule, kit: Kit) -> None:
    kit.insert(kit.row(1))
    if rule.kind == "f":
        with refused_by(rule.name):
            kit.insert({**kit.row(2), rule.columns[0]: _of_nobody(rule)})
        return
    (column,) = rule.columns
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM {rule.table} WHERE "{column}" IS NOT NULL LIMIT 1')
        (taken,) = cursor.fetchone()
    with refused_by(rule.name):
        kit.insert({**kit.row(2), column: taken})


def _of_nobody(rule: Rule) -> object:
    """Return a value of the column's type that no row has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT atttypid = 'uuid'::regtype FROM pg_attribute WHERE attrelid = %s::text::regclass AND attname = %s",
            [rule.table, rule.columns[0]],
        )
        (is_uuid,) = cursor.fetchone()
    return uuid4() if is_uuid else -1


def _attack_with_null(table: str, column: str, kit: Kit) -> None:
    assert_runtime_role()
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        kit.insert({**kit.row(3), column: None})
    diagnosis = refusal.value.__cause__.diag  # type: ignore[union-attr]
    assert (diagnosis.table_name, diagnosis.column_name) == (table, column)


def unattacked(app_label: str, attacked: set[str]) -> set[str]:
    """Return the named rules of a package that no attack names, and the attacks on rules that are not there."""
    named = {rule.name for rule in rules_of(app_label) if not rule.is_named_by_postgresql}
    return named ^ attacked
