"""The road from an address, or from a scan, to an incident, a PC, a student. Unknown and out of scope look the same."""

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404

from cartable.fleet.models import Device
from cartable.fleet.queries.codes import exact_device
from cartable.incidents.models import Incident
from cartable.rosters.models import Student
from cartable.rosters.queries.people import StudentLine, find_students, student_by_label


def incident_for(incident_id: UUID) -> Incident:
    """Return an incident of a school that the person may see, with what its page shows."""
    loaded = Incident.objects.select_related(
        "device__device_model", "device__custodian", "student__custodian", "school__region", "rules__campaign", "receipt",
        "allocation__device",
    )  # fmt: skip
    incident = loaded.filter(pk=incident_id).first()
    if incident is None:
        raise Http404
    return incident


def scanned_device(text: str) -> Device | None:
    """Return the PC in scope that a scan names, by tag or serial number."""
    tag = exact_device(text)
    return Device.objects.select_related("custodian").filter(asset_tag=tag).first() if tag else None


@dataclass(frozen=True)
class Named:
    """What a scanned or typed text names: a PC, a student, or some students to choose from."""

    device: Device | None = None
    student: Student | None = None
    candidates: tuple[StudentLine, ...] = ()


def named(text: str) -> Named:
    """Return what a text names in scope: the label or serial number of a PC, the label or a part of a student's name."""
    if device := scanned_device(text):
        return Named(device=device)
    if student := student_by_label("".join(text.split()).upper()):
        return Named(student=student, device=device_of(student))
    return Named(candidates=tuple(find_students(text, limit=12)))


def device_of(student: Student) -> Device | None:
    """Return the PC that a student in scope holds."""
    return Device.objects.select_related("custodian").filter(custodian_id=student.custodian_id).first()
