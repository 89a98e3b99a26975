"""The day a student comes of age, from which he signs himself and his guardians no longer do."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
_MAJORITY_YEARS = 18  # Civil code, art. 414.


def is_adult(birth_on: date, on: date | datetime) -> bool:
    """Tell whether somebody born that day is 18 or older: from 0 h, Paris time, of the 18th birthday.

    `on` is a day, or a moment with its time zone; a moment without one raises ValueError. Who was born on 29
    February comes of age on 1 March when the 18th year has no such day: the guardian signs one day longer.
    """
    day = _paris_day(on) if isinstance(on, datetime) else on
    return (day.year - birth_on.year, day.month, day.day) >= (_MAJORITY_YEARS, birth_on.month, birth_on.day)


def _paris_day(moment: datetime) -> date:
    if moment.tzinfo is None:
        raise ValueError("a moment without time zone has no day in Paris")
    return moment.astimezone(PARIS).date()
