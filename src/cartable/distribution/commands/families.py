"""Tell the families of students what has just happened to a PC, within the transaction of the fact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from cartable.distribution.queries.families import families_of
from cartable.notices.commands import Letter, queue_letters
from cartable.notices.rules import NoticeKind


@dataclass(frozen=True)
class Told:
    """One fact: its act, the account of the student whom it is about, and its words beside student and lycée."""

    act_id: UUID
    custodian_id: int
    words: Mapping[str, str]


def tell_families(*, kind: NoticeKind, facts: Sequence[Told], told_at: datetime) -> int:
    """Queue one mail per fact and legal guardian; the worker sends them. Return how many there are to send.

    Each address has a mail of its own: of two parents neither sees the other. An act tells an address once, whoever
    repeats it.
    """
    families = families_of([one.custodian_id for one in facts], today=timezone.localdate(told_at)) if facts else {}
    letters = [
        Letter(
            one.act_id, family.region_id, family.school_id, family.campaign_id, family.address,
            {"lycee": family.school_name, "eleve": family.student_name, **one.words},
        )
        for one in facts
        for family in families.get(one.custodian_id, ())
    ]  # fmt: skip
    return queue_letters(kind=kind, language="fr", letters=letters, queued_at=told_at) if letters else 0
