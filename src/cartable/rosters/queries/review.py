"""Read what waits for a human: each listed person beside those whom they may be."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind
from cartable.organisations.models import School
from cartable.rosters.models import Enrolment, Outcome, RosterImport, RosterKind, RosterLine, RosterState, Student
from cartable.rosters.queries.reach import region_wide
from cartable.rosters.rules.proposals import Likeness, Proposal, proposal

PAGE = 25


_QUESTIONS = {"enrolled_elsewhere": "where", "said_gone": "gone"}


@dataclass(frozen=True)
class Candidate:
    """Somebody whom a listed person may be.

    Of a student of another lycée, whoever sees one lycée only learns name and lycée, and that the birth date is the listed
    one where it is: their own list says it already. ``is_whole`` is False then.
    """

    student_id: int
    name: str
    school: str
    has_same_birth: bool
    is_whole: bool
    birth_on: date | None = None
    division: str = ""
    label_code: str = ""
    asset_tag: str = ""


@dataclass(frozen=True)
class ReviewCase:
    """One question to a human: ``question`` is "who", "where" (enrolled elsewhere), "gone" (said to have left) or "aside"."""

    line_id: int
    import_id: UUID
    school: str
    line: int | None
    name: str
    birth_on: date | None
    division: str
    has_ine: bool
    review_code: str
    question: str
    candidates: tuple[Candidate, ...]
    # Other lines of the list under the same number: "Lucas Diallo, 2DE8".
    beside: tuple[str, ...]
    proposal: Proposal | None


@dataclass(frozen=True)
class ReviewPage:
    """A page of cases, how many wait in all, and the lines from which the neighbours start."""

    cases: tuple[ReviewCase, ...]
    count: int
    previous_before: int | None
    next_after: int | None


def imports_that_take_rulings() -> QuerySet[RosterImport]:
    """Return the lists in scope about which a human may still rule: those that wait, and what a lycée last applied.

    A list that was read or applied after it asks the same questions anew: the older one then asks no more. Nor does that of
    a lycée that has closed: its successor's does.
    """
    same = RosterImport.objects.filter(
        school=OuterRef("school"), first_year=OuterRef("first_year"), kind=RosterKind.STUDENTS
    )
    later = same.filter(
        Q(state=RosterState.APPLIED, applied_at__gt=OuterRef("applied_at"))
        | Q(state=RosterState.PREVIEWED, read_at__gt=OuterRef("applied_at"))
    )
    is_last_applied = Q(state=RosterState.APPLIED, kind=RosterKind.STUDENTS) & ~Exists(later)
    return RosterImport.objects.filter(Q(state=RosterState.PREVIEWED) | is_last_applied, school__closed_on=None)


def takes_rulings(roster_import: RosterImport) -> bool:
    """Say whether a human may still rule about this list."""
    return imports_that_take_rulings().filter(pk=roster_import.pk).exists()


def waiting_lines(roster_import: RosterImport | None = None, *, school: School | None = None) -> QuerySet[RosterLine]:
    """Return the lines in scope that wait for a ruling: of one list, of one lycée, or of all about which one is taken."""
    lines = RosterLine.objects.filter(outcome=Outcome.REVIEW, roster_import__in=imports_that_take_rulings())
    if school is not None:
        lines = lines.filter(roster_import__school=school)
    return lines if roster_import is None else lines.filter(roster_import=roster_import)


def review_page(
    roster_import: RosterImport | None, *, after: int | None = None, before: int | None = None, limit: int = PAGE
) -> ReviewPage:
    """Return a page of what waits, list by list, in the order of the files."""
    waiting = waiting_lines(roster_import)
    chosen = waiting.select_related("roster_import__school")
    if before:
        found = list(chosen.filter(pk__lt=before).order_by("-pk")[: limit + 1])
        has_previous, has_next, found = len(found) > limit, True, found[:limit][::-1]
    else:
        found = list(chosen.filter(pk__gt=after or 0).order_by("pk")[: limit + 1])
        has_previous, has_next, found = bool(after), len(found) > limit, found[:limit]
    return ReviewPage(
        tuple(review_cases(found)),
        waiting.count(),
        found[0].pk if has_previous and found else None,
        found[-1].pk if has_next and found else None,
    )


def line_by_id(line_id: int) -> RosterLine | None:
    """Return a line in scope."""
    return RosterLine.objects.select_related("roster_import__school").filter(pk=line_id).first()


def all_cases(school: School | None = None, *, at_once: int = 200) -> Iterator[ReviewCase]:
    """Yield every case in scope, or those of one lycée, in the order of the page."""
    waiting = waiting_lines(school=school).select_related("roster_import__school").order_by("pk")
    last = 0
    while found := list(waiting.filter(pk__gt=last)[:at_once]):
        yield from review_cases(found)
        last = found[-1].pk


def review_cases(lines: Sequence[RosterLine]) -> list[ReviewCase]:
    """Return the questions that these lines ask, with everybody whom they may be; a fixed number of queries."""
    students = _students(lines)
    beside = _beside(lines)
    return [_case(line, students, beside.get((line.roster_import_id, line.eleve_id), [])) for line in lines]


def _case(line: RosterLine, students: dict[int, "_Known"], doubles: Iterable[RosterLine]) -> ReviewCase:
    known = [(pk, students[pk]) for pk in line.candidates if pk in students]
    is_aside = bool(line.set_aside) and line.review_code == line.set_aside
    likenesses = [
        Likeness(pk, one.student.match_key == line.match_key, _same_birth(line, one.student)) for pk, one in known
    ]
    return ReviewCase(
        line_id=line.pk,
        import_id=line.roster_import_id,
        school=line.roster_import.school.name,
        line=line.line,
        name=full_name(line),
        birth_on=line.birth_on,
        division=line.division,
        has_ine=line.ine_fingerprint is not None,
        review_code=line.review_code,
        question="aside" if is_aside else _QUESTIONS.get(line.review_code, "who"),
        candidates=() if is_aside else tuple(_candidate(line, pk, one) for pk, one in known),
        beside=tuple(
            ", ".join(filter(None, (full_name(other), other.division))) for other in doubles if other.pk != line.pk
        ),
        proposal=None if is_aside else proposal(line.review_code, likenesses),
    )


def full_name(person: RosterLine | Student) -> str:
    """Return first name, birth name, and the usage name where there is one: "Léa Marchand (Petit)"."""
    usage = f" ({person.usage_name})" if person.usage_name else ""
    return f"{person.given_name} {person.family_name}".strip() + usage


def _same_birth(line: RosterLine, student: Student) -> bool:
    return line.birth_on is not None and line.birth_on == student.birth_on


@dataclass(frozen=True)
class _Known:
    student: Student
    is_in_scope: bool
    division: str
    asset_tag: str


def _candidate(line: RosterLine, pk: int, known: _Known) -> Candidate:
    student = known.student
    name, school = full_name(student), str(student.custodian.school or "")
    if not known.is_in_scope:
        return Candidate(pk, name, school, _same_birth(line, student), is_whole=False)
    return Candidate(
        pk, name, school, _same_birth(line, student), True, student.birth_on, known.division, student.label_code,
        known.asset_tag,
    )  # fmt: skip


def _students(lines: Sequence[RosterLine]) -> dict[int, _Known]:
    """Return whom the lines name, by the id that they name; who was merged meanwhile is read through the other."""
    ids = {pk for line in lines for pk in line.candidates}
    if not ids:
        return {}
    region_id = lines[0].roster_import.school.region_id
    # The one place where a head of school learns of a student of another lycée: name and lycée (`Candidate`).
    with region_wide(region_id):
        related = "custodian__school", "merged_into__custodian__school"
        named = {one.pk: one.merged_into or one for one in Student.objects.select_related(*related).filter(pk__in=ids)}
    kept = {student.pk for student in named.values()}
    in_scope = set(Student.objects.filter(pk__in=kept).values_list("pk", flat=True))
    latest = Enrolment.objects.filter(student__in=in_scope).order_by("first_year", "starts_on")
    divisions = dict(latest.values_list("student_id", "division"))
    held = Device.objects.filter(
        custodian__in=[one.custodian_id for one in named.values() if one.pk in in_scope],
        custodian_kind=CustodianKind.STUDENT,
    )
    tags = dict(held.values_list("custodian_id", "asset_tag"))
    return {
        pk: _Known(
            student, student.pk in in_scope, divisions.get(student.pk, ""), tags.get(student.custodian_id, "")
        )
        for pk, student in named.items()
    }  # fmt: skip


def _beside(lines: Sequence[RosterLine]) -> dict[tuple[UUID, str], list[RosterLine]]:
    """Return the lines of the same lists that bear the number of a line that its reader set aside."""
    aside = [line for line in lines if line.set_aside and line.eleve_id]
    if not aside:
        return {}
    found: dict[tuple[UUID, str], list[RosterLine]] = {}
    for line in RosterLine.objects.filter(
        roster_import__in={line.roster_import_id for line in aside}, eleve_id__in={line.eleve_id for line in aside}
    ).order_by("pk"):
        found.setdefault((line.roster_import_id, line.eleve_id), []).append(line)
    return found
