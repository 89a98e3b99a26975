"""A whole day without network: three hundred students, browsers that reload and die, two stations that claim the same things.

The day opens online; from the second minute on nobody reaches the server. What the screens showed is what the ledger holds in the
evening, nothing is lost, and each contradiction is in the court once, where the leader settles it.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from django_scopes import scopes_disabled
from playwright.sync_api import Browser, BrowserContext, Error, Page

from cartable.config.scratch import migrated_database, pointed_at
from cartable.distribution.commands.stations import site_card_digits
from cartable.distribution.queries.closing import leftover_tags
from cartable.distribution.queries.control_room import passages_of
from cartable.distribution.tests.station_kills import process_of
from cartable.simulation.demo_cast import PASSWORD
from cartable.simulation.pages import Leader
from cartable.simulation.simulated_day import LEADER, Wanted, prepared_school_day
from cartable.simulation.web import web_server
from cartable.ui.tests.permissions import grant_durable_storage
from journeys.scanner import Scanner, plug_in
from journeys.world import World, person

pytestmark = [pytest.mark.browser, pytest.mark.soak, pytest.mark.slow]

READY_SCREEN = "() => document.querySelector('[data-role=situation-texte]')?.textContent === 'Prêt'"
SENT = "() => document.querySelector('[data-role=reseau-mot]').textContent === 'En ligne'"
ONLINE_COUNT = 12
STUDENT_COUNT = 300


class Cable:
    """The network of one computer: a port of its own that leads to the server, until it is pulled out.

    Playwright's "offline" is forgotten by a browser that was killed, and by its service worker.
    """

    def __init__(self, server: str) -> None:
        self.host, self.port = server.removeprefix("http://").rstrip("/").split(":")
        self.is_in = True
        self._open: set[socket.socket] = set()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://localhost:{self._door.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def pull(self) -> None:
        """Pull it out: what is under way ends in the middle."""
        self.is_in = False
        for one in tuple(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def plug(self) -> None:
        """Put it in again."""
        self.is_in = True

    def _serve(self) -> None:
        while True:
            here, _ = self._door.accept()
            if not self.is_in:
                here.close()
                continue
            there = socket.create_connection((self.host, int(self.port)))
            self._open |= {here, there}
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65_536):
                other.sendall(data)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@dataclass
class Computer:
    """A station's computer: a browser with a disk of its own, that may be killed and started again."""

    browser: Browser
    executable: str
    disk: Path
    world: World
    address: str = ""
    context: BrowserContext | None = None
    scanner: Scanner | None = None
    cable: Cable = field(init=False)

    def __post_init__(self) -> None:
        self.cable = Cable(self.world.url(""))

    def switch_on(self) -> None:
        """Start the browser on its disk, and open its station where there is one."""
        self.context = self.browser.browser_type.launch_persistent_context(
            str(self.disk), executable_path=self.executable, args=["--no-sandbox", "--disable-gpu"],
            viewport={"width": 1366, "height": 768}, timezone_id="Europe/Paris", locale="fr-FR",
        )  # fmt: skip
        grant_durable_storage(self.context)
        if self.address:
            self._open(self.address)

    def ask_for_station(self, card: str, workshop: str) -> None:
        """Open the start page and scan the site card."""
        page = self._page()
        page.goto(f"{self.cable.url}/poste/")
        if workshop == "A":
            page.check("[name=workshop][value=A]")
        plug_in(page).type(card)
        page.wait_for_url("**/attente/")

    def wait_until_accepted(self) -> None:
        """Wait until the station is open, and its page kept for the time without network."""
        page = self._page()
        page.wait_for_url("**/poste/atelier/**", timeout=15_000)
        page.wait_for_function(READY_SCREEN, timeout=15_000)
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        self.address = page.url
        self.scanner = plug_in(page)

    def scan(self, text: str) -> str:
        """Scan a label; return the state of the screen."""
        assert self.scanner is not None
        return self.scanner.scan(text)

    @property
    def screen(self) -> str:
        """Return what the screen says."""
        assert self.scanner is not None
        return self.scanner.screen

    def switch_to(self, workshop: str) -> None:
        """Press the button of a workshop."""
        page = self._page()
        page.click(f"[data-role=atelier-{workshop.lower()}]")
        page.wait_for_function(READY_SCREEN)

    def wait_for_arrivals(self, count: int) -> None:
        """Wait until this station has heard who walks from A to B."""
        self._page().wait_for_function(
            "n => Number(document.querySelector('[data-role=avance-entre]').textContent) >= n",
            arg=count,
            timeout=15_000,
        )

    def wait_until_sent(self) -> None:
        """Wait until nothing is left to send."""
        self._page().wait_for_function(SENT, timeout=60_000)

    def cut(self) -> None:
        """Pull the cable."""
        self.cable.pull()

    def reconnect(self) -> None:
        """Plug the cable in, and wait until nothing waits."""
        self.cable.plug()
        self.wait_until_sent()

    def reload(self) -> None:
        """Press F5."""
        page = self._page()
        page.reload()
        page.wait_for_function(READY_SCREEN, timeout=15_000)
        self.scanner = plug_in(page)

    def die(self) -> None:
        """Kill the browser, and start it again."""
        process = process_of(self.disk)
        process.kill()
        process.wait(timeout=10)
        self.switch_off()
        self.switch_on()

    def switch_off(self) -> None:
        """Close the browser."""
        if self.context is not None:
            with suppress(Error):
                self.context.close()

    def _page(self) -> Page:
        assert self.context is not None
        return self.context.pages[0] if self.context.pages else self.context.new_page()

    def _open(self, address: str) -> None:
        page = self._page()
        page.goto(address)
        page.wait_for_function(READY_SCREEN, timeout=15_000)
        self.scanner = plug_in(page)


