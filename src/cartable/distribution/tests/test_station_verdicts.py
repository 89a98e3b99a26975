"""The error table of SCANNING 2.5 and the normal road, in a real browser."""

import pytest

from cartable.distribution.tests.station_harness import LEA, PC, Station

pytest_plugins = ["cartable.distribution.tests.station_harness"]
pytestmark = pytest.mark.browser


def test_two_scans_make_a_pair_without_click_or_focus_change(station: Station) -> None:
    station.page.evaluate("window.moves = 0; addEventListener('focusin', () => window.moves++)")
    station.scan(LEA)
    assert station.ground == "encours"
    assert "Léa Marchand" in station.screen
    station.scan(PC)
    assert station.ground == "ok"
    assert "P 0042 1187 59" in station.screen
    pair = station.sent(1, "pair")[0]
    assert (pair["student_code"], pair["device_code"]) == (LEA, PC)
    assert station.page.evaluate("window.moves") == 0
