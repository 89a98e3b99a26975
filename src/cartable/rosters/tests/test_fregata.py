"""What an answer of FREGATA means, and the P cases that concern it."""

from __future__ import annotations

from datetime import date

import pytest

from cartable.rosters.formats.recognition import check_expected, read_list, sentence
from cartable.rosters.formats.records import Header, Student, StudentFile
from cartable.rosters.formats.refusals import SeveralSchoolYears, WrongSchool, WrongSchoolYear
from cartable.rosters.tests.format_documents import (
    OTHER_UAI,
    fregata_inscription,
    json_document,
    problem_codes,
    student_file,
)
from cartable.rosters.tests.siecle_documents import UAI, YEAR

BILAL = {"prenomUsuel": "Bilal", "ine": "990000002EA", "dateNaissance": "2009-01-02"}


def read(*inscriptions: object) -> StudentFile:
    return student_file(json_document(list(inscriptions or (fregata_inscription(),))))


def only(person: dict[str, object] | None = None, **changes: object) -> Student:
    (student,) = read(fregata_inscription(person, **changes)).students
    return student


def test_a_student_is_read_with_class_level_and_dates() -> None:
    listed = read()
    assert listed.header == Header("FREGATA", UAI, YEAR, None, "")
    assert listed.students == (
        Student(
            eleve_id="fregata:90417",
            ine="990000001EB",
            family_name="MARCHAND",
            usage_name="",
            given_name="Alice",
            birth_on=date(2008, 9, 14),
            status="ST",
            mef="27621407310",
            level="2381",
            division="2PRO A",
            entered_on=date(2026, 9, 1),
            left_on=None,
            exit_reason="",
            previous_uai=None,
        ),
    )
    assert listed.problems == ()


def test_the_number_of_the_student_rules_over_that_of_the_inscription() -> None:
    assert only({"id": 5512}).eleve_id == "fregata:5512"


def test_a_long_number_gives_a_key_that_the_table_can_hold() -> None:
    key = only(id="8f14e45f-ceea-467f-a8e1-0c2d3b4a5f60").eleve_id
    assert key == only(id="8f14e45f-ceea-467f-a8e1-0c2d3b4a5f60").eleve_id
    assert len(key) <= 20


@pytest.mark.parametrize(("code", "status"), [("2501", "ST"), ("2503", "AP"), ("2502", "2502"), (2501, "ST")])
def test_students_and_apprentices_are_told_apart_and_others_stay_as_they_are(code: object, status: str) -> None:
    assert only(statutApprenant={"code": code}).status == status


def test_the_label_serves_as_class_where_there_is_no_code() -> None:
    assert only(division={"libelle": "2NDE JARDINERIE"}).division == "2NDE JARDINERIE"
    assert only(division=None).division is None


@pytest.mark.parametrize(
    ("dates", "left_on"),
    [
        ({"dateSortieFormation": "2026-11-30"}, date(2026, 11, 30)),
        ({"dateSortieEtablissement": "2026-12-01"}, date(2026, 12, 1)),
        ({"dateSortieFormation": "2026-11-30", "dateSortieEtablissement": "2026-12-01"}, date(2026, 11, 30)),
        ({}, None),
    ],
)
def test_P31_the_end_of_the_course_or_of_the_stay_is_a_departure(dates: dict[str, str], left_on: date | None) -> None:
    assert only(**dates).left_on == left_on


@pytest.mark.parametrize("order", [1, -1])
def test_P07_a_student_who_changed_class_is_one_student_with_the_inscription_that_goes_on(order: int) -> None:
    ended = fregata_inscription(dateSortieFormation="2026-10-15")
    goes_on = fregata_inscription(id=90999, division={"code": "2PRO B"})
    listed = read(*[ended, goes_on][::order])
    assert [(student.division, student.left_on) for student in listed.students] == [("2PRO B", None)]
    assert (listed.record_count, problem_codes(listed)) == (1, ["several_schoolings"])


def test_P07_of_ended_inscriptions_the_last_counts() -> None:
    listed = read(
        fregata_inscription(dateSortieFormation="2026-10-15"),
        fregata_inscription(id=2, dateSortieFormation="2026-12-15", division={"code": "2PRO B"}),
    )
    assert [(student.division, student.left_on) for student in listed.students] == [("2PRO B", date(2026, 12, 15))]


def test_one_ine_of_two_people_merges_nobody() -> None:
    listed = read(fregata_inscription(), fregata_inscription({**BILAL, "ine": "990000001EB"}, id=2))
    assert ([student.ine for student in listed.students], problem_codes(listed)) == ([None, None], ["ine_shared"])


