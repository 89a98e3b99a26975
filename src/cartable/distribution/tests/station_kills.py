"""A browser that is killed in the middle of its work, again and again, with the same disk (catalogue F04, F21).

The browser process gets SIGKILL at a random moment while a scanner goes on; what its screen had shown by then must be on the disk when
it starts again, in sequences without hole, and reach the server once.
"""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from playwright.sync_api import BrowserContext, BrowserType, Error

from cartable.distribution.tests.station_harness import (
    STATION_ADDRESS,
    FakeApi,
    Server,
    Station,
    accept_station,
    device,
    install,
    rows_on_disk,
    student,
)
from cartable.kernel.codes import label_code

# Each painted verdict is told to whoever watches, before the next key.
_TELL = """new PerformanceObserver(list => { for (const entry of list.getEntries())
  if (entry.name === 'cartable:verdict') {
    const panel = document.querySelector('[data-role=ecran]');
    console.log('painted ' + panel.dataset.etat + ' ' + document.querySelector('[data-role=affiche]').textContent);
  } }).observe({type: 'measure'})"""
_READY = "() => document.querySelector('[data-role=situation-texte]').textContent === 'Prêt'"


def crowded_day(count: int) -> FakeApi:
    """Return a day of students who have come, with a PC for each."""
    students = [student(label_code("E", 50000000 + n), f"Élève {n}", "2de 1") for n in range(count)]
    devices = [device(label_code("P", 60000000 + n), f"5CG9{n:06d}") for n in range(count)]
    return FakeApi(students=students, devices=devices)


@dataclass
class Killed:
    """What came of the kills of one seed."""

    kills: int = 0
    shown: set[str] = field(default_factory=set)
    kept: list[int] = field(default_factory=list)
    arrived: list[int] = field(default_factory=list)
    arrived_names: set[str] = field(default_factory=set)

    @property
    def lost(self) -> set[str]:
        """Return those whose verdict was green and whose pair never arrived."""
        return self.shown - self.arrived_names


@contextmanager
def browser_on(chromium: BrowserType, executable: str, disk: Path) -> Iterator[tuple[BrowserContext, psutil.Process]]:
    """Start a browser on this disk; give it with its process, which may be killed."""
    context = chromium.launch_persistent_context(
        str(disk), executable_path=executable, args=["--no-sandbox", "--disable-gpu"], timezone_id="Europe/Paris"
    )
    try:
        yield context, process_of(disk)
    finally:
        with suppress(Error):
            context.close()


def process_of(disk: Path) -> psutil.Process:
    """Return the browser that works on this disk, to kill it and nothing else."""
    family = psutil.Process().children(recursive=True)
    return next(
        process
        for process in family
        if f"--user-data-dir={disk}" in process.cmdline() and not any("--type=" in word for word in process.cmdline())
    )


def kill_again_and_again(
    chromium: BrowserType, executable: str, server: Server, disk: Path, *, seed: int, kills: int
) -> Killed:
    """Scan, kill at a random moment, start again; at the end let everything be sent."""
    chance = random.Random(seed)
    server.api = crowded_day(40 * kills + 40)
    install(server)
    came = Killed()
    place = 0
    with browser_on(chromium, executable, disk) as (context, _process):
        page = context.new_page()
        accept_station(page, server.url)
        page.goto(server.url + STATION_ADDRESS)
        page.wait_for_function(_READY, timeout=20_000)
    for _round in range(kills):
        server.api.mode = chance.choice(["up", "down", "down"])
        with browser_on(chromium, executable, disk) as (context, process):
            place = _scan_until_killed(context, process, server, came, place, chance)
            came.kills += 1
    server.api.mode = "up"
    with browser_on(chromium, executable, disk) as (context, _process):
        page = context.new_page()
        page.goto(server.url + STATION_ADDRESS)
        page.wait_for_function(_READY, timeout=20_000)
        came.kept = [event["sequence"] for event in rows_on_disk(page, "events")]
        _wait_until_all_arrived(server, came)
    names = {line["c"]: line["n"] for line in server.api.students}
    came.arrived = [scan["sequence"] for scan in server.api.of_kind("pair", "refused")]
    came.arrived_names = {names[scan["student_code"]] for scan in server.api.of_kind("pair")}
    return came


def _scan_until_killed(
    context: BrowserContext, process: psutil.Process, server: Server, came: Killed, place: int, chance: random.Random
) -> int:
    context.add_init_script(_TELL)
    page = context.new_page()

    def told(text: str) -> None:
        if text.startswith("painted ok "):
            came.shown.add(text.removeprefix("painted ok "))

    page.on("console", lambda message: told(message.text))
    page.goto(server.url + STATION_ADDRESS)
    page.wait_for_function(_READY, timeout=20_000)
    station = Station(page, server.api, server, context.new_cdp_session(page), [])
    timer = threading.Timer(chance.uniform(0.1, 2.0), process.kill)
    timer.start()
    with suppress(Error):
        for _pair in range(40):
            for letter, start in (("E", 50000000), ("P", 60000000)):
                station.press_label(label_code(letter, start + place))
                page.wait_for_timeout(chance.uniform(1, 130))
            place += 1
    timer.join()
    process.wait(timeout=10)
    return place + 1


def _wait_until_all_arrived(server: Server, came: Killed) -> None:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline and len(server.api.posted) < len(came.kept):
        time.sleep(0.1)
