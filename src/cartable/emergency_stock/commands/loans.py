"""Lend a PC of the reserve while another is away, and end the loan."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from cartable.emergency_stock.commands.allocations import Allocated, ReserveRefused, take_out
from cartable.emergency_stock.models import Loan
from cartable.emergency_stock.rules import Cause, LoanEnd, due_on
from cartable.fleet.ledger import constraint_name
from cartable.fleet.models import Device
from cartable.fleet.rules import Grade
from cartable.rosters.models import Student

_REFUSALS = {
    "a_student_has_one_loan_at_a_time": "loan_is_open",
    "a_pc_is_lent_once_at_a_time": "custody_has_moved",
    "a_pc_is_stood_in_for_once_at_a_time": "loan_is_open",
    "a_loaner_stands_in_for_another_pc": "same_pc",
}


def lend(
    *,
    movement_id: UUID,
    student: Student,
    loaner: Device,
    stands_in_for: Device,
    lent_at: datetime,
    lent_by_id: int,
    grade: Grade | None = None,
) -> Allocated:
    """Lend a PC of the reserve to a student whose own one is away. Raises ReserveRefused.

    The student's own PC has left their hands before (checked in, sent away, claimed): one device per student.
    """
    try:
        with transaction.atomic():
            lent = take_out(
                movement_id=movement_id,
                student=student,
                device=loaner,
                cause=Cause.LOAN,
                charter_received=False,
                allocated_at=lent_at,
                allocated_by_id=lent_by_id,
                grade=grade,
            )
            if not lent.is_repeated:
                Loan.objects.create(
                    allocation_id=movement_id,
                    school_id=loaner_school(student),
                    student=student,
                    loaner=loaner,
                    stands_in_for=stands_in_for,
                    lent_at=lent_at,
                    due_on=due_on(timezone.localdate(lent_at)),
                )
    except IntegrityError as error:
        raise ReserveRefused(_REFUSALS.get(constraint_name(error), "refused")) from error
    return lent


def loaner_school(student: Student) -> int:
    """Return the lycée that lends: the one that answers for the student now."""
    school_id = student.custodian.school_id
    assert school_id is not None
    return school_id


def reopen_loan(*, loan: Loan) -> None:
    """Open a loan again whose end was a mistake, within the transaction that brings the PC back.

    Raises ReserveRefused (``loan_is_open``) where the student, or the PC, is in another loan by now.
    """
    try:
        with transaction.atomic():
            Loan.objects.filter(pk=loan.pk).update(ended_at=None, ended_by=None, ended_as="")
    except IntegrityError as error:
        raise ReserveRefused(_REFUSALS.get(constraint_name(error), "refused")) from error


def end_loan(*, loan: Loan, ended_as: LoanEnd, ended_at: datetime, ended_by_id: int) -> None:
    """Say how a loan ended, within the transaction that moves the PCs. Raises ReserveRefused (``loan_has_ended``)."""
    open_loan = Loan.objects.select_for_update(of=("self",)).filter(pk=loan.pk, ended_at=None)
    if not open_loan.exists():
        raise ReserveRefused("loan_has_ended")
    open_loan.update(ended_at=ended_at, ended_by_id=ended_by_id, ended_as=ended_as)
