"""Figures, times and dates as the screens write them: thin spaces, 10:42, « mar. 15 ». Pure text, no markup."""

from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.dates import MONTHS, WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import get_language

NARROW_NO_BREAK_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"


def thin(number: int | float | Decimal | None, decimals: int = 0) -> str:
    """Write a number with narrow no-break spaces between thousands and the decimal sign of the language ("41 286")."""
    if number is None:
        return "–"
    text = f"{number:,.{decimals}f}".replace(",", NARROW_NO_BREAK_SPACE)
    if _is_french():
        text = text.replace(".", ",")
    return text.replace("-", "−")


def percent(share: float | None, decimals: int = 0) -> str:
    """Write a share between 0 and 1 as "64 %" (French) or "64%" (English)."""
    if share is None:
        return "–"
    return thin(share * 100, decimals) + (NO_BREAK_SPACE + "%" if _is_french() else "%")


def clock(moment: datetime | None) -> str:
    """Write the local time of a moment as 10:42."""
    return f"{_local(moment):%H:%M}" if moment else "–"


def short_day(day: date | datetime | None) -> str:
    """Write a day as "mar. 15" or "Tue 15": enough inside one month."""
    if day is None:
        return "–"
    day = _as_date(day)
    name = str(WEEKDAYS_ABBR[day.weekday()])
    return f"{name}.{NO_BREAK_SPACE}{day.day}" if _is_french() else f"{name}{NO_BREAK_SPACE}{day.day}"


def long_day(day: date | datetime | None) -> str:
    """Write a day in full: "mardi 15 septembre 2026" or "Tuesday 15 September 2026"."""
    if day is None:
        return "–"
    day = _as_date(day)
    first = "1er" if day.day == 1 and _is_french() else str(day.day)
    return f"{WEEKDAYS[day.weekday()]} {first}{NO_BREAK_SPACE}{MONTHS[day.month]} {day.year}"


def short_date(day: date | datetime | None) -> str:
    """Write a day in figures, as 15/09/2026 in both languages: these screens are read in France."""
    return f"{_as_date(day):%d/%m/%Y}" if day else "–"


def moment(instant: datetime | None) -> str:
    """Write a day and its time: "15/09/2026 à 10:42" or "15/09/2026 at 10:42"."""
    if instant is None:
        return "–"
    return f"{short_date(instant)} {'à' if _is_french() else 'at'}{NO_BREAK_SPACE}{clock(instant)}"


def _is_french() -> bool:
    return (get_language() or "fr").startswith("fr")


def _local(instant: datetime) -> datetime:
    return timezone.localtime(instant) if timezone.is_aware(instant) else instant


def _as_date(day: date | datetime) -> date:
    return _local(day).date() if isinstance(day, datetime) else day
