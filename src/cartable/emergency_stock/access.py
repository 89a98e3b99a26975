"""The road from an address, or from a scan, to a reserve, a student, a PC. Unknown and out of scope look the same."""

from uuid import UUID

from django.http import Http404

from cartable.emergency_stock.models import Allocation, TopUp
from cartable.emergency_stock.queries.top_ups import seen_top_ups
from cartable.fleet.models import Device
from cartable.fleet.queries.codes import exact_device
from cartable.organisations.models import School
from cartable.organisations.queries import school_for_uai


def school_for(uai: str) -> School:
    """Return a school that the person may see."""
    school = school_for_uai(uai)
    if school is None:
        raise Http404
    return school


def allocation_for(movement_id: UUID) -> Allocation:
    """Return an allocation of a school that the person may see."""
    allocation = Allocation.objects.filter(pk=movement_id).select_related("student", "school").first()
    if allocation is None:
        raise Http404
    return allocation


def top_up_for(top_up_id: UUID) -> TopUp:
    """Return a request of a school that the person may see."""
    top_up = seen_top_ups().filter(pk=top_up_id).first()
    if top_up is None:
        raise Http404
    return top_up


def scanned_device(text: str) -> Device | None:
    """Return the PC in scope that a scan names, by tag or serial number; None where there is none."""
    tag = exact_device(text)
    return Device.objects.select_related("custodian").filter(asset_tag=tag).first() if tag else None
