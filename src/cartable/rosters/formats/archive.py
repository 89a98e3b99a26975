"""From an upload to the documents in it: plain or zipped, recognised by content and never by name.

One XML document for SIECLE (`opened_document`); for other formats XML or JSON, and several in one zip where the
format comes in several files (`opened_documents`).

Nothing is extracted to disk, nothing is trusted that the archive says of itself. The standard zipfile never gives
more bytes than an entry announces and checks the CRC at its end; the guard here bounds what may be announced.
"""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from typing import IO, BinaryIO, NamedTuple

from cartable.rosters.formats.encoding import ByteStream
from cartable.rosters.formats.refusals import (
    ArchiveDamaged,
    ArchiveEncrypted,
    ArchiveKindRefused,
    ArchiveNamesUnsafe,
    ArchiveNested,
    ArchiveTooDense,
    ArchiveTooManyEntries,
    ArchiveWithoutXml,
    EmptyFile,
    FileRefused,
    FileTooLarge,
    NotXml,
    SeveralXml,
)

Source = str | os.PathLike[str] | bytes | BinaryIO

# The largest lycée has about 2,000 students: 8 MB with addresses.
LARGEST_DOCUMENT = 64 * 2**20
LARGEST_ARCHIVE = 32 * 2**20
MOST_ENTRIES = 20
# SIECLE's XML shrinks 15 to 120 times; DEFLATE reaches 1,032 on nothing but zeros.
LARGEST_RATIO = 250
_RATIO_COUNTS_FROM = 2**20

_ZIP_MAGIC = b"PK"
_ARCHIVES: tuple[tuple[bytes, str], ...] = (
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gz"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zst"),
    (b"MSCF", "cab"),
)
_OTHER_FILES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF"),
    (b"\xd0\xcf\x11\xe0", "Excel / Word"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
)
_ARCHIVE_NAME = re.compile(r"\.(zip|rar|7z|gz|tgz|bz2|xz|zst|tar|cab|jar)$", re.IGNORECASE)
WORKBOOK_NAME = "xl/workbook.xml"
_OFFICE_NAMES = frozenset({"[Content_Types].xml", "mimetype", "content.xml"})
_LITTER_NAME = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
# The TAR magic stands at byte 257.
_SNIFFED = 300

_END_OF_DIRECTORY = b"PK\x05\x06"
_ZIP64_LOCATOR = b"PK\x06\x07"
_END_SIZE = 22
_LONGEST_COMMENT = 0xFFFF
_LARGEST_DIRECTORY = 64 * 1024
ZIP_FAULTS = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
    EOFError,
    struct.error,
    zlib.error,
)


class Document(NamedTuple):
    """One document of a source: its name ("" when nobody gave one), how to open its bytes, and is it XML or JSON."""

    name: str
    open: Callable[[], AbstractContextManager[ByteStream]]
    is_xml: bool


@contextmanager
def opened_document(source: Source) -> Iterator[ByteStream]:
    """Open the single XML document of a path, bytes or binary file, as a stream of at most 64 MB.

    Raises a FileRefused of `refusals` for anything else; reading the stream may still raise ArchiveDamaged. A file
    given open stays open.
    """
    with opened_documents(source, accepts_json=False) as documents:
        if len(documents) > 1:
            raise SeveralXml(count=len(documents))
        with documents[0].open() as document:
            yield document


@contextmanager
def opened_documents(source: Source, *, accepts_json: bool = True) -> Iterator[tuple[Document, ...]]:
    """Open the documents of a path, bytes or binary file: one, or all those in its zip, 64 MB together at most.

    Each can be opened one after another while the source is open, as often as wanted. Raises as `opened_document`.
    """
    if isinstance(source, bytes):
        stream: BinaryIO = io.BytesIO(source)
    elif isinstance(source, (str, os.PathLike)):
        stream = open(source, "rb")  # noqa: SIM115 - closed below
    else:
        stream = source
    try:
        with _documents_of(stream, accepts_json) as documents:
            yield documents
    finally:
        if stream is not source:
            stream.close()


