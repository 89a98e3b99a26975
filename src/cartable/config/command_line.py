"""The console script ``cartable``: every management command, on the embedded server where no other is named."""

import atexit
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cartable.config.embedded import EmbeddedServer

# Commands that need no database: help must answer on a machine where nothing runs yet.
WITHOUT_DATABASE = {"help", "--help", "-h", "version", "--version", "messages", "collectstatic", "makemigrations"}


def main() -> None:
    """Start what the command needs, then run it; the exit code is 0 only where it succeeded."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cartable.config.settings")
    arguments = sys.argv[1:] or ["help"]
    if not WITHOUT_DATABASE.intersection(arguments):
        start_embedded_server()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["cartable", *arguments])


def start_embedded_server() -> None:
    """Start the embedded server where no other is named, and stop it at exit if nobody else uses it."""
    from cartable.config import embedded
    from cartable.config.environment import VAR_DIRECTORY, uses_embedded_server

    if not uses_embedded_server():
        return
    server = embedded.embedded_server(VAR_DIRECTORY)
    try:
        started = embedded.start(server)
    except embedded.EmbeddedServerFailed as failure:
        raise SystemExit(str(failure)) from failure
    if started:
        atexit.register(_stop_when_unused, server)


def _stop_when_unused(server: "EmbeddedServer") -> None:
    from django.db import connections

    from cartable.config import embedded

    connections.close_all()
    if not embedded.is_in_use(server):
        embedded.stop(server)


if __name__ == "__main__":
    main()