def test_P05_the_same_names_and_date_without_ine_wait_for_a_ruling() -> None:
    listed = read(fregata_inscription({"ine": None}), fregata_inscription({"ine": None}, id=2))
    assert (len(listed.students), len(listed.queued), problem_codes(listed, "queue")) == (1, 1, ["person_twice"])


def test_X17_one_number_of_two_people_waits_for_a_ruling() -> None:
    listed = read(fregata_inscription(), fregata_inscription(BILAL))
    assert (len(listed.queued), problem_codes(listed)) == (2, ["eleve_id_repeated"])


@pytest.mark.parametrize(
    ("person", "code"),
    [
        pytest.param({"ine": None}, "ine_missing", id="P01"),
        pytest.param({"ine": "990000001EC"}, "ine_key_wrong", id="P03"),
        pytest.param({"ine": "990000001"}, "ine_unreadable", id="nine characters"),
        pytest.param({"prenomUsuel": "."}, "given_name_missing", id="P15"),
    ],
)
def test_a_doubtful_student_is_taken_with_a_warning(person: dict[str, object], code: str) -> None:
    listed = read(fregata_inscription(person))
    assert (len(listed.students), problem_codes(listed)) == (1, [code])


@pytest.mark.parametrize(
    ("person", "changes", "code"),
    [
        pytest.param({"prenomUsuel": "L\ud83da"}, {}, "name_unfit", id="P13"),
        pytest.param({"dateNaissance": "39448"}, {}, "date_excel_serial", id="P23"),
        pytest.param({"nomUsuel": 7}, {}, "type_unexpected", id="number as name"),
        pytest.param({}, {"apprenant": "Alice"}, "type_unexpected", id="text as student"),
        pytest.param({}, {"apprenant": None}, "family_name_missing", id="no student"),
        pytest.param({}, {"division": ["2PRO A"]}, "type_unexpected", id="list as class"),
        pytest.param({}, {"sectionReference": "27621407310"}, "type_unexpected", id="text as section"),
        pytest.param({}, {"statutApprenant": {"code": {}}}, "type_unexpected", id="object as status"),
        pytest.param({}, {"division": {"code": "A\0"}}, "value_unfit", id="A11 NUL in a class"),
        pytest.param({}, {"id": None}, "eleve_id_missing", id="no number"),
    ],
)
def test_an_unusable_student_is_refused_alone(person: dict[str, object], changes: dict[str, object], code: str) -> None:
    listed = read(fregata_inscription(BILAL, id=2), fregata_inscription(person, **changes))
    assert [student.given_name for student in listed.students] == ["Bilal"]
    (problem,) = [problem for problem in listed.problems if problem.severity == "refuse"]
    assert (problem.code, problem.line) == (code, 2)
    assert sentence(problem).startswith("Fiche 2 : ")


def test_P29_the_year_is_counted_from_1996_and_another_is_refused() -> None:
    header = read().header
    check_expected(header, uai=UAI, school_year=2026, kind="FREGATA")
    assert read(fregata_inscription(anneeScolaireId=29)).header.school_year == 2025
    with pytest.raises(WrongSchoolYear):
        check_expected(header, uai=UAI, school_year=2025, kind="FREGATA")
    with pytest.raises(SeveralSchoolYears):
        read(fregata_inscription(), fregata_inscription(BILAL, id=2, anneeScolaireId=29))


def test_P27_school_and_year_may_stand_beside_the_list_or_nowhere() -> None:
    record = fregata_inscription(anneeScolaireId=None, sectionReference={"codeMef": "27621407310"})
    beside = student_file(json_document({"rne": UAI, "anneeScolaireId": 30, "inscriptions": [record]}))
    assert (beside.header.uai, beside.header.school_year) == (UAI, 2026)
    with pytest.raises(WrongSchool):
        check_expected(beside.header, uai=OTHER_UAI, school_year=2026, kind="FREGATA")
    alone = read(record).header
    assert (alone.uai, alone.school_year) == ("", 0)
    check_expected(alone, uai=OTHER_UAI, school_year=2026, kind="FREGATA")


def test_unwanted_fields_are_never_kept() -> None:
    listed = read(fregata_inscription({"communeCodeInsee": "SECRET", "telephone": "SECRET"}, observation="SECRET"))
    assert "SECRET" not in str([[getattr(one, name) for name in one.__slots__] for one in listed.students])
    assert "Mirabelliers" not in repr(read_list(json_document([fregata_inscription()])))
