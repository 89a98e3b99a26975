"""Opening a station: the site card is heard anywhere, the leader's answer is waited for."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from cartable.distribution.tests.keyboards import hear
from cartable.distribution.tests.station_harness import LEA, Server, Station, render, rows_on_disk, usual_api

pytest_plugins = ["cartable.distribution.tests.station_fixtures"]
pytestmark = pytest.mark.browser

CARD = "480215736911870042600831"


@pytest.fixture
def page(chromium: Browser, station_server: Server) -> Iterator[Page]:
    """A page in front of the pages of the start."""
    station_server.api, station_server.forms = usual_api(), []
    station_server.pages["/poste/debut/"] = render("distribution/station_start.html", {"workshop": "A"})
    waiting = {"status_url": "/poste/statut/", "start_url": "/poste/debut/"}
    context = {"station_name": "B2", "place": "Lycée des Trois-Rivières", "waiting_config": waiting}
    station_server.pages["/poste/attente/"] = render("distribution/station_waiting.html", context)
    browser_context = chromium.new_context()
    yield browser_context.new_page()
    browser_context.close()


def scanner(page: Page, server: Server) -> Station:
    """Plug a scanner into the page."""
    return Station(page, server.api, server, page.context.new_cdp_session(page), [])


@pytest.mark.parametrize("host", ["us", "fr"])
@pytest.mark.parametrize("suffix", ["Enter", ""])
def test_the_site_card_is_heard_wherever_the_focus_is(
    page: Page, station_server: Server, host: str, suffix: str
) -> None:
    page.goto(station_server.url + "/poste/debut/")
    page.focus("button.bouton")
    station = scanner(page, station_server)
    station.press(hear(CARD, host=host))
    if suffix:
        station.enter()
    page.wait_for_function("() => document.title === 'ok'")
    assert f"site_card={CARD}" in station_server.forms[0]
    assert "workshop=A" in station_server.forms[0]
    assert len(station_server.forms) == 1


def test_a_label_is_no_site_card(page: Page, station_server: Server) -> None:
    page.goto(station_server.url + "/poste/debut/")
    station = scanner(page, station_server)
    station.press(hear(LEA))
    station.enter()
    page.wait_for_function("() => document.body.innerText.includes('Ce n’est pas la carte du site')")
    assert station_server.forms == []


def test_the_start_form_works_without_javascript(chromium: Browser, station_server: Server, page: Page) -> None:
    context = chromium.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(station_server.url + "/poste/debut/")
    plain.fill("[name=site_card]", CARD)
    plain.press("[name=site_card]", "Enter")
    plain.wait_for_load_state()
    assert f"site_card={CARD}" in station_server.forms[0]
    context.close()


def test_the_accepted_station_keeps_its_token_on_its_disk_alone_and_opens(page: Page, station_server: Server) -> None:
    page.goto(station_server.url + "/poste/attente/")
    station = scanner(page, station_server)
    station.press(hear(LEA, host="fr"))
    station.enter()
    page.wait_for_function("() => document.body.innerText.includes('clavier corrigé : E 4820 1573 69')")
    station_server.api.state = {"state": "accepted", "token": "essai", "url": "/fr/?poste=7", "station": "7"}
    ready = "() => document.querySelector('[data-role=situation-texte]')?.textContent === 'Prêt'"
    page.wait_for_function(ready, timeout=6000)
    assert [(row["id"], row["token"]) for row in rows_on_disk(page, "stations")] == [("7", "essai")]
    assert page.evaluate("() => localStorage.length + sessionStorage.length") == 0
    assert "essai" not in page.url
