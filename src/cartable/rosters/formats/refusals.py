"""Reasons for which a whole file is refused before anything is written: one exception, one stable code each.

The sentences that users read are in `messages`, by code.
"""

from __future__ import annotations

from typing import ClassVar


class FileRefused(Exception):
    """The file cannot be used; `code` says why, `line` where when it is known, `parameters` complete the sentence."""

    code: ClassVar[str] = "file_refused"

    def __init__(self, *, line: int | None = None, **parameters: object) -> None:
        super().__init__(self.code, line, parameters)
        self.line = line
        self.parameters = parameters

    def __str__(self) -> str:
        return self.code if self.line is None else f"{self.code} (line {self.line})"


class EmptyFile(FileRefused):
    """No byte, or nothing but white space, or an archive without entries."""

    code = "file_empty"


class FileTooLarge(FileRefused):
    """More bytes than a lycée's file can have; `limit_mb` is the limit."""

    code = "file_too_large"


class NotXml(FileRefused):
    """Neither XML nor JSON nor a zip of it, nor a table; `found` names what it looks like when it is known."""

    code = "not_xml"


class ArchiveKindRefused(FileRefused):
    """An archive of another kind than zip; `found` is rar, 7z, gz…"""

    code = "archive_kind"


class ArchiveDamaged(FileRefused):
    """A zip that cannot be read through: cut, wrong checksum, unknown method."""

    code = "archive_damaged"


class ArchiveEncrypted(FileRefused):
    """A zip with a password."""

    code = "archive_encrypted"


class ArchiveTooManyEntries(FileRefused):
    """A zip with more entries than `limit`."""

    code = "archive_entries"


class ArchiveTooDense(FileRefused):
    """A zip whose content is too large or compressed beyond what text can be: a bomb."""

    code = "archive_bomb"


class ArchiveNested(FileRefused):
    """An archive inside the archive."""

    code = "archive_nested"


class ArchiveNamesUnsafe(FileRefused):
    """A zip in which every entry has a name that points outside (`../`, absolute, drive, backslash)."""

    code = "archive_names"


class ArchiveWithoutXml(FileRefused):
    """A zip in which no entry is an XML document."""

    code = "archive_without_xml"


class SeveralXml(FileRefused):
    """A zip with `count` XML documents."""

    code = "archive_several_xml"


class EncodingUnknown(FileRefused):
    """The document declares an encoding that is not one of SIECLE's; `encoding` is its name."""

    code = "encoding_unknown"


class EncodingBroken(FileRefused):
    """Bytes that do not belong to the declared encoding."""

    code = "encoding_broken"


class DoctypeRefused(FileRefused):
    """A document type or entity declaration: SIECLE writes none, AAF a bare one, attackers the others."""

    code = "doctype_refused"


class NotWellFormed(FileRefused):
    """The XML is broken at `line`: a tag misspelt, the end missing."""

    code = "not_well_formed"


class CharacterForbidden(FileRefused):
    """A character that XML cannot hold (control, lone surrogate)."""

    code = "character_forbidden"


class RecordTooLarge(FileRefused):
    """A text, attribute, comment or record beyond all reason near `line`."""

    code = "record_too_large"


class TooManyRecords(FileRefused):
    """More records than any lycée has; `limit` is the limit."""

    code = "too_many_records"


class UnknownDocument(FileRefused):
    """XML, but no file that is read here; `root` is the name of its first tag."""

    code = "unknown_document"


class HeaderIncomplete(FileRefused):
    """The header lacks the school (UAJ) or the school year; `field` is the missing tag."""

    code = "header_incomplete"


class NoStudents(FileRefused):
    """A file of students without any student."""

    code = "no_students"


class NothingListed(FileRefused):
    """A file of classes or of lines of study without any."""

    code = "nothing_listed"


class TooManyFiles(FileRefused):
    """More files at once than `limit`."""

    code = "too_many_files"


class SameKindTwice(FileRefused):
    """Two files of one `kind` for one lycée (`uai`): nobody can say which one counts."""

    code = "same_kind_twice"


class SeveralSchoolYears(FileRefused):
    """A list that mixes school years; `years` are their labels."""

    code = "several_school_years"


class AafDelta(FileRefused):
    """A partial AAF delivery (named Delta, or with a modifyRequest, deleteRequest): it leaves out what has not changed."""

    code = "aaf_delta"


class AafIncomplete(FileRefused):
    """An AAF delivery without the file `missing` (Eleve, EtabEducNat)."""

    code = "aaf_incomplete"


class AafKind(FileRefused):
    """AAF files of which none lists students or guardians; `received` are their categories."""

    code = "aaf_kind"


class JsonBroken(FileRefused):
    """The JSON is broken at `line`: a sign missing, the end cut off, a control character."""

    code = "json_broken"


class JsonDuplicateKey(FileRefused):
    """An object that says the same `key` twice: readers disagree which one counts."""

    code = "json_duplicate_key"


class JsonValueRefused(FileRefused):
    """A `value` that JSON does not know (NaN, Infinity) or that is beyond all reason."""

    code = "json_value"


class JsonTooDeep(FileRefused):
    """Objects in objects beyond `limit` levels."""

    code = "json_too_deep"


class UnknownJson(FileRefused):
    """JSON, but no list of students that is known here."""

    code = "unknown_json"


class TableTooLarge(FileRefused):
    """A table of more bytes than any list has."""

    code = "table_file_too_big"


class OldWorkbook(FileRefused):
    """A workbook of before .xlsx, or one with a password."""

    code = "table_old_excel"


class NotAWorkbook(FileRefused):
    """A workbook that is damaged, or a zip that pretends to be one."""

    code = "table_not_a_spreadsheet"


class WorkbookLocked(FileRefused):
    """A workbook that asks for a password."""

    code = "table_spreadsheet_locked"


class WorkbookTooLarge(FileRefused):
    """A workbook that unpacks to more than any list, or whose last cell lies too far."""

    code = "table_spreadsheet_too_big"


class TooManyColumns(FileRefused):
    """A table of more columns than any list has."""

    code = "table_too_many_columns"


class TooManyRows(FileRefused):
    """A table of more rows than any list has."""

    code = "table_too_many_rows"


class CellTooLong(FileRefused):
    """A cell beyond all reason at `line`."""

    code = "table_cell_too_long"


class QuoteUnclosed(FileRefused):
    """A quotation mark opened at `line` and never closed."""

    code = "table_unclosed_quote"


class HeaderDoubled(FileRefused):
    """Two columns of one name; `detail` says which."""

    code = "table_header_doubled"


class TableNeedsMapping(FileRefused):
    """A table of which somebody must say which column is what, and whose it is."""

    code = "table_needs_mapping"


class WrongKind(FileRefused):
    """A SIECLE file of the kind `received` where `expected` was asked for."""

    code = "wrong_kind"


class UaiInvalid(FileRefused):
    """The UAI of the file has a wrong check letter; `uai` is what the file says."""

    code = "uai_invalid"


class WrongSchool(FileRefused):
    """The file of `received` where that of `expected` was asked for (both UAI)."""

    code = "wrong_school"


class WrongSchoolYear(FileRefused):
    """The file of the school year `received` where `expected` was asked for (labels such as 2026-2027)."""

    code = "wrong_school_year"
