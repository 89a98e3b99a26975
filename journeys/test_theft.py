"""A theft from its declaration to the replacement, and the stolen PC that turns up in another lycée."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from cartable.simulation.demo_cast import FINISHED, READY
from journeys.conftest import NewComputer
from journeys.world import World, head_of

pytestmark = pytest.mark.browser
# design/JOBS.md, head of school: theft: replace from the reserve: student, "Vol", complaint number, scan PC, + upload.
REPLACING_BUDGET = 4
_EQUIPPED = """
SELECT student.label_code, device.asset_tag, device.serial_number FROM rosters_student student
JOIN fleet_device device ON device.custodian_id = student.custodian_id
JOIN fleet_custodian custodian ON custodian.id = student.custodian_id
JOIN organisations_school school ON school.id = custodian.school_id
WHERE school.uai = %s AND device.custodian_kind = 'student' ORDER BY student.id
"""
_IN_CUSTODY = """
SELECT device.asset_tag FROM fleet_device device JOIN fleet_custodian custodian ON custodian.id = device.custodian_id
JOIN organisations_school school ON school.id = custodian.school_id
WHERE school.uai = %s AND device.custodian_kind = %s AND device.condition = 'fit' ORDER BY device.id
"""
RECEIPT = b"%PDF-1.4 recepisse %%EOF"


@dataclass
class Hands:
    """What somebody does at the desk, counted: one scan, one click, one field."""

    page: Page
    count: int = 0

    def scan(self, code: str) -> None:
        """Scan into the field that has the focus: keys, then Enter."""
        self.count += 1
        self.page.locator("input:focus").wait_for()
        self.page.keyboard.type(code)
        self.page.keyboard.press("Enter")

    def press(self, name: str) -> None:
        """Press a button."""
        self.count += 1
        self.page.get_by_role("button", name=name, exact=True).click()


def faults(page: Page) -> list[str]:
    """Return what axe-core finds on a page."""
    return [
        f"{rule['id']}: {node['html'][:160]}"
        for rule in Axe().run(page).response["violations"]
        for node in rule["nodes"]
    ]


def custody(world: World, tag: str) -> str:
    """Say who answers for a PC."""
    return str(world.rows("SELECT custodian_kind FROM fleet_device WHERE asset_tag = %s", tag)[0][0])


def test_a_theft_is_declared_proved_and_replaced_and_the_pc_raises_the_alarm_in_another_lycee(
    world: World, new_computer: NewComputer, tmp_path: Path
) -> None:
    receipt = tmp_path / "recepisse.pdf"
    receipt.write_bytes(RECEIPT)
    label, stolen, serial = world.rows(_EQUIPPED, FINISHED.uai)[0]
    spare = world.rows(_IN_CUSTODY, FINISHED.uai, "emergency_stock")[0][0]
    page = world.sign_in(new_computer(), head_of(FINISHED), "/declarer/")
    hands = Hands(page)

    # The student, "Vol": in claim at once, and nothing leaves the reserve.
    hands.scan(label)
    page.get_by_text("Qu’est-il arrivé").wait_for()
    assert faults(page) == []
    hands.press("Vol")
    page.get_by_text("Rien ne sort de la réserve avant").wait_for()
    assert faults(page) == []
    assert custody(world, stolen) == "claim"
    assert page.get_by_role("button", name="Remettre le PC").count() == 0

    # The receipt and its number; then the PC.
    page.set_input_files("[name=receipt]", receipt)
    page.locator("[name=number]").focus()
    hands.scan("2026/00471")
    page.get_by_text("Le vol est établi").wait_for()
    assert faults(page) == []
    hands.scan(spare)
    page.get_by_text("L’incident est clos").wait_for()
    assert hands.count <= REPLACING_BUDGET
    assert (custody(world, stolen), custody(world, spare)) == ("stolen", "student")

    # Somebody brings it to another lycée: the desk of the reserve, the declaration and the hot list raise the alarm.
    other = world.sign_in(new_computer(), head_of(READY), "/declarer/")
    finder = Hands(other)
    finder.scan(serial)
    other.get_by_role("alert").get_by_text("Gardez le PC").wait_for()
    other.goto(world.url("/alerte/"))
    finder.scan(stolen)
    other.get_by_role("alert").get_by_text("Ce PC est déclaré volé ou perdu").wait_for()
    assert faults(other) == []
    finder.press("Retrouvé : le mettre à l’atelier")
    other.get_by_text("retrouvé : il est à l’atelier").wait_for()
    assert custody(world, stolen) == "school_bench"
    assert stolen in {tag for (tag,) in world.rows(_IN_CUSTODY, READY.uai, "school_bench")}

    # The head of the first lycée sees that it turned up; the replacement stays.
    page.goto(world.url("/incidents/?etat=clos"))
    page.get_by_role("link", name="Vol").click()
    page.get_by_text("PC retrouvé").first.wait_for()
    assert custody(world, spare) == "student"
    assert world.audit()["violations"] == 0


def test_a_theft_is_declared_without_script(world: World, new_computer: NewComputer) -> None:
    label, stolen, _serial = world.rows(_EQUIPPED, FINISHED.uai)[1]
    page = world.sign_in(new_computer(java_script_enabled=False), head_of(FINISHED), "/declarer/")
    page.fill("[name=code]", label)
    page.press("[name=code]", "Enter")
    page.get_by_role("button", name="Vol", exact=True).click()
    page.get_by_text("Le récépissé de la plainte manque").wait_for()
    assert custody(world, stolen) == "claim"
