"""One Chromium for all browser tests of a run: two in one process would not start. Load with `pytest_plugins`."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

# The first one is the engine without the windows around it: half the processor time (decision 0018).
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def executable() -> str:
    """Return where Chromium is: CHROMIUM, as `make test` names it, else the one of the system."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.fail("The browser tests need Chromium: install it, or name one with CHROMIUM=/path/to/chromium.")
    return found


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is, for tests that start one with a disk of its own."""
    return executable()


@pytest.fixture(scope="session")
def running_chromium() -> Iterator[Browser]:
    """The system's Chromium, without window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def chromium(running_chromium: Browser) -> Iterator[Browser]:
    """The system's Chromium; what a test opens in it is closed with the test: a page goes on asking for what is new."""
    before = list(running_chromium.contexts)
    yield running_chromium
    for context in running_chromium.contexts:
        if context not in before:
            for page in context.pages:
                page.unroute_all(behavior="ignoreErrors")
            context.close()
