"""``cartable documents``: the files that people sent, and their keys."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django_scopes import scopes_disabled

from cartable.documents.commands import change_master_key, erase_files_due
from cartable.documents.sealing import SealBroken


class Command(BaseCommand):
    """Stored files from the terminal."""

    help = "Erases stored files that are due, or wraps their keys with a new master key."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the subcommands."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="erase-due | rekey")
        actions.add_parser("erase-due", help="Erase the content of files that have reached their day.")
        actions.add_parser(
            "rekey", help="Wrap all keys with the first of CARTABLE_DOCUMENT_KEYS; run it before dropping the old one."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say how many files it concerned."""
        with scopes_disabled():
            if options["action"] == "erase-due":
                count = erase_files_due(today=timezone.localdate(), erased_at=timezone.now())
                self.stdout.write(_("%(count)s fichier(s) effacé(s).") % {"count": count})
                return
            try:
                count = change_master_key()
            except SealBroken as broken:
                raise CommandError(
                    _("Une clé ancienne manque dans CARTABLE_DOCUMENT_KEYS : remettez-la à la fin de la liste.")
                ) from broken
            self.stdout.write(_("%(count)s clé(s) de fichier changée(s).") % {"count": count})
