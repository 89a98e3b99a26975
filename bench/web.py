"""The product's web server on a port of its own, beside a scratch database."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from bench.scratch import Scratch
from cartable.config.processes import collect_static, web_command

_READY_WITHIN_S = 30.0


@dataclass(frozen=True)
class WebServer:
    """A running server: where it answers, and its processes."""

    port: int
    process: psutil.Process

    def memory_mb(self) -> float:
        """Return the resident memory of all its processes, in MB."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(process.memory_info().rss for process in family) / 1e6

    def cpu_seconds(self) -> float:
        """Return the processor time that its processes have used."""
        family = [self.process, *self.process.children(recursive=True)]
        return float(sum(sum(process.cpu_times()[:2]) for process in family))


@contextmanager
def web_server(scratch: Scratch) -> Iterator[WebServer]:
    """Serve the scratch database until the block ends."""
    collect_static()  # The pages that a browser opens; without them the server warns.
    port = _free_port()
    process = subprocess.Popen(
        web_command(port),
        env={**os.environ, **scratch.environment, "DJANGO_SETTINGS_MODULE": "cartable.config.settings"},
    )
    try:
        _wait_until_it_answers(port, process)
        yield WebServer(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the web server ended with code {process.returncode}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the web server did not answer")
