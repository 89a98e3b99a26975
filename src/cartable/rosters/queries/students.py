"""Read one student: who they are, where they are enrolled, what they answer for, which records were one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q

from cartable.kernel.school_year import SchoolYear
from cartable.organisations.scoping import scope_values
from cartable.rosters.models import Enrolment, Student, StudentMerge
from cartable.rosters.queries.merging import merge_plan
from cartable.rosters.queries.people import actor_names
from cartable.rosters.queries.reach import region_wide
from cartable.rosters.queries.review import full_name


@dataclass(frozen=True)
class EnrolmentRow:
    """A school year in a lycée; ``is_home`` where it answers for the student."""

    year: str
    school: str
    division: str
    level: str
    starts_on: date
    ends_on: date | None
    is_home: bool


@dataclass(frozen=True)
class MergeRow:
    """Two records that were read as one: when, by whom, and whether it was taken back."""

    merge_id: UUID
    name: str
    label_code: str
    decided_at: datetime
    decided_by: str
    undone_at: datetime | None
    undone_by: str


@dataclass(frozen=True)
class StudentSheet:
    """All that is kept of a student; ``labels`` begin with their own, those of merged records follow.

    ``accounts`` are those of all these records: student id → custodian id.
    """

    student_id: int
    name: str
    label_code: str
    labels: tuple[str, ...]
    birth_on: date | None
    school: str
    source: str
    asset_tag: str
    enrolments: tuple[EnrolmentRow, ...]
    merges: tuple[MergeRow, ...]
    accounts: Mapping[int, int]


# What a merge shows of itself and of its two records.
_MERGED = (
    "decided_at", "decided_by_id", "undone_at", "undone_by_id",
    *(
        f"{record}__{field}"
        for record in ("kept", "absorbed")
        for field in ("given_name", "family_name", "usage_name", "label_code")
    ),
)  # fmt: skip


@dataclass(frozen=True)
class MergePreview:
    """What reading two students as one would do, in what a person can check."""

    kept: StudentSheet
    absorbed: StudentSheet
    passing_tag: str
    both_hold_device: bool


def merge_by_id(merge_id: UUID) -> StudentMerge | None:
    """Return a merge whose two students are in scope."""
    return StudentMerge.objects.select_related("kept").filter(pk=merge_id).first()


def student_sheet(student: Student) -> StudentSheet:
    """Return the sheet of a student whom `access` found in scope: enrolments in other lycées belong to it."""
    records, asset_tag = _records(student)
    together = [one.pk for one in records]
    with region_wide(student.region_id):
        enrolments = (
            Enrolment.objects.filter(student__in=together)
            .order_by("-first_year", "-is_home", "-starts_on", "pk")
            .values_list("first_year", "school__name", "division", "level", "starts_on", "ends_on", "is_home")
        )
        rows = tuple(EnrolmentRow(SchoolYear(one[0]).label, *one[1:]) for one in enrolments)
        merges = list(
            StudentMerge.objects.filter(Q(kept=student) | Q(absorbed__in=together))
            .select_related("absorbed", "kept")
            .only(*_MERGED)
            .order_by("-decided_at", "pk")
        )
    actors = actor_names([actor for one in merges for actor in (one.decided_by_id, one.undone_by_id)])
    return StudentSheet(
        student_id=student.pk,
        name=full_name(student),
        label_code=student.label_code,
        labels=tuple(one.label_code for one in records),
        birth_on=student.birth_on,
        school=str(student.custodian.school or ""),
        source=student.get_source_display(),
        asset_tag=asset_tag,
        enrolments=rows,
        merges=tuple(_merge(one, student, actors) for one in merges),
        accounts={one.pk: one.custodian_id for one in records},
    )


class _Record(NamedTuple):
    pk: int
    custodian_id: int
    label_code: str


# The records of the whole region, the student's own first; a PC only where it is in scope.
_RECORDS = """
SELECT record.id, record.custodian_id, record.label_code, device.asset_tag FROM rosters_student record
JOIN fleet_custodian custodian ON custodian.id = record.custodian_id
LEFT JOIN fleet_device device ON device.custodian_id = record.custodian_id AND device.custodian_kind = 'student'
    AND (%(schools)s::bigint[] IS NULL OR custodian.school_id = ANY(%(schools)s))
WHERE record.region_id = %(region)s AND (record.id = %(student)s OR record.merged_into_id = %(student)s)
ORDER BY record.id = %(student)s DESC, record.id
"""


def _records(student: Student) -> tuple[list[_Record], str]:
    """Return the record of a student and those that are read through it, and the tag of the PC that the student holds."""
    with connection.cursor() as cursor:
        cursor.execute(_RECORDS, {**scope_values(), "region": student.region_id, "student": student.pk})
        rows = cursor.fetchall()
    return [_Record(*row[:3]) for row in rows], rows[0][3] or ""


def _merge(one: StudentMerge, student: Student, actors: dict[int, str]) -> MergeRow:
    other = one.kept if one.absorbed_id == student.pk else one.absorbed
    return MergeRow(
        one.pk, full_name(other), other.label_code, one.decided_at, actors.get(one.decided_by_id, ""), one.undone_at,
        actors.get(one.undone_by_id or 0, ""),
    )  # fmt: skip


def merge_preview(one: Student, other: Student) -> MergePreview:
    """Return what would happen if these two students in scope were read as one."""
    with region_wide(one.region_id):
        plan = merge_plan([one, other])
    kept, absorbed = student_sheet(plan.kept), student_sheet(plan.absorbed)
    passing = absorbed.asset_tag if plan.passing_device_id is not None else ""
    return MergePreview(kept, absorbed, passing, plan.both_hold_device)
