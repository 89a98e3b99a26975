"""Sites that were cut off come back together: 12 of them with 600 events each, four stations a site, then everybody uses pages.

The figure is the seconds until every station was told that nothing is missing; the limit is what it may take (60 s for 12
sites, three minutes for 36). Meanwhile the pages of a leader are asked for; their p95 is compared with that of quiet
minutes in the same run: at most twice.
"""

import multiprocessing
import time
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

from django.utils import timezone
from django_scopes import scopes_disabled

from bench.checkout import refuse_where_a_pair_is_missing
from bench.coming_back import come_back
from bench.figures import percentile
from bench.scene import RunningDays, running_days
from bench.scratch import scratch_database, settle
from bench.web import WebServer, web_server
from cartable.accounts import commands as accounts
from cartable.accounts.models import Role
from cartable.distribution.models import DistributionDay
from cartable.simulation.pages import Browser

_EVENTS_PER_SITE = 600
_STATIONS_PER_SITE = 4
_PAGES_BEFORE = 90
_PASSWORD = "un mot de passe de mesure"
_MAIL = "site@mesure.example"


def run(size: int = 12) -> dict[str, Any]:
    """Let ``size`` sites come back together."""
    with scratch_database() as scratch, scopes_disabled():
        days = running_days(
            pair_count=size * _EVENTS_PER_SITE, stations_per_school=_STATIONS_PER_SITE, school_count=size
        )
        _appoint_leader(days)
        settle()
        with web_server(scratch) as web:
            pages = _Pages(web, days.day_ids[0])
            before = pages.ask(_PAGES_BEFORE)
            during, seconds, turned_away = _reconnect(days, web, pages)
            peak_mb = round(web.memory_mb())
        refuse_where_a_pair_is_missing(size * _EVENTS_PER_SITE)
    normal, meanwhile = percentile(before, 95), percentile(during, 95)
    limit = 60 if size <= 12 else 180
    return {
        "name": "reconnect",
        "size": size,
        "figure": round(seconds, 1),
        "unit": "s until nothing is missing",
        "limit": limit,
        "ratio": round(seconds / limit, 3),
        "p95_ms": round(meanwhile, 1),
        "p99_ms": round(percentile(during, 99), 1),
        "peak_mb": peak_mb,
        "pages_p95_ms_before": round(normal, 1),
        "pages_ratio": round(meanwhile / normal, 2),
        "pages_asked_meanwhile": len(during),
        "turned_away": turned_away,
    }


def _appoint_leader(days: RunningDays) -> None:
    day = DistributionDay.objects.select_related("school__region").get(pk=days.day_ids[0])
    person = accounts.open_account(email=_MAIL, full_name="Paul Meyer", password=_PASSWORD)
    accounts.appoint(
        person=person, role=Role.DISTRIBUTION_LEADER, region_id=day.school.region_id, school=day.school,
        starts_on=date(2020, 1, 1),
    )  # fmt: skip


class _Pages:
    """A leader who looks: home, control room, student list, one after the other."""

    def __init__(self, web: WebServer, day_id: int) -> None:
        self._browser = Browser(web.port)
        self._browser.get("/connexion/")
        self._browser.post("/connexion/", username=_MAIL, password=_PASSWORD, next="/")
        self._paths = ("/", f"/journees/{day_id}/pilotage/", f"/journees/{day_id}/eleves/")
        self._asked = 0

    def ask(self, count: int) -> list[float]:
        """Ask for so many pages; return how long each took, in ms."""
        return [self.ask_one() for _ in range(count)]

    def ask_one(self) -> float:
        """Ask for the next page; a breath between two, as a person takes one."""
        time.sleep(0.1)
        began = time.perf_counter()
        self._browser.get(self._paths[self._asked % len(self._paths)])
        self._asked += 1
        return (time.perf_counter() - began) * 1000


def _reconnect(days: RunningDays, web: WebServer, pages: _Pages) -> tuple[list[float], float, int]:
    """Let all stations come back from a process of their own; return page times meanwhile, seconds, 503 answers."""
    outboxes = _outboxes(days)
    during: list[float] = []
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        coming = pool.apply_async(come_back, (web.port, outboxes))
        while not coming.ready():
            during.append(pages.ask_one())
        seconds, turned_away = coming.get()
    return during, seconds, turned_away


def _outboxes(days: RunningDays) -> list[tuple[str, list[dict[str, Any]]]]:
    """Deal the pairs to the stations: each wrote an even share of its site's."""
    now = timezone.now().isoformat()
    events: dict[str, list[dict[str, Any]]] = {}
    dice = Random(1)
    for place, pair in enumerate(days.pairs):
        outbox = events.setdefault(days.posts[place % len(days.posts)].token, [])
        outbox.append(
            {
                "id": str(UUID(int=dice.getrandbits(128), version=4)), "sequence": len(outbox) + 1, "kind": "pair",
                "happened_at": now, "student_code": pair.student_code, "device_code": pair.device_code,
            }
        )  # fmt: skip
    return list(events.items())
