"""What leaves as a table is text, whatever somebody typed into a name."""

import csv
import io
from collections.abc import Iterator
from itertools import count, islice

import pytest
from python_calamine import CalamineWorkbook

from cartable.kernel.exports import delimited, spreadsheet

DANGEROUS = ["=HYPERLINK(1)", "+cmd", "-2+3", "@SUM(1)", "\tx", "\rx", "＝1", " =1"]
PLAIN = ["Marchand", "2DE7", "", "O’Neil", "05/04/2011"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_T29_a_formula_leaves_as_text_in_csv_and_xlsx(text: str) -> None:
    written = "".join(delimited(["Nom"], [[text]])).lstrip("\ufeff")
    assert list(csv.reader(io.StringIO(written), delimiter=";"))[1][0].startswith("'")
    with spreadsheet(["Nom"], [[text]]) as file:
        cell = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()[1][0]
    assert isinstance(cell, str)
    assert cell.startswith("'")


@pytest.mark.parametrize("text", PLAIN)
def test_plain_cells_leave_as_they_are(text: str) -> None:
    written = "".join(delimited(["Nom", "x"], [[text, "x"]])).lstrip("\ufeff")
    assert list(csv.reader(io.StringIO(written), delimiter=";"))[1] == [text, "x"]
    with spreadsheet(["Nom", "x"], [[text, "x"]]) as file:
        assert CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()[1] == [text, "x"]


def test_a_csv_leaves_piece_by_piece() -> None:
    def endless() -> Iterator[list[str]]:
        for number in count():
            yield [str(number)]

    pieces = list(islice(delimited(["n"], endless()), 3))
    assert pieces[0].startswith("\ufeffn\r\n0\r\n")
    assert pieces[1].startswith("500\r\n")
    assert len(pieces) == 3
