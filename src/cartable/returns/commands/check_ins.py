"""Take a PC back from a student, and undo that where it was a mistake."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cartable.emergency_stock.commands.loans import end_loan
from cartable.emergency_stock.rules import LoanEnd
from cartable.fleet.commands import (
    MovementOrder,
    correct_movement,
    hold_custody,
    open_school_accounts,
    pass_custody,
    set_condition,
)
from cartable.fleet.ledger import LedgerRefusal
from cartable.fleet.models import Device
from cartable.fleet.rules import Condition, CustodianKind, Grade, Reason
from cartable.returns.models import CheckIn
from cartable.returns.queries.desk import return_facts
from cartable.returns.rules import CONDITION_OF_GRADE, Damage, ReturnReason, return_obstacle
from cartable.rosters.models import Student
from cartable.supply.held_back import held_back


class ReturnRefused(Exception):
    """The PC stays where it is; ``code`` says why: a `ReturnObstacle`, or a refusal of the ledger."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class TakenBack:
    """A PC that came back; ``is_repeated`` where the same gesture had been recorded before."""

    movement_id: UUID
    asset_tag: str
    is_repeated: bool


def check_in(
    *,
    movement_id: UUID,
    student: Student,
    device: Device,
    grade: Grade,
    kit_missing: Sequence[str],
    damages: Sequence[Damage],
    why: ReturnReason,
    checked_in_at: datetime,
    checked_in_by_id: int,
) -> TakenBack:
    """Take a PC back onto the bench of the student's lycée; a PC on loan ends its loan. Raises ReturnRefused.

    Only what belongs to the kit of the student's campaign can be missing from it.
    """
    try:
        with transaction.atomic():
            hold_custody(custodian_ids=[student.custodian_id], device_ids=[device.pk])
            if known := CheckIn.objects.filter(pk=movement_id).select_related("device").first():
                return _again(known, student, device)
            facts = return_facts(student=student, device=device, today=timezone.localdate(checked_in_at))
            if found := return_obstacle(facts.pc):
                raise ReturnRefused(found)
            school_id = student.custodian.school_id
            assert school_id is not None  # A student's account counts for a school (fleet).
            accounts = open_school_accounts(
                region_id=student.region_id, school_id=school_id, opened_at=checked_in_at
            )  # fmt: skip
            pass_custody(
                [
                    MovementOrder(
                        movement_id, device.pk, student.custodian_id, accounts[CustodianKind.SCHOOL_BENCH],
                        Reason.CHECK_IN, checked_in_at, checked_in_by_id, f"grade:{grade}",
                    )
                ]
            )  # fmt: skip
            held = Device.objects.get(pk=device.pk)
            set_condition(device_ids=[device.pk], condition=CONDITION_OF_GRADE[grade])
            if facts.loan is not None:
                end_loan(
                    loan=facts.loan, ended_as=LoanEnd.CHECK_IN, ended_at=checked_in_at, ended_by_id=checked_in_by_id
                )
            CheckIn.objects.create(
                movement_id=movement_id,
                school_id=school_id,
                student=student,
                device=device,
                grade=grade,
                kit_missing=[item for item in facts.kit if item in kit_missing],
                damages=[damage for damage in Damage if damage in damages],
                why=why,
                checked_in_at=checked_in_at,
                checked_in_by_id=checked_in_by_id,
                condition_before=held.condition,
                ended_loan=facts.loan,
            )
    except LedgerRefusal as refusal:
        raise ReturnRefused(refusal.code) from refusal
    return TakenBack(movement_id, device.asset_tag, False)


def _again(known: CheckIn, student: Student, device: Device) -> TakenBack:
    if (known.student_id, known.device_id) != (student.pk, device.pk):
        raise ReturnRefused("id_reused")
    return TakenBack(known.pk, known.device.asset_tag, True)


@transaction.atomic
def undo_check_in(*, check_in: CheckIn, movement_id: UUID, undone_at: datetime, undone_by_id: int) -> None:
    """Give a PC back that was taken by mistake: it is with its student again, as it was, and both movements stay.

    Raises ReturnRefused: ``undone_already``, ``ended_a_loan`` (a loan is not reopened), ``in_repair`` (its ticket ends
    first), ``has_moved_on``.
    """
    hold_custody(custodian_ids=[check_in.student.custodian_id], device_ids=[check_in.device_id])
    held = CheckIn.objects.select_for_update(of=("self",)).get(pk=check_in.pk)
    if held.undone_by_movement_id is not None:
        raise ReturnRefused("undone_already")
    if held.ended_loan_id is not None:
        raise ReturnRefused("ended_a_loan")
    if held_back([held.device_id]).get("in_repair"):
        raise ReturnRefused("in_repair")
    try:
        correct_movement(
            movement_id=movement_id,
            corrected_id=held.pk,
            happened_at=undone_at,
            recorded_by_id=undone_by_id,
            evidence=f"check_in:{held.pk}",
        )
    except LedgerRefusal as refusal:
        raise ReturnRefused("has_moved_on") from refusal
    set_condition(device_ids=[held.device_id], condition=Condition(held.condition_before))
    held.undone_by_movement_id = movement_id
    held.save(update_fields=["undone_by_movement"])
