"""Deliveries from the terminal."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_scopes import scope

from cartable.accounts.commands import system_actor
from cartable.fleet.commands import DeviceAlreadyKnown
from cartable.kernel.names import folded
from cartable.kernel.tables import UnreadableTable
from cartable.organisations.models import Region
from cartable.organisations.queries import region_named
from cartable.supply import commands
from cartable.supply.models import DeliveryNote
from cartable.supply.queries import deliveries, notes
from cartable.supply.queries.deliveries import ShownLine
from cartable.supply.words import REFUSALS, unreadable_note

REFUSED_LINES = 3  # Exit code: the rest was read (and received, if asked), some lines were not.


class Command(BaseCommand):
    """Import a supplier's delivery note."""

    help = "Shows what a supplier's delivery note would bring (`delivery import FILE`); --apply receives it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the one subcommand."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        importing = actions.add_parser("import", help="check a delivery note; receive it if asked")
        importing.add_argument("file", type=Path, help="CSV or .xlsx with a serial number per line")
        importing.add_argument("--supplier", required=True, help="name of the contractor that delivers")
        importing.add_argument("--lot", required=True, help="reference of the accounting batch")
        importing.add_argument("--reference", default="", help="number that the supplier gave to the note")
        importing.add_argument("--model", default="", help="model, for lines that name none")
        importing.add_argument("--received-on", type=date.fromisoformat, help="day of arrival; today by default")
        importing.add_argument("--region", default="", help="INSEE code, where there are several regions")
        importing.add_argument("--apply", action="store_true", help="receive: enter the PCs in the park")
        importing.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what the note holds, receive it if asked; exit code 3 where lines were refused."""
        try:
            region = region_named(options["region"])
        except Region.DoesNotExist as error:
            raise CommandError(_("Nommez une région qui existe : --region CODE.")) from error
        with scope(region=region.pk, school=None):
            try:
                shown = self._import(region, options)
            except UnreadableTable as error:
                raise CommandError(unreadable_note(error.code, line=error.line, detail=error.detail)) from error
            except OSError as error:
                raise CommandError(f"{options['file']}: {error.strerror}") from error
            except DeviceAlreadyKnown as error:
                raise CommandError(str(REFUSALS[error.code])) from error
        refused = shown["refused"]
        self.stdout.write(json.dumps(shown, ensure_ascii=False) if options["json"] else _text(shown))
        if refused:
            text = ngettext("%(count)s ligne refusée.", "%(count)s lignes refusées.", len(refused))
            raise CommandError(text % {"count": len(refused)}, returncode=REFUSED_LINES)

    def _import(self, region: Region, options: dict[str, Any]) -> dict[str, Any]:
        contractor_id = _supplier(options["supplier"])
        said = {
            "region_id": region.pk,
            "contractor_id": contractor_id,
            "lot_reference": options["lot"],
            "reference": options["reference"],
            "default_model": options["model"],
            "received_on": options["received_on"] or timezone.localdate(),
            "file_name": options["file"].name,
        }
        content = options["file"].read_bytes()
        if not options["apply"]:
            return _checked(notes.check_note(DeliveryNote(content=content, **said)))
        now, actor_id = timezone.now(), system_actor().pk
        try:
            note_id = commands.keep_note(content=content, sent_at=now, sent_by_id=actor_id, **said).pk
        except commands.NoteReceivedAlready as known:
            return _received(known.delivery_id, already=True)
        received = commands.receive_delivery(note_id=note_id, received_at=now, received_by_id=actor_id)
        return _received(received.delivery_id, already=received.already_received)


def _supplier(name: str) -> int:
    suppliers = notes.supplier_choices()
    for pk, known in suppliers:
        if folded(known) == folded(name):
            return int(pk)
    names = ", ".join(known for _pk, known in suppliers) or _("aucun")
    raise CommandError(_("Aucun fournisseur de ce nom. Connus : %(names)s.") % {"names": names})


def _checked(check: notes.Check) -> dict[str, Any]:
    return {
        "lines": check.line_count,
        "accepted": check.accepted_count,
        "tags_to_make": check.made_tag_count,
        "models": dict(check.models),
        "pallets": check.pallet_count,
        "warnings": list(check.warnings),
        "refused": list(map(_refused, check.refused)),
        "applied": False,
    }


def _received(delivery_id: int, *, already: bool) -> dict[str, Any]:
    row = deliveries.delivery_row(delivery_id)
    return {
        "delivery": delivery_id,
        "accepted": row.accepted_count,
        "refused": list(map(_refused, deliveries.refused_lines(delivery_id, only_open=True))),
        "applied": True,
        "already_received": already,
    }


def _refused(line: ShownLine) -> dict[str, Any]:
    return {"line": line.line, "code": line.code, "serial": line.serial, "cause": line.cause, "remedy": line.remedy}


def _text(shown: dict[str, Any]) -> str:
    lines = [
        f"! {_('Ligne %(n)s') % {'n': r['line']}} · {r['serial']} · {r['cause']}. {r['remedy']}"
        for r in shown["refused"]
    ]
    if shown.get("already_received"):
        what = ngettext("%(count)s PC déjà reçu.", "%(count)s PC déjà reçus.", shown["accepted"])
    elif shown["applied"]:
        what = ngettext("%(count)s PC reçu.", "%(count)s PC reçus.", shown["accepted"])
    else:
        what = ngettext("%(count)s PC entrerait.", "%(count)s PC entreraient.", shown["accepted"])
    return "\n".join([*lines, what % {"count": shown["accepted"]}])
