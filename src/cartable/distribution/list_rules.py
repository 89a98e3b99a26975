"""Where the list of a day stands. Pure decisions on plain values."""

from datetime import timedelta
from enum import StrEnum

# A list is frozen this long before its day, and may be so old by then.
FREEZE_AHEAD = timedelta(days=2)
OLDEST_LIST_DAYS = 14


class ListStanding(StrEnum):
    """Where the list of a day stands, what is worst first."""

    MISSING = "missing"
    NO_RULES = "no_rules"
    OLD = "old"
    REVIEW = "review"
    READ = "read"
    CHANGED = "changed"
    LOADED = "loaded"
    FROZEN = "frozen"


def list_standing(
    *, is_frozen: bool, has_rules: bool, has_list: bool, age_days: int, is_read_only: bool, reviews: int, changes: int
) -> ListStanding:
    """Say where the list of a day stands; the first that asks for somebody wins.

    `age_days` is counted up to the freeze; `is_read_only`: the latest list waits to be applied.
    """
    if not is_frozen and not has_list:
        return ListStanding.MISSING
    if not is_frozen and not has_rules:
        return ListStanding.NO_RULES
    if has_list and age_days > OLDEST_LIST_DAYS and not is_read_only:
        return ListStanding.OLD
    if reviews:
        return ListStanding.REVIEW
    if is_read_only:
        return ListStanding.READ
    if is_frozen:
        return ListStanding.CHANGED if changes else ListStanding.FROZEN
    return ListStanding.LOADED
