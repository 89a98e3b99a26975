"""A long queue: an hour without network, and a scanner faster than a slow computer (JOBS 6, acceptance tests 4 and 7)."""

from typing import Any

import pytest

from cartable.distribution.tests.station_harness import (
    FakeApi,
    OpenStation,
    device,
    student,
)
from cartable.distribution.tests.station_scanner import paced
from cartable.kernel.codes import label_code

pytest_plugins = ["cartable.distribution.tests.station_fixtures"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

EVENTS = 600
PAIRS = 25


def long_list(count: int, **more: Any) -> FakeApi:
    """Return a day with that many students and PCs."""
    students = [student(label_code("E", 50000000 + n), f"Élève {n}", "2de 1", **more) for n in range(count)]
    return FakeApi(
        students=students, devices=[device(label_code("P", 60000000 + n), f"5CG9{n:06d}") for n in range(count)]
    )


@pytest.mark.soak
def test_six_hundred_events_without_network_are_counted_and_drained_in_order(open_station: OpenStation) -> None:
    api = long_list(2000, a="ok", b="charter_missing")
    api.workshop = "A"
    station = open_station(api)
    station.page.context.set_offline(True)
    for number in range(EVENTS):
        station.scan(label_code("E", 50000000 + number))
        station.rest(70)
    words = f"Hors ligne · {EVENTS} à envoyer"
    station.page.wait_for_function(
        "words => document.querySelector('[data-role=reseau-mot]').textContent === words", arg=words
    )
    assert len(station.kept("events")) == EVENTS
    station.page.context.set_offline(False)
    station.page.wait_for_function(
        "() => document.querySelector('[data-role=reseau-mot]').textContent === 'En ligne'", timeout=30_000
    )
    assert [scan["sequence"] for scan in api.posted] == list(range(1, EVENTS + 1))
    assert api.posts == EVENTS / 200, "batches of two hundred"
    assert [scan["student_code"] for scan in api.posted][-1] == label_code("E", 50000000 + EVENTS - 1)


def test_pairs_at_five_milliseconds_a_key_on_a_slow_computer_are_neither_lost_nor_shifted(
    open_station: OpenStation,
) -> None:
    station = open_station(long_list(PAIRS), viewport={"width": 1366, "height": 768})
    station.cdp.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    codes = [
        label_code(letter, start + n) for n in range(PAIRS) for letter, start in (("E", 50000000), ("P", 60000000))
    ]
    paced(station.cdp, codes)
    pairs = station.sent(PAIRS, "pair")
    assert [(pair["student_code"], pair["device_code"]) for pair in pairs] == list(
        zip(codes[::2], codes[1::2], strict=True)
    )
    assert station.api.of_kind("refused") == []