@contextmanager
def _documents_of(stream: BinaryIO, accepts_json: bool) -> Iterator[tuple[Document, ...]]:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    head = stream.read(_SNIFFED)
    stream.seek(0)
    if size == 0:
        raise EmptyFile
    if head.startswith(_ZIP_MAGIC):
        with _entries_of(stream, size, accepts_json) as documents:
            yield documents
        return
    if (kind := _archive_kind(head)) is not None:
        raise ArchiveKindRefused(found=kind)
    is_xml = looks_like_xml(head)
    if not is_xml and not (accepts_json and _looks_like_json(head)):
        if not head.strip() and size <= len(head):
            raise EmptyFile
        raise NotXml(found=_found(head, _OTHER_FILES) or "")
    if size > LARGEST_DOCUMENT:
        raise FileTooLarge(limit_mb=LARGEST_DOCUMENT >> 20)

    def rewound() -> AbstractContextManager[ByteStream]:
        stream.seek(0)
        return nullcontext(stream)

    yield (Document(_name_of(stream), rewound, is_xml),)


def _name_of(stream: BinaryIO) -> str:
    name = getattr(stream, "name", "")
    return os.path.basename(name) if isinstance(name, str) else ""


@contextmanager
def _entries_of(stream: BinaryIO, size: int, accepts_json: bool) -> Iterator[tuple[Document, ...]]:
    if size > LARGEST_ARCHIVE:
        raise FileTooLarge(limit_mb=LARGEST_ARCHIVE >> 20)
    check_directory(stream, size)
    try:
        archive = zipfile.ZipFile(stream)
    except ZIP_FAULTS as fault:
        raise ArchiveDamaged from fault
    with archive:
        yield tuple(_entry_document(archive, entry, is_xml) for entry, is_xml in _wanted_entries(archive, accepts_json))


def _entry_document(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, is_xml: bool) -> Document:
    def opened() -> AbstractContextManager[ByteStream]:
        try:
            return closing(_Checked(archive.open(entry)))
        except ZIP_FAULTS as fault:
            raise ArchiveDamaged from fault

    return Document(os.path.basename(entry.filename), opened, is_xml)


def check_directory(
    stream: BinaryIO, size: int, *, largest: int = _LARGEST_DIRECTORY, most: int = MOST_ENTRIES
) -> None:
    """Bound the directory before zipfile loads it whole, whatever number of entries it pretends to have."""
    stream.seek(max(0, size - _END_SIZE - _LONGEST_COMMENT - 20))
    tail = stream.read()
    stream.seek(0)
    at = tail.rfind(_END_OF_DIRECTORY)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise ArchiveDamaged
    entries, directory_size = struct.unpack_from("<HI", tail, at + 10)
    if directory_size > largest or tail[max(0, at - 20) :].startswith(_ZIP64_LOCATOR):
        raise ArchiveTooManyEntries(limit=most)
    if entries == 0:
        raise EmptyFile


def _wanted_entries(archive: zipfile.ZipFile, accepts_json: bool) -> list[tuple[zipfile.ZipInfo, bool]]:
    """Return the entries that are documents, and is each XML, in the archive's order; all others must be harmless.

    Raises ArchiveWithoutXml also for a zip that holds one table (`only_file_in`).
    """
    entries = archive.infolist()
    # A workbook of many sheets has more entries than any list.
    if _OFFICE_NAMES & {entry.filename for entry in entries}:
        raise NotXml(found="Excel / LibreOffice")
    if len(entries) > MOST_ENTRIES:
        raise ArchiveTooManyEntries(limit=MOST_ENTRIES)
    files = [entry for entry in entries if not entry.is_dir() and not is_litter(entry)]
    safe = [entry for entry in files if has_safe_name(entry)]
    if files and not safe:
        raise ArchiveNamesUnsafe
    for entry in files:
        _check_entry(entry)
    if sum(entry.file_size for entry in files) > LARGEST_DOCUMENT:
        raise ArchiveTooDense(limit_mb=LARGEST_DOCUMENT >> 20)
    if accepts_json and len(files) == len(safe) == 1 and _holds_workbook(archive, safe[0]):
        raise ArchiveWithoutXml
    heads = [(entry, _head_of(archive, entry)) for entry in safe]
    # JSON only where there is no XML: beside one, `[` begins many a read-me.
    found = [(entry, True) for entry, head in heads if looks_like_xml(head)]
    if not found and accepts_json:
        found = [(entry, False) for entry, head in heads if _looks_like_json(head)]
    if not found:
        raise ArchiveWithoutXml
    return found


