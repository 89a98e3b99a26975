"""What an AAF delivery means, and the P and X cases that concern it."""

from __future__ import annotations

import io
import socket
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn

import pytest

from cartable.rosters.formats.recognition import FileRefused, check_expected, read_list, sentence
from cartable.rosters.formats.records import GuardianFile, GuardianLink, Header, Person, Student, StudentFile
from cartable.rosters.formats.refusals import (
    AafDelta,
    AafIncomplete,
    AafKind,
    ArchiveNested,
    ArchiveTooManyEntries,
    DoctypeRefused,
    NotWellFormed,
    RecordTooLarge,
    UaiInvalid,
    WrongSchool,
)
from cartable.rosters.tests.format_documents import (
    DOCTYPE,
    OTHER_UAI,
    STRUCTURE,
    NamedFile,
    aaf_document,
    aaf_files,
    aaf_mef,
    aaf_person,
    aaf_school,
    aaf_sources,
    aaf_student,
    aaf_teacher,
    add_request,
    guardian_file,
    problem_codes,
    student_file,
)
from cartable.rosters.tests.siecle_documents import UAI, encoded, zipped

HEADER = Header("AAF", UAI, 0, None, "")


def only(*students: str) -> Student:
    (student,) = student_file(aaf_sources(*students)).students
    return student


def refused(source: object, kind: type[FileRefused]) -> FileRefused:
    with pytest.raises(kind) as refusal:
        read_list(source)  # type: ignore[arg-type]
    assert sentence(refusal.value)
    return refusal.value


def test_a_delivery_gives_students_and_guardians_of_its_lycee() -> None:
    students, guardians = read_list(aaf_sources())
    assert isinstance(students, StudentFile)
    assert isinstance(guardians, GuardianFile)
    assert students.header == guardians.header == HEADER
    assert students.students == (
        Student(
            eleve_id="aaf:748220",
            ine="990000001EB",
            family_name="MARCHAND",
            usage_name="",
            given_name="Alice",
            birth_on=date(2008, 9, 14),
            status="ST",
            mef="20010018110",
            level="2211",
            division="2DE 7",
            entered_on=None,
            left_on=None,
            exit_reason="",
            previous_uai=None,
        ),
    )
    assert guardians.persons == (
        Person("aaf:748501", "MARCHAND", "", "Hélène", ("+33639980001", "+33353010001"), "helene@courriel.example"),
    )
    assert guardians.links == (GuardianLink("aaf:748220", "aaf:748501", True, "1", "10"),)
    assert (students.problems, guardians.problems) == ((), ())


def test_a_delivery_reads_alike_in_one_zip_and_in_any_order() -> None:
    expected = read_list(aaf_sources())
    files = aaf_files()
    assert read_list(zipped(files)) == expected
    assert read_list(zipped(dict(reversed(files.items())))) == expected
    assert read_list(list(reversed(aaf_sources()))) == expected


def test_a_delivery_is_read_from_paths_and_open_files(tmp_path: Path) -> None:
    paths = []
    for name, content in aaf_files().items():
        (tmp_path / name).write_bytes(content)
        paths.append(tmp_path / name)
    assert read_list(paths) == read_list(aaf_sources())
    assert read_list([NamedFile(content, name) for name, content in aaf_files().items()]) == read_list(aaf_sources())


def test_several_files_of_one_category_are_one_list() -> None:
    second = aaf_document(aaf_student("748221", givenName="Bilal", ENTEleveINE="990000002EA"))
    students = student_file([*aaf_sources(), second]).students
    assert [student.given_name for student in students] == ["Alice", "Bilal"]


def test_several_lycees_of_one_delivery_are_separate_lists() -> None:
    elsewhere = aaf_student("748230", ENTPersonStructRattach="9", ENTEleveClasses="9$1RE 2")
    schools = aaf_school() + aaf_school("9", OTHER_UAI)
    parts = read_list(aaf_sources(aaf_student(), elsewhere, schools=schools))
    assert [(type(part), part.header.uai) for part in parts] == [
        (StudentFile, UAI), (GuardianFile, UAI), (StudentFile, OTHER_UAI), (GuardianFile, OTHER_UAI),
    ]  # fmt: skip
    assert [len(part.students) for part in parts if isinstance(part, StudentFile)] == [1, 1]
    assert [student.division for part in parts if isinstance(part, StudentFile) for student in part.students] == [
        "2DE 7", "1RE 2",
    ]  # fmt: skip


