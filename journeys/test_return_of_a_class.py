"""The return of a class in series, and the way of its PCs over the bench to the reserve: a scan each after choosing once."""

import io

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from cartable.simulation.demo_cast import FINISHED
from journeys.conftest import NewComputer
from journeys.world import World, head_of

pytestmark = pytest.mark.browser
TECHNICIAN = "technicien@demo.example"
_COUNT_CLICKS = """
window.addEventListener("click", (event) => {
  // Enter on a field clicks the form's button by itself: only a hand has a pointer.
  if (event.isTrusted && event.detail > 0) {
    sessionStorage.setItem("clicks", Number(sessionStorage.getItem("clicks") ?? 0) + 1);
  }
}, true);
"""
_CLASS = """
SELECT enrolment.division, device.asset_tag FROM rosters_enrolment enrolment
JOIN rosters_student student ON student.id = enrolment.student_id
JOIN organisations_school school ON school.id = enrolment.school_id
JOIN fleet_device device ON device.custodian_id = student.custodian_id
WHERE school.uai = %s AND enrolment.is_home AND enrolment.division <> '' ORDER BY enrolment.division, device.asset_tag
"""
_KINDS = "SELECT custodian_kind, count(*) FROM fleet_device WHERE asset_tag = ANY(%s) GROUP BY 1"


def classes_with_pcs(world: World) -> dict[str, list[str]]:
    """Return the PCs that the students of each class hold."""
    classes: dict[str, list[str]] = {}
    for division, tag in world.rows(_CLASS, FINISHED.uai):
        classes.setdefault(division, []).append(tag)
    return classes


def scan(page: Page, code: str) -> None:
    """Press the keys of a label, then Enter, into whatever has the focus; wait for the next page."""
    page.wait_for_function("() => document.activeElement instanceof HTMLInputElement")  # A hand is slower than a page.
    page.keyboard.type(code)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def clicks(page: Page) -> int:
    """Return how often a hand clicked since the last time."""
    counted: int = page.evaluate(
        "() => { const n = Number(sessionStorage.getItem('clicks') ?? 0); sessionStorage.removeItem('clicks'); return n; }"
    )
    return counted


def faults(page: Page) -> list[str]:
    """Return what axe-core finds on a page."""
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def custody(world: World, tags: list[str]) -> dict[str, int]:
    """Count who answers for these PCs."""
    return dict(world.rows(_KINDS, tags))


def test_a_class_gives_back_in_series_and_its_pcs_are_in_the_reserve_the_same_day(
    world: World, new_computer: NewComputer
) -> None:
    (division, tags), (_other, [stray, *_]) = sorted(classes_with_pcs(world).items(), key=lambda one: len(one[1]))[-2:]

    # The head chooses once, then scans.
    context = new_computer()
    context.add_init_script(_COUNT_CLICKS)
    page = world.sign_in(context, head_of(FINISHED), "/restituer/")
    page.get_by_role("link", name="Toute une classe").click()
    page.get_by_role("link", name=division, exact=True).click()
    page.get_by_role("button", name="Commencer à scanner").click()
    assert faults(page) == []
    clicks(page)
    for done, tag in enumerate(tags[:-1], start=1):
        scan(page, tag)
        assert page.locator(".nombre__valeur").first.inner_text() == str(done)
    # A PC of another class lay in the pile: it is stopped, and the series goes on.
    scan(page, stray)
    page.get_by_text("n’est pas d’un élève de cette classe").wait_for()
    scan(page, tags[-1])
    page.get_by_text("Tous les PC de la classe sont rendus.").wait_for()
    assert clicks(page) == 0
    assert faults(page) == []
    assert custody(world, tags) == {"school_bench": len(tags)}
    assert custody(world, [stray]) == {"student": 1}

    # The last one was a mistake: undone, and taken back at the desk with a scan and a letter, with its receipt.
    page.goto(world.url("/restituer/"))
    page.get_by_role("button", name="Annuler").click()
    page.get_by_text("de nouveau chez son élève").wait_for()
    clicks(page)
    page.locator("#id_code").focus()
    scan(page, tags[-1])
    page.get_by_role("button", name="B · Usagé").click()
    page.get_by_text("rendu par").first.wait_for()
    assert clicks(page) == 1
    address = page.get_by_role("link", name="Quitus (PDF)").get_attribute("href")
    paper = page.request.get(world.url(str(address)))
    said = pypdfium2.PdfDocument(io.BytesIO(paper.body()))[0].get_textpage().get_text_bounded()
    assert "ne doit plus rien" in " ".join(said.split())

    # The technician on a phone: wiped, imaged, checked, shelved, one scan each.
    phone = new_computer(viewport={"width": 390, "height": 844})
    phone.add_init_script(_COUNT_CLICKS)
    page = world.sign_in(phone, TECHNICIAN, f"/atelier/{FINISHED.uai}/serie/")
    page.fill("[name=image]", "2026.09")
    page.get_by_role("button", name="Commencer à scanner").click()
    clicks(page)
    for done, tag in enumerate(tags, start=1):
        scan(page, tag)
        assert page.locator(".nombre__valeur").inner_text() == str(done), page.inner_text("main")
    assert (clicks(page), faults(page)) == (0, [])
    assert custody(world, tags) == {"emergency_stock": len(tags)}
    assert world.audit()["violations"] == 0
