"""Remind families about the charter: those of a class, or of students chosen one by one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from cartable.distribution.list_rules import PlaceObstacle, reminder_obstacle
from cartable.distribution.models import DistributionDay
from cartable.distribution.queries.reminders import families_of, families_waiting, obstacles_on_list, places_on_list
from cartable.notices.commands import Recipient, queue_notices
from cartable.notices.rules import NoticeKind
from cartable.programme.queries import current_rules


def remind_class(*, act_id: UUID, day: DistributionDay, division: str, language: str, asked_at: datetime) -> int:
    """Queue one mail per legal guardian of a class whose charter is missing; the worker sends them. Return the count.

    A guardian of two students of the class is written to once, with both names. The same ``act_id`` again writes to
    nobody twice.
    """
    families: dict[str, list[tuple[str, str]]] = {}
    for email, name in families_waiting(day, division):
        families.setdefault(email, []).append((name, division))
    return _write(day, families, act_id=act_id, language=language, asked_at=asked_at)


@transaction.atomic
def remind_students(
    *, act_id: UUID, student_ids: Sequence[int], school_id: int, language: str, asked_at: datetime
) -> dict[int, PlaceObstacle]:
    """Queue one mail per legal guardian of these students of a lycée whose charter is missing, as for a class.

    Return student id → why nobody is written to. The same ``act_id`` again writes to nobody twice.
    """
    left_out = obstacles_on_list(student_ids, reminder_obstacle, school_id=school_id)
    places = places_on_list([pk for pk in student_ids if pk not in left_out], school_id=school_id)
    days = DistributionDay.objects.select_related("school", "campaign", "rules").in_bulk(
        {place.day_id for place in places.values()}
    )
    by_day: dict[int, dict[str, list[tuple[str, str]]]] = {}
    for day_id, email, name, division in families_of([place.passage_id for place in places.values()]):
        by_day.setdefault(day_id, {}).setdefault(email, []).append((name, division))
    for day_id, families in by_day.items():
        _write(days[day_id], families, act_id=uuid5(act_id, f"day:{day_id}"), language=language, asked_at=asked_at)
    return left_out


def _write(
    day: DistributionDay,
    families: Mapping[str, Sequence[tuple[str, str]]],
    *,
    act_id: UUID,
    language: str,
    asked_at: datetime,
) -> int:
    """Queue the mails of a day; ``families`` gives, by address, name and class of each student."""
    rules = day.rules or current_rules(day.campaign)
    recipients = [
        Recipient(
            email,
            {
                "lycee": day.school.name,
                "eleve": ", ".join(name for name, _division in students),
                "classe": ", ".join(dict.fromkeys(division for _name, division in students)),
                "charte": rules.charter_title,
            },
        )
        for email, students in families.items()
    ]
    return queue_notices(
        act_id=act_id,
        region_id=day.campaign.region_id,
        school_id=day.school_id,
        campaign_id=day.campaign_id,
        kind=NoticeKind.CHARTER_REMINDER,
        language=language,
        recipients=recipients,
        queued_at=asked_at,
    )
