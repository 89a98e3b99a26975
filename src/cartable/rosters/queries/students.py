"""Read one student: who they are, where they are enrolled, what they answer for, which records were one."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind
from cartable.kernel.school_year import SchoolYear
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
    """All that is kept of a student; ``labels`` begin with their own, those of merged records follow."""

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
    with region_wide(student.region_id):
        aliases = list(student.aliases.order_by("pk"))
        together = [student, *aliases]
        enrolments = list(
            Enrolment.objects.filter(student__in=together)
            .select_related("school")
            .order_by("-first_year", "-is_home", "-starts_on", "pk")
        )
        merges = list(
            StudentMerge.objects.filter(Q(kept=student) | Q(absorbed__in=together))
            .select_related("absorbed", "kept")
            .order_by("-decided_at", "pk")
        )
    held = Device.objects.filter(custodian_id=student.custodian_id, custodian_kind=CustodianKind.STUDENT).first()
    actors = actor_names([actor for one in merges for actor in (one.decided_by_id, one.undone_by_id)])
    return StudentSheet(
        student_id=student.pk,
        name=full_name(student),
        label_code=student.label_code,
        labels=(student.label_code, *(one.label_code for one in aliases)),
        birth_on=student.birth_on,
        school=str(student.custodian.school or ""),
        source=student.get_source_display(),
        asset_tag=held.asset_tag if held else "",
        enrolments=tuple(map(_enrolment, enrolments)),
        merges=tuple(_merge(one, student, actors) for one in merges),
    )


def _enrolment(one: Enrolment) -> EnrolmentRow:
    return EnrolmentRow(
        SchoolYear(one.first_year).label, one.school.name, one.division, one.level, one.starts_on, one.ends_on, one.is_home
    )  # fmt: skip


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
