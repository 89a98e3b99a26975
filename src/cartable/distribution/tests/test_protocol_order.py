"""Events sent again, in another order, split at random, from stations whose clocks are wrong: the same day comes out."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cartable.distribution.models import Passage, Scan
from cartable.distribution.queries.progress import day_progress
from cartable.distribution.rules import ScanKind, ScanRecord, in_their_order
from cartable.distribution.tests.conftest import DayScene
from cartable.distribution.tests.stations_by_wire import Wire, wire
from cartable.fleet.audit import audit_ledger
from cartable.fleet.models import Device, Movement

pytestmark = pytest.mark.django_db


def a_busy_morning(station: Wire, scene: DayScene) -> list[dict[str, Any]]:
    """Return events that mean something in their order only."""
    alice, bilal, chloe = (scene.students[name] for name in ("alice", "bilal", "chloe"))
    first, second, third, _ = scene.devices
    return [
        station.event("arrival", alice),
        station.event("pair", alice, first),
        station.event("undo", alice, first),
        station.event("pair", alice, second),
        station.event("arrival", bilal),
        station.event("no_charter", bilal),
        station.event("arrival", bilal),
        station.event("pair", bilal, first),
        station.event("device_faulty", "", third),
        station.event("arrival", chloe),
        station.event("call"),
        station.event("pair", chloe, third),
    ]


def where_things_are() -> tuple[Any, ...]:
    """Return custody, charters and results, whatever the ids."""
    devices = Device.objects.order_by("asset_tag").values_list(
        "asset_tag", "custodian_id", "condition", "last_sequence"
    )
    passages = Passage.objects.order_by("student_id").values_list("student_id", "arrived_at", "charter_proof_id")
    scans = Scan.objects.order_by("sequence").values_list("sequence", "result", "code")
    return tuple(devices), tuple((s, a, p is None) for s, a, p in passages), tuple(scans)


def send_until_taken(station: Wire, batches: list[list[dict[str, Any]]]) -> None:
    """Send batches in this order, again and again, until each event has its result, as a station does."""
    waiting = {event["id"] for batch in batches for event in batch}
    for _round in range(len(batches) + 1):
        for batch in batches:
            waiting -= {one["id"] for one in station.send(*batch).json()["results"]}
    assert waiting == set()


@pytest.mark.parametrize("seed", range(20))
def test_F15_split_and_shuffled_batches_make_the_same_day(scene: DayScene, seed: int) -> None:
    station = wire(scene)
    events = a_busy_morning(station, scene)
    dice = random.Random(seed)
    cuts = sorted(dice.sample(range(1, len(events)), dice.randrange(len(events))))
    batches = [events[a:b] for a, b in zip([0, *cuts], [*cuts, len(events)], strict=True)]
    for batch in batches:
        dice.shuffle(batch)
    dice.shuffle(batches)
    send_until_taken(station, batches)
    devices, passages, scans = where_things_are()
    holders = {tag: custodian for tag, custodian, _c, _s in devices}
    assert holders[scene.devices[0]] != holders[scene.devices[1]]
    assert [(sequence, result) for sequence, result, _code in scans] == [
        *[(n, "recorded") for n in range(1, 12)], (12, "refused"),
    ]  # fmt: skip
    assert [scene.custody(code) for code in scene.devices[:3]] == ["student", "student", "school_bench"]
    assert sum(has_none for _s, _a, has_none in passages) == 1  # Dylan never came.


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.permutations(range(1, 13)), st.sets(st.integers(0, 12)))
def test_F15_whatever_the_order_each_event_is_taken_once_and_after_the_one_before(
    order: list[int], cuts: set[int]
) -> None:
    moment = datetime(2026, 9, 15, 8, 30, tzinfo=UTC)
    scans = [ScanRecord(UUID(int=n), n, ScanKind.CALL, moment) for n in order]
    edges = [0, *sorted(cuts), len(scans)]
    batches = [scans[a:b] for a, b in pairwise(edges) if b > a]
    taken: list[int] = []
    while len(taken) < len(scans):
        before = len(taken)
        for batch in batches:
            new = in_their_order(batch, known_before=frozenset(taken))
            taken += [scan.sequence for scan in new if scan.sequence not in taken]
        assert len(taken) > before
    assert taken == sorted(taken)


def test_an_event_without_the_one_before_waits_at_the_station(scene: DayScene) -> None:
    station = wire(scene)
    first, second = station.event("call"), station.event("call")
    assert station.results(second) == []
    assert station.contact()["missing"] == [[1, 2]]
    assert station.results(first) == [("recorded", "")]
    assert station.results(second) == [("recorded", "")]


def test_an_event_that_was_lost_is_given_up_and_the_next_ones_go_on(scene: DayScene) -> None:
    station = wire(scene)
    station.event("call")
    second = station.event("call")
    answer = station.send({"sequence": 1, "kind": "lost"}, second).json()
    assert [one["index"] for one in answer["unreadable"]] == [0]
    assert [one["result"] for one in answer["results"]] == ["recorded"]
    assert station.contact()["known_through"] == 2


@pytest.mark.django_db(transaction=True)
def test_F14_a_batch_sent_five_times_at_once_counts_once(committed_scene: DayScene) -> None:
    station = wire(committed_scene)
    events = a_busy_morning(station, committed_scene)
    barrier = Barrier(5)

    def send(_place: int) -> list[dict[str, str]]:
        barrier.wait()
        try:
            return station.send(*events).json()["results"]  # type: ignore[no-any-return]
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(send, range(5)))
    assert [len(one) for one in answers] == [12] * 5
    codes = [{one["id"]: one.get("code", "") for one in results} for results in answers]
    assert all(one == codes[0] for one in codes)
    assert Scan.objects.count() == 12
    assert sorted(answer["result"] for results in answers for answer in results).count("recorded") == 11
    assert Movement.objects.filter(evidence__startswith="scan:").count() == 5
    assert audit_ledger().violations == 0


CLOCKS = {
    "a day behind": datetime(2026, 9, 14, 10, 0, tzinfo=UTC),
    "a day ahead": datetime(2026, 9, 16, 10, 0, tzinfo=UTC),
    "1970": datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
    "2099": datetime(2099, 12, 31, 23, 59, tzinfo=UTC),
    "the hour that comes twice": datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Paris")),
}


@pytest.mark.parametrize("clock", CLOCKS.values(), ids=CLOCKS)
def test_F17_a_wrong_clock_decides_nothing_and_is_shown(scene: DayScene, clock: datetime) -> None:
    station = wire(scene)
    right = station.event("arrival", scene.students["bilal"])
    wrong = station.event("pair", scene.students["bilal"], scene.devices[0], happened_at=clock.isoformat())
    assert station.results(right, wrong) == [("recorded", ""), ("recorded", "")]
    assert scene.custody(scene.devices[0]) == "student"
    assert Scan.objects.get(sequence=2).happened_at == clock.astimezone(UTC)
    adult = station.event("arrival", scene.students["alice"], happened_at=clock.isoformat())
    assert station.results(adult) == [("recorded", "")]
    later = timezone.now() + timedelta(days=3)
    assert day_progress(day_id=scene.day.pk, now=later).recent_count == 0
    station.contact(clock=clock.isoformat())
    skew_ms = station.station().clock_skew_ms
    assert skew_ms is not None
    assert audit_ledger().violations == 0
