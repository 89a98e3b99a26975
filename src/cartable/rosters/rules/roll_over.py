"""From one school year to the next. Pure."""

from datetime import date

# From May on lycées prepare the year to come; before that, a list of the next year is a wrong one.
NEXT_YEAR_FROM_MONTH = 5


def accepted_year(said: int, *, current: int, today: date) -> int:
    """Return the school year of a list that says its year (0: none): the current one, or from May on the one to come."""
    is_next = said == current + 1 and today.year == current + 1 and NEXT_YEAR_FROM_MONTH <= today.month < 9
    return said if is_next else current
