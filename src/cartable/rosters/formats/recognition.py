"""The one entrance of all lists: what a file is follows from its content, never from its name.

One thing only a name tells: whether an AAF delivery is whole (Complet) or only what has changed (Delta).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, pairwise
from typing import Protocol, cast

from cartable.kernel.tables import Table
from cartable.kernel.uai import normalised_uai
from cartable.rosters.formats.aaf import ROOT as AAF_ROOT
from cartable.rosters.formats.aaf import DeliveryReader
from cartable.rosters.formats.archive import Document, Source, opened_documents
from cartable.rosters.formats.document import RecordReader, root_of, walk
from cartable.rosters.formats.encoding import ByteStream
from cartable.rosters.formats.fregata import FregataStudents
from cartable.rosters.formats.import_eleves import ImportElevesReader
from cartable.rosters.formats.json_list import JsonList
from cartable.rosters.formats.json_students import JsonStudents
from cartable.rosters.formats.levels import with_levels
from cartable.rosters.formats.messages import message_of, sentence
from cartable.rosters.formats.nomenclatures import LevelReader
from cartable.rosters.formats.records import Header, LevelFile, ListPart, Problem, StudentFile
from cartable.rosters.formats.refusals import (
    ArchiveWithoutXml,
    EmptyFile,
    FileRefused,
    NoStudents,
    NotXml,
    SameKindTwice,
    SeveralXml,
    TooManyFiles,
    UnknownDocument,
    UnknownJson,
)
from cartable.rosters.formats.siecle.guardians import GuardianReader
from cartable.rosters.formats.siecle.reading import check_expected
from cartable.rosters.formats.siecle.students import StudentReader
from cartable.rosters.formats.structures import ClassReader
from cartable.rosters.formats.sygne import SygneStudents
from cartable.rosters.formats.table import columns_of, read_students, table_in

__all__ = ["FileRefused", "Source", "check_expected", "claimed", "is_delivery", "message_of", "read_list", "sentence"]

# A lycée has about ten files of all kinds; an AAF delivery of a whole town a few dozen.
MOST_FILES = 60

_NOTHING = object()
_BARE_DOCTYPES = frozenset({AAF_ROOT})


class _XmlReader(RecordReader, Protocol):
    """A reader of one XML document that is a list by itself."""

    problems: list[Problem]

    def header(self, version: str) -> Header: ...
    def result(self, header: Header) -> ListPart | tuple[ListPart, ...]: ...


_XML_READERS: dict[str, type[_XmlReader]] = {
    "BEE_ELEVES": StudentReader,
    "BEE_RESPONSABLES": GuardianReader,
    "BEE_STRUCTURES": ClassReader,
    "BEE_NOMENCLATURES": LevelReader,
    "IMPORT_ELEVES": ImportElevesReader,
}


def read_list(source: Source | Sequence[Source], *, columns: Mapping[str, str] | None = None) -> tuple[ListPart, ...]:
    """Read a list, or files that belong together, from paths, bytes or binary files, zipped or not.

    `columns` (field → header, `table.FIELDS`) say which column of a table is what, where it has all of them.

    Returns its parts by lycée, and of a lycée in this order: levels, classes, students, guardians. An AAF delivery may
    come as several sources or in one zip, the answers of SYGNE or FREGATA as several sources; they are joined. A
    nomenclature among the sources gives its levels to the students of its lycée. Raises a FileRefused of `refusals`
    when a file as a whole cannot be used, and nothing else; what concerns single records is in the parts' problems.
    """
    sources: Sequence[Source] = source if isinstance(source, (list, tuple)) else (cast(Source, source),)
    if not sources:
        raise EmptyFile
    if len(sources) > MOST_FILES:
        raise TooManyFiles(limit=MOST_FILES)
    reading = _Reading(columns or {})
    for rank, one in enumerate(sources, 1):
        reading.read(one, "" if len(sources) == 1 else str(rank))
    return reading.parts()


def claimed(part: ListPart, *, uai: str, school_year: int) -> ListPart:
    """Return a part as the list of this lycée and school year: what it says is checked, what it does not is filled in.

    Raises UaiInvalid, WrongSchool, WrongSchoolYear.
    """
    header = part.header
    check_expected(header, uai=uai, school_year=school_year, kind=header.kind)
    return replace(part, header=replace(header, uai=normalised_uai(uai), school_year=school_year))


def is_delivery(source: Source) -> bool:
    """Tell whether a source is a zip of several files that are one list together, an AAF delivery; never refuses."""
    try:
        with opened_documents(source) as documents:
            return len(documents) > 1 and all(_is_aaf(document) for document in documents)
    except FileRefused:
        return False


def is_part_of_delivery(source: Source) -> bool:
    """Tell whether a source is one file of an AAF delivery, which says little without the others; never refuses."""
    try:
        with opened_documents(source) as documents:
            return len(documents) == 1 and _is_aaf(documents[0])
    except FileRefused:
        return False


def is_table(source: Source) -> bool:
    """Tell whether a source is a table, whose columns somebody may choose; never refuses."""
    try:
        with opened_documents(source):
            return False
    except (NotXml, ArchiveWithoutXml) as refusal:
        try:
            table_in(source, refusal)
        except FileRefused:
            return False
        return True
    except FileRefused:
        return False


class _Reading:
    """Takes one source after the other, and joins what belongs together."""

    def __init__(self, columns: Mapping[str, str]) -> None:
        self._columns = columns
        self._parts: list[ListPart] = []
        self._delivery: DeliveryReader | None = None
        self._json: dict[type[JsonStudents], JsonStudents] = {}

    def read(self, source: Source, rank: str) -> None:
        """Read the documents of one source; `rank` stands for its name where it has none ("": the only one)."""
        with _telling(file=rank and _name_of(source, rank)):
            try:
                with opened_documents(source) as documents:
                    self._read_documents(documents, rank, _name_of(source, ""))
            except (NotXml, ArchiveWithoutXml) as refusal:
                self._read_table(table_in(source, refusal), rank and _name_of(source, rank))

    def _read_documents(self, documents: Sequence[Document], rank: str, source_name: str) -> None:
        is_delivery = len(documents) > 1
        if is_delivery and not all(_is_aaf(document) for document in documents):
            raise SeveralXml(count=len(documents))
        for document in documents:
            file = (_printable(document.name) or rank) if is_delivery or rank else ""
            with _telling(file=file), document.open() as stream:
                self._read_document(document, stream, file, (_printable(document.name), source_name))

    def _read_table(self, table: Table, file: str) -> None:
        with _telling(origin="TABLE"):
            self._parts.append(_named(read_students(table, columns_of(table, self._columns)), file))

    def parts(self) -> tuple[ListPart, ...]:
        """Return all parts, joined and in order."""
        parts = self._parts
        if self._delivery is not None:
            with _telling(origin="AAF"):
                parts += self._delivery.parts()
        for students in self._json.values():
            with _telling(origin=students.kind):
                parts += students.parts()
        parts = sorted(parts, key=lambda part: (part.header.uai, _ORDER.index(type(part))))
        for first, second in pairwise(parts):
            if type(first) is type(second) and first.header.uai == second.header.uai:
                raise SameKindTwice(kind=second.header.kind, uai=second.header.uai)
        return tuple(_told(part) for part in _levelled(parts))

    def _read_document(self, document: Document, stream: ByteStream, file: str, names: Sequence[str]) -> None:
        if document.is_xml:
            self._read_xml(stream, file, names)
        else:
            with _telling(origin="JSON"):
                self._read_json(stream, file)

    def _read_xml(self, stream: ByteStream, file: str, names: Sequence[str]) -> None:
        readers: list[RecordReader] = []

        def reader_of(root: str) -> RecordReader:
            if root == AAF_ROOT:
                self._delivery = self._delivery or DeliveryReader()
                readers.append(self._delivery)
                self._delivery.begin(file, names)
            elif root in _XML_READERS:
                readers.append(_XML_READERS[root]())
            else:
                raise UnknownDocument(root=root[:40])
            return readers[0]

        try:
            root, bom_disagrees = walk(stream, reader_of, bare_doctypes=_BARE_DOCTYPES)
            reader = readers[0]
            if isinstance(reader, DeliveryReader):
                return
            xml_reader = cast(_XmlReader, reader)
            result = xml_reader.result(xml_reader.header(root.version))
        except FileRefused as refusal:
            if readers:
                kind = "AAF" if isinstance(readers[0], DeliveryReader) else getattr(readers[0], "kind", "")
                refusal.parameters.setdefault("origin", kind)
            raise
        parts = list(result) if isinstance(result, tuple) else [result]
        if bom_disagrees:
            problem = Problem("bom_disagrees", "warn", 1)
            parts[0] = replace(parts[0], problems=(problem, *parts[0].problems))
        self._parts += [_named(part, file) for part in parts]

    def _read_json(self, stream: ByteStream, file: str) -> None:
        listed = JsonList(stream)
        records = iter(listed)
        first = next(records, _NOTHING)
        if first is _NOTHING:
            raise NoStudents if listed.has_list else UnknownJson
        kind = next(
            (kind for kind in (FregataStudents, SygneStudents) if isinstance(first, dict) and kind.knows(first)), None
        )
        if kind is None:
            raise UnknownJson
        with _telling(origin=kind.kind):
            self._json.setdefault(kind, kind()).read(chain([first], records), listed, file)


_ORDER: tuple[type, ...] = tuple(ListPart.__args__[place] for place in (3, 2, 0, 1))  # type: ignore[attr-defined]


@contextmanager
def _telling(**parameters: str) -> Iterator[None]:
    """Add to a refusal on its way out which file and which software it is about; the innermost rules."""
    try:
        yield
    except FileRefused as refusal:
        for name, value in parameters.items():
            if value:
                refusal.parameters.setdefault(name, value)
        raise


def _is_aaf(document: Document) -> bool:
    if not document.is_xml:
        return False
    try:
        with document.open() as stream:
            return root_of(stream, bare_doctypes=_BARE_DOCTYPES) == AAF_ROOT
    except FileRefused:
        return False


def _name_of(source: Source, rank: str) -> str:
    """Return the name of a source as its sender knows it, its rank where it has none."""
    name = source if isinstance(source, (str, os.PathLike)) else getattr(source, "name", "")
    return (_printable(os.path.basename(os.fspath(name))) if isinstance(name, (str, os.PathLike)) else "") or rank


def _printable(name: str) -> str:
    return "".join(filter(str.isprintable, name))[:80]


def _named(part: ListPart, file: str) -> ListPart:
    """Return the part with the name of its file in its problems, where several were sent."""
    if not file:
        return part
    return replace(part, problems=tuple(_with(problem, file=file) for problem in part.problems))


def _told(part: ListPart) -> ListPart:
    """Return the part with its origin in its problems, where that is not SIECLE."""
    kind = part.header.kind
    if kind.startswith("BEE_"):
        return part
    extra = {"origin": kind, "unit": "record"} if kind in ("SYGNE", "FREGATA") else {"origin": kind}
    return replace(part, problems=tuple(_with(problem, **extra) for problem in part.problems))


def _with(problem: Problem, **parameters: str) -> Problem:
    return replace(problem, parameters={**parameters, **problem.parameters}, eleve_id=problem.eleve_id or None)


def _levelled(parts: Sequence[ListPart]) -> Iterator[ListPart]:
    """Yield the parts, students with the levels of their lycée's nomenclature."""
    levels: dict[str, dict[str, str]] = {}
    for part in parts:
        if isinstance(part, LevelFile):
            levels[part.header.uai] = {line.mef: line.level for line in part.levels if line.level is not None}
        known = levels.get(part.header.uai)
        yield with_levels(part, known) if isinstance(part, StudentFile) and known else part
