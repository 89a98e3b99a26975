"""Events that could not be read: kept aside with their reason, for a person to look at."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

# Of an event that nobody can read, the beginning is enough to see what it was.
LONGEST_CONTENT = 4_096


@dataclass(frozen=True)
class UnreadableRecord:
    """An event as it came, ASCII JSON, with what could be read of it and what is wrong."""

    scan_id: UUID | None
    sequence: int | None
    detail: str
    content: str


def keep_unreadable(*, station_id: int, events: Sequence[UnreadableRecord]) -> int:
    """Keep events that cannot be read; the same content again is the same row. Return how many were new."""
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO distribution_unreadablescan (station_id, scan_id, sequence, detail, content, content_sha256)
            VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
            """,
            [
                (
                    station_id, event.scan_id, event.sequence, event.detail[:80], event.content[:LONGEST_CONTENT],
                    hashlib.sha256(event.content.encode()).digest(),
                )
                for event in events
            ],
        )  # fmt: skip
        return int(cursor.rowcount)
