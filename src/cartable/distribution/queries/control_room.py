"""Read what the leader of a day sees: days, stations, classes, what is to be reviewed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from cartable.distribution.models import DistributionDay, Station, station_name
from cartable.distribution.queries.people import COUNTED_ONCE, HAS_ARRIVED, PEOPLE
from cartable.distribution.queries.progress import SILENT_AFTER


@dataclass(frozen=True)
class StationLine:
    """A station as the leader sees it."""

    id: int
    name: str
    workshop: str
    is_practice: bool
    is_waiting: bool
    is_revoked: bool
    is_silent: bool
    last_seen_at: datetime | None
    requested_at: datetime
    skew_minutes: int
    waiting_count: int
    hole_count: int
    is_durable: bool | None
    is_paper: bool


def stations_of(day: DistributionDay, *, now: datetime) -> list[StationLine]:
    """Return the stations of a day: those that wait first."""
    stations = Station.objects.filter(day=day).order_by("accepted_at", "number")
    lines = [
        StationLine(
            station.pk,
            station.name,
            station.workshop,
            station.is_practice,
            station.accepted_at is None and station.revoked_at is None,
            station.revoked_at is not None,
            not station.is_paper and (station.last_seen_at is None or now - station.last_seen_at > SILENT_AFTER),
            station.last_seen_at,
            station.requested_at,
            round((station.clock_skew_ms or 0) / 60_000),
            station.waiting_count or 0,
            # What it made and the server has not, beyond what it says is waiting on its disk: events that are lost.
            max(0, station.last_sequence - station.known_through - (station.waiting_count or 0)),
            station.is_durable,
            station.is_paper,
        )
        for station in stations
    ]
    return sorted(lines, key=lambda line: (not line.is_waiting, line.is_revoked, line.name))


@dataclass(frozen=True)
class ClassLine:
    """A class in the progress table."""

    division: str
    passing_at: datetime | None
    expected: int
    arrived: int
    equipped: int
    not_expected: int


def classes_of(day: DistributionDay) -> list[ClassLine]:
    """Return the classes of a day in passing order, with their counts."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT passage.division, min(passage.passing_at), count(*) FILTER (WHERE passage.is_expected),
                count(*) FILTER (WHERE passage.is_expected AND {HAS_ARRIVED}),
                count(device.id) FILTER (WHERE passage.is_expected), count(*) FILTER (WHERE NOT passage.is_expected)
            FROM {PEOPLE}
            WHERE passage.day_id = %s AND NOT passage.is_gone AND {COUNTED_ONCE}
            GROUP BY 1 ORDER BY 2 NULLS LAST, 1
            """,
            [day.pk],
        )
        return [ClassLine(*row) for row in cursor.fetchall()]


@dataclass(frozen=True)
class ReviewLine:
    """A scan that a human should look at, with who and what it concerns."""

    scan_id: UUID
    kind: str
    result: str
    code: str
    station: str
    happened_at: datetime
    passage_id: int | None
    student_name: str
    division: str
    student_code: str
    asset_tag: str
    device_code: str


def to_review(day: DistributionDay, *, limit: int = 50) -> list[ReviewLine]:
    """Return the calls that nobody has dealt with, newest first.

    An act that the server did not take is a dispute (`queries.court`). What a station refused by itself (misread, PC
    first) was repaired on the spot: it is counted in the closing report.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT scan.id, scan.kind, scan.result, CASE WHEN scan.kind = 'call' THEN 'call' ELSE scan.code END,
                station.workshop, station.number, station.is_paper, scan.happened_at, passage.id,
                coalesce(trim(student.given_name || ' ' || CASE WHEN student.usage_name <> '' THEN student.usage_name
                                                                ELSE student.family_name END), ''),
                coalesce(passage.division, ''), scan.student_code, coalesce(device.asset_tag, ''), scan.device_code
            FROM distribution_scan scan
            JOIN distribution_station station ON station.id = scan.station_id
            LEFT JOIN rosters_student student ON student.id = scan.student_id
            LEFT JOIN distribution_passage passage ON passage.day_id = scan.day_id AND passage.student_id = student.id
            LEFT JOIN fleet_device device ON device.id = scan.device_id
            WHERE scan.day_id = %s AND scan.kind = 'call'
              AND NOT EXISTS (SELECT FROM distribution_reviewdecision decision WHERE decision.scan_id = scan.id)
            ORDER BY scan.received_at DESC LIMIT %s
            """,
            [day.pk, limit],
        )
        return [
            ReviewLine(
                row[0], row[1], row[2], row[3], station_name(row[4], row[5], is_paper=row[6]),
                row[7], row[8], row[9], row[10], row[11], row[12], row[13],
            )
            for row in cursor.fetchall()
        ]  # fmt: skip


@dataclass(frozen=True)
class PassageLine:
    """A student in the list of a day."""

    id: int
    name: str
    division: str
    code: str
    is_expected: bool
    is_gone: bool
    is_added: bool
    arrived_at: datetime | None
    asset_tag: str
    has_override: bool
    signer_kind: str
    passing_at: datetime | None


def passages_of(
    day: DistributionDay, *, division: str = "", name_folded: str = "", limit: int = 200
) -> list[PassageLine]:
    """Return students of a day, of one class or by name fragment, those expected first, by class and name."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT passage.id, trim(student.given_name || ' ' || CASE WHEN student.usage_name <> ''
                    THEN student.usage_name ELSE student.family_name END),
                passage.division, student.label_code, passage.is_expected, passage.is_gone, passage.is_added,
                passage.arrived_at, coalesce(device.asset_tag, ''), passage.override_reason <> '', passage.signer_kind,
                passage.passing_at
            FROM distribution_passage passage JOIN rosters_student student ON student.id = passage.student_id
            LEFT JOIN fleet_device device ON device.custodian_id = student.custodian_id
                AND device.custodian_kind = 'student'
            WHERE passage.day_id = %(day)s AND (%(division)s::text = '' OR passage.division = %(division)s)
              AND (%(name)s::text = '' OR student.folded_name LIKE '%%' || %(name)s || '%%'
                   OR student.label_code = %(name)s)
            ORDER BY NOT passage.is_expected, passage.is_gone, passage.division, student.folded_name
            LIMIT %(limit)s
            """,
            {"day": day.pk, "division": division, "name": name_folded, "limit": limit},
        )
        return [PassageLine(*row) for row in cursor.fetchall()]


@dataclass(frozen=True)
class Waiting:
    """What waits for the leader of a day: calls to review, stations to accept, disputes to settle."""

    reviews: int
    stations: int
    disputes: int = 0


def waiting_in(day_ids: list[int]) -> dict[int, Waiting]:
    """Return what waits in each of these days; a quiet day is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT day_id, sum(reviews)::int, sum(stations)::int, sum(disputes)::int FROM (
                SELECT scan.day_id, count(*) AS reviews, 0 AS stations, 0 AS disputes FROM distribution_scan scan
                WHERE scan.day_id = ANY(%(days)s::bigint[]) AND scan.kind = 'call'
                  AND NOT EXISTS (SELECT FROM distribution_reviewdecision decision WHERE decision.scan_id = scan.id)
                GROUP BY scan.day_id
                UNION ALL
                SELECT day_id, 0, count(*), 0 FROM distribution_station
                WHERE day_id = ANY(%(days)s::bigint[]) AND accepted_at IS NULL AND revoked_at IS NULL GROUP BY day_id
                UNION ALL
                SELECT day_id, 0, 0, count(*) FROM distribution_dispute
                WHERE day_id = ANY(%(days)s::bigint[]) AND settled_at IS NULL GROUP BY day_id
            ) waiting GROUP BY day_id
            """,
            {"days": day_ids},
        )
        return {day: Waiting(*counts) for day, *counts in cursor.fetchall()}
