"""What import-linter cannot see is held to the same order (ARCHITECTURE section 2), read from the sources themselves.

A package may name what stands upstream of it and itself: in foreign keys, in look-ups through reverse accessors, in SQL,
in links, in templates. What is written is written by commands.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from django.db.migrations.loader import MigrationLoader
from procrastinate.contrib.django import app as jobs

import cartable

ROOT = Path(cartable.__file__).parent
REPOSITORY = ROOT.parent.parent
# Wiring: it names every package, and belongs to none of their roads.
WIRING = "config"
# The one place that empties the database, as its owner, before it builds the demo region again.
EMPTIES_THE_DEMO = "simulation/demo.py"


def _order() -> list[str]:
    """Return the packages from the last to the first, as import-linter holds them."""
    contracts = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return list(next(one for one in contracts if one["containers"] == ["cartable"])["layers"])


ORDER = _order()
PACKAGES = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))


def _may_name(package: str, other: str) -> bool:
    """Say whether a package may name another one: itself, or one upstream."""
    return ORDER.index(package) <= ORDER.index(other)


def _package(file: Path) -> str:
    return file.relative_to(ROOT).parts[0]


def _is_product(file: Path) -> bool:
    parts = file.relative_to(ROOT).parts
    return len(parts) > 1 and not {"tests", "migrations"} & set(parts) and file.name != "conftest.py"


@cache
def _modules() -> dict[Path, ast.Module]:
    """Parse every module of the product, without tests and migrations."""
    return {file: ast.parse(file.read_text()) for file in sorted(ROOT.rglob("*.py")) if _is_product(file)}


def _templates() -> Iterator[tuple[Path, str]]:
    for file in sorted(ROOT.rglob("templates/**/*.html")):
        if _is_product(file):
            yield file, re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", file.read_text(), flags=re.DOTALL)


def _place(file: Path, node: ast.AST | None = None) -> str:
    return f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', '')}".rstrip(":")


def _texts(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Yield every string that is no docstring; the values in a formatted one read ``{}``."""
    passed = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            passed |= {id(part) for part in node.values}
            yield node, "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            yield node, node.value


def _our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("cartable.")]


def _links() -> Iterator[tuple[models.Field, str, str]]:
    """Yield every relation between two of our tables with the packages of both ends."""
    for model in _our_models():
        for field in model._meta.get_fields(include_hidden=True):
            if field.is_relation and not field.auto_created and field.related_model in _our_models():
                yield field, model._meta.app_label, field.related_model._meta.app_label


# Who may name whom.


def test_a_foreign_key_points_upstream_only() -> None:
    wrong = {f"{field.model._meta.label}.{field.name}" for field, own, other in _links() if not _may_name(own, other)}
    assert wrong == set()
    assert len(list(_links())) > 50


def test_a_migration_depends_on_upstream_migrations_only() -> None:
    disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    wrong = {
        f"{label}.{name} → {other}"
        for (label, name), migration in disk.items()
        if label in PACKAGES
        for other, _ in migration.dependencies
        if other in PACKAGES and not _may_name(label, other)
    }
    assert wrong == set()


LOOK_UPS = {
    "filter", "exclude", "get", "values", "values_list", "select_related", "prefetch_related", "order_by", "annotate",
    "aggregate", "only", "defer", "F", "Q", "OuterRef", "Count", "Exists", "Prefetch", "Max", "Min", "Sum", "ScopedManager",
}  # fmt: skip


