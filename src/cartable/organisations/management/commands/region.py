"""``cartable region open CODE NAME``: the first thing that a new database needs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cartable.organisations.commands import open_region


class Command(BaseCommand):
    """The region of a database."""

    help = "Opens a region; then `cartable people add` its manager, and `cartable schools import` its lycées."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the subcommand."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="open")
        opening = actions.add_parser("open", help="Open a region.")
        opening.add_argument("code", metavar="CODE", help="of the official geographical code: 44 is Grand Est")
        opening.add_argument("name", metavar="NAME")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open it, once."""
        try:
            with transaction.atomic():
                region = open_region(code=options["code"].strip(), name=options["name"].strip())
        except IntegrityError as error:
            raise CommandError(_("Une région porte déjà ce code.")) from error
        self.stdout.write(_("Région ouverte : %(name)s.") % {"name": region.name})
