"""Two students who are one person are read as one: nothing is lost, and it can be taken back."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from cartable.conftest import Cast
from cartable.fleet.audit import audit_ledger
from cartable.fleet.commands import CustodyHasMoved
from cartable.fleet.models import Device, Movement
from cartable.fleet.rules import CustodianKind, Reason
from cartable.rosters.commands.enrolment import NewStudent, enrol_students
from cartable.rosters.commands.merging import (
    BothHoldDevice,
    MergeIdReused,
    MergeNotOpen,
    SameStudent,
    merge_students,
    undo_merge,
)
from cartable.rosters.models import Enrolment, Student, StudentMerge, StudentSource

pytestmark = pytest.mark.django_db


def enrolled(
    cast: Cast, name: str, *, year: int = 2026, source: StudentSource = StudentSource.LIST, **more: object
) -> Student:
    (student_id,) = enrol_students(
        region_id=cast.region.pk,
        first_year=year,
        students=[NewStudent(cast.school.pk, name, "Bilal", **more)],  # type: ignore[arg-type]
        source=source,
        entered_at=cast.now,
        recorded_by_id=cast.sonia.actor_id,
    )
    return Student.objects.get(pk=student_id)


def merged(cast: Cast, one: Student, other: Student, merge_id: UUID | None = None) -> UUID:
    return merge_students(
        merge_id=merge_id or uuid4(),
        student_ids=(one.pk, other.pk),
        decided_by_id=cast.durand.actor_id,
        decided_at=cast.now,
    ).merge_id


def undone(cast: Cast, merge_id: UUID) -> None:
    undo_merge(merge_id=merge_id, movement_id=uuid4(), undone_by_id=cast.durand.actor_id, undone_at=cast.now)


def equip(cast: Cast, student: Student) -> int:
    (device_id,) = cast.devices_allotted(1)
    cast.move(device_id, cast.school_accounts[CustodianKind.SCHOOL_ALLOTMENT], student.custodian_id, Reason.CHECK_OUT)
    return device_id


@pytest.fixture
def pair(cast: Cast) -> tuple[Student, Student]:
    """The student of the list, and the same person typed in on the day with a PC in hand."""
    return enrolled(cast, "Haddad", eleve_id="77"), enrolled(cast, "Hadad", source=StudentSource.WALK_UP)


def test_the_pc_of_the_absorbed_student_counts_for_the_one_that_stays(
    cast: Cast, pair: tuple[Student, Student]
) -> None:
    listed, walk_up = pair
    device_id = equip(cast, walk_up)
    merge_id = merged(cast, listed, walk_up)
    assert Device.objects.get(pk=device_id).custodian_id == listed.custodian_id
    movement = Movement.objects.get(pk=merge_id)
    assert (movement.reason, movement.evidence) == (Reason.IDENTITY, f"merge:{merge_id}")
    assert audit_ledger().violations == 0


def test_the_absorbed_student_stays_and_leads_to_the_other(cast: Cast, pair: tuple[Student, Student]) -> None:
    listed, walk_up = pair
    merged(cast, listed, walk_up)
    walk_up.refresh_from_db()
    assert walk_up.merged_into == listed
    assert Enrolment.objects.filter(student=walk_up, is_home=False).count() == 1
    assert Student.objects.get(label_code=walk_up.label_code).merged_into == listed


def test_the_student_of_the_list_stays_whichever_is_named_first(cast: Cast, pair: tuple[Student, Student]) -> None:
    listed, walk_up = pair
    merged(cast, walk_up, listed)
    walk_up.refresh_from_db()
    assert walk_up.merged_into == listed


def test_the_one_of_this_year_stays_before_the_one_of_last_year(cast: Cast) -> None:
    before, now = enrolled(cast, "Haddad", year=2025), enrolled(cast, "Haddad")
    merged(cast, before, now)
    before.refresh_from_db()
    assert before.merged_into == now


def test_what_only_one_knew_is_known_of_the_person_and_forgotten_again_when_undone(cast: Cast) -> None:
    listed = enrolled(cast, "Haddad")
    other = enrolled(cast, "Hadad", source=StudentSource.WALK_UP, ine_fingerprint=b"i" * 32)
    merge_id = merged(cast, listed, other)
    listed.refresh_from_db()
    assert bytes(listed.ine_fingerprint or b"") == b"i" * 32
    undone(cast, merge_id)
    listed.refresh_from_db()
    assert listed.ine_fingerprint is None


def test_two_students_with_a_pc_each_are_not_merged(cast: Cast, pair: tuple[Student, Student]) -> None:
    for student in pair:
        equip(cast, student)
    with pytest.raises(BothHoldDevice):
        merged(cast, *pair)
    assert not StudentMerge.objects.exists()


def test_a_merge_is_undone_and_both_are_as_before(cast: Cast, pair: tuple[Student, Student]) -> None:
    listed, walk_up = pair
    device_id = equip(cast, walk_up)
    merge_id = merged(cast, listed, walk_up)
    undone(cast, merge_id)
    undone(cast, merge_id)
    walk_up.refresh_from_db()
    assert walk_up.merged_into is None
    assert Enrolment.objects.get(student=walk_up).is_home
    assert Device.objects.get(pk=device_id).custodian_id == walk_up.custodian_id
    assert Movement.objects.filter(device_id=device_id).count() == 5
    assert audit_ledger().violations == 0


def test_a_merge_whose_pc_has_moved_on_is_not_undone_by_luck(cast: Cast, pair: tuple[Student, Student]) -> None:
    listed, walk_up = pair
    device_id = equip(cast, walk_up)
    merge_id = merged(cast, listed, walk_up)
    cast.move(device_id, listed.custodian_id, cast.school_accounts[CustodianKind.SCHOOL_BENCH], Reason.CHECK_IN)
    with pytest.raises(CustodyHasMoved):
        undone(cast, merge_id)
    walk_up.refresh_from_db()
    assert walk_up.merged_into == listed


def test_the_same_merge_asked_twice_is_one(cast: Cast, pair: tuple[Student, Student]) -> None:
    merge_id = merged(cast, *pair)
    assert merged(cast, *pair, merge_id=merge_id) == merge_id
    assert StudentMerge.objects.count() == 1


def test_the_id_of_a_merge_is_not_taken_for_others(cast: Cast, pair: tuple[Student, Student]) -> None:
    merge_id = merged(cast, *pair)
    with pytest.raises(MergeIdReused):
        merged(cast, pair[0], enrolled(cast, "Autre"), merge_id=merge_id)


def test_an_absorbed_student_is_not_merged_again(cast: Cast, pair: tuple[Student, Student]) -> None:
    merged(cast, *pair)
    with pytest.raises(SameStudent):
        merged(cast, *pair)


def test_who_was_read_through_the_absorbed_student_is_read_through_the_one_that_stays(cast: Cast) -> None:
    first, second, third = (enrolled(cast, "Haddad", year=year) for year in (2024, 2025, 2026))
    merged(cast, first, second)
    later = merged(cast, second, third)
    assert set(third.aliases.all()) == {first, second}
    assert audit_ledger().violations == 0
    undone(cast, later)
    assert set(second.aliases.all()) == {first}


def test_a_merge_that_was_overtaken_by_another_is_undone_after_it(cast: Cast) -> None:
    first, second, third = (enrolled(cast, "Haddad", year=year) for year in (2024, 2025, 2026))
    early = merged(cast, first, second)
    merged(cast, second, third)
    with pytest.raises(MergeNotOpen):
        undone(cast, early)


def test_merged_and_undone_again_and_again(cast: Cast, pair: tuple[Student, Student]) -> None:
    for _round in range(3):
        undone(cast, merged(cast, *pair))
    assert StudentMerge.objects.filter(decided_at__lte=cast.now + timedelta(days=1)).count() == 3
    assert audit_ledger().violations == 0
