"""F04, F21: whenever the browser dies, what its screen had shown is there when it starts again, and arrives once."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from cartable.distribution.tests.station_harness import (
    LEA,
    PC,
    STATION_ADDRESS,
    Server,
    Station,
    accept_station,
    install,
    rows_on_disk,
    usual_api,
)
from cartable.distribution.tests.station_kills import browser_on, kill_again_and_again

pytest_plugins = ["cartable.distribution.tests.station_fixtures"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

READY = "() => document.querySelector('[data-role=situation-texte]')?.textContent === 'Prêt'"


def test_F04_an_event_shown_and_not_sent_is_sent_at_the_next_start_once(
    chromium: Browser, chromium_path: str, station_server: Server, tmp_path: Path
) -> None:
    station_server.api = usual_api()
    install(station_server)
    engine = chromium.browser_type
    with browser_on(engine, chromium_path, tmp_path) as (context, process):
        page = context.new_page()
        accept_station(page, station_server.url)
        page.goto(station_server.url + STATION_ADDRESS)
        page.wait_for_function(READY)
        station_server.api.mode = "down"
        station = Station(page, station_server.api, station_server, context.new_cdp_session(page), [])
        station.scan(LEA)
        station.scan(PC)
        assert station.ground == "ok"
        process.kill()
    assert station_server.api.posted == []
    with browser_on(engine, chromium_path, tmp_path) as (context, _process):
        page = context.new_page()
        page.goto(station_server.url + STATION_ADDRESS)
        page.wait_for_function(READY)
        (event,) = rows_on_disk(page, "events")
        station_server.api.mode = "up"
        station = Station(page, station_server.api, station_server, context.new_cdp_session(page), [])
        (sent,) = station.sent(1, "pair")
        page.wait_for_timeout(500)
    assert (sent["id"], sent["sequence"]) == (event["id"], 1)
    assert len(station_server.api.posted) == 1


@pytest.mark.parametrize(("seed", "kills"), [(0, 2), pytest.param(1, 20, marks=pytest.mark.soak)])
def test_F21_no_kill_loses_what_was_shown_nor_leaves_a_hole(
    chromium: Browser, chromium_path: str, station_server: Server, tmp_path: Path, seed: int, kills: int
) -> None:
    came = kill_again_and_again(chromium.browser_type, chromium_path, station_server, tmp_path, seed=seed, kills=kills)
    assert came.kills == kills
    assert len(came.shown) >= came.kills, "the scanner was at work when the browser died"
    assert came.lost == set()
    assert came.kept == list(range(1, len(came.kept) + 1))
    assert came.arrived == came.kept
