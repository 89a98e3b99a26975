"""PCs on the road between two lycées, by keys: sent by scan, received by scan, and two differences settled at the end."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from cartable.simulation.demo_cast import FINISHED, READY
from journeys.conftest import NewComputer
from journeys.world import REGION, World, head_of

pytestmark = pytest.mark.browser
# design/JOBS.md: move PCs between two lycées: the place of arrival and the button, and a scan for each PC.
SENDING_BUDGET = 2
_RESERVE = """
SELECT device.asset_tag FROM fleet_device device JOIN fleet_custodian custodian ON custodian.id = device.custodian_id
JOIN organisations_school school ON school.id = custodian.school_id
WHERE school.uai = %s AND custodian.kind = 'emergency_stock' AND device.condition = 'fit' ORDER BY device.id LIMIT 5
"""


def faults(page: Page) -> list[str]:
    """Return what axe-core finds on a page."""
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def scan(page: Page, code: str) -> None:
    """Type a label as a scanner does: the page that comes back has the field ready again."""
    assert page.evaluate("document.activeElement.name") == "code"
    page.keyboard.type(code)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def reserve_of(world: World, uai: str) -> set[str]:
    """Return the labels of the PCs in the reserve of a lycée."""
    return {tag for (tag,) in world.rows(_RESERVE.replace("LIMIT 5", ""), uai)}


def test_pcs_are_sent_received_and_their_differences_settled(world: World, new_computer: NewComputer) -> None:
    first, second, third, fourth, stranger = (tag for (tag,) in world.rows(_RESERVE, FINISHED.uai))

    # The region sends four PCs, one by one under the scanner.
    sender = world.sign_in(new_computer(), REGION, "/transferts/nouveau/")
    assert faults(sender) == []
    sender.get_by_label("Lieu d’arrivée").select_option(READY.uai)
    sender.get_by_label("PC scannés").focus()
    for tag in (first, second, third, fourth):
        sender.keyboard.type(tag)
        sender.keyboard.press("Enter")
    sender.get_by_role("button", name="Envoyer ces PC").press("Enter")
    sender.get_by_role("heading", name="4 PC en transfert").wait_for()
    interactions = 2  # The place of arrival, the button; the scans are counted apart.
    assert interactions <= SENDING_BUDGET

    # The lycée that lends them sees them leave, and receives nothing.
    origin = world.sign_in(new_computer(), head_of(FINISHED), "/transferts/")
    origin.get_by_role("link", name=READY.name).click()
    origin.get_by_role("heading", name="4 PC en transfert").wait_for()
    assert origin.get_by_label("PC, carton ou palette").count() == 0

    # The other one scans what came: three of the four, and one that nobody had announced.
    head = world.sign_in(new_computer(), head_of(READY), "/transferts/")
    head.get_by_role("link", name=FINISHED.name).click()
    head.get_by_label("PC, carton ou palette").wait_for()
    for tag in (first, second, third, second):
        scan(head, tag)
    head.get_by_text("déjà scanné").wait_for()
    scan(head, stranger)
    head.get_by_text("n’était pas annoncé").first.wait_for()
    assert faults(head) == []
    head.get_by_role("button", name="Clore : 1 PC manque").press("Enter")
    head.get_by_text("2 écarts à régler").first.wait_for()

    # The stranger stays; the missing one never left, says whoever finds it there.
    head.get_by_role("button", name="Le garder ici").press("Enter")
    head.get_by_text("Écart réglé").wait_for()
    assert head.get_by_role("button", name="Il est revenu au départ").count() == 0
    origin.reload()
    origin.get_by_role("button", name="Il est revenu au départ").press("Enter")
    origin.get_by_text("Écart réglé").wait_for()
    assert faults(origin) == []

    assert {first, second, third, stranger} <= reserve_of(world, READY.uai)
    assert fourth in reserve_of(world, FINISHED.uai)
    assert world.rows("SELECT count(*) FROM fleet_device WHERE custodian_kind = 'transit'") == [(0,)]
    assert world.audit()["violations"] == 0
