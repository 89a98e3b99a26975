"""Read the days of a region or of a lycée, each with how far it is."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from cartable.distribution.queries.court import CONTESTED_DEVICES
from cartable.distribution.queries.people import COUNTED_ONCE, PEOPLE_COUNTED

# The worker counts each minute the days that are open or at most this far away, each hour the others.
NEAR, NEAR_EVERY, FAR_EVERY = timedelta(days=14), timedelta(minutes=1), timedelta(hours=1)
# Later than that the worker is not there, and a page counts by itself.
GRACE = timedelta(minutes=10)
# Of a day "day": how long a reading of it lasts until the worker takes the next one.
READ_EVERY = """
CASE WHEN day.state = 'open' OR (day.state <> 'closed' AND day.held_on <= %(near)s::date)
    THEN %(near_every)s::interval ELSE %(far_every)s::interval END
"""
# Of the days "counted" (id, school_id), all together: day after day, PostgreSQL may read all students for each.
DAY_COUNTS = f"""
SELECT counted.id AS day_id, coalesce(people.expected, 0) AS expected, coalesce(people.equipped, 0) AS equipped,
    (SELECT count(*) FROM fleet_device device JOIN fleet_custodian c ON c.id = device.custodian_id
     WHERE c.school_id = counted.school_id AND c.kind = 'school_allotment'
       AND device.id NOT IN ({CONTESTED_DEVICES})) AS device_count
FROM counted LEFT JOIN (
    SELECT passage.day_id, count(*) AS expected, count(device.custodian_id) AS equipped
    FROM {PEOPLE_COUNTED}
    WHERE passage.day_id IN (SELECT id FROM counted) AND passage.is_expected AND NOT passage.is_gone
      AND {COUNTED_ONCE}
    GROUP BY passage.day_id
) people ON people.day_id = counted.id
"""


@dataclass(frozen=True)
class DayLine:
    """A day in a list of days; ``read_at`` says when the worker counted it, None: just now."""

    id: int
    held_on: date
    school: str
    town: str
    state: str
    expected: int
    equipped: int
    device_count: int
    read_at: datetime | None = None


def reading_parameters(now: datetime) -> dict[str, Any]:
    """Return what `READ_EVERY` asks for."""
    return {
        "now": now, "near": timezone.localdate(now) + NEAR, "near_every": NEAR_EVERY, "far_every": FAR_EVERY,
        "grace": GRACE,
    }  # fmt: skip


def days_in_scope(
    *,
    region_id: int,
    school_ids: tuple[int, ...] | None,
    now: datetime,
    ahead_of: date | None = None,
    limit: int = 100,
) -> list[DayLine]:
    """Return the days that somebody may see, latest first, with their counts; over a whole region, the worker's last ones.

    ``ahead_of`` a day: only those that are open or still to come, the open ones and the nearest first.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH chosen AS (
                SELECT day.id, day.school_id, day.held_on, day.state, school.name, school.town,
                    CASE WHEN %(schools)s::bigint[] IS NULL AND reading.read_at > %(now)s - %(grace)s - ({READ_EVERY})
                        THEN reading.read_at END AS read_at,
                    reading.expected, reading.equipped, reading.device_count
                FROM distribution_distributionday day JOIN organisations_school school ON school.id = day.school_id
                LEFT JOIN distribution_dayreading reading ON reading.day_id = day.id
                WHERE school.region_id = %(region)s
                  AND (%(schools)s::bigint[] IS NULL OR day.school_id = ANY(%(schools)s::bigint[]))
                  AND (%(ahead)s::date IS NULL OR day.state = 'open'
                       OR (day.held_on >= %(ahead)s AND day.state <> 'closed'))
                ORDER BY %(ahead)s::date IS NOT NULL AND day.state <> 'open',
                    CASE WHEN %(ahead)s::date IS NULL THEN -(day.held_on - date '2000-01-01')
                         ELSE day.held_on - date '2000-01-01' END, school.name
                LIMIT %(limit)s
            ), counted AS (SELECT id, school_id FROM chosen WHERE read_at IS NULL),
            counts AS ({DAY_COUNTS})
            SELECT chosen.id, chosen.held_on, chosen.name, chosen.town, chosen.state,
                coalesce(counts.expected, chosen.expected), coalesce(counts.equipped, chosen.equipped),
                coalesce(counts.device_count, chosen.device_count), chosen.read_at
            FROM chosen LEFT JOIN counts ON counts.day_id = chosen.id
            ORDER BY %(ahead)s::date IS NOT NULL AND chosen.state <> 'open',
                CASE WHEN %(ahead)s::date IS NULL THEN -(chosen.held_on - date '2000-01-01')
                     ELSE chosen.held_on - date '2000-01-01' END, chosen.name
            """,
            {
                "region": region_id,
                "schools": list(school_ids) if school_ids is not None else None,
                "ahead": ahead_of,
                "limit": limit,
                **reading_parameters(now),
            },
        )
        return [DayLine(*row) for row in cursor.fetchall()]


def counted_at(days: list[DayLine] | tuple[DayLine, ...]) -> datetime | None:
    """Return when the oldest of these counts was taken, closed days apart; None where all were counted just now."""
    return min((day.read_at for day in days if day.read_at is not None and day.state != "closed"), default=None)
