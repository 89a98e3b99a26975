"""The power fails: the day goes on on paper, and three hundred lines are typed in again by keys alone."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django_scopes import scopes_disabled
from playwright.sync_api import Page

from cartable.config.scratch import migrated_database, pointed_at
from cartable.distribution.queries.closing import leftover_tags
from cartable.distribution.queries.control_room import passages_of
from cartable.simulation.demo_cast import PASSWORD, READY
from cartable.simulation.pages import Leader
from cartable.simulation.simulated_day import LEADER, Wanted, prepared_school_day
from cartable.simulation.web import web_server
from journeys.conftest import NewComputer
from journeys.scanner import plug_in
from journeys.world import World, leader_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LINE_COUNT = 300
# An hour for 300 lines; the hand types, the machine must not be what it waits for.
SECONDS_PER_LINE = 12
_COUNT = """
window.gestures = {keys: 0, clicks: 0};
window.addEventListener("keydown", () => { window.gestures.keys += 1; }, true);
// Enter in a form is a "click" for the browser: what a hand does to a mouse is a pointer going down.
window.addEventListener("pointerdown", () => { window.gestures.clicks += 1; }, true);
"""
_ANSWERED = "n => document.querySelectorAll('[data-role=ressaisie-ligne]').length >= n"
_REST = "() => document.querySelector('[data-role=ressaisie-attente]').hidden"


@pytest.fixture
def screen(world: World, new_computer: NewComputer) -> Page:
    """The re-entry screen of the ready day, open."""
    computer = new_computer()
    computer.add_init_script(_COUNT)
    leader = world.sign_in(computer, leader_of(READY), world.day_path(READY))
    leader.get_by_role("button", name="Ouvrir la journée").click()
    leader.wait_for_url("**/pilotage/")
    leader.goto(world.url(world.day_path(READY)))
    leader.get_by_role("link", name="Ressaisir des feuilles papier").click()
    leader.wait_for_url("**/ressaisie/")
    leader.evaluate("window.gestures = {keys: 0, clicks: 0}")
    return leader


@dataclass(frozen=True)
class Gymnasium:
    """A lycée of three hundred students whose day is open, at the re-entry screen."""

    world: World
    screen: Page
    sheet: list[tuple[str, str]]


@pytest.fixture
def gymnasium(tmp_path: Path, new_computer: NewComputer, django_db_blocker: Any) -> Iterator[Gymnasium]:
    """Build the lycée and open its day."""
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())
        scratch = stack.enter_context(migrated_database())
        with pointed_at(scratch), scopes_disabled():
            day = prepared_school_day(Wanted(students=LINE_COUNT + 40))
            students = [line.code for line in passages_of(day, limit=5_000) if line.is_expected]
            devices = [tag for tag, _serial in leftover_tags(day)]
        port = stack.enter_context(web_server(scratch)).port
        Leader(port, email=LEADER.email, password=PASSWORD, day_id=day.pk).open_day()
        world = World(scratch, port, tmp_path, {READY.key: day.pk})
        computer = new_computer()
        computer.add_init_script(_COUNT)
        screen = world.sign_in(computer, LEADER.email, world.day_path(READY, "ressaisie/"))
        screen.evaluate("window.gestures = {keys: 0, clicks: 0}")
        yield Gymnasium(world, screen, list(zip(students, devices, strict=False))[:LINE_COUNT])


def lines_of(world: World) -> list[tuple[str, str]]:
    """Return a sheet: students of the day, each with a PC of the table."""
    return list(zip(world.expected_students(READY), world.devices_on_the_table(READY), strict=False))


def handed_over(world: World) -> list[tuple[str, str]]:
    """Return who holds what at the end."""
    return sorted(
        world.rows(
            "SELECT student.label_code, device.asset_tag FROM fleet_device device"
            " JOIN rosters_student student ON student.custodian_id = device.custodian_id"
            " JOIN distribution_passage passage ON passage.student_id = student.id WHERE passage.day_id = %s",
            world.day_ids[READY.key],
        )
    )


@pytest.mark.soak
def test_three_hundred_lines_are_typed_in_by_keys_alone(
    gymnasium: Gymnasium, record_property: Callable[[str, object], None]
) -> None:
    world, screen, sheet = gymnasium.world, gymnasium.screen, gymnasium.sheet
    hand = plug_in(screen)
    began = time.monotonic()
    for student, device in sheet:
        # Digits only, Enter after each code: the fields say which is which. Nothing is waited for between lines.
        hand.type(student[1:])
        hand.type(device[1:])
    screen.wait_for_function(_ANSWERED, arg=len(sheet), timeout=60_000)
    screen.wait_for_function(_REST)
    took = time.monotonic() - began
    assert len(sheet) == LINE_COUNT
    gestures = screen.evaluate("window.gestures")
    assert handed_over(world) == sorted(sheet)
    assert gestures["clicks"] == 0
    assert gestures["keys"] == 22 * len(sheet)
    assert took / len(sheet) < SECONDS_PER_LINE / 10
    record_property("keys_per_line", gestures["keys"] / len(sheet))
    record_property("seconds_per_line", took / len(sheet))
    assert world.audit()["violations"] == 0


def test_lines_typed_while_the_server_is_away_wait_and_leave_in_their_order(world: World, screen: Page) -> None:
    sheet, hand = lines_of(world)[:5], plug_in(screen)
    screen.context.set_offline(True)
    for student, device in sheet:
        hand.type(student)
        hand.type(device)
    screen.get_by_text("5 à envoyer. Le serveur ne répond pas").wait_for()
    screen.context.set_offline(False)
    screen.wait_for_function(_ANSWERED, arg=5, timeout=15_000)
    assert handed_over(world) == sorted(sheet)
    order = world.rows(
        "SELECT scan.student_code FROM distribution_scan scan JOIN distribution_station s ON s.id = scan.station_id"
        " WHERE s.is_paper AND scan.kind = 'pair' ORDER BY scan.sequence"
    )
    assert [code for (code,) in order] == [student for student, _device in sheet]


def test_without_javascript_the_same_lines_are_taken_one_by_one(
    world: World, new_computer: NewComputer, screen: Page
) -> None:
    student, device = lines_of(world)[0]
    computer = new_computer(java_script_enabled=False)
    plain = world.sign_in(computer, leader_of(READY), world.day_path(READY, "ressaisie/"))
    plain.keyboard.type(student)
    plain.keyboard.press("Enter")
    plain.get_by_text("Il manque le PC.").wait_for()
    # The page comes back with the student kept and the cursor where the PC goes.
    plain.keyboard.type(device)
    plain.keyboard.press("Enter")
    plain.get_by_text("Remis", exact=True).first.wait_for()
    assert handed_over(world) == [(student, device)]


@pytest.mark.parametrize("width", [1366, pytest.param(390, marks=pytest.mark.soak), 320])
def test_the_screen_is_readable_by_everybody_with_every_kind_of_answer(world: World, screen: Page, width: int) -> None:
    screen.set_viewport_size({"width": width, "height": 844})
    sheet, hand = lines_of(world), plug_in(screen)
    for student, device in [sheet[0], sheet[0], (sheet[1][0], sheet[0][1]), (sheet[2][0], "P0042118758")]:
        hand.type(student)
        hand.type(device)
    screen.wait_for_function(_ANSWERED, arg=4, timeout=15_000)
    found = Axe().run(screen).response["violations"]
    assert [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]] == []
    assert screen.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
