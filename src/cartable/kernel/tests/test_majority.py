from datetime import UTC, date, datetime

import pytest

from cartable.kernel.majority import is_adult


def test_P25_the_eighteenth_birthday_makes_an_adult_and_the_eve_does_not() -> None:
    assert is_adult(date(2008, 9, 14), date(2026, 9, 14))
    assert not is_adult(date(2008, 9, 14), date(2026, 9, 13))


def test_P25_majority_begins_at_midnight_in_paris_not_in_greenwich() -> None:
    # 22 h UTC on the eve is 0 h of the birthday in Paris in summer.
    assert is_adult(date(2008, 9, 14), datetime(2026, 9, 13, 22, 0, tzinfo=UTC))
    assert not is_adult(date(2008, 9, 14), datetime(2026, 9, 13, 21, 59, tzinfo=UTC))


def test_P21_born_on_29_february_is_adult_on_1_march() -> None:
    assert not is_adult(date(2008, 2, 29), date(2026, 2, 28))
    assert is_adult(date(2008, 2, 29), date(2026, 3, 1))


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        is_adult(date(2008, 9, 14), datetime(2026, 9, 14))  # noqa: DTZ001