def test_two_structures_of_one_uai_are_one_lycee() -> None:
    section = aaf_student("748230", ENTPersonStructRattach="9", ENTEleveClasses="9$CAP 1", givenName="Bilal")
    read = student_file(aaf_sources(aaf_student(), section, schools=aaf_school() + aaf_school("9", UAI)))
    assert [student.division for student in read.students] == ["2DE 7", "CAP 1"]


def test_a_class_of_another_structure_is_not_the_students_own() -> None:
    classes = ["9$AUTRE", f"{STRUCTURE}$2DE 7"]
    assert only(aaf_student(ENTEleveClasses=classes)).division == "2DE 7"
    read = student_file(aaf_sources(aaf_student(ENTEleveClasses="9$AUTRE")))
    assert (read.students[0].division, problem_codes(read)) == (None, ["division_missing"])


def test_a_student_of_a_structure_that_nobody_describes_is_refused_alone() -> None:
    read = student_file(aaf_sources(aaf_student(), aaf_student("1", ENTPersonStructRattach="404")))
    assert (len(read.students), read.record_count, read.refused_count) == (1, 2, 1)
    (problem,) = read.problems
    assert (problem.code, problem.severity, problem.eleve_id) == ("structure_unknown", "refuse", "aaf:1")


@pytest.mark.parametrize(("written", "status"), [("SCOLAIRE", "ST"), ("Apprenti", "AP"), ("FORMATION CONTINUE", "FQ")])
def test_the_status_is_written_as_in_siecle(written: str, status: str) -> None:
    assert only(aaf_student(ENTEleveStatutEleve=written)).status == status


def test_a_usage_name_and_a_missing_family_name_are_read() -> None:
    assert only(aaf_student(sn="ROTH")).last_name == "ROTH"
    student = only(aaf_student(ENTPersonNomPatro=None, sn="ROTH"))
    assert (student.family_name, student.usage_name) == ("ROTH", "")


def test_the_identifier_of_the_record_serves_without_its_attribute() -> None:
    assert only(aaf_student(ENTPersonJointure=None)).eleve_id == "aaf:748220"


def test_an_identifier_too_long_for_the_table_gives_the_same_short_key_every_time() -> None:
    first, second = (only(aaf_student("ACADEMIE-DE-STRASBOURG$ELEVE$748220")).eleve_id for _ in range(2))
    assert first == second
    assert len(first) <= 20
    assert first.startswith("aaf:")
    assert only(aaf_student("ACADEMIE-DE-STRASBOURG$ELEVE$748221")).eleve_id != first


def test_a_student_without_identifier_is_refused_alone() -> None:
    read = student_file(aaf_sources(aaf_student(), aaf_student("")))
    assert (len(read.students), problem_codes(read, "refuse")) == (1, ["eleve_id_missing"])


def test_the_nomenclature_gives_the_level_that_the_code_does_not_tell() -> None:
    files = [NamedFile(aaf_document(aaf_student(ENTEleveMEF="99912345678"))), aaf_document(aaf_school())]
    assert problem_codes(student_file(files)) == ["level_unknown"]
    read = student_file([*files, aaf_document(aaf_mef("99912345678", "23821101110"))])
    assert (read.students[0].level, read.problems) == ("2382", ())


def test_without_a_file_of_guardians_there_is_no_list_of_them() -> None:
    (part,) = read_list([NamedFile(aaf_document(aaf_student())), aaf_document(aaf_school())])
    assert (type(part), part.problems) == (StudentFile, ())


def test_staff_and_subjects_of_a_delivery_are_passed_over() -> None:
    told = repr(read_list(aaf_sources()))
    assert "Karim" not in told


