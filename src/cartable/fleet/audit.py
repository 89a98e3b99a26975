"""Prove the ledger from outside: read everything once, recompute it, and name whatever does not add up.

The constraints refuse what is illegal; the audit does not believe them. It is run every night, after each restore,
migration and import, on any database. A check is one set-based query whose rows are violations: a device by its
asset tag, a movement by its id, never a person. A package downstream adds its own checks as ``CHECKS`` in a module
``audit``; what is checked here stands in ``audit_checks.py``.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from importlib import import_module
from typing import Any, Protocol

from django.apps import apps
from django.db import connection, models, transaction
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule

SUBJECTS_SHOWN = 20


class Cursor(Protocol):
    """What a check needs of a database cursor: Django's and psycopg's both have it."""

    def execute(self, query: str, params: Any = None) -> Any:
        """Send one statement."""

    def fetchall(self) -> list[Any]:
        """Return the rows of the last statement."""


@dataclass(frozen=True)
class Check:
    """One question to the database; its answer should be empty.

    ``query`` returns one text column, the subjects that violate the sentence. ``parameters`` is called when the check
    runs. ``fold`` replaces the query where rows must be folded in order (the daily roots).
    """

    invariant: str
    name: str
    sentence: str | Promise
    query: str = ""
    parameters: Callable[[], dict[str, Any]] = dict
    fold: Callable[[Cursor], list[str]] | None = None


@dataclass(frozen=True)
class Finding:
    """What one check found: how many violations, the first of them by name, and how long it took."""

    invariant: str
    name: str
    sentence: str
    violations: int
    subjects: list[str]
    seconds: float


@dataclass(frozen=True)
class AuditReport:
    """Every check's finding, over one snapshot of the database."""

    findings: list[Finding]
    devices: int
    movements: int
    last_position: int
    seconds: float = field(default=0.0)

    @property
    def violations(self) -> int:
        """Count violations over all checks."""
        return sum(finding.violations for finding in self.findings)

    @property
    def broken(self) -> list[Finding]:
        """List the checks that found something."""
        return [finding for finding in self.findings if finding.violations]

    def as_json(self) -> dict[str, Any]:
        """Return plain values for ``--json``."""
        return {"violations": self.violations, **asdict(self)}


def installed_checks() -> list[Check]:
    """List the checks of all packages, upstream first."""
    checks: list[Check] = []
    for config in apps.get_app_configs():
        if config.name == "cartable.fleet":
            # This module is fleet's ``audit``; its checks stand beside it.
            checks += import_module("cartable.fleet.audit_checks").CHECKS
        elif config.name.startswith("cartable.") and module_has_submodule(config.module, "audit"):
            checks += import_module(f"{config.name}.audit").CHECKS
    return checks


def audit_ledger(checks: Iterable[Check] | None = None) -> AuditReport:
    """Run the checks (all installed ones by default) in one read-only snapshot.

    Inside a transaction of the caller, that transaction is the snapshot.
    """
    ours = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if ours:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # A sort of 1.2 M movements stays in memory; SET LOCAL ends with the transaction.
            cursor.execute("SET LOCAL work_mem = '128MB'")
        return run_checks(cursor, installed_checks() if checks is None else checks)


def run_checks(cursor: Cursor, checks: Iterable[Check]) -> AuditReport:
    """Run the checks on a cursor, in the transaction that it is in."""
    began = time.perf_counter()
    cursor.execute(
        "SELECT (SELECT count(*) FROM fleet_device), count(*), coalesce(max(position), 0) FROM fleet_movement"
    )
    ((devices, movements, last_position),) = cursor.fetchall()
    findings = [_run(cursor, check) for check in checks]
    return AuditReport(findings, devices, movements, last_position, round(time.perf_counter() - began, 3))


def named_constraints(*app_labels: str) -> dict[str, str]:
    """Map each constraint that the models of these packages name to its table."""
    chosen: list[type[models.Model]] = [m for label in app_labels for m in apps.get_app_config(label).get_models()]
    return {constraint.name: model._meta.db_table for model in chosen for constraint in model._meta.constraints}


def _run(cursor: Cursor, check: Check) -> Finding:
    began = time.perf_counter()
    if check.fold is not None:
        found = check.fold(cursor)
        violations, subjects = len(found), found[:SUBJECTS_SHOWN]
    else:
        cursor.execute(
            f"SELECT subject, count(*) OVER () FROM ({check.query}) AS found (subject)"
            f" ORDER BY subject LIMIT {SUBJECTS_SHOWN}",
            check.parameters(),
        )
        rows = cursor.fetchall()
        violations, subjects = (rows[0][1] if rows else 0), [str(row[0]) for row in rows]
    seconds = round(time.perf_counter() - began, 3)
    return Finding(check.invariant, check.name, str(check.sentence), violations, subjects, seconds)
