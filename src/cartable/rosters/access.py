"""The only road from an address to a list: through the scope of whoever asks."""

from typing import TypeVar
from uuid import UUID

from django.http import Http404

from cartable.organisations.models import School
from cartable.organisations.queries import school_for_uai
from cartable.programme.models import CampaignRules
from cartable.rosters.models import (
    Departure,
    RosterBatch,
    RosterDecision,
    RosterFile,
    RosterImport,
    RosterLine,
    RosterProblem,
    Student,
    StudentMerge,
    Takeover,
    TakeoverLine,
)
from cartable.rosters.queries.batches import batch_by_id
from cartable.rosters.queries.departures import departure_by_id
from cartable.rosters.queries.lists import import_by_id, problem_by_id
from cartable.rosters.queries.people import student_by_label
from cartable.rosters.queries.review import line_by_id
from cartable.rosters.queries.rulings import decision_by_id
from cartable.rosters.queries.students import merge_by_id

Row = TypeVar("Row")


def _found(row: Row | None) -> Row:
    """Return what was found; what is not in scope and what does not exist look the same."""
    if row is None:
        raise Http404
    return row


def school_for(uai: str) -> School:
    """Return a school that the person may see."""
    return _found(school_for_uai(uai))


def import_for(import_id: UUID) -> RosterImport:
    """Return an import that the person may see."""
    return _found(import_by_id(import_id))


def batch_for(batch_id: UUID) -> RosterBatch:
    """Return a batch that the person may see."""
    return _found(batch_by_id(batch_id))


def file_for(file_id: UUID) -> RosterFile:
    """Return a file of a batch that the person may see."""
    return _found(RosterFile.objects.select_related("school").filter(pk=file_id).first())


def line_for(line_id: int) -> RosterLine:
    """Return a line of a list that the person may see; those of other lycées look unknown."""
    return _found(line_by_id(line_id))


def decision_for(decision_id: UUID) -> RosterDecision:
    """Return a ruling about a list that the person may see."""
    return _found(decision_by_id(decision_id))


def problem_for(problem_id: int) -> RosterProblem:
    """Return a record that the reader of a list told of, where the person may see that list."""
    return _found(problem_by_id(problem_id))


def student_for(label_code: str) -> Student:
    """Return a student that the person may see, by any label: the one of a merged record leads to who stays."""
    return _found(student_by_label(label_code))


def merge_for(merge_id: UUID) -> StudentMerge:
    """Return a merge of students that the person may see."""
    return _found(merge_by_id(merge_id))


def departure_for(departure_id: UUID) -> Departure:
    """Return what was said of a student who leaves a lycée that the person sees, or comes to one."""
    return _found(departure_by_id(departure_id))


def takeover_for(takeover_id: UUID) -> Takeover:
    """Return a takeover of the person's region."""
    return _found(Takeover.objects.filter(pk=takeover_id).select_related("supplier", "repairer").first())


def takeover_line_for(takeover_id: UUID, line: int) -> TakeoverLine:
    """Return a line that stayed out, by its takeover and its number in the file."""
    return _found(
        TakeoverLine.objects.filter(takeover_id=takeover_id, line=line).select_related("device", "takeover").first()
    )


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
