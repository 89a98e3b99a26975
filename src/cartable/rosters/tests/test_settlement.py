"""What waited when a list was applied is settled by one gesture, and takes effect without reading the file again."""

from datetime import date

import pytest
from django.test import Client

from cartable.conftest import Cast
from cartable.rosters.commands.decisions import AlreadyRuled
from cartable.rosters.commands.guardians import apply_guardians, preview_guardians
from cartable.rosters.followers import follow_enrolments_with
from cartable.rosters.formats.records import GuardianFile, GuardianLink, Header, Person
from cartable.rosters.models import Enrolment, Guardian, RosterImport, RosterLine, Ruling, Student
from cartable.rosters.queries.review import waiting_lines
from cartable.rosters.tests.test_decisions import line_in_review, rule, set_aside, take_back
from cartable.rosters.tests.test_review_pages import answer, client_of
from cartable.rosters.tests.test_roster_import import apply, listed, load, outcomes, preview

pytestmark = pytest.mark.django_db


@pytest.fixture
def applied(cast: Cast) -> tuple[Student, RosterImport]:
    """A known student, and an applied list in which a newcomer came in and a near name still waits."""
    load(cast, listed("1", "Marchand", "Léa"))
    student = Student.objects.get()
    return student, load(
        cast, listed("2", "Marchant", "Léa", division="2DE3"), listed("3", "Diallo", "Bilal", birth_on=date(2010, 1, 2))
    )


def counts(roster_import: RosterImport) -> dict[str, int]:
    roster_import.refresh_from_db()
    return dict(roster_import.counts)


def test_the_same_person_takes_the_class_of_the_list_at_once(cast: Cast, applied: tuple[Student, RosterImport]) -> None:
    student, roster_import = applied
    assert counts(roster_import) == {"review": 1, "arrival": 1, "enrolled": 1}
    rule(cast, line_in_review(roster_import), Ruling.SAME, student)
    student.refresh_from_db()
    assert (student.family_name, Student.objects.count()) == ("Marchant", 2)
    assert Enrolment.objects.get(student=student).division == "2DE3"
    assert outcomes(roster_import) == {"2": "change", "3": "arrival"}
    assert counts(roster_import) == {"change": 1, "arrival": 1, "enrolled": 1}


def test_somebody_else_is_entered_at_once(cast: Cast, applied: tuple[Student, RosterImport]) -> None:
    _student, roster_import = applied
    rule(cast, line_in_review(roster_import), Ruling.OTHER)
    assert Student.objects.filter(family_name="Marchant", custodian__school=cast.school).count() == 1
    assert counts(roster_import) == {"arrival": 2, "enrolled": 1, "absent": 1}
    assert not waiting_lines().exists()


def test_what_the_list_had_written_is_not_written_again(cast: Cast, applied: tuple[Student, RosterImport]) -> None:
    student, roster_import = applied
    Enrolment.objects.filter(eleve_id="3").update(division="2DE9")  # Moved since, by hand or by another source.
    rule(cast, line_in_review(roster_import), Ruling.SAME, student)
    assert Enrolment.objects.get(eleve_id="3").division == "2DE9"


def test_settled_twice_the_second_answer_is_refused(cast: Cast, applied: tuple[Student, RosterImport]) -> None:
    student, roster_import = applied
    line = line_in_review(roster_import)
    rule(cast, line, Ruling.SAME, student)
    with pytest.raises(AlreadyRuled):
        rule(cast, line, Ruling.OTHER)
    assert Student.objects.count() == 2


def test_taken_back_the_two_are_parted(cast: Cast, applied: tuple[Student, RosterImport]) -> None:
    student, roster_import = applied
    take_back(cast, rule(cast, line_in_review(roster_import), Ruling.SAME, student))
    names = set(Student.objects.values_list("family_name", flat=True))
    assert names == {"Marchand", "Marchant", "Diallo"}


