"""Two students were one person: read them as one, keep everything, and be able to take it back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from cartable.fleet.commands import MovementOrder, correct_movement, pass_custody
from cartable.fleet.rules import Reason
from cartable.rosters.commands.enrolment import next_ine_rank
from cartable.rosters.followers import tell_followers
from cartable.rosters.models import Enrolment, Student, StudentMerge
from cartable.rosters.queries.merging import MergePlan, merge_plan
from cartable.rosters.queries.reach import region_wide

_GAPS = ("birth_on", "ine_fingerprint")


class MergeRefused(Exception):
    """The two students cannot be read as one; ``code`` says why."""

    code = "merge_refused"


class SameStudent(MergeRefused):
    """Both are the same student already."""

    code = "same_student"


class BothHoldDevice(MergeRefused):
    """Each has a PC: one must come back first, or somebody would hold two."""

    code = "both_hold_device"


class MergeNotOpen(MergeRefused):
    """There is no such merge, or it is undone already."""

    code = "merge_not_open"


class MergeIdReused(MergeRefused):
    """The same id came with other students."""

    code = "merge_id_reused"


@dataclass(frozen=True)
class Merged:
    """Who stays and who is read through it; ``replayed`` where the same act was asked again."""

    merge_id: UUID
    kept_id: int
    absorbed_id: int
    replayed: bool = False


@transaction.atomic
def merge_students(*, merge_id: UUID, student_ids: tuple[int, int], decided_by_id: int, decided_at: datetime) -> Merged:
    """Read two students as one person from now on. The same ``merge_id`` again gives the first answer.

    `merge_plan` says which one stays. Nothing is deleted: labels, movements, enrolments of the other stay and
    resolve to it; a PC passes to the account that stays. Raises SameStudent, BothHoldDevice, MergeIdReused.
    """
    if (known := StudentMerge.objects.filter(pk=merge_id).first()) is not None:
        if {known.kept_id, known.absorbed_id} != set(student_ids):
            raise MergeIdReused
        return Merged(known.pk, known.kept_id, known.absorbed_id, replayed=True)
    students = _locked(student_ids)
    with region_wide(students[0].region_id):
        return _merge(merge_plan(students), merge_id, decided_by_id, decided_at)


def _merge(plan: MergePlan, merge_id: UUID, decided_by_id: int, decided_at: datetime) -> Merged:
    if plan.both_hold_device:
        raise BothHoldDevice
    kept, absorbed, device_id = plan.kept, plan.absorbed, plan.passing_device_id
    aliases = list(absorbed.aliases.values_list("pk", flat=True))
    homes = list(Enrolment.objects.filter(student=absorbed, is_home=True).values_list("pk", flat=True))
    filled = [field for field in _GAPS if getattr(kept, field) is None and getattr(absorbed, field) is not None]
    before = {"homes": homes, "aliases": aliases, "filled": filled}
    if device_id is not None:
        pass_custody(
            [
                MovementOrder(
                    merge_id, device_id, absorbed.custodian_id, kept.custodian_id, Reason.IDENTITY, decided_at,
                    decided_by_id, f"merge:{merge_id}",
                )
            ]
        )  # fmt: skip
    StudentMerge.objects.create(
        id=merge_id, kept=kept, absorbed=absorbed, decided_at=decided_at, decided_by_id=decided_by_id,
        movement_id=merge_id if device_id is not None else None, before=before,
    )  # fmt: skip
    # The absorbed student keeps its past, and is nobody's to equip any more.
    Enrolment.objects.filter(pk__in=homes).update(is_home=False)
    Student.objects.filter(pk__in=[absorbed.pk, *aliases]).update(merged_into=kept, ine_rank=None)
    _fill(kept, absorbed, filled)
    _tell_schools(kept, absorbed)
    return Merged(merge_id, kept.pk, absorbed.pk)


@transaction.atomic
def undo_merge(*, merge_id: UUID, movement_id: UUID, undone_by_id: int, undone_at: datetime) -> None:
    """Take a merge back: two students again, each with its own past; the PC goes back where it counted before.

    Asked again it changes nothing. Raises MergeNotOpen; fleet's CustodyHasMoved where the PC has moved on since.
    """
    merge = StudentMerge.objects.select_for_update().filter(pk=merge_id).first()
    if merge is None:
        raise MergeNotOpen
    if merge.undone_at is not None:
        return
    with region_wide(merge.kept.region_id):
        _undo(merge, movement_id, undone_by_id, undone_at)


def _undo(merge: StudentMerge, movement_id: UUID, undone_by_id: int, undone_at: datetime) -> None:
    kept, absorbed = merge.kept, merge.absorbed
    if absorbed.merged_into_id != kept.pk:
        raise MergeNotOpen
    if merge.movement_id is not None:
        correct_movement(
            movement_id=movement_id, corrected_id=merge.movement_id, happened_at=undone_at,
            recorded_by_id=undone_by_id, evidence=f"merge:{merge.pk}",
        )  # fmt: skip
    Student.objects.filter(pk=kept.pk).update(**dict.fromkeys(merge.before["filled"]))
    Student.objects.filter(pk=absorbed.pk).update(
        merged_into=None, ine_rank=next_ine_rank(absorbed.ine_fingerprint, absorbed.region_id)
    )
    Student.objects.filter(pk__in=merge.before["aliases"], merged_into=kept).update(merged_into=absorbed)
    Enrolment.objects.filter(pk__in=merge.before["homes"]).update(is_home=True)
    merge.undone_at, merge.undone_by_id = undone_at, undone_by_id
    merge.save(update_fields=["undone_at", "undone_by"])
    _tell_schools(kept, absorbed)


def _tell_schools(*students: Student) -> None:
    for school_id in sorted({s.custodian.school_id for s in students if s.custodian.school_id is not None}):
        tell_followers(school_id)


def _locked(student_ids: tuple[int, int]) -> list[Student]:
    students = list(Student.objects.select_for_update(of=("self",)).filter(pk__in=student_ids).order_by("pk"))
    if len(students) != 2 or any(student.merged_into_id is not None for student in students):
        raise SameStudent
    return students


def _fill(kept: Student, absorbed: Student, fields: list[str]) -> None:
    """Give the student that stays what only the other one knew."""
    if fields:
        values = {field: getattr(absorbed, field) for field in fields}
        if "ine_fingerprint" in values:
            values["ine_rank"] = next_ine_rank(absorbed.ine_fingerprint, kept.region_id)
        Student.objects.filter(pk=kept.pk).update(**values)
