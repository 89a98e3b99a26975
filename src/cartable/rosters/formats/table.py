"""Read a table of students (CSV, .xlsx): one row a student, and somebody or the header's words say which column is what.

A table names neither lycée nor school year, and may hold no more than names and a class: SIECLE's own
EXP_Liste_des_eleves_par_division.csv does.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from cartable.kernel.levels import level_of_label
from cartable.kernel.serials import is_spoilt_by_spreadsheet, normalised_serial
from cartable.kernel.spreadsheets import read_table
from cartable.kernel.tables import LARGEST_FILE_BYTES, DateText, NumberText, Row, Table, UnreadableTable
from cartable.rosters.formats.archive import (
    WORKBOOK_NAME,
    ZIP_FAULTS,
    Source,
    looks_like_xml,
    only_file_in,
    opened_documents,
)
from cartable.rosters.formats.json_students import RecordRefused, texts_of
from cartable.rosters.formats.keys import prefixed_key
from cartable.rosters.formats.levels import level_of_mefstat
from cartable.rosters.formats.records import Header, Problem, StudentFile
from cartable.rosters.formats.refusals import (
    ArchiveDamaged,
    ArchiveWithoutXml,
    CellTooLong,
    EmptyFile,
    FileRefused,
    HeaderDoubled,
    NotAWorkbook,
    NotXml,
    OldWorkbook,
    QuoteUnclosed,
    TableNeedsMapping,
    TableTooLarge,
    TooManyColumns,
    TooManyRows,
    WorkbookLocked,
    WorkbookTooLarge,
)
from cartable.rosters.formats.siecle.students import StudentReader, valid_uai

# Field → its name in SIECLE's files, under which a reader knows it.
FIELDS: dict[str, str] = {
    "family_name": "NOM_DE_FAMILLE",
    "usage_name": "NOM_USAGE",
    "given_name": "PRENOM",
    "birth_on": "DATE_NAISS",
    "division": "CODE_DIVISION",
    "ine": "ID_NATIONAL",
    "number": "KEY",
    "mef": "CODE_MEF",
    "level": "LEVEL",
    "status": "CODE_STATUT",
    "entered_on": "DATE_ENTREE",
    "left_on": "DATE_SORTIE",
    "previous_uai": "CODE_RNE",
}
REQUIRED_FIELDS = ("family_name", "given_name")
# Without being asked a table is a list of students only when it has all of these.
SIGNS = (*REQUIRED_FIELDS, "division")
# Of DOMAIN 1.9, and what Pronote, GEPI and lists made by hand say. Compared without case, accents and punctuation.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "family_name": (
        "nom", "nom de famille", "nom de naissance", "nom eleve", "nom de l eleve", "nom patronymique", "last name",
        "family name",
    ),
    "usage_name": ("nom d usage", "nom usage", "nom usuel", "nom d epouse"),
    "given_name": (
        "prenom", "prenom 1", "prenom1", "prenoms", "1er prenom", "premier prenom", "prenom eleve",
        "prenom de l eleve", "prenom usuel", "first name", "given name",
    ),
    "birth_on": (
        "date de naissance", "date naissance", "date naiss", "naissance", "ne e le", "ne le", "nee le", "ddn",
        "date de naiss", "birth date", "date of birth",
    ),
    "division": ("classe", "division", "code division", "code classe", "libelle division", "class"),
    "ine": ("ine", "id national", "identifiant national", "n ine", "numero ine", "rnie", "ine rnie", "national id"),
    "number": (
        "n interne", "no interne", "num interne", "numero interne", "eleve id", "id eleve", "identifiant eleve",
        "internal number",
    ),
    "mef": ("mef", "code mef", "code mef11", "mef 11"),
    "level": ("niveau", "mefstat", "mefstat4", "code mefstat", "code niveau", "level"),
    "status": ("statut", "code statut", "statut eleve", "status"),
    "entered_on": ("date entree", "date d entree", "entree le", "entree", "date debut scolarite"),
    "left_on": ("date sortie", "date de sortie", "sortie le", "sortie", "date fin scolarite"),
    "previous_uai": (
        "rne origine", "uai origine", "uai precedent", "rne precedent", "code rne an dernier",
        "etablissement d origine", "etab origine", "rne an dernier",
    ),
}  # fmt: skip
SAMPLE_ROWS = 5

# What `kernel.tables` and `kernel.spreadsheets` refuse, and what they put aside.
_REFUSALS: dict[str, type[FileRefused]] = {
    "file_too_big": TableTooLarge,
    "old_excel": OldWorkbook,
    "not_a_spreadsheet": NotAWorkbook,
    "spreadsheet_locked": WorkbookLocked,
    "spreadsheet_too_big": WorkbookTooLarge,
    "too_many_columns": TooManyColumns,
    "too_many_rows": TooManyRows,
    "cell_too_long": CellTooLong,
    "unclosed_quote": QuoteUnclosed,
    "header_doubled": HeaderDoubled,
}
_WARNINGS = {
    "formulas": "sheet_formulas",
    "hidden_sheets": "sheet_hidden_sheets",
    "other_sheets": "sheet_other_sheets",
    "filters": "sheet_filters",
    "merged_cells": "sheet_merged_cells",
}

_ZIP, _OLD_EXCEL = b"PK", b"\xd0\xcf\x11\xe0"
# A text may begin with the two letters.
_ZIP_ENTRY = b"PK\x03\x04"
_MIDNIGHT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}) 00:00:00")
_DATES = frozenset({"birth_on", "entered_on", "left_on"})
_NAMES = frozenset({"family_name", "usage_name", "given_name"})
# Beyond its fifteenth digit a spreadsheet's number is no longer what was typed.
_SAFE_NUMBER = re.compile(r"[0-9]{1,15}")
_LONGEST_CLASS_SHOWN = 60


class TableSample(NamedTuple):
    """The beginning of a table: its named columns with their first cells, and which column each field seems to be."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    found: dict[str, str]


