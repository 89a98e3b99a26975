"""Sending comes later and is shown, never waited for: the outbox, the network, the server's later word."""

from typing import Any

import pytest

from cartable.distribution.tests.station_harness import (
    GONE,
    LEA,
    LUCAS,
    PC,
    PC_2,
    RAYAN,
    ZOE,
    OpenStation,
    Station,
    usual_api,
)

pytest_plugins = ["cartable.distribution.tests.station_fixtures"]
pytestmark = pytest.mark.browser


RED = "() => document.querySelector('[data-role=ecran]').dataset.etat === 'err'"
READY = "() => document.querySelector('[data-role=situation-texte]').textContent === 'Prêt'"


def chip_says(station: Station, words: str) -> None:
    """Wait until the network chip says these words."""
    script = "words => document.querySelector('[data-role=reseau-mot]').textContent === words"
    station.page.wait_for_function(script, arg=words, timeout=8000)


def test_without_network_the_screen_goes_on_and_sends_in_order_later(station: Station) -> None:
    station.page.context.set_offline(True)
    chip_says(station, "Hors ligne")
    for code in (LEA, PC, LUCAS, PC_2, GONE):
        station.scan(code)
    chip_says(station, "Hors ligne · 3 à envoyer")
    assert "Pas de réseau" in station.text("ligne-reseau")
    assert station.text("avance-faits") == "314 / 486"
    station.page.context.set_offline(False)
    chip_says(station, "En ligne")
    assert [scan["kind"] for scan in station.sent(3, "pair", "refused")] == ["pair", "pair", "refused"]
    assert station.page.is_hidden("[data-role=ligne-reseau]")


def test_F02_a_server_that_was_killed_is_noticed_within_three_seconds_and_scanning_goes_on(station: Station) -> None:
    chip_says(station, "En ligne")
    station.api.mode = "down"
    station.page.wait_for_function(
        "() => document.querySelector('[data-role=reseau-mot]').textContent === 'Hors ligne'", timeout=3000
    )
    station.scan(LEA)
    station.scan(PC)
    assert station.ground == "ok"
    chip_says(station, "Hors ligne · 1 à envoyer")
    station.api.mode = "up"
    chip_says(station, "En ligne")
    assert [scan["kind"] for scan in station.sent(1, "pair")] == ["pair"]


@pytest.mark.parametrize("mode", ["portal", "portal_json", "portal_other_json", "302", "407", "down"])
def test_F13_an_answer_that_does_not_list_an_event_acknowledges_nothing(open_station: OpenStation, mode: str) -> None:
    station = open_station()
    station.api.mode = mode
    station.scan(LEA)
    station.scan(PC)
    assert station.ground == "ok"
    chip_says(station, "Hors ligne · 1 à envoyer")
    station.page.wait_for_timeout(1000)
    assert station.api.asked < 12, "an unreachable server is not hammered"
    station.api.mode = "up"
    chip_says(station, "En ligne")
    assert len(station.sent(1, "pair")) == 1


def test_an_event_that_the_answer_leaves_out_is_sent_again_with_the_same_id(open_station: OpenStation) -> None:
    api = usual_api()
    seen: list[str] = []

    def judge(scan: dict[str, Any]) -> dict[str, str] | None:
        seen.append(scan["id"])
        return None if len(seen) == 1 else {"result": "recorded"}

    station = open_station(api)
    station.page.context.set_offline(True)
    chip_says(station, "Hors ligne")
    for code in (LEA, PC, LUCAS, PC_2):
        station.scan(code)
    api.judge = judge
    station.page.context.set_offline(False)
    pairs = station.sent(2, "pair")
    assert [pair["student_code"] for pair in pairs] == [LEA, LUCAS]
    assert seen == [pairs[0]["id"], pairs[1]["id"], pairs[0]["id"]]


def test_an_event_the_server_cannot_read_does_not_hold_back_the_others(open_station: OpenStation) -> None:
    api = usual_api()
    api.poison = PC
    station = open_station(api)
    station.page.context.set_offline(True)
    chip_says(station, "Hors ligne")
    for code in (LEA, PC, LUCAS, PC_2):
        station.scan(code)
    station.page.context.set_offline(False)
    assert [scan["device_code"] for scan in station.sent(1, "pair")] == [PC_2]
    assert station.text("revoir-mot") == "À revoir · 1"


@pytest.mark.parametrize("result", ["refused", "conflict"])
def test_a_later_refusal_turns_the_panel_red_and_enters_the_review_list(open_station: OpenStation, result: str) -> None:
    api = usual_api()
    refused = {"result": result, "code": "custody_has_moved"}
    api.judge = lambda scan: refused if scan["kind"] == "pair" else {"result": "recorded"}
    station = open_station(api)
    station.scan(LEA)
    station.scan(PC)
    station.page.wait_for_function(RED)
    assert "Refusé après coup" in station.screen
    assert "Léa Marchand" in station.screen
    assert "À revoir · Ce PC a changé de main" in station.page.inner_text("[data-role=derniers] li")
    assert station.text("revoir-mot") == "À revoir · 1"
    assert station.text("avance-faits") == "312 / 486"
    station.scan(LEA)
    assert station.ground == "encours"