def test_unwanted_attributes_are_never_kept() -> None:
    secret = aaf_student(ENTEleveBoursier="SECRET", ENTPersonAdresse="SECRET", ENTElevePaysNaissance="SECRET")
    parts = read_list(aaf_sources(secret, persons=aaf_person(ENTPersonAdresse="SECRET", telephoneNumber="SECRET")))
    people = [*student_file(aaf_sources(secret)).students, *guardian_file(aaf_sources(secret)).persons]
    assert "SECRET" not in str([[getattr(one, name) for name in one.__slots__] for one in people])
    assert [part.problems for part in parts] == [(), ()]


# Guardians, in both encodings


@pytest.mark.parametrize(
    ("fields", "is_legal", "level", "kinship"),
    [
        ("748501$2$1$1$1$0", True, "1", "10"),
        ("748501$1$0$2$1$0", True, "2", "20"),
        ("748501$3$0$0$1$0", False, "0", ""),
        ("748501$$$$$", False, "", ""),
    ],
)
def test_the_six_fields_of_a_link_are_read(fields: str, is_legal: bool, level: str, kinship: str) -> None:
    (link,) = guardian_file(aaf_sources(aaf_student(ENTElevePersRelEleve=fields))).links
    assert (link.is_legal, link.level, link.kinship) == (is_legal, level, kinship)


def test_the_older_attributes_tell_parental_authority_too() -> None:
    student = aaf_student(
        ENTElevePersRelEleve=None,
        ENTEleveParents=["1", "2"],
        ENTEleveMere="1",
        ENTElevePere="2",
        ENTEleveAutoriteParentale="1",
        ENTElevePersRelEleve1="3",
        ENTEleveQualitePersRelEleve1="CONTACT",
    )
    read = guardian_file(aaf_sources(student, persons="".join(aaf_person(key) for key in "123")))
    assert {link.person_id: (link.is_legal, link.kinship) for link in read.links} == {
        "aaf:1": (True, "10"), "aaf:2": (False, "20"), "aaf:3": (False, ""),
    }  # fmt: skip
    assert read.problems == ()


@pytest.mark.parametrize("fields", ["748501", "748501$1", "$1$1$1$1$1", "748501$1$1$1$1$1$1", "$$$$$"])
def test_a_link_of_another_form_is_refused_alone(fields: str) -> None:
    read = guardian_file(aaf_sources(aaf_student(ENTElevePersRelEleve=[fields, "748501$2$1$1$1$0"])))
    assert len(read.links) == 1
    assert problem_codes(read) == ["link_incomplete"]


def test_siblings_share_a_person_and_separated_parents_are_two_links() -> None:
    both = ["748501$2$1$1$1$0", "748502$1$1$2$1$0"]
    students = (
        aaf_student(ENTElevePersRelEleve=both),
        aaf_student("748221", givenName="Bilal", ENTEleveINE=None, ENTElevePersRelEleve=both[:1]),
    )
    read = guardian_file(aaf_sources(*students, persons=aaf_person() + aaf_person("748502", givenName="Karim")))
    assert len(read.persons) == 2
    assert [(link.eleve_id, link.person_id) for link in read.links] == [
        ("aaf:748220", "aaf:748501"), ("aaf:748220", "aaf:748502"), ("aaf:748221", "aaf:748501"),
    ]  # fmt: skip


def test_a_guardian_of_nobody_here_is_not_kept() -> None:
    read = guardian_file(aaf_sources(persons=aaf_person() + aaf_person("999", mail="x@y.example")))
    assert [person.person_id for person in read.persons] == ["aaf:748501"]


def test_a_link_to_nobody_warns() -> None:
    read = guardian_file(aaf_sources(aaf_student(ENTElevePersRelEleve="404$1$1$1$1$0")))
    assert (read.links, problem_codes(read)) == ((), ["guardian_unknown"])


def test_P35_three_legal_guardians_warn() -> None:
    links = [f"{key}$1$1$1$1$0" for key in (1, 2, 3)]
    read = guardian_file(
        aaf_sources(aaf_student(ENTElevePersRelEleve=links), persons="".join(aaf_person(key) for key in "123"))
    )
    assert (len(read.links), problem_codes(read)) == (3, ["too_many_legal_guardians"])


