"""P01 to P31 of the bad-input catalogue, as far as one file can tell, and what BEE_ELEVES means."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartable.kernel.majority import PARIS, is_adult
from cartable.kernel.school_year import SchoolYear
from cartable.rosters.formats.records import Header, Problem, Student
from cartable.rosters.formats.refusals import (
    HeaderIncomplete,
    NoStudents,
    UaiInvalid,
    WrongKind,
    WrongSchool,
    WrongSchoolYear,
)
from cartable.rosters.formats.siecle import check_expected, read_siecle
from cartable.rosters.tests.siecle_documents import (
    HEADER,
    UAI,
    YEAR,
    as_students,
    codes,
    eleve,
    encoded,
    placed,
    read_guardians,
    read_students,
    students_document,
    students_text,
)

ALICE_LINE = 11


def only(*eleves: str, structures: str | None = None) -> Student:
    (student,) = read_students(*eleves, structures=structures).students
    return student


def refused(*eleves: str) -> Problem:
    """The one problem of a file whose only student is refused."""
    read = read_students(*eleves)
    assert (read.students, read.queued, read.refused_count) == ((), (), 1)
    (problem,) = read.problems
    assert problem.severity == "refuse"
    return problem


def test_a_student_is_read_with_class_level_and_dates() -> None:
    last_year = (
        "<SCOLARITE_AN_DERNIER><CODE_MEF>10310019110</CODE_MEF><CODE_RNE>0670081Z</CODE_RNE></SCOLARITE_AN_DERNIER>"
    )
    read = read_students(eleve(raw=last_year, NOM_USAGE="MARCHAND-ROTH"))
    assert read.students == (
        Student(
            eleve_id="1001",
            ine="990000001EB",
            family_name="MARCHAND",
            usage_name="MARCHAND-ROTH",
            given_name="Alice",
            birth_on=date(2008, 9, 14),
            status="ST",
            mef="20010018110",
            level="2211",
            division="2DE 7",
            entered_on=date(2026, 9, 1),
            left_on=None,
            exit_reason="",
            previous_uai="0670081Z",
        ),
    )
    assert read.students[0].last_name == "MARCHAND-ROTH"
    assert read.students[0].line == ALICE_LINE
    assert (read.record_count, read.refused_count, read.problems) == (1, 0, ())


def test_the_header_tells_school_year_time_and_version() -> None:
    exported_at = datetime(2026, 9, 10, 9, 11, 46, tzinfo=PARIS)
    assert read_students(eleve()).header == Header("BEE_ELEVES", UAI, YEAR, exported_at, "3.0")


@pytest.mark.parametrize("version", ["1.8", "2.1", "3.0", ""])
def test_every_version_of_the_format_is_read(version: str) -> None:
    text = students_text(eleve(NOM_DE_FAMILLE=None, NOM="MARCHAND"), version=version)
    read = as_students(encoded(text.replace(' VERSION=""', "")))
    assert read.header.version == version
    assert read.students[0].family_name == "MARCHAND"


@pytest.mark.parametrize("field", ["UAJ", "ANNEE_SCOLAIRE"])
def test_a_header_without_school_or_year_is_refused(field: str) -> None:
    header = "".join(line for line in HEADER.splitlines(keepends=True) if field not in line)
    with pytest.raises(HeaderIncomplete) as refusal:
        read_siecle(encoded(students_text(eleve(), header=header)))
    assert refusal.value.parameters["field"] == field


@pytest.mark.parametrize("year", ["26", "2026-2027", "1026", "20 26", "-2026"])
def test_P39_a_year_that_is_no_year_is_refused(year: str) -> None:
    with pytest.raises(HeaderIncomplete):
        read_siecle(encoded(students_text(eleve(), header=HEADER.replace(">2026<", f">{year}<"))))


def test_a_header_without_export_time_is_accepted() -> None:
    header = "".join(line for line in HEADER.splitlines(keepends=True) if "HORO" not in line and "EXPORT" not in line)
    assert as_students(encoded(students_text(eleve(), header=header))).header.exported_at is None


def test_a_file_without_students_is_refused() -> None:
    with pytest.raises(NoStudents):
        read_siecle(encoded(students_text()))


# Names


def test_an_empty_usage_name_is_none_and_one_equal_to_the_family_name_too() -> None:
    assert only(eleve(NOM_USAGE="")).usage_name == ""
    assert only(eleve(NOM_USAGE="MARCHAND")).usage_name == ""
    assert only(eleve()).last_name == "MARCHAND"


def test_a_usage_name_alone_serves_as_family_name() -> None:
    student = only(eleve(NOM_DE_FAMILLE=None, NOM_USAGE="ROTH"))
    assert (student.family_name, student.usage_name) == ("ROTH", "")


def test_P11_composed_and_decomposed_accents_give_one_name() -> None:
    composed, decomposed = eleve(PRENOM="Zoé"), eleve(PRENOM="Zoe\u0301")
    read = [
        as_students(encoded(students_text(text), "utf-8")).students[0].given_name for text in (composed, decomposed)
    ]
    assert read == ["Zoé", "Zoé"]


@pytest.mark.parametrize("tag", ["PRENOM", "NOM_DE_FAMILLE", "NOM_USAGE"])
@pytest.mark.parametrize("name", ["Léa &#128512;", "L&#57344;a", "☺", "L\ufffda", "x" * 101])
def test_P13_an_emoji_in_a_name_refuses_that_line_only(tag: str, name: str) -> None:
    text = students_text(
        eleve(**{tag: "FAULT"}), eleve("1002", PRENOM="Bilal", DATE_NAISS="01/02/2010", ID_NATIONAL="")
    )
    read = as_students(encoded(text.replace("FAULT", name), "utf-8"))
    assert [student.eleve_id for student in read.students] == ["1002"]
    (problem,) = [problem for problem in read.problems if problem.severity == "refuse"]
    assert (problem.code, problem.line, problem.eleve_id) == ("name_unfit", ALICE_LINE, "1001")
    assert problem.parameters == {"field": tag}


def test_P13_a_byte_that_windows_does_not_define_refuses_that_line() -> None:
    document = students_document(eleve(PRENOM="L@a")).replace(b"L@a", b"L\x81a")
    assert codes(as_students(document)) == ["name_unfit"]


@pytest.mark.parametrize("given", [None, "", ".", " - "])
def test_P15_a_missing_given_name_warns(given: str | None) -> None:
    read = read_students(eleve(PRENOM=given))
    assert read.students[0].given_name == ""
    assert codes(read, "warn") == ["given_name_missing"]


@pytest.mark.parametrize("family", ["", "."])
def test_a_student_without_any_name_is_refused(family: str) -> None:
    assert refused(eleve(NOM_DE_FAMILLE=family)).code == "family_name_missing"


@pytest.mark.parametrize("name", ["Null", "None", "True", "Test", "NaN", "0x10"])
def test_P17_names_that_machines_misread_are_accepted_as_text(name: str) -> None:
    read = read_students(eleve(NOM_DE_FAMILLE=name.upper(), PRENOM=name))
    assert (read.students[0].family_name, read.students[0].given_name) == (name.upper(), name)
    assert read.problems == ()


def test_P19_names_of_other_scripts_are_accepted_without_bidi_controls() -> None:
    text = students_text(eleve(NOM_DE_FAMILLE="\u202eحداد\u202c", PRENOM="מרים\u200f"))
    student = as_students(encoded(text, "utf-8")).students[0]
    assert (student.family_name, student.given_name) == ("حداد", "מרים")


@pytest.mark.parametrize("eleve_id", ["", "  ", "9" * 25])
def test_a_student_without_identifier_is_refused(eleve_id: str) -> None:
    assert refused(eleve(eleve_id)).code == "eleve_id_missing"


# INE


def test_P01_a_missing_ine_warns() -> None:
    read = read_students(eleve(ID_NATIONAL=None))
    assert read.students[0].ine is None
    assert codes(read, "warn") == ["ine_missing"]


def test_P03_a_wrong_ine_key_warns_and_the_ine_is_kept() -> None:
    read = read_students(eleve(ID_NATIONAL="070876696HA"))
    assert read.students[0].ine == "070876696HA"
    assert codes(read, "warn") == ["ine_key_wrong"]


def test_an_ine_of_no_known_form_warns_and_is_left_out() -> None:
    read = read_students(eleve(ID_NATIONAL="inconnu"))
    assert read.students[0].ine is None
    assert codes(read, "warn") == ["ine_unreadable"]


@pytest.mark.parametrize("tag", ["ID_NATIONAL", "INE_RNIE", "INE_BEA"])
def test_the_ine_is_found_wherever_the_version_puts_it(tag: str) -> None:
    student = only(eleve(**{"ID_NATIONAL": None, tag: " 070832327ja_ "}))
    assert student.ine == "070832327JA"


def test_the_ine_does_not_show_in_a_representation() -> None:
    assert "990000001EB" not in repr(read_students(eleve()))


def test_an_ine_shared_by_two_people_is_taken_from_both_with_a_warning() -> None:
    read = read_students(eleve(), eleve("1002", PRENOM="Bilal"))
    assert [student.ine for student in read.students] == [None, None]
    (problem,) = [problem for problem in read.problems if problem.code == "ine_shared"]
    assert (problem.eleve_id, problem.parameters) == ("1002", {"other_line": ALICE_LINE})


# Doubles and twins


def test_P07_a_student_in_two_classes_is_one_student_with_a_warning() -> None:
    read = read_students(eleve(), structures=placed("1001", "2DE 7") + placed("1001", "2DE 8", "2DE 7"))
    (student,) = read.students
    assert student.division == "2DE 7"
    assert codes(read) == ["two_divisions"]
    assert read.problems[0].parameters == {"divisions": "2DE 7, 2DE 8"}


def test_X17_an_eleve_id_used_twice_waits_for_a_ruling() -> None:
    read = read_students(eleve(), eleve(PRENOM="Bilal"), eleve("1002", PRENOM="Chloé", ID_NATIONAL="990000002EA"))
    assert [student.eleve_id for student in read.students] == ["1002"]
    assert [student.given_name for student in read.queued] == ["Alice", "Bilal"]
    (problem,) = [problem for problem in read.problems if problem.severity == "queue"]
    assert (problem.code, problem.eleve_id, problem.parameters) == (
        "eleve_id_repeated",
        "1001",
        {"other_line": ALICE_LINE},
    )


def test_X17_the_same_record_twice_is_told_once() -> None:
    read = read_students(eleve(), eleve())
    assert (len(read.students), len(read.queued)) == (0, 2)
    assert codes(read) == ["eleve_id_repeated"]


def test_P05_one_person_under_two_identifiers_waits_for_a_ruling() -> None:
    read = read_students(eleve(), eleve("1002", PRENOM="ALICE", ID_NATIONAL="990000002EA"))
    assert [student.eleve_id for student in read.students] == ["1001"]
    assert [student.eleve_id for student in read.queued] == ["1002"]
    assert codes(read, "queue") == ["person_twice"]
    assert read.students[0].ine == "990000001EB"


@pytest.mark.parametrize(("first", "second"), [("Lucie", "Lucile"), ("Léa", "Léo"), ("Jean-Luc", "JEAN LOUP")])
def test_P09_twins_are_two_students_with_a_warning(first: str, second: str) -> None:
    read = read_students(eleve(PRENOM=first), eleve("1002", PRENOM=second, ID_NATIONAL="990000002EA"))
    assert len(read.students) == 2
    assert "twins" in codes(read, "warn")


@pytest.mark.parametrize(
    "other",
    [
        {"PRENOM": "Yusuf"},
        {"PRENOM": "Alicia", "DATE_NAISS": "15/09/2008"},
        {"PRENOM": "Alicia", "NOM_DE_FAMILLE": "ROTH"},
    ],
)
def test_P09_no_warning_without_likeness(other: dict[str, str]) -> None:
    assert "twins" not in codes(read_students(eleve(), eleve("1002", ID_NATIONAL="990000002EA", **other)))


# Dates


def test_P21_29_february_is_a_birthday() -> None:
    assert only(eleve(DATE_NAISS="29/02/2008")).birth_on == date(2008, 2, 29)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12/31/2009", "date_swapped"),
        ("31/12/09", "date_two_digit_year"),
        ("39448", "date_excel_serial"),
        ("29/02/2009", "date_impossible"),
        ("00/00/0000", "date_impossible"),
        ("13/13/2009", "date_impossible"),
        ("14 septembre 2008", "date_unreadable"),
        ("２１/12/2009", "date_unreadable"),
        ("2009/12/31", "date_unreadable"),
        ("123", "date_unreadable"),
    ],
)
@pytest.mark.parametrize("tag", ["DATE_NAISS", "DATE_SORTIE"])
def test_P23_a_date_of_another_form_refuses_the_line_with_a_hint(text: str, code: str, tag: str) -> None:
    read = as_students(encoded(students_text(eleve(**{tag: text})), "utf-8"))
    assert read.students == ()
    (problem,) = read.problems
    assert (problem.code, problem.severity, problem.line) == (code, "refuse", ALICE_LINE)
    assert problem.parameters == {"field": tag, "value": text}


def test_an_unmistakable_iso_date_is_read() -> None:
    assert only(eleve(DATE_NAISS="2008-09-14")).birth_on == date(2008, 9, 14)


def test_P23_an_unreadable_entry_date_costs_the_field_only() -> None:
    read = read_students(eleve(DATE_ENTREE="39448"))
    assert read.students[0].entered_on is None
    (problem,) = read.problems
    assert (problem.code, problem.severity, problem.field_name) == ("entry_date_unreadable", "refuse", "DATE_ENTREE")


def test_P25_the_eighteenth_birthday_is_read_to_the_day() -> None:
    birth_on = only(eleve(DATE_NAISS="14/09/2008")).birth_on
    assert birth_on is not None
    assert is_adult(birth_on, date(2026, 9, 14))
    assert not is_adult(birth_on, date(2026, 9, 13))


@pytest.mark.parametrize(("birth", "code"), [(None, "birth_date_missing"), ("14/09/1968", "birth_date_unlikely")])
def test_a_missing_or_unlikely_birth_date_warns(birth: str | None, code: str) -> None:
    read = read_students(eleve(DATE_NAISS=birth))
    assert len(read.students) == 1
    assert codes(read, "warn") == [code]


def test_P31_an_exit_date_reached_is_a_departure_and_a_later_one_its_announcement() -> None:
    student = only(eleve(DATE_SORTIE="20/09/2026", CODE_MOTIF_SORTIE="7"))
    assert student.presence(date(2026, 9, 19)) == "announced"
    assert student.presence(date(2026, 9, 20)) == "left"
    assert student.exit_reason == "7"
    assert only(eleve()).presence(date(2026, 9, 20)) == "present"


def test_P31_the_open_end_of_siecle_is_no_departure() -> None:
    assert only(eleve(DATE_SORTIE="31/12/9999")).left_on is None


# Classes, levels, status


def test_groups_and_the_pseudo_class_inactifs_are_no_class() -> None:
    for structures in ("", placed("1001", "2DE7GR1", kind="G"), placed("1001", "Inactifs"), placed("9999", "2DE 7")):
        read = read_students(eleve(), structures=structures)
        assert read.students[0].division is None
        assert codes(read) == ["division_missing"]


def test_somebody_who_leaves_needs_no_class() -> None:
    assert codes(read_students(eleve(DATE_SORTIE="20/09/2026"), structures="")) == []


def test_spaces_in_a_class_code_are_folded() -> None:
    assert only(eleve(), structures=placed("1001", "  3   A ")).division == "3 A"


def test_an_unknown_mef_warns_once_with_the_number_of_students() -> None:
    read = read_students(eleve(CODE_MEF="99999999999"), eleve("1002", CODE_MEF="99999999999", PRENOM="Bilal"))
    assert [student.level for student in read.students] == [None, None]
    (problem,) = [problem for problem in read.problems if problem.code == "level_unknown"]
    assert problem.parameters == {"mef": "99999999999", "count": 2}


@pytest.mark.parametrize(("status", "mef", "level"), [("AP", "24122137210", "2321"), ("ST", "31131213210", "3221")])
def test_apprentices_and_post_bac_students_are_read_and_left_to_the_rules(status: str, mef: str, level: str) -> None:
    student = only(eleve(CODE_STATUT=status, CODE_MEF=mef))
    assert (student.status, student.level) == (status, level)


@pytest.mark.parametrize("code", ["0670081T", "", "collège"])
def test_a_previous_school_without_valid_uai_is_left_out(code: str) -> None:
    last_year = f"<SCOLARITE_AN_DERNIER><CODE_RNE>{code}</CODE_RNE></SCOLARITE_AN_DERNIER>"
    assert only(eleve(raw=last_year)).previous_uai is None


# Whose file


def expect(header: Header, **changes: object) -> None:
    check_expected(header, **{"uai": UAI, "school_year": YEAR, "kind": "BEE_ELEVES", **changes})  # type: ignore[arg-type]


def test_the_expected_file_passes() -> None:
    expect(read_students(eleve()).header)
    expect(read_students(eleve()).header, uai=" 0670080y ")


def test_P27_a_uai_with_a_wrong_letter_refuses_the_file() -> None:
    header = as_students(encoded(students_text(eleve(), header=HEADER.replace(UAI, "0670080Z")))).header
    with pytest.raises(UaiInvalid) as refusal:
        expect(header)
    assert refusal.value.parameters == {"uai": "0670080Z"}


def test_the_file_of_another_school_is_refused() -> None:
    with pytest.raises(WrongSchool) as refusal:
        expect(read_students(eleve()).header, uai="0670081Z")
    assert refusal.value.parameters == {"received": UAI, "expected": "0670081Z"}


def test_P29_the_file_of_another_school_year_is_refused() -> None:
    with pytest.raises(WrongSchoolYear) as refusal:
        expect(read_students(eleve()).header, school_year=SchoolYear(2027).first_year)
    assert refusal.value.parameters == {"received": "2026-2027", "expected": "2027-2028"}


def test_a_file_of_another_kind_is_refused_by_name() -> None:
    with pytest.raises(WrongKind) as refusal:
        expect(read_guardians("", "").header)
    assert refusal.value.parameters == {"received": "BEE_RESPONSABLES", "expected": "BEE_ELEVES"}


# Every record is accounted for


students = st.builds(
    eleve,
    st.sampled_from(["", "1", "2", "3", "4"]),
    PRENOM=st.sampled_from(["Alice", "Alicia", ".", "☺"]),
    DATE_NAISS=st.sampled_from(["14/09/2008", "15/09/2008", "39448", None]),
    ID_NATIONAL=st.sampled_from(["990000001EB", "990000002EA", None]),
    DATE_SORTIE=st.sampled_from([None, "01/09/2026"]),
)


@settings(deadline=None)
@given(st.lists(students, min_size=1, max_size=8))
def test_every_record_is_accepted_queued_or_refused_exactly_once(records: list[str]) -> None:
    read = as_students(encoded(students_text(*records), "utf-8"))
    assert read.record_count == len(records) == len(read.students) + len(read.queued) + read.refused_count
    ids = [student.eleve_id for student in read.students]
    assert len(ids) == len(set(ids))
    assert read.refused_count == sum(p.severity == "refuse" and p.field_name is None for p in read.problems)
    shown = [student.ine for student in read.students if student.ine]
    assert len(shown) == len(set(shown))
