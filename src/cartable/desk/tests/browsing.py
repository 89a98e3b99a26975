"""The product's pages in a real browser, answered in this process: no port, no committed data."""

import mimetypes
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, Page, Request, Route

HOST = "http://localhost"
WIDTHS = (1366, 390, 320)


@dataclass
class Reader:
    """Somebody who reads pages: the browser's page, and what the console complained about."""

    page: Page
    client: Client
    complaints: list[str] = field(default_factory=list)
    # The browser calls back from its own context, where Django would open another connection: our data are not
    # committed, and only the test's connection sees them.
    context: Context = field(default_factory=copy_context)

    def open(self, address: str) -> None:
        """Open an address."""
        self.page.goto(HOST + address)

    def faults(self) -> list[str]:
        """Return what axe-core finds, a sideways scroll, and what the console said since the last time."""
        found: list[dict[str, Any]] = Axe().run(self.page).response["violations"]
        faults = [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]
        faults += self._wider()
        faults += self.complaints
        self.complaints.clear()
        return faults

    def _wider(self) -> list[str]:
        """Say where the page scrolls sideways, at each width: a table may scroll in its own frame."""
        faults, shown = [], self.page.viewport_size
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            wider = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wider > 0:
                faults.append(f"scrolls sideways by {wider} px at {width}")
        if shown is not None:
            self.page.set_viewport_size(shown)
        return faults

    def serve(self, route: Route) -> None:
        """Answer a request of the browser from the product itself."""
        request = route.request
        path = request.url.removeprefix(HOST)
        if path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/").split("?")[0])
            if found is None:
                self.complaints.append(f"missing {path}")
                route.fulfill(status=404)
            else:
                route.fulfill(path=str(found), content_type=mimetypes.guess_type(path)[0])
            return
        answer = self.context.run(self._answer, request)
        policy = {"Content-Security-Policy": answer["Content-Security-Policy"]}
        route.fulfill(
            status=answer.status_code, body=answer.content, headers={"Content-Type": answer["Content-Type"], **policy}
        )

    def _answer(self, request: Request) -> Any:
        headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
        kind = headers.pop("HTTP_CONTENT_TYPE", "application/octet-stream")
        headers.pop("HTTP_HOST", None)
        path = request.url.removeprefix(HOST)
        if request.method == "POST":
            sent = request.post_data_buffer or b""
            return self.client.post(path, sent, content_type=kind, follow=True, **headers)
        return self.client.get(path, follow=True, **headers)


def reader(browser: Browser, client: Client, *, width: int, language: str = "fr") -> Reader:
    """Open a window of this width for somebody who is signed in with this client."""
    context = browser.new_context(viewport={"width": width, "height": 900}, locale=language)
    found = Reader(context.new_page(), client)
    found.page.on("console", lambda message: found.complaints.append(message.text))
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.page.route("**/*", found.serve)
    return found