@contextmanager
def computers(browser: Browser, executable: str, directory: Path, world: World, count: int) -> Iterator[list[Computer]]:
    """Switch on computers, each with a disk of its own."""
    machines = [Computer(browser, executable, directory / f"computer{number}", world) for number in range(count)]
    try:
        for machine in machines:
            machine.switch_on()
        yield machines
    finally:
        for machine in machines:
            machine.switch_off()


@dataclass(frozen=True)
class Site:
    """A lycée of three hundred students on its day, behind the product's own server."""

    world: World
    leader: Leader
    day_id: int
    students: list[str]
    devices: list[str]

    def open_station(self, machine: Computer, workshop: str) -> None:
        """Scan the site card; the leader accepts."""
        machine.ask_for_station(site_card_digits(self.day_id), workshop)
        (station_id,) = self.world.rows("SELECT max(id) FROM distribution_station")[0]
        self.leader.accept(str(station_id))
        machine.wait_until_accepted()

    def scans(self, kind: str) -> list[tuple[str, str, str, str]]:
        """Return student, PC, result and code of the scans of a kind."""
        rows = self.world.rows(
            "SELECT student_code, device_code, result, code FROM distribution_scan WHERE day_id = %s AND kind = %s"
            " ORDER BY station_id, sequence", self.day_id, kind,
        )  # fmt: skip
        return [(str(student), str(device), str(result), str(code)) for student, device, result, code in rows]

    def disputes(self) -> list[tuple[str, str, list[str]]]:
        """Return PC, student and contested scans of each open dispute."""
        rows = self.world.rows(
            "SELECT coalesce(device.asset_tag, ''), coalesce(student.label_code, ''),"
            " array_agg(scan.kind ORDER BY scan.sequence)"
            " FROM distribution_dispute dispute JOIN distribution_testimony testimony ON dispute_id = dispute.id"
            " JOIN distribution_scan scan ON scan.id = testimony.scan_id"
            " LEFT JOIN fleet_device device ON device.id = dispute.device_id"
            " LEFT JOIN rosters_student student ON student.id = dispute.student_id"
            " WHERE dispute.settled_at IS NULL GROUP BY dispute.id, 1, 2 ORDER BY 1 DESC"
        )
        return [(str(device), str(student), list(kinds)) for device, student, kinds in rows]

    def holder(self, device: str) -> str:
        """Return the label code of the student who has a PC."""
        ((code,),) = self.world.rows(
            "SELECT label_code FROM rosters_student student JOIN fleet_device device USING (custodian_id)"
            " WHERE asset_tag = %s", device,
        )  # fmt: skip
        return str(code)


@pytest.fixture
def site(tmp_path: Path, django_db_blocker: Any) -> Iterator[Site]:
    """Build the lycée, freeze and open its day."""
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())
        scratch = stack.enter_context(migrated_database())
        with pointed_at(scratch), scopes_disabled():
            day = prepared_school_day(Wanted(students=STUDENT_COUNT + 40))
            students = [line.code for line in passages_of(day, limit=5_000) if line.is_expected]
            devices = [tag for tag, _serial in leftover_tags(day)]
        port = stack.enter_context(web_server(scratch)).port
        leader = Leader(port, email=LEADER.email, password=PASSWORD, day_id=day.pk)
        leader.open_day()
        assert len(students) >= STUDENT_COUNT
        yield Site(World(scratch, port, tmp_path, {}), leader, day.pk, students[:STUDENT_COUNT], devices)


