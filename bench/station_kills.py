"""Browsers that are killed with SIGKILL while a scanner works, and start again on the same disk (faults F04, F21).

In front of a server that plays the API from memory and is down two times in three. Every pair whose verdict was painted
green must arrive, once, in a sequence without hole. Aim: 500 kills, nothing lost.
"""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import sync_playwright
from tqdm import tqdm

from bench.figures import percentile
from bench.station_page import chromium_path
from cartable.distribution.tests.station_harness import Server
from cartable.distribution.tests.station_kills import Killed, kill_again_and_again

# The day grows with the kills of one disk: with forty students for each, twenty are a lycée's.
_KILLS_PER_DISK = 20


def run(size: int = 20) -> dict[str, Any]:
    """Kill `size` times, at most 20 times per disk; the figure is how many kills lost and doubled nothing.

    The times are those of one kill: start, scan, die.
    """
    came: list[tuple[int, Killed]] = []
    seconds: list[float] = []
    with sync_playwright() as playwright, _server() as server, TemporaryDirectory() as directory:
        for seed, start in enumerate(tqdm(range(0, size, _KILLS_PER_DISK), desc="station-kills", leave=False)):
            kills = min(_KILLS_PER_DISK, size - start)
            began = time.perf_counter()
            disk = Path(directory) / f"disk{seed}"
            killed = kill_again_and_again(playwright.chromium, chromium_path(), server, disk, seed=seed, kills=kills)
            came.append((seed, killed))
            seconds.append((time.perf_counter() - began) / kills)
    whole = sum(killed.kills for _seed, killed in came if _is_whole(killed))
    return {
        "name": "station-kills",
        "size": size,
        "figure": whole,
        "unit": "kills",
        "limit": size,
        "ratio": round(whole / size, 4),
        "p95_ms": round(1000 * percentile(seconds, 95)),
        "p99_ms": round(1000 * percentile(seconds, 99)),
        "peak_mb": 0,
        "shown": sum(len(killed.shown) for _seed, killed in came),
        "lost": sum(len(killed.lost) for _seed, killed in came),
        "broken_seeds": [seed for seed, killed in came if not _is_whole(killed)],
    }


def _is_whole(killed: Killed) -> bool:
    """Say that nothing shown was lost, no sequence has a hole, and each event arrived once."""
    return not killed.lost and killed.kept == killed.arrived == list(range(1, len(killed.kept) + 1))


class _Server(Server):
    def handle_error(self, request: Any, client_address: Any) -> None:
        # A killed browser reads no answer.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def _server() -> Iterator[Server]:
    server = _Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
