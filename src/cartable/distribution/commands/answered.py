"""Disputes that the next news answers: a PC left on the sight of a pouch, then workshop A says that it had the charter.

Two workshops that cannot talk send in any order; what one of them knew all along is no work for a human.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django_scopes import scopes_disabled

from cartable.accounts.commands import system_actor
from cartable.distribution.commands.court import SettledAlready, close_disputes
from cartable.distribution.court_rules.hearing import Settlement
from cartable.distribution.models import CheckOut
from cartable.distribution.queries.uploads import upload_facts
from cartable.distribution.rules import Code, Judgement, Result, ScanKind, ScanRecord, believed_at, judge_batch
from cartable.fleet.commands import new_id, pass_custody
from cartable.fleet.ledger import LedgerRefusal, MovementOrder
from cartable.fleet.rules import Reason

# Nothing but pairs without charter, all of one PC, and the student is past workshop A by now.
_ANSWERED = """
SELECT dispute.id, day.id, min(scan.student_code), min(scan.device_code), min(scan.happened_at), min(day.opened_at)
FROM distribution_station station
JOIN distribution_distributionday day ON day.id = station.day_id
JOIN distribution_dispute dispute ON dispute.day_id = day.id AND dispute.settled_at IS NULL
JOIN rosters_student student ON student.id = dispute.student_id
JOIN distribution_passage passage ON passage.day_id = day.id AND passage.student_id = student.id
    AND passage.arrived_at IS NOT NULL
JOIN distribution_testimony testimony ON testimony.dispute_id = dispute.id
LEFT JOIN distribution_scan scan ON scan.id = testimony.scan_id
WHERE station.token_sha256 = %s AND student.label_code = ANY(%s)
GROUP BY dispute.id, day.id
HAVING bool_and(scan.id IS NOT NULL AND scan.kind = 'pair' AND scan.code = 'charter_missing')
    AND count(DISTINCT scan.device_id) = 1
ORDER BY dispute.id
"""


@dataclass(frozen=True)
class _Answered:
    """A dispute that the arrival of its student answers, with the pair that it is about."""

    dispute_id: int
    day_id: int
    student_code: str
    device_code: str
    happened_at: datetime
    opened_at: datetime


def settle_answered(*, token_sha256: bytes, student_codes: Sequence[str], now: datetime) -> int:
    """Settle what the arrival of these students answers, set by set; return how many.

    The pairs are judged again by the same rules as when they came. What these do not take now (somebody else has the PC,
    the day is closed) stays for a human: it is no refusal of the upload. Called after the upload is committed:
    whichever of arrival and pair comes last sees the other.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERED, [token_sha256, list(student_codes)])
        answered = [_Answered(*row) for row in cursor.fetchall()]
    # A station's token is the right here, and the day is its own; nobody is signed in.
    with scopes_disabled():
        return _settle(token_sha256, answered, now) if answered else 0


def _settle(token_sha256: bytes, answered: Sequence[_Answered], now: datetime) -> int:
    """Settle all together; only where somebody was faster, one by one."""
    try:
        return _settle_together(token_sha256, answered, now)
    except (LedgerRefusal, IntegrityError, SettledAlready):
        if len(answered) == 1:
            return 0
        return sum(_settle(token_sha256, [one], now) for one in answered)


@transaction.atomic
def _settle_together(token_sha256: bytes, answered: Sequence[_Answered], now: datetime) -> int:
    taken = _judged_again(token_sha256, answered, now)
    if not taken:
        return 0
    author_id = system_actor().pk
    moved = {one.dispute_id: new_id() for one, _judgement in taken}
    # Custody first, then disputes, as everywhere: nobody waits in a ring.
    pass_custody([_order(one, judgement, moved, author_id, now) for one, judgement in taken])
    CheckOut.objects.bulk_create(_check_out(one, judgement, moved, now) for one, judgement in taken)
    close_disputes(
        movements={dispute_id: [movement_id] for dispute_id, movement_id in moved.items()},
        settlement=Settlement.ACCEPTED,
        reason=_("L’atelier A avait la charte : son message est arrivé après."),
        settled_by_id=author_id,
        now=now,
    )
    return len(taken)


def _judged_again(
    token_sha256: bytes, answered: Sequence[_Answered], now: datetime
) -> list[tuple[_Answered, Judgement]]:
    pairs = [
        ScanRecord(uuid4(), place, ScanKind.PAIR, now, one.student_code, one.device_code)
        for place, one in enumerate(answered, start=1)
    ]
    facts = upload_facts(token_sha256=token_sha256, scans=pairs)
    if facts is None:
        return []
    of_pair = {pair.id: one for pair, one in zip(pairs, answered, strict=True)}
    return [
        (of_pair[judgement.scan.id], judgement)
        for judgement in judge_batch(pairs, facts.day)
        if judgement.result == Result.RECORDED
        and judgement.code == Code.OK
        and judgement.student is not None
        and judgement.student.charter_proof_id is not None
    ]


def _order(
    one: _Answered, judgement: Judgement, moved: dict[int, UUID], author_id: int, now: datetime
) -> MovementOrder:
    assert judgement.student is not None
    assert judgement.device is not None
    return MovementOrder(
        moved[one.dispute_id], judgement.device.device_id, judgement.device.custodian_id, judgement.student.custodian_id,
        Reason.CHECK_OUT, now, author_id, f"dispute:{one.dispute_id}", None,
    )  # fmt: skip


def _check_out(one: _Answered, judgement: Judgement, moved: dict[int, UUID], now: datetime) -> CheckOut:
    assert judgement.student is not None
    return CheckOut(
        movement_id=moved[one.dispute_id],
        day_id=one.day_id,
        student_id=judgement.student.student_id,
        checked_out_at=believed_at(one.happened_at, opened_at=one.opened_at, now=now),
        charter_proof_id=judgement.student.charter_proof_id,
    )
