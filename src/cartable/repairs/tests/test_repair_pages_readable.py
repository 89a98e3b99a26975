"""Every page of repairs in a real browser: axe-core finds nothing, nothing scrolls sideways, each language and width."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from cartable.desk.tests.browsing import Reader, reader
from cartable.desk.tests.test_pages import PHONE_FR, PLAIN_STORAGES, read_all, signed_in
from cartable.repairs.models import RepairTicket
from cartable.repairs.tests.conftest import Bench
from cartable.repairs.tests.test_recalls_and_waiting import call_back
from cartable.repairs.tests.test_way_and_workshop import quote

pytest_plugins = ["cartable.ui.tests.browser"]
pytestmark = pytest.mark.browser
WIDTHS = [(1366, "fr"), PHONE_FR, (320, "en")]


@pytest.fixture
def lived(bench: Bench, settings: Any) -> Bench:
    """A repair at each step: to decide, to diagnose, under repair, announced, to send, recalled."""
    settings.STORAGES = PLAIN_STORAGES
    bench.repaired()
    others = bench.desk.fill(5)
    tickets = [bench.open(device, lend=False) for device in others[:4]]
    tags = [device.asset_tag for device in others[:3]]
    bench.send(*tags)
    bench.receive(*tags, "INCONNU1")
    bench.diagnose(tickets[0], covered=False)
    quote(bench, tickets[0])
    bench.diagnose(tickets[1])
    call_back(bench)
    return bench


def ticket_of(bench: Bench, **facts: Any) -> str:
    """Return the id of a ticket with these facts."""
    return str(RepairTicket.objects.filter(**facts).order_by("pk")[0].pk)


def without_refusals(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Leave out what the browser says of a refusal: it is meant."""
    kept = {address: [fault for fault in faults if "422" not in fault] for address, faults in found.items()}
    return {address: faults for address, faults in kept.items() if faults}


@pytest.mark.parametrize(("width", "language"), WIDTHS)
def test_the_pages_of_a_lycee_are_readable_by_everybody(
    chromium: Browser, lived: Bench, width: int, language: str
) -> None:
    own = lived.own.asset_tag
    road = (
        "/reparer/", f"/reparer/?pc={own}", f"/reparer/?pc={lived.desk.reserve[2].asset_tag}", "/reparer/?pc=RIEN",
        "/reparations/", "/reparations/?etat=fermes", "/reparations/envoyer/", "/reparations/recevoir/",
        "/reparations/rendre/", f"/reparations/rendre/?pc={own}", f"/reparations/dossier/{ticket_of(lived, device=lived.own)}/",
    )  # fmt: skip
    reading = reader(chromium, signed_in(lived.cast.durand, language), width=width)
    assert without_refusals(read_all(reading, road)) == {}


@pytest.mark.parametrize(("width", "language"), WIDTHS)
def test_the_pages_of_the_repairer_are_readable_by_everybody(
    chromium: Browser, lived: Bench, width: int, language: str
) -> None:
    reading = reader(chromium, signed_in(lived.cast.lina, language), width=width)
    stages = [
        ticket_of(lived, is_covered=False), ticket_of(lived, is_covered=True, finished_at=None),
        ticket_of(lived, received_at__isnull=False, diagnosed_at=None), ticket_of(lived, device=lived.own),
    ]  # fmt: skip
    road = ("/sav/", "/sav/?pc=RIEN", "/sav/recevoir/", "/sav/renvoyer/", "/sav/releve/?mois=2026-09",
            *(f"/sav/dossier/{stage}/" for stage in stages))  # fmt: skip
    assert without_refusals(read_all(reading, road)) == {}


@pytest.mark.parametrize(("width", "language"), WIDTHS)
def test_the_pages_of_the_region_are_readable_by_everybody(
    chromium: Browser, lived: Bench, width: int, language: str
) -> None:
    reading = reader(chromium, signed_in(lived.cast.sonia, language), width=width)
    road = ("/reparations/", "/reparations/decisions/", "/reparations/rappels/", "/reparations/conditions/")
    assert without_refusals(read_all(reading, road)) == {}


def press(reading: Reader, *keys: str) -> None:
    """Press keys one after the other."""
    for key in keys:
        reading.page.keyboard.press(key)


def test_repair_and_lend_with_the_keyboard_alone(chromium: Browser, bench: Bench, settings: Any) -> None:
    settings.STORAGES = PLAIN_STORAGES
    reading = reader(chromium, signed_in(bench.cast.durand), width=1366)
    reading.open("/reparer/")
    reading.page.keyboard.type(bench.own.asset_tag)
    press(reading, "Enter")
    reading.page.get_by_role("button", name="Réparer et prêter").wait_for()
    press(reading, "Enter")
    reading.page.get_by_label("PC de la réserve à prêter").wait_for()
    reading.page.keyboard.type(bench.loaner.serial_number)
    press(reading, "Enter")
    reading.page.get_by_text("réparation ouverte").wait_for()
    assert bench.holder(bench.loaner) == "bilal"
    assert reading.faults() == []


def test_a_series_is_scanned_with_the_keyboard_alone(chromium: Browser, bench: Bench, settings: Any) -> None:
    settings.STORAGES = PLAIN_STORAGES
    others = bench.desk.fill(2)
    for device in others:
        bench.open(device, lend=False)
    reading = reader(chromium, signed_in(bench.cast.durand), width=390)
    reading.open("/reparations/envoyer/")
    for number, device in enumerate(others, start=1):
        reading.page.keyboard.type(device.asset_tag)
        press(reading, "Enter")
        reading.page.get_by_role("button", name=f"Envoyer ces PC ({number})").wait_for()
    assert reading.faults() == []
    press(reading, "Tab", "Tab", "Enter")
    reading.page.get_by_text("2 PC : c’est fait").wait_for()
    assert RepairTicket.objects.filter(sent_at__isnull=False).count() == 2
