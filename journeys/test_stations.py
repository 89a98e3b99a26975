"""Stations start in two gestures, and learn afterwards what they could not know."""

import pytest

from cartable.kernel.codes import COMMAND_CODES
from cartable.simulation.demo_cast import READY
from journeys.conftest import NewComputer
from journeys.scanner import Scanner, ask_for_station, wait_until_ready
from journeys.world import World, leader_of

pytestmark = pytest.mark.browser


@pytest.fixture
def open_day(world: World, new_computer: NewComputer) -> World:
    """The ready day, opened by its leader with one click."""
    leader = world.sign_in(new_computer(), leader_of(READY), world.day_path(READY))
    leader.get_by_role("button", name="Ouvrir la journée").click()
    leader.wait_for_url("**/pilotage/")
    return world


def start(world: World, new_computer: NewComputer, workshop: str) -> Scanner:
    """Start a station and let the leader accept it."""
    station = ask_for_station(new_computer(), world, world.site_card(READY), workshop)
    leader = world.sign_in(new_computer(), leader_of(READY), world.day_path(READY, "pilotage/"))
    leader.get_by_role("button", name="Accepter").click()
    leader.get_by_text("Poste accepté.").wait_for()
    wait_until_ready(station)
    return station


def reviewed(world: World, new_computer: NewComputer) -> str:
    """Return what the leader's list "À revoir" says."""
    leader = world.sign_in(new_computer(), leader_of(READY), world.day_path(READY, "pilotage/"))
    return leader.get_by_role("main").inner_text()


def test_a_station_starts_with_the_site_card_and_waits_for_the_leader(
    open_day: World, new_computer: NewComputer
) -> None:
    station = ask_for_station(new_computer(), open_day, open_day.site_card(READY), "B")
    before = station.touched()
    assert "Le responsable va accepter ce poste" in station.page.inner_text("main")
    leader = open_day.sign_in(new_computer(), leader_of(READY), open_day.day_path(READY, "pilotage/"))
    leader.get_by_text("Le poste B1 attend").wait_for()
    leader.get_by_role("button", name="Accepter").click()
    wait_until_ready(station)
    assert station.touched()["clicks"] == before["clicks"] == 0
    assert station.state == "attente"


def test_a_station_that_the_leader_does_not_accept_gets_no_list(open_day: World, new_computer: NewComputer) -> None:
    station = ask_for_station(new_computer(), open_day, open_day.site_card(READY), "B")
    leader = open_day.sign_in(new_computer(), leader_of(READY), open_day.day_path(READY, "pilotage/"))
    leader.get_by_role("button", name="Refuser").click()
    station.page.get_by_text("Poste refusé").wait_for(timeout=10_000)
    assert station.page.evaluate("indexedDB.databases()") == []


def test_the_control_room_renews_itself_under_the_hands_of_who_uses_the_keyboard(
    open_day: World, new_computer: NewComputer
) -> None:
    for workshop in "AB":
        ask_for_station(new_computer(), open_day, open_day.site_card(READY), workshop)
    leader = open_day.sign_in(new_computer(), leader_of(READY), open_day.day_path(READY, "pilotage/"))
    leader.get_by_text("Voir en tableau").click()
    second = leader.get_by_role("button", name="Accepter B2")
    second.focus()
    leader.evaluate("document.getElementById('live').dataset.before = 'yes'")
    leader.wait_for_function("() => !document.getElementById('live').dataset.before", timeout=15_000)
    assert second.evaluate("each => each === document.activeElement")
    assert leader.locator("#live details").first.get_attribute("open") is not None
    leader.keyboard.press("Enter")
    leader.get_by_text("Poste accepté.").wait_for()
    leader.get_by_text("Le poste A1 attend").wait_for()
    # The page was loaded anew; the keyboard is still among the stations.
    leader.keyboard.press("Tab")
    assert leader.evaluate("document.activeElement.textContent.trim()").startswith("Accepter A1")


def test_a_wrong_site_card_starts_nothing(open_day: World, new_computer: NewComputer) -> None:
    page = new_computer().new_page()
    page.goto(open_day.url("/poste/"))
    page.fill("[name=site_card]", "1" * 24)
    page.keyboard.press("Enter")
    page.get_by_text("Carte inconnue").first.wait_for()


def test_of_two_stations_that_race_for_one_pc_one_turns_red_and_a_human_rules(
    open_day: World, new_computer: NewComputer
) -> None:
    a, first, second = (start(open_day, new_computer, workshop) for workshop in "ABB")
    one, other = open_day.expected_students(READY)[:2]
    device, spare = open_day.devices_on_the_table(READY)[:2]
    for student in (one, other):
        a.scan(student)
    for station in (first, second):
        station.page.wait_for_function(
            "() => Number(document.querySelector('[data-role=avance-entre]').textContent) >= 2", timeout=10_000
        )
    # Both have the list in which the PC is free: what the other does is not heard before two seconds.
    assert (first.scan(one), second.scan(other)) == ("encours", "encours")
    assert first.scan(device) == "ok"
    second.scan(device)  # Green, then red as soon as the server has answered.
    second.page.wait_for_function("() => document.querySelector('[data-role=ecran]').dataset.etat === 'err'")
    assert first.state == "ok"
    # The way out is another PC, at once.
    assert (second.scan(other), second.scan(spare)) == ("encours", "ok")
    assert "PC déjà remis à quelqu’un d’autre" in reviewed(open_day, new_computer)
    holders = open_day.rows("SELECT count(DISTINCT custodian_id) FROM fleet_device WHERE custodian_kind = 'student'"
                            " AND asset_tag = ANY(%s)", [device, spare])  # fmt: skip
    assert holders == [(2,)]
    assert open_day.audit()["violations"] == 0


def test_a_charter_taken_back_meanwhile_turns_the_panel_red_and_enters_the_review(
    open_day: World, new_computer: NewComputer
) -> None:
    a, b = (start(open_day, new_computer, workshop) for workshop in "AB")
    student, device = open_day.expected_students(READY)[0], open_day.devices_on_the_table(READY)[0]
    a.scan(student)
    b.page.wait_for_function(
        "() => Number(document.querySelector('[data-role=avance-entre]').textContent) >= 1", timeout=10_000
    )
    assert b.scan(student) == "encours"
    a.scan(COMMAND_CODES["no_charter"])  # Sans charte: the paper was not signed.
    a.page.wait_for_function("() => document.querySelector('[data-role=reseau-mot]').textContent === 'En ligne'")
    b.scan(device)  # Green, then red as soon as the server has answered.
    b.page.wait_for_function("() => document.querySelector('[data-role=ecran]').dataset.etat === 'err'")
    b.page.locator("[data-role=revoir]:visible").wait_for()
    assert "Charte manquante" in reviewed(open_day, new_computer)
    assert open_day.rows("SELECT custodian_kind FROM fleet_device WHERE asset_tag = %s", device) == [
        ("school_allotment",)
    ]
