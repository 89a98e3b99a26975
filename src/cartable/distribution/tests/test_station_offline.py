"""A station without network: it opens, it keeps, it says what it cannot promise (catalogue F04, F15, F22, F23)."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from cartable.distribution.tests.station_harness import (
    LEA,
    LUCAS,
    PC,
    PC_2,
    STATION_ADDRESS,
    ZOE,
    OpenStation,
    Server,
    Station,
    install,
    rows_on_disk,
    usual_api,
)
from cartable.kernel.codes import label_code
from cartable.ui.tests.permissions import grant_durable_storage

pytest_plugins = ["cartable.distribution.tests.station_fixtures"]
pytestmark = pytest.mark.browser

READY = "() => document.querySelector('[data-role=situation-texte]').textContent === 'Prêt'"
SERVED = "() => navigator.serviceWorker.controller !== null"
INSTALLED = {"viewport": {"width": 1366, "height": 768}}


def says(page: Page, words: str) -> None:
    """Wait until the verdict panel says these words."""
    page.wait_for_function(
        "words => document.querySelector('[data-role=ecran]').innerText.includes(words)", arg=words, timeout=8000
    )


def chip_says(page: Page, words: str) -> None:
    """Wait until the network chip says these words."""
    script = "words => document.querySelector('[data-role=reseau-mot]').textContent === words"
    page.wait_for_function(script, arg=words, timeout=10_000)


@pytest.fixture
def installed(open_station: OpenStation, station_server: Server) -> Any:
    """A station at its product's address, once its service worker holds the page."""
    install(station_server)
    station = open_station(path=STATION_ADDRESS, **INSTALLED)
    station.page.wait_for_function(SERVED)
    yield station
    station_server.is_gone = False


def test_the_page_opens_without_network_with_its_list_and_what_it_had_done(
    installed: Station, station_server: Server
) -> None:
    station_server.is_gone = True
    chip_says(installed.page, "Hors ligne")
    for code in (LEA, PC, LUCAS):
        installed.scan(code)
    installed.page.reload()
    installed.page.wait_for_function(READY)
    chip_says(installed.page, "Hors ligne · 1 à envoyer")
    assert installed.text("avance-faits") == "313 / 486"
    assert "Léa Marchand" in installed.page.inner_text("[data-role=derniers]")
    installed.scan(LEA)
    assert installed.text("situation-texte") == "Déjà équipé"
    installed.scan(LUCAS)
    installed.scan(PC)
    assert installed.ground == "err", "this station gave the PC before it was opened again"
    station_server.is_gone = False
    chip_says(installed.page, "En ligne")
    assert [scan["sequence"] for scan in installed.api.of_kind("pair", "refused")] == [1, 2, 3]


def test_the_last_pair_can_be_undone_after_a_reload_without_network(installed: Station, station_server: Server) -> None:
    station_server.is_gone = True
    for code in (LEA, PC):
        installed.scan(code)
    installed.page.reload()
    installed.page.wait_for_function(READY)
    installed.page.keyboard.press("F4")
    says(installed.page, "le PC n’est plus remis")
    installed.scan(LEA)
    assert installed.ground == "encours"


def test_neither_the_api_nor_a_page_with_names_is_ever_in_the_cache(installed: Station) -> None:
    for code in (LEA, PC):
        installed.scan(code)
    installed.sent(1, "pair")
    kept = installed.page.evaluate(
        """async () => { const all = []; for (const name of await caches.keys()) {
          const cache = await caches.open(name);
          for (const request of await cache.keys()) all.push([request.url, await (await cache.match(request)).text()]) }
        return all }"""
    )
    addresses = {url.removeprefix(installed.server.url) for url, _text in kept}
    assert STATION_ADDRESS in addresses
    assert all(address == STATION_ADDRESS or address.startswith("/static/") for address in addresses)
    assert not any("Marchand" in text or LEA in text for _url, text in kept)


def test_the_kept_files_are_those_that_the_page_loads(installed: Station) -> None:
    loaded = installed.page.evaluate("() => performance.getEntriesByType('resource').map(e => e.name)")
    kept = installed.page.evaluate(
        "async () => (await (await caches.open((await caches.keys())[0])).keys()).map(request => request.url)"
    )
    assert {name for name in loaded if "/static/" in name} - set(kept) == set()


def test_F15_a_second_tab_on_the_same_station_says_so_and_takes_over_when_the_first_closes(station: Station) -> None:
    station.scan(LEA)
    second = station.page.context.new_page()
    second.goto(station.server.url + "/fr/")
    says(second, "Déjà ouvert dans un autre onglet")
    station.scan(PC)
    assert station.ground == "ok"
    station.sent(1, "pair")
    station.page.close()
    second.wait_for_function(READY)
    second.close()


