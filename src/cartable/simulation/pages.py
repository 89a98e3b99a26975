"""The pages of the day without a screen: sign in, start a station, lead, close. Forms and redirects, as a browser does."""

import json
import re
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urlsplit

_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_PATIENCE_S = 60


class PageFailed(Exception):
    """A page did not do what it was asked to."""


class Browser:
    """One person's browser: its cookies, the forms it sends."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._token = ""

    def get(self, path: str) -> str:
        """Return the text of a page."""
        return self._open(path)[1]

    def download(self, path: str) -> bytes:
        """Return the bytes of a file."""
        with self._opener.open(self.origin + path, timeout=_PATIENCE_S) as answer:
            content: bytes = answer.read()
        return content

    def post(self, path: str, **fields: str) -> tuple[str, str]:
        """Send a form; return the path and the text of the page that it leads to."""
        body = urlencode({"csrfmiddlewaretoken": self._token, **fields}).encode()
        return self._open(path, body)

    def _open(self, path: str, body: bytes | None = None) -> tuple[str, str]:
        # Django compares the referrer only under HTTPS; here the token is enough.
        with self._opener.open(self.origin + path, body, timeout=_PATIENCE_S) as answer:
            text = answer.read().decode()
            arrived_at = urlsplit(answer.url).path
        if found := _CSRF.search(text):
            self._token = found[1]
        return arrived_at, text


def start_station(port: int, *, digits: str, workshop: str, leader: "Leader") -> str:
    """Start a station with the site card, let the leader accept it, and return its token."""
    browser = Browser(port)
    browser.get("/poste/")
    waiting, _ = browser.post("/poste/", site_card=digits, workshop=workshop)
    found = re.fullmatch(r"/poste/(\d+)/attente/", waiting)
    if found is None:
        raise PageFailed("the site card was not taken")
    leader.accept(found[1])
    answer = json.loads(browser.get(f"/poste/{found[1]}/etat/"))
    if answer["state"] != "accepted":
        raise PageFailed(f"the station was accepted, and is {answer['state']}")
    token: str = answer["token"]
    return token


class Leader:
    """Who leads the distribution, in front of the pages of one day."""

    def __init__(self, port: int, *, email: str, password: str, day_id: int) -> None:
        self._day = f"/journees/{day_id}/"
        self._browser = Browser(port)
        self._browser.get("/connexion/")
        arrived_at, _ = self._browser.post("/connexion/", username=email, password=password, next=self._day)
        if arrived_at != self._day:
            raise PageFailed("the leader could not sign in")

    def open_day(self) -> None:
        """Open the day, with one click."""
        arrived_at, _ = self._browser.post(f"{self._day}ouvrir/")
        if arrived_at != f"{self._day}pilotage/":
            raise PageFailed("the day did not open")

    def accept(self, station_id: str) -> None:
        """Accept a station."""
        self._browser.post(f"{self._day}postes/{station_id}/accepter/")

    def let_pass(self, code: str) -> None:
        """Let a student pass without charter, with a reason."""
        page = self._browser.get(f"{self._day}eleves/?nom={code}")
        found = re.search(rf'href="({re.escape(self._day)}eleves/\d+/sans-charte/)"', page)
        if found is None:
            raise PageFailed("the list does not offer to let the student pass")
        self._browser.get(found[1])
        self._browser.post(found[1], reason="Charte signée vue sur le téléphone de la mère")

    def add_student(self, *, family_name: str, given_name: str, division: str, level: str) -> str:
        """Add a student who stands there and is on no list; return the code of the label to print."""
        path = f"{self._day}eleves/ajouter/"
        self._browser.get(path)
        arrived_at, _ = self._browser.post(
            path, family_name=family_name, given_name=given_name, division=division, level=level, birth_on=""
        )
        found = re.search(r"/ajoute/(E\d{10})/$", arrived_at)
        if found is None:
            raise PageFailed("the student was not added")
        return found[1]

    def send_leftover(self, code: str) -> None:
        """Scan a PC that nobody took."""
        self._browser.post(f"{self._day}cloture/reste/", code=code)

    def close_day(self) -> bytes:
        """Close the day; return the sealed report."""
        self._browser.get(f"{self._day}cloture/")
        _, page = self._browser.post(f"{self._day}cloture/clore/")
        report = f"{self._day}cloture/rapport.pdf"
        if report not in page:
            raise PageFailed("the day did not close: the two counts do not agree")
        return self._browser.download(report)
