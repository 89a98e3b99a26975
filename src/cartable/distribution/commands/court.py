"""Settle disputes: a human rules, and the ledger follows in the same transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from cartable.distribution.commands.charters import receive_charter
from cartable.distribution.commands.days import DayRefused
from cartable.distribution.court_models import Dispute, SettlementMovement
from cartable.distribution.court_rules.hearing import Because, Hearing, Option, Party, Settlement, Step
from cartable.distribution.court_rules.options import exchange_option, identified_option, options
from cartable.distribution.models import CharterMedium, CharterProof, CheckOut, DistributionDay, Passage, SignerKind
from cartable.distribution.queries.court import accounts_of, concerned, docket_of
from cartable.distribution.rules import ScanKind
from cartable.fleet.commands import hold_custody, new_id, open_transit_account, pass_custody, set_condition
from cartable.fleet.ledger import LedgerRefusal, MovementOrder
from cartable.fleet.models import current_transaction
from cartable.fleet.rules import Condition


class SettledAlready(DayRefused):
    """Somebody else ruled first."""

    code = "settled_already"


class ThingsHaveMoved(DayRefused):
    """What the ruling stood on is no longer so: a PC moved, or a claim came."""

    code = "things_have_moved"


class NotPossible(DayRefused):
    """The ledger cannot carry this ruling; ``because`` says why."""

    code = "not_possible"

    def __init__(self, because: Because) -> None:
        super().__init__(because)
        self.because = because


class NoSuchSettlement(DayRefused):
    """The dispute has no such way out."""

    code = "no_such_settlement"


def settle(
    *,
    dispute: Dispute,
    settlement: Settlement,
    reason: str,
    seen: str,
    settled_by_id: int,
    now: datetime,
    testimony_id: int | None = None,
    device_id: int | None = None,
    student_id: int | None = None,
) -> None:
    """Settle a dispute once, by what the page showed (``seen``): movements, corrections, charter, and the ruling.

    ``device_id`` or ``student_id`` name what an unknown code was (`Settlement.IDENTIFIED`).
    Raises SettledAlready, ThingsHaveMoved, NotPossible, NoSuchSettlement; nothing is written then.
    """

    names_it = settlement == Settlement.IDENTIFIED
    named_students = [student_id] if names_it and student_id is not None else []
    named_devices = [device_id] if names_it and device_id is not None else []
    try:
        with transaction.atomic():
            _open_transit(dispute.day, now)
            # Custody first, then the dispute, as the stations do: nobody waits in a ring. Then everything is read again.
            _hold(docket_of(dispute, student_ids=named_students, device_ids=named_devices, now=now).hearing)
            held = Dispute.objects.select_for_update(of=("self",)).select_related("day__rules", "day__campaign")
            dispute = held.get(pk=dispute.pk)
            if dispute.settled_at is not None:
                raise SettledAlready
            if docket_of(dispute, now=now).seen != seen:
                raise ThingsHaveMoved
            docket = docket_of(dispute, student_ids=named_students, device_ids=named_devices, now=now)
            if names_it:
                option = identified_option(docket.hearing, student_id=student_id, device_id=device_id)
            else:
                option = _chosen(docket.hearing, settlement, testimony_id, device_id)
            if option.impossible is not None:
                raise NotPossible(option.impossible)
            moved = _carry_out(
                option, docket.hearing, dispute.day, evidence=f"dispute:{dispute.pk}", reason=reason,
                author_id=settled_by_id, now=now,
            )  # fmt: skip
            close_disputes(
                movements={dispute.pk: moved},
                settlement=settlement,
                reason=reason,
                settled_by_id=settled_by_id,
                now=now,
            )
    except LedgerRefusal as refusal:
        raise ThingsHaveMoved from refusal


def close_disputes(
    *, movements: Mapping[int, Sequence[UUID]], settlement: Settlement, reason: str, settled_by_id: int, now: datetime
) -> None:
    """Write how open disputes end, dispute id → the movements of its ruling. Raises SettledAlready where one is not open."""
    SettlementMovement.objects.bulk_create(
        SettlementMovement(movement_id=movement_id, dispute_id=dispute_id)
        for dispute_id, moved in movements.items()
        for movement_id in moved
    )
    closed = Dispute.objects.filter(pk__in=list(movements), settled_at__isnull=True).update(
        settlement=settlement, reason=reason.strip()[:200], settled_at=now, settled_by_id=settled_by_id
    )
    if closed != len(movements):
        raise SettledAlready


def exchange(*, passage: Passage, neighbour: Passage, settled_by_id: int, now: datetime) -> None:
    """Say that two students left with each other's PC: both hand-overs are corrected and made anew, in one act.

    Raises NotPossible, ThingsHaveMoved.
    """
    day = passage.day
    ids = {passage.student_id, neighbour.student_id}
    try:
        with transaction.atomic():
            parties, _, devices, _ = concerned(day, ids, set())
            _hold(Hearing((), parties, devices, accounts_of(day)))
            parties, _, devices, _ = concerned(day, ids, set())
            hearing = Hearing((), parties, devices, accounts_of(day))
            if not ids <= set(parties):
                raise NotPossible(Because.NOBODY_TO_EXCHANGE_WITH)
            option = exchange_option(hearing, parties[passage.student_id], parties[neighbour.student_id])
            if option.impossible is not None:
                raise NotPossible(option.impossible)
            _carry_out(option, hearing, day, evidence=f"exchange:{day.pk}", reason="", author_id=settled_by_id, now=now)
    except LedgerRefusal as refusal:
        raise ThingsHaveMoved from refusal


def _open_transit(day: DistributionDay, now: datetime) -> None:
    open_transit_account(region_id=day.campaign.region_id, opened_at=now)


def _hold(hearing: Hearing) -> None:
    hold_custody(
        custodian_ids=[party.custodian_id for party in hearing.students.values()],
        device_ids=list(hearing.devices),
    )


def _chosen(hearing: Hearing, settlement: Settlement, testimony_id: int | None, device_id: int | None) -> Option:
    for option in options(hearing):
        is_about = option.testimony_id == testimony_id and (testimony_id is not None or option.device_id == device_id)
        if option.settlement == settlement and is_about:
            return option
    raise NoSuchSettlement


def _carry_out(
    option: Option, hearing: Hearing, day: DistributionDay, *, evidence: str, reason: str, author_id: int, now: datetime
) -> list[UUID]:
    """Write what an option says; return the ids of its movements."""
    student = hearing.students.get(option.student_id or 0)
    if option.takes_charter and student is not None:
        _take_charter(student, day, author_id, now)
    moved = [_move(step, evidence, author_id, now) for step in option.steps]
    for step, movement_id in zip(option.steps, moved, strict=True):
        if step.student_id is not None:
            _check_out(hearing.students[step.student_id], movement_id, day, reason, author_id, now)
    if option.withdraws_charter and student is not None:
        _withdraw_charter(student, now)
    faulty = {t.device_id for t in hearing.contested if t.kind == ScanKind.DEVICE_FAULTY}
    if option.settlement == Settlement.SET_ASIDE and option.device_id is not None and option.device_id in faulty:
        set_condition(device_ids=[option.device_id], condition=Condition.FAULTY)
    # Stations ask for what changed: a student whose PC went away has no PC whose row would say so.
    passage_ids = [party.passage_id for party in hearing.students.values()]
    Passage.objects.filter(pk__in=passage_ids).update(changed_in=current_transaction())
    return moved


def _move(step: Step, evidence: str, author_id: int, now: datetime) -> UUID:
    movement_id = new_id()
    pass_custody(
        [
            MovementOrder(
                movement_id, step.device_id, step.from_custodian_id, step.to_custodian_id, step.reason, now, author_id,
                evidence, step.corrects,
            )
        ]
    )  # fmt: skip
    return movement_id


def _check_out(
    party: Party, movement_id: UUID, day: DistributionDay, reason: str, author_id: int, now: datetime
) -> None:
    """Write what entitled to the PC: the charter, the override that was given, else this ruling."""
    passage = Passage.objects.get(pk=party.passage_id)
    proof_id = passage.charter_proof_id
    CheckOut.objects.create(
        movement_id=movement_id,
        day=day,
        student_id=party.student_id,
        checked_out_at=now,
        charter_proof_id=proof_id,
        override_reason="" if proof_id else passage.override_reason or reason.strip()[:200],
        override_by_id=None if proof_id else passage.override_by_id or author_id,
    )


def _take_charter(party: Party, day: DistributionDay, author_id: int, now: datetime) -> None:
    assert day.rules is not None
    passage = Passage.objects.get(pk=party.passage_id)
    if passage.charter_proof_id is None:
        passage.charter_proof = receive_charter(
            student_id=party.student_id,
            rules=day.rules,
            signer_kind=SignerKind(passage.signer_kind),
            received_at=now,
            received_by_id=author_id,
        )
    passage.arrived_at = now
    passage.save(update_fields=["charter_proof", "arrived_at"])


def _withdraw_charter(party: Party, now: datetime) -> None:
    passage = Passage.objects.select_related("charter_proof").get(pk=party.passage_id)
    proof = passage.charter_proof
    if proof is not None and proof.medium == CharterMedium.PAPER:
        CharterProof.objects.filter(pk=proof.pk).update(withdrawn_at=now)
        passage.charter_proof = None
    passage.arrived_at = None
    passage.save(update_fields=["charter_proof", "arrived_at"])