def test_F22_a_real_day_does_not_open_unless_the_browser_promises_to_keep_it(open_station: OpenStation) -> None:
    station = open_station(path="/fr/ferme/", ready=False, **INSTALLED)
    says(station.page, "ne promet pas de garder")
    assert "Installez le poste" in station.screen
    station.scan_ignored(LEA)
    assert station.api.posts == 0
    grant_durable_storage(station.page.context)
    station.page.bring_to_front()
    station.page.get_by_role("button", name="Réessayer").click()
    station.page.wait_for_function(READY)
    station.scan(LEA)
    station.scan(PC)
    station.page.wait_for_timeout(2300)
    assert station.api.contacts[-1]["durable"] is True


def test_F22_the_screen_offers_to_install_where_the_browser_can(open_station: OpenStation) -> None:
    station = open_station(path="/en/ferme/", ready=False, **INSTALLED)
    says(station.page, "The browser does not promise")
    station.page.evaluate(
        """() => { const event = new Event('beforeinstallprompt', {cancelable: true});
        event.prompt = async () => { window.prompted = true };
        dispatchEvent(event) }"""
    )
    station.page.get_by_role("button", name="Try again").click()
    station.page.get_by_role("button", name="Install the station").click()
    station.page.wait_for_function("() => window.prompted")


def test_F22_a_window_that_keeps_nothing_opens_no_station(open_station: OpenStation) -> None:
    blocked = "indexedDB.open = () => { throw new DOMException('blocked', 'SecurityError') };"
    station = open_station(accepted=False, init=f"if (location.pathname === '/fr/') {{ {blocked} }}", ready=False)
    says(station.page, "Rien ne peut être gardé ici")


@pytest.mark.slow
@pytest.mark.soak
def test_F22_a_scan_that_the_full_disk_does_not_take_is_not_shown_as_accepted(open_station: OpenStation) -> None:
    station = open_station(**INSTALLED)
    station.api.mode = "down"
    station.scan(LEA)
    station.cdp.send("Storage.overrideQuotaForOrigin", {"origin": station.server.url, "quotaSize": 1})
    before = station.measured()
    station.page.wait_for_timeout(31_000)  # Chromium looks at the quota anew every thirty seconds.
    station.scan_ignored(PC)
    says(station.page, "Pas enregistré")
    assert (station.ground, station.measured()) == ("err", before)
    assert "Le disque de cet ordinateur est plein." in station.screen
    assert "Hors ligne" in station.text("reseau-mot")
    station.cdp.send("Storage.overrideQuotaForOrigin", {"origin": station.server.url})
    station.page.wait_for_timeout(31_000)
    station.scan(PC)
    assert (station.ground, station.text("affiche")) == ("ok", "Léa Marchand")
    station.api.mode = "up"
    assert [scan["sequence"] for scan in station.sent(1, "pair")] == [1]


def test_F22_a_disk_that_went_away_is_said_at_once(open_station: OpenStation) -> None:
    station = open_station(init="window.transactions = IDBDatabase.prototype.transaction;", **INSTALLED)
    station.scan(LEA)
    station.page.evaluate(
        "() => { IDBDatabase.prototype.transaction = () => { throw new DOMException('', 'InvalidStateError') } }"
    )
    station.scan_ignored(PC)
    says(station.page, "Cet ordinateur n’écrit plus.")
    station.page.evaluate("() => { IDBDatabase.prototype.transaction = window.transactions }")
    station.scan(PC)
    assert station.ground == "ok"


def test_F23_a_new_release_waits_until_nothing_waits_and_nobody_is_half_served(
    installed: Station, station_server: Server
) -> None:
    installed.api.mode = "down"
    for code in (LEA, PC):
        installed.scan(code)
    install(station_server, release="the next one")
    page = installed.page
    page.evaluate("() => { window.old = true }")
    page.evaluate("async () => (await navigator.serviceWorker.ready).update()")
    page.wait_for_function("async () => (await navigator.serviceWorker.ready).waiting !== null")
    page.wait_for_timeout(11_500)
    assert page.evaluate("() => window.old"), "an event waits"
    installed.api.mode = "up"
    installed.sent(1, "pair")
    installed.scan(LUCAS)
    page.wait_for_timeout(11_500)
    assert page.evaluate("() => window.old"), "a student waits for a PC"
    installed.scan(PC_2)
    page.wait_for_function("() => !window.old", timeout=20_000)
    page.wait_for_function(READY)
    assert "the next one" in page.content()
    assert [scan["sequence"] for scan in installed.sent(2, "pair")] == [1, 2]


