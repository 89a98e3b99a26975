"""Read what decides one failure at the desk: where the PC is, whose it is, what the campaign's rules open."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from cartable.distribution.queries.charters import rules_of_student
from cartable.emergency_stock.models import Loan
from cartable.emergency_stock.queries.gesture import StudentFacts, student_facts
from cartable.fleet.models import Custodian, Device
from cartable.fleet.rules import Condition, CustodianKind
from cartable.organisations.models import Contractor
from cartable.programme.models import CampaignRules, Opening
from cartable.repairs import rules
from cartable.repairs.models import RepairContract, RepairTicket
from cartable.repairs.rules import Failed, RepairObstacle, loan_obstacle, repair_obstacle
from cartable.rosters.models import Student


@dataclass(frozen=True)
class Terms:
    """What was agreed with a repairer."""

    warranty_months: int
    agreed_days: int


@dataclass(frozen=True)
class FailureFacts:
    """A failed PC and what may be done about it."""

    device: Device
    school_id: int | None
    failed: Failed
    # A ticket that a recall opened, and whose PC is still with its holder.
    waiting: RepairTicket | None
    student: Student | None
    who: StudentFacts | None
    rules: CampaignRules | None
    # The PC is itself lent: this loan ends with it.
    loan: Loan | None
    fit_in_reserve: int

    @property
    def repair_obstacle(self) -> RepairObstacle | None:
        """Say why no repair may begin."""
        return repair_obstacle(self.failed)

    @property
    def loan_obstacle(self) -> RepairObstacle | None:
        """Say why no PC may be lent meanwhile."""
        return loan_obstacle(
            self.failed,
            opens=self.rules.failure_opens if self.rules else None,
            has_left=self.who is not None and self.who.has_left,
            fit_in_reserve=self.fit_in_reserve,
        )

    @property
    def opens(self) -> str:
        """Say in words what the rules open for a failure; empty where none are published."""
        return str(Opening(self.rules.failure_opens).label) if self.rules else ""


def failure_facts(device: Device, *, today: date) -> FailureFacts:
    """Return the facts about a PC that was found in scope."""
    device = Device.objects.select_related("custodian", "device_model", "lot").get(pk=device.pk)
    kind = CustodianKind(device.custodian_kind)
    open_ticket = RepairTicket.objects.filter(device=device, closed_at=None).select_related("recall").first()
    waiting = open_ticket if open_ticket and open_ticket.taken_in_at is None else None
    student = (
        Student.objects.filter(custodian_id=device.custodian_id).select_related("custodian").first()
        if kind == CustodianKind.STUDENT
        else None
    )
    school_id = device.custodian.school_id
    return FailureFacts(
        device=device,
        school_id=school_id,
        failed=Failed(str(kind), school_id is not None, open_ticket is not None and waiting is None),
        waiting=waiting,
        student=student,
        who=student_facts(student, today=today) if student else None,
        rules=rules_of_student(student.pk, today=today) if student else None,
        loan=Loan.objects.filter(loaner=device, ended_at=None).first() if student else None,
        fit_in_reserve=fit_in_reserve(school_id) if student and school_id else 0,
    )


def fit_in_reserve(school_id: int) -> int:
    """Count the PCs of a reserve that may be lent."""
    shelf = Device.objects.filter(custodian__school_id=school_id, custodian_kind=CustodianKind.EMERGENCY_STOCK)
    return shelf.filter(condition=Condition.FIT).count()


def repairers() -> list[tuple[int, str]]:
    """Return id and name of the repairers of the region, in the order they were hired."""
    hired = Contractor.objects.filter(trades__contains=["repairer"]).order_by("pk")
    return list(hired.values_list("pk", "name"))


def terms_of(repairer_id: int) -> Terms:
    """Return what was agreed with a repairer, the usual terms where nothing is written."""
    agreed = RepairContract.objects.filter(pk=repairer_id).first()
    if agreed is None:
        return Terms(rules.WARRANTY_MONTHS, rules.AGREED_DAYS)
    return Terms(agreed.warranty_months, agreed.agreed_days)


def school_accounts(school_ids: Iterable[int], kind: CustodianKind) -> dict[int, int]:
    """Return school → its account of one kind."""
    found = Custodian.objects.filter(school_id__in=list(school_ids), kind=kind)
    return {school_id: pk for school_id, pk in found.values_list("school_id", "pk") if school_id is not None}
