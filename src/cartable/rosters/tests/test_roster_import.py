"""A list previewed and applied: what changes, what never does, and what waits for a human."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from cartable.conftest import Cast
from cartable.fleet.models import Device, Movement
from cartable.fleet.rules import CustodianKind, Reason
from cartable.rosters.commands.enrolment import add_walk_up
from cartable.rosters.commands.imports import (
    ImportNotOpen,
    SecondPersonNeeded,
    apply_students,
    preview_students,
)
from cartable.rosters.formats.records import Header, StudentFile
from cartable.rosters.formats.records import Student as Listed
from cartable.rosters.models import Enrolment, RosterImport, RosterLine, Student

TODAY = date(2026, 9, 13)


def listed(eleve_id: str, family_name: str = "Marchand", given_name: str = "Léa", **changes: object) -> Listed:
    fields = {
        "eleve_id": eleve_id, "ine": None, "family_name": family_name, "usage_name": "", "given_name": given_name,
        "birth_on": date(2011, 4, 5), "status": "ST", "mef": "20010015110", "level": "2211", "division": "2DE7",
        "entered_on": date(2026, 9, 1), "left_on": None, "exit_reason": "", "previous_uai": None,
    }  # fmt: skip
    return Listed(**{**fields, **changes})  # type: ignore[arg-type]


def preview(cast: Cast, *students: Listed, school: object = None, queued: tuple[Listed, ...] = ()) -> RosterImport:
    school = school or cast.school
    header = Header("BEE_ELEVES", school.uai, 2026, None, "3.0")  # type: ignore[attr-defined]
    file = StudentFile(header, students, queued, (), len(students) + len(queued), 0)
    return preview_students(
        school=school, first_year=2026, listed=file, sha256=b"\0" * 32, now=cast.now, read_by_id=cast.sonia.actor_id,
        today=TODAY,
    )  # type: ignore[arg-type]  # fmt: skip


def apply(cast: Cast, roster_import: RosterImport, by: int | None = None) -> RosterImport:
    now = cast.now + timedelta(minutes=RosterImport.objects.count())
    return apply_students(roster_import=roster_import, applied_by_id=by or cast.sonia.actor_id, now=now, today=TODAY)


def load(cast: Cast, *students: Listed, **more: object) -> RosterImport:
    return apply(cast, preview(cast, *students, **more))  # type: ignore[arg-type]


def outcomes(roster_import: RosterImport) -> dict[str, str]:
    return dict(RosterLine.objects.filter(roster_import=roster_import).values_list("eleve_id", "outcome"))


def test_a_preview_changes_nothing(cast: Cast) -> None:
    roster_import = preview(cast, listed("1"))
    assert roster_import.counts["arrival"] == 1
    assert Student.objects.count() == 0


def test_a_new_student_is_entered_with_an_account_and_a_label(cast: Cast) -> None:
    load(cast, listed("1"))
    student = Student.objects.get()
    assert student.custodian.school_id == cast.school.pk
    assert student.label_code.startswith("E")


def test_the_same_list_again_changes_nothing(cast: Cast) -> None:
    load(cast, listed("1"), listed("2", "Benali", "Bilal"))
    again = preview(cast, listed("2", "Benali", "Bilal"), listed("1"))
    assert again.counts == {"same": 2, "enrolled": 2}
    apply(cast, again)
    assert (Student.objects.count(), Enrolment.objects.count()) == (2, 2)


def test_an_import_is_applied_only_once(cast: Cast) -> None:
    roster_import = load(cast, listed("1"))
    with pytest.raises(ImportNotOpen):
        apply(cast, roster_import)


def test_a_class_change_follows_the_list(cast: Cast) -> None:
    load(cast, listed("1"))
    changed = load(cast, listed("1", division="2DE3"))
    assert outcomes(changed) == {"1": "change"}
    enrolment = Enrolment.objects.get()
    assert (enrolment.division, enrolment.ends_on) == ("2DE3", None)


def test_P31_a_past_exit_date_is_a_departure_and_absence_is_not(cast: Cast) -> None:
    load(cast, listed("1"), listed("2", "Benali", "Bilal"), listed("3", "Caron", "Zoé"))
    left = load(cast, listed("1", left_on=TODAY - timedelta(days=1)), listed("3", "Caron", "Zoé"))
    assert outcomes(left) == {"1": "departure", "2": "absent", "3": "same"}
    assert Enrolment.objects.get(eleve_id="1").ends_on == TODAY - timedelta(days=1)
    assert Enrolment.objects.get(eleve_id="2").ends_on is None


def test_P31_an_announced_exit_changes_nothing_until_its_day(cast: Cast) -> None:
    load(cast, listed("1"), listed("2", "Benali", "Bilal"))
    announced = load(cast, listed("1", left_on=TODAY + timedelta(days=30)), listed("2", "Benali", "Bilal"))
    assert outcomes(announced) == {"1": "departure", "2": "same"}
    enrolment = Enrolment.objects.get(eleve_id="1")
    assert (enrolment.ends_on, enrolment.is_home) == (TODAY + timedelta(days=30), True)


@pytest.mark.parametrize("left_on", [TODAY - timedelta(days=1), TODAY + timedelta(days=30)])
def test_P31_no_list_takes_a_pc_back_from_a_student_who_leaves(cast: Cast, left_on: date) -> None:
    load(cast, listed("1"))
    (device_id,) = cast.devices_allotted(1)
    custodian_id = Student.objects.get().custodian_id
    cast.move(device_id, cast.school_accounts[CustodianKind.SCHOOL_ALLOTMENT], custodian_id, Reason.CHECK_OUT)
    moved = Movement.objects.count()
    assert outcomes(load(cast, listed("1", left_on=left_on))) == {"1": "departure"}
    assert (Movement.objects.count(), Device.objects.get(pk=device_id).custodian_id) == (moved, custodian_id)


def test_P33_more_than_a_fifth_gone_needs_a_second_person(cast: Cast) -> None:
    students = [listed(str(n), f"Nom{n}", "Prénom") for n in range(20)]
    load(cast, *students)
    cut = preview(cast, *students[:10])
    with pytest.raises(SecondPersonNeeded):
        apply(cast, cut)
    assert apply(cast, cut, by=cast.durand.actor_id).state == "applied"


def test_P41_a_changed_usage_name_is_the_same_student(cast: Cast) -> None:
    load(cast, listed("1", usage_name="Marchand"))
    again = load(cast, listed("77", usage_name="Durand"))
    # Seen as a change, by the name at birth and the date: whoever applies the list sees the old name beside the new.
    assert list(RosterLine.objects.filter(roster_import=again).values_list("outcome", "matched_by")) == [
        ("change", "name_and_birth")
    ]
    assert (Student.objects.get().family_name, Student.objects.get().usage_name) == ("Marchand", "Durand")


def test_P05_one_person_with_two_ine_waits_for_a_human(cast: Cast) -> None:
    load(cast, listed("1", ine="070832327JA"))
    again = load(cast, listed("1", ine="060375611AC"))
    assert list(RosterLine.objects.filter(roster_import=again).values_list("outcome", "review_code")) == [
        ("review", "two_ine")
    ]


def test_one_ine_for_two_people_waits_for_a_human(cast: Cast) -> None:
    load(cast, listed("1", ine="070832327JA"))
    other = listed("2", "Benali", "Bilal", ine="070832327JA", birth_on=date(2010, 1, 1))
    again = preview(cast, listed("1", ine="070832327JA"), other)
    assert outcomes(again)["2"] == "review"


def test_names_alone_never_match(cast: Cast) -> None:
    load(cast, listed("1"))
    load(cast, listed("9", birth_on=date(2010, 12, 24)), listed("1"))
    assert Student.objects.count() == 2


def test_a_student_who_comes_from_another_lycee_keeps_account_and_label(cast: Cast) -> None:
    load(cast, listed("1", ine="070832327JA"), school=cast.other_school)
    load(cast, listed("1", ine="070832327JA", left_on=date(2026, 9, 10)), school=cast.other_school)
    moved = load(cast, listed("5", ine="070832327JA", entered_on=date(2026, 9, 11)))
    assert outcomes(moved) == {"5": "transfer"}
    student = Student.objects.get()
    assert student.custodian.school_id == cast.school.pk
    assert student.enrolment_set.count() == 2


def test_a_student_in_two_lists_at_once_is_a_case_not_a_failed_import(cast: Cast) -> None:
    load(cast, listed("1", ine="070832327JA"), school=cast.other_school)
    again = load(cast, listed("5", ine="070832327JA"))
    assert list(RosterLine.objects.filter(roster_import=again).values_list("review_code", flat=True)) == [
        "enrolled_elsewhere"
    ]


def test_P09_twins_are_two_students(cast: Cast) -> None:
    load(cast, listed("1", given_name="Léa"), listed("2", given_name="Léo"))
    assert Student.objects.count() == 2


def test_the_ine_is_kept_as_a_keyed_hash_only(cast: Cast) -> None:
    load(cast, listed("1", ine="070832327JA"))
    kept = bytes(Student.objects.get().ine_fingerprint or b"")
    assert len(kept) == 32
    assert b"070832327JA" not in kept


def test_real_files_go_in_with_their_edge_cases(cast: Cast, tmp_path: Path) -> None:
    from cartable.rosters.formats.siecle import read_siecle
    from cartable.simulation.siecle_files import write_school_files

    files = write_school_files(tmp_path, uai=cast.school.uai, school_year=2026, student_count=120, seed=7, today=TODAY)
    file = read_siecle(files.students_path)
    assert isinstance(file, StudentFile)
    roster_import = preview_students(
        school=cast.school, first_year=2026, listed=file, sha256=b"\1" * 32, now=cast.now,
        read_by_id=cast.sonia.actor_id, today=TODAY,
    )  # fmt: skip
    apply(cast, roster_import)
    counts = roster_import.counts
    assert sum(v for k, v in counts.items() if k != "enrolled") == file.record_count - file.refused_count
    assert Enrolment.objects.count() == counts["arrival"]


def test_an_announced_departure_elsewhere_makes_an_early_arrival_a_case(cast: Cast) -> None:
    leaving = listed("1", ine="070832327JA", left_on=date(2026, 12, 15))
    load(cast, leaving, school=cast.other_school)
    again = load(cast, listed("5", ine="070832327JA"))
    assert list(RosterLine.objects.filter(roster_import=again).values_list("review_code", flat=True)) == [
        "enrolled_elsewhere"
    ]


def test_a_late_exit_date_of_the_old_lycee_does_not_undo_a_transfer(cast: Cast) -> None:
    student = {"ine": "070832327JA"}
    load(cast, listed("1", **student, left_on=date(2026, 9, 10)), school=cast.other_school)
    load(cast, listed("5", **student, entered_on=date(2026, 9, 11)))
    late = load(cast, listed("1", **student, left_on=date(2026, 12, 15)), school=cast.other_school)
    assert outcomes(late) == {"1": "review"}
    assert Student.objects.get().custodian.school_id == cast.school.pk


def test_a_student_typed_in_after_the_preview_is_not_entered_twice(cast: Cast) -> None:
    previewed = preview(cast, listed("1"), listed("2", "Benali", "Bilal"))
    add_walk_up(
        region_id=cast.school.region_id, school_id=cast.school.pk, first_year=2026, family_name="Marchand",
        given_name="Léa", division="2DE7", level="2211", birth_on=date(2011, 4, 5), entered_at=cast.now,
        recorded_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    applied = apply(cast, previewed)
    assert outcomes(applied) == {"1": "change", "2": "arrival"}
    assert applied.counts == {"change": 1, "arrival": 1, "enrolled": 1}
    assert Student.objects.count() == 2


def test_what_was_shown_as_the_same_stays_what_a_newer_list_made_of_it(cast: Cast) -> None:
    load(cast, listed("1"), listed("2", "Benali", "Bilal"))
    older = preview(cast, listed("1"), listed("2", "Benali", "Bilal"))
    load(cast, listed("1", division="2DE3"), listed("2", "Benali", "Bilal"))
    apply(cast, older)
    assert Enrolment.objects.get(eleve_id="1").division == "2DE3"


def test_an_announced_departure_of_an_arrival_keeps_its_reason(cast: Cast) -> None:
    load(cast, listed("1", left_on=date(2026, 12, 15), exit_reason="11"))
    assert Enrolment.objects.values_list("ends_on", "exit_reason").get() == (date(2026, 12, 15), "11")


def asked_about(roster_import: RosterImport) -> list[tuple[str, int | None]]:
    lines = RosterLine.objects.filter(roster_import=roster_import, outcome="review")
    return list(lines.values_list("review_code", "student_id"))


def test_a_student_written_with_a_mistake_waits_and_the_known_one_is_shown(cast: Cast) -> None:
    load(cast, listed("1", given_name="Alice"))
    again = preview(cast, listed("77", given_name="Alixe"))
    assert asked_about(again) == [("near_name", Student.objects.get().pk)]
    apply(cast, again)
    assert Student.objects.count() == 1


def test_a_student_of_another_lycee_whom_no_ine_tells_waits_and_is_shown(cast: Cast) -> None:
    load(cast, listed("1"), school=cast.other_school)
    arrival = preview(cast, listed("5", ine="070832327JA"))
    assert asked_about(arrival) == [("known_elsewhere", Student.objects.get().pk)]


def test_a_mistake_is_looked_for_in_the_lycee_that_the_file_names_as_the_previous_one(cast: Cast) -> None:
    load(cast, listed("1", given_name="Alice"), school=cast.other_school)
    elsewhere = {"given_name": "Alixe", "ine": "070832327JA"}
    assert asked_about(preview(cast, listed("5", **elsewhere))) == []
    named = preview(cast, listed("5", **elsewhere, previous_uai=cast.other_school.uai))
    assert asked_about(named) == [("near_name", Student.objects.get().pk)]


def test_namesakes_with_an_ine_each_are_entered_without_a_question(cast: Cast) -> None:
    load(cast, listed("1", ine="060375611AC"), school=cast.other_school)
    load(cast, listed("5", ine="070832327JA"))
    assert Student.objects.count() == 2


def test_a_student_who_changes_class_stays_enrolled(cast: Cast) -> None:
    load(cast, listed("1"))
    load(cast, listed("1", division="2DE8"))
    enrolment = Enrolment.objects.get()
    assert (enrolment.division, enrolment.ends_on) == ("2DE8", None)


def test_a_departure_that_is_called_off_is_no_departure(cast: Cast) -> None:
    load(cast, listed("1", left_on=date(2026, 12, 15)))
    load(cast, listed("1"))
    assert Enrolment.objects.get().ends_on is None
