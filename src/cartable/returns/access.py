"""The road from an address to what came back. Unknown and out of scope look the same."""

from uuid import UUID

from django.http import Http404

from cartable.organisations.models import School
from cartable.organisations.queries import school_for_uai
from cartable.returns.models import CheckIn, DisposalSlip, Reimaging, WriteOff


def school_for(uai: str) -> School:
    """Return a school that the person may see."""
    school = school_for_uai(uai)
    if school is None:
        raise Http404
    return school


def check_in_for(check_in_id: UUID) -> CheckIn:
    """Return a return of a school that the person may see."""
    loaded = CheckIn.objects.select_related("student", "device__device_model", "school__region")
    found = loaded.filter(pk=check_in_id).first()
    if found is None:
        raise Http404
    return found


def reimaging_for(arrival_id: UUID) -> Reimaging:
    """Return what was done to a PC during a stay on a bench that the person may see."""
    loaded = Reimaging.objects.select_related("device__device_model", "school__region")
    found = loaded.filter(pk=arrival_id).first()
    if found is None:
        raise Http404
    return found


def slip_for(slip_id: UUID) -> DisposalSlip:
    """Return a slip of a school that the person may see."""
    found = DisposalSlip.objects.select_related("school__region").filter(pk=slip_id).first()
    if found is None:
        raise Http404
    return found


def write_off_for(write_off_id: UUID) -> WriteOff:
    """Return a PC under a slip of a school that the person may see."""
    found = WriteOff.objects.filter(pk=write_off_id).first()
    if found is None:
        raise Http404
    return found
