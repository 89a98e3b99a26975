"""PostgreSQL, web server and worker of one run, on a cluster of their own: each can be killed, and is started again at once."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psutil
import psycopg

from cartable.config import embedded
from cartable.config.embedded import EmbeddedServer
from cartable.config.environment import VAR_DIRECTORY
from cartable.config.processes import web_command, worker_command
from cartable.config.scratch import Scratch, migrate, pointed_at
from cartable.simulation.web import ServerFailed, free_port, start_beside, wait_until_it_answers

_BUSY_WITHIN_S = 0.5
# The web server gives each new process 3.5 s before it ends the old one.
_DEPLOYED_WITHIN_S = 60.0
_BUSY = """
SELECT pid FROM pg_stat_activity
WHERE datname = %s AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND usename = %s
ORDER BY state = 'active' DESC, pid
"""


@dataclass
class House:
    """What runs, as a supervisor sees it. The database of the project is not touched."""

    cluster: EmbeddedServer
    scratch: Scratch
    port: int
    web: "subprocess.Popen[bytes]"
    worker: "subprocess.Popen[bytes]"

    def kill_web(self, _dice: Random) -> None:
        """Kill every web process (F02)."""
        _kill_family(self.web)
        self.web = _web(self.port, self.scratch)

    def kill_worker(self, _dice: Random) -> None:
        """Kill the worker."""
        _kill_family(self.worker)
        self.worker = _worker(self.scratch)

    def kill_session(self, dice: Random) -> None:
        """Kill a PostgreSQL process in the middle of a statement: PostgreSQL then ends all others, and recovers."""
        deadline = time.monotonic() + _BUSY_WITHIN_S
        pids: list[int] = []
        while time.monotonic() < deadline and not pids:
            with suppress(psycopg.OperationalError), psycopg.connect(self.cluster.url("postgres", "postgres")) as look:
                pids = [pid for (pid,) in look.execute(_BUSY, [self.scratch.name, embedded.RUNTIME_ROLE]).fetchall()]
        if pids:
            _kill(pids[0] if dice.random() < 0.7 else dice.choice(pids))
        self.wait_for_database()

    def kill_postmaster(self, _dice: Random) -> None:
        """Kill PostgreSQL's first process (F05): the others notice, and end."""
        _kill(self._postmaster().pid)
        embedded.start(self.cluster)

    def kill_database(self, _dice: Random) -> None:
        """Kill every process of PostgreSQL at once (F05), as a machine that loses its power does to them."""
        postmaster = self._postmaster()
        # The postmaster first, or it would start others.
        for process in [postmaster, *postmaster.children(recursive=True)]:
            _kill(process.pid)
        embedded.start(self.cluster)

    def wait_for_database(self) -> None:
        """Return once PostgreSQL takes connections again."""
        deadline = time.monotonic() + embedded.ANSWERS_WITHIN_SECONDS
        while True:
            try:
                psycopg.connect(self.scratch.owner_url).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return

    def deploy(self, _dice: Random) -> None:
        """Let the web server start new processes and end the old ones, as the deployment of a release does (F28)."""
        old = set(self._web_processes())
        self.web.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + _DEPLOYED_WITHIN_S
        while old & set(self._web_processes()):
            if time.monotonic() > deadline:
                raise ServerFailed("the web server did not replace its processes")
            time.sleep(0.05)

    def _web_processes(self) -> list[int]:
        return [child.pid for child in psutil.Process(self.web.pid).children(recursive=True) if child.is_running()]

    def _postmaster(self) -> psutil.Process:
        pid_file = self.cluster.data_directory / "postmaster.pid"
        return psutil.Process(int(pid_file.read_text().partition("\n")[0]))

    def end(self) -> None:
        """Stop what runs."""
        for process in (self.web, self.worker):
            process.terminate()
        for process in (self.web, self.worker):
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                _kill_family(process)


@contextmanager
def open_house() -> Iterator[House]:
    """Start PostgreSQL, web and worker on files of their own; stop all and remove the files at the end.

    This process's connections lead there until then.
    """
    directory = VAR_DIRECTORY / f"killed-{os.getpid()}"
    cluster = embedded.embedded_server(directory)
    embedded.start(cluster)
    try:
        scratch = Scratch(embedded.DATABASE_NAME, cluster.runtime_url, cluster.owner_url)
        with pointed_at(scratch):
            migrate()
            port = free_port()
            house = House(cluster, scratch, port, _web(port, scratch), _worker(scratch))
            try:
                wait_until_it_answers(port, house.web)
                yield house
            finally:
                house.end()
    finally:
        embedded.stop(cluster)
        _remove(directory)


def _web(port: int, scratch: Scratch) -> "subprocess.Popen[bytes]":
    # What they say of a database that is being killed is no news, and would hide what is.
    return start_beside(web_command(port), scratch, output=subprocess.DEVNULL)


def _worker(scratch: Scratch) -> "subprocess.Popen[bytes]":
    return start_beside(worker_command(), scratch, output=subprocess.DEVNULL)


def _remove(directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _kill_family(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process of ours with its children, and nothing else."""
    with suppress(psutil.NoSuchProcess):
        family = psutil.Process(process.pid)
        for one in [family, *family.children(recursive=True)]:
            _kill(one.pid)
    process.wait()
