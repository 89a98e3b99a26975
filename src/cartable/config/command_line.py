"""The console script ``cartable``: every management command, on the embedded server where no other is named.

The terminal speaks English, as its help does; texts that pages share with it come from the English catalogue.
"""

import atexit
import os
import sys
from textwrap import fill
from typing import TYPE_CHECKING

import psycopg
from django.core.management import ManagementUtility, get_commands
from django.core.management.base import BaseCommand
from django.db import Error as DatabaseError
from django.utils import translation

if TYPE_CHECKING:
    from cartable.config.embedded import EmbeddedServer

# Commands that need no database: help must answer on a machine where nothing runs yet.
WITHOUT_DATABASE = {"help", "version", "--version", "messages", "collectstatic", "makemigrations"}
OUR_COMMANDS = {
    "Run": ("demo", "up", "migrate"),
    "Set up": ("region", "people", "rules"),
    "Take in": ("schools", "delivery", "roster", "takeover"),
    "Prove and measure": ("ledger", "faults", "simulate", "bench"),
    "Maintain": ("documents", "messages"),
}
# Of the forty commands of Django and its libraries, those that somebody who runs Cartable needs.
LIBRARY_COMMANDS = {
    "changepassword": "Gives a person a new password: `cartable changepassword MAIL_ADDRESS`.",
    "axes_reset_username": "Ends the pause after eight wrong passwords: `cartable axes_reset_username MAIL_ADDRESS`.",
    "procrastinate": "Runs the worker alone (`procrastinate worker`); `up` and `demo` run one already.",
    "collectstatic": "Collects style, scripts and fonts anew; `up` and `demo` do it by themselves.",
    "makemigrations": "For developers: writes migrations after a change of models.",
    "shell": "For developers: Python with Cartable loaded.",
    "dbshell": "For developers: psql on the database.",
}
# Django gives these to every command; they work, but nobody needs them to read a help page.
_QUIET_OPTIONS = frozenset(
    {"--version", "--verbosity", "--settings", "--pythonpath", "--traceback", "--no-color", "--force-color", "--skip-checks"}
)  # fmt: skip
DATABASE_FAILED, INTERRUPTED = 2, 130


class CartableUtility(ManagementUtility):
    """Django's utility with a help page that groups our commands, and short help pages for each."""

    def main_help_text(self, commands_only: bool = False) -> str:
        """Return the help page; ``help --commands`` is Django's bare list."""
        if commands_only:
            return super().main_help_text(commands_only=True)
        lines = ["cartable COMMAND [OPTIONS]", "", "`cartable COMMAND --help` explains one command."]
        for title, names in OUR_COMMANDS.items():
            lines += ["", title]
            lines += [_line(name, str(self.fetch_command(name).help)) for name in names]
        lines += ["", "From Django and its libraries (all of them: `cartable help --commands`)"]
        lines += [_line(name, said) for name, said in LIBRARY_COMMANDS.items()]
        return "\n".join(lines)

    def fetch_command(self, subcommand: str) -> BaseCommand:
        """Return the command; ours print a help page without Django's options."""
        if subcommand != "procrastinate":  # What the worker writes is for people of the region, in their language.
            translation.activate("en")
        command = super().fetch_command(subcommand)
        if get_commands().get(subcommand, "").startswith("cartable."):
            command.suppressed_base_arguments = {*command.suppressed_base_arguments, *_QUIET_OPTIONS}
        return command


def main() -> None:
    """Start what the command needs, then run it; the exit code is 0 only where it succeeded."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cartable.config.settings")
    arguments = sys.argv[1:] or ["help"]
    if arguments[0] not in WITHOUT_DATABASE and not {"-h", "--help"}.intersection(arguments):
        start_embedded_server()
    try:
        CartableUtility(["cartable", *arguments]).execute()
    except (DatabaseError, psycopg.Error) as error:
        words = database_failure(error)
        if words is None or "--traceback" in arguments:
            raise
        sys.stderr.write(f"{words}\n")
        sys.exit(DATABASE_FAILED)
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        sys.exit(INTERRUPTED)


def database_failure(error: BaseException) -> str | None:
    """Say what is wrong with the database and what to do; None where it is no fault of the installation."""
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    if not isinstance(cause, psycopg.Error):
        return None
    state = cause.sqlstate or ""
    if isinstance(cause, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn):
        return "The database is empty, or older than this version of Cartable: run `cartable migrate`."
    if isinstance(cause, psycopg.errors.InsufficientPrivilege):
        return f"{_first_line(cause)}\nThe role may not do this: run `cartable migrate`, which gives the rights."
    # No state: the connection failed. 08 connection, 28 password, 3D no such database, 57P shut down.
    if isinstance(cause, psycopg.OperationalError) and (not state or state.startswith(("08", "28", "3D", "57P"))):
        return f"The database does not answer: {_first_line(cause)}\nCheck DATABASE_URL and DATABASE_OWNER_URL."
    return None


def _first_line(error: psycopg.Error) -> str:
    return str(error).partition("\n")[0]


def _line(name: str, said: str) -> str:
    text = fill(said, 96, initial_indent=f"  {name:<21}", subsequent_indent=" " * 23, break_on_hyphens=False)
    return text


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
    except OSError as failure:
        raise SystemExit(f"The embedded database cannot use {VAR_DIRECTORY}: {failure.strerror}.") from failure
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
