"""Read which journals were brought on a day, and by whom."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from cartable.distribution.models import DistributionDay, station_name


@dataclass(frozen=True)
class BroughtLine:
    """A journal that was brought: whose, by whom, and what was in it."""

    station: str
    person: str
    carrier: str
    received_at: datetime
    event_count: int
    new_count: int
    fingerprint: str


def brought_journals(day: DistributionDay, *, limit: int = 50) -> list[BroughtLine]:
    """Return the journals of a day's stations that others brought, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT station.workshop, station.number, coalesce(person.full_name, ''), carrier.workshop, carrier.number,
                journal.received_at, journal.event_count, journal.new_count, encode(substr(journal.sha256, 1, 6), 'hex')
            FROM distribution_broughtjournal journal
            JOIN distribution_station station ON station.id = journal.station_id
            LEFT JOIN accounts_person person ON person.actor_id = journal.brought_by_id
            LEFT JOIN distribution_station carrier ON carrier.actor_id = journal.brought_by_id
            WHERE station.day_id = %s ORDER BY journal.id DESC LIMIT %s
            """,
            [day.pk, limit],
        )
        return [
            BroughtLine(
                station_name(workshop, number, is_paper=False),
                person,
                station_name(carried_at, carrier, is_paper=False) if carrier is not None else "",
                *rest,
            )
            for workshop, number, person, carried_at, carrier, *rest in cursor.fetchall()
        ]
