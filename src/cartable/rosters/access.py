"""The only road from an address to a list: through the scope of whoever asks."""

from uuid import UUID

from django.http import Http404

from cartable.organisations.models import School
from cartable.rosters.models import RosterBatch, RosterFile, RosterImport, Takeover, TakeoverLine
from cartable.rosters.queries.batches import batch_by_id
from cartable.rosters.queries.lists import import_by_id


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


def batch_for(batch_id: UUID) -> RosterBatch:
    """Return a batch that the person may see."""
    batch = batch_by_id(batch_id)
    if batch is None:
        raise Http404
    return batch


def file_for(file_id: UUID) -> RosterFile:
    """Return a file of a batch that the person may see."""
    file = RosterFile.objects.filter(pk=file_id).first()
    if file is None:
        raise Http404
    return file


def takeover_for(takeover_id: UUID) -> Takeover:
    """Return a takeover of the person's region."""
    takeover = Takeover.objects.filter(pk=takeover_id).select_related("supplier", "repairer").first()
    if takeover is None:
        raise Http404
    return takeover


def takeover_line_for(takeover_id: UUID, line: int) -> TakeoverLine:
    """Return a line that stayed out, by its takeover and its number in the file."""
    found = TakeoverLine.objects.filter(takeover_id=takeover_id, line=line).select_related("device", "takeover").first()
    if found is None:
        raise Http404
    return found
