"""The only road from an address to a list: through the scope of whoever asks."""

from uuid import UUID

from django.http import Http404

from cartable.organisations.models import School
from cartable.programme.models import CampaignRules
from cartable.rosters.models import RosterBatch, RosterFile, RosterImport
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


def rules_for(first_year: str, *, is_needed: bool = False) -> CampaignRules | None:
    """Return the latest rules of the year that an address names, or of the latest campaign that has any.

    A year that is none, or has no rules, is not there; None where nothing is published at all and nothing is needed.
    """
    published = CampaignRules.objects.select_related("campaign").order_by("-campaign__first_year", "-version")
    if first_year:
        year = int(first_year) if first_year.isascii() and first_year.isdigit() and len(first_year) == 4 else 0
        published = published.filter(campaign__first_year=year)
    rules = published.first()
    if rules is None and (first_year or is_needed):
        raise Http404
    return rules