def test_a_later_refusal_does_not_change_the_screen_of_the_next_student(open_station: OpenStation) -> None:
    api = usual_api()
    api.judge = lambda scan: None
    station = open_station(api)
    station.scan(LEA)
    station.scan(PC)
    station.scan(LUCAS)
    api.judge = lambda scan: {"result": "refused", "code": "charter_missing"}
    station.page.wait_for_selector("[data-role=revoir]:not([hidden])")
    assert (station.ground, station.text("affiche")) == ("encours", "Lucas Diallo")
    assert "À revoir" in station.page.inner_text("[data-role=derniers] li")
    station.page.wait_for_function("() => document.querySelector('[data-role=alerte]').textContent.includes('Léa')")


def test_a_station_stopped_by_the_leader_says_so_and_listens_no_more(station: Station) -> None:
    station.api.mode = "revoked"
    station.page.wait_for_function(RED, timeout=5000)
    assert station.text("affiche") == "Poste arrêté"
    station.scan_ignored(ZOE)
    assert station.text("affiche") == "Poste arrêté"


def test_a_closed_day_ends_the_station_and_wipes_its_names(station: Station) -> None:
    station.scan(LEA)
    station.scan(PC)
    station.sent(1, "pair")
    station.api.closed = True
    station.page.wait_for_function(RED, timeout=5000)
    assert station.text("affiche") == "Journée close"
    assert "Marchand" not in station.page.inner_text("body")
    station.scan_ignored(ZOE)
    assert station.text("affiche") == "Journée close"


def test_events_go_on_counting_where_the_server_stopped(open_station: OpenStation) -> None:
    api = usual_api()
    api.next_sequence = 41
    station = open_station(api)
    for code in (LEA, PC, RAYAN):
        station.scan(code)
    assert [scan["sequence"] for scan in station.sent(2, "pair", "refused")] == [41, 42]


def test_the_server_is_told_which_workshop_the_station_serves(station: Station) -> None:
    station.page.click("[data-role=atelier-a]")
    assert station.text("poste-titre") == "Atelier A · Charte et pochette"
    assert station.text("poste-nom") == "Poste A2"
    station.page.wait_for_timeout(2300)
    assert [contact["workshop"] for contact in station.api.contacts][-1] == "A"


def test_figures_never_step_back_between_an_answer_and_the_next_changes(station: Station) -> None:
    station.page.evaluate(
        """() => { window.seen = []; const dd = document.querySelector('[data-role=avance-faits]');
        new MutationObserver(() => window.seen.push(parseInt(dd.textContent))).observe(dd, {childList: true}) }"""
    )
    for code in (LEA, PC, LUCAS, PC_2):
        station.scan(code)
    station.sent(2, "pair")
    station.page.wait_for_timeout(2500)
    seen = station.page.evaluate("() => window.seen")
    assert seen == sorted(seen)
    assert seen[-1] == 314


def test_a_station_stopped_before_it_opened_says_so(open_station: OpenStation) -> None:
    api = usual_api()
    api.mode = "revoked"
    station = open_station(api, ready=False)
    station.page.wait_for_function(RED)
    assert station.page.inner_text("[data-role=affiche]") == "Poste arrêté"


def test_leaving_with_events_pending_asks_once(station: Station) -> None:
    station.page.keyboard.press("Shift")
    station.scan(LEA)
    assert station.page.evaluate("() => dispatchEvent(new Event('beforeunload', {cancelable: true}))")
    station.page.context.set_offline(True)
    station.scan(PC)
    assert not station.page.evaluate("() => dispatchEvent(new Event('beforeunload', {cancelable: true}))")
    station.page.context.set_offline(False)
    assert len(station.sent(1, "pair")) == 1


def test_a_practice_station_counts_on_its_screen_and_writes_nothing(open_station: OpenStation) -> None:
    api = usual_api()
    api.practice = True
    station = open_station(api, path="/fr/essai/")
    assert "Entraînement" in station.text("ligne-essai")
    station.scan(LEA)
    station.scan(PC)
    station.scan(LEA)
    assert station.text("situation-texte") == "Déjà équipé"
    station.rest(500)
    assert station.text("avance-faits") == "313 / 486"
    assert station.text("reseau-mot") == "En ligne"
    assert api.posts == 0


def test_a_station_without_token_goes_to_the_start_page(open_station: OpenStation) -> None:
    station = open_station(accepted=False, ready=False)
    station.page.wait_for_url("**/poste/debut/")


def test_the_list_that_does_not_come_is_asked_for_again(open_station: OpenStation) -> None:
    api = usual_api()
    api.mode = "down"
    station = open_station(api, ready=False)
    station.page.wait_for_function("() => document.body.innerText.includes('Le poste réessaie tout seul')")
    api.mode = "up"
    station.page.wait_for_function(READY, timeout=5000)
    station.scan(LEA)
    assert station.ground == "encours"
