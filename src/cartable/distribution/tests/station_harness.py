"""A station in a real browser, in front of a small server that plays the API from memory (see `station_fixtures`).

The page is rendered by Django from the product's own template; the API answers as the contract says, and can be told
to refuse, to be a captive portal, or to fall silent. People are invented.
"""

import gzip
import json
import mimetypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from django.utils import translation
from playwright.sync_api import CDPSession, Page

from cartable.distribution.station_shell import service_worker
from cartable.distribution.tests.keyboards import Key, hear
from cartable.distribution.tests.station_scanner import key_events, label_events, press_together, suffix_events
from cartable.kernel.codes import label_code
from cartable.ui.camera import camera_config

LEA, RAYAN, JULIETTE, NOEMIE = "E4820157369", "E4820353406", "E4820268337", "E4820342348"
LUCAS, ZOE, ADULT, GONE, LATER = (label_code("E", n) for n in (48201600, 48201700, 48201800, 48201900, 48202000))
PC, PC_2, PC_HELD, PC_FAULTY = "P0042118759", "P0042121766", "P0042127780", label_code("P", 421300)
PC_HOT, PC_ELSEWHERE = label_code("P", 421400), label_code("P", 421500)
SERIAL = "5CG2AQWZM1"
UNDO, NO_CHARTER, FAULTY, CALL = (label_code("C", number) for number in (1, 2, 3, 4))
PLAIN_STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CSP = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'"
)
EMPTY_PAGE = "/vide/"
STATION_ADDRESS, WORKER_ADDRESS = "/poste/atelier/", "/poste/hors-ligne.js"
# The disk of a browser whose station the leader has just accepted: as the waiting page leaves it, and nothing else.
_ACCEPTED = """async ([id, token]) => {
  await new Promise(done => { indexedDB.deleteDatabase('cartable').onsuccess = done });
  const { openStore } = await import('/static/distribution/store.js');
  const empty = {day: null, station: null, cursor: '', progress: null, askedAt: 0, listAt: 0, ended: ''};
  const store = await openStore();
  if (id) await store.write({stations: [{id, token, madeAt: Date.now(), ...empty}]}, 'strict');
}"""
PAINTED = "n => performance.getEntriesByName('cartable:verdict').length > n"


def student(code: str, name: str, division: str, b: str = "ok", **more: Any) -> dict[str, Any]:
    """Return one student of the day's list; she came to workshop A unless told otherwise."""
    came = b in {"ok", "already_equipped"}
    line = {
        "c": code, "n": name, "d": division, "t": "10:20", "a": "already_arrived" if came else "ok", "b": b,
        "at": "10:31" if came else None, "p": None, "m": "paper" if came else None, "g": "guardian",
    }  # fmt: skip
    return {**line, **more}


def device(code: str, serial: str, v: str = "ok", e: str | None = None) -> dict[str, Any]:
    """Return one PC of the day."""
    return {"c": code, "s": serial, "v": v, "e": e}


