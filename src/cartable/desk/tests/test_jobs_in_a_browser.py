"""Rows of design/JOBS.md that no package's own tests replay: paper, families, what a PC is, a failure, a quote.

One test per row, in a browser and within its budget; counted as in `emergency_stock/tests/test_jobs_in_a_browser.py`.
"""

from collections.abc import Callable

import pytest

from cartable.desk.tests.browsing import HOST
from cartable.distribution.tests.conftest import DayScene
from cartable.distribution.tests.conftest import scene as scene
from cartable.distribution.tests.conftest import written_scene as written_scene
from cartable.emergency_stock.tests.conftest import Desk
from cartable.emergency_stock.tests.conftest import desk as desk
from cartable.emergency_stock.tests.conftest import written_desk as written_desk
from cartable.emergency_stock.tests.test_jobs_in_a_browser import Hand
from cartable.emergency_stock.tests.test_jobs_in_a_browser import at_work as at_work
from cartable.notices.models import Notice
from cartable.repairs.models import RepairQuote, RepairTicket
from cartable.repairs.tests.conftest import Bench
from cartable.repairs.tests.conftest import bench as bench
from cartable.repairs.tests.conftest import written_bench as written_bench
from cartable.repairs.tests.test_repair_pages import in_the_workshop
from cartable.rosters.models import Guardian, Student

pytest_plugins = ["cartable.ui.tests.browser"]
pytestmark = pytest.mark.browser


def prints(hand: Hand, link: str) -> None:
    """Follow a link that gives a paper."""
    hand.interactions += 1
    page = hand.reading.page
    with page.expect_response(lambda answer: "/etiquettes" in answer.url) as answered:
        page.get_by_role("link", name=link).first.click()
    answer = answered.value
    assert (answer.status, answer.header_value("content-type")) == (200, "application/pdf")


# Head of school and office.


def test_head_reminds_the_families_of_a_class_about_the_charter(scene: DayScene, at_work: Callable[..., Hand]) -> None:
    student = Student.objects.get(label_code=scene.students["bilal"])
    Guardian.objects.create(
        student=student, person_key="1", family_name="Parent", email="mere@example.org", is_legal=True
    )
    durand = at_work(scene.cast.durand, f"/journees/{scene.day.pk}/")
    durand.press("Rappeler la charte aux familles", kind="link")
    durand.press("Écrire aux familles")
    durand.sees("1 courriel part")
    assert durand.interactions == 2
    assert Notice.objects.get().address == "mere@example.org"


@pytest.mark.parametrize("who", ["durand", "weber"])
def test_head_or_office_prints_the_labels_of_a_class(scene: DayScene, at_work: Callable[..., Hand], who: str) -> None:
    hand = at_work(getattr(scene.cast, who), "/journees/")
    hand.press(scene.cast.school.name, kind="link")
    prints(hand, "Étiquettes 2DE7")
    assert hand.interactions == 2


def test_office_prints_one_label(scene: DayScene, at_work: Callable[..., Hand]) -> None:
    weber = at_work(scene.cast.weber, f"/journees/{scene.day.pk}/")
    weber.press("2DE7", kind="link")
    prints(weber, "Étiquette")
    assert weber.interactions == 2


# Technician.


def test_technician_learns_what_a_pc_is_and_whose(desk: Desk, at_work: Callable[..., Hand]) -> None:
    device = desk.reserve[0]
    desk.hand_over("bilal", device)
    karim = at_work(desk.cast.karim, "/scanner/", width=390)
    karim.scan_in(device.serial_number)
    karim.sees("Bilal Benali")
    assert karim.reading.page.get_by_role("heading", level=1).inner_text() != "Recherche"
    assert karim.interactions == 1


def test_technician_opens_a_repair(bench: Bench, at_work: Callable[..., Hand]) -> None:
    karim = at_work(bench.cast.karim, "/reparer/", width=390)
    karim.scan_in(bench.own.asset_tag)
    karim.interactions += 1
    karim.reading.page.get_by_label("Charnière ou coque").check()
    karim.fill("Note pour le réparateur", "Charnière gauche cassée")
    karim.press("Réparer sans prêter")
    karim.sees("réparation ouverte")
    assert karim.interactions == 4
    assert RepairTicket.objects.get().note == "Charnière gauche cassée"


# Repair contractor.


def test_repairer_quotes_a_damage(bench: Bench, at_work: Callable[..., Hand]) -> None:
    ticket = in_the_workshop(bench, covered=False)
    lina = at_work(bench.cast.lina, f"/sav/dossier/{ticket.pk}/")
    assert lina.reading.page.url == f"{HOST}/sav/dossier/{ticket.pk}/"
    quoting = lina.reading.page.locator(
        "form", has=lina.reading.page.get_by_role("button", name="Envoyer le devis à la région")
    )
    quoting.locator("select").select_option("screen")
    quoting.get_by_label("Prix").fill("89,90")
    quoting.get_by_label("Note").fill("Dalle fendue")
    lina.interactions += 3
    lina.press("Envoyer le devis à la région")
    lina.sees("Devis envoyé")
    assert lina.interactions == 4
    assert str(RepairQuote.objects.get().price_eur) == "89.90"
