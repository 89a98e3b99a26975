"""Spreadsheets (.xlsx) as tables: values only, never computed; measured before anything is built from them.

An .xlsx is a zip of XML. A small one can unpack to gigabytes, and a sheet of two cells can claim 17 billion: every
member is unpacked here under a limit, the corner of the sheet is read from its cells, and only what was measured
goes to the reader.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from cartable.kernel.tables import (
    LARGEST_FILE_BYTES,
    MOST_COLUMNS,
    MOST_ROWS,
    DateText,
    NumberText,
    Row,
    Table,
    UnreadableTable,
    checked_header,
    read_delimited,
    shaped,
)

LARGEST_UNPACKED_BYTES = 256 * 1024 * 1024
MOST_MEMBERS = 500
LONGEST_CELL = 32_767  # Excel's own limit.
# All that zipfile raises for a damaged archive; ValueError for places outside the file.
_ZIP_FAULTS = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, struct.error, zlib.error,
)  # fmt: skip
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_PLACE = re.compile(rb"""<(?:\w+:)?(?:c|row)\s(?:[^>]*?\s)?r=["']([^"']*)["']""")
_PLAIN_PLACE = re.compile(rb"([A-Z]{0,4})([0-9]{1,8})")


def read_table(content: bytes, *, has_header: bool = True) -> Table:
    """Read a table by its content, not by the name of its file: .xlsx, else delimited text.

    Raises UnreadableTable, with the codes of `read_delimited` and: old_excel, not_a_spreadsheet,
    spreadsheet_too_big, spreadsheet_locked.
    """
    if content.startswith(_OLD_EXCEL):
        # Also the envelope of a workbook with a password.
        raise UnreadableTable("old_excel")
    if content.startswith(_ZIP):
        return read_spreadsheet(content, has_header=has_header)
    return read_delimited(content, has_header=has_header)


def read_spreadsheet(content: bytes, *, has_header: bool = True) -> Table:
    """Read the first visible sheet of an .xlsx that holds anything. See `read_table` for refusals."""
    if len(content) > LARGEST_FILE_BYTES:
        raise UnreadableTable("file_too_big", detail=str(LARGEST_FILE_BYTES))
    measured, warnings = _measured(content)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(measured)) as workbook:
            visible = [s.name for s in workbook.sheets_metadata if s.visible == SheetVisibleEnum.Visible]
            if len(visible) < len(workbook.sheet_names):
                warnings.add("hidden_sheets")
            filled = [sheet for name in visible if (sheet := workbook.get_sheet_by_name(name)).end is not None]
            if not filled:
                raise UnreadableTable("empty_file")
            if len(filled) > 1:
                warnings.add("other_sheets")
            sheet, first_line = filled[0], (filled[0].start or (0, 0))[0] + 1
            rows = sheet.to_python(skip_empty_area=True)
    except PasswordError as error:
        raise UnreadableTable("spreadsheet_locked") from error
    except CalamineError as error:
        raise UnreadableTable("not_a_spreadsheet") from error
    return _table(_records(rows, first_line), has_header, warnings)


def _table(records: Iterator[Row], has_header: bool, warnings: set[str]) -> Table:
    first = next(records, None)
    if first is None:
        raise UnreadableTable("empty_file")
    if has_header:
        cells = list(first.cells)
        while cells and not cells[-1].strip():
            cells.pop()
        header, rest = checked_header(cells, line=first.line), records
    else:
        header = tuple(str(number + 1) for number in range(len(first.cells)))
        rest = chain([first], records)
    if len(header) > MOST_COLUMNS:
        raise UnreadableTable("too_many_columns", line=first.line, detail=str(len(header)))
    return Table(header, shaped(rest, len(header)), tuple(sorted(warnings)))


def _records(rows: list[list[Any]], first_line: int) -> Iterator[Row]:
    for line, cells in enumerate(rows, start=first_line):
        texts = [cell if type(cell) is str else _text(cell) for cell in cells]
        if max(map(len, texts), default=0) > LONGEST_CELL:
            raise UnreadableTable("cell_too_long", line=line)
        if any(map(str.strip, texts)):
            yield Row(line, texts)


def _text(value: Any) -> str:
    if isinstance(value, bool | date | datetime | time | timedelta):
        return DateText(value)
    return NumberText(int(value) if isinstance(value, float) and value.is_integer() else value)


def _measured(content: bytes) -> tuple[bytes, set[str]]:
    """Unpack every member under the limit and pack it again, plainly: what was measured is what is read.

    Return the new archive and the warnings that its sheets call for.
    """
    packed, warnings, left = io.BytesIO(), set[str](), LARGEST_UNPACKED_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(packed, "w") as plain:
            members = archive.infolist()
            if "xl/workbook.xml" not in archive.namelist():
                raise UnreadableTable("not_a_spreadsheet")
            if len(members) > MOST_MEMBERS:
                raise UnreadableTable("spreadsheet_too_big", detail=str(len(members)))
            for member in members:
                if member.file_size > left:
                    raise UnreadableTable("spreadsheet_too_big", detail=str(LARGEST_UNPACKED_BYTES))
                unpacked = archive.read(member)
                left -= len(unpacked)
                # A workbook may keep its sheets under any name.
                if b"sheetData" in unpacked:
                    warnings |= _looked_at(unpacked)
                plain.writestr(member.filename, unpacked)
    except UnreadableTable:
        raise
    except _ZIP_FAULTS as error:
        raise UnreadableTable("not_a_spreadsheet") from error
    return packed.getvalue(), warnings


def _looked_at(sheet: bytes) -> set[str]:
    """Refuse a sheet whose last cell lies too far; say what it holds besides plain values."""
    if b"\0" in sheet:  # UTF-16: its cells cannot be measured here, and no spreadsheet program writes it.
        raise UnreadableTable("not_a_spreadsheet")
    columns, last_row = set[bytes](), 0
    for place in _PLACE.findall(sheet):
        match = _PLAIN_PLACE.fullmatch(place)
        if match is None:
            raise UnreadableTable("not_a_spreadsheet")
        columns.add(match[1])
        last_row = max(last_row, int(match[2]))
    width = max(map(_column_number, columns), default=0)
    if last_row > MOST_ROWS + 1:
        raise UnreadableTable("spreadsheet_too_big", detail=str(last_row))
    if width > MOST_COLUMNS:
        raise UnreadableTable("too_many_columns", detail=str(width))
    found = {
        ("formulas", b"<f>"),
        ("formulas", b"<f "),
        ("filters", b"<autoFilter"),
        ("merged_cells", b"<mergeCell "),
    }
    return {warning for warning, mark in found if mark in sheet}


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
