"""Remind the families of a class about the charter."""

from datetime import datetime
from uuid import UUID

from cartable.distribution.models import DistributionDay
from cartable.distribution.queries.reminders import families_waiting
from cartable.notices.commands import Recipient, queue_notices
from cartable.notices.rules import NoticeKind
from cartable.programme.queries import current_rules


def remind_class(*, act_id: UUID, day: DistributionDay, division: str, language: str, asked_at: datetime) -> int:
    """Queue one mail per legal guardian of a class whose charter is missing; the worker sends them. Return the count.

    A guardian of two students of the class is written to once, with both names. The same ``act_id`` again writes to
    nobody twice.
    """
    rules = day.rules or current_rules(day.campaign)
    students: dict[str, list[str]] = {}
    for email, name in families_waiting(day, division):
        students.setdefault(email, []).append(name)
    recipients = [
        Recipient(
            email,
            {"lycee": day.school.name, "eleve": ", ".join(names), "classe": division, "charte": rules.charter_title},
        )
        for email, names in students.items()
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
