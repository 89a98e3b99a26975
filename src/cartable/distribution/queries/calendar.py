"""Read the calendar of lists: for each day to come, how old its list is, what waits, and what changed since it was frozen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from cartable.distribution.list_rules import ListStanding, list_standing


@dataclass(frozen=True)
class ListLine:
    """A day in the calendar; `said_on` is the day that the list speaks of: its export, else its loading."""

    day_id: int
    held_on: date
    is_frozen: bool
    frozen_at: datetime | None
    has_rules: bool
    uai: str
    school: str
    town: str
    applied_at: datetime | None
    exported_at: datetime | None
    latest_import_id: UUID | None
    is_applied: bool
    reviews: int
    added: int
    gone: int
    standing: ListStanding
    said_on: date | None
    age_days: int


# One look at the days; the imports of a lycée are few, and the passages of a day are counted in one go.
_CALENDAR = """
SELECT day.id, day.held_on, day.state <> 'planned', day.frozen_at,
    EXISTS (SELECT FROM programme_campaignrules rules WHERE rules.campaign_id = day.campaign_id),
    school.uai, school.name, school.town, applied.applied_at, applied.exported_at, latest.id,
    coalesce(latest.state = 'applied', false), coalesce((latest.counts ->> 'review')::int, 0),
    coalesce(late.added, 0), coalesce(late.gone, 0)
FROM distribution_distributionday day
JOIN organisations_school school ON school.id = day.school_id
JOIN programme_campaign campaign ON campaign.id = day.campaign_id
LEFT JOIN LATERAL (
    SELECT one.applied_at, one.exported_at FROM rosters_rosterimport one
    WHERE one.school_id = school.id AND one.first_year = campaign.first_year AND one.kind = 'students'
      AND one.state = 'applied'
    ORDER BY one.applied_at DESC LIMIT 1
) applied ON true
LEFT JOIN LATERAL (
    SELECT one.id, one.state, one.counts FROM rosters_rosterimport one
    WHERE one.school_id = school.id AND one.first_year = campaign.first_year AND one.kind = 'students'
      AND one.state <> 'abandoned'
    ORDER BY one.read_at DESC, one.state = 'previewed' DESC LIMIT 1
) latest ON true
LEFT JOIN (
    -- Gone since: whoever had an hour when the list was frozen, or came after it.
    SELECT day_id, count(*) FILTER (WHERE is_added AND is_expected AND NOT is_gone) AS added,
        count(*) FILTER (WHERE is_gone AND passing_at IS NOT NULL) AS gone
    FROM distribution_passage WHERE (is_added OR is_gone) AND (%(days)s::bigint[] IS NULL OR day_id = ANY(%(days)s::bigint[]))
    GROUP BY day_id
) late ON late.day_id = day.id
WHERE (%(region)s::bigint IS NULL OR school.region_id = %(region)s) AND day.state <> 'closed'
  AND (%(schools)s::bigint[] IS NULL OR school.id = ANY(%(schools)s::bigint[]))
  AND (%(days)s::bigint[] IS NULL OR day.id = ANY(%(days)s::bigint[]))
ORDER BY day.held_on, school.name, day.id
"""


def list_calendar(*, today: date, region_id: int, school_ids: Sequence[int] | None) -> list[ListLine]:
    """Return the days in scope that are not closed, the nearest first, with the standing of their lists. One query."""
    return _lines(today, region=region_id, schools=list(school_ids) if school_ids is not None else None, days=None)


def lists_of_days(day_ids: Sequence[int], *, today: date) -> dict[int, ListLine]:
    """Return the standing of the lists of these days; closed ones are left out. The caller has seen to the scope."""
    return {line.day_id: line for line in _lines(today, region=None, schools=None, days=list(day_ids))}


def _lines(today: date, **parameters: Any) -> list[ListLine]:
    with connection.cursor() as cursor:
        cursor.execute(_CALENDAR, parameters)
        return [_line(row, today) for row in cursor.fetchall()]


def _line(row: tuple[Any, ...], today: date) -> ListLine:
    (
        _,
        _,
        is_frozen,
        frozen_at,
        has_rules,
        _,
        _,
        _,
        applied_at,
        exported_at,
        latest,
        is_applied,
        reviews,
        added,
        gone,
    ) = row
    until = timezone.localtime(frozen_at).date() if frozen_at else today
    said_on = _day(exported_at or applied_at)
    standing = list_standing(
        is_frozen=is_frozen,
        has_rules=has_rules,
        has_list=applied_at is not None,
        age_days=(until - said_on).days if said_on else 0,
        is_read_only=latest is not None and not is_applied,
        reviews=reviews,
        changes=added + gone,
    )
    age_days = (today - said_on).days if said_on else 0
    return ListLine(*(*row, standing, said_on, age_days))


def _day(moment: datetime | None) -> date | None:
    return timezone.localtime(moment).date() if moment else None
