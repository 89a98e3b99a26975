"""Read what somebody declares something about: the PC, who holds it, which rules hold, what they open."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from cartable.distribution.queries.charters import rules_of_student, rules_of_year
from cartable.emergency_stock.queries.papers import open_loan_of
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind
from cartable.incidents.models import Incident, IncidentEnd, IncidentKind, IncidentState
from cartable.incidents.rules import IncidentKind as Kind
from cartable.incidents.rules import IncidentState as State
from cartable.incidents.rules import Opening, Reported, Standing
from cartable.programme.models import CampaignRules
from cartable.rosters.models import Student


@dataclass(frozen=True)
class Subject:
    """A PC and whoever holds it, as a declaration sees them."""

    device: Device
    student: Student | None
    school_id: int | None
    rules: CampaignRules | None
    reported: Reported

    def opens(self, kind: Kind) -> Opening:
        """Return what an incident of this kind opens; nothing where no student is concerned."""
        return opening_of(self.rules, kind) if self.rules and self.student else Opening.NOTHING


def opening_of(rules: CampaignRules, kind: Kind) -> Opening:
    """Return what a version of the rules opens after an incident of this kind."""
    return Opening({
        Kind.THEFT: rules.theft_opens, Kind.LOSS: rules.loss_opens, Kind.BREAKAGE: rules.breakage_opens,
    }[kind])  # fmt: skip


def subject_of(device_id: int, *, today: date) -> Subject | None:
    """Return what is declared about a PC, read afresh, so that a hold counts; None where it left the scope."""
    device = Device.objects.select_related("custodian", "device_model").filter(pk=device_id).first()
    if device is None:
        return None
    student = None
    if device.custodian_kind == CustodianKind.STUDENT:
        holders = Student.objects.select_related("custodian__school")
        student = holders.filter(custodian_id=device.custodian_id, merged_into=None).first()
    rules = rules_of_student(student.pk, today=today) if student else rules_of_year(today=today)
    return Subject(
        device=device,
        student=student,
        school_id=device.custodian.school_id,
        rules=rules,
        reported=Reported(
            custodian_kind=CustodianKind(device.custodian_kind),
            has_open_incident=open_incident_of_device(device.pk) is not None,
        ),
    )


def standing_of(incident: Incident) -> Standing:
    """Return an incident as the rules see it."""
    return Standing(
        kind=Kind(incident.kind),
        state=State(incident.state),
        opens=Opening(incident.opens),
        has_student=incident.student_id is not None,
        is_served=incident.allocation_id is not None,
    )


def open_incident_of_device(device_id: int) -> Incident | None:
    """Return the open incident of a PC in scope."""
    return Incident.objects.filter(~Q(state=IncidentState.CLOSED), device_id=device_id).first()


def open_incident_of_student(student: Student) -> Incident | None:
    """Return the open incident of a student in scope, the latest one where there are several."""
    return Incident.objects.filter(_about(student.pk) & ~Q(state=IncidentState.CLOSED)).order_by("-declared_at").first()


def theft_count(student_id: int) -> int:
    """Return how many thefts were declared for a student, those withdrawn apart (DOMAIN 5.4: a second one is shown)."""
    thefts = Incident.objects.filter(_about(student_id), kind=IncidentKind.THEFT)
    return thefts.exclude(closed_as=IncidentEnd.WITHDRAWN).count()


def incident_decides(student_id: int) -> bool:
    """Say whether a student's next PC is for an incident to give.

    One is open; or the last one opened nothing, the PC was not found, and no later one and no later PC made up for it.
    """
    about = Incident.objects.filter(_about(student_id))
    later = Incident.objects.filter(_about(student_id), declared_at__gt=OuterRef("declared_at"))
    unmade = Q(closed_as=IncidentEnd.NOTHING, found_at=None) & ~Exists(later)
    return about.filter(~Q(state=IncidentState.CLOSED) | unmade).exists()


def _about(student_id: int) -> Q:
    return Q(student_id=student_id) | Q(student__merged_into_id=student_id)


def loan_of(device: Device, student: Student | None) -> bool:
    """Say whether a PC is on loan to the student who holds it."""
    loan = open_loan_of(student.pk) if student else None
    return loan is not None and loan.loaner_id == device.pk