def _names_looked_up(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Yield every name that a query or an attribute walks through: of `custodian__student__label_code`, all three."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node, node.attr
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in LOOK_UPS:
            given = [keyword.arg or "" for keyword in node.keywords]
            given += [
                text.value for text in node.args if isinstance(text, ast.Constant) and isinstance(text.value, str)
            ]
            for path in given:
                yield from ((node, name) for name in path.lstrip("-").split("__"))


def test_no_look_up_reaches_downstream_through_a_reverse_accessor() -> None:
    reverse: dict[str, set[str]] = {}
    for field, own, other in _links():
        if own != other and not field.remote_field.hidden:
            for name in (field.remote_field.get_accessor_name(), field.related_query_name()):
                reverse.setdefault(str(name), set()).add(own)
    # A name that a table upstream uses for a column of its own tells nothing.
    columns: dict[str, set[str]] = {}
    for model in _our_models():
        for field in model._meta.fields:
            columns.setdefault(field.name, set()).add(model._meta.app_label)
    wrong = {
        f"{_place(file, node)} {name} of {', '.join(sorted(reverse[name]))}"
        for file, tree in _modules().items()
        for node, name in _names_looked_up(tree)
        if name in reverse and _package(file) != WIRING
        and not any(_may_name(_package(file), owner) for owner in reverse[name] | columns.get(name, set()))
    }  # fmt: skip
    assert wrong == set()
    assert reverse["student"] == {"rosters"}


def test_no_sql_names_a_table_downstream() -> None:
    tables = {model._meta.db_table: model._meta.app_label for model in _our_models()}
    wrong = {
        f"{_place(file, node)} {word}"
        for file, tree in _modules().items()
        for node, text in _texts(tree)
        for word in re.findall(r"\b[a-z]+_[a-z]+\b", text)
        if word in tables and not _may_name(_package(file), tables[word])
    }
    assert wrong == set()


_ROUTE = re.compile(r"""^([a-z_]+):[a-z][a-z-]*$""")


def test_no_link_leads_downstream() -> None:
    named = [
        (_place(file, node), _package(file), found[1])
        for file, tree in _modules().items()
        for node, text in _texts(tree)
        if (found := _ROUTE.match(text))
    ] + [
        (_place(file), _package(file), space)
        for file, text in _templates()
        for space in re.findall(r"""["']([a-z_]+):[a-z][a-z-]*["']""", text)
    ]
    wrong = {
        f"{place} → {other}"
        for place, own, other in named
        if other in ORDER and own != WIRING and not _may_name(own, other)
    }
    assert wrong == set()
    assert len(named) > 100


def test_no_template_takes_its_parts_from_downstream() -> None:
    components = {
        str(file.relative_to(folder).with_suffix("")).replace("/", "."): _package(file)
        for folder in ROOT.glob("*/templates/cotton")
        for file in folder.rglob("*.html")
    }
    libraries = {file.stem: _package(file) for file in ROOT.glob("*/templatetags/*.py")}
    wrong = set()
    for file, text in _templates():
        parts = re.findall(r"""\{%\s*(?:include|extends|static)\s+["']([a-z_]+)/""", text)
        parts += [components[name.replace("-", "_")] for name in re.findall(r"<c-([a-z._-]+)", text)
                  if name.replace("-", "_") in components]  # fmt: skip
        loaded = " ".join(re.findall(r"\{%\s*load\s+([^%]*)%\}", text)).split()
        parts += [libraries[name] for name in loaded if name in libraries]
        wrong |= {f"{_place(file)} → {part}" for part in parts if part in ORDER and not _may_name(_package(file), part)}
    assert wrong == set()
    assert components["champ"] == "ui"


def test_no_view_renders_the_template_of_a_package_downstream() -> None:
    wrong = {
        f"{_place(file, node)} {text}"
        for file, tree in _modules().items()
        for node, text in _texts(tree)
        if (found := re.match(r"^([a-z_]+)/[a-z_/]+\.html$", text))
        and found[1] in ORDER
        and _package(file) != WIRING
        and not _may_name(_package(file), found[1])
    }
    assert wrong == set()


# Who may write.

ALWAYS_A_WRITE = {
    "asave", "bulk_create", "abulk_create", "bulk_update", "abulk_update", "get_or_create", "aget_or_create",
    "update_or_create", "aupdate_or_create", "adelete", "aupdate", "acreate",
}  # fmt: skip
A_WRITE_OF_A_QUERY = {"create", "update", "delete"}
QUERY = {"objects", "_base_manager", "_default_manager", "filter", "exclude", "all", "using"}
WRITING_SQL = re.compile(
    r"\b(INSERT\s+INTO|UPDATE\s+(ONLY\s+)?[\w\"{}]+\s+(AS\s+\w+\s+)?SET|DELETE\s+FROM|TRUNCATE\s+(TABLE\s+)?[\w\"{}]+\s"
    r"|MERGE\s+INTO|COPY\s+[\w\"{}]+[^;]*\bFROM\s+STDIN)"
)


def _may_write(file: Path) -> bool:
    parts = file.relative_to(ROOT).parts
    # `management/commands` are what the terminal calls, not commands of a package.
    return parts[1] in ("commands", "commands.py") or parts[1:] == ("ledger.py",) or "/".join(parts) == EMPTIES_THE_DEMO


# ReportLab's drawing is saved too, and is no row.
DRAWING = "_canvas"


def _is_write(called: str, of: ast.expr, call: ast.Call) -> bool:
    walked = {inner.attr for inner in ast.walk(of) if isinstance(inner, ast.Attribute)}
    if called == "save":
        # A file is saved under a name; a row never is.
        return not call.args and DRAWING not in walked
    if called in ALWAYS_A_WRITE or (called in A_WRITE_OF_A_QUERY and walked & QUERY):
        return True
    if called == "delete":
        return not call.args and not call.keywords
    # Of a set or a digest `update` takes a value, of rows only names of columns.
    return called == "update" and bool(call.keywords) and not call.args


def _writes(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and _is_write(node.func.attr, node.func.value, node)
        ):
            yield node
    yield from (node for node, text in _texts(tree) if WRITING_SQL.search(text))


def test_rows_are_written_by_commands_and_the_ledger_only() -> None:
    wrong = {_place(file, node) for file, tree in _modules().items() if not _may_write(file) for node in _writes(tree)}
    assert wrong == set()


def test_commands_do_write() -> None:
    # Were nothing seen in the commands, the test above would prove nothing.
    writing = {file.relative_to(ROOT).parts[0] for file, tree in _modules().items() if any(_writes(tree))}
    assert writing == set(PACKAGES) - {"config", "kernel", "ui"}


@pytest.mark.parametrize(
    "code",
    [
        "Region.objects.create(code=1)",
        "Region.objects.filter(code=1).update(name='x')",
        "rows.update(name='x')",
        "student.delete()",
        "student.save()",
        "student.save(update_fields=['name'])",
        "Student.objects.bulk_create(rows)",
        "cursor.execute('INSERT INTO fleet_lot VALUES (1)')",
        "cursor.execute(f'UPDATE {table} SET name = 1')",
        "cursor.execute('DELETE FROM fleet_lot')",
        "cursor.copy('COPY rosters_line (a, b) FROM STDIN')",
    ],
)
def test_a_write_is_known_as_such(code: str) -> None:
    assert list(_writes(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "digest.update(block)",
        "places.update(dict.fromkeys(keys, 1))",
        "self._canvas.save()",
        "SimpleNamespace(update=1)",
    ],
)
def test_what_only_sounds_like_a_write_is_none(code: str) -> None:
    assert not list(_writes(ast.parse(code)))


# Jobs.


def _job_names() -> Iterator[tuple[str, str]]:
    """Yield every name that code enqueues a job by. A name that is a constant is looked up in its module."""
    for file, tree in _modules().items():
        constants = {
            target.id: node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr in ("configure_task", "periodic_task"):
                named = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "name")][0]
                name = constants.get(named.id) if isinstance(named, ast.Name) else getattr(named, "value", None)
                yield _place(file, node), str(name)


