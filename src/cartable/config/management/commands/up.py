"""Run web and worker on your own data."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cartable.config.processes import ProcessesFailed, port_number, run_web_and_worker


class Command(BaseCommand):
    """Both processes, until Ctrl-C."""

    help = "Runs the web server and the worker on your own data, until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare port and address."""
        parser.add_argument("--port", type=port_number, default=8000, help="port of the web server (default: 8000)")
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then run."""
        call_command("migrate", verbosity=0)
        try:
            run_web_and_worker(options["port"], lambda: self._say_ready(options["port"]), options["host"])
        except ProcessesFailed as failure:
            raise CommandError(str(failure)) from failure

    def _say_ready(self, port: int) -> None:
        self.stdout.write(f"Cartable is ready: http://localhost:{port}")
