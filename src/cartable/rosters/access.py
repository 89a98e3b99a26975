"""The only road from an address to a list: through the scope of whoever asks."""

from uuid import UUID

from django.http import Http404

from cartable.organisations.models import School
from cartable.rosters.models import RosterImport
from cartable.rosters.queries import import_by_id


def school_for(uai: str) -> School:
    """Return a school that the person may see."""
    school = School.objects.filter(uai=uai).first()
    if school is None:
        raise Http404
    return school


def import_for(import_id: UUID) -> RosterImport:
    """Return an import that the person may see."""
    roster_import = import_by_id(import_id)
    if roster_import is None:
        raise Http404
    return roster_import
