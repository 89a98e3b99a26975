"""Charts say the same as their figures, and never draw outside their frame."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartable.ui.charts import RatePoint, gauge, plan_bar, rate_curve, ring

OPENS = datetime(2026, 9, 15, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(("share", "shown"), [(0, 0), (0.0001, 1), (0.642, 64), (0.9999, 99), (1, 100)])
def test_a_ring_is_full_only_when_nothing_is_missing(share: float, shown: int) -> None:
    assert ring(share).text == f"{shown}\u00a0%"


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_ring_holds_any_share(share: float) -> None:
    done, rest = map(float, ring(share).dash.split())
    assert 0 <= done <= 100
    assert done + rest == pytest.approx(100)


def test_a_gauge_without_target_judges_nothing() -> None:
    assert gauge(12, target=0).state == "neutre"
    assert [gauge(n, target=100).state for n in (10, 60, 90)] == ["err", "att", "ok"]


def test_a_plan_bar_tells_how_far_ahead() -> None:
    bar = plan_bar(41286, 71420, planned=39976)
    assert (bar.share_text, bar.ahead_text) == ("58\u00a0%", "+\u202f1\u202f310")
    assert plan_bar(0, 0).filled == 0


@given(st.lists(st.tuples(st.integers(0, 480), st.floats(0, 2000)), max_size=60))
def test_a_rate_curve_stays_inside_its_frame(points: list[tuple[int, float]]) -> None:
    today = [RatePoint(OPENS + timedelta(minutes=m), rate) for m, rate in sorted(points)]
    curve = rate_curve(today, target=300, opens_at=OPENS, closes_at=OPENS + timedelta(hours=8))
    for x, y in re.findall(r"[ML]([-\d.]+) ([-\d.]+)", curve.line):
        assert curve.left <= float(x) <= curve.right
        assert 0 <= float(y) <= curve.base
    assert 0 <= curve.target_y <= curve.base


def test_a_rate_curve_says_in_words_what_it_draws() -> None:
    today = [RatePoint(OPENS + timedelta(minutes=20 * n), rate) for n, rate in enumerate([60, 330, 318])]
    curve = rate_curve(today, target=300, opens_at=OPENS, closes_at=OPENS + timedelta(hours=8))
    assert curve.description == "À 09:10, 318 PC par heure pour un objectif de 300. Plus haut : 330 à 08:50."
    assert [row[:2] for row in curve.rows] == [("08:30", "60"), ("08:50", "330"), ("09:10", "318")]
    empty = rate_curve([], target=300, opens_at=OPENS, closes_at=OPENS + timedelta(hours=8))
    assert empty.line == ""
    assert "300" in empty.description


@pytest.mark.parametrize(("rates", "anchor"), [([0, 20, 310, 320, 318], "start"), ([310, 330, 300, 12, 0], "end")])
def test_a_curve_that_reaches_the_edge_keeps_its_words_off_the_edge_and_off_the_line(
    rates: list[int], anchor: str
) -> None:
    opens = OPENS
    points = [RatePoint(opens + timedelta(minutes=15 * place), rate) for place, rate in enumerate(rates)]
    drawn = rate_curve(points, target=300, opens_at=opens, closes_at=opens + timedelta(hours=1))
    assert drawn.last_anchor == "end"
    assert drawn.target_name_anchor == anchor
