"""The embedded PostgreSQL keeps its data whatever ends it, and keeps checkouts, users and starts apart."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from cartable.config import embedded
from cartable.config.embedded import EmbeddedServer, EmbeddedServerFailed, embedded_server

# sockaddr_un holds 107 characters and the zero that ends them.
LONGEST_SOCKET = 107
SOCKET = ".s.PGSQL.5432"

NewCheckout = Callable[..., EmbeddedServer]


def _asked(server: EmbeddedServer, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.owner_url, autocommit=True) as connection:
        return connection.execute(query).fetchall()


def _told(server: EmbeddedServer, statement: str) -> None:
    with psycopg.connect(server.owner_url, autocommit=True) as connection:
        connection.execute(statement)


def _pid(server: EmbeddedServer) -> int:
    return int((server.data_directory / "postmaster.pid").read_text().split()[0])


def _kill(server: EmbeddedServer) -> None:
    os.kill(_pid(server), signal.SIGKILL)


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    """The files of a stopped server with one row, made once. Its creation was killed half way the first time."""
    # Not below pytest's own directory: other sessions take the right to walk through it away.
    folder = Path(tempfile.mkdtemp(prefix="cartable-"))
    server = embedded_server(folder / "var")
    (server.data_directory / "base").mkdir(parents=True)
    (server.data_directory / "postgresql.conf").write_text("half")
    try:
        assert embedded.start(server)
        _told(server, "CREATE TABLE kept (word text)")
        _told(server, "INSERT INTO kept VALUES ('first')")
        embedded.stop(server)
        yield server.directory
    finally:
        embedded.stop(server)
        shutil.rmtree(folder)


@pytest.fixture
def checkout(template: Path) -> Iterator[NewCheckout]:
    """Return a function that makes one more checkout with the files of the template, its server stopped."""
    folders: list[Path] = []
    servers: list[EmbeddedServer] = []

    def new_checkout(below: str = "var") -> EmbeddedServer:
        folder = Path(tempfile.mkdtemp(prefix="cartable-"))
        folders.append(folder)
        (folder / below).parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", str(template), str(folder / below)], check=True)
        servers.append(embedded_server(folder / below))
        return servers[-1]

    yield new_checkout
    for server in servers:
        embedded.stop(server)
        if not server.socket_directory.is_relative_to(server.directory):
            shutil.rmtree(server.socket_directory, ignore_errors=True)
    for folder in folders:
        shutil.rmtree(folder)


def test_data_survive_a_restart_and_each_role_is_there(checkout: NewCheckout) -> None:
    server = checkout()
    assert embedded.start(server)
    _told(server, "INSERT INTO kept VALUES ('second')")
    embedded.stop(server)
    assert embedded.start(server)
    assert _asked(server, "SELECT word FROM kept") == [("first",), ("second",)]
    with psycopg.connect(server.runtime_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DROP TABLE kept")


def test_data_survive_the_kill_of_the_server_while_others_are_connected(checkout: NewCheckout) -> None:
    server = checkout()
    embedded.start(server)
    idle = [psycopg.connect(server.owner_url) for _ in range(10)]
    _told(server, "INSERT INTO kept VALUES ('before the kill')")
    _kill(server)
    # At once: the dead process may not be collected yet, and its backends may not have noticed.
    assert embedded.start(server)
    assert _asked(server, "SELECT word FROM kept") == [("first",), ("before the kill",)]
    for connection in idle:
        connection.close()


def test_no_second_server_writes_beside_what_a_killed_one_left_running(
    checkout: NewCheckout, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = checkout()
    embedded.start(server)
    # A backend in a long statement, as the machine sees it: a process that works in the data directory.
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, cwd=server.data_directory) as orphan:
        _kill(server)
        monkeypatch.setattr(embedded, "ORPHANS_END_WITHIN_SECONDS", 0.3)
        monkeypatch.setattr(embedded, "_launch", _never)
        with pytest.raises(EmbeddedServerFailed, match=rf"kill .*\b{orphan.pid}\b"):
            embedded.start(server)
    monkeypatch.undo()
    assert embedded.start(server)
    assert _asked(server, "SELECT word FROM kept") == [("first",)]


def _never(*_: object) -> None:
    raise AssertionError("A second server was launched.")


def test_a_number_that_another_process_took_over_after_a_reboot_stops_nothing(checkout: NewCheckout) -> None:
    server = checkout()
    embedded.start(server)
    lines = (server.data_directory / "postmaster.pid").read_text().splitlines()
    embedded.stop(server)
    user = embedded._server_account()
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, user=user.pw_uid if user else None, cwd="/") as stranger:
        (server.data_directory / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:], ""]))
        assert embedded.start(server)
        assert stranger.poll() is None
    assert _asked(server, "SELECT word FROM kept") == [("first",)]


def test_the_kill_of_the_parent_leaves_a_server_that_the_next_one_uses(checkout: NewCheckout) -> None:
    server = checkout()
    start_and_wait = (
        "import sys; from pathlib import Path; from cartable.config import embedded;"
        "print(embedded.start(embedded.embedded_server(Path(sys.argv[1]))), flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", start_and_wait, str(server.directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"True\n"
        pid = _pid(server)
        parent.kill()
    assert not embedded.start(server)
    assert _pid(server) == pid
    assert _asked(server, "SELECT word FROM kept") == [("first",)]


def test_of_four_that_start_together_one_launches_and_all_use_one_server(checkout: NewCheckout) -> None:
    server = checkout()
    with ThreadPoolExecutor(4) as pool:
        launched = list(pool.map(lambda _: embedded.start(server), range(4)))
    assert sorted(launched) == [False, False, False, True]
    assert _asked(server, "SELECT word FROM kept") == [("first",)]


def test_two_checkouts_run_at_once_and_know_nothing_of_each_other(checkout: NewCheckout) -> None:
    one, two = checkout(), checkout()
    assert embedded.start(one)
    assert embedded.start(two)
    assert _pid(one) != _pid(two)
    _told(one, "INSERT INTO kept VALUES ('only here')")
    assert _asked(two, "SELECT word FROM kept") == [("first",)]
    embedded.stop(one)
    assert _asked(two, "SELECT word FROM kept") == [("first",)]


def test_a_checkout_far_down_is_reached_by_a_short_socket_that_nobody_else_may_enter(checkout: NewCheckout) -> None:
    below = "/".join(["un dossier au nom long"] * 6)
    server, other = checkout(f"{below}/var"), checkout(f"{below}/autre/var")
    for one in (server, other, embedded_server(Path("/srv/cartable/var")), embedded_server(Path("/srv") / ("é" * 70))):
        assert len(str(one.socket_directory / SOCKET).encode()) <= LONGEST_SOCKET
    assert server.socket_directory != other.socket_directory
    assert embedded.start(server)
    assert _asked(server, "SELECT word FROM kept") == [("first",)]
    assert server.socket_directory.stat().st_mode & 0o077 == 0
    assert server.data_directory.stat().st_mode & 0o077 == 0
    assert _asked(server, "SHOW listen_addresses") == [("",)]


def test_a_normal_user_creates_starts_and_stops_a_server_of_their_own() -> None:
    user = pwd.getpwuid(os.geteuid()) if os.geteuid() else pwd.getpwnam("nobody")
    folder = Path(tempfile.mkdtemp(prefix="cartable-"))
    server = embedded_server(folder / "var")
    try:
        os.chown(folder, user.pw_uid, user.pw_gid)
        assert _as_user(user, lambda: _lives_through_a_kill(server)) == 0
        assert {path.owner() for path in server.data_directory.rglob("*")} == {user.pw_name}
    finally:
        shutil.rmtree(folder)


def _lives_through_a_kill(server: EmbeddedServer) -> None:
    try:
        assert embedded.start(server)
        _told(server, "CREATE TABLE kept AS SELECT 'mine' AS word")
        _kill(server)
        assert embedded.start(server)
        assert not embedded.start(server)
        assert _asked(server, "SELECT word FROM kept") == [("mine",)]
    finally:
        embedded.stop(server)
    assert not embedded._is_running(server, None)


def _as_user(user: pwd.struct_passwd, act: Callable[[], None]) -> int:
    """Do something as another user in a fork; return 0 where it succeeded.

    A fork and not a new interpreter: this one may lie where only root reads it.
    """
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(user.pw_gid)
                os.setuid(user.pw_uid)
            act()
            code = 0
        except BaseException as failure:
            os.write(2, f"{type(failure).__name__}: {failure}\n".encode())
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