@pytest.mark.parametrize("mail", ["a@b.example\nc@d.example", "a@b.example, c@d.example"])
def test_P37_a_list_of_mails_costs_the_field_only(mail: str) -> None:
    read = guardian_file(aaf_sources(persons=aaf_person(mail=mail)))
    assert (read.persons[0].mail, problem_codes(read)) == (None, ["mail_unreadable"])


# Students


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"ENTEleveINE": None}, "ine_missing", id="P01"),
        pytest.param({"ENTEleveINE": "990000001EC"}, "ine_key_wrong", id="P03"),
        pytest.param({"givenName": "."}, "given_name_missing", id="P15"),
        pytest.param({"ENTPersonDateNaissance": None}, "birth_date_missing", id="no birth date"),
        pytest.param({"ENTEleveClasses": [f"{STRUCTURE}$2DE 7", f"{STRUCTURE}$2DE 8"]}, "two_divisions", id="P07"),
    ],
)
def test_a_doubtful_student_is_taken_with_a_warning(changes: dict[str, str | None], code: str) -> None:
    read = student_file(aaf_sources(aaf_student(**changes)))
    assert (len(read.students), problem_codes(read, "warn")) == (1, [code])


def test_P05_one_person_under_two_identifiers_waits_for_a_ruling() -> None:
    read = student_file(aaf_sources(aaf_student(), aaf_student("748299", ENTEleveINE="990000002EA")))
    assert (len(read.students), len(read.queued), problem_codes(read, "queue")) == (1, 1, ["person_twice"])


def test_X17_the_same_identifier_twice_waits_for_a_ruling() -> None:
    read = student_file(aaf_sources(aaf_student(), aaf_student(givenName="Bilal", ENTEleveINE=None)))
    assert (len(read.students), len(read.queued), problem_codes(read, "queue")) == (0, 2, ["eleve_id_repeated"])


def test_P09_twins_are_two_students() -> None:
    twin = aaf_student("748221", givenName="Alicia", ENTEleveINE=None)
    read = student_file(aaf_sources(aaf_student(), twin))
    assert len(read.students) == 2
    assert "twins" in problem_codes(read)


@pytest.mark.parametrize("name", ["Léa \U0001f600", "L\ufffda", "x" * 101])
def test_P13_an_impossible_name_refuses_that_line_only(name: str) -> None:
    read = student_file(aaf_sources(aaf_student(givenName=name), aaf_student("748221", givenName="Bilal")))
    assert [student.given_name for student in read.students] == ["Bilal"]
    assert problem_codes(read, "refuse") == ["name_unfit"]


def test_P11_P17_P19_names_are_text_and_composed() -> None:
    students = (
        aaf_student("1", givenName="Le\u0301a", ENTEleveINE=None),
        aaf_student("2", givenName="Null", ENTEleveINE=None),
        aaf_student("3", givenName="\u202eمريم\u202c", ENTEleveINE=None),
    )
    read = student_file(aaf_sources(*students))
    assert [student.given_name for student in read.students] == ["Léa", "Null", "مريم"]


def test_P21_P23_dates_are_read_or_refused_with_a_hint() -> None:
    assert only(aaf_student(ENTPersonDateNaissance="29/02/2008")).birth_on == date(2008, 2, 29)
    read = student_file(aaf_sources(aaf_student(ENTPersonDateNaissance="12/31/2009"), aaf_student("2")))
    (problem,) = read.problems
    assert (problem.code, problem.severity) == ("date_swapped", "refuse")


def test_P27_a_uai_with_a_wrong_letter_refuses_the_file() -> None:
    read = student_file(aaf_sources(schools=aaf_school(uai="0670081T")))
    with pytest.raises(UaiInvalid):
        check_expected(read.header, uai=UAI, school_year=2026, kind="AAF")