@dataclass
class FakeApi:
    """The server's part of a day, in memory."""

    students: list[dict[str, Any]] = field(default_factory=list)
    devices: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    posted: list[dict[str, Any]] = field(default_factory=list)
    recorded: list[dict[str, Any]] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)
    packed: int = 0
    closed: bool = False
    posts: int = 0
    asked: int = 0
    mode: str = "up"
    tokens: tuple[str, ...] = ("Bearer essai",)
    largest: int = 500
    workshop: str = "B"
    practice: bool = False
    semitones: int = 2
    next_sequence: int = 1
    missing: list[list[int]] = field(default_factory=list)
    must_reload: bool = False
    apart: bool = False
    lost: list[int] = field(default_factory=list)
    journals: list[dict[str, Any]] = field(default_factory=list)
    judge: Callable[[dict[str, Any]], dict[str, str] | None] = lambda scan: {"result": "recorded"}
    poison: str = "no device has this code"
    state: dict[str, str] = field(default_factory=lambda: {"state": "waiting"})

    def progress(self) -> dict[str, Any]:
        """Return the figures of the pictures, moved by what was recorded."""
        pairs = sum(scan["kind"] == "pair" for scan in self.recorded)
        last = [
            ("Lucas Diallo", "2de 4", "P0042121766", "10:41"), ("Zoé Caron", "2de 3", "P0042122057", "10:41"),
            ("Chloé Lefèvre", "2de 8", label_code("P", 421223), "10:40"),
            ("Baptiste Thiébaut", "2de 8", label_code("P", 421226), "10:40"),
            ("Élise Garnier", "1re 2", label_code("P", 421196), "10:39"),
        ]  # fmt: skip
        return {
            "expected": 486, "arrived": 326, "equipped": 312 + pairs, "between": 14 - pairs, "remaining": 174 - pairs,
            "rate": 318, "apart": self.apart, "station_count": 102 + pairs,
            "curve": [110, 190, 260, 290, 315, 230, 262, 300, 335, 326, 308, 318],
            "end_at": "11:16",
            "last": [{"n": n, "d": d, "c": c, "at": at, "kind": "pair", "ok": True} for n, d, c, at in last],
        }  # fmt: skip

    def day(self) -> dict[str, Any]:
        """Answer GET day."""
        self.must_reload = False
        return {
            "protocol": 2, "cursor": "1",
            "day": {"id": "d1", "school": "Lycée des Trois-Rivières", "town": "Metz", "date": "2026-09-15",
                    "practice": self.practice, "target_per_hour": 300},
            "station": {"name": f"{self.workshop}2", "workshop": self.workshop, "semitones": self.semitones,
                        "next_sequence": self.next_sequence},
            "students": self.students, "devices": self.devices, "progress": self.progress(),
        }  # fmt: skip

    def contact(self, body: dict[str, Any]) -> dict[str, Any]:
        """Answer POST contact."""
        self.contacts.append(body)
        lines, self.changed = self.changed, []
        missing, self.missing = self.missing, []
        return {
            "protocol": 2, "cursor": "2", "progress": self.progress(), "closed": self.closed, "reload": self.must_reload,
            "server_time": "2026-09-15T10:42:00+02:00", "known_through": 0, "missing": missing,
            "students": [line for line in lines if "n" in line], "devices": [line for line in lines if "s" in line],
        }  # fmt: skip

    def scans(self, body: dict[str, Any]) -> dict[str, Any]:
        """Answer POST scans: judge each event; an event judged None is not listed."""
        self.posts += 1
        results = []
        self.lost += [scan["sequence"] for scan in body["scans"] if scan["kind"] == "lost"]
        for scan in body["scans"]:
            if scan["kind"] == "lost":
                continue
            known = scan["id"] in {each["id"] for each in self.posted}
            result = {"result": "exists"} if known else self.judge(scan)
            if result is not None:
                results.append({"id": scan["id"], **result})
                if not known:
                    self.posted.append(scan)
                    self.recorded += [scan] if result["result"] == "recorded" else []
        return {"protocol": 2, "results": results}

    def journal(self, body: dict[str, Any]) -> dict[str, Any]:
        """Answer POST journal: the events are those of the station that made them."""
        self.journals.append(body)
        return self.scans({"scans": json.loads(body["scans"])})

    def of_kind(self, *kinds: str) -> list[dict[str, Any]]:
        """Return the events of these kinds that arrived, in order of their sequence."""
        return sorted((scan for scan in self.posted if scan["kind"] in kinds), key=lambda scan: scan["sequence"])


def usual_api() -> FakeApi:
    """Return a day with one student and one PC of each kind, and three hundred more students."""
    cast = [
        student(LEA, "Léa Marchand", "2de 7"),
        student(RAYAN, "Rayan Husson", "2de 5", "charter_missing"),
        student(JULIETTE, "Juliette Muller", "1re 1", "already_equipped", a="already_equipped", p=PC_HELD),
        student(NOEMIE, "Noémie Grandjean", "2de 3", "charter_missing"),
        student(LUCAS, "Lucas Diallo", "2de 4"),
        student(ZOE, "Zoé Caron", "2de 3", m="online"),
        student(ADULT, "Maël Œuvrard", "Tle 2", "not_eligible", a="not_eligible"),
        student(GONE, "Inès Fabre", "2de 1", "gone", a="gone"),
        student(LATER, "Tom Weber", "2de 9", "other_day", a="other_day"),
    ]
    crowd = [student(label_code("E", 50000000 + n), f"Élève{n} Essai", f"2de {n % 9 + 1}") for n in range(300)]
    devices = [
        device(PC, "5CG1234XYZ"), device(PC_2, "5CG1234XY0"), device(PC_HELD, "5CG0000001", "already_held", JULIETTE),
        device(PC_FAULTY, "5CG0000002", "faulty"), device(PC_HOT, "5CG0000003", "hot"),
        device(PC_ELSEWHERE, "5CG0000004", "not_this_day"), device(label_code("P", 421600), SERIAL),
    ]  # fmt: skip
    more = [device(label_code("P", 60000000 + n), f"5CG9{n:06d}") for n in range(300)]
    return FakeApi(students=[*cast, *crowd], devices=[*devices, *more])


