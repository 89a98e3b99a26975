"""Run the web server and the worker as children, and stop all of them together.

One parent owns the children: Ctrl-C or SIGTERM reaches it, it asks each child to finish, and only then does the
embedded database stop (`command_line`). A child that dies takes the others with it, loudly.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from cartable.config.environment import database_urls

# Measured (bench/README.md): two processes for two cores; threads wait for the database, four each are enough.
WEB_PROCESSES = 2
BLOCKING_THREADS = 4
READY_WITHIN_SECONDS = 60
STOP_WITHIN_SECONDS = 15
LARGEST_PORT = 65_535


class ProcessesFailed(Exception):
    """Web or worker could not start, or died; the message says which."""


def port_number(text: str) -> int:
    """Read a port from a command line, 1 to 65535."""
    if not text.isdecimal() or not 1 <= int(text) <= LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to {LARGEST_PORT}, not {text!r}")
    return int(text)


def web_command(port: int, host: str = "127.0.0.1") -> list[str]:
    """Return the command line of the web server: Granian, WSGI (STACK: ASGI halves the rate for this work)."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)),
        *("--workers", str(WEB_PROCESSES), "--blocking-threads", str(BLOCKING_THREADS)),
        # A release (SIGHUP) replaces one process after the other: the new one has this long to be ready, else stations see errors.
        *("--respawn-interval", "10", "--no-access-log", "--log-level", "warning", "cartable.config.wsgi:application"),
    ]


def worker_command() -> list[str]:
    """Return the command line of the worker: procrastinate, in the same database."""
    return [sys.executable, "-m", "cartable.config.command_line", "procrastinate", "worker", "--concurrency", "2"]


def child_environment() -> dict[str, str]:
    """Return the environment of a child: it uses the database that runs already, and starts none of its own."""
    runtime_url, owner_url = database_urls()
    return {**os.environ, "DATABASE_URL": runtime_url, "DATABASE_OWNER_URL": owner_url}


def collect_static() -> None:
    """Collect static files where any of them is newer than the last collection."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    sources = Path(__file__).resolve().parents[1].glob("*/static/**/*")
    newest = max((source.stat().st_mtime for source in sources if source.is_file()), default=0.0)
    if not manifest.exists() or manifest.stat().st_mtime < newest:
        call_command("collectstatic", interactive=False, verbosity=0)


def run_web_and_worker(port: int, on_ready: Callable[[], None], host: str = "127.0.0.1") -> None:
    """Run both until Ctrl-C or SIGTERM; call ``on_ready`` once the web answers. Raises ProcessesFailed."""
    run_together({"web": web_command(port, host), "worker": worker_command()}, port=port, on_ready=on_ready)


def run_together(commands: Mapping[str, list[str]], *, port: int | None, on_ready: Callable[[], None]) -> None:
    """Run named commands as one: all live, or all stop. ``port``: wait until it answers before ``on_ready``."""
    if port is not None and _answers(port):
        raise ProcessesFailed(f"Port {port} is taken by another program: choose one with PORT={port + 1}.")
    if port is not None:
        collect_static()
    children: dict[str, subprocess.Popen[bytes]] = {}
    stopping: list[int] = []
    before = {
        number: signal.signal(number, lambda n, _f: stopping.append(n)) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        for name, command in commands.items():
            children[name] = subprocess.Popen(command, env=child_environment(), start_new_session=True)
        _wait_until_ready(children, port, stopping)
        if not stopping:
            on_ready()
        while not stopping:
            _refuse_dead(children)
            time.sleep(0.2)
    finally:
        _stop(children)
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait_until_ready(children: Mapping[str, subprocess.Popen[bytes]], port: int | None, stopping: list[int]) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while port is not None and not stopping:
        _refuse_dead(children)
        if _answers(port) and _serves(port):
            return
        if time.monotonic() > deadline:
            raise ProcessesFailed(f"The web server did not answer on port {port} within {READY_WITHIN_SECONDS} s.")
        time.sleep(0.1)


def _refuse_dead(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for name, child in children.items():
        if (code := child.poll()) is not None:
            raise ProcessesFailed(f"The {name} process ended with code {code}; everything is stopped.")


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
        return True
    return False


def _serves(port: int) -> bool:
    """Say whether a page comes back: a listening socket is not yet a loaded application."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/connexion/", timeout=5) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _stop(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Ask every child to finish; whoever does not is killed with its own children."""
    for child in children.values():
        if child.poll() is None:
            with suppress(ProcessLookupError):
                child.terminate()
    deadline = time.monotonic() + STOP_WITHIN_SECONDS
    for child in children.values():
        try:
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
