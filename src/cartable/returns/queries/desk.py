"""Read what one return needs: whose PC it is, what went with it, where it goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cartable.distribution.queries.charters import rules_of_student
from cartable.distribution.queries.court import address_of_dispute
from cartable.emergency_stock.models import Allocation, Loan
from cartable.emergency_stock.queries.gesture import student_facts
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind
from cartable.returns.models import CheckIn, ReturnReason
from cartable.returns.rules import BroughtBack, beside_the_pc
from cartable.rosters.models import Student


@dataclass(frozen=True)
class ReturnFacts:
    """What `rules.return_obstacle` decides from, and what the desk shows."""

    division: str
    pc: BroughtBack
    kit: Sequence[str]
    loan: Loan | None
    usual_reason: ReturnReason
    dispute_url: str
    # How and when the reserve handed this PC to this student, to compare with; None where nobody said.
    handed_over: Allocation | None


def holder_of(device: Device) -> Student | None:
    """Return the student in scope who holds a PC."""
    if device.custodian_kind != CustodianKind.STUDENT:
        return None
    found = Student.objects.filter(custodian_id=device.custodian_id, merged_into=None)
    return found.select_related("custodian__school").first()


def device_of_student(student: Student) -> Device | None:
    """Return the PC that a student in scope holds."""
    return Device.objects.select_related("custodian").filter(custodian_id=student.custodian_id).first()


def return_facts(*, student: Student, device: Device, today: date) -> ReturnFacts:
    """Return the facts about a student and a PC, both found in scope by `access`."""
    device = Device.objects.get(pk=device.pk)
    who = student_facts(student, today=today)
    dispute_url = address_of_dispute(device.pk)
    return ReturnFacts(
        division=who.division,
        pc=BroughtBack(
            kind=CustodianKind(device.custodian_kind),
            is_held_by_this_student=device.custodian_id == student.custodian_id,
            is_contested=bool(dispute_url),
        ),
        kit=kit_of(student.pk, today=today),
        loan=Loan.objects.filter(loaner=device, ended_at=None).select_related("stands_in_for").first(),
        usual_reason=ReturnReason.LEAVES_REGION if who.has_left else ReturnReason.OTHER,
        dispute_url=dispute_url,
        handed_over=Allocation.objects.filter(student=student, device=device, undone_by_movement=None)
        .exclude(grade="")
        .order_by("allocated_at")
        .last(),
    )


def kit_of(student_id: int, *, today: date) -> Sequence[str]:
    """Return what the campaign of a student hands out beside the PC."""
    rules = rules_of_student(student_id, today=today)
    return beside_the_pc(rules.kit) if rules else ()


def last_check_in_by(actor_id: int) -> CheckIn | None:
    """Return the last return in scope that somebody took, undone or not."""
    taken = CheckIn.objects.filter(checked_in_by_id=actor_id).select_related("student", "device")
    return taken.order_by("-checked_in_at").first()