def test_each_job_that_a_command_enqueues_exists() -> None:
    jobs.perform_import_paths()
    enqueued = list(_job_names())
    assert {f"{place} {name}" for place, name in enqueued if name not in jobs.tasks} == set()
    assert enqueued


def test_no_command_imports_a_task_and_each_job_bears_the_name_of_its_package() -> None:
    jobs.perform_import_paths()
    for name, task in jobs.tasks.items():
        home = task.func.__module__ if task.func else ""
        if home.startswith("cartable."):
            assert name.split(".")[0] == home.split(".")[1], name
    wrong = {
        _place(file, node)
        for file, tree in _modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and re.match(r"cartable\.\w+\.tasks$", node.module or "")
        if file.name != "apps.py"
    }
    assert wrong == set()


# Rooms.


def test_every_package_is_placed_and_has_its_page() -> None:
    assert set(PACKAGES) == set(ORDER)
    assert {package for package in PACKAGES if not (ROOT / package / "README.md").is_file()} == set()


def test_no_module_bears_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "service", "services", "handler",
             "handlers", "data", "info", "process", "misc", "core", "base", "lib", "tools", "shared"}  # fmt: skip
    # Django finds a database backend by this name.
    found = {str(file.relative_to(ROOT)) for file in ROOT.rglob("*.py") if {file.stem, file.parent.name} & empty}
    assert found == {"config/postgresql/base.py"}
