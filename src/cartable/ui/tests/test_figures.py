"""Figures, times and dates as DESIGN section 10 writes them."""

from datetime import UTC, date, datetime

import pytest
from django.template import engines
from django.utils import translation

from cartable.ui import figures

INSTANT = datetime(2026, 9, 15, 8, 42, tzinfo=UTC)  # 10:42 in Metz


@pytest.mark.parametrize(
    ("number", "french", "english"),
    [(41286, "41\u202f286", "41\u202f286"), (-1310, "−1\u202f310", "−1\u202f310"), (7, "7", "7"), (None, "–", "–")],
)
def test_thousands_are_set_apart_by_a_thin_space(number: int | None, french: str, english: str) -> None:
    assert figures.thin(number) == french
    with translation.override("en"):
        assert figures.thin(number) == english


def test_decimals_follow_the_language() -> None:
    assert figures.thin(4.25, 1) == "4,2"
    with translation.override("en"):
        assert figures.thin(4.25, 2) == "4.25"


def test_days_and_times_are_short_and_local() -> None:
    assert figures.clock(INSTANT) == "10:42"
    assert figures.short_day(date(2026, 9, 15)) == "mar.\u00a015"
    assert figures.long_day(date(2026, 9, 1)) == "mardi 1er\u00a0septembre 2026"
    assert figures.moment(INSTANT) == "15/09/2026 à\u00a010:42"
    assert figures.short_day(datetime(2026, 9, 15, 22, 30, tzinfo=UTC)) == "mer.\u00a016"
    with translation.override("en"):
        assert figures.short_day(INSTANT) == "Tue\u00a015"
        assert figures.long_day(INSTANT) == "Tuesday 15\u00a0September 2026"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ v|code }}", "P 0042 1187 59"),
        ("{{ s|code }}", "5CG1234XYZ"),
        ("{{ n|fin }} {{ part|pourcent }}", "1\u202f904 64\u00a0%"),
        ("{{ at|heure }} {{ at|jour }} {{ at|date_courte }}", "10:42 mar.\u00a015 15/09/2026"),
    ],
)
def test_filters_of_templates(source: str, shown: str) -> None:
    values = {"v": "P0042118759", "s": "5CG1234XYZ", "n": 1904, "part": 0.64, "at": INSTANT}
    assert engines["django"].from_string(source).render(values) == shown
