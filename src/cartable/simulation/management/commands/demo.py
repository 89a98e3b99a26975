"""``cartable demo``: a region to try everything in, from nothing to ready."""

import os
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cartable.config.environment import VAR_DIRECTORY
from cartable.config.processes import ProcessesFailed, port_number, run_web_and_worker
from cartable.distribution.models import DayState
from cartable.simulation import demo, demo_cast

DIRECTORY = VAR_DIRECTORY / "demo"


class Command(BaseCommand):
    """The demo region with web and worker."""

    help = "Builds the demo region once, then runs web and worker until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare port and reset."""
        parser.add_argument("--port", type=port_number, default=8000, help="port of the web server (default: 8000)")
        parser.add_argument("--reset", action="store_true", help="build the demo again from nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, build where nothing stands, run, say where."""
        port = options["port"]
        # A demo is tried in whatever browser is there: its stations say that they may forget, and open.
        os.environ.setdefault("CARTABLE_STATIONS_MAY_FORGET", "1")
        call_command("migrate", verbosity=0)
        self._stand(reset=options["reset"], address=f"http://localhost:{port}/poste/")
        try:
            run_web_and_worker(port, lambda: self._say_ready(port))
        except ProcessesFailed as failure:
            raise CommandError(str(failure)) from failure

    @translation.override("fr")  # The demo is a French region's, whatever the terminal speaks.
    def _stand(self, *, reset: bool, address: str) -> None:
        try:
            if reset:
                demo.empty_database()
            if demo.is_built():
                demo.renew(DIRECTORY, now=timezone.now(), address=address)
                return
            if demo.has_people():  # A build that was killed half way: nothing of anybody's is in it.
                demo.empty_database()
            demo.build(DIRECTORY, now=timezone.now(), address=address)
        except demo.NotADemo:
            raise CommandError(
                _("Cette base contient une autre région que la démonstration : rien n’y est construit.")
            ) from None

    def _say_ready(self, port: int) -> None:
        lines = [f"Cartable is ready: http://localhost:{port}", ""]
        for account in demo_cast.accounts():
            lines.append(f"  {account.email:<32} {demo_cast.PASSWORD:<28} {account.role.label}")
        lines.append("")
        for one in demo.demo_days_of_region():
            state = DayState(one.state).label
            lines.append(
                f"  {one.school.name}, {one.school.town}: {state} → http://localhost:{port}/journees/{one.day_id}/"
            )
        lines += ["", f"  {_('Fichiers et papiers de la journée prête')} : {DIRECTORY}"]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()
