"""Days, times and figures as paper writes them, in the language in force."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as dated
from django.utils.translation import gettext as _

# The day on paper is the day in the gymnasium, whatever the clock of the server.
_PARIS = ZoneInfo("Europe/Paris")


def short_day(day: date) -> str:
    """Return "mar. 15 sept.", in English "Tue 15 Sept."."""
    # Letters of the format: see Django's date filter. The point after D belongs to the French abbreviation.
    return dated(day, _("D. j N"))


def long_day(day: date) -> str:
    """Return "mardi 15 septembre 2026"."""
    return dated(day, "l j F Y")


def clock(moment: time | datetime) -> str:
    """Return "10:42"; a moment with a time zone is told in Paris time."""
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        moment = moment.astimezone(_PARIS)
    return f"{moment:%H:%M}"


def day_and_clock(moment: datetime) -> str:
    """Return "mar. 15 sept. 10:42" in Paris time."""
    local = moment.astimezone(_PARIS) if moment.tzinfo is not None else moment
    return f"{short_day(local)} {clock(local)}"


def figure(count: int) -> str:
    """Return 41286 as "41 286", its thin space unbreakable."""
    return f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
