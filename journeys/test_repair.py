"""Failure to loan, swap and back: a lycée, its repairer and the region, in a real browser, within the budgets."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from cartable.simulation.demo_cast import FINISHED
from journeys.conftest import NewComputer
from journeys.world import World, head_of

pytestmark = pytest.mark.browser
LINA = "reparateur@demo.example"
# design/JOBS.md: an interaction is a scan, a click or a field.
LOAN, DIAGNOSIS, BATCH_OF_ONE = 3, 3, 2
_COUNT = """
window.addEventListener("pointerdown", (event) => {
  if (event.isTrusted) sessionStorage.setItem("done", Number(sessionStorage.getItem("done") ?? 0) + 1);
}, true);
"""
_HELD = """
SELECT device.asset_tag, device.serial_number, student.id FROM fleet_device device
JOIN rosters_student student ON student.custodian_id = device.custodian_id
JOIN fleet_custodian c ON c.id = device.custodian_id JOIN organisations_school school ON school.id = c.school_id
WHERE school.uai = %s ORDER BY device.asset_tag
"""
_SHELF = """
SELECT device.asset_tag FROM fleet_device device JOIN fleet_custodian c ON c.id = device.custodian_id
JOIN organisations_school school ON school.id = c.school_id
WHERE school.uai = %s AND c.kind = 'emergency_stock' AND device.condition = 'fit' ORDER BY 1
"""
_WHERE = """
SELECT device.custodian_kind, student.id, device.serial_number FROM fleet_device device
LEFT JOIN rosters_student student ON student.custodian_id = device.custodian_id WHERE device.asset_tag = %s
"""


class Hand:
    """Somebody at a computer: what they scan and click is counted together."""

    def __init__(self, world: World, page: Page) -> None:
        self.world, self.page, self.scans = world, page, 0
        self.page.evaluate("sessionStorage.removeItem('done')")

    def open(self, path: str) -> None:
        """Open a page, free of charge."""
        self.page.goto(self.world.url(path))

    def scan(self, code: str) -> None:
        """Scan into the field that has the focus, once the page has given it."""
        self.scans += 1
        self.page.wait_for_function(
            "document.activeElement.matches('input[type=text]') && !document.activeElement.value"
        )
        self.page.keyboard.type(code)
        self.page.keyboard.press("Enter")

    def click(self, name: str) -> None:
        """Click on a button."""
        self.page.get_by_role("button", name=name).click()

    def reads(self, text: str) -> None:
        """Wait until a text is there."""
        self.page.get_by_text(text).first.wait_for()

    def spent(self) -> int:
        """Return how many interactions there were since the last time."""
        clicks = int(
            self.page.evaluate(
                "() => { const n = Number(sessionStorage.getItem('done') ?? 0); sessionStorage.removeItem('done'); return n; }"
            )
        )
        spent, self.scans = clicks + self.scans, 0
        return spent

    def faults(self) -> list[str]:
        """Return what axe-core finds."""
        found: list[dict[str, Any]] = Axe().run(self.page).response["violations"]
        return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def repair(head: Hand, own: str, loaner: str) -> None:
    """Take a failed PC in and lend another one: three interactions."""
    head.open("/reparer/")
    head.spent()
    head.scan(own)
    head.click("Réparer et prêter")
    head.page.get_by_label("PC de la réserve à prêter").wait_for()
    head.scan(loaner)
    head.reads("réparation ouverte")
    assert head.spent() == LOAN


def series(hand: Hand, path: str, code: str, verb: str) -> None:
    """Scan one PC of a batch, then act: one scan each, and one gesture."""
    hand.open(path)
    hand.spent()
    hand.scan(code)
    hand.reads("Bon")
    hand.click(f"{verb} (1)")
    hand.reads("c’est fait")
    assert hand.spent() == BATCH_OF_ONE


def diagnose(lina: Hand, code: str) -> None:
    """Find the ticket by a scan, say that the mainboard is at fault and that the warranty covers it."""
    lina.open("/sav/")
    lina.scan(code)
    lina.page.get_by_label("Ce qui est en cause").wait_for()
    lina.spent()
    lina.page.get_by_label("Ce qui est en cause").select_option("mainboard")
    lina.page.get_by_label("Oui, sous garantie").check()
    lina.click("Enregistrer le diagnostic")
    lina.reads("Diagnostic enregistré")
    # A choice in a list is made without the mouse: it is the third interaction.
    assert lina.spent() + 1 == DIAGNOSIS


def test_a_failure_becomes_a_loan_a_swap_and_is_back(world: World, new_computer: NewComputer) -> None:
    (own, old_serial, student), (second, _serial, other_student) = world.rows(_HELD, FINISHED.uai)[:2]
    loaner, other_loaner = (tag for (tag,) in world.rows(_SHELF, FINISHED.uai)[:2])

    def where(tag: str) -> tuple[Any, ...]:
        return world.rows(_WHERE, tag)[0]

    office = new_computer()
    office.add_init_script(_COUNT)
    head = Hand(world, world.sign_in(office, head_of(FINISHED), "/reparations/"))
    workshop = new_computer()
    workshop.add_init_script(_COUNT)
    lina = Hand(world, world.sign_in(workshop, LINA, "/sav/"))

    # The PC fails; its student leaves with another one.
    repair(head, own, loaner)
    assert (where(own)[0], where(loaner)[1]) == ("school_bench", student)
    assert head.faults() == []
    series(head, "/reparations/envoyer/", own, "Envoyer ces PC")
    assert where(own)[0] == "repairer"

    # The maker sends another one: the label and the past stay, the serial number does not.
    series(lina, "/sav/recevoir/", old_serial, "Recevoir ces PC")
    diagnose(lina, old_serial)
    lina.page.get_by_label("Échangé par le fabricant").check()
    lina.page.get_by_label("Numéro de série du PC qui revient").fill("5cgswapped01")
    lina.click("Enregistrer le résultat")
    lina.reads("Résultat enregistré")
    assert lina.faults() == []
    assert where(own)[2] == "5CGSWAPPED01"
    series(lina, "/sav/renvoyer/", "5CGSWAPPED01", "Renvoyer ces PC")

    # Two scans: the PC that is back, by its old number even, and the loaner.
    head.open("/reparations/rendre/")
    head.spent()
    head.scan(old_serial)
    head.page.get_by_label("Scannez le PC prêté").wait_for()
    assert head.faults() == []
    head.scan(loaner)
    head.reads("C’est fait")
    assert head.spent() == 2
    assert (where(own)[1], where(loaner)[0]) == (student, "school_bench")

    # A second one comes back installed anew, and its student keeps the loaner.
    repair(head, second, other_loaner)
    series(head, "/reparations/envoyer/", second, "Envoyer ces PC")
    series(lina, "/sav/recevoir/", second, "Recevoir ces PC")
    diagnose(lina, second)
    lina.page.get_by_label("Système réinstallé").check()
    lina.click("Enregistrer le résultat")
    lina.reads("Résultat enregistré")
    series(lina, "/sav/renvoyer/", second, "Renvoyer ces PC")
    head.open("/reparations/rendre/")
    head.scan(second)
    head.click("L’élève garde le PC prêté")
    head.reads("C’est fait")
    assert (where(second)[0], where(other_loaner)[1]) == ("emergency_stock", other_student)
    assert world.audit()["violations"] == 0
