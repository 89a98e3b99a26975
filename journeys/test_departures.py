"""Two students leave: one for another lycée of the region with the PC, one out of the region, each in two interactions."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from cartable.simulation.demo_cast import FINISHED, READY
from journeys.conftest import NewComputer
from journeys.world import World, head_of

pytestmark = pytest.mark.browser
# design/JOBS.md, head of school: a student leaves for another lycée of the region / outside it: 2 / 2.
BUDGET = 2
WIDTHS = (1366, 390, 320)
_EQUIPPED = """
SELECT student.label_code, device.asset_tag FROM rosters_student student
JOIN fleet_device device ON device.custodian_id = student.custodian_id
JOIN fleet_custodian custodian ON custodian.id = student.custodian_id
JOIN organisations_school school ON school.id = custodian.school_id
WHERE school.uai = %s AND student.merged_into_id IS NULL ORDER BY student.id LIMIT 2
"""


def holds(page: Page) -> None:
    """Check a page at every width: nothing wider than the screen, nothing that axe-core finds."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": WIDTHS[0], "height": 800})
    found = Axe().run(page).response["violations"]
    assert [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]] == []


def test_students_leave_for_another_lycee_and_for_another_region(world: World, new_computer: NewComputer) -> None:
    (moving, tag), (leaving, _owed) = world.rows(_EQUIPPED, FINISHED.uai)
    page = world.sign_in(new_computer(), head_of(FINISHED), f"/eleves/{moving}/")
    holds(page)

    # The new lycée, the button.
    page.get_by_label("Nouveau lycée").select_option(READY.uai)
    page.get_by_role("button", name="Déclarer le départ").click()
    page.get_by_text("est maintenant élève de").wait_for()
    interactions = 2
    assert interactions <= BUDGET
    holds(page)
    page.goto(world.url("/a-traiter/"))
    page.get_by_text("1 élève parti dans un autre lycée", exact=True).wait_for()

    # The other head reads it, and sees the PC on the student's page; nobody has carried anything.
    other = world.sign_in(new_computer(), head_of(READY), "/a-traiter/")
    other.get_by_text("1 élève arrivé d’un autre lycée", exact=True).wait_for()
    other.goto(world.url(f"/pc/{tag}/"))
    other.locator(f"a[href='/eleves/{moving}/']").first.click()
    other.get_by_text("A son PC.").wait_for()

    # Out of the region: the gesture, then the button under what is owed.
    page.goto(world.url(f"/eleves/{leaving}/"))
    page.locator(f"a[href='/eleves/{leaving}/quitter-la-region/']").click()
    page.get_by_text("Ce que l’élève doit").wait_for()
    holds(page)
    page.get_by_role("button", name="Déclarer le départ").click()
    page.get_by_text("A quitté le lycée et doit rendre son PC.").wait_for()
    assert interactions <= BUDGET

    # That was a mistake.
    page.get_by_role("button", name="Annuler ce départ").click()
    page.get_by_text("Départ annulé").wait_for()
    assert world.audit()["violations"] == 0
