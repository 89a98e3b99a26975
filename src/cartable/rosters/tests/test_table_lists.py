"""Tables of students, made by hand or exported: what is read, what is refused with its line, what somebody must say."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from cartable.rosters.formats.recognition import claimed, is_table, read_list, sentence
from cartable.rosters.formats.records import StudentFile
from cartable.rosters.formats.refusals import (
    EmptyFile,
    FileRefused,
    NoStudents,
    TableNeedsMapping,
    TooManyRecords,
)
from cartable.rosters.formats.table import FIELDS, SYNONYMS, sample_of
from cartable.rosters.tests.siecle_documents import zipped
from cartable.rosters.tests.test_formats_fuzz import read_or_refused

HEADER = "Nom;Prénom;Né(e) le;Classe;INE;N° interne"
ALICE = "MARCHAND;Alice;29/02/2008;2DE7;070832327JA;748220"


def read(content: bytes | str, columns: dict[str, str] | None = None) -> StudentFile:
    """Read a table of students, the only part of it."""
    (part,) = read_list(content.encode() if isinstance(content, str) else content, columns=columns)
    assert isinstance(part, StudentFile)
    return part


def refusal_of(content: bytes | str) -> FileRefused:
    with pytest.raises(FileRefused) as refusal:
        read(content)
    return refusal.value


def codes(listed: StudentFile) -> list[tuple[str, str, int | None]]:
    return [(problem.code, problem.severity, problem.line) for problem in listed.problems]


def workbook(*rows: list[Any], **options: Any) -> bytes:
    """Write one sheet; a date is a cell that holds a date."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "dd/mm/yyyy", **options}) as book:
        sheet = book.add_worksheet()
        for place, cells in enumerate(rows):
            sheet.write_row(place, 0, cells)
    return buffer.getvalue()


# --- what is read


def test_T01_T03_any_separator_line_end_and_encoding_gives_the_same_students() -> None:
    plain = f"{HEADER}\n{ALICE}\n"
    wanted = read(plain).students
    assert [(one.family_name, one.given_name, one.birth_on) for one in wanted] == [
        ("MARCHAND", "Alice", date(2008, 2, 29))
    ]
    for separator in ",\t|":
        assert read(plain.replace(";", separator)).students == wanted
    for line_end in ("\r\n", "\r"):
        assert read(plain.replace("\n", line_end)).students == wanted
    assert read(plain.replace("\n", "\r\n", 1)).students == wanted
    for encoding in ("cp1252", "utf-8-sig", "utf-16"):
        assert read(plain.encode(encoding)).students == wanted


def test_every_field_is_read_and_the_lycee_is_left_to_whoever_sends_it() -> None:
    listed = read(
        "Nom de famille;Nom d'usage;Prénom 1;Prénom 2;DATE_NAISS;Division;N° interne;Code MEF;Statut;Entrée le;Sortie le;"
        "RNE origine\nMARCHAND;DURAND;Alice;Zélie;2008-02-29;2DE 7;748220;20010015110;ST;01/09/2026;15/10/2026;0670080Y\n",
        {"family_name": "Nom de famille", "usage_name": "Nom d'usage", "given_name": "Prénom 1",
         "birth_on": "date naiss", "division": "Division", "number": "N° interne", "mef": "Code MEF", "status": "Statut",
         "entered_on": "Entrée le", "left_on": "Sortie le", "previous_uai": "RNE origine"},
    )  # fmt: skip
    (alice,) = listed.students
    assert (alice.family_name, alice.usage_name, alice.given_name) == ("MARCHAND", "DURAND", "Alice")
    assert (alice.birth_on, alice.entered_on, alice.left_on) == (
        date(2008, 2, 29), date(2026, 9, 1), date(2026, 10, 15),
    )  # fmt: skip
    assert (alice.eleve_id, alice.division, alice.mef, alice.level) == ("table:748220", "2DE 7", "20010015110", "2211")
    assert (alice.status, alice.previous_uai) == ("ST", "0670080Y")
    assert (listed.header.kind, listed.header.uai, listed.header.school_year) == ("TABLE", "", 0)
    ours = claimed(listed, uai="0670080Y", school_year=2026)
    assert (ours.header.uai, ours.header.school_year) == ("0670080Y", 2026)


