"""A hand-held scanner on a cable: keys, as fast as they come, and nothing else."""

import time
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, CDPSession, Page

from cartable.distribution.tests.keyboards import hear
from cartable.distribution.tests.station_scanner import label_events, press_together, suffix_events
from cartable.ui.tests.permissions import grant_durable_storage
from journeys.world import World

# Everything but a key that a station must never need: counted in the page, from its first script on.
# A station takes more than ten codes in a second for a scanner that empties its memory (B39): no hand is that fast.
_SHORTEST_PAUSE_S = 0.11
_WATCH = """
window.touched = {clicks: 0, focusChanges: 0};
for (const kind of ["pointerdown", "mousedown", "click", "touchstart"]) {
  window.addEventListener(kind, () => { window.touched.clicks += 1; }, true);
}
window.addEventListener("focusin", () => { window.touched.focusChanges += 1; }, true);
"""


@dataclass
class Scanner:
    """A station's page and the scanner in front of it."""

    page: Page
    cdp: CDPSession
    scanned_at: float = 0.0

    def type(self, text: str) -> None:
        """Press the keys of a label, then Enter: no pause between them."""
        press_together(self.cdp, label_events(hear(text)) + suffix_events())

    def scan(self, text: str) -> str:
        """Scan a label; return the state of the screen once it is painted (encours, ok, att, err)."""
        self.page.wait_for_timeout(max(0.0, self.scanned_at + _SHORTEST_PAUSE_S - time.monotonic()) * 1000)
        self.scanned_at = time.monotonic()
        before = self._painted()
        self.type(text)
        self.page.wait_for_function(
            "n => performance.getEntriesByName('cartable:verdict').length > n", arg=before, timeout=5000
        )
        return self.state

    @property
    def state(self) -> str:
        """Return the state of the verdict screen."""
        return self.page.get_attribute("[data-role=ecran]", "data-etat") or ""

    @property
    def screen(self) -> str:
        """Return what the verdict screen says."""
        return self.page.inner_text("[data-role=ecran]")

    def touched(self) -> dict[str, int]:
        """Return how often anything but a key was used since the page opened."""
        counted: dict[str, int] = self.page.evaluate("window.touched")
        return counted

    def _painted(self) -> int:
        return int(self.page.evaluate("performance.getEntriesByName('cartable:verdict').length"))


def plug_in(page: Page) -> Scanner:
    """Plug a scanner into the computer of a page."""
    return Scanner(page, page.context.new_cdp_session(page))


def ask_for_station(context: BrowserContext, world: World, card: str, workshop: str) -> Scanner:
    """Open the address of the site card and scan it: the two gestures of a station's start."""
    context.add_init_script(_WATCH)
    grant_durable_storage(context)  # As on a computer where the station is installed.
    page = context.new_page()
    page.goto(world.url(f"/poste/?atelier={workshop}"))
    scanner = plug_in(page)
    if workshop == "A":
        page.check("[name=workshop][value=A]")
    scanner.type(card)
    page.wait_for_url("**/attente/")
    return scanner


def wait_until_ready(scanner: Scanner) -> None:
    """Wait until the leader's answer has opened the station and its list is there."""
    scanner.page.wait_for_url("**/poste/atelier/**", timeout=10_000)
    scanner.page.wait_for_function("() => !document.body.hasAttribute('data-charge')", timeout=10_000)