def table_in(source: Source, refusal: FileRefused) -> Table:
    """Return the table that a source is or that its zip holds; raise that refusal where it is no table.

    Raises the refusal of a table that cannot be read.
    """
    content = _bare(_content_of(source))
    is_text = not refusal.parameters.get("found") and not looks_like_xml(content[:300])
    if content.startswith(_ZIP):
        if not _has_workbook(content):
            raise refusal
    elif not (is_text or content.startswith(_OLD_EXCEL)):
        raise refusal
    try:
        table = open_table(content)
    except NotXml as fault:
        # Neither text nor a workbook: of a zip its own refusal says more.
        raise refusal from fault
    # One column is a text of any kind.
    if len(table.header) < 2:
        raise refusal
    return table


def _bare(content: bytes) -> bytes:
    """Return a table without the zip around it, where there is one; a workbook is a zip itself."""
    if not content.startswith(_ZIP) or _has_workbook(content):
        return content
    return only_file_in(content) or content


def unzipped_table(content: bytes) -> bytes:
    """Return what is sent as a table without the zip around it; a workbook, a zip itself, comes back as it is.

    So does what is no zip, or a damaged one: the reader of tables tells of it. Raises another FileRefused where the
    zip does not hold one table alone.
    """
    if not content.startswith(_ZIP_ENTRY) or _has_workbook(content):
        return content
    try:
        with opened_documents(content):
            pass
    except (ArchiveDamaged, NotXml):
        return content
    except ArchiveWithoutXml:
        inside = only_file_in(content)
        if inside is not None:
            return inside
        raise
    raise ArchiveWithoutXml  # Lists of students, and no table.


def open_table(content: bytes) -> Table:
    """Open a table by its content. Raises EmptyFile, NotXml or one of `_REFUSALS`."""
    try:
        return read_table(content)
    except UnreadableTable as fault:
        raise refused(fault) from fault


def refused(fault: UnreadableTable) -> FileRefused:
    """Return the refusal of a list for what the reader of tables refuses."""
    if fault.code == "empty_file":
        return EmptyFile()
    if fault.code == "not_text":
        return NotXml(found="")
    return _REFUSALS[fault.code](line=fault.line, detail=fault.detail[:200])


def sample_of(content: bytes, remembered: Mapping[str, str]) -> TableSample:
    """Return the beginning of a table, so that somebody can say which column is what. Raises as `open_table`."""
    table = open_table(_bare(content))
    columns = {**_guessed(table)[0], **table.chosen(_known(remembered))}
    places = [place for place, name in enumerate(table.header) if name]
    try:
        rows = [tuple(row.cells[place][:_LONGEST_CLASS_SHOWN] for place in places) for row in _first(table)]
    except UnreadableTable as fault:
        raise refused(fault) from fault
    found = {field: table.header[place] for field, place in columns.items()}
    return TableSample(tuple(table.header[place] for place in places), tuple(rows), found)


