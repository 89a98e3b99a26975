"""One new lycée of 2,500 students after the other is previewed and applied while days run elsewhere at a region's worst pace.

The figure is the p99 of check-outs meanwhile; the limit is their p99 in quiet minutes before and after, in the same run.
Aim: at most twice; preview at most 3 s, application at most 2 s.
"""

import multiprocessing
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from django_scopes import scopes_disabled

from bench.checkout import refuse_where_a_pair_is_missing
from bench.figures import percentile
from bench.load import accepted, paced
from bench.roster_lists import Lists, load, school_lists
from bench.scene import RunningDays, running_days
from bench.scratch import scratch_database, settle
from bench.web import WebServer, web_server
from cartable.organisations.models import Departement

# RELIABILITY 3d: 36 lycées at 300 an hour make 3 a second; tested at twice that.
PER_SECOND = 6.0
_STUDENTS = 2_500
# More lycées than can be loaded while the check-outs last: each of them is loaded for the first time.
_LYCEES = 60
_WARM_UP = 60


def run(size: int = 240) -> dict[str, Any]:
    """Send ``size`` check-outs before, during and after loading the lycée; return the p99 of each."""
    with tempfile.TemporaryDirectory() as directory, scratch_database() as scratch, scopes_disabled():
        days = running_days(pair_count=_WARM_UP + 3 * size, stations_per_school=4)
        departement = Departement.objects.select_related("region").first()
        assert departement is not None
        region = departement.region
        lists = iter([school_lists(Path(directory), region, departement, 900 + n, _STUDENTS) for n in range(_LYCEES)])
        settle()
        with web_server(scratch) as web:
            stream = _Stream(days, web)
            stream.alone(_WARM_UP)
            before = stream.alone(size)
            loadings = []
            during = stream.beside(size, lambda: loadings.append(_load(next(lists))))
            after = stream.alone(size)
            peak_mb = round(web.memory_mb())
        refuse_where_a_pair_is_missing(stream.sent)
    normal = median([percentile(before, 99), percentile(after, 99)])
    return {
        "name": "roster-beside-day",
        "size": size,
        "figure": round(percentile(during, 99), 1),
        "unit": "ms p99 of a check-out meanwhile",
        "limit": round(normal, 1),
        "ratio": round(percentile(during, 99) / normal, 2),
        "p95_ms": round(percentile(during, 95), 1),
        "p99_ms": round(percentile(during, 99), 1),
        "peak_mb": peak_mb,
        "loads": len(loadings),
        "preview_s": round(median(preview for preview, _apply in loadings), 2),
        "apply_s": round(median(application for _preview, application in loadings), 2),
    }


def _load(one: Lists) -> tuple[float, float]:
    loading = load([one], "beside the days")
    return loading.previews[0], loading.applications[0]


class _Stream:
    """Hands out the pairs of the days at a steady pace, from a process of its own."""

    def __init__(self, days: RunningDays, web: WebServer) -> None:
        self._days, self._web, self.sent = days, web, 0

    def alone(self, count: int) -> list[float]:
        """Return the latencies of so many check-outs with nothing else going on."""
        return self.beside(count, lambda: time.sleep(0.05))

    def beside(self, count: int, work: Callable[[], object]) -> list[float]:
        """Return the latencies of so many check-outs while ``work`` is done, as often as there is time."""
        first, self.sent = self.sent, self.sent + count
        requests = [self._days.request(self._web.port, [place]) for place in range(first, first + count)]
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            driving = pool.apply_async(paced, (self._web.port, requests, PER_SECOND))
            while not driving.ready():
                work()
            return accepted(driving.get(), 1).latencies_ms
