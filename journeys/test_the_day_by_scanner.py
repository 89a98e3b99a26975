"""The ready day, from the first label to the sealed report: one scan at A, two at B, and nothing but keys."""

import io

import pypdfium2
import pytest
from playwright.sync_api import Page

from cartable.simulation.demo_cast import READY
from journeys.conftest import NewComputer
from journeys.scanner import Scanner, ask_for_station, plug_in, wait_until_ready
from journeys.world import World, leader_of

pytestmark = [pytest.mark.browser, pytest.mark.soak, pytest.mark.slow]

STUDENT_COUNT = 100
BETWEEN = 25  # Students between the two workshops.


def wait_for_arrivals(station: Scanner) -> None:
    """Wait until station B has heard of those who walk: it asks every two seconds."""
    station.page.wait_for_function(
        "n => Number(document.querySelector('[data-role=avance-entre]').textContent) >= n", arg=BETWEEN, timeout=15_000
    )


def wait_until_sent(station: Scanner) -> None:
    """Wait until nothing is left to send."""
    station.page.wait_for_function(
        "() => document.querySelector('[data-role=reseau-mot]').textContent === 'En ligne'", timeout=15_000
    )


def close_the_day(world: World, leader: Page, leftovers: list[str]) -> None:
    """Scan every PC that is left, then close: the two counts agree."""
    leader.goto(world.url(world.day_path(READY, "cloture/")))
    scanner = plug_in(leader)
    for left in range(len(leftovers), 0, -1):
        leader.wait_for_function("n => document.body.innerText.includes(`Il reste ${n} PC`)", arg=left)
        scanner.type(leftovers[-left])
    leader.get_by_text("Le lot du jour est à zéro.").wait_for()
    leader.get_by_role("button", name="Clôturer et sceller le rapport").click()
    leader.get_by_text("Le rapport est scellé").first.wait_for()


def test_a_hundred_students_pass_with_one_scan_at_A_and_two_at_B_without_a_click(
    world: World, new_computer: NewComputer
) -> None:
    leader = world.sign_in(new_computer(), leader_of(READY), world.day_path(READY))
    leader.get_by_role("button", name="Ouvrir la journée").click()
    stations = [ask_for_station(new_computer(), world, world.site_card(READY), workshop) for workshop in "AB"]
    for _ in stations:
        leader.goto(world.url(world.day_path(READY, "pilotage/")))
        leader.get_by_role("button", name="Accepter").first.click()
    for station in stations:
        wait_until_ready(station)
    a, b = stations
    students, devices = world.expected_students(READY), world.devices_on_the_table(READY)
    served = students[:STUDENT_COUNT]
    before = a.touched(), b.touched()

    # Students walk from A to B: the first ones arrive there while later ones are still in the queue.
    for place in range(STUDENT_COUNT + BETWEEN):
        if place < STUDENT_COUNT:
            assert a.scan(served[place]) == "ok", a.screen
        if place == BETWEEN:
            wait_for_arrivals(b)
        if place >= BETWEEN:
            assert b.scan(served[place - BETWEEN]) == "encours", b.screen
            assert b.scan(devices[place - BETWEEN]) == "ok", b.screen
    wait_until_sent(b)

    assert (a.touched(), b.touched()) == before
    pairs = world.rows(
        "SELECT student.label_code, device.asset_tag FROM distribution_checkout c"
        " JOIN rosters_student student ON student.id = c.student_id JOIN fleet_movement m ON m.id = c.movement_id"
        " JOIN fleet_device device ON device.id = m.device_id WHERE c.day_id = %s",
        world.day_ids[READY.key],
    )
    assert sorted(pairs) == sorted(zip(served, devices, strict=False))
    kinds = world.rows(
        "SELECT kind, count(*), count(*) FILTER (WHERE result = 'recorded' AND code = '') FROM distribution_scan"
        " WHERE day_id = %s GROUP BY 1 ORDER BY 1",
        world.day_ids[READY.key],
    )
    assert kinds == [("arrival", STUDENT_COUNT, STUDENT_COUNT), ("pair", STUDENT_COUNT, STUDENT_COUNT)]

    close_the_day(world, leader, devices[STUDENT_COUNT:])
    report = leader.request.get(world.url(world.day_path(READY, "cloture/rapport.pdf"))).body()
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(io.BytesIO(report)))
    assert devices[0][:5] in text.replace(" ", "")
    absent = len(students) - STUDENT_COUNT
    assert f"{absent}" in text
    assert world.audit()["violations"] == 0
    left = world.rows("SELECT count(*) FROM fleet_device WHERE custodian_kind = 'school_allotment' AND asset_tag = ANY(%s)",
                      devices)  # fmt: skip
    assert left == [(0,)]
