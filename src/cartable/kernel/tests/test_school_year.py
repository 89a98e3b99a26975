from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartable.kernel.school_year import SchoolYear


@pytest.mark.parametrize(
    ("day", "first_year"),
    [
        (date(2026, 9, 1), 2026),
        (date(2026, 8, 31), 2025),
        (date(2026, 12, 31), 2026),
        (date(2027, 1, 1), 2026),
    ],
)
def test_the_year_turns_on_the_first_of_september(day: date, first_year: int) -> None:
    assert SchoolYear.containing(day) == SchoolYear(first_year)


def test_label_bounds_and_text() -> None:
    year = SchoolYear(2026)
    assert (year.label, str(year)) == ("2026-2027", "2026-2027")
    assert (year.starts_on, year.ends_on) == (date(2026, 9, 1), date(2027, 8, 31))


def test_years_are_ordered() -> None:
    assert sorted([SchoolYear(2027), SchoolYear(2025)]) == [SchoolYear(2025), SchoolYear(2027)]


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2900, 1, 1)))
def test_every_day_is_in_the_year_that_contains_it_and_in_no_other(day: date) -> None:
    year = SchoolYear.containing(day)
    assert day in year
    assert day not in SchoolYear(year.first_year + 1)
    assert day not in SchoolYear(year.first_year - 1)
