"""The terminal's road to the ledger: prove it, or try to break it."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from django.utils.translation import gettext as _

from cartable.fleet.audit import AuditReport, audit_ledger

if TYPE_CHECKING:
    from cartable.fleet.torture import Part, TortureResult

VIOLATIONS_FOUND, COULD_NOT_RUN = 1, 2


class Command(BaseCommand):
    """Audit and torture."""

    help = "Proves the custody ledger (`ledger audit`), or tries to break it by random actions (`ledger torture`)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the two subcommands."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="ACTION")
        audit = verbs.add_parser(
            "audit",
            help="check every invariant of the ledger in one read-only snapshot",
            description="Checks every invariant of the ledger in one read-only snapshot. "
            "Exit code: 0 clean, 1 violations found, 2 the audit could not run.",
        )
        torture = verbs.add_parser(
            "torture",
            help="random actions in a scratch database, compared with a plain model after each step",
            description="Plays random actions through the real commands in a scratch database beside a plain model, "
            "and compares the two after each step. Exit code: 0 no difference, 1 a difference or a violation, "
            "2 it could not run.",
        )
        torture.add_argument("--steps", type=int, default=10_000, help="how many actions of each part (default: 10000)")
        torture.add_argument(
            "--seed", type=int, default=1, help="where chance starts; the same seed plays the same actions"
        )
        torture.add_argument(
            "--part", default="all", help="ledger: movements alone; trade: the gestures of every desk (default: all)"
        )
        torture.add_argument("--resume", action="store_true", help="go on after a run of this seed that was killed")
        for verb in (audit, torture):
            verb.add_argument("--json", action="store_true", help="print one JSON object instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the chosen verb."""
        getattr(self, f"_{options['verb']}")(options)

    def _audit(self, options: dict[str, Any]) -> None:
        try:
            report = audit_ledger()
        except DatabaseError as error:
            raise CommandError(
                _("L’audit n’a pas pu se faire : %(error)s") % {"error": error}, returncode=COULD_NOT_RUN
            ) from error
        self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False) if options["json"] else _as_text(report))
        if report.violations:
            sys.exit(VIOLATIONS_FOUND)

    def _torture(self, options: dict[str, Any]) -> None:
        from cartable.fleet.torture import CouldNotRun, parts

        if options["steps"] < 1:
            raise CommandError("--steps starts at 1.", returncode=COULD_NOT_RUN)
        chosen = [part for part in parts() if options["part"] in {"all", part.name}]
        if not chosen:
            raise CommandError(
                f"--part is one of all, {', '.join(part.name for part in parts())}.", returncode=COULD_NOT_RUN
            )
        try:
            results = _tortured(chosen, options)
        except (CouldNotRun, DatabaseError) as error:
            raise CommandError(str(error), returncode=COULD_NOT_RUN) from error
        except KeyboardInterrupt as stopped:
            raise CommandError(_("Arrêté : --resume reprend où l’on en est."), returncode=COULD_NOT_RUN) from stopped
        if options["json"]:
            self.stdout.write(json.dumps({one.part: one.as_json() for one in results}))
        else:
            self.stdout.write("\n\n".join(one.as_text() for one in results))
        if any(one.difference or one.violations for one in results):
            sys.exit(VIOLATIONS_FOUND)


def _tortured(chosen: Sequence["Part"], options: dict[str, Any]) -> "list[TortureResult]":
    """Play each part; with ``resume`` the one that was killed goes on, those before it are done, those after it begin."""
    from cartable.fleet.torture import has_checkpoint, torture

    seed, goes_on = options["seed"], options["resume"]
    if goes_on:
        killed = next((n for n, part in enumerate(chosen) if has_checkpoint(part, seed)), 0)
        chosen = chosen[killed:]
    return [
        torture(part, steps=options["steps"], seed=seed, resume=goes_on and n == 0, quiet=options["json"])
        for n, part in enumerate(chosen)
    ]


def _as_text(report: AuditReport) -> str:
    lines = []
    for finding in report.findings:
        mark = f"{finding.violations} ✗" if finding.violations else "✓"
        lines.append(f"{finding.invariant}  {mark:>6}  {finding.sentence}")
        lines += [f"             → {subject}" for subject in finding.subjects]
        if finding.violations > len(finding.subjects):
            lines.append(f"             → … (+{finding.violations - len(finding.subjects)})")
    verdict = _("%(violations)d anomalie(s)") if report.violations else _("Aucune anomalie")
    counts = _("%(devices)d PC, %(movements)d mouvements, %(seconds).1f s")
    said = {
        "violations": report.violations, "devices": report.devices, "movements": report.movements,
        "seconds": report.seconds,
    }  # fmt: skip
    return "\n".join([*lines, f"{verdict % said} — {counts % said}"])
