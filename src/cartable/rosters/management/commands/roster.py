"""``cartable roster import FILE...``, ``roster watch DIR`` and ``roster review``: the same road as the pages."""

import json
import time
from argparse import ArgumentTypeError
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django_scopes import scopes_disabled
from tqdm import tqdm

from cartable.accounts.commands import system_actor
from cartable.kernel.school_year import SchoolYear
from cartable.kernel.tables import folded_header
from cartable.organisations.models import Region, School
from cartable.organisations.queries import school_for_uai
from cartable.rosters.commands.batches import SentFile, apply_lists, read_file, receive_files
from cartable.rosters.commands.files import SchoolUnknown
from cartable.rosters.commands.mappings import choose_columns
from cartable.rosters.formats.recognition import FileRefused, sentence
from cartable.rosters.formats.refusals import TableNeedsMapping
from cartable.rosters.formats.table import REQUIRED_FIELDS, SYNONYMS
from cartable.rosters.management.review import add_review, review
from cartable.rosters.models import FileState, RosterFile, RosterState
from cartable.rosters.queries.lists import file_refusal, imports_of_file, problems
from cartable.rosters.queries.tables import table_sample
from cartable.rosters.words import FIELD_NAMES, REFUSALS

# A file that is still being copied into the folder grows: it is taken when it has not changed for this long.
_SETTLED_SECONDS = 2.0


