"""What an answer of SYGNE means, and the P cases that concern it."""

from __future__ import annotations

from datetime import date

import pytest

from cartable.rosters.formats.recognition import check_expected, read_list, sentence
from cartable.rosters.formats.records import Header, Student, StudentFile
from cartable.rosters.formats.refusals import (
    NoStudents,
    SeveralSchoolYears,
    UaiInvalid,
    WrongSchool,
    WrongSchoolYear,
)
from cartable.rosters.tests.format_documents import (
    OTHER_UAI,
    json_document,
    problem_codes,
    student_file,
    sygne_student,
)
from cartable.rosters.tests.siecle_documents import UAI, YEAR, zipped

BILAL = {"prenom": "Bilal", "ine": "990000002EA", "dateNaissance": "2009-01-02"}


def read(*students: object) -> StudentFile:
    return student_file(json_document(list(students or (sygne_student(),))))


def only(**changes: object) -> Student:
    (student,) = read(sygne_student(**changes)).students
    return student


def test_a_student_is_read_with_class_level_and_dates() -> None:
    listed = read()
    assert listed.header == Header("SYGNE", UAI, YEAR, None, "")
    assert listed.students == (
        Student(
            eleve_id="",
            ine="990000001EB",
            family_name="MARCHAND",
            usage_name="",
            given_name="Alice",
            birth_on=date(2008, 9, 14),
            status="ST",
            mef="20010018110",
            level="2211",
            division="2DE 7",
            entered_on=date(2026, 9, 1),
            left_on=None,
            exit_reason="",
            previous_uai=None,
        ),
    )
    assert (listed.students[0].line, listed.problems) == (1, ())


def test_students_have_no_key_and_never_collide_for_it() -> None:
    listed = read(sygne_student(), sygne_student(**BILAL), sygne_student(ine=None, prenom="Chloé"))
    assert [student.eleve_id for student in listed.students] == ["", "", ""]
    assert (listed.queued, problem_codes(listed)) == ((), ["ine_missing"])
    assert [problem.eleve_id for problem in listed.problems] == [None]


def test_the_ine_is_in_no_key_and_no_representation() -> None:
    assert "990000001" not in repr(read())


def test_the_answers_level_by_level_are_one_list() -> None:
    second = json_document([sygne_student(**BILAL, niveau="2212", codeMef="20110019110")])
    listed = student_file([json_document([sygne_student()]), json_document([]), second][::2])
    assert [student.level for student in listed.students] == ["2211", "2212"]


def test_a_list_may_stand_in_an_object_and_in_a_zip() -> None:
    wrapped = json_document({"page": 0, "tri": {"par": "nom"}, "codes": ["2211"], "eleves": [sygne_student()]})
    assert student_file(wrapped) == read()
    assert student_file(zipped({"sygne.json": wrapped})) == read()


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        ({"niveau": "2382"}, "2382"),
        ({"niveau": None}, "2211"),
        ({"niveau": None, "codeMef": "24720008ABC", "codeMefRatt": "24720008310"}, "2381"),
        ({"niveau": None, "codeMef": "99920008310", "codeMefRatt": "24720008320"}, "2382"),
        ({"niveau": 2211}, "2211"),
        ({"niveau": "?", "codeMef": None, "codeMefRatt": None}, None),
    ],
)
def test_the_level_is_told_or_follows_from_the_line_of_study(changes: dict[str, object], level: str | None) -> None:
    assert only(**changes).level == level


def test_a_student_without_class_stays_without_class() -> None:
    listed = read(sygne_student(classe=None))
    assert (listed.students[0].division, problem_codes(listed)) == (None, ["division_missing"])


def test_the_answer_about_one_schooling_is_understood_nested() -> None:
    nested = sygne_student(classe=None, codeMef=None)
    nested["scolarite"] = {"classe": "2DE 9", "codeMef": "20010018110", "codeStatut": "AP"}
    student = student_file(json_document([nested])).students[0]
    assert (student.division, student.status) == ("2DE 9", "AP")


@pytest.mark.parametrize(("end", "left_on"), [("2026-11-30", date(2026, 11, 30)), ("2027-07-04", None), (None, None)])
def test_P31_an_end_in_the_year_is_a_departure_and_the_end_of_the_year_is_none(
    end: str | None, left_on: date | None
) -> None:
    assert only(dateFinSco=end).left_on == left_on


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"ine": None}, "ine_missing", id="P01"),
        pytest.param({"ine": "990000001EC"}, "ine_key_wrong", id="P03"),
        pytest.param({"ine": "?"}, "ine_unreadable", id="no INE"),
        pytest.param({"prenom": " "}, "given_name_missing", id="P15"),
        pytest.param({"dateNaissance": None}, "birth_date_missing", id="no birth date"),
        pytest.param({"dateNaissance": "1968-09-14"}, "birth_date_unlikely", id="adult"),
    ],
)
def test_a_doubtful_student_is_taken_with_a_warning(changes: dict[str, object], code: str) -> None:
    listed = read(sygne_student(**changes))
    assert (len(listed.students), problem_codes(listed)) == (1, [code])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"prenom": "Léa \U0001f600"}, "name_unfit", id="P13 emoji"),
        pytest.param({"prenom": "L\ud83da"}, "name_unfit", id="P13 lone surrogate"),
        pytest.param({"nom": "MAR\0CHAND"}, "name_unfit", id="A11 NUL in a name"),
        pytest.param({"classe": "2DE\0 7"}, "value_unfit", id="A11 NUL in a code"),
        pytest.param({"classe": "2DE\ud83d"}, "value_unfit", id="A11 surrogate in a code"),
        pytest.param({"dateNaissance": "2008\0"}, "value_unfit", id="A11 NUL in a date"),
        pytest.param({"codeUai": "067\0080Y"}, "value_unfit", id="A11 NUL in a UAI"),
        pytest.param({"dateNaissance": "12/31/2009"}, "date_swapped", id="P23 month and day"),
        pytest.param({"dateNaissance": "39448"}, "date_excel_serial", id="P23 Excel"),
        pytest.param({"nom": 12}, "type_unexpected", id="number as name"),
        pytest.param({"nom": True}, "type_unexpected", id="boolean as name"),
        pytest.param({"dateNaissance": 20080914}, "type_unexpected", id="number as date"),
        pytest.param({"classe": ["2DE 7"]}, "type_unexpected", id="list as class"),
        pytest.param({"codeMef": {"code": "20010018110"}}, "type_unexpected", id="object as MEF"),
        pytest.param({"scolarite": "2026"}, "type_unexpected", id="text as schooling"),
        pytest.param({"nom": None}, "family_name_missing", id="no name"),
    ],
)
def test_an_unusable_student_is_refused_alone(changes: dict[str, object], code: str) -> None:
    listed = read(sygne_student(**BILAL), sygne_student(**changes))
    assert [student.given_name for student in listed.students] == ["Bilal"]
    assert (listed.record_count, listed.refused_count) == (2, 1)
    (problem,) = listed.problems
    assert (problem.code, problem.severity, problem.line) == (code, "refuse", 2)
    assert sentence(problem).startswith("Fiche 2 : ")
    assert "MAR" not in sentence(problem)