def _check_entry(entry: zipfile.ZipInfo) -> None:
    if _ARCHIVE_NAME.search(entry.filename):
        raise ArchiveNested
    if entry.flag_bits & 0x1:
        raise ArchiveEncrypted
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveDamaged
    if entry.file_size > max(_RATIO_COUNTS_FROM, LARGEST_RATIO * entry.compress_size):
        raise ArchiveTooDense(limit_mb=LARGEST_DOCUMENT >> 20)


def is_litter(entry: zipfile.ZipInfo) -> bool:
    """Say whether an operating system put the entry there without being asked."""
    return _LITTER_NAME.search(entry.filename) is not None


def has_safe_name(entry: zipfile.ZipInfo) -> bool:
    """Say whether an entry's name points nowhere outside."""
    # The name as written: zipfile cuts `filename` at the first NUL.
    name = entry.orig_filename
    if stat.S_ISLNK(entry.external_attr >> 16):
        return False
    return not (name.startswith("/") or "\\" in name or "\0" in name or ":" in name or ".." in name.split("/"))


def _head_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return the beginning of an entry; refuse an archive in the archive."""
    try:
        with archive.open(entry) as document:
            head = document.read(_SNIFFED)
    except ZIP_FAULTS as fault:
        raise ArchiveDamaged from fault
    if head.startswith(_ZIP_MAGIC) or _archive_kind(head) is not None:
        raise ArchiveNested
    return head


def only_file_in(content: bytes) -> bytes | None:
    """Return the only file of a zip in which `opened_documents` has found neither XML nor JSON; None for several.

    The zip has passed all its checks there.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = [entry for entry in archive.infolist() if not entry.is_dir() and not is_litter(entry)]
            return archive.read(files[0]) if len(files) == 1 else None
    except ZIP_FAULTS as fault:
        raise ArchiveDamaged from fault


def _holds_workbook(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """Say whether an entry is a workbook, which is a zip as well; its directory alone is looked at."""
    try:
        with archive.open(entry) as document:
            # An XML of 64 MB is not unpacked for this.
            if document.read(len(_ZIP_MAGIC)) != _ZIP_MAGIC:
                return False
        content = archive.read(entry)
        check_directory(io.BytesIO(content), len(content))
        with zipfile.ZipFile(io.BytesIO(content)) as inner:
            return WORKBOOK_NAME in inner.namelist()
    except (*ZIP_FAULTS, FileRefused):
        # What is wrong with it is told where its head is read.
        return False


def _archive_kind(head: bytes) -> str | None:
    return "tar" if head[257:262] == b"ustar" else _found(head, _ARCHIVES)


def _found(head: bytes, kinds: tuple[tuple[bytes, str], ...]) -> str | None:
    return next((name for magic, name in kinds if head.startswith(magic)), None)


def looks_like_xml(head: bytes) -> bool:
    """Say whether a file that begins like this is XML, or means to be."""
    return _first_sign(head) == b"<"


def _looks_like_json(head: bytes) -> bool:
    return _first_sign(head) in (b"{", b"[")


def _first_sign(head: bytes) -> bytes:
    for bom in _BOMS:
        head = head.removeprefix(bom)
    # UTF-16 is ASCII with a zero byte on one side.
    return head.replace(b"\0", b"").lstrip()[:1]


class _Checked:
    """An entry whose faults while it is read (wrong CRC, cut stream) are named refusals."""

    def __init__(self, document: IO[bytes]) -> None:
        self._document = document

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._document.read(size)
        except ZIP_FAULTS as fault:
            raise ArchiveDamaged from fault

    def close(self) -> None:
        self._document.close()