def test_the_default_export_of_siecle_is_read_without_number_or_birth_date() -> None:
    listed = read("Division;Nom;Prénom\n2DE7;MARCHAND;Alice\n2DE7;DIALLO;Bilal\n".encode("cp1252"))
    assert [(one.eleve_id, one.birth_on, one.ine, one.division) for one in listed.students] == [
        ("", None, None, "2DE7")
    ] * 2


@pytest.mark.parametrize("words", ["2nde GT", "2211", "2ndE gt"])
def test_a_level_is_read_by_its_code_or_its_name(words: str) -> None:
    assert read(f"Nom;Prénom;Classe;Niveau\nMARCHAND;Alice;2DE7;{words}\n").students[0].level == "2211"


SHEET = workbook(HEADER.split(";"), ALICE.split(";"))


@pytest.mark.parametrize("table", [f"{HEADER}\n{ALICE}\n".encode(), SHEET], ids=["csv", "xlsx"])
def test_X25_a_zip_that_holds_one_table_reads_like_the_table_itself(table: bytes) -> None:
    packed = zipped({"__MACOSX/._liste": b"litter", "export/liste": table})
    assert read(packed).students == read(table).students
    assert sample_of(packed, {}) == sample_of(table, {})
    assert is_table(packed)


def test_X25_a_zip_of_two_tables_or_of_something_else_is_no_list() -> None:
    table = f"{HEADER}\n{ALICE}\n".encode()
    for entries in ({"a.csv": table, "b.csv": table}, {"a.txt": b"Bonjour"}, {"a.pdf": b"%PDF-1.7\n\0\0"}):
        assert refusal_of(zipped(entries)).code == "archive_without_xml"


def test_X21_X29_X31_a_table_in_a_zip_stays_under_the_limits_of_any_archive() -> None:
    assert refusal_of(zipped({"a.csv": f"{HEADER}\n".encode() + b";" * (8 * 2**20)})).code == "archive_bomb"
    assert refusal_of(zipped({"a.xlsx": zipped({"a.xlsx": SHEET})})).code == "archive_nested"
    assert refusal_of(zipped({"a.xlsx": SHEET, "b.xlsx": SHEET})).code == "archive_nested"
    spoilt = bytearray(zipped({"a.csv": f"{HEADER}\n{ALICE}\n".encode()}, zipfile.ZIP_STORED))
    at = spoilt.find(b"MARCHAND")
    spoilt[at : at + 8] = b"MARCHAUD"
    assert refusal_of(bytes(spoilt)).code == "archive_damaged"
    far = zipped({"../a.csv": f"{HEADER}\n{ALICE}\n".encode()})
    assert refusal_of(far).code == "archive_names"


def test_P07_the_same_student_twice_waits_with_its_line() -> None:
    twice = f"{HEADER}\nMARCHAND;Alice;29/02/2008;2DE7;;\nMARCHAND;Alice;29/02/2008;2DE8;;\n"
    listed = read(twice)
    assert (len(listed.students), len(listed.queued)) == (1, 1)
    assert ("person_twice", "queue", 3) in codes(listed)


def test_no_word_names_two_fields() -> None:
    assert SYNONYMS.keys() == FIELDS.keys()
    words = [word for synonyms in SYNONYMS.values() for word in synonyms]
    assert len(words) == len(set(words))


# --- what somebody must say


@pytest.mark.parametrize(
    "header",
    [
        "A;B;C",
        "Nom;Prénom;Groupe",
        "Nom;Nom de famille;Prénom;Classe",
        "Nom;Prénom;Prénom 1;Classe",
        "Nom;Prénom;Classe;Date de naissance;Né(e) le",
    ],
)
def test_T07_a_header_that_is_missing_renamed_or_doubtful_asks_which_column_is_which(header: str) -> None:
    cells = ";".join("abcde"[: header.count(";") + 1])
    assert isinstance(refusal_of(f"{header}\n{cells}\n"), TableNeedsMapping)


def test_T07_a_doubled_header_is_refused_by_its_name() -> None:
    refusal = refusal_of("Nom;Prénom;Classe;NOM\nMARCHAND;Alice;2DE7;X\n")
    assert refusal.code == "table_header_doubled"
    assert "(Nom, NOM)" in sentence(refusal)


