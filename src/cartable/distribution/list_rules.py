"""Where the list of a day stands, and where a student stands on it. Pure decisions on plain values."""

from dataclasses import dataclass
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


class PlaceObstacle(StrEnum):
    """Why a student of a lycée gets no label of its day, or their family no reminder of the charter."""

    ON_NO_DAY = "on_no_day"
    NOT_EXPECTED = "not_expected"
    GONE = "gone"
    CHARTER_THERE = "charter_there"
    NO_ADDRESS = "no_address"


@dataclass(frozen=True)
class ListPlace:
    """Where a student stands on the list of their lycée's last day."""

    passage_id: int
    day_id: int
    is_expected: bool
    is_gone: bool
    is_charter_there: bool
    has_address: bool


def label_obstacle(place: ListPlace | None) -> PlaceObstacle | None:
    """Say why no label is printed: whoever is expected on the day and has not left gets one."""
    if place is None:
        return PlaceObstacle.ON_NO_DAY
    if not place.is_expected:
        return PlaceObstacle.NOT_EXPECTED
    return PlaceObstacle.GONE if place.is_gone else None


def reminder_obstacle(place: ListPlace | None) -> PlaceObstacle | None:
    """Say why a family is not reminded: nobody is asked for a charter that is there, or is not needed."""
    found = label_obstacle(place)
    if found is not None or place is None:
        return found
    if place.is_charter_there:
        return PlaceObstacle.CHARTER_THERE
    return None if place.has_address else PlaceObstacle.NO_ADDRESS
