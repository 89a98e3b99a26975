"""What a station looks like and weighs: access in every state and both languages, sizes, pace, budgets of DESIGN 13."""

import gzip
import io
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from PIL import Image, ImageChops

from cartable.distribution.tests.station_harness import (
    JULIETTE,
    LEA,
    NOEMIE,
    PC,
    RAYAN,
    OpenStation,
    Station,
    student,
    usual_api,
)
from cartable.kernel.codes import label_code
from cartable.ui.static_storage import slimmed

pytest_plugins = ["cartable.distribution.tests.station_fixtures"]
pytestmark = pytest.mark.browser

SIZES = [(1366, 768), (1041, 608), (390, 844), (320, 640)]
STATES: dict[str, list[str]] = {
    "attente": [], "encours": [LEA], "ok": [LEA, PC], "att": [JULIETTE], "err": [RAYAN],
}  # fmt: skip


def violations(station: Station) -> list[str]:
    """Return what axe-core finds on the page."""
    found = Axe().run(station.page).response["violations"]
    return [f"{rule['id']}: {[node['html'][:120] for node in rule['nodes']]}" for rule in found]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_axe_finds_nothing_in_any_state(open_station: OpenStation, language: str) -> None:
    station = open_station(path=f"/{language}/")
    assert station.page.get_attribute("html", "lang") == language
    for state, codes in STATES.items():
        for code in codes:
            station.scan(code)
        assert station.ground == state
        assert violations(station) == []
    station.page.keyboard.press("F3")
    station.page.keyboard.type("essai", delay=20)
    station.page.wait_for_selector("[data-role=choix] li")
    assert violations(station) == []
    station.page.keyboard.press("Escape")
    station.page.context.set_offline(True)
    station.page.wait_for_selector("[data-role=ligne-reseau]:not([hidden])")
    assert violations(station) == []
    station.page.evaluate("() => window.dispatchEvent(new Event('blur'))")
    assert violations(station) == []
    station.page.context.set_offline(False)


def test_axe_finds_nothing_at_workshop_A_on_a_narrow_screen(open_station: OpenStation) -> None:
    api = usual_api()
    api.workshop = "A"
    station = open_station(api, viewport={"width": 320, "height": 640})
    station.scan(NOEMIE)
    assert violations(station) == []


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_scrolls_sideways_and_the_wide_station_not_at_all(
    open_station: OpenStation, width: int, height: int
) -> None:
    api = usual_api()
    long = "E" + "48300001" + label_code("E", 48300001)[9:]
    api.students.append(student(long, "Marie-Antoinette-Joséphine de La Rochefoucauld-Doudeauville", "Tle STI2D 12"))
    station = open_station(api, viewport={"width": width, "height": height})
    for codes in (*STATES.values(), [long], [long, PC]):
        for code in codes:
            station.scan(code)
        size = station.page.evaluate(
            """() => { const d = document.documentElement, e = document.querySelector('[data-role=ecran]');
            return [d.scrollWidth - innerWidth, d.scrollHeight - innerHeight,
                    e.scrollHeight - e.clientHeight, e.scrollWidth - e.clientWidth] }"""
        )
        assert size[0] <= 0
        assert size[2] <= 0
        assert size[3] <= 0
        assert width < 1041 or size[1] <= 0


def test_each_verdict_differs_without_colour(station: Station) -> None:
    pictures: dict[str, Image.Image] = {}
    for state, codes in STATES.items():
        for code in codes:
            station.scan(code)
        station.page.wait_for_timeout(220)
        panel = station.page.locator("[data-role=ecran]").bounding_box()
        assert panel is not None
        # The left edge of the panel: frame and ground, without any word or drawing.
        clip = {"x": panel["x"], "y": panel["y"] + 60, "width": 40, "height": panel["height"] - 120}
        pictures[state] = Image.open(io.BytesIO(station.page.screenshot(clip=clip))).convert("L")  # type: ignore[arg-type]
    for one, first in pictures.items():
        for other, second in pictures.items():
            if one < other:
                changed = ImageChops.difference(first, second).histogram()
                visible = sum(changed[20:]) / sum(changed)
                assert visible > 0.1, f"{one} and {other} look alike without colour"


def test_the_station_weighs_little_and_asks_no_other_host(open_station: OpenStation) -> None:
    station = open_station(ready=False)
    station.page.wait_for_timeout(500)
    asked = station.page.evaluate("() => performance.getEntriesByType('resource').map(e => e.name)")
    assert all(name.startswith(station.server.url) for name in asked)
    sizes = {name: _weight(name.split("/static/")[1]) for name in asked if "/static/" in name}
    page = len(gzip.compress(station.server.pages["/fr/"].encode(), 9))
    scripts = sum(size for name, size in sizes.items() if name.endswith(".js"))
    styles = sum(size for name, size in sizes.items() if name.endswith(".css"))
    print(f"station: {page + sum(sizes.values())} bytes, of which page {page}, scripts {scripts}, styles {styles}")  # noqa: T201
    assert page + sum(sizes.values()) <= 80 * 1024
    # DESIGN 13 says 15 KB of script: left behind with the disk and the service worker (decision 0034), held here.
    assert scripts <= 29 * 1024
    assert styles <= 15 * 1024


def _weight(path: str) -> int:
    content = Path(str(finders.find(path))).read_bytes()
    if path.endswith(".js"):
        content = slimmed(content.decode()).encode()
    return len(content) if path.endswith(".woff2") else len(gzip.compress(content, 9))


def test_nothing_moves_after_the_first_paint(open_station: OpenStation) -> None:
    observe = """window.shifts = 0;
      const add = list => { for (const e of list.getEntries()) if (!e.hadRecentInput) window.shifts += e.value };
      new PerformanceObserver(add).observe({type: 'layout-shift', buffered: true});"""
    station = open_station(init=observe, viewport={"width": 1366, "height": 768})
    for code in (LEA, PC, RAYAN):
        station.scan(code)
    assert station.page.evaluate("() => window.shifts") < 0.01


def test_forced_colours_keep_a_frame_for_each_verdict(open_station: OpenStation) -> None:
    station = open_station(forced_colors="active", viewport={"width": 1366, "height": 768})
    borders = set()
    for codes in (STATES["encours"], STATES["ok"][1:], STATES["att"], STATES["err"]):
        for code in codes:
            station.scan(code)
        borders.add(station.page.eval_on_selector("[data-role=ecran]", "e => getComputedStyle(e).borderLeft"))
    assert len(borders) == 4


@pytest.mark.parametrize("width", [390, 320])
def test_a_phone_shows_which_station_it_is(open_station: OpenStation, width: int) -> None:
    station = open_station(viewport={"width": width, "height": 700})
    name = station.page.locator("[data-role=poste-nom]")
    assert name.inner_text() == "Poste B2"
    box = name.bounding_box()
    assert box
    assert box["x"] + box["width"] <= width