@pytest.mark.parametrize("record", [None, 12, "Alice", [], True])
def test_what_is_no_record_is_refused_alone(record: object) -> None:
    listed = read(sygne_student(), record)
    assert (len(listed.students), problem_codes(listed)) == (1, ["record_unreadable"])


def test_P07_P11_P17_P19_P21_names_and_dates_are_text_and_composed() -> None:
    listed = read(
        sygne_student(prenom="Le\u0301a", ine=None),
        sygne_student(prenom="Null", ine=None, dateNaissance="2008-02-29"),
        sygne_student(prenom="\u202eمريم\u202c", ine=None),
    )
    assert [student.given_name for student in listed.students] == ["Léa", "Null", "مريم"]
    assert listed.students[1].birth_on == date(2008, 2, 29)


def test_P05_P09_the_same_person_twice_waits_and_twins_stay() -> None:
    twice = read(sygne_student(), sygne_student(ine="990000002EA"))
    assert (len(twice.students), len(twice.queued), problem_codes(twice)) == (1, 1, ["person_twice"])
    twins = read(sygne_student(), sygne_student(ine="990000002EA", prenom="Alicia"))
    assert (len(twins.students), problem_codes(twins)) == (2, ["twins"])
    assert sentence(twins.problems[0]).startswith(
        "Fiche 2 : même nom, même date de naissance et prénom proche que fiche 1"
    )


def test_an_ine_of_two_people_is_taken_from_both() -> None:
    listed = read(sygne_student(), sygne_student(**{**BILAL, "ine": "990000001EB"}))
    assert ([student.ine for student in listed.students], problem_codes(listed)) == ([None, None], ["ine_shared"])


def test_P27_P29_another_lycee_or_year_is_refused_by_name() -> None:
    header = read().header
    check_expected(header, uai=UAI, school_year=YEAR, kind="SYGNE")
    with pytest.raises(WrongSchool):
        check_expected(header, uai=OTHER_UAI, school_year=YEAR, kind="SYGNE")
    with pytest.raises(WrongSchoolYear):
        check_expected(header, uai=UAI, school_year=YEAR + 1, kind="SYGNE")
    with pytest.raises(UaiInvalid):
        check_expected(read(sygne_student(codeUai="0670080Z")).header, uai=UAI, school_year=YEAR, kind="SYGNE")


def test_two_lycees_are_two_lists_and_a_record_without_one_belongs_to_neither() -> None:
    records = [sygne_student(), sygne_student(**BILAL, codeUai=OTHER_UAI), sygne_student(codeUai=None, prenom="Chloé")]
    first, second = read_list(json_document(records))
    assert isinstance(first, StudentFile)
    assert isinstance(second, StudentFile)
    assert [part.header.uai for part in (first, second)] == [UAI, OTHER_UAI]
    assert [len(part.students) for part in (first, second)] == [1, 1]
    assert problem_codes(first) == ["school_missing"]


def test_a_record_without_lycee_belongs_to_the_only_one() -> None:
    assert len(read(sygne_student(), sygne_student(**BILAL, codeUai=None)).students) == 2


def test_school_and_year_may_stand_beside_the_list() -> None:
    record = sygne_student(codeUai=None, anneeScolaire=None)
    beside = student_file(json_document({"eleves": [record], "codeUai": UAI, "anneeScolaire": YEAR}))
    assert (beside.header.uai, beside.header.school_year) == (UAI, YEAR)
    assert (read(record).header.uai, read(record).header.school_year) == ("", 0)


def test_a_list_that_mixes_school_years_is_refused() -> None:
    with pytest.raises(SeveralSchoolYears) as refusal:
        read(sygne_student(), sygne_student(**BILAL, anneeScolaire=YEAR - 1))
    assert "2025-2026, 2026-2027" in sentence(refusal.value)


@pytest.mark.parametrize("records", [[], {"eleves": []}])
def test_an_empty_answer_is_refused(records: object) -> None:
    with pytest.raises(NoStudents):
        read_list(json_document(records))


def test_unwanted_fields_are_never_kept() -> None:
    listed = read(sygne_student(adrResidenceEle={"adresseLigne1": "SECRET"}, codePaysNaissance="SECRET"))
    assert "SECRET" not in str([[getattr(one, name) for name in one.__slots__] for one in listed.students])