def test_the_delivery_of_another_lycee_is_refused_and_no_year_is_asked_of_it() -> None:
    header = student_file(aaf_sources()).header
    check_expected(header, uai=UAI, school_year=2026, kind="AAF")
    check_expected(header, uai=UAI, school_year=2027, kind="AAF")
    with pytest.raises(WrongSchool):
        check_expected(header, uai=OTHER_UAI, school_year=2026, kind="AAF")


def test_a_problem_names_its_file_and_line() -> None:
    files = aaf_files(aaf_student(ENTPersonDateNaissance="2009"), persons=aaf_person(mobile="liste rouge"))
    parts = read_list(zipped(files))
    told = [sentence(problem) for part in parts for problem in part.problems]
    assert told == [
        f"« ENT_{UAI}_Complet_20260910_Eleve_0000.xml » : Ligne 5 : la date de naissance « 2009 » n’est pas une date "
        "(attendu : jj/mm/aaaa). L’élève n’est pas repris.",
        f"« ENT_{UAI}_Complet_20260910_PersRelEleve_0000.xml » : Ligne 5 : un numéro de téléphone est illisible ; il "
        "est laissé vide.",
    ]  # fmt: skip


# Deliveries that are none


@pytest.mark.parametrize("request_kind", ["modifyRequest", "deleteRequest"])
def test_a_partial_delivery_is_refused_by_name_with_a_remedy(request_kind: str) -> None:
    change = f"<{request_kind}>\n<identifier><id>1</id></identifier></{request_kind}>\n"
    refusal = refused([*aaf_sources(), aaf_document(aaf_student(), change)], AafDelta)
    assert "Complet" in sentence(refusal)
    assert refusal.line == 27


@pytest.mark.parametrize(
    ("records", "missing"),
    [
        ([aaf_student()], "EtabEducNat"),
        ([aaf_person()], "Eleve"),
        ([aaf_school(), aaf_person(), aaf_mef()], "Eleve"),
        ([], "Eleve"),
        ([aaf_student(), aaf_school("404")], "EtabEducNat"),
    ],
)
def test_a_file_without_the_others_is_refused_with_what_is_missing(records: Sequence[str], missing: str) -> None:
    refusal = refused([aaf_document(record) for record in records] or aaf_document(), AafIncomplete)
    assert refusal.parameters["missing"] == missing
    assert missing in sentence(refusal)


@pytest.mark.parametrize("category", ["PersEducNat", "MatiereEducNat"])
def test_a_file_of_staff_or_subjects_alone_is_refused_by_name(category: str) -> None:
    refusal = refused(aaf_document(add_request(category, "1", {"sn": "ROTH"})), AafKind)
    assert category in sentence(refusal)
    assert "Eleve" in sentence(refusal)


# X cases


@pytest.mark.parametrize(
    "doctype",
    [
        DOCTYPE,
        "<!DOCTYPE ficAlimMENESR SYSTEM 'http://127.0.0.1:9/ficAlimMENESR.dtd'>",
        '<!DOCTYPE ficAlimMENESR PUBLIC "-//MEN//DTD" "http://127.0.0.1:9/x.dtd" >',
        '<!DOCTYPE\nficAlimMENESR\nSYSTEM "file:///etc/passwd"\n>',
        "<!DOCTYPE ficAlimMENESR>",
        f"<!-- before -->\n{DOCTYPE}<!-- behind -->",
        "",
    ],
)
def test_X03_a_bare_document_type_is_tolerated_and_never_fetched(doctype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> NoReturn:
        raise AssertionError("a network call")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    read = student_file([aaf_document(aaf_student(), doctype=doctype), aaf_document(aaf_school())])
    assert len(read.students) == 1
    # The line is true however many the document type takes.
    assert read.students[0].line == 5 + doctype.count("\n")


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE ficAlimMENESR [<!ENTITY x "y">]>',
        '<!DOCTYPE ficAlimMENESR SYSTEM "x.dtd" [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE ficAlimMENESR SYSTEM "x.dtd" [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>',
        '<!DOCTYPE ficAlimMENESR SYSTEM "x.dtd" []>',
        '<!DOCTYPE BEE_ELEVES SYSTEM "x.dtd">',
        f"{DOCTYPE}{DOCTYPE}",
        '<!ENTITY x "y">',
        f'<!DOCTYPE ficAlimMENESR SYSTEM "{"x" * 600}">',
        "<!DOCTYPE ficAlimMENESR SYSTEM 'x.dtd'" + " " * 3000,
        '<!doctype ficAlimMENESR SYSTEM "x.dtd">',
    ],
)
def test_X01_X03_X05_any_other_document_type_is_refused(doctype: str) -> None:
    refused([aaf_document(aaf_student(), doctype=doctype), aaf_document(aaf_school())], DoctypeRefused)


