"""Count days ahead of whoever asks: pages of a whole region read these counts, where counting would read all students."""

from datetime import datetime

from django.db import connection, transaction

from cartable.distribution.queries.days import DAY_COUNTS, READ_EVERY, reading_parameters

# A region has some hundred days near at once. What was never counted, and the nearest, come first.
MOST_READ = 500


@transaction.atomic
def read_days(*, now: datetime) -> int:
    """Count the days whose reading is due, of all regions, and return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH counted AS (
                SELECT day.id, day.school_id FROM distribution_distributionday day
                LEFT JOIN distribution_dayreading reading ON reading.day_id = day.id
                WHERE reading.read_at IS NULL OR reading.read_at <= %(now)s - ({READ_EVERY})
                ORDER BY reading.read_at IS NOT NULL, day.state = 'closed', day.held_on
                LIMIT %(limit)s
            )
            INSERT INTO distribution_dayreading (day_id, expected, equipped, device_count, read_at)
            SELECT counts.day_id, counts.expected, counts.equipped, counts.device_count, %(now)s FROM ({DAY_COUNTS}) counts
            ON CONFLICT (day_id) DO UPDATE SET expected = excluded.expected, equipped = excluded.equipped,
                device_count = excluded.device_count, read_at = excluded.read_at
            """,
            {**reading_parameters(now), "limit": MOST_READ},
        )
        return int(cursor.rowcount)
