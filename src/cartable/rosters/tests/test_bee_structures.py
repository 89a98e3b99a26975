"""What BEE_STRUCTURES and BEE_NOMENCLATURES mean, and the cases that concern them."""

from __future__ import annotations

import pytest

from cartable.rosters.formats.recognition import check_expected, read_list, sentence
from cartable.rosters.formats.records import LevelFile, MefLevel, SchoolClass
from cartable.rosters.formats.refusals import (
    DoctypeRefused,
    HeaderIncomplete,
    NothingListed,
    NotWellFormed,
    SameKindTwice,
    SeveralXml,
    TooManyRecords,
    WrongKind,
    WrongSchoolYear,
)
from cartable.rosters.tests.format_documents import (
    class_file,
    division,
    level_file,
    mef,
    nomenclatures_document,
    problem_codes,
    structures_document,
    student_file,
)
from cartable.rosters.tests.siecle_documents import UAI, YEAR, eleve, students_document, zipped


@pytest.mark.parametrize("version", ["1.8", "2.0", ""])
def test_classes_are_read_with_label_count_and_lines_of_study(version: str) -> None:
    read = class_file(structures_document(division("2DE 7", "20010018110", "20010019110"), version=version))
    assert read.classes == (SchoolClass("2DE 7", "SECONDE 7", 35, ("20010018110", "20010019110")),)
    assert (read.header.kind, read.header.uai, read.header.school_year) == ("BEE_STRUCTURES", UAI, YEAR)
    assert (read.header.version, read.problems) == (version, ())


def test_groups_are_not_read() -> None:
    assert "AGL" not in repr(class_file(structures_document(division())))


def test_the_code_of_a_class_is_that_of_its_students() -> None:
    (school_class,) = class_file(structures_document(division("  2DE   7 "))).classes
    assert school_class.code == student_file(students_document(eleve())).students[0].division


def test_the_pseudo_class_inactifs_is_no_class() -> None:
    assert [one.code for one in class_file(structures_document(division(), division("Inactifs"))).classes] == ["2DE 7"]


@pytest.mark.parametrize("count", ["-3", "12,5", "12.5", "trente", "99999", "1e3"])
def test_P39_a_count_that_is_none_costs_the_field_only(count: str) -> None:
    read = class_file(structures_document(division(EFFECTIF_PREVU=count)))
    assert read.classes[0].planned_count is None
    (problem,) = read.problems
    assert (problem.code, problem.severity, problem.field_name) == ("count_unreadable", "refuse", "EFFECTIF_PREVU")
    assert count in sentence(problem)


@pytest.mark.parametrize(("count", "read_as"), [("0", 0), ("35", 35), ("", None), (None, None)])
def test_a_count_may_be_missing(count: str | None, read_as: int | None) -> None:
    read = class_file(structures_document(division(EFFECTIF_PREVU=count)))
    assert (read.classes[0].planned_count, read.problems) == (read_as, ())


def test_a_class_without_code_is_refused_alone_and_a_repeated_one_warns() -> None:
    read = class_file(structures_document(division(" "), division(), division(EFFECTIF_PREVU="12")))
    assert [(one.code, one.planned_count) for one in read.classes] == [("2DE 7", 35)]
    assert problem_codes(read) == ["class_code_missing", "class_repeated"]


def test_classes_and_levels_beyond_reason_are_refused() -> None:
    with pytest.raises(TooManyRecords):
        read_list(structures_document(*[division(str(number)) for number in range(2001)]))


def test_levels_are_read_with_their_label() -> None:
    read = level_file(
        nomenclatures_document(mef(), mef("2472340M11A", "23811101110", LIBELLE_EDITION="2NDE PRO MELEC"))
    )
    assert read.levels == (
        MefLevel("20010018110", "2211", "SECONDE GENERALE ET TECHNO"),
        MefLevel("2472340M11A", "2381", "2NDE PRO MELEC"),
    )
    assert (read.header.kind, read.header.version, read.problems) == ("BEE_NOMENCLATURES", "3.1", ())


@pytest.mark.parametrize("mefstat", [None, "", "N/A", "22", "ABCD1101110", "221111011101"])
def test_a_level_that_is_none_is_left_empty_with_a_warning(mefstat: str | None) -> None:
    read = level_file(nomenclatures_document(mef(mefstat=mefstat)))
    assert (read.levels[0].level, problem_codes(read)) == (None, ["mefstat_unreadable"])


def test_a_line_of_study_without_code_is_refused_and_a_repeated_one_warns() -> None:
    read = level_file(nomenclatures_document(mef(""), mef("2" * 12), mef(), mef(mefstat="22121101110")))
    assert [line.level for line in read.levels] == ["2211"]
    assert problem_codes(read) == ["mef_missing", "mef_missing", "mef_repeated"]


def test_students_take_their_level_from_the_nomenclature_sent_with_them() -> None:
    students = students_document(
        eleve(CODE_MEF="99912345678"), eleve("1002", PRENOM="Bilal", ID_NATIONAL="990000002EA")
    )
    nomenclature = nomenclatures_document(mef("99912345678", "23821101110"), mef())
    assert problem_codes(student_file(students)) == ["level_unknown", "division_missing"]
    for sources in ([students, nomenclature], [nomenclature, students]):
        levels, listed = read_list(sources)
        assert isinstance(levels, LevelFile)
        assert [student.level for student in student_file(sources).students] == ["2382", "2211"]
        assert problem_codes(listed) == ["division_missing"]


@pytest.mark.parametrize("document", [structures_document(), nomenclatures_document()])
def test_an_empty_file_is_refused(document: bytes) -> None:
    with pytest.raises(NothingListed) as refusal:
        read_list(document)
    assert sentence(refusal.value).startswith("Le fichier ne contient rien")


def test_a_header_without_school_is_refused() -> None:
    with pytest.raises(HeaderIncomplete):
        read_list(structures_document(division(), header=""))


def test_P29_the_file_of_another_year_or_kind_is_refused_by_name() -> None:
    header = class_file(structures_document(division())).header
    check_expected(header, uai=UAI, school_year=YEAR, kind="BEE_STRUCTURES")
    with pytest.raises(WrongSchoolYear):
        check_expected(header, uai=UAI, school_year=YEAR - 1, kind="BEE_STRUCTURES")
    with pytest.raises(WrongKind) as refusal:
        check_expected(header, uai=UAI, school_year=YEAR, kind="BEE_ELEVES")
    assert "Structures" in sentence(refusal.value)


@pytest.mark.parametrize("document", [structures_document(division()), nomenclatures_document(mef())])
def test_X03_X13_X25_these_files_are_as_guarded_as_students(document: bytes) -> None:
    with pytest.raises(DoctypeRefused):
        read_list(b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + document.partition(b"\n")[2])
    with pytest.raises(NotWellFormed) as refusal:
        read_list(document[:-40])
    assert refusal.value.line is not None
    with pytest.raises(SeveralXml):
        read_list(zipped({"a.xml": document, "b.xml": document}))
    with pytest.raises(SameKindTwice):
        read_list([document, document])
