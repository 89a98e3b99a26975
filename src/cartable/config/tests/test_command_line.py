"""The console script: a help page for people, and a sentence instead of a traceback where something is missing."""

import os
import subprocess
import sys

import pytest
from django.core.management import get_commands
from django.db import connection
from django.utils import translation

from cartable.config.command_line import LIBRARY_COMMANDS, OUR_COMMANDS, CartableUtility

NOBODY_LISTENS = "postgresql://cartable@127.0.0.1:1/cartable"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the console script as a terminal does."""
    return subprocess.run(
        [sys.executable, "-m", "cartable.config.command_line", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def on_a_dead_server(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run where no database answers."""
    return run(*arguments, DATABASE_URL=NOBODY_LISTENS, DATABASE_OWNER_URL=NOBODY_LISTENS)


def run_here(*arguments: str) -> object:
    """Run a command that ends before it needs anything, in this process; return its exit code."""
    with translation.override("fr"), pytest.raises(SystemExit) as ended:
        CartableUtility(["cartable", *arguments]).execute()
    return ended.value.code


def test_each_command_of_ours_has_its_place_on_the_help_page() -> None:
    ours = [name for name, package in get_commands().items() if str(package).startswith("cartable.")]
    placed = [name for names in OUR_COMMANDS.values() for name in names]
    assert sorted(placed) == sorted(ours)
    assert set(LIBRARY_COMMANDS) <= set(get_commands()) - set(ours)


def test_the_help_page_needs_no_database_and_names_each_command() -> None:
    answer = on_a_dead_server("--help")
    assert answer.returncode == 0
    for name in [*LIBRARY_COMMANDS, *(name for names in OUR_COMMANDS.values() for name in names)]:
        assert f"\n  {name} " in answer.stdout
    assert "sqlsequencereset" not in answer.stdout


@pytest.mark.parametrize("name", sorted(name for names in OUR_COMMANDS.values() for name in names))
def test_the_help_of_a_command_is_about_the_command(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here(name, "--help") == 0
    shown = capsys.readouterr().out
    assert f"cartable {name}" in shown
    assert "--pythonpath" not in shown


@pytest.mark.parametrize(
    "arguments",
    # An ORM query, a bare connection of the owner, and a migration.
    [["schools", "import", "nothing.csv"], ["simulate", "day"], ["up"]],
    ids=" ".join,
)
def test_without_a_database_a_command_says_so_and_fails(arguments: list[str]) -> None:
    answer = on_a_dead_server(*arguments)
    assert answer.returncode != 0
    assert "Traceback" not in answer.stderr
    assert "The database does not answer" in answer.stderr


@pytest.mark.django_db
def test_an_empty_database_is_told_apart_from_a_dead_one() -> None:
    known = connection.settings_dict
    url = f"host={known['HOST']} user={known['USER']} dbname=postgres"
    url += f" port={known['PORT']}" if known["PORT"] else ""
    url += f" password={known['PASSWORD']}" if known["PASSWORD"] else ""
    answer = run("schools", "import", "nothing.csv", DATABASE_URL=url, DATABASE_OWNER_URL=url)
    assert answer.returncode != 0
    assert "Traceback" not in answer.stderr
    assert "cartable migrate" in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "Unknown command: 'nonsense'"),
        (["demo", "--port", "99999"], "a port is a number from 1 to 65535"),
        (["up", "--port", "abc"], "a port is a number from 1 to 65535"),
        (["ledger"], "required: ACTION"),
        (["ledger", "torture", "--steps", "0"], "--steps starts at 1."),
        (["simulate", "day", "--students", "3"], "30 to 4000 students"),
        (["bench", "nothing"], "There are: "),
        (["roster", "import"], "required: FILE"),
        (["delivery", "import", "x.csv"], "required: --supplier, --lot"),
    ],
)
def test_wrong_arguments_are_answered_with_what_is_right(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_here(*arguments) not in {0, None}
    assert said in capsys.readouterr().err


def test_a_connection_string_that_is_none_is_refused_without_being_repeated() -> None:
    answer = run("ledger", "audit", DATABASE_URL="secret word", DATABASE_OWNER_URL="secret word")
    assert answer.returncode != 0
    assert "no connection string" in answer.stderr
    assert "secret" not in answer.stderr


def test_one_of_the_two_roles_alone_is_refused() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    answer = subprocess.run(
        [sys.executable, "-m", "cartable.config.command_line", "ledger", "audit"],
        env={**environment, "DATABASE_URL": NOBODY_LISTENS},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode != 0
    assert "DATABASE_OWNER_URL" in answer.stderr
