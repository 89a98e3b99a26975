"""What a human rules about a listed person goes first, is remembered, and can be taken back."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from cartable.conftest import Cast
from cartable.fleet.audit import audit_ledger
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind, Reason
from cartable.rosters.commands.decisions import (
    AlreadyRuled,
    NotACandidate,
    decide,
    undo_decision,
)
from cartable.rosters.commands.imports import ImportNotOpen
from cartable.rosters.commands.parting import TooLateToPart
from cartable.rosters.commands.replaced import forget_replaced
from cartable.rosters.formats.records import Problem, StudentFile
from cartable.rosters.models import (
    Enrolment,
    RosterDecision,
    RosterImport,
    RosterLine,
    Ruling,
    Student,
)
from cartable.rosters.tests.test_roster_import import TODAY, apply, listed, load, outcomes, preview

pytestmark = pytest.mark.django_db


def line_in_review(roster_import: RosterImport) -> RosterLine:
    return RosterLine.objects.get(roster_import=roster_import, outcome="review")


def rule(
    cast: Cast, line: RosterLine, ruling: Ruling, student: Student | None = None, id: UUID | None = None
) -> RosterDecision:
    return decide(
        decision_id=id or uuid4(), line_id=line.pk, ruling=ruling, student_id=student.pk if student else None,
        decided_by_id=cast.durand.actor_id, decided_at=cast.now, today=TODAY,
    )  # fmt: skip


def take_back(cast: Cast, decision: RosterDecision) -> None:
    undo_decision(decision_id=decision.pk, undone_by_id=cast.durand.actor_id, undone_at=cast.now, today=TODAY)


@pytest.fixture
def near(cast: Cast) -> tuple[Student, RosterImport]:
    """A known student, and a list in which somebody has nearly the same name under another number."""
    load(cast, listed("1", "Marchand", "Léa"))
    return Student.objects.get(), preview(cast, listed("2", "Marchant", "Léa"))


def test_a_near_name_waits_with_whom_it_may_be(cast: Cast, near: tuple[Student, RosterImport]) -> None:
    student, roster_import = near
    line = line_in_review(roster_import)
    assert (line.review_code, line.candidates) == ("near_name", [student.pk])


def test_ruled_the_same_the_line_changes_the_student(cast: Cast, near: tuple[Student, RosterImport]) -> None:
    student, roster_import = near
    rule(cast, line_in_review(roster_import), Ruling.SAME, student)
    assert outcomes(roster_import) == {"2": "change"}
    apply(cast, roster_import)
    student.refresh_from_db()
    assert student.family_name == "Marchant"
    assert Student.objects.count() == 1


def test_ruled_another_the_line_is_a_new_student(cast: Cast, near: tuple[Student, RosterImport]) -> None:
    student, roster_import = near
    rule(cast, line_in_review(roster_import), Ruling.OTHER)
    assert outcomes(roster_import)["2"] == "arrival"
    apply(cast, roster_import)
    assert Student.objects.count() == 2
    student.refresh_from_db()
    assert student.family_name == "Marchand"


def test_the_next_list_does_not_ask_again(cast: Cast, near: tuple[Student, RosterImport]) -> None:
    student, roster_import = near
    rule(cast, line_in_review(roster_import), Ruling.SAME, student)
    again = preview(cast, listed("3", "Marchant", "Léa"))
    assert outcomes(again)["3"] == "change"
    assert RosterLine.objects.get(roster_import=again, eleve_id="3").matched_by == "ruling"


def test_a_ruling_holds_for_its_own_lycee_only(cast: Cast, near: tuple[Student, RosterImport]) -> None:
    student, roster_import = near
    rule(cast, line_in_review(roster_import), Ruling.SAME, student)
    elsewhere = preview(cast, listed("9", "Marchant", "Léa"), school=cast.other_school)
    assert outcomes(elsewhere) == {"9": "arrival"}


def test_the_same_ruling_sent_twice_is_one(cast: Cast, near: tuple[Student, RosterImport]) -> None:
    student, roster_import = near
    line, decision_id = line_in_review(roster_import), uuid4()
    for _time in range(2):
        rule(cast, line, Ruling.SAME, student, id=decision_id)
    assert RosterDecision.objects.count() == 1


def test_two_people_who_rule_together_the_second_one_is_told(cast: Cast, near: tuple[Student, RosterImport]) -> None:
    student, roster_import = near
    line = line_in_review(roster_import)
    rule(cast, line, Ruling.SAME, student)
    for ruling in (Ruling.SAME, Ruling.OTHER):
        with pytest.raises(AlreadyRuled):
            rule(cast, line, ruling, student)


def test_somebody_who_is_no_candidate_is_not_taken(cast: Cast, near: tuple[Student, RosterImport]) -> None:
    _student, roster_import = near
    load(cast, listed("7", "Autre", "Zoé", birth_on=date(2010, 1, 1)), school=cast.other_school)
    with pytest.raises(NotACandidate):
        rule(cast, line_in_review(roster_import), Ruling.SAME, Student.objects.get(family_name="Autre"))
    with pytest.raises(NotACandidate):
        rule(cast, line_in_review(roster_import), Ruling.DROPPED)


def test_a_list_that_a_later_one_followed_asks_nothing_more(cast: Cast, near: tuple[Student, RosterImport]) -> None:
    student, roster_import = near
    apply(cast, roster_import)
    load(cast, listed("1", "Marchand", "Léa"), listed("2", "Marchant", "Léa"))
    with pytest.raises(ImportNotOpen):
        rule(cast, line_in_review(roster_import), Ruling.SAME, student)


def test_a_list_that_was_given_up_asks_nothing_more(cast: Cast, near: tuple[Student, RosterImport]) -> None:
    student, roster_import = near
    line = line_in_review(roster_import)
    RosterImport.objects.filter(pk=roster_import.pk).update(state="abandoned")
    with pytest.raises(ImportNotOpen):
        rule(cast, line, Ruling.SAME, student)


def test_a_ruling_taken_back_before_the_list_is_applied_asks_again(
    cast: Cast, near: tuple[Student, RosterImport]
) -> None:
    student, roster_import = near
    take_back(cast, rule(cast, line_in_review(roster_import), Ruling.SAME, student))
    assert line_in_review(roster_import).review_code == "near_name"


def test_a_wrong_same_taken_back_after_the_list_was_applied_parts_the_two(
    cast: Cast, near: tuple[Student, RosterImport]
) -> None:
    student, roster_import = near
    decision = rule(cast, line_in_review(roster_import), Ruling.SAME, student)
    apply(cast, roster_import)
    take_back(cast, decision)
    student.refresh_from_db()
    assert student.family_name == "Marchand"
    new = Student.objects.get(family_name="Marchant")
    assert new.custodian_id != student.custodian_id
    assert Enrolment.objects.get(student=new).eleve_id == "2"
    assert audit_ledger().violations == 0


def test_parted_again_the_ine_stays_with_whom_the_list_did_not_give_it_to(cast: Cast) -> None:
    load(cast, listed("1", "Marchand", "Léa", ine="070832327JA"))
    student = Student.objects.get()
    roster_import = preview(cast, listed("2", "Marchant", "Léa"))
    decision = rule(cast, line_in_review(roster_import), Ruling.SAME, student)
    apply(cast, roster_import)
    take_back(cast, decision)
    student.refresh_from_db()
    assert student.ine_fingerprint is not None
    assert Student.objects.get(family_name="Marchant").ine_fingerprint is None


def test_a_transfer_by_a_wrong_ruling_is_taken_back_with_its_enrolments(cast: Cast) -> None:
    load(cast, listed("1", "Marchand", "Léa"), school=cast.other_school)
    student = Student.objects.get()
    roster_import = preview(cast, listed("5", "Marchand", "Léa"))
    line = line_in_review(roster_import)
    assert line.review_code == "known_elsewhere"
    decision = rule(cast, line, Ruling.SAME, student)
    if outcomes(roster_import)["5"] == "review":  # Still enrolled there: this lycée answers from now on.
        rule(cast, line_in_review(roster_import), Ruling.HERE, student)
    apply(cast, roster_import)
    student.refresh_from_db()
    assert student.custodian.school_id == cast.school.pk
    take_back(cast, decision)
    student = Student.objects.get(pk=student.pk)
    assert student.custodian.school_id == cast.other_school.pk
    assert Enrolment.objects.get(student=student).ends_on is None
    assert Enrolment.objects.filter(school=cast.school).exclude(student=student).count() == 1


def test_the_pc_handed_out_since_goes_with_the_person_who_took_it(
    cast: Cast, near: tuple[Student, RosterImport]
) -> None:
    student, roster_import = near
    decision = rule(cast, line_in_review(roster_import), Ruling.SAME, student)
    apply(cast, roster_import)
    RosterDecision.objects.update(applied_at=cast.now.replace(year=2020))
    (device_id,) = cast.devices_allotted(1)
    cast.move(device_id, cast.school_accounts[CustodianKind.SCHOOL_ALLOTMENT], student.custodian_id, Reason.CHECK_OUT)
    take_back(cast, decision)
    new = Student.objects.get(family_name="Marchant")
    assert Device.objects.get(pk=device_id).custodian_id == new.custodian_id
    assert audit_ledger().violations == 0


def test_the_pc_of_before_stays_with_the_student(cast: Cast, near: tuple[Student, RosterImport]) -> None:
    student, roster_import = near
    (device_id,) = cast.devices_allotted(1)
    cast.move(device_id, cast.school_accounts[CustodianKind.SCHOOL_ALLOTMENT], student.custodian_id, Reason.CHECK_OUT)
    decision = rule(cast, line_in_review(roster_import), Ruling.SAME, student)
    apply(cast, roster_import)
    RosterDecision.objects.update(applied_at=cast.now.replace(year=2099))
    take_back(cast, decision)
    assert Device.objects.get(pk=device_id).custodian_id == student.custodian_id


def test_after_thirty_days_a_same_can_no_longer_be_taken_back(cast: Cast, near: tuple[Student, RosterImport]) -> None:
    student, roster_import = near
    decision = rule(cast, line_in_review(roster_import), Ruling.SAME, student)
    apply(cast, roster_import)
    assert forget_replaced(applied_before=cast.now.replace(year=2030)) == 1
    with pytest.raises(TooLateToPart):
        take_back(cast, decision)


def set_aside(cast: Cast) -> RosterImport:
    """A list in which one number stands twice: both lines wait."""
    from cartable.rosters.commands.imports import preview_students
    from cartable.rosters.formats.records import Header

    both = (listed("1", "Marchand", "Léa"), listed("1", "Diallo", "Lucas", birth_on=date(2010, 2, 3), division="2DE8"))
    problems = (Problem("eleve_id_repeated", "queue", 4, {}, "1"),)
    file = StudentFile(Header("BEE_ELEVES", cast.school.uai, 2026, None, "3.0"), (), both, problems, 2, 0)
    return preview_students(
        school=cast.school, first_year=2026, listed=file, sha256=b"\0" * 32, now=cast.now,
        read_by_id=cast.sonia.actor_id, today=TODAY,
    )  # fmt: skip


def test_of_two_lines_with_one_number_a_human_takes_one_and_drops_the_other(cast: Cast) -> None:
    roster_import = set_aside(cast)
    first, second = RosterLine.objects.filter(roster_import=roster_import).order_by("pk")
    assert {first.review_code, second.review_code} == {"eleve_id_repeated"}
    rule(cast, first, Ruling.TAKEN)
    rule(cast, second, Ruling.DROPPED)
    apply(cast, roster_import)
    assert Student.objects.get().family_name == "Marchand"


def test_two_lines_with_one_number_are_never_both_taken(cast: Cast) -> None:
    roster_import = set_aside(cast)
    for line in RosterLine.objects.filter(roster_import=roster_import).order_by("pk"):
        rule(cast, line, Ruling.TAKEN)
    apply(cast, roster_import)
    assert Student.objects.count() == 0
    assert RosterLine.objects.filter(roster_import=roster_import, outcome="review").count() == 2


def test_a_dropped_line_comes_back_when_the_ruling_is_taken_back(cast: Cast) -> None:
    roster_import = set_aside(cast)
    line = RosterLine.objects.filter(roster_import=roster_import).order_by("pk").first()
    assert line is not None
    take_back(cast, rule(cast, line, Ruling.DROPPED))
    line.refresh_from_db()
    assert (line.outcome, line.review_code) == ("review", "eleve_id_repeated")


def test_still_enrolled_elsewhere_a_human_says_where_the_student_is(cast: Cast) -> None:
    load(cast, listed("1", "Marchand", "Léa", ine="070832327JA"), school=cast.other_school)
    student = Student.objects.get()
    roster_import = preview(cast, listed("5", "Marchand", "Léa", ine="070832327JA"))
    line = line_in_review(roster_import)
    assert line.review_code == "enrolled_elsewhere"
    decision = rule(cast, line, Ruling.ELSEWHERE, student)
    assert outcomes(roster_import) == {"5": "dropped"}
    take_back(cast, decision)
    rule(cast, line_in_review(roster_import), Ruling.HERE, student)
    assert outcomes(roster_import) == {"5": "transfer"}
    apply(cast, roster_import)
    assert Enrolment.objects.get(school=cast.other_school).ends_on is not None


def test_a_number_given_anew_to_a_newcomer_leaves_the_former_student_without_number(cast: Cast) -> None:
    load(cast, listed("1", "Marchand", "Léa", ine="070832327JA"))
    load(cast, listed("1", "Diallo", "Lucas", birth_on=date(2010, 2, 3), ine="060375611AC"))
    numbers = dict(Enrolment.objects.values_list("student__family_name", "eleve_id"))
    assert numbers == {"Marchand": "", "Diallo": "1"}


def test_a_student_who_was_merged_is_recognised_through_the_other(cast: Cast) -> None:
    from cartable.rosters.commands.merging import merge_students

    load(cast, listed("1", "Marchand", "Léa"))
    load(cast, listed("9", "Marchand", "Lea-Rose", birth_on=date(2011, 4, 6)), school=cast.other_school)
    here, there = Student.objects.order_by("pk")
    kept = merge_students(
        merge_id=uuid4(), student_ids=(here.pk, there.pk), decided_by_id=cast.sonia.actor_id, decided_at=cast.now
    ).kept_id
    again = preview(cast, listed("1", "Marchand", "Léa"))
    assert RosterLine.objects.get(roster_import=again, eleve_id="1").student_id == kept
