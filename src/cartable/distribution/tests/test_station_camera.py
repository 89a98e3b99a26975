"""The camera of a phone in place of a scanner: real Chromium, real decoder, a film of our own printed labels."""

from collections.abc import Callable, Iterator
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from cartable.distribution.paper.document import Document
from cartable.distribution.paper.labels import DeviceLabel, StudentLabel, device_label_roll, student_label_roll
from cartable.distribution.tests.films import Film, filmed, picture_of
from cartable.distribution.tests.paper_reading import PRINTED_AT
from cartable.distribution.tests.station_harness import (
    LEA,
    PAINTED,
    PC,
    PC_HELD,
    Server,
    Station,
    accept_station,
    install,
    usual_api,
)
from cartable.ui.tests.browser import executable

pytest_plugins = ["cartable.distribution.tests.station_fixtures"]
pytestmark = pytest.mark.browser

SHOWN = "document.querySelector('[data-role=camera-cadre]')?.innerText ?? ''"
RUNNING = "() => (document.querySelector('.camera video')?.currentTime ?? 0) > 0"

Watch = Callable[..., Station]


def student_label() -> Image.Image:
    label = StudentLabel(LEA, "Léa Marchand", "2de 7", date(2026, 9, 15), time(10, 20))
    return picture_of(student_label_roll([label], printed_at=PRINTED_AT))


def device_label() -> Image.Image:
    label = DeviceLabel(PC, "Région Grand Est", "HP 240 G7", "5CG1234XYZ", "Trouvé ? Rapportez-le.")
    return picture_of(device_label_roll([label], printed_at=PRINTED_AT))


def qr(text: str) -> Image.Image:
    """Draw a QR code as our own pen draws them."""
    document = Document("QR", PRINTED_AT, (60, 60))
    document.page().qr(5, 5, text, 50)
    return picture_of(document.finished())


@pytest.fixture
def watch(chromium: Browser, station_server: Server, tmp_path: Path) -> Iterator[Watch]:
    """Return a function that opens a station whose camera sees a film."""
    browsers: list[Browser] = []

    def open_one(
        film: Film, *, permissions: tuple[str, ...] = ("camera",), path: str = "/fr/", tilt: float = 3.0, **options: Any
    ) -> Station:
        station_server.api = usual_api()
        browser = chromium.browser_type.launch(
            executable_path=executable(),
            args=["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream",
                  "--use-fake-ui-for-media-stream" + ("" if permissions else "=deny"),
                  f"--use-file-for-fake-video-capture={filmed(film, tmp_path / 'film.y4m', tilt=tilt)}"],
        )  # fmt: skip
        browsers.append(browser)
        context: BrowserContext = browser.new_context(
            **{"viewport": {"width": 390, "height": 844}, "timezone_id": "Europe/Paris", **options}
        )
        context.grant_permissions(list(permissions))
        page: Page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if "Content Security" in message.text else None)
        accept_station(page, station_server.url)
        page.goto(station_server.url + path)
        page.wait_for_function("() => !document.body.hasAttribute('data-charge')")
        return Station(page, station_server.api, station_server, context.new_cdp_session(page), errors)

    yield open_one
    for browser in browsers:
        browser.close()


def until(station: Station, role: str, words: str, timeout: int = 15_000) -> None:
    station.page.wait_for_function(
        "([role, words]) => document.querySelector(`[data-role=${role}]`)?.textContent.includes(words)",
        arg=[role, words], timeout=timeout,
    )  # fmt: skip


def verdicts(station: Station, count: int) -> None:
    station.page.wait_for_function(PAINTED, arg=count - 1, timeout=15_000)


def test_labels_held_before_the_camera_are_read_and_paint_their_verdicts(watch: Watch) -> None:
    station = watch([(student_label(), 1.5), (None, 0.5), (device_label(), 1.5), (None, 2)])
    station.page.click("[data-role=camera]")
    until(station, "affiche", "Léa Marchand")
    assert station.ground == "encours"
    until(station, "situation-texte", "Associé")
    assert station.ground == "ok"
    [pair] = station.sent(1, "pair")
    assert (pair["student_code"], pair["device_code"]) == (LEA, PC)
    assert station.errors == []


def test_a_label_held_still_is_given_once(watch: Watch) -> None:
    station = watch([(student_label(), 2)])
    station.page.click("[data-role=camera]")
    verdicts(station, 1)
    station.rest(2500)
    assert station.measured() == 1


@pytest.mark.parametrize(
    "text",
    ["https://exemple.fr/x", f"http://{LEA}", f"BEGIN:VCARD\nFN:{LEA}\nEND:VCARD", LEA[:-1], LEA[:-1] + "0"],
    ids=["link", "link that ends with a code", "vCard", "half a code", "wrong check digits"],
)
def test_B33_B41_what_is_no_label_is_refused_and_leads_nowhere(watch: Watch, text: str) -> None:
    station = watch([(qr(text), 2), (None, 20)], tilt=0)
    address = station.page.url
    station.page.click("[data-role=camera]")
    verdicts(station, 1)
    assert station.ground in {"err", "att"}
    assert station.page.url == address
    assert station.sent(1, "refused")
    assert not station.api.of_kind("pair", "arrival")