def test_X03_the_tolerated_document_type_opens_no_other_format() -> None:
    refused(encoded(f"{DOCTYPE}<BEE_ELEVES/>"), DoctypeRefused)
    refused(encoded('<!DOCTYPE BEE_ELEVES SYSTEM "x.dtd"><BEE_ELEVES/>'), DoctypeRefused)


def test_X03_an_entity_that_nobody_declared_is_refused_with_its_line() -> None:
    document = aaf_document(aaf_student()).replace(b"Alice", b"&eacute;lise")
    assert refused([document, aaf_document(aaf_school())], NotWellFormed).line == 13


@pytest.mark.parametrize("padding", [950, 1000, 1010, 1020, 1030, 1040, 1100])
def test_X03_a_document_type_cut_by_the_end_of_a_chunk_is_still_seen(padding: int) -> None:
    class Trickling(io.BytesIO):
        def read(self, wanted: int | None = -1, /) -> bytes:
            return super().read(min(1100, wanted) if wanted and wanted > 0 else 1100)

    comment = f"<!--{'x' * padding}-->"
    document = aaf_document(aaf_student(), doctype=comment + DOCTYPE)
    assert len(student_file([Trickling(document), aaf_document(aaf_school())]).students) == 1
    hostile = aaf_document(aaf_student(), doctype=comment + '<!DOCTYPE ficAlimMENESR [<!ENTITY x "y">]>')
    refused([Trickling(hostile), aaf_document(aaf_school())], DoctypeRefused)


def test_X09_X11_encodings_are_those_of_any_document() -> None:
    school = aaf_document(aaf_school())
    for encoding in ("UTF-8", "ISO-8859-15", "utf-16"):
        document = aaf_document(aaf_student(givenName="Cœlia"), encoding=encoding)
        assert student_file([document, school]).students[0].given_name == "Cœlia"


def test_X07_a_record_beyond_reason_is_refused() -> None:
    giant = aaf_document(aaf_student(givenName="x" * 400_000))
    refused([giant, aaf_document(aaf_school())], RecordTooLarge)


def test_X13_a_cut_file_is_refused_with_its_name_and_line() -> None:
    files = aaf_files()
    name = next(name for name in files if "_Eleve_" in name)
    files[name] = files[name][:900]
    told = sentence(refused(zipped(files), NotWellFormed))
    assert told.startswith(f"« {name} » : Ligne ")
    assert "l’annuaire académique (AAF)" in told


def test_X15_X19_prefixes_and_cdata_change_nothing() -> None:
    document = aaf_document(aaf_student()).replace(b"Alice", b"<![CDATA[Ali]]>ce")
    school = aaf_document(aaf_school()).replace(b"<ficAlimMENESR>", b'<ficAlimMENESR xmlns="urn:aaf">')
    assert student_file([document, school]).students == student_file(aaf_sources()).students


def test_X21_X29_a_zip_of_a_delivery_has_the_bounds_of_any_zip() -> None:
    refused(zipped({**aaf_files(), "x.zip": zipped({"y.xml": b"<a/>"})}), ArchiveNested)
    refused(zipped({**aaf_files(), **{f"{n}.txt": b"x" for n in range(20)}}), ArchiveTooManyEntries)


def test_many_teachers_are_passed_over_quickly_and_only_named_when_alone() -> None:
    staff = aaf_document(*[aaf_teacher(str(number)) for number in range(300)])
    assert len(student_file([*aaf_sources(), staff]).students) == 1
