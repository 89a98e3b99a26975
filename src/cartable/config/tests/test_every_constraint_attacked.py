"""No constraint of any table stands unattacked: a new one fails here until a test goes around the code to break it.

How constraints are attacked, and which names PostgreSQL gives by itself: `organisations/tests/attacks.py`.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

import cartable
from cartable.organisations.tests.attacks import rules_of, tables_of

ROOT = Path(cartable.__file__).parent
PACKAGES = sorted({model._meta.app_label for model in apps.get_models() if model.__module__.startswith("cartable.")})


def _attack_tests(package: str) -> Iterator[ast.Module]:
    for file in (ROOT / package / "tests").glob("test_*constraints*.py"):
        yield ast.parse(file.read_text())


def _texts(package: str) -> set[str]:
    return {
        node.value
        for tree in _attack_tests(package)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _calls(package: str) -> set[str]:
    return {
        node.func.id
        for tree in _attack_tests(package)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


def test_every_table_of_ours_belongs_to_a_package_that_is_looked_at(db: None) -> None:
    ours = {model._meta.db_table for model in apps.get_models() if model.__module__.startswith("cartable.")}
    looked_at = {table for package in PACKAGES for table in tables_of(package)}
    assert ours <= looked_at
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = {row[0] for row in cursor.fetchall()}
    of_libraries = ("django_", "auth_", "axes_", "procrastinate_")
    assert {table for table in tables - looked_at if not table.startswith(of_libraries)} == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_each_named_constraint_index_and_trigger_is_named_by_an_attack(package: str, db: None) -> None:
    named = {rule.name for rule in rules_of(package) if not rule.is_named_by_postgresql}
    assert named - _texts(package) == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_attacks_what_postgresql_names_and_counts_what_it_attacked(package: str, db: None) -> None:
    # Primary keys, NOT NULL, plain foreign keys and unique columns; then the list of the rest, from the catalogue.
    assert {"attack_what_postgresql_names", "unattacked"} <= _calls(package)
