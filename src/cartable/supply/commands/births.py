"""What every entry of PCs in the park shares, whatever file brings them: one at a time, and a label on each."""

from collections.abc import Sequence

from django.db import connection

from cartable.fleet.queries.codes import known_identifiers
from cartable.kernel.codes import DEVICE_LETTER, label_code

_ONE_ENTRY_AT_A_TIME = 7_210_001  # Key of the advisory lock; any number that nobody else uses.


def wait_for_other_entries() -> None:
    """Enter PCs from one file at a time: two that share a serial number would each find it unknown."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_ENTRY_AT_A_TIME])


def completed_tags(given: Sequence[str]) -> list[str]:
    """Return the asset tag of each PC: the one that was given, else (empty text) one that nobody has."""
    taken = set(filter(None, given))
    made = iter(_made_tags(sum(not tag for tag in given), taken=taken))
    return [tag or next(made) for tag in given]


def _made_tags(count: int, *, taken: set[str]) -> list[str]:
    tags: list[str] = []
    while len(tags) < count:
        drawn = [label_code(DEVICE_LETTER, number) for number in _drawn_numbers(count - len(tags))]
        _serials, known = known_identifiers(serials=(), tags=drawn)
        tags += [tag for tag in drawn if tag not in known and tag not in taken]
    return tags


def _drawn_numbers(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('supply_asset_tag_number') FROM generate_series(1, %s)", [count])
        return [row[0] for row in cursor.fetchall()]
