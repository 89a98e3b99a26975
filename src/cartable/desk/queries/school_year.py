"""Read the students whom this year's lists count: page by page for a lycée, or all of them one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from cartable.kernel.school_year import SchoolYear
from cartable.rosters.models import Enrolment

_DEVICE = "student__custodian__device"
_FIELDS = (
    "school__uai", "school__name", "division", "level", "student__family_name", "student__usage_name",
    "student__given_name", "student__label_code", f"{_DEVICE}__asset_tag", f"{_DEVICE}__serial_number",
)  # fmt: skip


@dataclass(frozen=True)
class StudentFilter:
    """What a list of students is narrowed to; ``holds`` None: with and without PC."""

    uai: str = ""
    division: str = ""
    holds: bool | None = None


@dataclass(frozen=True)
class StudentRow:
    """A student of this year in a list."""

    uai: str
    school: str
    division: str
    level: str
    family_name: str
    usage_name: str
    given_name: str
    label_code: str
    asset_tag: str
    serial_number: str

    @property
    def name(self) -> str:
        """Return the name in the order of a list: « MARCHAND Alice » would shout, « Marchand Alice » sorts."""
        return f"{self.usage_name or self.family_name} {self.given_name}".strip()


@dataclass(frozen=True)
class StudentRows:
    """One page of a list: rows, their count, and the labels from which the neighbours start."""

    rows: tuple[StudentRow, ...]
    count: int
    previous_before: str | None
    next_after: str | None


def students_page(
    wanted: StudentFilter, *, today: date, after: str = "", before: str = "", limit: int = 50
) -> StudentRows:
    """Return one page of the students in scope, by name. A label says the place: no name stands in an address."""
    chosen = _matching(wanted, today)
    ordered = "student__folded_name", "student_id"
    place = None
    if after or before:
        place = chosen.filter(student__label_code=after or before).values_list(*ordered).first()
    name, pk = place or ("", 0)
    if before and place:
        earlier = chosen.filter(Q(student__folded_name__lt=name) | Q(student__folded_name=name, student_id__lt=pk))
        found = _rows(earlier.order_by(*(f"-{field}" for field in ordered))[: limit + 1])
        has_previous, has_next, found = len(found) > limit, True, found[:limit][::-1]
    else:
        later = chosen.filter(Q(student__folded_name__gt=name) | Q(student__folded_name=name, student_id__gt=pk))
        found = _rows((later if place else chosen).order_by(*ordered)[: limit + 1])
        has_previous, has_next, found = place is not None, len(found) > limit, found[:limit]
    return StudentRows(
        tuple(found),
        chosen.count(),
        found[0].label_code if has_previous and found else None,
        found[-1].label_code if has_next and found else None,
    )


def each_student(wanted: StudentFilter, *, today: date) -> Iterator[StudentRow]:
    """Yield every student in scope, lycée by lycée and class by class; a few thousand are held at once."""
    ordered = _matching(wanted, today).order_by("school__uai", "division", "student__folded_name", "student_id")
    return map(_row, ordered.values_list(*_FIELDS).iterator(2_000))


def student_count(wanted: StudentFilter, *, today: date, most: int) -> int:
    """Return how many students in scope answer, up to ``most``."""
    return _matching(wanted, today)[:most].count()


def student_ids(
    wanted: StudentFilter, *, today: date, most: int, label_codes: Sequence[str] | None = None
) -> list[int]:
    """Return the ids of the students in scope that answer, by name, up to ``most``; of these labels only, where given."""
    chosen = _matching(wanted, today)
    if label_codes is not None:
        chosen = chosen.filter(student__label_code__in=list(label_codes))
    return list(chosen.order_by("student__folded_name", "student_id").values_list("student_id", flat=True)[:most])


def divisions_of(school_id: int, *, today: date) -> list[str]:
    """Return the classes of a lycée this year, by name."""
    found = Enrolment.objects.filter(school_id=school_id, first_year=SchoolYear.containing(today).first_year)
    return list(found.order_by("division").values_list("division", flat=True).distinct())


def _matching(wanted: StudentFilter, today: date) -> "QuerySet[Enrolment]":
    is_there = Q(ends_on__isnull=True) | Q(ends_on__gt=today)
    chosen = Enrolment.objects.filter(
        is_there, first_year=SchoolYear.containing(today).first_year, is_home=True, student__merged_into__isnull=True
    )
    if wanted.uai:
        chosen = chosen.filter(school__uai=wanted.uai)
    if wanted.division:
        chosen = chosen.filter(division=wanted.division)
    if wanted.holds is not None:
        chosen = chosen.filter(**{f"{_DEVICE}__isnull": not wanted.holds})
    return chosen


def _rows(chosen: "QuerySet[Enrolment]") -> list[StudentRow]:
    return [_row(values) for values in chosen.values_list(*_FIELDS)]


def _row(values: tuple[str | None, ...]) -> StudentRow:
    return StudentRow(*(value or "" for value in values))
