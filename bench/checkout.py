"""One scan per request through the whole road, beside PostgreSQL's own pace on the same tables.

Aim: at 8 clients at least 20 % of pgbench, with p99 at most 25 ms.
"""

from typing import Any

from django.db import connection
from tqdm import tqdm

from bench import pgbench
from bench.load import Drive, accepted, compared, drive
from bench.scene import RunningDays, running_days
from bench.scratch import Scratch, scratch_database, setting, settle
from bench.web import WebServer, web_server

CLIENT_COUNTS = (1, 8, 32)
# The clients whose ratio is the figure.
_CLIENTS = 8
_ROUNDS = 5
# The limit is several times faster: more pairs, so that its windows last as long.
_LIMIT_FACTOR = 4


def run(size: int = 1600) -> dict[str, Any]:
    """Make `size` pairs per window (a quarter of it for one client); median of 5 windows each, alternating.

    The figure is requests per second at 8 clients.
    """
    windows = [(clients, _per_client(size, clients)) for clients in CLIENT_COUNTS]
    pair_count = sum(clients * each * (1 + _LIMIT_FACTOR) for clients, each in windows) * _ROUNDS
    warm_up = 4 * max(CLIENT_COUNTS)
    with scratch_database() as scratch:
        days = running_days(pair_count=pair_count + warm_up, stations_per_school=4)
        if not pgbench.ids_follow_one_another(days):
            raise RuntimeError("ids of the scratch database have holes: pgbench's arithmetic does not hold")
        settle()
        with web_server(scratch) as web:
            return _measured(scratch, days, web, windows, warm_up, size)


def _per_client(size: int, clients: int) -> int:
    return max(1, (size // 4 if clients == 1 else size) // clients)


def _measured(
    scratch: Scratch, days: RunningDays, web: WebServer, windows: list[tuple[int, int]], warm_up: int, size: int
) -> dict[str, Any]:
    used = _Used(days)
    used.web(web, max(CLIENT_COUNTS), warm_up // max(CLIENT_COUNTS))
    drives: dict[int, list[Drive]] = {clients: [] for clients in CLIENT_COUNTS}
    limits: dict[int, list[float]] = {clients: [] for clients in CLIENT_COUNTS}
    with tqdm(total=_ROUNDS * len(windows), desc="checkout", unit="window", leave=False) as progress:
        for _ in range(_ROUNDS):
            for clients, each in windows:
                limits[clients].append(used.limit(scratch, clients, each * _LIMIT_FACTOR))
                drives[clients].append(used.web(web, clients, each))
                progress.update()
    refuse_where_a_pair_is_missing(used.count)
    by_clients = {str(clients): compared(drives[clients], limits[clients]) for clients in CLIENT_COUNTS}
    figure = by_clients[str(_CLIENTS)]
    return {
        "name": "checkout",
        "size": size,
        "figure": figure["figure"],
        "unit": "requests/s",
        "limit": figure["limit"],
        "ratio": figure["ratio"],
        "p95_ms": figure["p95_ms"],
        "p99_ms": figure["p99_ms"],
        "peak_mb": round(web.memory_mb()),
        "synchronous_commit": setting("synchronous_commit"),
        "clients": by_clients,
    }


class _Used:
    """Hands out the pairs of the day, each once."""

    def __init__(self, days: RunningDays) -> None:
        self._days = days
        self.count = 0

    def limit(self, scratch: Scratch, clients: int, each: int) -> float:
        first = self._take(clients * each)
        return pgbench.pair_rate(scratch, self._days, first=first, clients=clients, per_client=each)

    def web(self, web: WebServer, clients: int, each: int) -> Drive:
        first = self._take(clients * each)
        requests = [self._days.request(web.port, [place]) for place in range(first, first + clients * each)]
        return accepted(drive(web.port, [requests[n::clients] for n in range(clients)]), 1)

    def _take(self, count: int) -> int:
        first, self.count = self.count, self.count + count
        return first


def refuse_where_a_pair_is_missing(sent: int) -> None:
    """Raise unless every pair that was sent is kept as a scan with its movement: nothing of the run counts then."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT movement_id) FROM distribution_scan WHERE kind = 'pair' AND code = ''"
        )
        kept = cursor.fetchone()
    if kept != (sent, sent):
        raise RuntimeError(f"{sent} pairs were sent, {kept} kept: nothing of this run counts")
