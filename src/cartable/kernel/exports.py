"""Tables that leave Cartable: delimited text and spreadsheets, row by row; no cell is ever a formula.

Cells are texts. What a spreadsheet would take for a formula gets an apostrophe in both forms (`tables.inert`): a workbook
that is saved as text later must stay as harmless as it was.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from tempfile import TemporaryFile
from typing import IO

import xlsxwriter

from cartable.kernel.tables import inert

_ROWS_AT_ONCE = 500
# What Excel opens on one sheet, without the header; a longer table goes on on the next sheet.
ROWS_PER_SHEET = 1_048_575


def delimited(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a table as text separated by semicolons, a few hundred rows at a time; the first piece bears the UTF-8 mark."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    buffer.write("\ufeff")
    writer.writerow(map(inert, header))
    for number, row in enumerate(rows, start=1):
        writer.writerow(map(inert, row))
        if number % _ROWS_AT_ONCE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def spreadsheet(header: Sequence[str], rows: Iterable[Sequence[str]]) -> IO[bytes]:
    """Write a table as an .xlsx into a file without name, at its beginning; memory holds one row at a time."""
    file = TemporaryFile()  # noqa: SIM115 — whoever sends it closes it.
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    }  # fmt: skip
    with xlsxwriter.Workbook(file, options) as workbook:
        bold = workbook.add_format({"bold": True})
        lines = iter(rows)
        while True:
            sheet = workbook.add_worksheet()
            for column, text in enumerate(header):
                sheet.write_string(0, column, inert(text), bold)
            sheet.freeze_panes(1, 0)
            number = 0
            for number, row in enumerate(islice(lines, ROWS_PER_SHEET), start=1):
                for column, text in enumerate(row):
                    sheet.write_string(number, column, inert(text))
            if number < ROWS_PER_SHEET:
                break
    file.seek(0)
    return file