class _Handler(BaseHTTPRequestHandler):
    server: "Server"
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        return

    def parse_request(self) -> bool:
        if self.server.is_gone:
            self.close_connection = True
            return False
        return super().parse_request()

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/"))
            body = Path(str(found)).read_bytes() if found else b""
            self._send(body, mimetypes.guess_type(path)[0] or "text/plain", 200 if found else 404)
        elif path.startswith("/api/v2/"):
            self._api(path)
        elif path in self.server.scripts:
            self._send(self.server.scripts[path].encode(), "text/javascript")
        elif path == "/poste/statut/":
            self._send(json.dumps(self.server.api.state).encode(), "application/json")
        else:
            self._send(self.server.pages.get(path, "").encode(), "text/html; charset=utf-8")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if self.path.startswith("/api/v2/"):
            if self.headers.get("Content-Encoding") == "gzip":
                self.server.api.packed += 1
                body = gzip.decompress(body)
            self._api(self.path, json.loads(body))
        else:
            self.server.forms.append(body.decode())
            self._send(b"<!doctype html><title>ok</title>", "text/html; charset=utf-8")

    def _api(self, path: str, body: dict[str, Any] | None = None) -> None:
        api = self.server.api
        api.asked += 1
        if api.mode == "portal":
            return self._send(b"<html>Bienvenue sur le Wi-Fi</html>", "text/html")
        if api.mode == "portal_json":
            return self._send(b'{"protocol":2,"results":[]}', "application/json")
        if api.mode == "portal_other_json":
            return self._send(b'{"ok":true}', "application/json")
        if api.mode in {"302", "407"}:
            return self._send(b"", "text/plain", int(api.mode), Location="/portail/")
        if api.mode == "down":
            return self._send(b"", "text/plain", 503)
        if api.mode in {"busy", "unavailable"}:
            return self._send(json.dumps({"error": api.mode}).encode(), "application/json", 503, **{"Retry-After": "2"})
        if api.mode == "too_old":
            return self._send(b'{"error":"protocol_too_old"}', "application/json", 410)
        if api.mode == "revoked" or not (api.practice or self.headers.get("Authorization") in api.tokens):
            return self._send(b'{"error":"station_revoked"}', "application/json", 401)
        with self.server.lock:
            if path.endswith("/scans") and body is not None:
                if any(scan.get("device_code") == api.poison for scan in body["scans"]):
                    return self._send(b'{"error":"bad_request","detail":"scans"}', "application/json", 400)
                if len(body["scans"]) > api.largest:
                    return self._send(b'{"error":"too_large"}', "application/json", 413)
                answer = api.scans(body)
            elif path.endswith("/journal") and body is not None:
                answer = api.journal(body)
            elif body is not None:
                answer = api.contact(body)
            else:
                answer = api.day()
        return self._send(json.dumps(answer).encode(), "application/json")

    def _send(self, body: bytes, kind: str, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", CSP)
        # One context serves many tests: its cache spares the fonts and modules of each new page.
        self.send_header("Cache-Control", "max-age=600" if self.path.startswith("/static/") else "no-store")
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    api: FakeApi
    pages: dict[str, str]
    forms: list[str]
    scripts: dict[str, str]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = threading.Lock()
        # No network at all, for the service worker too: every connection is dropped.
        self.is_gone = False
        self.pages, self.forms, self.scripts, self.api = {EMPTY_PAGE: "<!doctype html>"}, [], {}, FakeApi()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


def render(template: str, context: dict[str, Any], language: str = "fr") -> str:
    """Render a page of the station in one language, with the plain names of its static files."""
    urls = "cartable.ui.tests.urls"
    with translation.override(language), override_settings(STORAGES=PLAIN_STORAGES, ROOT_URLCONF=urls):
        return render_to_string(template, context, request=RequestFactory().get("/poste/"))


def camera_addresses() -> dict[str, Any]:
    """Return the station's camera as the page names it, with the plain names of its static files."""
    with override_settings(STORAGES=PLAIN_STORAGES):
        return camera_config()


def install(server: Server, *, release: str = "") -> None:
    """Serve the station at its product's address, with its service worker; another `release` is another page."""
    config = {
        "api": "/api/v2/", "practice": False, "workshop": "B", "start_url": "/poste/debut/", "may_forget": True,
        "worker": {"url": WORKER_ADDRESS, "scope": "/poste/"}, **camera_addresses(),
    }  # fmt: skip
    page = render("distribution/station.html", {"station_config": config}).replace(
        "</body>", f"<!-- {release} --></body>"
    )
    server.pages[STATION_ADDRESS] = page
    with override_settings(STORAGES=PLAIN_STORAGES):
        server.scripts[WORKER_ADDRESS] = service_worker(page_address=STATION_ADDRESS, page=page)


def rows_on_disk(page: Page, room: str) -> list[dict[str, Any]]:
    """Return the rows of one room of the station's disk, from any page of its address."""
    rows: list[dict[str, Any]] = page.evaluate(
        """async room => (await (await import('/static/distribution/store.js')).openStore()).all(room)""", room
    )
    return rows


def accept_station(page: Page, url: str, *, station_id: str = "1", token: str = "essai") -> None:
    """Leave a page's browser as the leader's acceptance does; without id, with an empty disk."""
    page.context.set_offline(False)  # A test that failed without network must not take those after it along.
    page.goto(url + EMPTY_PAGE)
    page.evaluate(_ACCEPTED, [station_id, token])


@dataclass
class Station:
    """One open station: its page, its server, and the scanner on its cable."""

    page: Page
    api: FakeApi
    server: Server
    cdp: CDPSession
    errors: list[str]

    def press(self, keys: list[Key]) -> None:
        """Press keys as a scanner does: no pause."""
        for event in label_events(keys):
            press_together(self.cdp, [event])

    def press_in_one_go(self, keys: list[Key]) -> None:
        """Press keys within one task of the page: however busy the machine, no rest of a read fits between them."""
        self.page.evaluate(
            """keys => { for (const key of keys) for (const type of ['keydown', 'keyup'])
            document.body.dispatchEvent(new KeyboardEvent(type, {...key, bubbles: true, cancelable: true})) }""",
            [{"key": key.char, "code": key.code, "shiftKey": key.shift} for key in keys],
        )

    def enter(self, name: str = "Enter") -> None:
        """Press the scanner's suffix."""
        press_together(self.cdp, suffix_events(name))

    def control(self, letter: str) -> None:
        """Press Ctrl and a letter, as scanners write STX, ETX and LF."""
        press_together(self.cdp, key_events(letter.lower(), f"Key{letter}", "", modifiers=2))

    def scan(self, text: str, suffix: str = "Enter", **layouts: Any) -> None:
        """Scan one label and wait for its verdict to be painted."""
        before = self.measured()
        press_together(self.cdp, label_events(hear(text, **layouts)) + (suffix_events(suffix) if suffix else []))
        self.page.wait_for_function(PAINTED, arg=before, timeout=5000)

    @contextmanager
    def painted(self) -> Iterator[None]:
        """Wait for the verdict of what the block does by hand: its event is on the disk before it is shown."""
        before = self.measured()
        yield
        self.page.wait_for_function(PAINTED, arg=before, timeout=5000)

    def press_label(self, text: str) -> None:
        """Scan one label and wait for nothing."""
        press_together(self.cdp, label_events(hear(text)))
        self.enter()

    def scan_ignored(self, text: str) -> None:
        """Scan one label from which no verdict is expected."""
        self.press(hear(text))
        self.enter()
        self.page.wait_for_timeout(120)

    def measured(self) -> int:
        """Return how many verdicts were painted since the page opened."""
        return int(self.page.evaluate("performance.getEntriesByName('cartable:verdict').length"))

    def kept(self, room: str) -> list[dict[str, Any]]:
        """Return what the browser's disk holds in one room."""
        return rows_on_disk(self.page, room)

    def rest(self, ms: int = 450) -> None:
        """Leave the scanner alone for longer than any timer of a read."""
        self.page.wait_for_timeout(ms)

    @property
    def ground(self) -> str:
        """Return the state of the screen: attente, encours, ok, att, err."""
        return self.page.get_attribute("[data-role=ecran]", "data-etat") or ""

    def text(self, role: str) -> str:
        """Return the visible text of one part of the page."""
        return self.page.eval_on_selector(f'[data-role="{role}"]', "e => e.hidden ? '' : e.textContent.trim()")

    @property
    def screen(self) -> str:
        """Return everything the verdict panel says."""
        return self.page.inner_text("[data-role=ecran]")

    def sent(self, count: int, *kinds: str) -> list[dict[str, Any]]:
        """Wait until that many events of these kinds arrived; return them."""
        for _ in range(1_500):
            if len(self.api.of_kind(*kinds)) >= count:
                break
            self.page.wait_for_timeout(30)
        return self.api.of_kind(*kinds)


OpenStation = Callable[..., Station]
