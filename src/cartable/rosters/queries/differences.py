"""Read the difference that a list makes: page by page, by class and name, or all of it for an export."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from cartable.organisations.queries import schools_for_uais
from cartable.rosters.models import (
    Enrolment,
    GuardianLine,
    Outcome,
    RosterImport,
    RosterLine,
    RosterState,
    Student,
)
from cartable.rosters.queries.reach import region_wide
from cartable.rosters.rules.differences import CHANGES, FROM_SCHOOL, MARKS

PAGE = 200


@dataclass(frozen=True)
class DifferenceLine:
    """One student in the difference; ``before`` and ``after`` hold, by code of change, what is kept and what is listed."""

    line: int | None
    name: str
    division: str
    outcome: str
    matched_by: str
    review_code: str
    changes: tuple[str, ...]
    marks: tuple[str, ...]
    before: dict[str, str | date] = field(default_factory=dict)
    after: dict[str, str | date] = field(default_factory=dict)


@dataclass(frozen=True)
class DifferencePage:
    """A page of lines, and the ids of the lines from which the neighbours start."""

    rows: tuple[DifferenceLine, ...]
    previous_before: int | None
    next_after: int | None


@dataclass(frozen=True)
class GuardianRow:
    """One guardian of a list beside the student; a contact answers for nobody."""

    name: str
    is_legal: bool
    student: str
    division: str


@dataclass(frozen=True)
class GuardianPage:
    """A page of guardians, and the id after which the next one starts."""

    rows: tuple[GuardianRow, ...]
    next_after: int | None


def kinds_of(roster_import: RosterImport) -> list[tuple[str, int]]:
    """Return the codes of change and of mark that an import holds with their counts, in the order of the screen."""
    origins = sorted(code for code in roster_import.kinds if code.startswith(FROM_SCHOOL))
    wanted = [*CHANGES, *origins, *MARKS]
    return [(code, roster_import.kinds[code]) for code in wanted if roster_import.kinds.get(code)]


def school_names(region_id: int, codes: Iterable[str]) -> dict[str, str]:
    """Return the names of the lycées that "from:<UAI>" codes name, anywhere in the region."""
    numbers = {code.removeprefix(FROM_SCHOOL) for code in codes if code.startswith(FROM_SCHOOL)}
    if not numbers:
        return {}
    with region_wide(region_id):
        return {uai: school.name for uai, school in schools_for_uais(numbers).items()}


def difference(
    roster_import: RosterImport,
    *,
    outcome: str = "",
    kind: str = "",
    after: int | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> DifferencePage:
    """Return a page of the students of one outcome, or of one kind of change or mark, by class and name.

    A cursor names a line of this import; one that names nothing starts from the beginning.
    """
    chosen = RosterLine.objects.filter(roster_import=roster_import)
    if outcome:
        chosen = chosen.filter(outcome=outcome)
    if kind:
        chosen = chosen.filter(Q(changes__contains=[kind]) | Q(marks__contains=[kind]))
    found, has_previous, has_next = _page(chosen, after, before, limit)
    rows = tuple(_lines(roster_import, found))
    return DifferencePage(
        rows,
        found[0].pk if has_previous and found else None,
        found[-1].pk if has_next and found else None,
    )


def _page(
    chosen: QuerySet[RosterLine], after: int | None, before: int | None, limit: int
) -> tuple[list[RosterLine], bool, bool]:
    place = _place(chosen, before or after)
    if place is not None and before:
        found = list(
            chosen.filter(_beside(place, "lt")).order_by("-division", "-folded_name", "-pk")[: limit + 1]
        )  # fmt: skip
        return found[:limit][::-1], len(found) > limit, True
    if place is not None:
        chosen = chosen.filter(_beside(place, "gt"))
    found = list(chosen.order_by("division", "folded_name", "pk")[: limit + 1])
    return found[:limit], place is not None, len(found) > limit


def _place(chosen: QuerySet[RosterLine], pk: int | None) -> tuple[Any, ...] | None:
    if pk is None:
        return None
    return chosen.filter(pk=pk).values_list("division", "folded_name", "pk").first()


def _beside(place: tuple[Any, ...], side: str) -> Q:
    division, name, pk = place
    return (
        Q(**{f"division__{side}": division})
        | Q(division=division, **{f"folded_name__{side}": name})
        | Q(division=division, folded_name=name, **{f"pk__{side}": pk})
    )


def _lines(roster_import: RosterImport, found: Sequence[RosterLine]) -> Iterator[DifferenceLine]:
    known = _known(roster_import, found)
    for row in found:
        before = known.get(row.student_id or 0, {})
        after = _values(row, row)
        changed = [code for code in row.changes if code in after and before.get(code)]
        yield DifferenceLine(
            row.line,
            f"{row.given_name} {row.usage_name or row.family_name}".strip(),
            row.division,
            row.outcome,
            row.matched_by,
            row.review_code,
            tuple(row.changes),
            tuple(row.marks),
            {code: before[code] for code in changed},
            {code: after[code] for code in (*changed, "leaving", "left") if after.get(code)},
        )


def _known(roster_import: RosterImport, found: Sequence[RosterLine]) -> dict[int, dict[str, Any]]:
    """Return what is kept of the students of a page; once a list is applied, what it replaced is gone."""
    if roster_import.state != RosterState.PREVIEWED:
        return {}
    ids = [row.student_id for row in found if row.student_id and row.outcome != Outcome.ABSENT and row.changes]
    enrolments = {
        one.student_id: one
        for one in Enrolment.objects.filter(
            student__in=ids, school_id=roster_import.school_id, first_year=roster_import.first_year
        )
    }
    # In scope only: what another lycée keeps of whoever comes by transfer is not this one's to read.
    return {one.pk: _values(one, enrolments.get(one.pk)) for one in Student.objects.filter(pk__in=ids)}


def _values(person: Student | RosterLine, enrolment: Enrolment | RosterLine | None) -> dict[str, Any]:
    values: dict[str, Any] = {
        "surname": person.family_name,
        "spelling": f"{person.given_name} {person.usage_name or person.family_name}".strip(),
        "usage_name": person.usage_name,
        "given_name": person.given_name,
        "birth_date": person.birth_on,
    }
    if enrolment is not None:
        values |= {"class": enrolment.division, "level": enrolment.level}
        values |= {"leaving": enrolment.ends_on, "left": enrolment.ends_on}
    return values


def whole_difference(imports: QuerySet[RosterImport]) -> QuerySet[RosterLine]:
    """Return all lines of these imports that change or tell something, by lycée, class and name; no INE is read."""
    lines = RosterLine.objects.filter(roster_import__in=imports).exclude(outcome=Outcome.SAME, marks=[])
    return (
        lines.select_related("roster_import__school")
        .defer("ine_fingerprint", "candidates")
        .order_by("roster_import__school__name", "roster_import", "division", "folded_name", "pk")
    )


def guardians(
    roster_import: RosterImport, *, is_legal: bool | None, after: int | None = None, limit: int = PAGE
) -> GuardianPage:
    """Return a page of the guardians of a list, in its order: all, the legal ones, or the contacts."""
    chosen = GuardianLine.objects.filter(roster_import=roster_import, pk__gt=after or 0)
    if is_legal is not None:
        chosen = chosen.filter(is_legal=is_legal)
    found = list(chosen.order_by("pk")[: limit + 1])
    has_next, found = len(found) > limit, found[:limit]
    enrolled = {
        one.eleve_id: one
        for one in Enrolment.objects.select_related("student").filter(
            school_id=roster_import.school_id, first_year=roster_import.first_year, is_home=True,
            eleve_id__in=[row.eleve_id for row in found],
        )
    }  # fmt: skip
    rows = tuple(_guardian(row, enrolled.get(row.eleve_id)) for row in found)
    return GuardianPage(rows, found[-1].pk if has_next else None)


def _guardian(row: GuardianLine, enrolment: Enrolment | None) -> GuardianRow:
    return GuardianRow(
        f"{row.given_name} {row.family_name}".strip(),
        row.is_legal,
        enrolment.student.display_name if enrolment else "",
        enrolment.division if enrolment else "",
    )
