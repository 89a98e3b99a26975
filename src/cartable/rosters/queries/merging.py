"""Read what making one student of two would do, before anybody decides."""

from collections.abc import Iterable
from dataclasses import dataclass

from cartable.fleet.queries.stocks import held_device_ids
from cartable.rosters.models import Enrolment, Student, StudentSource
from cartable.rosters.rules.merging import MergeSide, survivor


@dataclass(frozen=True)
class MergePlan:
    """Who stays, who is read through them, and whose PC passes; both may hold one, and then nothing is done."""

    kept: Student
    absorbed: Student
    passing_device_id: int | None
    both_hold_device: bool


def merge_plan(students: Iterable[Student]) -> MergePlan:
    """Say what reading two students as one would do."""
    both = list(students)
    kept_id = survivor(*map(_side, both))
    kept, absorbed = sorted(both, key=lambda student: student.pk != kept_id)
    held = held_device_ids([student.custodian_id for student in both])
    return MergePlan(kept, absorbed, held.get(absorbed.custodian_id), len(held) == len(both))


def _side(student: Student) -> MergeSide:
    home = Enrolment.objects.filter(student=student, is_home=True).order_by("-starts_on", "-pk").first()
    return MergeSide(
        student.pk,
        student.source == StudentSource.LIST,
        home.starts_on if home else None,
        home.ends_on if home else None,
    )
