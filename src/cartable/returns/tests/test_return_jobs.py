"""The rows of design/JOBS.md about returns, replayed in a real browser within their budgets: a scan, a key or a tap is one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from cartable.accounts.models import Person
from cartable.desk.tests.browsing import HOST, reader
from cartable.fleet.rules import CustodianKind as K
from cartable.returns.models import CheckIn
from cartable.returns.tests.conftest import Returns, of
from cartable.rosters.models import Enrolment

pytest_plugins = ["cartable.ui.tests.browser"]
pytestmark = pytest.mark.browser


class Hand:
    """Somebody with a scanner and one finger: counts what they do."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.interactions = 0

    def scan(self, text: str) -> None:
        self.page.wait_for_function("() => document.activeElement instanceof HTMLInputElement")
        self.page.keyboard.type(text)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.interactions += 1

    def tap(self, words: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words).click()
        self.interactions += 1

    def read(self, words: str) -> None:
        self.page.get_by_text(words).first.wait_for(timeout=5_000)


@pytest.fixture
def open_as(chromium: Browser, settings: Any) -> Callable[..., Hand]:
    """Return a function that sits somebody down before a page."""
    settings.STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }

    def sit(person: Person, address: str, width: int = 1366) -> Hand:
        reading = reader(chromium, of(person), width=width)
        reading.page.goto(HOST + address)
        return Hand(reading.page)

    return sit


def test_take_a_pc_back_is_2(returns: Returns, open_as: Callable[..., Hand]) -> None:
    hand = open_as(returns.cast.durand, "/restituer/")
    hand.scan(returns.held["bilal"].asset_tag)
    hand.tap("B · Usagé")
    hand.read("rendu par Bilal Benali")
    assert hand.interactions == 2
    assert returns.desk.custody(returns.held["bilal"]) == K.SCHOOL_BENCH


def test_student_leaves_outside_the_region_is_2(returns: Returns, open_as: Callable[..., Hand]) -> None:
    left = returns.cast.now.date() + timedelta(days=1)
    Enrolment.objects.filter(student=returns.students["bilal"]).update(ends_on=left)
    hand = open_as(returns.cast.weber, "/restituer/")
    hand.scan(returns.students["bilal"].label_code)
    hand.tap("A · Comme neuf")
    hand.read("rendu par Bilal Benali")
    assert hand.interactions == 2
    assert CheckIn.objects.get().why == "leaves_region"


def test_a_second_scan_of_the_same_pc_chooses_no_letter(returns: Returns, open_as: Callable[..., Hand]) -> None:
    hand = open_as(returns.cast.durand, "/restituer/")
    hand.scan(returns.held["bilal"].asset_tag)
    hand.page.keyboard.type(returns.held["bilal"].asset_tag)
    hand.page.keyboard.press("Enter")
    hand.page.wait_for_timeout(300)
    assert not CheckIn.objects.exists()


def test_a_returned_pc_reimaged_into_the_reserve_is_2_and_in_series_1(
    returns: Returns, open_as: Callable[..., Hand]
) -> None:
    uai = returns.cast.school.uai
    for name in returns.held:
        returns.take(name)
    first = open_as(returns.cast.karim, f"/atelier/{uai}/serie/", width=390)
    first.page.fill("[name=image]", "2026.09")
    first.tap("Commencer à scanner")
    first.interactions = 0
    for n, name in enumerate(("alice", "bilal"), start=1):
        first.scan(returns.held[name].serial_number)
        assert first.interactions == n
    assert returns.desk.custody(returns.held["bilal"]) == K.EMERGENCY_STOCK

    hand = open_as(returns.cast.karim, f"/atelier/{uai}/", width=390)
    hand.scan(returns.held["chloe"].asset_tag)
    hand.tap("Tout est fait")
    hand.read("réserve du lycée")
    assert hand.interactions == 2
    assert returns.desk.custody(returns.held["chloe"]) == K.EMERGENCY_STOCK


def test_targets_on_the_bench_are_as_large_as_a_thumb(returns: Returns, open_as: Callable[..., Hand]) -> None:
    returns.take("bilal")
    hand = open_as(returns.cast.karim, f"/atelier/{returns.cast.school.uai}/?pc={returns.held['bilal'].asset_tag}", 390)
    sizes = hand.page.evaluate(
        "() => [...document.querySelectorAll('main .bouton, main input:not([type=hidden]):not([type=checkbox]), main select,"
        " main .filtre__puce')].map((one) => one.getBoundingClientRect().height)"
    )
    assert sizes
    assert min(sizes) >= 48
