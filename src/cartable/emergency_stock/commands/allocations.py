"""Give a PC of the reserve to a student for keeps, and take it back where it was a mistake."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cartable.distribution.commands.charters import receive_charter
from cartable.distribution.commands.families import Told, tell_families
from cartable.distribution.models import CharterProof
from cartable.emergency_stock.models import Allocation, Loan
from cartable.emergency_stock.queries.gesture import facts_of
from cartable.emergency_stock.rules import Cause, Obstacle, due_on, obstacle
from cartable.fleet.commands import MovementOrder, correct_movement, hold_custody, pass_custody
from cartable.fleet.ledger import LedgerRefusal
from cartable.fleet.models import Device
from cartable.fleet.rules import Grade, Reason
from cartable.kernel.codes import spaced
from cartable.notices.rules import NoticeKind
from cartable.rosters.models import Student
from cartable.ui.figures import short_date


class ReserveRefused(Exception):
    """The PC stays where it is; ``code`` says why: an `Obstacle`, or a refusal of the ledger."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Allocated:
    """A PC that left the reserve; ``is_repeated`` where the same gesture had been recorded before."""

    movement_id: UUID
    asset_tag: str
    is_repeated: bool


def allocate(
    *,
    movement_id: UUID,
    student: Student,
    device: Device,
    cause: Cause,
    charter_received: bool,
    allocated_at: datetime,
    allocated_by_id: int,
    grade: Grade | None = None,
) -> Allocated:
    """Give a PC of the lycée's reserve to one of its students for keeps; the charter is taken in the same gesture.

    ``charter_received`` says that a signed charter lies on the desk; one signed before counts by itself.
    ``grade`` is the state in which the PC is handed over. Raises ReserveRefused.
    """
    if cause == Cause.LOAN:
        raise ValueError("a loan is opened by lend()")
    return take_out(
        movement_id=movement_id,
        student=student,
        device=device,
        cause=cause,
        charter_received=charter_received,
        allocated_at=allocated_at,
        allocated_by_id=allocated_by_id,
        grade=grade,
    )


def take_out(
    *,
    movement_id: UUID,
    student: Student,
    device: Device,
    cause: Cause,
    charter_received: bool,
    allocated_at: datetime,
    allocated_by_id: int,
    grade: Grade | None = None,
) -> Allocated:
    """Move a PC from the reserve to a student and say why: for keeps, or on loan."""
    try:
        with transaction.atomic():
            hold_custody(custodian_ids=[student.custodian_id], device_ids=[device.pk])
            if known := Allocation.objects.filter(pk=movement_id).select_related("device").first():
                return _again(known, student, device)
            facts = facts_of(student=student, device=device, today=timezone.localdate(allocated_at))
            found = obstacle(facts.taker(charter_received=charter_received), facts.offered, cause)
            if found is None and facts.rules is None and cause != Cause.LOAN:
                found = Obstacle.NO_RULES
            if found is not None:
                raise ReserveRefused(found)
            assert facts.who.school_id is not None  # Else the student were elsewhere.
            proof: CharterProof | None = facts.charter
            if proof is None and cause != Cause.LOAN and facts.rules is not None:
                proof = receive_charter(
                    student_id=student.pk,
                    rules=facts.rules,
                    signer_kind=facts.signer,
                    received_at=allocated_at,
                    received_by_id=allocated_by_id,
                )
            reason = Reason.LOAN if cause == Cause.LOAN else Reason.CHECK_OUT
            pass_custody(
                [
                    MovementOrder(
                        movement_id, device.pk, facts.reserve_id, student.custodian_id, reason, allocated_at,
                        allocated_by_id, f"reserve:{cause}",
                    )
                ]
            )  # fmt: skip
            Allocation.objects.create(
                movement_id=movement_id,
                school_id=facts.who.school_id,
                student=student,
                device=device,
                cause=cause,
                allocated_at=allocated_at,
                allocated_by_id=allocated_by_id,
                charter_proof=proof,
                grade=grade or "",
            )
            _tell(movement_id, student, device, cause, told_at=allocated_at)
    except LedgerRefusal as refusal:
        raise ReserveRefused(refusal.code) from refusal
    return Allocated(movement_id, device.asset_tag, False)


def _tell(movement_id: UUID, student: Student, device: Device, cause: Cause, *, told_at: datetime) -> None:
    words = {"pc": spaced(device.asset_tag)}
    kind = NoticeKind.PC_HANDED_OVER
    if cause == Cause.LOAN:
        kind = NoticeKind.LOAN_BEGUN
        words["date"] = short_date(due_on(timezone.localdate(told_at)))
    tell_families(kind=kind, facts=[Told(movement_id, student.custodian_id, words)], told_at=told_at)


def _again(known: Allocation, student: Student, device: Device) -> Allocated:
    if (known.student_id, known.device_id) != (student.pk, device.pk):
        raise ReserveRefused("id_reused")
    return Allocated(known.pk, known.device.asset_tag, True)


@transaction.atomic
def take_back(*, allocation: Allocation, movement_id: UUID, taken_back_at: datetime, taken_back_by_id: int) -> None:
    """Undo an allocation that was a mistake: the PC is in the reserve again, and both movements stay.

    Raises ReserveRefused: ``undone_already``, ``has_moved_on``, or ``is_a_loan`` (a loan ends, it is not undone).
    """
    hold_custody(custodian_ids=[allocation.student.custodian_id], device_ids=[allocation.device_id])
    held = Allocation.objects.select_for_update(of=("self",)).get(pk=allocation.pk)
    if held.undone_by_movement_id is not None:
        raise ReserveRefused("undone_already")
    if Loan.objects.filter(pk=held.pk).exists():
        raise ReserveRefused("is_a_loan")
    try:
        correct_movement(
            movement_id=movement_id,
            corrected_id=held.pk,
            happened_at=taken_back_at,
            recorded_by_id=taken_back_by_id,
            evidence="reserve:undo",
        )
    except LedgerRefusal as refusal:
        raise ReserveRefused("has_moved_on") from refusal
    held.undone_by_movement_id = movement_id
    held.save(update_fields=["undone_by_movement"])