def test_what_was_said_once_is_used_where_all_its_columns_are_there() -> None:
    said = {"family_name": "A", "given_name": "B", "division": "C"}
    assert read("A;B;C\nMARCHAND;Alice;2DE7\n", said).students[0].family_name == "MARCHAND"
    assert read("x;c;b;a\n.;2DE7;Alice;MARCHAND\n", said).students[0].division == "2DE7"
    # Another file of the lycée, which says itself what is what.
    assert read(f"{HEADER}\n{ALICE}\n", said).students[0].given_name == "Alice"
    with pytest.raises(TableNeedsMapping):
        read("A;B;D\nMARCHAND;Alice;2DE7\n", said)


def test_the_beginning_of_a_table_shows_five_rows_and_what_was_guessed() -> None:
    content = "Nom;;Prénom;Groupe\n" + "MARCHAND;;Alice;2DE7\n" * 9
    sample = sample_of(content.encode(), {"division": "Groupe", "ine": "Gone"})
    assert sample.header == ("Nom", "Prénom", "Groupe")
    assert sample.rows == (("MARCHAND", "Alice", "2DE7"),) * 5
    assert sample.found == {"family_name": "Nom", "given_name": "Prénom", "division": "Groupe"}


# --- what is refused


def test_T05_a_quote_that_never_closes_is_named_by_the_line_where_it_began() -> None:
    content = f'{HEADER}\n{ALICE}\n"MARCHAND;Bilal;01/02/2009;2DE7;;\n' + f"{ALICE}\n" * 10_000
    refusal = refusal_of(content)
    assert (refusal.code, refusal.line) == ("table_unclosed_quote", 3)
    assert sentence(refusal).startswith("Ligne 3 : un guillemet")


def test_T09_an_empty_table_is_refused_and_a_header_alone_has_no_students() -> None:
    assert isinstance(refusal_of(";\n" * 10_000), EmptyFile)
    assert isinstance(refusal_of(f"{HEADER}\n"), NoStudents)
    assert isinstance(refusal_of(f"{HEADER}\n" + ";;;;;\n" * 10_000), NoStudents)
    assert isinstance(refusal_of(workbook()), EmptyFile)


def test_T11_too_many_columns_and_an_endless_cell_are_refused() -> None:
    assert refusal_of(";".join(map(str, range(10_000)))).code == "table_too_many_columns"
    refusal = refusal_of(f"{HEADER}\n{ALICE}\n{'x' * 10_000_000};Alice\n")
    assert (refusal.code, refusal.line) == ("table_cell_too_long", 3)


def test_more_rows_than_any_lycee_has_are_refused() -> None:
    assert isinstance(refusal_of(f"{HEADER}\n" + ";Alice;;;;\n" * 20_001), TooManyRecords)


def test_T13_what_a_spreadsheet_spoilt_is_refused_with_its_line_and_excel_is_named() -> None:
    listed = read(
        f"{HEADER}\nMARCHAND;Alice;29/02/2008;2DE7;;7,48E+11\nDIALLO;Bilal;29/02/2008;2E+01;;\n"
        "ROCHE;Chloé;29/02/2008;01-sept;;\n"
    )
    assert not listed.students
    assert codes(listed) == [("cell_spoilt", "refuse", line) for line in (2, 3, 4)]
    assert sentence(listed.problems[1]).startswith("Ligne 3 : le tableur a abîmé la classe")
    assert "Excel" in sentence(listed.problems[1])


def test_T13_a_workbook_cell_that_became_a_number_or_date_is_refused() -> None:
    listed = read(
        workbook(
            HEADER.split(";"),
            ["MARCHAND", "Alice", date(2008, 2, 29), "2DE7", "", 748220],
            ["DIALLO", "Bilal", "29/02/2008", date(2026, 9, 1), "", ""],
            ["ROCHE", "Chloé", "29/02/2008", "2DE7", "", 748220123456789012],
        )
    )
    (alice,) = listed.students
    assert (alice.birth_on, alice.eleve_id) == (date(2008, 2, 29), "table:748220")
    assert [code for code in codes(listed) if code[1] == "refuse"] == [
        ("cell_spoilt", "refuse", 3),
        ("cell_spoilt", "refuse", 4),
    ]


def test_P23_a_date_that_is_not_day_month_year_is_refused_with_a_hint() -> None:
    dates = ("12/31/2009", "01/02/09", "39448", "29/02/2009", "hier")
    listed = read(f"{HEADER}\n" + "".join(f"MARCHAND;A{n};{day};2DE7;;\n" for n, day in enumerate(dates)))
    assert [code for code, severity, _ in codes(listed) if severity == "refuse"] == [
        "date_swapped", "date_two_digit_year", "date_excel_serial", "date_impossible", "date_unreadable",
    ]  # fmt: skip
    assert "jj/mm/aaaa" in sentence(next(problem for problem in listed.problems if problem.code == "date_swapped"))


