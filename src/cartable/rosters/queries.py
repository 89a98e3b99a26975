"""Read imports: what a list would change, line by line, and what its reader had to say."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from cartable.fleet.models import Device
from cartable.kernel.names import folded
from cartable.rosters.models import Enrolment, Outcome, RosterImport, RosterLine, RosterProblem, Student
from cartable.rosters.siecle import Problem, sentence

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


@dataclass(frozen=True)
class StudentLine:
    """A student whom a search found."""

    id: int
    name: str
    division: str
    school: str
    label_code: str
    asset_tag: str


def find_students(text: str, *, limit: int) -> list[StudentLine]:
    """Return the students in scope whose label is `text` or whose names hold its words, by name; at least two letters."""
    words, code = folded(text).split(), "".join(text.split()).upper()
    named = Q()
    for word in words:
        named &= Q(folded_name__contains=word)
    wanted = Q(label_code=code) | named if len("".join(words)) > 1 else Q(label_code=code)
    found = list(
        Student.objects.filter(wanted).select_related("custodian__school").order_by("folded_name", "pk")[:limit]
    )
    latest = Enrolment.objects.filter(student__in=found).order_by("first_year", "starts_on")
    divisions = dict(latest.values_list("student_id", "division"))
    held = Device.objects.filter(custodian__in=[student.custodian_id for student in found])
    tags = dict(held.values_list("custodian_id", "asset_tag"))
    return [
        StudentLine(
            student.pk,
            student.display_name,
            divisions.get(student.pk, ""),
            str(student.custodian.school or ""),
            student.label_code,
            tags.get(student.custodian_id, ""),
        )
        for student in found
    ]


def holder_in_words(custodian_id: int) -> str:
    """Return "Alice Marchand, TG3" for the account of a student in scope; empty for any other."""
    student = Student.objects.filter(custodian_id=custodian_id).first()
    if student is None:
        return ""
    latest = Enrolment.objects.filter(student=student).order_by("-first_year", "-starts_on").first()
    return ", ".join(part for part in (student.display_name, latest.division if latest else "") if part)
