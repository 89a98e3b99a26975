"""Tell the families of students what happened to a PC, within the transaction of the fact, and what is overdue."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from django.utils import timezone

from cartable.distribution.queries.families import families_of
from cartable.kernel.codes import spaced
from cartable.notices.commands import Letter, queue_letters
from cartable.notices.rules import NoticeKind
from cartable.ui.figures import short_date

# What is overdue is said again after as many days; within them a second run of the worker says nothing.
SAID_AGAIN_AFTER_DAYS = 14
_REMINDERS = UUID("6f0c8a52-0f0e-4a53-9d0b-0b6a5f1d2c31")


@dataclass(frozen=True)
class Told:
    """One fact: its act, the account of the student whom it is about, and its words beside student and lycée."""

    act_id: UUID
    custodian_id: int
    words: Mapping[str, str]


def tell_families(*, kind: NoticeKind, facts: Sequence[Told], told_at: datetime) -> int:
    """Queue one message per fact and legal guardian; the worker sends them. Return how many there are to send.

    Each address has a message of its own: of two parents neither sees the other. An act tells an address once, whoever
    repeats it.
    """
    families = families_of([one.custodian_id for one in facts], today=timezone.localdate(told_at)) if facts else {}
    letters = [
        Letter(
            one.act_id, family.region_id, family.school_id, family.campaign_id, family.address,
            {"lycee": family.school_name, "eleve": family.student_name, **one.words}, family.channel,
        )
        for one in facts
        for family in families.get(one.custodian_id, ())
    ]  # fmt: skip
    return queue_letters(kind=kind, language="fr", letters=letters, queued_at=told_at) if letters else 0


class Overdue(NamedTuple):
    """What is awaited: its row, the account of the student, the PC, and since when."""

    key: object
    custodian_id: int
    asset_tag: str
    since: date


def remind_families(*, kind: NoticeKind, overdue: Iterable[Overdue], now: datetime) -> int:
    """Queue one message per overdue thing and legal guardian, again every fortnight. Return how many there are to send."""
    today = timezone.localdate(now)
    facts = [
        Told(
            uuid5(_REMINDERS, f"{kind}:{one.key}:{(today - one.since).days // SAID_AGAIN_AFTER_DAYS}"),
            one.custodian_id,
            {"pc": spaced(one.asset_tag), "date": short_date(one.since)},
        )
        for one in overdue
    ]
    return tell_families(kind=kind, facts=facts, told_at=now)
