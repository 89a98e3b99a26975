"""One Chromium for all browser tests of a run: two in one process would not start. Load with `pytest_plugins`."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")


def executable() -> str:
    """Return where Chromium is: CHROMIUM, as `make test` names it, else the one of the system."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.fail("The browser tests need Chromium: install it, or name one with CHROMIUM=/path/to/chromium.")
    return found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, without window; tests open contexts of their own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def grant_durable_storage(context: BrowserContext) -> None:
    """Let `navigator.storage.persist()` be true, as on a computer where the page is installed."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    context_id = session.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
    browser = context.browser
    assert browser is not None
    browser.new_browser_cdp_session().send(
        "Browser.grantPermissions", {"permissions": ["durableStorage"], "browserContextId": context_id}
    )
    page.close()
