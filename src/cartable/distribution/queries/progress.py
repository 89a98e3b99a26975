"""Count the day: where it stands, how fast it goes, who passed last."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from cartable.distribution.queries.people import COUNTED_ONCE, HAS_ARRIVED, PEOPLE


@dataclass(frozen=True)
class Progress:
    """Where the day stands; a handful of counts over the rows of one day."""

    expected: int
    arrived: int
    equipped: int
    recent_count: int
    first_at: datetime | None

    @property
    def between(self) -> int:
        """Return how many students are between workshop A and workshop B."""
        return max(0, self.arrived - self.equipped)

    @property
    def remaining(self) -> int:
        """Return how many expected students have no PC yet."""
        return max(0, self.expected - self.equipped)


def day_progress(*, day_id: int, now: datetime) -> Progress:
    """Count the day: students expected, past A, holding a PC; check-outs of the last ten minutes that stand."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*) FILTER (WHERE expected), count(*) FILTER (WHERE arrived),
                count(*) FILTER (WHERE equipped AND expected),
                (SELECT count(*) FROM distribution_checkout c
                 WHERE c.day_id = %(day)s AND c.checked_out_at > %(now)s::timestamptz - interval '10 minutes'
                   AND NOT EXISTS (SELECT FROM fleet_movement m WHERE m.corrects_id = c.movement_id)),
                (SELECT min(c.checked_out_at) FROM distribution_checkout c WHERE c.day_id = %(day)s)
            FROM (
                SELECT passage.is_expected AND NOT passage.is_gone AS expected, device.id IS NOT NULL AS equipped,
                    {HAS_ARRIVED} OR (device.id IS NOT NULL AND passage.is_expected) AS arrived
                FROM {PEOPLE}
                WHERE passage.day_id = %(day)s AND {COUNTED_ONCE}
            ) people
            """,
            {"day": day_id, "now": now},
        )
        return Progress(*cursor.fetchone())


# A station asks every two seconds: silence for this long means that it is off or cut.
SILENT_AFTER = timedelta(seconds=15)


def is_workshop_a_apart(*, day_id: int, now: datetime) -> bool:
    """Say whether a station of workshop A is out of reach, or has events that have not come: its arrivals are unknown."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (SELECT FROM distribution_station WHERE day_id = %s AND workshop = 'A' AND NOT is_practice
                AND accepted_at IS NOT NULL AND revoked_at IS NULL AND (last_seen_at < %s OR waiting_count > 0))
            """,
            [day_id, now - SILENT_AFTER],
        )
        return bool(cursor.fetchone()[0])


@dataclass(frozen=True)
class Passed:
    """One of the last passages, as the station's side panel lists it."""

    name: str
    division: str
    device_code: str | None
    kind: str
    at: datetime
    medium: str | None


def last_passages(*, day_id: int, workshop: str, limit: int = 10) -> list[Passed]:
    """Return the last acts of the day at this workshop, newest first."""
    kind = "arrival" if workshop == "A" else "pair"
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT trim(student.given_name || ' ' || CASE WHEN student.usage_name <> '' THEN student.usage_name
                                                          ELSE student.family_name END),
                passage.division, device.asset_tag, recent.kind, recent.happened_at, proof.medium
            FROM (SELECT * FROM distribution_scan scan WHERE scan.day_id = %(day)s AND scan.kind = %(kind)s
                  AND scan.result = 'recorded' AND scan.code = '' ORDER BY scan.received_at DESC LIMIT %(limit)s) recent
            JOIN rosters_student student ON student.id = recent.student_id
            JOIN distribution_passage passage ON passage.day_id = recent.day_id AND passage.student_id = student.id
            LEFT JOIN distribution_charterproof proof ON proof.id = passage.charter_proof_id
            LEFT JOIN fleet_device device ON device.id = recent.device_id
            ORDER BY recent.received_at DESC
            """,
            {"day": day_id, "kind": kind, "limit": limit},
        )
        return [Passed(*row) for row in cursor.fetchall()]


def rate_curve(*, day_id: int, now: datetime, buckets: int = 12) -> list[int]:
    """Return PCs per hour in each of the last five-minute buckets, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT bucket, count(*) FROM (
                SELECT floor(extract(epoch FROM %(now)s::timestamptz - checked_out_at) / 300)::int AS bucket
                FROM distribution_checkout c WHERE day_id = %(day)s
                  AND NOT EXISTS (SELECT FROM fleet_movement m WHERE m.corrects_id = c.movement_id)
                  AND checked_out_at > %(now)s::timestamptz - make_interval(mins => 5 * %(buckets)s::int)
                  AND checked_out_at <= %(now)s::timestamptz
            ) recent GROUP BY bucket
            """,
            {"day": day_id, "now": now, "buckets": buckets},
        )
        counts = dict(cursor.fetchall())
    return [counts.get(bucket, 0) * 12 for bucket in range(buckets - 1, -1, -1)]


def station_pair_count(*, station_id: int) -> int:
    """Return how many pairs (or arrivals) a station has recorded."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM distribution_scan WHERE station_id = %s AND result = 'recorded' AND code = ''"
            " AND kind IN ('pair', 'arrival')",
            [station_id],
        )
        return int(cursor.fetchone()[0])
