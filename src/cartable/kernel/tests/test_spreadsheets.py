import io
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import xlsxwriter

from cartable.kernel.spreadsheets import read_table
from cartable.kernel.tables import DateText, NumberText, UnreadableTable


def _workbook(fill: Callable[[Any], None], **options: Any) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, **options}) as workbook:
        fill(workbook)
    return buffer.getvalue()


def _sheet(*rows: list[Any]) -> bytes:
    def fill(workbook: Any) -> None:
        sheet = workbook.add_worksheet("Livraison")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)

    return _workbook(fill, default_date_format="dd/mm/yyyy")


def _replaced(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as archive,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in archive.namelist():
            data = archive.read(member)
            new.writestr(member, change(data) if member == name else data)
    return packed.getvalue()


def _refusal(content: bytes) -> str:
    with pytest.raises(UnreadableTable) as caught:
        list(read_table(content).rows)
    return caught.value.code


def test_a_sheet_is_read_with_the_line_numbers_that_people_see() -> None:
    table = read_table(_sheet(["Série", "Modèle"], ["5CG1", "HP"], [], ["5CG2", "HP"]))
    assert table.header == ("Série", "Modèle")
    assert [(row.line, list(row.cells)) for row in table.rows] == [(2, ["5CG1", "HP"]), (4, ["5CG2", "HP"])]


def test_T13_numbers_and_dates_say_that_the_spreadsheet_made_them() -> None:
    table = read_table(_sheet(["Série"], [12345678901], [date(2026, 3, 5)], [True], ["00012345"]))
    cells = [row.cells[0] for row in table.rows]
    assert [type(cell) for cell in cells] == [NumberText, DateText, DateText, str]
    assert cells[0] == "12345678901"


def test_T15_a_formula_gives_its_value_and_a_warning() -> None:
    def fill(workbook: Any) -> None:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["Série", "Modèle"])
        sheet.write_formula(1, 0, '=HYPERLINK("http://example.org","x")', value="5CG1")
        sheet.write_formula(2, 0, "=1+1", value="")

    table = read_table(_workbook(fill))
    assert [list(row.cells) for row in table.rows] == [["5CG1", ""]]
    assert table.warnings == ("formulas",)


def test_T17_only_the_first_visible_sheet_is_read_and_the_rest_is_said() -> None:
    def fill(workbook: Any) -> None:
        secret = workbook.add_worksheet("Secret")
        secret.write_row(0, 0, ["Série", "Prix"])
        sheet, other = workbook.add_worksheet("Livraison"), workbook.add_worksheet("Autre")
        sheet.write_row(0, 0, ["Série", "Modèle"])
        sheet.write_row(1, 0, ["5CG1", "HP"])
        sheet.autofilter(0, 0, 1, 1)
        sheet.merge_range(3, 0, 3, 1, "Fin")
        other.write(0, 0, "x")
        sheet.activate()
        sheet.set_first_sheet()
        secret.hide()

    table = read_table(_workbook(fill))
    assert table.header == ("Série", "Modèle")
    assert [row.cells[0] for row in table.rows] == ["5CG1", "Fin"]
    assert table.warnings == ("filters", "hidden_sheets", "merged_cells", "other_sheets")


def test_T19_a_sheet_that_claims_seventeen_billion_cells_is_refused_before_it_is_built() -> None:
    bomb = _sheet(["Série"])
    far = b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>'
    bomb = _replaced(bomb, "xl/worksheets/sheet1.xml", lambda data: data.replace(b"</sheetData>", far))
    tracemalloc.start()
    assert _refusal(bomb) == "spreadsheet_too_big"
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_T19_a_sheet_that_unpacks_to_gigabytes_is_refused_by_its_size() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as member:
            for _ in range(300):
                member.write(b" " * 1_048_576)
    assert _refusal(buffer.getvalue()) == "spreadsheet_too_big"


def test_T19_cells_whose_place_is_disguised_are_refused() -> None:
    disguised = _replaced(
        _sheet(["Série"]),
        "xl/worksheets/sheet1.xml",
        lambda data: data.replace(b'r="A1"', b'r="&#88;FD1048576"'),
    )
    assert _refusal(disguised) == "not_a_spreadsheet"


def test_T11_three_hundred_columns_are_refused() -> None:
    assert _refusal(_sheet([str(n) for n in range(300)])) == "too_many_columns"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04 not a zip", "not_a_spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_excel"),
        (_replaced(_sheet(["a"]), "xl/workbook.xml", lambda _: b"<broken"), "not_a_spreadsheet"),
        (_sheet(), "empty_file"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_by_its_content(content: bytes, code: str) -> None:
    assert _refusal(content) == code


def test_delimited_text_named_xlsx_is_read_as_what_it_is() -> None:
    assert [row.cells[0] for row in read_table(b"serie;modele\n5CG1;HP").rows] == ["5CG1"]


def test_a_workbook_whose_bytes_are_damaged_is_refused() -> None:
    content = bytearray(_sheet(["Nom"], ["MARCHAND"]))
    start = content.index(b"PK\x03\x04") + 30
    start += int.from_bytes(content[26:28], "little") + int.from_bytes(content[28:30], "little")
    content[start] = 0  # No block of DEFLATE begins like this.
    with pytest.raises(UnreadableTable) as refusal:
        read_table(bytes(content))
    assert refusal.value.code == "not_a_spreadsheet"