def test_a_line_left_aside_waits_again_when_that_is_taken_back(cast: Cast) -> None:
    roster_import = apply(cast, set_aside(cast))
    first, second = waiting_lines(roster_import).order_by("pk")
    decision = rule(cast, first, Ruling.DROPPED)
    assert waiting_lines(roster_import).count() == 1
    take_back(cast, decision)
    assert waiting_lines(roster_import).count() == 2
    rule(cast, first, Ruling.DROPPED)
    rule(cast, second, Ruling.TAKEN)
    assert [student.family_name for student in Student.objects.all()] == [second.family_name]


def test_where_the_student_is_is_ruled_once_the_list_is_applied(cast: Cast) -> None:
    load(cast, listed("1", "Marchand", "Léa", ine="070832327JA"), school=cast.other_school)
    student = Student.objects.get()
    roster_import = load(cast, listed("5", "Marchand", "Léa", ine="070832327JA"))
    rule(cast, line_in_review(roster_import), Ruling.HERE, student)
    student.refresh_from_db()
    assert student.custodian.school_id == cast.school.pk
    assert Enrolment.objects.get(student=student, school=cast.other_school).ends_on is not None


def test_the_lycees_are_told_once_somebody_was_settled(
    cast: Cast, applied: tuple[Student, RosterImport], monkeypatch: pytest.MonkeyPatch
) -> None:
    student, roster_import = applied
    told: list[int] = []
    monkeypatch.setattr("cartable.rosters.followers._followers", [])
    follow_enrolments_with(told.append)
    rule(cast, line_in_review(roster_import), Ruling.SAME, student)
    assert told == [cast.school.pk]


def test_guardians_of_somebody_settled_late_are_entered_with_them(
    cast: Cast, applied: tuple[Student, RosterImport]
) -> None:
    _student, roster_import = applied
    header = Header("BEE_RESPONSABLES", cast.school.uai, 2026, None, "2.1")
    person = Person("501", "Marchant", "", "Rose", (), None)
    link = GuardianLink("2", "501", True, "1", "10")
    file = GuardianFile(header, (person,), (link,), ())
    guardians = preview_guardians(
        school=cast.school,
        first_year=2026,
        listed=file,
        sha256=b"\1" * 32,
        now=cast.now,
        read_by_id=cast.sonia.actor_id,
    )
    apply_guardians(roster_import=guardians, applied_by_id=cast.sonia.actor_id, now=cast.now)
    assert not Guardian.objects.exists()
    rule(cast, line_in_review(roster_import), Ruling.OTHER)
    assert [one.student.family_name for one in Guardian.objects.all()] == ["Marchant"]


def test_a_list_read_since_asks_in_its_place(cast: Cast, applied: tuple[Student, RosterImport]) -> None:
    _student, roster_import = applied
    again = preview(cast, listed("2", "Marchant", "Léa"))
    RosterImport.objects.filter(pk=again.pk).update(read_at=roster_import.applied_at.replace(year=2027))  # type: ignore[union-attr]
    assert {line.roster_import_id for line in waiting_lines()} == {again.pk}


def test_the_page_of_an_applied_list_asks_and_says_that_the_answer_counts_at_once(
    cast: Cast, applied: tuple[Student, RosterImport]
) -> None:
    student, roster_import = applied
    head: Client = client_of(cast.durand)
    assert "cela vaut aussitôt" in head.get(f"/listes/import/{roster_import.pk}/").content.decode()
    page = head.get(f"/listes/import/{roster_import.pk}/examen/").content.decode()
    assert "chaque décision vaut aussitôt" in page
    answer(head, RosterLine.objects.get(roster_import=roster_import, outcome="review"), f"same:{student.pk}")
    assert Enrolment.objects.get(student=student).division == "2DE3"
    page = head.get(f"/listes/import/{roster_import.pk}/examen/").content.decode()
    assert "La liste est appliquée, rien n’attend plus." in page
