"""Read imports: what a list would change, line by line, and what its reader had to say."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, Count, F, Value, When
from django.utils.translation import gettext as _

from cartable.organisations.models import School
from cartable.organisations.queries import past_of, school_for_uai
from cartable.rosters.formats.recognition import sentence
from cartable.rosters.formats.records import Problem
from cartable.rosters.models import (
    FileImport,
    Outcome,
    RosterFile,
    RosterImport,
    RosterKind,
    RosterProblem,
)
from cartable.rosters.queries.people import actor_names
from cartable.rosters.words import REFUSALS
from cartable.ui.figures import short_date

# The outcomes that a person reads first: what changes, then what waits, then what stays.
ORDER = (
    Outcome.REVIEW,
    Outcome.DEPARTURE,
    Outcome.ABSENT,
    Outcome.TRANSFER,
    Outcome.ARRIVAL,
    Outcome.CHANGE,
    Outcome.SAME,
)


@dataclass(frozen=True)
class ProblemLine:
    """What the reader says of one record, as a sentence in the language of the page; its remedy stands in it.

    ``settled_by`` names who settled it; empty where it is open.
    """

    id: int
    severity: str
    line: int | None
    sentence: str
    settled_at: datetime | None
    settled_by: str


# What a human must see to; a warning is only told.
TO_SETTLE = ("refuse", "queue")
_RANK = {"refuse": 0, "queue": 1, "warn": 2}


def problems(roster_import: RosterImport, *, limit: int = 200) -> list[ProblemLine]:
    """Return what the reader had to say: what is open first, the gravest before the others."""
    gravity = Case(*(When(severity=name, then=Value(rank)) for name, rank in _RANK.items()), default=Value(3))
    ordered = RosterProblem.objects.filter(roster_import=roster_import).order_by(
        F("settled_at").asc(nulls_first=True), gravity, "line", "pk"
    )
    rows = list(ordered[:limit])
    names = actor_names([row.settled_by_id for row in rows])
    return [
        ProblemLine(
            row.pk, row.severity, row.line, problem_sentence(row), row.settled_at, names.get(row.settled_by_id or 0, "")
        )
        for row in rows
    ]  # fmt: skip


def open_problem_counts(import_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return how many refused or queued records of these imports nobody has settled; imports without any are left out."""
    found = RosterProblem.objects.filter(
        roster_import__in=list(import_ids), severity__in=TO_SETTLE, settled_at__isnull=True
    )
    return dict(found.values("roster_import").annotate(n=Count("pk")).values_list("roster_import", "n"))


def problem_by_id(problem_id: int) -> RosterProblem | None:
    """Return what a reader said of one record, in scope."""
    return RosterProblem.objects.select_related("roster_import").filter(pk=problem_id).first()


def problem_sentence(row: RosterProblem) -> str:
    """Return the sentence of a kept problem, translated."""
    return sentence(Problem(row.code, "warn", row.line, row.details), _)


def imports_of(school_id: int, *, limit: int = 20) -> list[RosterImport]:
    """Return the latest imports of a lycée."""
    return list(RosterImport.objects.filter(school_id=school_id).order_by("-read_at")[:limit])


def import_by_id(import_id: UUID) -> RosterImport | None:
    """Return an import in scope."""
    return RosterImport.objects.select_related("school").filter(pk=import_id).first()


def file_refusal(file: RosterFile) -> str:
    """Return why a file as a whole was refused, as a sentence in the language of the page."""
    if file.refusal_code == "school_not_named":
        return _("Le fichier ne dit pas de quel lycée il est : chargez-le sur la page du lycée.")
    if file.refusal_code == "school_unknown":
        return _("Le lycée %(uai)s n’est pas dans l’annuaire.") % {"uai": file.refusal_details.get("uai", "")}
    if file.refusal_code == "school_closed":
        closed = school_for_uai(str(file.refusal_details.get("uai", "")))
        return closed_in_words(closed) if closed else str(REFUSALS["school_closed"])
    return sentence(Problem(file.refusal_code, "refuse", file.refusal_line, file.refusal_details), _)


def closed_in_words(school: School) -> str:
    """Say when a lycée closed, and which one lists its students now."""
    past = past_of(school)
    words = {"school": school, "day": short_date(past.closed_on) if past.closed_on else "", "successor": past.successor}
    if past.successor:
        return _("%(school)s a fermé le %(day)s, ses élèves sont à : %(successor)s. Chargez leur liste là-bas.") % words
    return _("%(school)s a fermé le %(day)s : ses listes ne sont plus lues.") % words


def imports_of_file(file: RosterFile) -> list[FileImport]:
    """Return what a file held, students first."""
    found = FileImport.objects.filter(file=file).select_related("roster_import__school")
    return sorted(found, key=lambda one: one.roster_import.kind != RosterKind.STUDENTS)
