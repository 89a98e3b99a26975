"""Read a SIECLE file, and check that it is the one that was asked for."""

from __future__ import annotations

from cartable.kernel.school_year import SchoolYear
from cartable.kernel.uai import is_valid_uai, normalised_uai
from cartable.rosters.formats.archive import Source, opened_document
from cartable.rosters.formats.document import walk
from cartable.rosters.formats.records import GuardianFile, Header, Kind, Problem, StudentFile
from cartable.rosters.formats.refusals import (
    UaiInvalid,
    UnknownDocument,
    WrongKind,
    WrongSchool,
    WrongSchoolYear,
)
from cartable.rosters.formats.siecle.guardians import GuardianReader
from cartable.rosters.formats.siecle.students import StudentReader

_READERS: dict[str, type[StudentReader] | type[GuardianReader]] = {
    "BEE_ELEVES": StudentReader,
    "BEE_RESPONSABLES": GuardianReader,
}


def read_siecle(source: Source) -> StudentFile | GuardianFile:
    """Read a file of students or of guardians from a path, bytes or binary file, zipped or not.

    Raises a FileRefused of `refusals` when the file as a whole cannot be used, and nothing else; what concerns single
    records is in the result's problems. Reads nothing but the file: no network, no disk, no clock.
    """
    readers: list[StudentReader | GuardianReader] = []

    def reader_of(root: str) -> StudentReader | GuardianReader:
        if root not in _READERS:
            raise UnknownDocument(root=root[:40])
        readers.append(_READERS[root]())
        return readers[0]

    with opened_document(source) as document:
        root, bom_disagrees = walk(document, reader_of)
    reader = readers[0]
    if bom_disagrees:
        reader.problems.insert(0, Problem("bom_disagrees", "warn", 1))
    return reader.result(reader.header(root.version))


def check_expected(header: Header, *, uai: str, school_year: int, kind: Kind) -> None:
    """Refuse a file that is not the expected one: kind, school (UAI), school year (first civil year).

    Raises WrongKind, UaiInvalid (the file's UAI has a wrong letter), WrongSchool or WrongSchoolYear, in this order:
    the first is what the user can see without opening the file. What the list does not say ("" or 0 in its
    header) is not checked: whoever sends it says it.
    """
    if header.kind != kind:
        raise WrongKind(received=header.kind, expected=kind)
    if header.uai and not is_valid_uai(header.uai):
        raise UaiInvalid(uai=header.uai)
    if header.uai and header.uai != normalised_uai(uai):
        raise WrongSchool(received=header.uai, expected=normalised_uai(uai))
    if header.school_year and header.school_year != school_year:
        received, expected = SchoolYear(header.school_year), SchoolYear(school_year)
        raise WrongSchoolYear(received=received.label, expected=expected.label)
