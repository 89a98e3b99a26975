"""Read imports: what a list would change, line by line, and what its reader had to say."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from cartable.rosters.formats.recognition import sentence
from cartable.rosters.formats.records import Problem
from cartable.rosters.models import (
    FileImport,
    Outcome,
    RosterFile,
    RosterImport,
    RosterKind,
    RosterLine,
    RosterProblem,
)

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
class DifferenceLine:
    """One student in the difference."""

    line: int | None
    name: str
    division: str
    matched_by: str
    review_code: str


@dataclass(frozen=True)
class ProblemLine:
    """What the reader says of one record, as a sentence in the language of the page."""

    severity: str
    line: int | None
    sentence: str


def difference(roster_import: RosterImport, outcome: str, *, limit: int = 200) -> list[DifferenceLine]:
    """Return the students of one outcome, by class and name."""
    rows = RosterLine.objects.filter(roster_import=roster_import, outcome=outcome)
    return [
        DifferenceLine(
            row.line,
            f"{row.given_name} {row.usage_name or row.family_name}".strip(),
            row.division,
            row.matched_by,
            row.review_code,
        )
        for row in rows.order_by("division", "folded_name", "pk")[:limit]
    ]


def problems(roster_import: RosterImport, *, limit: int = 200) -> list[ProblemLine]:
    """Return what the reader had to say, gravest first."""
    rank = {"refuse": 0, "queue": 1, "warn": 2}
    rows = RosterProblem.objects.filter(roster_import=roster_import).order_by("line", "pk")[:limit]
    return sorted(
        (ProblemLine(row.severity, row.line, problem_sentence(row)) for row in rows),
        key=lambda row: (rank.get(row.severity, 3), row.line or 0),
    )


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
    return sentence(Problem(file.refusal_code, "refuse", file.refusal_line, file.refusal_details), _)


def imports_of_file(file: RosterFile) -> list[FileImport]:
    """Return what a file held, students first."""
    found = FileImport.objects.filter(file=file).select_related("roster_import__school")
    return sorted(found, key=lambda one: one.roster_import.kind != RosterKind.STUDENTS)
