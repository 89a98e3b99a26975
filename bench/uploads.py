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
# More large uploads at once are told to come again (distribution/api/scans.py).
CLIENT_COUNTS = (1, 2)
# The clients whose ratio is the figure: one, so that neither the queue nor the second core is measured.
_CLIENTS = 1
_ROUNDS = 5
_WARM_UP = SCHOOL_COUNT


def run(size: int = 16) -> dict[str, Any]:
    """Send `size` uploads per window (rounded up to 8, one for each lycée); median of 5 windows each, alternating.

    The figure is scans per second with one client.
    """
    per_window = -(-size // SCHOOL_COUNT) * SCHOOL_COUNT
    upload_count = 2 * per_window * len(CLIENT_COUNTS) * _ROUNDS + 2 * _WARM_UP
    with scratch_database() as scratch:
        days = running_days(pair_count=upload_count * PAIRS_PER_UPLOAD, stations_per_school=4)
        if not pgbench.ids_follow_one_another(days):
            raise RuntimeError("ids of the scratch database have holes: pgbench's arithmetic does not hold")
        settle()
        with web_server(scratch) as web:
            return _measured(_Used(scratch, days, web), web, per_window)


def _measured(used: "_Used", web: WebServer, per_window: int) -> dict[str, Any]:
    used.limit(2, _WARM_UP)
    used.web(2, _WARM_UP)
    drives: dict[int, list[Drive]] = {clients: [] for clients in CLIENT_COUNTS}
    limits: dict[int, list[float]] = {clients: [] for clients in CLIENT_COUNTS}
    with tqdm(total=_ROUNDS * len(CLIENT_COUNTS), desc="uploads", unit="window", leave=False) as progress:
        for _ in range(_ROUNDS):
            for clients in CLIENT_COUNTS:
                limits[clients].append(used.limit(clients, per_window))
                drives[clients].append(used.web(clients, per_window))
                progress.update()
    refuse_where_a_pair_is_missing(used.pair_count)
    by_clients = {str(clients): compared(drives[clients], limits[clients]) for clients in CLIENT_COUNTS}
    figure = by_clients[str(_CLIENTS)]
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
        "clients": by_clients,
    }


class _Used:
    """Hands out the pairs of the day, each once, 200 of one lycée at a time."""

    def __init__(self, scratch: Scratch, days: RunningDays, web: WebServer) -> None:
        self._scratch, self._days, self._web = scratch, days, web
        self.pair_count = 0

    def limit(self, clients: int, uploads: int) -> float:
        first = self._take(uploads)
        return pgbench.upload_rate(
            self._scratch, self._days, first=first, pairs=PAIRS_PER_UPLOAD, clients=clients,
            per_client=uploads // clients,
        )  # fmt: skip

    def web(self, clients: int, uploads: int) -> Drive:
        first = self._take(uploads)
        requests = [self._request(first, number) for number in range(uploads)]
        return accepted(drive(self._web.port, [requests[n::clients] for n in range(clients)]), PAIRS_PER_UPLOAD)

    def _request(self, first: int, number: int) -> bytes:
        start = first + number // SCHOOL_COUNT * SCHOOL_COUNT * PAIRS_PER_UPLOAD + number % SCHOOL_COUNT
        places = range(start, start + SCHOOL_COUNT * PAIRS_PER_UPLOAD, SCHOOL_COUNT)
        return self._days.request(self._web.port, places)

    def _take(self, uploads: int) -> int:
        first, self.pair_count = self.pair_count, self.pair_count + uploads * PAIRS_PER_UPLOAD
        return first
