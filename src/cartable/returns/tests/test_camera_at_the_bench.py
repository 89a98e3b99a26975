"""A phone's camera at the bench: real Chromium, real decoder, a film of our own printed labels, one press for a series."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page

from cartable.desk.tests.browsing import HOST, reader
from cartable.distribution.paper.labels import DeviceLabel, device_label_roll
from cartable.distribution.tests.films import Film, filmed, picture_of
from cartable.distribution.tests.paper_reading import PRINTED_AT
from cartable.fleet.models import Device
from cartable.returns.models import Reimaging
from cartable.returns.tests.conftest import Returns
from cartable.ui.tests.browser import executable

pytest_plugins = ["cartable.ui.tests.browser"]
pytestmark = pytest.mark.browser

CHOSEN = "geste=all&methode=secure_erase&image=2026.09&vers=reserve" + "".join(
    f"&controles={check}" for check in ("starts", "screen", "keyboard", "battery", "network", "charger")
)


def label_of(device: Device) -> Any:
    """Print the label of a PC."""
    label = DeviceLabel(device.asset_tag, "Région Grand Est", "HP 240 G7", device.serial_number, "Trouvé ?")
    return picture_of(device_label_roll([label], printed_at=PRINTED_AT))


@pytest.fixture
def series(
    chromium: Browser, karim: Client, returns: Returns, settings: Any, tmp_path: Path
) -> Iterator[Callable[[Film], Page]]:
    """Return a function that opens the bench in series before a phone whose camera sees a film."""
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": plain}}
    browsers: list[Browser] = []

    def open_one(film: Film) -> Page:
        browser = chromium.browser_type.launch(
            executable_path=executable(),
            args=["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream",
                  "--use-fake-ui-for-media-stream",
                  f"--use-file-for-fake-video-capture={filmed(film, tmp_path / 'film.y4m')}"],
        )  # fmt: skip
        browsers.append(browser)
        phone = reader(browser, karim, width=390)
        phone.page.context.grant_permissions(["camera"])
        phone.page.goto(f"{HOST}/atelier/{returns.cast.school.uai}/serie/?{CHOSEN}")
        return phone.page

    yield open_one
    for browser in browsers:
        browser.close()


def shelved() -> int:
    """Count the PCs that the bench has put back into the reserve."""
    return Reimaging.objects.filter(movement__isnull=False).count()


def until_shelved(page: Page, count: int) -> None:
    """Wait until the bench has shelved that many PCs."""
    for _ in range(150):
        if shelved() >= count:
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"{shelved()} shelved: {page.inner_text('main')}")


def test_a_series_takes_one_press_and_then_a_label_each(returns: Returns, series: Callable[[Film], Page]) -> None:
    for name in ("bilal", "alice"):
        returns.take(name)
    labels = [label_of(returns.held[name]) for name in ("bilal", "alice")]
    page = series([(labels[0], 2), (None, 2), (labels[1], 2), (None, 2)])
    loaded = "performance.getEntriesByType('resource').filter(each => /camera|barcode|wasm/.test(each.name)).length"
    assert page.evaluate(loaded) == 0, "nothing of the camera comes before its button is pressed"
    page.click("[data-role=camera]")
    until_shelved(page, 2)


def test_a_label_held_still_is_one_scan_although_the_page_comes_back(
    returns: Returns, series: Callable[[Film], Page]
) -> None:
    returns.take("bilal")
    page = series([(label_of(returns.held["bilal"]), 60)])
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.click("[data-role=camera]")
    until_shelved(page, 1)
    page.wait_for_function("() => (document.querySelector('.camera video')?.currentTime ?? 0) > 2", timeout=30_000)
    assert len(sent) == 1
    page.click("[data-role=camera-fermer]")
    page.reload()
    assert page.query_selector("[data-role=camera-cadre]") is None, "closed by hand stays closed"
