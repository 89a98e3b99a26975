"""The rows of design/JOBS.md about reserves, transfers and top-ups, replayed in a browser within their budgets, one test per row.

One interaction is one scan, one choice, one field filled or one button; opening the page where the work is counts as one
where the row does not say that somebody is there already.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser

from cartable.accounts.commands import appoint
from cartable.accounts.models import Person, Role
from cartable.desk.tests.browsing import Reader, reader
from cartable.emergency_stock.models import TopUp
from cartable.emergency_stock.tests.conftest import Desk
from cartable.emergency_stock.tests.test_desk_pages import of
from cartable.emergency_stock.tests.test_top_ups import ask
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.rules import Reason
from cartable.supply.models import Shipment

pytest_plugins = ["cartable.ui.tests.browser"]
pytestmark = pytest.mark.browser
PLAIN_STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


@dataclass
class Hand:
    """Somebody at work: what they do is counted."""

    reading: Reader
    interactions: int = 0
    scans: int = 0

    def press(self, name: str, *, kind: Any = "button") -> None:
        """Press a button, or follow a link."""
        self.interactions += 1
        self.reading.page.get_by_role(kind, name=name).first.click()

    def choose(self, label: str, value: str) -> None:
        """Choose in a list."""
        self.interactions += 1
        self.reading.page.get_by_label(label).select_option(value)

    def fill(self, label: str, value: str) -> None:
        """Fill a field."""
        self.interactions += 1
        self.reading.page.get_by_label(label).fill(value)

    def scan(self, label: str, code: str) -> None:
        """Scan a label into the field that has it."""
        self.scans += 1
        if self.scans == 1:
            self.reading.page.get_by_label(label).focus()
        self.reading.page.keyboard.type(code)
        self.reading.page.keyboard.press("Enter")

    def scan_in(self, code: str, *, costs: int = 1) -> None:
        """Scan where the cursor already is: the page must have put it there."""
        self.interactions += costs
        page = self.reading.page
        page.wait_for_function("document.activeElement.matches('input[type=text]') && !document.activeElement.value")
        page.keyboard.type(code)
        with page.expect_navigation():
            page.keyboard.press("Enter")

    def sees(self, text: str) -> None:
        """Wait for words, and for a page without fault."""
        self.reading.page.get_by_text(text).first.wait_for()
        assert self.reading.faults() == []


@pytest.fixture
def at_work(chromium: Browser, settings: Any) -> Callable[..., Hand]:
    """Return how somebody sits down before a page."""
    settings.STORAGES = PLAIN_STORAGES

    def sit_down(person: Person, address: str, *, width: int = 1366) -> Hand:
        reading = reader(chromium, of(person), width=width)
        reading.open(address)
        return Hand(reading)

    return sit_down


def empty(desk: Desk) -> None:
    """Put the reserve of the lycée aside."""
    accounts = desk.cast.school_accounts
    for device in desk.reserve:
        desk.cast.move(device.pk, accounts[K.EMERGENCY_STOCK], accounts[K.SCHOOL_BENCH], Reason.FAULT)


def test_technician_moves_ten_pcs_between_two_lycees(desk: Desk, at_work: Callable[..., Hand]) -> None:
    cast = desk.cast
    appoint(
        person=cast.karim, role=Role.TECHNICIAN, region_id=cast.region.pk, school=cast.other_school,
        starts_on=date(2026, 8, 1),
    )  # fmt: skip
    ten = desk.fill(10)
    karim = at_work(cast.karim, "/transferts/nouveau/", width=390)
    karim.choose("Lieu d’arrivée", cast.other_school.uai)
    for device in ten:
        karim.scan("PC scannés", device.asset_tag)
    karim.press("Envoyer ces PC")
    karim.sees("10 PC en transfert")
    assert (karim.interactions, karim.scans) == (2, 10)
    assert Shipment.objects.get().lines.count() == 10


def test_region_moves_a_batch_to_a_site_that_lacks_pcs(desk: Desk, at_work: Callable[..., Hand]) -> None:
    cast = desk.cast
    cast.devices_allotted(30)
    sonia = at_work(cast.sonia, "/transferts/nouveau/")
    sonia.choose("Lieu d’arrivée", cast.other_school.uai)
    sonia.choose("Lieu de départ", cast.school.uai)
    sonia.fill("Nombre de PC", "25")
    sonia.press("Envoyer ces PC")
    sonia.sees("25 PC en transfert")
    assert sonia.interactions == 4
    assert Shipment.objects.get().destination_id == cast.other_accounts[K.SCHOOL_ALLOTMENT]


def test_head_gives_a_pc_to_a_student_absent_on_the_day(desk: Desk, at_work: Callable[..., Hand]) -> None:
    student, device = desk.students["bilal"], desk.reserve[0]
    durand = at_work(desk.cast.durand, "/remettre/")
    durand.scan_in(student.label_code)
    durand.scan_in(device.asset_tag)
    durand.press("Charte signée reçue : remettre le PC")
    durand.sees(f"{device.asset_tag} remis à Bilal Benali")
    assert durand.interactions == 3
    assert desk.custody(device) == K.STUDENT


def test_technician_counts_a_reserve_and_sees_what_is_missing(desk: Desk, at_work: Callable[..., Hand]) -> None:
    *there, missing = desk.reserve
    karim = at_work(desk.cast.karim, f"/reserve/{desk.cast.school.uai}/compter/", width=390)
    karim.reading.page.wait_for_function("document.activeElement.matches('textarea')")
    for device in there:
        karim.scan("PC scannés", device.asset_tag)
    karim.press("Voir ce qui manque")
    karim.sees("2 PC sur 3 sont là")
    assert missing.serial_number in karim.reading.page.inner_text("main")
    assert (karim.interactions, karim.scans) == (1, len(there))


def test_head_asks_for_a_top_up_of_the_reserve(desk: Desk, at_work: Callable[..., Hand]) -> None:
    empty(desk)
    durand = at_work(desk.cast.durand, "/")
    durand.press("Réserves", kind="link")
    durand.press("Demander un réassort")
    durand.sees("Demande envoyée")
    assert durand.interactions == 2
    assert TopUp.objects.get().asked_count == 1


def test_region_approves_a_reserve_top_up(desk: Desk, at_work: Callable[..., Hand]) -> None:
    desk.cast.devices_in_depot(3)
    ask(desk)
    sonia = at_work(desk.cast.sonia, "/reserve/")
    sonia.press("1 réassort à décider", kind="link")
    sonia.press("Accorder")
    sonia.sees("1 demande accordée")
    assert sonia.interactions == 2


def test_region_approves_all_of_a_list(desk: Desk, at_work: Callable[..., Hand]) -> None:
    desk.cast.devices_in_depot(5)
    ask(desk)
    ask(desk, 2, school=desk.cast.other_school)
    sonia = at_work(desk.cast.sonia, "/reserve/")
    sonia.press("2 réassorts à décider", kind="link")
    sonia.press("Tout accorder", kind="link")
    sonia.press("Accorder 2 demandes")
    sonia.sees("2 demandes accordées")
    assert sonia.interactions == 3
    assert Shipment.objects.count() == 2