def columns_of(table: Table, remembered: Mapping[str, str]) -> dict[str, int]:
    """Return field → position: as remembered where all those headers are there, else by the words of the header.

    Raises TableNeedsMapping where a human must say.
    """
    wanted = _known(remembered)
    chosen = table.chosen(wanted)
    if wanted and len(chosen) == len(wanted) and chosen.keys() >= set(REQUIRED_FIELDS):
        return chosen
    found, is_certain = _guessed(table)
    if not is_certain or not found.keys() >= set(SIGNS):
        raise TableNeedsMapping
    return found


def read_students(table: Table, columns: Mapping[str, int]) -> StudentFile:
    """Return the students of a table, whose lycée and school year it does not say. Raises NoStudents, and as `open_table`.

    A birth date is dd/mm/yyyy; what a spreadsheet has spoilt is refused with its line.
    """
    reader = StudentReader()
    reader.has_keys = False
    try:
        for row in table.rows:
            _take(reader, row, columns)
    except UnreadableTable as fault:
        raise refused(fault) from fault
    reader.problems += [Problem(_WARNINGS[code], "warn") for code in table.warnings]
    return reader.result(Header("TABLE", "", 0, None, ""))


def _take(reader: StudentReader, row: Row, columns: Mapping[str, int]) -> None:
    try:
        if row.has_surplus:
            raise RecordRefused("too_many_cells", "")
        cells = {field: _cell(field, row.cells[place]) for field, place in columns.items()}
        texts = texts_of(cells, FIELDS)
    except RecordRefused as fault:
        field = {"field": fault.field_name} if fault.field_name else {}
        reader.refuse(Problem(fault.code, "refuse", row.line, field), uncounted=True)
        return
    level = texts.pop(FIELDS["level"], "")
    reader.take(
        prefixed_key("table", texts.pop(FIELDS["number"], "")),
        texts,
        row.line,
        previous_uai=valid_uai(texts.pop(FIELDS["previous_uai"], "")),
        divisions=(texts.pop(FIELDS["division"], ""),),
        level=level_of_label(level) or level_of_mefstat(level),
    )


def _cell(field: str, cell: str) -> str:
    """Return a cell as its list meant it; raise RecordRefused for what a spreadsheet made of it."""
    if field in _NAMES:
        return str(cell)
    if field in _DATES:
        # A cell of a workbook that is a date is beyond doubt; its time of day is none.
        match = _MIDNIGHT.fullmatch(cell) if isinstance(cell, DateText) else None
        return match[1] if match else str(cell)
    is_number = isinstance(cell, NumberText)
    if (
        isinstance(cell, DateText)
        or (is_number and not _SAFE_NUMBER.fullmatch(cell))
        or is_spoilt_by_spreadsheet(normalised_serial(cell))
    ):
        raise RecordRefused("cell_spoilt", FIELDS[field])
    return str(cell)


def _guessed(table: Table) -> tuple[dict[str, int], bool]:
    """Return the columns that only one field's words name, and whether no field could be two columns."""
    found: dict[str, int] = {}
    is_certain = True
    for field, words in SYNONYMS.items():
        try:
            found |= table.columns({field: words})
        except UnreadableTable:
            is_certain = False
    return found, is_certain


def _known(remembered: Mapping[str, str]) -> dict[str, str]:
    return {field: header for field, header in remembered.items() if field in FIELDS and header}


def _first(table: Table) -> Sequence[Row]:
    return list(islice(table.rows, SAMPLE_ROWS))


def _content_of(source: Source) -> bytes:
    if isinstance(source, bytes):
        return source
    if isinstance(source, (str, os.PathLike)):
        with open(source, "rb") as stream:
            return stream.read(LARGEST_FILE_BYTES + 1)
    source.seek(0)
    return source.read(LARGEST_FILE_BYTES + 1)


def _has_workbook(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return WORKBOOK_NAME in archive.namelist()
    except ZIP_FAULTS:
        return False
