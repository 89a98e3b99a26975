"""The product's web server beside a scratch database, with what it costs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from cartable.config.processes import collect_static
from cartable.config.scratch import Scratch
from cartable.simulation import web as simulation


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
    with simulation.web_server(scratch) as served:
        yield WebServer(served.port, psutil.Process(served.pid))
