"""The product's own station page in a real Chromium, accepted by the leader, for the benchmarks that scan there."""

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import psycopg
from playwright.sync_api import Page, sync_playwright

from bench.scratch import Scratch
from cartable.ui.tests.permissions import grant_durable_storage

_ACCEPTED = """token => new Promise((done, fail) => {
  const request = indexedDB.open("cartable");
  request.onsuccess = () => {
    const write = request.result.transaction("stations", "readwrite", {durability: "strict"});
    write.objectStore("stations").put({id: "1", token, madeAt: Date.now(), day: null, station: null, cursor: "",
      progress: null, askedAt: 0, listAt: 0, ended: ""});
    write.oncomplete = () => { request.result.close(); done() };
    write.onabort = fail;
  };
})"""


def chromium_path() -> str:
    """Return where Chromium is."""
    found = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-headless-shell"))), None
    )
    if found is None:
        raise RuntimeError("Chromium is missing: install it, or name one with CHROMIUM=/path/to/chromium")
    return found


@contextmanager
def browser() -> Iterator[tuple[Any, Any]]:
    """Start Chromium; give a function that opens a page with a station's token, and one that weighs the browser."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"])

        def new_page(address: str, token: str) -> Page:
            context = chromium.new_context(viewport={"width": 1366, "height": 768}, timezone_id="Europe/Paris")
            page = context.new_page()
            if token:
                # Without a station the page makes its disk and goes to the start page: from there it is given one.
                grant_durable_storage(context)
                page.goto(address)
                page.wait_for_url(re.compile("/poste/$"))
                page.evaluate(_ACCEPTED, token)
            page.goto(address)
            return page

        yield new_page, _memory_mb
        chromium.close()


def _memory_mb() -> float:
    family = psutil.Process().children(recursive=True)
    return sum(process.memory_info().rss for process in family if "chrom" in process.name()) / 1e6


def wait_until_kept(scratch: Scratch, pair_count: int) -> None:
    """Wait until the station has sent what it has shown, half a minute at most."""
    deadline = time.monotonic() + 30
    with psycopg.connect(scratch.runtime_url, autocommit=True) as connection:
        while time.monotonic() < deadline:
            row = connection.execute("SELECT count(*) FROM distribution_scan WHERE kind = 'pair'").fetchone()
            if row == (pair_count,):
                return
            time.sleep(0.2)
