"""Schools from the terminal."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_scopes import scope

from cartable.kernel.tables import UnreadableTable
from cartable.organisations import commands, queries
from cartable.organisations.models import Region
from cartable.organisations.rules import Difference, RefusedLine
from cartable.organisations.words import REFUSED_LINE, unreadable_file

REFUSED_LINES = 3  # Exit code: the rest was read (and applied, if asked), some lines were not.


class Command(BaseCommand):
    """Import the ministry's school directory."""

    help = "Shows what a school directory would change (`schools import FILE`); --apply writes it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the one subcommand."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        importing = actions.add_parser("import", help="compare a directory file with the books; apply it if asked")
        importing.add_argument("file", type=Path, help="CSV (; or ,) or .xlsx of the annuaire de l’éducation")
        importing.add_argument("--region", default="", help="INSEE code, where there are several regions")
        importing.add_argument("--apply", action="store_true", help="write the difference")
        importing.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the difference, apply it if asked; exit code 3 where lines were refused."""
        try:
            region = queries.region_named(options["region"])
            content = options["file"].read_bytes()
        except Region.DoesNotExist as error:
            raise CommandError(_("Nommez une région qui existe : --region CODE.")) from error
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        with scope(region=region.pk, school=None):
            try:
                found = self._import(region, options["file"].name, content, apply=options["apply"])
            except UnreadableTable as error:
                raise CommandError(unreadable_file(error.code, line=error.line, detail=error.detail)) from error
        self.stdout.write(
            json.dumps(_values(found, options["apply"]), ensure_ascii=False) if options["json"] else _text(found)
        )
        if found.refused:
            refused = ngettext("%(count)s ligne refusée.", "%(count)s lignes refusées.", len(found.refused))
            raise CommandError(refused % {"count": len(found.refused)}, returncode=REFUSED_LINES)

    def _import(self, region: Region, name: str, content: bytes, *, apply: bool) -> Difference:
        if not apply:
            return queries.directory_difference(region, queries.read_directory_of(region, content))
        now = timezone.now()
        directory = commands.keep_directory(region=region, file_name=name, content=content, sent_at=now)
        found = queries.directory_difference(region, queries.reading_of(directory))
        if not found.is_empty:
            commands.apply_directory(directory_id=directory.pk, fingerprint=found.fingerprint, applied_at=now)
        return found


def _values(found: Difference, applied: bool) -> dict[str, Any]:
    return {
        "new": len(found.new),
        "changed": len(found.changed),
        "unchanged": found.unchanged_count,
        "refused": [
            {"line": r.line, "uai": r.uai, "code": r.code, "reason": str(REFUSED_LINE[r.code])} for r in found.refused
        ],
        "absent": found.absent_count,
        "former_numbers": found.former_count,
        "to_close": [uai for uai, _name in found.to_close],
        "other_regions_or_not_lycees": found.ignored_count,
        "new_departements": [code for code, _name, _academy in found.new_departements],
        "new_academies": [code for code, _name in found.new_academies],
        "applied": applied and not found.is_empty,
    }


def _text(found: Difference) -> str:
    counts = _(
        "%(new)s nouveaux, %(changed)s changés, %(unchanged)s sans changement, %(refused)s refusés, %(absent)s absents du "
        "fichier (laissés tels quels), %(ignored)s lignes d’autres régions ou d’autres types d’établissements"
    ) % {
        "new": len(found.new),
        "changed": len(found.changed),
        "unchanged": found.unchanged_count,
        "refused": len(found.refused),
        "absent": found.absent_count,
        "ignored": found.ignored_count,
    }
    new = [f"+ {line.uai} {line.name}, {line.town}" for line in found.new]
    changed = [
        f"~ {school.uai} {change.field}: {change.before} -> {change.after}"
        for school in found.changed
        for change in school.changes
    ]
    waits = _("fermé dans le fichier, encore des élèves ou des PC : fermez-le sur sa page")
    to_close = [f"! {uai} {name} · {waits}" for uai, name in found.to_close]
    return "\n".join([*new, *changed, *to_close, *map(_refused_text, found.refused), counts])


def _refused_text(refused: RefusedLine) -> str:
    place = _("Ligne %(n)s") % {"n": f"{refused.line} {refused.uai}".strip()}
    return f"! {place} · {REFUSED_LINE[refused.code]} {refused.detail}".rstrip()
