"""A region's archive: one zip that holds the zips or XML files of many lycées, one level deep.

Each member is taken out in memory, one after the other, under limits on what may be announced; what is in it is the
reader's affair (`archive` opens a member as it opens a file that came alone).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

from cartable.rosters.formats.archive import (
    LARGEST_ARCHIVE,
    ZIP_FAULTS,
    check_directory,
    has_safe_name,
    is_litter,
)
from cartable.rosters.formats.refusals import (
    ArchiveDamaged,
    ArchiveEncrypted,
    ArchiveNamesUnsafe,
    ArchiveTooDense,
    ArchiveTooManyEntries,
    FileTooLarge,
)

MOST_MEMBERS = 2_000
LARGEST_REGION_ARCHIVE = 512 * 2**20
LARGEST_UNPACKED = 2 * 2**30
_LARGEST_DIRECTORY = 2**20
_DOCUMENTS = (".zip", ".xml", ".json", ".csv", ".xlsx")
_OFFICE = frozenset({"[Content_Types].xml", "mimetype", "content.xml"})


def is_region_archive(content: bytes) -> bool:
    """Say whether this is a zip of several lists, or of at least one zip; a lycée's own zip holds one XML.

    Raises ArchiveTooManyEntries where the directory alone is beyond all reason.
    """
    if not content.startswith(b"PK"):
        return False
    try:
        _check(content)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [entry.filename for entry in archive.infolist() if not entry.is_dir() and not is_litter(entry)]
    except (*ZIP_FAULTS, ArchiveDamaged):
        return False
    if _OFFICE & set(names):
        return False
    documents = [name for name in names if name.lower().endswith(_DOCUMENTS)]
    return len(documents) > 1 or any(name.lower().endswith(".zip") for name in documents)


def members(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every list in a region's archive.

    Raises FileTooLarge, ArchiveTooManyEntries, ArchiveTooDense, ArchiveEncrypted, ArchiveNamesUnsafe, ArchiveDamaged
    before the first member comes out, but for a wrong checksum, which shows when its member is read.
    """
    if len(content) > LARGEST_REGION_ARCHIVE:
        raise FileTooLarge(limit_mb=LARGEST_REGION_ARCHIVE >> 20)
    _check(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in _checked(archive):
                yield PurePosixPath(entry.filename).name, archive.read(entry)
    except ZIP_FAULTS as fault:
        raise ArchiveDamaged from fault


def _check(content: bytes) -> None:
    check_directory(io.BytesIO(content), len(content), largest=_LARGEST_DIRECTORY, most=MOST_MEMBERS)


def _checked(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not is_litter(entry)]
    if len(entries) > MOST_MEMBERS:
        raise ArchiveTooManyEntries(limit=MOST_MEMBERS)
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise ArchiveEncrypted
    safe = [entry for entry in entries if has_safe_name(entry)]
    if entries and not safe:
        raise ArchiveNamesUnsafe
    if any(entry.file_size > LARGEST_ARCHIVE for entry in safe) or sum(e.file_size for e in safe) > LARGEST_UNPACKED:
        raise ArchiveTooDense(limit_mb=LARGEST_ARCHIVE >> 20)
    return safe