def test_B41_a_mirrored_label_is_never_another_code(watch: Watch) -> None:
    """Bars read the same from both ends: a mirrored label is its own code or nothing, as its check digits say."""
    station = watch([(student_label().transpose(Image.Transpose.FLIP_LEFT_RIGHT), 2)])
    station.page.click("[data-role=camera]")
    station.page.wait_for_function(RUNNING)
    station.rest(2500)
    assert station.measured() == 0 or station.text("affiche") == "Léa Marchand"


def test_two_labels_in_one_picture_are_none(watch: Watch) -> None:
    both = Image.new("RGB", (560, 280), "white")
    for place, code in enumerate((LEA, PC)):
        both.paste(qr(code).resize((260, 260)), (10 + place * 280, 10))
    station = watch([(both, 60)], tilt=0)
    station.page.click("[data-role=camera]")
    until(station, "camera-cadre", "Plusieurs codes")
    assert station.measured() == 0


def test_a_refused_camera_says_so_and_what_to_do(watch: Watch) -> None:
    station = watch([(student_label(), 2)], permissions=())
    station.page.click("[data-role=camera]")
    until(station, "camera-cadre", "Caméra refusée. Autorisez-la")
    station.page.click("[data-role=camera-fermer]")
    assert station.page.query_selector("[data-role=camera-cadre]") is None


def test_closing_frees_the_camera(watch: Watch) -> None:
    station = watch([(None, 2)])
    station.page.evaluate(
        """() => { const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async wanted => (window.given = await ask(wanted)); }"""
    )
    station.page.click("[data-role=camera]")
    station.page.wait_for_function(RUNNING)
    station.page.keyboard.press("Escape")
    assert station.page.evaluate("given.getTracks().map(track => track.readyState)") == ["ended"]
    assert station.page.query_selector("[data-role=camera-cadre]") is None


def test_nothing_of_the_camera_is_loaded_before_its_button_is_pressed(watch: Watch) -> None:
    station = watch([(None, 2)])
    loaded = "performance.getEntriesByType('resource').map(each => each.name).filter(name => /camera|barcode|wasm/.test(name))"
    assert station.page.evaluate(loaded) == []
    station.page.click("[data-role=camera]")
    station.page.wait_for_function(RUNNING)
    names = {address.rsplit("/", 1)[1] for address in station.page.evaluate(loaded)}
    assert names == {"camera.js", "camera.css", "ponyfill.js", "zxing-exported.js", "zxing_reader.wasm"}


@pytest.mark.parametrize("width", [390, 320])
def test_the_panel_fits_a_phone_and_leaves_the_verdict_in_sight(watch: Watch, width: int) -> None:
    station = watch([(student_label(), 2)], viewport={"width": width, "height": 700})
    station.page.click("[data-role=camera]")
    until(station, "affiche", "Léa Marchand")
    frame = station.page.locator("[data-role=camera-cadre]").bounding_box()
    name = station.page.locator("[data-role=affiche]").bounding_box()
    shut = station.page.locator("[data-role=camera-fermer]").bounding_box()
    assert frame
    assert name
    assert shut
    assert name["y"] + name["height"] <= frame["y"]
    assert shut["height"] >= 44
    assert shut["y"] > 700 / 2
    assert station.page.evaluate("document.documentElement.scrollWidth") <= width


def test_once_loaded_the_camera_reads_without_network(watch: Watch, station_server: Server) -> None:
    install(station_server)
    station = watch([(None, 2), (student_label(), 2)], path="/poste/atelier/")
    page = station.page
    page.evaluate("navigator.serviceWorker.ready")
    page.reload()
    page.wait_for_function("() => navigator.serviceWorker.controller && !document.body.hasAttribute('data-charge')")
    page.click("[data-role=camera]")
    page.wait_for_function(RUNNING)
    verdicts(station, 1)
    station_server.is_gone = True
    try:
        page.reload()
        page.wait_for_function("() => !document.body.hasAttribute('data-charge')")
        page.click("[data-role=camera]")
        verdicts(station, 1)
        assert station.text("affiche") == "Léa Marchand"
    finally:
        station_server.is_gone = False


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 640)])
def test_the_way_out_of_a_red_verdict_is_read_above_the_panel(watch: Watch, width: int, height: int) -> None:
    station = watch([(None, 2)], viewport={"width": width, "height": height})
    station.page.click("[data-role=camera]")
    station.page.wait_for_function(RUNNING)
    frame = station.page.locator("[data-role=camera-cadre]").bounding_box()
    invitation = station.page.locator("[data-role=affiche]").bounding_box()
    assert frame
    assert invitation
    assert 0 <= invitation["y"] < frame["y"] - invitation["height"]
    station.scan(LEA)
    station.scan(PC_HELD)
    assert station.ground == "err"
    verdict = station.page.locator("[data-role=ecran]").bounding_box()
    way_out = station.page.locator("[data-role=geste]").bounding_box()
    assert verdict
    assert way_out
    assert verdict["y"] >= 0
    assert way_out["y"] + way_out["height"] <= frame["y"]
