"""Pairs from a scanner that is faster than the computer: 5 ms a key, 150 ms between codes, a processor slowed 6 times.

Nobody waits for a verdict. Afterwards each student must have the PC that was scanned after her: none lost, none shifted.
Aim: all of 500.
"""

from contextlib import suppress
from typing import Any

import psycopg
from playwright.sync_api import TimeoutError

from bench.checkout import refuse_where_a_pair_is_missing
from bench.figures import percentile
from bench.scene import SCHOOL_COUNT, running_days
from bench.scratch import Scratch, scratch_database, settle
from bench.station_page import browser, wait_until_kept
from bench.web import web_server
from cartable.distribution.tests.station_scanner import paced

_SLOWED = 6
_PAINTED = "n => performance.getEntriesByName('cartable:verdict').length >= n"


def run(size: int = 100) -> dict[str, Any]:
    """Scan `size` pairs without a pause; the figure is how many arrived as they were scanned, in their order."""
    with scratch_database() as scratch:
        days = running_days(pair_count=size * SCHOOL_COUNT, stations_per_school=1)
        settle()
        pairs = [(pair.student_code, pair.device_code) for pair in days.pairs[::SCHOOL_COUNT]]
        with web_server(scratch) as web, browser() as (new_page, memory_mb):
            page = new_page(f"http://127.0.0.1:{web.port}/poste/atelier/", days.posts[0].token)
            page.wait_for_function("() => !document.body.hasAttribute('data-charge')")
            keys = page.context.new_cdp_session(page)
            keys.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWED})
            paced(keys, [code for pair in pairs for code in pair])
            # The computer stays slow until it has said something to each label; one that is lost says nothing.
            with suppress(TimeoutError):
                page.wait_for_function(_PAINTED, arg=2 * size, timeout=60_000)
            keys.send("Emulation.setCPUThrottlingRate", {"rate": 1})
            wait_until_kept(scratch, size)
            painted = page.evaluate("performance.getEntriesByName('cartable:verdict').map((entry) => entry.duration)")
            peak_mb = memory_mb()
        refuse_where_a_pair_is_missing(size)
        intact = sum(was == scanned for was, scanned in zip(_arrived(scratch), pairs, strict=False))
    return {
        "name": "station-pairs",
        "size": size,
        "figure": intact,
        "unit": "pairs",
        "limit": size,
        "ratio": round(intact / size, 4),
        "p95_ms": round(percentile(painted, 95), 1),
        "p99_ms": round(percentile(painted, 99), 1),
        "peak_mb": round(peak_mb),
        "painted": len(painted),
    }


def _arrived(scratch: Scratch) -> list[tuple[str, str]]:
    with psycopg.connect(scratch.runtime_url) as connection:
        rows = connection.execute(
            "SELECT student_code, device_code FROM distribution_scan"
            " WHERE kind = 'pair' AND result = 'recorded' ORDER BY station_id, sequence"
        ).fetchall()
    return [(str(student), str(device)) for student, device in rows]
