"""The only road from an address to a list: through the scope of whoever asks."""

from uuid import UUID

from django.http import Http404

from cartable.organisations.models import School
from cartable.programme.models import CampaignRules
from cartable.rosters.models import (
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
from cartable.rosters.queries.lists import import_by_id, problem_by_id
from cartable.rosters.queries.people import student_by_label
from cartable.rosters.queries.review import line_by_id
from cartable.rosters.queries.rulings import decision_by_id
from cartable.rosters.queries.students import merge_by_id


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
    file = RosterFile.objects.select_related("school").filter(pk=file_id).first()
    if file is None:
        raise Http404
    return file


def line_for(line_id: int) -> RosterLine:
    """Return a line of a list that the person may see; those of other lycées look unknown."""
    line = line_by_id(line_id)
    if line is None:
        raise Http404
    return line


def decision_for(decision_id: UUID) -> RosterDecision:
    """Return a ruling about a list that the person may see."""
    decision = decision_by_id(decision_id)
    if decision is None:
        raise Http404
    return decision


def problem_for(problem_id: int) -> RosterProblem:
    """Return a record that the reader of a list told of, where the person may see that list."""
    problem = problem_by_id(problem_id)
    if problem is None:
        raise Http404
    return problem


def student_for(label_code: str) -> Student:
    """Return a student that the person may see, by any label: the one of a merged record leads to who stays."""
    student = student_by_label(label_code)
    if student is None:
        raise Http404
    return student


def merge_for(merge_id: UUID) -> StudentMerge:
    """Return a merge of students that the person may see."""
    merge = merge_by_id(merge_id)
    if merge is None:
        raise Http404
    return merge


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
