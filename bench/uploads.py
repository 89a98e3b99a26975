"""Uploads of 200 pairs each, what a station sends after an hour without network, beside the same done set-based.

Aim: at least 70 % of the pace of the one SQL statement in which it ends.
"""

from typing import Any

from tqdm import tqdm

from bench import pgbench
from bench.checkout import refuse_where_a_pair_is_missing
from bench.load import Drive, accepted, compared, drive
from bench.scene import SCHOOL_COUNT, RunningDays, running_days
from bench.scratch import Scratch, scratch_database, setting, settle
from bench.web import WebServer, web_server

PAIRS_PER_UPLOAD = 200
# Large uploads are answered one at a time (distribution/api/door.py).
_CLIENTS = 1
_ROUNDS = 5
# Eight threads with a connection each, which plans its statements anew until it has seen them five times.
_WARM_UP = 8 * SCHOOL_COUNT


def run(size: int = 16) -> dict[str, Any]:
    """Send `size` uploads per window (rounded up to 8, one for each lycée); median of 5 windows each, alternating.

    The figure is scans per second.
    """
    per_window = -(-size // SCHOOL_COUNT) * SCHOOL_COUNT
    upload_count = 2 * per_window * _ROUNDS + 2 * _WARM_UP
    with scratch_database() as scratch:
        days = running_days(pair_count=upload_count * PAIRS_PER_UPLOAD, stations_per_school=4)
        if not pgbench.ids_follow_one_another(days):
            raise RuntimeError("ids of the scratch database have holes: pgbench's arithmetic does not hold")
        settle()
        with web_server(scratch) as web:
            return _measured(_Used(scratch, days, web), web, per_window)


def _measured(used: "_Used", web: WebServer, per_window: int) -> dict[str, Any]:
    used.limit(_WARM_UP)
    used.web(_WARM_UP)
    drives: list[Drive] = []
    limits: list[float] = []
    for _ in tqdm(range(_ROUNDS), desc="uploads", unit="window", leave=False):
        limits.append(used.limit(per_window))
        drives.append(used.web(per_window))
    refuse_where_a_pair_is_missing(used.pair_count)
    figure = compared(drives, limits)
    return {
        "name": "uploads",
        "size": per_window,
        "figure": round(figure["figure"] * PAIRS_PER_UPLOAD),
        "unit": "scans/s",
        "limit": round(figure["limit"] * PAIRS_PER_UPLOAD),
        "ratio": figure["ratio"],
        "p95_ms": figure["p95_ms"],
        "p99_ms": figure["p99_ms"],
        "peak_mb": round(web.memory_mb()),
        "synchronous_commit": setting("synchronous_commit"),
        "clients": {str(_CLIENTS): figure},
    }


class _Used:
    """Hands out the pairs of the day, each once, 200 of one lycée at a time."""

    def __init__(self, scratch: Scratch, days: RunningDays, web: WebServer) -> None:
        self._scratch, self._days, self._web = scratch, days, web
        self.pair_count = 0

    def limit(self, uploads: int) -> float:
        first = self._take(uploads)
        return pgbench.upload_rate(
            self._scratch, self._days, first=first, pairs=PAIRS_PER_UPLOAD, clients=_CLIENTS,
            per_client=uploads // _CLIENTS,
        )  # fmt: skip

    def web(self, uploads: int) -> Drive:
        first = self._take(uploads)
        requests = [self._request(first, number) for number in range(uploads)]
        return accepted(drive(self._web.port, [requests[n::_CLIENTS] for n in range(_CLIENTS)]), PAIRS_PER_UPLOAD)

    def _request(self, first: int, number: int) -> bytes:
        start = first + number // SCHOOL_COUNT * SCHOOL_COUNT * PAIRS_PER_UPLOAD + number % SCHOOL_COUNT
        places = range(start, start + SCHOOL_COUNT * PAIRS_PER_UPLOAD, SCHOOL_COUNT)
        return self._days.request(self._web.port, places)

    def _take(self, uploads: int) -> int:
        first, self.pair_count = self.pair_count, self.pair_count + uploads * PAIRS_PER_UPLOAD
        return first