def _directory(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise ArgumentTypeError(f"{text}: no such folder")
    return path


def _columns(text: str) -> dict[str, str]:
    columns = {}
    for said in text.split(","):
        name, _sign, header = said.partition("=")
        words = folded_header(name)
        field = next((field for field in SYNONYMS if words in _words_of(field)), None)
        if field is None or not header.strip():
            raise ArgumentTypeError(f"{said}: FIELD=HEADER, FIELD one of {', '.join(SYNONYMS)}")
        columns[field] = header.strip()
    if not columns.keys() >= set(REQUIRED_FIELDS):
        raise ArgumentTypeError(f"at least {' and '.join(REQUIRED_FIELDS)} are needed")
    return columns


def _words_of(field: str) -> set[str]:
    return set(map(folded_header, (field, str(FIELD_NAMES[field]), *SYNONYMS[field])))


class Command(BaseCommand):
    """Lists of students from the terminal."""

    help = (
        "Shows what lists of students would change (`roster import FILE...`, `roster watch DIR`; --apply writes it), "
        "and what waits for a decision (`roster review`)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the subcommands and their options."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        importing = actions.add_parser("import", help="show what files would change; apply them with --apply")
        importing.add_argument(
            "files",
            nargs="+",
            type=Path,
            metavar="FILE",
            help="a list as it was exported, or a zip of many lycées' lists",
        )
        importing.add_argument("--lycee", metavar="UAI", help="refuse files of any other lycée; whose list a table is")
        importing.add_argument(
            "--columns",
            type=_columns,
            metavar="FIELD=HEADER,...",
            help='which column of a table is what ("Nom=NOM,Prénom=PRENOM,Classe=DIV"), remembered for the lycée',
        )
        watching = actions.add_parser("watch", help="take every file that arrives in a folder, until stopped")
        watching.add_argument("folder", type=_directory, metavar="DIR", help="files go on to DIR/read or DIR/refused")
        watching.add_argument("--once", action="store_true", help="take what is there, then stop")
        add_review(actions)
        for action in (importing, watching):
            action.add_argument(
                "--year", type=int, help="first civil year of the school year (default: the present one)"
            )
            action.add_argument("--apply", action="store_true", help="apply what is previewed")
            action.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Preview, apply where asked, report; exit with an error where something was refused."""
        if options["action"] == "review":
            for line in review(options):
                self.stdout.write(line)
            return
        with scopes_disabled():
            if options["action"] == "watch":
                self._watch(options)
                return
            reports = self._import(options["files"], options)
        if options["json"]:
            self.stdout.write(json.dumps({"files": reports}, ensure_ascii=False))
        if refused := [report for report in reports if report["refused"]]:
            raise CommandError(_("%(count)s fichier(s) avec refus.") % {"count": len(refused)})

    def _watch(self, options: dict[str, Any]) -> None:
        folder = options["folder"]
        while True:
            for path in sorted(_settled_files(folder)):
                reports = self._import([path], options)
                if options["json"]:
                    self.stdout.write(json.dumps({"files": reports}, ensure_ascii=False))
                target = folder / ("refused" if any(report["refused"] for report in reports) else "read")
                target.mkdir(exist_ok=True)
                path.rename(target / path.name)
            if options["once"]:
                return
            time.sleep(_SETTLED_SECONDS)

    def _import(self, paths: list[Path], options: dict[str, Any]) -> list[dict[str, Any]]:
        reports = []
        is_quiet = options["json"] or len(paths) < 3
        for path in tqdm(paths, disable=is_quiet, unit=_("fichier")):
            reports += [self._told(report, options) for report in self._take(path, options)]
        return reports

    def _take(self, path: Path, options: dict[str, Any]) -> Iterator[dict[str, Any]]:
        actor_id, now = system_actor().pk, timezone.now()
        if options.get("columns") and not options.get("lycee"):
            raise CommandError(_("--columns demande --lycee : dites de quel lycée est le tableau."))
        try:
            school = self._school(options)
            files = receive_files(
                batch_id=uuid4(),
                region_id=school.region_id if school else _only_region().pk,
                school=school,
                first_year=options["year"] or SchoolYear.containing(timezone.localdate()).first_year,
                files=[SentFile(path.name, path.read_bytes())],
                sent_at=now,
                sent_by_id=actor_id,
            )
        except FileRefused as refusal:
            yield _report(path.name, refused=sentence(refusal, _))
        except SchoolUnknown as refusal:
            yield _report(path.name, refused=_("Le lycée %(uai)s n’est pas dans l’annuaire.") % {"uai": refusal.uai})
        except OSError as error:
            yield _report(path.name, refused=error.strerror or str(error))
        else:
            is_quiet = options["json"] or len(files) < 3
            for file in tqdm(files, disable=is_quiet, unit=_("fichier")):
                yield self._read(file, options, actor_id)

    def _read(self, file: RosterFile, options: dict[str, Any], actor_id: int) -> dict[str, Any]:
        now, today = timezone.now(), timezone.localdate()
        if options.get("columns") and file.school:
            refused = self._choose(file, file.school, options["columns"], actor_id)
            if refused:
                return _report(file.name, refused=refused)
        file = read_file(file_id=file.pk, now=now, today=today)
        report = _report(file.name, known=file.state == FileState.KNOWN)
        if file.state == FileState.REFUSED:
            return report | {"refused": file_refusal(file)}
        if file.state == FileState.MAPPING:
            headers = ", ".join(table_sample(file).header)
            return report | {
                "refused": _("%(why)s Ses colonnes : %(headers)s. Voyez --columns et --lycee.")
                % {
                    "why": sentence(TableNeedsMapping(), _),
                    "headers": headers,
                }
            }
        for one in imports_of_file(file):
            said = problems(one.roster_import)
            report["counts"] |= one.roster_import.counts
            report["problems"] += [
                problem.sentence for problem in said if problem.severity != "warn" or problem.line is None
            ]
            report["refused"] = report["refused"] or next((p.sentence for p in said if p.severity == "refuse"), "")
        is_open = any(one.roster_import.state == RosterState.PREVIEWED for one in imports_of_file(file))
        if options["apply"] and is_open and file.school_id:
            report["applied"] = apply_lists(
                batch_id=file.batch_id, school_id=file.school_id, applied_by_id=actor_id, now=now, today=today
            )
            for one in imports_of_file(file):
                report["counts"] |= one.roster_import.counts
                if one.refusal_code:
                    report["refused"] = str(REFUSALS.get(one.refusal_code, one.refusal_code))
        return report

    def _choose(self, file: RosterFile, school: School, columns: dict[str, str], actor_id: int) -> str:
        """Read a table by the columns that were said; return why that was refused, in words."""
        now, today = timezone.now(), timezone.localdate()
        try:
            choose_columns(
                file_id=file.pk, school=school, columns=columns, chosen_at=now, chosen_by_id=actor_id, today=today
            )
        except FileRefused as refusal:
            read_file(file_id=file.pk, now=now, today=today)
            return sentence(refusal, _)
        return ""

    def _school(self, options: dict[str, Any]) -> School | None:
        uai = (options.get("lycee") or "").strip().upper()
        school = school_for_uai(uai)
        if uai and school is None:
            raise SchoolUnknown(uai)
        return school

    def _told(self, report: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
        if not options["json"]:
            known = _("Déjà lu.") if report["known"] else ""
            self.stdout.write(f"{report['file']}: {report['refused'] or known or report['counts']}")
            for text in report["problems"]:
                self.stdout.write(f"  {text}")
            if report["applied"]:
                self.stdout.write("  " + _("Appliqué."))
        return report


def _report(name: str, *, refused: str = "", known: bool = False) -> dict[str, Any]:
    return {"file": name, "applied": False, "known": known, "counts": {}, "problems": [], "refused": refused}


def _only_region() -> Region:
    region = Region.objects.order_by("pk").first()
    if region is None:
        raise CommandError(_("Aucune région n’est ouverte."))
    return region


def _settled_files(folder: Path) -> Iterator[Path]:
    now = time.time()
    for path in folder.iterdir():
        if path.is_file() and not path.name.startswith(".") and now - path.stat().st_mtime >= _SETTLED_SECONDS:
            yield path