def test_F23_a_page_too_old_for_the_server_keeps_everything_and_takes_its_new_page(
    installed: Station, station_server: Server
) -> None:
    installed.api.mode = "too_old"
    for code in (LEA, PC):
        installed.scan(code)
    install(station_server, release="the next one")
    installed.page.evaluate("() => { window.old = true }")
    installed.page.wait_for_function("() => !window.old", timeout=25_000)
    installed.api.mode = "up"
    assert [scan["sequence"] for scan in installed.sent(1, "pair")] == [1]


def test_a_closed_day_leaves_no_name_on_the_disk_and_its_events_still_go(station: Station) -> None:
    for code in (LEA, PC):
        station.scan(code)
    station.sent(1, "pair")
    assert len(station.kept("students")) > 300
    station.api.judge = lambda scan: None
    for code in (LUCAS, PC_2):
        station.scan(code)
    station.api.closed = True
    says(station.page, "Journée close")
    assert "1 passages gardés ici" in station.screen
    assert (station.kept("students"), station.kept("devices")) == ([], [])
    everything = json.dumps([station.kept(room) for room in ("stations", "events", "receipts", "parcels")])
    assert "Marchand" not in everything
    assert "Lucas" not in everything
    station.page.reload()
    says(station.page, "Journée close")
    station.api.judge = lambda scan: {"result": "refused", "code": "day_closed"}
    assert len(station.sent(2, "pair")) == 2


def test_a_stopped_station_keeps_its_journal_and_no_name(station: Station) -> None:
    station.api.judge = lambda _scan: None  # What is scanned waits.
    for code in (LEA, PC):
        station.scan(code)
    station.api.mode = "revoked"
    says(station.page, "Poste arrêté")
    station.page.wait_for_timeout(300)
    assert station.kept("students") == []
    assert [event["sequence"] for event in station.kept("events")] == [1]
    asked = station.api.asked
    station.page.reload()
    says(station.page, "Poste arrêté")
    station.page.wait_for_timeout(2500)
    assert station.api.asked == asked


def test_names_leave_the_disk_48_hours_after_they_were_loaded_and_events_that_wait_never_do(station: Station) -> None:
    station.api.judge = lambda scan: {"result": "recorded"} if scan["device_code"] == PC else None
    for code in (LEA, PC, LUCAS, PC_2):
        station.scan(code)
    station.sent(1, "pair")
    page = station.page
    aged(page, days=0, hours=47)
    assert len(rows_on_disk(page, "students")) > 300
    aged(page, days=3)
    assert rows_on_disk(page, "students") == []
    assert rows_on_disk(page, "stations")[0]["progress"] is None
    assert len(rows_on_disk(page, "events")) == 2
    aged(page, days=8)
    assert [event["device_code"] for event in rows_on_disk(page, "events")] == [PC_2]
    assert rows_on_disk(page, "receipts") == []


def aged(page: Page, *, days: int, hours: int = 0) -> None:
    """Do what any page of the station does when it opens that much later."""
    page.goto(page.url.rsplit("/", 2)[0] + "/vide/")
    page.evaluate(
        """async ms => (await (await import('/static/distribution/store.js')).openStore()).sweep(Date.now() + ms)""",
        (days * 24 + hours) * 3_600_000,
    )


def test_another_operator_serves_by_scanning_a_card(station: Station) -> None:
    station.scan(LEA)
    station.scan(label_code("C", 90000007))
    assert (station.ground, station.text("affiche")) == ("ok", "Opérateur 7")
    assert station.text("poste-nom") == "Poste B2 · Opérateur 7"
    station.scan(PC)
    assert station.ground == "ok"
    (event,) = station.sent(1, "operator")
    assert event["code"] == "operator_07"
    station.page.reload()
    station.page.wait_for_function(READY)
    assert station.text("poste-nom") == "Poste B2 · Opérateur 7"


def test_without_network_the_panel_says_that_it_knows_this_station_alone(station: Station) -> None:
    station.page.context.set_offline(True)
    station.page.wait_for_function("() => !document.querySelector('[data-role=poste-seul]').hidden")
    assert station.text("poste-seul").startswith("Ce poste seul")
    station.page.context.set_offline(False)
    station.page.wait_for_function("() => document.querySelector('[data-role=poste-seul]').hidden")


def test_an_answer_that_was_on_its_way_when_the_network_went_does_not_say_that_it_is_back(station: Station) -> None:
    page, held = station.page, []
    page.route("**/contact", lambda route: held.append(route))
    with page.expect_request("**/contact"):
        pass
    page.evaluate("window.dispatchEvent(new Event('offline'))")
    chip_says(page, "Hors ligne")
    with page.expect_response("**/contact"):
        held[0].continue_()
    station.rest()
    station.scan(label_code("C", 4))
    assert "Levez la main" in station.screen


