"""How long people wait for a page when the park is a hundred times larger: À traiter, search, lists, the three pages.

The same lycée is read by the same people in a region of 10,000 PCs, then in the same region grown to ``size``. Aim: at most
twice as long, p95 at most 50 ms, as many statements. Then all PCs and all students leave as files: aim 200 MB.
"""

import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psutil
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from bench.figures import median_of, percentile
from bench.park import Park, park_of
from bench.scratch import kept_database, settle
from cartable.accounts.models import Person
from cartable.config.processes import collect_static
from cartable.config.wsgi import settle_memory
from cartable.distribution.commands.readings import read_days
from cartable.emergency_stock.commands.readings import read_reserves
from cartable.fleet.commands import read_stocks
from cartable.fleet.models import Device, Movement
from cartable.rosters.models import Student

SMALL = 10_000
_VISITS, _WARM_UP = 40, 3
LIMIT_MS = 50.0
_HOST = {"SERVER_NAME": "localhost"}


@dataclass(frozen=True)
class Visit:
    """A page that somebody opens; ``typed`` where it is searched for."""

    who: str
    address: str
    typed: str = ""


@dataclass
class Statements:
    """Counts what goes to the database."""

    count: int = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Count one statement and let it pass."""
        self.count += 1
        return execute(sql, params, many, context)


@dataclass(frozen=True)
class Wait:
    """How long a page took each time, how many statements it cost, and the web process's own time."""

    times_ms: list[float]
    statements: int
    processor_ms: float

    @property
    def p95(self) -> float:
        """Return what one visitor in twenty waits longer than."""
        return percentile(self.times_ms, 95)


@dataclass(frozen=True)
class Rest:
    """How large a park is, and what its files cost."""

    devices: int
    movements: int
    exports: dict[str, dict[str, float]]


