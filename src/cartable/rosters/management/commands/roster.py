"""``cartable roster import FILE...``: the same road as the page."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django_scopes import scopes_disabled
from tqdm import tqdm

from cartable.accounts.commands import system_actor
from cartable.kernel.school_year import SchoolYear
from cartable.organisations.models import School
from cartable.rosters.commands.files import SchoolUnknown, apply_import, preview_file
from cartable.rosters.commands.imports import ImportRefused
from cartable.rosters.models import RosterImport
from cartable.rosters.queries import problems
from cartable.rosters.siecle import FileRefused, sentence
from cartable.rosters.words import REFUSALS


class Command(BaseCommand):
    """Lists of students from the terminal."""

    help = "Shows what a lycée's SIECLE files would change; applies them with --apply."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the subcommand and its options."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="import")
        importing = actions.add_parser("import", help="Preview files; apply them with --apply.")
        importing.add_argument("files", nargs="+", type=Path, metavar="FILE", help="SIECLE zip or XML")
        importing.add_argument("--lycee", metavar="UAI", help="refuse files of any other lycée")
        importing.add_argument(
            "--year", type=int, help="first civil year of the school year (default: the present one)"
        )
        importing.add_argument("--apply", action="store_true", help="apply what is previewed")
        importing.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Preview, apply where asked, report; exit with an error where something was refused."""
        with scopes_disabled():
            reports = [
                self._take(path, options)
                for path in tqdm(options["files"], disable=options["json"] or len(options["files"]) < 3)
            ]
        if options["json"]:
            self.stdout.write(json.dumps({"files": reports}, ensure_ascii=False))
        refused = [report for report in reports if report["refused"]]
        if refused:
            raise CommandError(_("%(count)s fichier(s) avec refus.") % {"count": len(refused)})

    def _take(self, path: Path, options: dict[str, Any]) -> dict[str, Any]:
        report: dict[str, Any] = {"file": path.name, "applied": False, "counts": {}, "problems": [], "refused": ""}
        try:
            roster_import = self._preview(path, options)
            report["counts"] = roster_import.counts
            report["problems"] = [p.sentence for p in problems(roster_import) if p.severity != "warn"]
            report["refused"] = next((p.sentence for p in problems(roster_import) if p.severity == "refuse"), "")
            if options["apply"]:
                applied = self._apply(roster_import)
                report |= {"applied": True, "counts": applied.counts}
        except FileRefused as refusal:
            report["refused"] = sentence(refusal, _)
        except SchoolUnknown as refusal:
            report["refused"] = _("Le lycée %(uai)s n’est pas dans l’annuaire.") % {"uai": refusal.uai}
        except ImportRefused as refusal:
            report["refused"] = str(REFUSALS.get(refusal.code, refusal.code))
        except OSError as error:
            report["refused"] = f"{path}: {error.strerror}"
        if not options["json"]:
            self._print(report)
        return report

    def _preview(self, path: Path, options: dict[str, Any]) -> RosterImport:
        school = None
        if options["lycee"]:
            school = School.objects.filter(uai=options["lycee"].strip().upper()).first()
            if school is None:
                raise SchoolUnknown(options["lycee"])
        today = timezone.localdate()
        return preview_file(
            path=path,
            first_year=options["year"] or SchoolYear.containing(today).first_year,
            read_by_id=system_actor().pk,
            now=timezone.now(),
            today=today,
            school=school,
        )

    def _apply(self, roster_import: RosterImport) -> RosterImport:
        return apply_import(
            roster_import=roster_import,
            applied_by_id=system_actor().pk,
            now=timezone.now(),
            today=timezone.localdate(),
        )

    def _print(self, report: dict[str, Any]) -> None:
        self.stdout.write(f"{report['file']}: {report['refused'] or report['counts']}")
        for text in report["problems"]:
            self.stdout.write(f"  {text}")
        if report["applied"]:
            self.stdout.write("  " + _("Appliqué."))
