"""Read how far the server knows a station's events: without a hole up to where, and what is missing above."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from cartable.distribution.protocol import MOST_MISSING_RANGES


@dataclass(frozen=True)
class Known:
    """The server has 1…``through`` without a hole; ``missing`` are ranges above it, first and last included."""

    through: int
    missing: tuple[tuple[int, int], ...]


def known_sequences(*, station_id: int, known_through: int, made: int) -> Known:
    """Return what the server knows of a station that has made events up to ``made``.

    Reads only what came after the last time (``known_through``): the cost is that of what is new, not of the day.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT sequence FROM distribution_scan WHERE station_id = %(station)s AND sequence > %(through)s
            UNION SELECT sequence FROM distribution_unreadablescan
            WHERE station_id = %(station)s AND sequence > %(through)s
            ORDER BY sequence
            """,
            {"station": station_id, "through": known_through},
        )
        return _known([row[0] for row in cursor.fetchall()], known_through, made)


def _known(sequences: Sequence[int], through: int, made: int) -> Known:
    missing: list[tuple[int, int]] = []
    reached = through
    for sequence in sequences:
        if sequence > reached + 1:
            missing.append((reached + 1, sequence - 1))
        elif not missing:
            through = sequence
        reached = sequence
    if made > reached:
        missing.append((reached + 1, made))
    return Known(through, tuple(missing[:MOST_MISSING_RANGES]))
