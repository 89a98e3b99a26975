"""Fixtures of the station's browser tests. Load them with `pytest_plugins`."""

import threading
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from cartable.distribution.tests.station_harness import (
    FakeApi,
    OpenStation,
    Server,
    Station,
    accept_station,
    camera_addresses,
    render,
    usual_api,
)

pytest_plugins = ["cartable.ui.tests.browser"]


@pytest.fixture(scope="session")
def station_server() -> Iterator[Server]:
    """One server for all tests of the station; each test gives it its own day."""
    server = Server()
    for language in ("fr", "en"):
        config = {
            "api": "/api/v2/",
            "practice": False,
            "workshop": "B",
            "start_url": "/poste/debut/",
            "may_forget": True,
            **camera_addresses(),
        }
        server.pages[f"/{language}/"] = render("distribution/station.html", {"station_config": config}, language)
        practice = {"station_config": {**config, "practice": True}}
        strict = {"station_config": {**config, "may_forget": False}}
        server.pages[f"/{language}/ferme/"] = render("distribution/station.html", strict, language)
        server.pages[f"/{language}/essai/"] = render("distribution/station.html", practice, language)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()


FRESH = "sessionStorage.clear();"
_tests = count()


@pytest.fixture(scope="session")
def usual_context(running_chromium: Browser) -> Iterator[BrowserContext]:
    """The context of most tests: a laptop in Metz."""
    context = running_chromium.new_context(viewport={"width": 1366, "height": 768}, timezone_id="Europe/Paris")
    context.add_init_script(FRESH)
    yield context
    context.close()


@pytest.fixture
def open_station(chromium: Browser, station_server: Server, usual_context: BrowserContext) -> Iterator[OpenStation]:
    """Return a function that opens a station on a day: `open_station(api, path="/fr/", viewport=(390, 844))`."""
    contexts: list[BrowserContext] = []
    opened: list[Station] = []
    # All tests share the server: what a closed page of an earlier test still sends is not of this test's day.
    token = f"essai-{next(_tests)}"

    def open_one(
        api: FakeApi | None = None,
        *,
        path: str = "/fr/",
        ready: bool = True,
        accepted: bool = True,
        init: str = "",
        **options: Any,
    ) -> Station:
        station_server.api = api or usual_api()
        station_server.api.tokens += (f"Bearer {token}",)
        station_server.forms = []
        context = usual_context
        if options or init:
            context = chromium.new_context(timezone_id="Europe/Paris", **options)
            context.add_init_script(FRESH + init)
            contexts.append(context)
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if "Content Security" in message.text else None)
        accept_station(page, station_server.url, station_id="1" if accepted else "", token=token)
        page.goto(station_server.url + path)
        if ready:
            page.wait_for_function("() => document.querySelector('[data-role=cadence-valeur]').textContent !== '–'")
        station = Station(page, station_server.api, station_server, context.new_cdp_session(page), errors)
        opened.append(station)
        return station

    yield open_one
    for station in opened:
        station.page.close()
    for context in contexts:
        context.close()
    assert [error for station in opened for error in station.errors] == []


@pytest.fixture
def station(open_station: OpenStation) -> Station:
    """A station B on the usual day."""
    return open_station()
