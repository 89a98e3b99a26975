"""Read what somebody who types sheets in again sees: who a code is, and the last lines."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

_NAME = """trim(student.given_name || ' ' || CASE WHEN student.usage_name <> '' THEN student.usage_name
                                             ELSE student.family_name END)"""


@dataclass(frozen=True)
class TypedPass:
    """A line that was typed in, and what became of it."""

    kind: str
    result: str
    code: str
    student_code: str
    device_code: str
    happened_at: datetime


def names_of(*, day_id: int, codes: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return name and class per label code, for the students of the day."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT student.label_code, {_NAME}, passage.division
            FROM distribution_passage passage JOIN rosters_student student ON student.id = passage.student_id
            WHERE passage.day_id = %s AND student.label_code = ANY(%s)
            """,
            [day_id, list(codes)],
        )
        return {code: (name, division) for code, name, division in cursor.fetchall()}


def last_lines(*, day_id: int, typist_id: int, limit: int = 8) -> list[TypedPass]:
    """Return the last acts that somebody typed in, newest first; an arrival that its pair follows is one line with it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT scan.kind, scan.result, scan.code, scan.student_code, scan.device_code, scan.happened_at
            FROM distribution_scan scan JOIN distribution_station station ON station.id = scan.station_id
            WHERE station.day_id = %s AND station.is_paper AND station.accepted_by_id = %s
              AND NOT (scan.kind = 'arrival' AND EXISTS (
                SELECT FROM distribution_scan pair WHERE pair.station_id = scan.station_id AND pair.kind = 'pair'
                  AND pair.sequence = scan.sequence + 1 AND pair.student_code = scan.student_code))
            ORDER BY station.number DESC, scan.sequence DESC LIMIT %s
            """,
            [day_id, typist_id, limit],
        )
        return [TypedPass(*row) for row in cursor.fetchall()]


def typed_count(*, day_id: int) -> int:
    """Return how many PCs were handed out on paper and typed in, by everybody."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM distribution_scan scan
            JOIN distribution_station station ON station.id = scan.station_id
            WHERE station.day_id = %s AND station.is_paper AND scan.kind = 'pair' AND scan.movement_id IS NOT NULL
            """,
            [day_id],
        )
        return int(cursor.fetchone()[0])
