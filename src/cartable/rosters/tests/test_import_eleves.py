"""What IMPORT_ELEVES means, in both versions, and the P and X cases that concern it."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from cartable.kernel.majority import PARIS
from cartable.rosters.formats.recognition import check_expected, read_list, sentence
from cartable.rosters.formats.records import GuardianFile, GuardianLink, Header, Person, Student, StudentFile
from cartable.rosters.formats.refusals import (
    DoctypeRefused,
    HeaderIncomplete,
    NoStudents,
    SeveralXml,
    UaiInvalid,
    WrongKind,
    WrongSchool,
    WrongSchoolYear,
)
from cartable.rosters.tests.format_documents import (
    OTHER_UAI,
    guardian_file,
    import_eleves_document,
    private_link,
    private_person,
    private_student,
    problem_codes,
    student_file,
)
from cartable.rosters.tests.siecle_documents import UAI, YEAR, zipped

LEAVER = {"CODE_MOTIF_SORTIE": "3", "DATE_SORTIE": "2026-10-15"}


def read(*students: str, persons: str | None = None) -> StudentFile:
    return student_file(import_eleves_document(*(students or (private_student(),)), persons=persons))


@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_one_file_gives_students_and_guardians(version: str) -> None:
    students, guardians = read_list(import_eleves_document(private_student(), version=version))
    assert isinstance(students, StudentFile)
    assert isinstance(guardians, GuardianFile)
    header = Header("IMPORT_ELEVES", UAI, YEAR, datetime(2026, 9, 10, tzinfo=PARIS), version)
    assert students.header == guardians.header == header
    assert students.students == (
        Student(
            eleve_id="prv:17",
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
            previous_uai=OTHER_UAI,
        ),
    )
    assert guardians.persons == (
        Person("prv:51", "MARCHAND", "", "Hélène", ("+33639980001", "+33353010001"), "helene@courriel.example"),
    )
    assert guardians.links == (GuardianLink("prv:17", "prv:51", True, "1", "10"),)
    assert (students.problems, guardians.problems) == ((), ())


def test_its_keys_are_never_those_of_siecle() -> None:
    (student,) = read(private_student("1001")).students
    assert student.eleve_id == "prv:1001"


@pytest.mark.parametrize("schooling", [None, ""])
def test_P31_a_leaver_is_read_with_date_and_reason_and_needs_no_schooling(schooling: str | None) -> None:
    (student,) = read(private_student(schooling=schooling, **LEAVER)).students
    assert (student.left_on, student.exit_reason) == (date(2026, 10, 15), "3")
    assert (student.presence(date(2026, 10, 14)), student.presence(date(2026, 10, 15))) == ("announced", "left")


def test_the_date_of_entry_rules_over_the_beginning_of_the_schooling() -> None:
    (student,) = read(private_student(DATE_ENTREE="2026-09-15")).students
    assert student.entered_on == date(2026, 9, 15)


def test_guardians_persons_in_charge_and_contacts_are_told_apart() -> None:
    links = (
        private_link("LEGAL", "51"),
        private_link("LEGAL", "52", "20"),
        private_link("PERSONNE_EN_CHARGE", "53", "39"),
        private_link("CONTACT", "54", "90"),
    )
    persons = "".join(private_person(str(number)) for number in (51, 52, 53, 54))
    listed = guardian_file(import_eleves_document(private_student("17", *links), persons=persons))
    assert [(link.is_legal, link.level, link.kinship) for link in listed.links] == [
        (True, "1", "10"), (True, "1", "20"), (False, "2", "39"), (False, "3", "90"),
    ]  # fmt: skip
    assert listed.problems == ()


def test_siblings_share_a_person() -> None:
    brother = private_student("18", PRENOM="Bilal", ID_NATIONAL=None)
    listed = guardian_file(import_eleves_document(private_student(), brother))
    assert (len(listed.persons), len(listed.links)) == (1, 2)


def test_P35_three_legal_guardians_warn() -> None:
    links = [private_link(person_id=str(number)) for number in (51, 52, 53)]
    persons = "".join(private_person(str(number)) for number in (51, 52, 53))
    listed = guardian_file(import_eleves_document(private_student("17", *links), persons=persons))
    assert problem_codes(listed) == ["too_many_legal_guardians"]


def test_P37_a_list_of_mails_costs_the_field_only() -> None:
    listed = guardian_file(import_eleves_document(private_student(), persons=private_person(EMAIL="a@b.fr;c@d.fr")))
    assert (listed.persons[0].mail, problem_codes(listed)) == (None, ["mail_unreadable"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"ID_NATIONAL": None}, "ine_missing", id="P01"),
        pytest.param({"ID_NATIONAL": "990000001EC"}, "ine_key_wrong", id="P03"),
        pytest.param({"PRENOM": "."}, "given_name_missing", id="P15"),
    ],
)
def test_a_doubtful_student_is_taken_with_a_warning(changes: dict[str, str | None], code: str) -> None:
    listed = read(private_student(**changes))
    assert (len(listed.students), problem_codes(listed)) == (1, [code])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"PRENOM": "x" * 101}, "name_unfit", id="P13"),
        pytest.param({"DATE_NAISS": "12/31/2009"}, "date_swapped", id="P23 month and day"),
        pytest.param({"DATE_NAISS": "39448"}, "date_excel_serial", id="P23 Excel"),
        pytest.param({"DATE_NAISS": "14/09/08"}, "date_two_digit_year", id="P23 two digits"),
        pytest.param({"DATE_NAISS": "2008-02-30"}, "date_impossible", id="30 February"),
        pytest.param({"ID_PRV_ELE": None}, "eleve_id_missing", id="no key"),
    ],
)
def test_an_unusable_student_is_refused_alone(changes: dict[str, str | None], code: str) -> None:
    listed = read(private_student(**changes), private_student("18", PRENOM="Bilal", ID_NATIONAL=None))
    assert [student.given_name for student in listed.students] == ["Bilal"]
    assert problem_codes(listed, "refuse") == [code]


def test_P05_P09_X17_doubles_and_twins_are_seen() -> None:
    assert problem_codes(read(private_student(), private_student("18", ID_NATIONAL=None)), "queue") == ["person_twice"]
    assert problem_codes(read(private_student(), private_student(PRENOM="Bilal")), "queue") == ["eleve_id_repeated"]
    twins = read(private_student(), private_student("18", PRENOM="Alicia", ID_NATIONAL="990000002EA"))
    assert (len(twins.students), problem_codes(twins)) == (2, ["twins"])


def test_unwanted_fields_are_never_kept() -> None:
    document = import_eleves_document(
        private_student(CODE_PAYS_NAT="SECRET"), persons=private_person(CODE_PROFESSION="SECRET")
    )
    people = [*student_file(document).students, *guardian_file(document).persons]
    assert "SECRET" not in str([[getattr(one, name) for name in one.__slots__] for one in people])


def test_a_problem_asks_to_correct_the_software_that_wrote_the_file() -> None:
    (problem,) = read(private_student(NOM_DE_FAMILLE=".")).problems
    assert sentence(problem).endswith("Complétez sa fiche dans votre logiciel.")


def test_a_file_without_students_is_refused() -> None:
    with pytest.raises(NoStudents) as refusal:
        read_list(import_eleves_document())
    assert "votre logiciel" in sentence(refusal.value)


def test_P27_P29_the_file_of_another_lycee_or_year_is_refused_by_name() -> None:
    header = read().header
    check_expected(header, uai=UAI, school_year=YEAR, kind="IMPORT_ELEVES")
    with pytest.raises(WrongSchool):
        check_expected(header, uai=OTHER_UAI, school_year=YEAR, kind="IMPORT_ELEVES")
    with pytest.raises(WrongSchoolYear):
        check_expected(header, uai=UAI, school_year=YEAR + 1, kind="IMPORT_ELEVES")
    with pytest.raises(WrongKind) as refusal:
        check_expected(header, uai=UAI, school_year=YEAR, kind="BEE_ELEVES")
    assert "IMPORT_ELEVES" in sentence(refusal.value)
    wrong = student_file(import_eleves_document(private_student(), uai="0670080Z")).header
    with pytest.raises(UaiInvalid):
        check_expected(wrong, uai=UAI, school_year=YEAR, kind="IMPORT_ELEVES")


def test_a_header_without_school_is_refused() -> None:
    with pytest.raises(HeaderIncomplete):
        read_list(import_eleves_document(private_student(), uai=""))


def test_X03_a_document_type_is_refused_here() -> None:
    with pytest.raises(DoctypeRefused):
        read_list(b'<!DOCTYPE IMPORT_ELEVES SYSTEM "x.dtd">' + import_eleves_document(private_student()))


def test_X25_two_of_them_in_one_zip_are_refused() -> None:
    document = import_eleves_document(private_student())
    assert read_list(zipped({"0670080YPRIVE2026260910091146.xml": document})) == read_list(document)
    with pytest.raises(SeveralXml):
        read_list(zipped({"a.xml": document, "b.xml": document}))