def serve(machine: Computer, students: list[str], pcs: dict[str, str]) -> Iterator[None]:
    """Serve a queue alone, without network: two dozen at workshop A, the same at B, with what befalls a computer.

    Each step is one scan: who works at the other computer scans meanwhile (`side_by_side`).
    """
    for start in range(0, len(students), 24):
        group = students[start : start + 24]
        machine.switch_to("A")
        for student in group:
            assert machine.scan(student) == "ok", machine.screen
            yield
        machine.switch_to("B")
        for place, student in enumerate(group, start=start):
            assert machine.scan(student) == "encours", machine.screen
            yield
            if place % 37 == 20:
                machine.die()  # With a student half served: the label is scanned again.
                assert machine.scan(student) == "encours", machine.screen
                yield
            assert machine.scan(pcs[student]) == "ok", machine.screen
            yield
            if place % 50 == 30:
                machine.reload()


def side_by_side(*queues: Iterator[None]) -> None:
    """Serve queues at the same time, a scan here, a scan there: nobody waits for the pause of the other's scanner."""
    for _ in zip_longest(*queues):
        pass


def test_a_day_cut_off_in_its_second_minute_loses_nothing_and_shows_each_contradiction_once(
    site: Site, chromium: Browser, chromium_path: str, tmp_path: Path
) -> None:
    pcs = dict(zip(site.students, site.devices, strict=False))
    twice, at_one, at_other = site.students[20], site.students[21], site.students[-1]
    spare = site.devices[len(site.students)]
    # A label stuck on a second PC: two students leave with "the same" PC.
    pcs[at_other] = pcs[at_one]
    queue = site.students[ONLINE_COUNT:]
    half = len(queue) // 2
    with computers(chromium, chromium_path, tmp_path, site.world, 2) as (one, other):
        site.open_station(one, "A")
        site.open_station(other, "B")
        for student in site.students[:ONLINE_COUNT]:
            assert one.scan(student) == "ok", one.screen
        other.wait_for_arrivals(ONLINE_COUNT)
        for student in site.students[:ONLINE_COUNT]:
            assert (other.scan(student), other.scan(pcs[student])) == ("encours", "ok"), other.screen
        for machine in (one, other):
            machine.wait_until_sent()
            machine.cut()

        side_by_side(serve(one, queue[:half], pcs), serve(other, queue[half:], pcs))
        # Whom the first computer has equipped queues again at the second one, which cannot know.
        side_by_side(serve(other, [twice], {twice: spare}))

        assert len(site.scans("pair")) == ONLINE_COUNT, "nothing reached the server"
        for machine in (one, other):
            machine.reconnect()

    pairs = site.scans("pair")
    contradictions = [pair for pair in pairs if pair[2] != "recorded"]
    assert contradictions == [
        (at_other, pcs[at_one], "conflict", "already_held"),
        (twice, spare, "conflict", "already_equipped"),
    ]
    handed_out = {(student, device) for student, device, result, _ in pairs if result == "recorded"}
    assert handed_out == {(student, pcs[student]) for student in site.students if student != at_other}
    assert len(pairs) == STUDENT_COUNT + 1, "each pair that was shown arrived, once"
    holes = site.world.rows(
        "SELECT station_id FROM distribution_scan GROUP BY station_id HAVING count(*) <> max(sequence)"
    )
    assert holes == []
    assert site.world.audit()["violations"] == 0

    both = [(pcs[at_one], "", ["pair"]), ("", twice, ["arrival", "pair"])]
    assert site.disputes() == both, "each contradiction is in the court once, with all that was claimed"
    leader = site.world.sign_in(person(chromium), LEADER.email, "/litiges/")
    titles = leader.locator(".traiter__titre")
    assert sorted(titles.all_inner_texts()) == ["PC déjà remis à quelqu’un d’autre", "Élève déjà équipé"]
    leader.locator("li", has_text="PC déjà remis").get_by_role("link", name="Régler").click()
    leader.click("button[name=choice][value^='claim_holds:']")
    leader.wait_for_url(f"**/journees/{site.day_id}/litiges/")
    assert titles.all_inner_texts() == ["Élève déjà équipé", "PC déjà remis à quelqu’un d’autre"], (
        "what is settled stays, below"
    )
    assert site.disputes() == both[1:]
    assert site.holder(pcs[at_one]) == at_other
    assert site.world.audit()["violations"] == 0
