"""The days of a region as the worker counts them: a page reads a row for each day, not its students."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cartable.distribution.commands.readings import read_days
from cartable.distribution.models import DistributionDay
from cartable.distribution.queries.days import DayLine, counted_at, days_in_scope
from cartable.distribution.tests.conftest import DayScene

Figures = tuple[int, int, int]


def told(scene: DayScene, now: datetime, *, to_the_lycee: bool = False) -> tuple[Figures, datetime | None]:
    """Return expected, equipped and PCs on the table as the region (or the lycée) reads them, and when they were counted."""
    of = (scene.cast.school.pk,) if to_the_lycee else None
    line: DayLine
    (line,) = days_in_scope(region_id=scene.cast.region.pk, school_ids=of, now=now)
    return (line.expected, line.equipped, line.device_count), line.read_at


@pytest.fixture
def now(scene: DayScene) -> datetime:
    """While the day is open."""
    return scene.cast.now


def equip(scene: DayScene, student: str, device: str) -> None:
    """Let a student through both workshops."""
    scene.a.arrival(scene.students[student])
    scene.b.pair(scene.students[student], device)


def test_a_region_reads_what_the_worker_counted_with_its_time(scene: DayScene, now: datetime) -> None:
    before, _at = told(scene, now)
    read_days(now=now)
    equip(scene, "alice", scene.devices[0])
    assert told(scene, now) == (before, now)
    read_days(now=now + timedelta(minutes=1))
    expected, equipped, on_table = before
    assert told(scene, now) == ((expected, equipped + 1, on_table - 1), now + timedelta(minutes=1))


def test_a_lycee_reads_its_day_as_it_stands(scene: DayScene, now: datetime) -> None:
    read_days(now=now)
    equip(scene, "alice", scene.devices[0])
    (_expected, equipped, _on_table), counted_at = told(scene, now, to_the_lycee=True)
    assert (equipped, counted_at) == (1, None)


def test_a_day_that_the_worker_has_left_for_ten_minutes_is_counted_there_and_then(
    scene: DayScene, now: datetime
) -> None:
    read_days(now=now)
    equip(scene, "alice", scene.devices[0])
    assert told(scene, now + timedelta(minutes=10))[0][1] == 0
    (_expected, equipped, _on_table), counted_at = told(scene, now + timedelta(minutes=11))
    assert (equipped, counted_at) == (1, None)


@pytest.mark.parametrize(("is_open", "days_away", "after"), [
    (True, 0, timedelta(minutes=1)), (False, 14, timedelta(minutes=1)), (False, 15, timedelta(hours=1)),
])  # fmt: skip
def test_an_open_or_near_day_is_counted_every_minute_a_far_one_every_hour(
    scene: DayScene, now: datetime, is_open: bool, days_away: int, after: timedelta
) -> None:
    held_on = timezone.localdate(now) + timedelta(days=days_away)
    state = {} if is_open else {"state": "frozen", "opened_at": None}
    DistributionDay.objects.filter(pk=scene.day.pk).update(held_on=held_on, **state)
    assert read_days(now=now) == 1
    assert read_days(now=now + after - timedelta(seconds=1)) == 0
    assert read_days(now=now + after) == 1


def test_the_pages_of_the_region_say_when_their_days_were_counted(scene: DayScene) -> None:
    client = Client()
    client.force_login(scene.cast.sonia, backend="django.contrib.auth.backends.ModelBackend")
    assert "Compté à" not in client.get("/journees/").text
    counted_at = timezone.now()
    read_days(now=counted_at)
    for page in ("/", "/journees/"):
        assert f"Compté à {timezone.localtime(counted_at):%H:%M}" in client.get(page).text


def test_a_closed_day_which_is_counted_every_hour_does_not_make_the_others_look_old(
    scene: DayScene, now: datetime
) -> None:
    read_days(now=now)
    (line,) = days_in_scope(region_id=scene.cast.region.pk, school_ids=None, now=now)
    closed = replace(line, state="closed", read_at=now - timedelta(minutes=40))
    assert counted_at([closed, line]) == now
    assert counted_at([closed]) is None


def test_a_page_that_has_readings_counts_no_student(scene: DayScene, now: datetime) -> None:
    read_days(now=now)
    with CaptureQueriesContext(connection) as captured:
        told(scene, now)
        (asked,) = [query["sql"] for query in captured]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF) {asked}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "distribution_passage" in plan
    assert not [
        line for line in plan.splitlines() if "on distribution_passage" in line and "never executed" not in line
    ]
