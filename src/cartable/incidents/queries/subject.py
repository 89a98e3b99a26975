"""Read what somebody declares something about: the PC, who holds it, which rules hold, what they open."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q

from cartable.distribution.queries.charters import rules_of_student, rules_of_year
from cartable.emergency_stock.queries.papers import open_loan_of
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind
from cartable.incidents.models import Incident, IncidentEnd, IncidentKind, IncidentState
from cartable.incidents.rules import IncidentKind as Kind
from cartable.incidents.rules import IncidentState as State
from cartable.incidents.rules import Opening, Reported, Standing
from cartable.organisations.scoping import scope_values
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


def theft_count(student_id: int) -> int:
    """Return how many thefts were declared for a student, those withdrawn apart (DOMAIN 5.4: a second one is shown)."""
    thefts = Incident.objects.filter(_about(student_id), kind=IncidentKind.THEFT)
    return thefts.exclude(closed_as=IncidentEnd.WITHDRAWN).count()


class IncidentsOfStudent(NamedTuple):
    """The open incident of a student, the latest one where there are several, and whether their next PC is for one to give."""

    open_id: UUID | None
    decides: bool


# One is open; or the last one opened nothing, the PC was not found, and no later one and no later PC made up for it.
_OF_STUDENT = """
SELECT (array_agg(id ORDER BY declared_at DESC) FILTER (WHERE state <> 'closed'))[1],
    coalesce(bool_or(state <> 'closed' OR (closed_as = 'nothing' AND found_at IS NULL AND declared_at = last_at)), false)
FROM (
    SELECT incident.id, incident.declared_at, incident.state, incident.closed_as, incident.found_at,
        max(incident.declared_at) OVER () AS last_at
    FROM incidents_incident incident JOIN rosters_student student ON student.id = incident.student_id
    JOIN organisations_school school ON school.id = incident.school_id
    WHERE (student.id = %(student)s OR student.merged_into_id = %(student)s)
        AND (%(region)s::bigint IS NULL OR school.region_id = %(region)s)
        AND (%(schools)s::bigint[] IS NULL OR school.id = ANY(%(schools)s))
) AS incident
"""


def incidents_of_student(student_id: int) -> IncidentsOfStudent:
    """Return what the incidents in scope of a student, and of those read through them, come to."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_STUDENT, {"student": student_id, **scope_values()})
        return IncidentsOfStudent(*cursor.fetchone())


def incident_decides(student_id: int) -> bool:
    """Say whether a student's next PC is for an incident to give."""
    return incidents_of_student(student_id).decides


def _about(student_id: int) -> Q:
    return Q(student_id=student_id) | Q(student__merged_into_id=student_id)


def loan_of(device: Device, student: Student | None) -> bool:
    """Say whether a PC is on loan to the student who holds it."""
    loan = open_loan_of(student.pk) if student else None
    return loan is not None and loan.loaner_id == device.pk