def run(size: int = 100_000) -> dict[str, object]:
    """Read the pages in a region of 10,000 PCs (or a tenth of ``size``) and in one of ``size``; return the worst ratio."""
    collect_static()
    settle_memory()
    small, _ = _read(min(SMALL, size // 10))
    large, rest = _read(size)
    worst = max(large, key=lambda name: large[name].p95)
    return {
        "name": "reads",
        "size": rest.devices,
        "figure": round(large[worst].p95, 1),
        "unit": f"ms p95, the slowest page ({worst})",
        "limit": LIMIT_MS,
        "ratio": round(max(large[name].p95 / small[name].p95 for name in large), 2),
        "p95_ms": round(large[worst].p95, 1),
        "p99_ms": round(percentile(large[worst].times_ms, 99), 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "movements": rest.movements,
        "is_query_count_constant": all(small[name].statements == large[name].statements for name in large),
        "pages": {
            name: {
                "p95_ms": round(large[name].p95, 1),
                "median_ms": median_of(large[name].times_ms),
                "processor_ms": round(large[name].processor_ms, 1),
                "small_median_ms": median_of(small[name].times_ms),
                "small_p95_ms": round(small[name].p95, 1),
                "ratio": round(large[name].p95 / small[name].p95, 2),
                "statements": [small[name].statements, large[name].statements],
            }
            for name in large
        },
        "exports": rest.exports,
    }


def _read(size: int) -> tuple[dict[str, Wait], Rest]:
    """Read the pages and files of a region of this size; it is kept, and found again by the next run."""
    with kept_database(f"park_{size}"):
        with scopes_disabled():
            park = park_of(size)
            visits = _visits(park)
        waits = _measure(park, visits)
        with scopes_disabled():
            movements = Movement.objects.count()
        exports = {address: _export(park.people["manager"], address) for address in ("/pc.csv", "/eleves.csv")}
    return waits, Rest(park.device_count, movements, exports)


def _visits(park: Park) -> dict[str, Visit]:
    """Return who opens what: objects of the first lycée, so that they are the same in both sizes."""
    uai = park.schools[0].uai
    device = Device.objects.filter(custodian__school=park.schools[0], custodian_kind="student").earliest("pk")
    student = Student.objects.get(custodian_id=device.custodian_id)
    word = student.family_name.split("-")[0]
    return {
        "to-do, region": Visit("manager", "/a-traiter/"),
        "to-do, head": Visit("head", "/a-traiter/"),
        "round, technician": Visit("technician", "/a-traiter/"),
        "start, region": Visit("manager", "/"),
        "start, head": Visit("head", "/"),
        "search a tag": Visit("manager", "/recherche/", device.asset_tag),
        "search a serial": Visit("head", "/recherche/", device.serial_number[:-3]),
        "search a serial, region": Visit("manager", "/recherche/", device.serial_number[:-3]),
        "search a pallet": Visit("manager", "/recherche/", device.pallet),
        "search a name": Visit("head", "/recherche/", word),
        "search a name, region": Visit("manager", "/recherche/", word),
        "search a full name, region": Visit("manager", "/recherche/", f"{word} {student.given_name}"),
        "search nothing": Visit("manager", "/recherche/", "xqzw"),
        "PCs, region": Visit("manager", "/pc/"),
        "PCs, region, far on": Visit("manager", f"/pc/?apres={device.asset_tag}"),
        "PCs, region, one lycée": Visit("manager", f"/pc/?lycee={uai}"),
        "PCs, head": Visit("head", "/pc/"),
        "students, head": Visit("head", f"/lycees/{uai}/eleves/"),
        "one PC": Visit("head", f"/pc/{device.asset_tag}/"),
        "one student": Visit("head", f"/eleves/{student.label_code}/"),
        "one lycée": Visit("head", f"/lycees/{uai}/"),
        "one lycée, region": Visit("manager", f"/lycees/{uai}/"),
    }


def _measure(park: Park, visits: dict[str, Visit]) -> dict[str, Wait]:
    _read_as_the_worker_does(park)
    settle()
    clients = {who: _signed_in(person) for who, person in park.people.items()}
    return {name: _wait(clients[visit.who], visit) for name, visit in visits.items()}


def _read_as_the_worker_does(park: Park) -> None:
    """Take the readings that the worker takes every one to ten minutes."""
    now = timezone.now()
    with scopes_disabled():
        read_stocks(now=now)
        while read_days(now=now):
            pass
    with scope(region=park.region.pk, school=None):
        read_reserves(now=now)


def _signed_in(person: Person) -> Client:
    client = Client(**_HOST)  # type: ignore[arg-type]
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _wait(client: Client, visit: Visit) -> Wait:
    for _ in range(_WARM_UP):
        _open(client, visit)
    statements = Statements()
    with connection.execute_wrapper(statements):
        _open(client, visit)
    times, processor = [], time.process_time()
    for _ in range(_VISITS):
        start = time.perf_counter()
        _open(client, visit)
        times.append((time.perf_counter() - start) * 1000)
    return Wait(times, statements.count, (time.process_time() - processor) * 1000 / _VISITS)


def _open(client: Client, visit: Visit) -> None:
    """Open a page; a search with its way to the results, which are read in the same session."""
    if visit.typed:
        client.post(visit.address, {"q": visit.typed})
    answer = client.get(visit.address)
    if answer.status_code not in (200, 302):
        raise RuntimeError(f"{visit.address} answered {answer.status_code}")


def _export(person: Person, address: str) -> dict[str, float]:
    """Read a file to its end without keeping it; return rows a second and by how much the process grew."""
    process, client = psutil.Process(), _signed_in(person)
    before = highest = process.memory_info().rss
    start, rows = time.perf_counter(), 0
    for piece in _pieces(client, address):
        rows += piece.count(b"\n")
        highest = max(highest, process.memory_info().rss)
    return {
        "rows": rows,
        "seconds": round(time.perf_counter() - start, 1),
        "grew_mb": round((highest - before) / 1e6, 1),
        "process_mb": round(highest / 1e6),
    }


def _pieces(client: Client, address: str) -> Iterator[bytes]:
    yield from client.get(address).streaming_content  # type: ignore[misc, attr-defined]
