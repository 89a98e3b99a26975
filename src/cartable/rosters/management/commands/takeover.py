"""``cartable takeover import FILE``: the fleet of another tool from the terminal, the same road as the pages."""

import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_scopes import scope

from cartable.accounts.commands import system_actor
from cartable.documents.queries import FileErased
from cartable.fleet.commands import DeviceAlreadyKnown, StudentAlreadyHolds
from cartable.kernel.names import folded
from cartable.kernel.tables import UnreadableTable
from cartable.organisations.models import Region
from cartable.organisations.queries import region_named
from cartable.rosters.commands.takeover import open_books
from cartable.rosters.commands.takeover_files import keep_takeover
from cartable.rosters.models import Takeover
from cartable.rosters.queries import takeover_checks, takeovers
from cartable.rosters.queries.takeovers import Reckoned, Reconciliation, ShownTakeoverLine
from cartable.rosters.takeover_words import REFUSALS, unreadable_takeover

LINES_WAIT = 3  # Exit code: the rest was read (and entered, if asked), some lines were not.


class Command(BaseCommand):
    """Take over the fleet of another tool."""

    help = "Shows what the fleet of another tool would bring (`takeover import FILE`); --apply opens the books with it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the one subcommand."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        importing = actions.add_parser("import", help="check a fleet's export; take it over if asked")
        importing.add_argument(
            "file", type=Path, help="CSV or .xlsx (or one in a zip), one PC per line, with who has it or where it is"
        )
        importing.add_argument("--supplier", required=True, help="name of the contractor that sold the PCs")
        importing.add_argument("--repairer", default="", help="name of the contractor that has those under repair")
        importing.add_argument("--lot", default="", help="accounting batch, for lines that name none")
        importing.add_argument("--model", default="", help="model, for lines that name none")
        importing.add_argument("--counted-on", type=date.fromisoformat, help="day of the export; today by default")
        importing.add_argument("--region", default="", help="INSEE code, where there are several regions")
        importing.add_argument("--apply", action="store_true", help="open the books: enter the PCs")
        importing.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what the file holds, take it over if asked; exit code 3 where lines were refused or wait."""
        try:
            region = region_named(options["region"])
        except Region.DoesNotExist as error:
            raise CommandError(_("Nommez une région qui existe : --region CODE.")) from error
        with scope(region=region.pk, school=None):
            try:
                shown = self._import(region, options)
            except UnreadableTable as error:
                raise CommandError(unreadable_takeover(error.code, line=error.line, detail=error.detail)) from error
            except OSError as error:
                raise CommandError(f"{options['file']}: {error.strerror}") from error
            except (DeviceAlreadyKnown, StudentAlreadyHolds, FileErased) as error:
                raise CommandError(str(REFUSALS[error.code])) from error
        waiting = shown["waiting"]
        self.stdout.write(json.dumps(shown, ensure_ascii=False) if options["json"] else _text(shown))
        if waiting:
            text = ngettext("%(count)s ligne à régler.", "%(count)s lignes à régler.", len(waiting))
            raise CommandError(text % {"count": len(waiting)}, returncode=LINES_WAIT)

    def _import(self, region: Region, options: dict[str, Any]) -> dict[str, Any]:
        said = {
            "region_id": region.pk,
            "supplier_id": _contractor("supplier", options["supplier"]),
            "repairer_id": _contractor("repairer", options["repairer"]) if options["repairer"] else None,
            "default_lot": options["lot"],
            "default_model": options["model"],
            "counted_on": options["counted_on"] or timezone.localdate(),
            "file_name": options["file"].name,
        }
        content = options["file"].read_bytes()
        if not options["apply"]:
            check = takeover_checks.check_takeover(
                Takeover(id=uuid4(), **said), takeovers.bare_table(content), today=timezone.localdate()
            )
            return {"applied": False, **_counted(check.reconciliation), "waiting": list(map(_line, check.waiting))}
        now, actor_id = timezone.now(), system_actor().pk
        kept = keep_takeover(content=content, sent_at=now, sent_by_id=actor_id, **said)
        done = open_books(takeover_id=kept.pk, applied_at=now, applied_by_id=actor_id)
        kept.refresh_from_db()
        return {
            "applied": True,
            "takeover": str(kept.pk),
            "already_applied": done.already_applied,
            **_counted(takeovers.reconciliation_of(kept)),
            "waiting": list(map(_line, takeovers.waiting_lines(kept, only_open=True))),
        }


def _contractor(trade: str, name: str) -> int:
    known = takeovers.contractor_choices(trade)
    for pk, one in known:
        if folded(one) == folded(name):
            return int(pk)
    names = ", ".join(one for _pk, one in known) or _("aucun")
    raise CommandError(_("Aucune entreprise de ce nom. Connues : %(names)s.") % {"names": names})


def _counted(counts: Reconciliation) -> dict[str, Any]:
    return {
        **_row(counts.whole),
        "lots": {row.name: _row(row) for row in counts.by_lot},
        "schools": {row.name: _row(row) for row in counts.by_school},
        "accounts": {row.name: _row(row) for row in counts.by_account},
    }


def _row(row: Reckoned) -> dict[str, int]:
    return {"read": row.read, "entered": row.in_the_park, "open": row.open_count, "dropped": row.dropped}


def _line(line: ShownTakeoverLine) -> dict[str, Any]:
    # No person: what a terminal prints is kept in logs.
    return {
        "line": line.line,
        "code": line.code,
        "queued": line.is_queued,
        "serial": line.serial,
        "cause": line.cause,
        "remedy": line.remedy,
    }


def _text(shown: dict[str, Any]) -> str:
    lines = [
        f"! {_('Ligne %(n)s') % {'n': one['line']}} · {one['serial']} · {one['cause']}. {one['remedy']}"
        for one in shown["waiting"]
    ]
    for group in ("accounts", "lots"):
        lines += [f"  {name}: {row['entered']}/{row['read']}" for name, row in shown[group].items()]
    if shown.get("already_applied"):
        what = ngettext("%(count)s PC déjà repris.", "%(count)s PC déjà repris.", shown["entered"])
    elif shown["applied"]:
        what = ngettext("%(count)s PC repris.", "%(count)s PC repris.", shown["entered"])
    else:
        what = ngettext("%(count)s PC serait repris.", "%(count)s PC seraient repris.", shown["entered"])
    return "\n".join([*lines, what % {"count": shown["entered"]}])
