"""The product's web server on a port of its own, beside a scratch database."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from cartable.config.processes import web_command
from cartable.config.scratch import Scratch

_READY_WITHIN_S = 30.0


class ServerFailed(Exception):
    """The web server ended, or did not answer in time."""


@dataclass(frozen=True)
class Served:
    """A running web server: the port on which it answers, and its process."""

    port: int
    pid: int


@contextmanager
def web_server(scratch: Scratch, extra_environment: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Serve the scratch database until the block ends."""
    port = free_port()
    process = start_beside(web_command(port), scratch, extra_environment)
    try:
        wait_until_it_answers(port, process)
        yield Served(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def start_beside(
    command: Sequence[str],
    scratch: Scratch,
    extra_environment: Mapping[str, str] | None = None,
    *,
    output: int | None = None,
) -> "subprocess.Popen[bytes]":
    """Start one of the product's processes on a scratch database. ``output``: as `subprocess` has it."""
    return subprocess.Popen(
        command,
        env={**os.environ, **scratch.environment, "DJANGO_SETTINGS_MODULE": "cartable.config.settings",
             **(extra_environment or {})},
        stdout=output, stderr=output,
        start_new_session=True,  # Ctrl-C stops us first; then we stop the server, and drop its database.
    )  # fmt: skip


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_it_answers(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Return once a web server listens on its port. Raises ServerFailed."""
    deadline = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServerFailed(f"the web server ended with code {process.returncode}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise ServerFailed("the web server did not answer")