def test_a_call_without_network_does_not_say_that_the_leader_knows(station: Station) -> None:
    station.page.context.set_offline(True)
    chip_says(station.page, "Hors ligne")
    station.scan(label_code("C", 4))
    assert "Levez la main" in station.screen
    station.page.context.set_offline(False)
    assert len(station.sent(1, "call")) == 1


def test_what_the_server_misses_is_sent_again_from_the_journal(station: Station) -> None:
    for code in (LEA, PC, LUCAS, PC_2, ZOE):
        station.scan(code)
    first = station.sent(2, "pair")
    station.api.posted, station.api.recorded = [], []
    station.api.missing = [[2, 2]]
    (again,) = station.sent(1, "pair")
    assert again == first[1]
    assert station.api.contacts[-1]["sequence"] == 2


def test_a_database_that_went_back_gives_its_whole_list_again(station: Station) -> None:
    station.api.must_reload = True
    lea = next(line for line in station.api.students if line["c"] == LEA)
    lea |= {"b": "charter_missing"}
    station.page.wait_for_timeout(2600)
    station.scan(LEA)
    assert station.ground == "err"


def test_a_busy_server_is_left_alone_for_as_long_as_it_asks(station: Station) -> None:
    station.api.mode = "busy"
    for code in (LEA, PC):
        station.scan(code)
    chip_says(station.page, "Envoi · 1")
    asked = station.api.asked
    station.page.wait_for_timeout(1500)
    assert station.api.asked <= asked + 1
    station.api.mode = "up"
    assert len(station.sent(1, "pair")) == 1


def test_large_batches_are_packed_and_a_server_that_takes_less_gets_less(open_station: OpenStation) -> None:
    api = usual_api()
    api.largest, api.workshop = 4, "A"
    for line in api.students:
        line |= {"a": "ok"}
    station = open_station(api)
    station.page.context.set_offline(True)
    chip_says(station.page, "Hors ligne")
    for number in range(12):
        station.scan(label_code("E", 50000000 + number))
        station.rest(100)
    station.page.context.set_offline(False)
    assert [scan["sequence"] for scan in station.sent(12, "arrival")] == list(range(1, 13))
    assert api.packed > 0


def test_a_journal_travels_by_file_and_another_station_sends_it(
    open_station: OpenStation, station_server: Server, tmp_path: Any
) -> None:
    absent = open_station(**INSTALLED)
    absent.api.mode = "down"
    for code in (LEA, PC):
        absent.scan(code)
    absent.page.click("[data-role=menu]")
    with absent.page.expect_download() as download:
        absent.page.click("[data-role=menu-journal]")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    parcel = json.loads(path.read_text())
    assert [scan["device_code"] for scan in json.loads(parcel["scans"])] == [PC]
    assert len(parcel["mac"]) == 64
    absent.page.close()
    carrier = open_station(**INSTALLED)
    carrier.api.mode = "down"
    carrier.page.click("[data-role=menu]")
    carrier.page.wait_for_selector("dialog[open]")
    carrier.page.set_input_files("[data-role=menu-fichier]", path)
    carrier.page.get_by_text("Journal gardé sur ce poste.").wait_for()
    carrier.page.reload()
    carrier.page.wait_for_function(READY)
    carrier.api.mode = "up"
    carrier.page.reload()
    assert [scan["device_code"] for scan in carrier.sent(1, "pair")] == [PC]
    assert carrier.api.journals[0]["mac"] == parcel["mac"]
    carrier.page.wait_for_timeout(300)
    assert carrier.kept("parcels") == []


def test_what_an_earlier_station_of_this_browser_left_is_sent_with_its_own_token(station: Station) -> None:
    station.api.mode = "down"
    for code in (LEA, PC):
        station.scan(code)
    station.page.evaluate(
        """async () => { const store = await (await import('/static/distribution/store.js')).openStore();
        const [old] = await store.all('stations');
        await store.write({stations: [{...old, id: '2', token: 'autre', listAt: 0, madeAt: Date.now() + 1}]}) }"""
    )
    station.api.mode = "up"
    station.api.tokens += ("Bearer autre",)
    station.page.goto(station.server.url + "/fr/?poste=2")
    station.page.wait_for_function(READY)
    assert [scan["sequence"] for scan in station.sent(1, "pair")] == [1]


def test_events_that_the_disk_has_lost_are_given_up_by_name(station: Station) -> None:
    station.api.missing = [[40, 42]]
    for _ in range(60):
        if station.api.lost:
            break
        station.page.wait_for_timeout(100)
    assert station.api.lost == [40, 41, 42]