def test_P13_a_cell_that_no_text_can_hold_costs_its_line_only() -> None:
    listed = read(f"{HEADER}\nMARCHAND😀;Alice;;2DE7;;\nDIALLO;Bilal;;2D\x01E7;;\nROCHE;Chloé;;2DE7;;\n")
    assert [one.given_name for one in listed.students] == ["Chloé"]
    assert [code for code in codes(listed) if code[1] == "refuse"] == [
        ("name_unfit", "refuse", 2),
        ("value_unfit", "refuse", 3),
    ]


def test_a_row_of_more_cells_than_columns_is_refused_and_the_next_one_read() -> None:
    listed = read(f"{HEADER}\n{ALICE};surplus\n{ALICE}\n")
    assert len(listed.students) == 1
    assert ("too_many_cells", "refuse", 2) in codes(listed)


def test_T15_a_formula_gives_its_value_and_is_never_computed() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Nom", "Prénom", "Classe"])
        sheet.write_row(1, 0, ["MARCHAND", "Alice"])
        sheet.write_formula(1, 2, '="2DE"&"7"', value="1RE4")
        sheet.write_row(2, 0, ["DIALLO", "Bilal"])
        sheet.write_formula(2, 2, '="2DE"&"7"', value="")
    listed = read(buffer.getvalue())
    assert [one.division for one in listed.students] == ["1RE4", None]
    assert ("sheet_formulas", "warn", None) in codes(listed)


def test_T17_hidden_sheets_filters_and_merged_cells_are_told_and_only_one_sheet_is_read() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for name, student in (("cachée", "Zoé"), ("élèves", "Alice"), ("autre", "Yves")):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Nom", "Prénom", "Classe"])
            sheet.write_row(1, 0, ["MARCHAND", student, "2DE7"])
            if name == "cachée":
                sheet.hide()
            else:
                sheet.activate()
                sheet.autofilter("A1:C2")
                sheet.merge_range("A5:B5", "MERGED")
        for number in range(20):
            book.add_worksheet(f"vide {number}")
        book.worksheets()[0].hide()
    listed = read(buffer.getvalue())
    assert [one.given_name for one in listed.students][:1] == ["Alice"]
    assert {code for code, _, _ in codes(listed)} >= {
        "sheet_hidden_sheets", "sheet_other_sheets", "sheet_filters", "sheet_merged_cells",
    }  # fmt: skip


def test_T19_a_workbook_that_claims_a_giant_sheet_is_refused_before_it_is_read() -> None:
    small, giant = workbook(["Nom", "Prénom", "Classe"], ["MARCHAND", "Alice", "2DE7"]), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(small)) as source, zipfile.ZipFile(giant, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(b'r="A2"', b'r="XFD1048576"')
            target.writestr(name, content)
    assert refusal_of(giant.getvalue()).code == "table_spreadsheet_too_big"


# --- whatever arrives


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=300), st.sampled_from([HEADER.encode(), b"Nom;Prenom;Classe", b"a,b", b"PK\x03\x04", b""]))
def test_random_bytes_under_a_true_header_are_read_or_refused_by_name(content: bytes, header: bytes) -> None:
    read_or_refused(header + b"\n" + content)


CELL = st.one_of(
    st.sampled_from(
        ["MARCHAND", "29/02/2008", "39448", "2E+05", "01-sept", "070832327JA", "2211", '"', "\x01", "😀", "\ufeff", ""]
    ),
    st.text(max_size=30),
    st.integers().map(str),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.lists(CELL, max_size=15), max_size=6))
def test_odd_cells_are_read_or_refused_by_name(rows: list[list[str]]) -> None:
    header = ";".join(words[0] for words in SYNONYMS.values())
    text = "\n".join([header, *(";".join(cells) for cells in rows)])
    read_or_refused(text.encode("utf-8", "surrogatepass"))


BOOK = workbook(HEADER.split(";"), ALICE.split(";"))


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_a_damaged_workbook_is_read_or_refused_by_name(data: st.DataObject) -> None:
    whole = bytearray(BOOK)
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=8)):
        whole[place] = data.draw(st.integers(0, 255))
    read_or_refused(bytes(whole[: data.draw(st.integers(1, len(whole)))]))
