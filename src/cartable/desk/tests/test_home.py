"""The start page says what waits, with the way to it."""

from datetime import date, time, timedelta

import pytest

from cartable.conftest import Cast
from cartable.desk.queries.days import days_around, days_to_do
from cartable.distribution.commands.days import follow_list, freeze_list, plan_day
from cartable.distribution.commands.stations import request_station, site_card_digits
from cartable.distribution.models import Workshop
from cartable.distribution.rules import ScanKind
from cartable.distribution.tests.conftest import DayScene
from cartable.distribution.tests.conftest import scene as scene
from cartable.distribution.tests.conftest import written_scene as written_scene
from cartable.rosters.tests.test_roster_import import listed, load


def titles(scene: DayScene, *, days_later: int = 0) -> list[str]:
    """Return what the home page of the head lists."""
    today = scene.day.held_on + timedelta(days=days_later)
    days = days_around(today, region_id=scene.cast.region.pk, school_ids=(scene.cast.school.pk,))
    return [item.title for item in days_to_do(days, today=today)]


def test_a_quiet_day_waits_for_nobody(scene: DayScene) -> None:
    assert titles(scene) == []


def test_a_station_that_waits_a_call_and_a_dispute_are_on_the_start_page(scene: DayScene) -> None:
    scene.b.send(scene.b.scan(ScanKind.CALL))
    scene.b.pair(scene.students["bilal"], scene.devices[0])
    request_station(digits=site_card_digits(scene.day.pk), workshop=Workshop.B, now=scene.cast.now)
    assert titles(scene) == ["1 litige à régler", "1 poste attend", "1 point à revoir"]


def test_an_open_day_of_yesterday_is_to_be_closed(scene: DayScene) -> None:
    assert titles(scene, days_later=1) == ["Journée à clôturer"]


@pytest.mark.parametrize(("state", "days_before", "said"), [
    ("planned", 15, []), ("planned", 14, ["Aucune liste"]), ("frozen", 1, ["Étiquettes et chartes à imprimer"]),
    ("frozen", 0, ["Journée à ouvrir"]),
])  # fmt: skip
def test_each_state_of_a_day_says_its_next_step(scene: DayScene, state: str, days_before: int, said: list[str]) -> None:
    from cartable.distribution.models import DistributionDay

    before = {"state": state, "opened_at": None}
    if state == "planned":
        before |= {"frozen_at": None, "rules": None}
    DistributionDay.objects.filter(pk=scene.day.pk).update(**before)
    assert titles(scene, days_later=-days_before) == said


@pytest.mark.parametrize(("days_before", "said"), [(3, []), (2, ["Liste à figer"])])
def test_a_day_with_a_list_waits_for_nobody_until_it_is_to_be_frozen(
    cast: Cast, days_before: int, said: list[str]
) -> None:
    load(cast, listed("1"))
    day = plan_day(school=cast.school, campaign=cast.campaign, held_on=date(2026, 9, 25), starts_at=time(8, 30))
    today = day.held_on - timedelta(days=days_before)
    days = days_around(today, region_id=cast.region.pk, school_ids=(cast.school.pk,))
    assert [item.title for item in days_to_do(days, today=today)] == said


def test_what_changed_since_the_freeze_is_said_in_the_words_of_the_calendar(cast: Cast) -> None:
    load(cast, listed("1"))
    day = plan_day(school=cast.school, campaign=cast.campaign, held_on=date(2026, 9, 25), starts_at=time(8, 30))
    freeze_list(day=day, now=cast.now)
    load(cast, listed("1"), listed("2", "Benali", "Bilal"))
    follow_list(day=day)
    days = days_around(date(2026, 9, 23), region_id=cast.region.pk, school_ids=(cast.school.pk,))
    said = [item.title for item in days_to_do(days, today=date(2026, 9, 23))]
    assert "Changements depuis le gel : +1 −0" in said
