"""X21 to X33 of the bad-input catalogue: what comes in a zip, or pretends to."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from pathlib import Path

import pytest

from cartable.rosters.formats import archive as guard
from cartable.rosters.formats.records import StudentFile
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
    FileTooLarge,
    NotXml,
    SeveralXml,
)
from cartable.rosters.formats.siecle import FileRefused, read_siecle
from cartable.rosters.tests.siecle_documents import as_students, students_document, zipped

DOCUMENT = students_document()
NAME = "ElevesSansAdresses.xml"


def test_a_zip_with_one_xml_reads_like_the_xml_itself() -> None:
    assert as_students(zipped({NAME: DOCUMENT})) == as_students(DOCUMENT)


def test_X27_content_decides_and_not_the_name(tmp_path: Path) -> None:
    (tmp_path / "eleves.xml").write_bytes(zipped({NAME: DOCUMENT}))
    (tmp_path / "eleves.zip").write_bytes(DOCUMENT)
    for path in tmp_path.iterdir():
        read = read_siecle(path)
        assert isinstance(read, StudentFile)
        assert len(read.students) == 1
        assert read_siecle(str(path)) == read


def test_a_file_that_is_open_stays_open() -> None:
    stream = io.BytesIO(b"" + zipped({NAME: DOCUMENT}))
    assert read_siecle(stream) == as_students(DOCUMENT)
    assert read_siecle(stream) == as_students(DOCUMENT)
    assert not stream.closed


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"Rar!\x1a\x07\x01\x00" + bytes(100), "rar"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(100), "7z"),
        (gzip.compress(DOCUMENT), "gz"),
        (b"BZh91AY&SY" + bytes(100), "bz2"),
        (b"\xfd7zXZ\x00" + bytes(100), "xz"),
        (bytes(257) + b"ustar" + bytes(250), "tar"),
    ],
)
def test_X27_another_archive_is_refused_by_its_name(content: bytes, kind: str) -> None:
    with pytest.raises(ArchiveKindRefused) as refusal:
        read_siecle(content)
    assert refusal.value.parameters["found"] == kind


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n",
        b"\xd0\xcf\x11\xe0" + bytes(600),
        b"NOM;PRENOM\nMARCHAND;Alice\n",
        zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}),
    ],
)
def test_a_file_of_another_kind_is_refused(content: bytes) -> None:
    with pytest.raises(NotXml):
        read_siecle(content)


@pytest.mark.parametrize("content", [b"", b" \r\n\t ", zipped({})])
def test_X33_empty_file_and_empty_zip_are_refused(content: bytes) -> None:
    with pytest.raises(EmptyFile):
        read_siecle(content)


def test_X25_two_xml_in_one_zip_are_refused_with_their_number() -> None:
    with pytest.raises(SeveralXml) as refusal:
        read_siecle(zipped({NAME: DOCUMENT, "Responsables.xml": DOCUMENT, "liste.txt": DOCUMENT}))
    assert refusal.value.parameters["count"] == 3


@pytest.mark.parametrize("litter", ["__MACOSX/._ElevesSansAdresses.xml", "._Eleves.xml", ".DS_Store", "x/Thumbs.db"])
def test_X25_litter_of_an_operating_system_is_no_second_file(litter: str) -> None:
    assert len(as_students(zipped({litter: DOCUMENT, NAME: DOCUMENT, "LISEZ-MOI.txt": b"Bonjour"})).students) == 1


def test_a_zip_without_xml_is_refused() -> None:
    with pytest.raises(ArchiveWithoutXml):
        read_siecle(zipped({"lisezmoi.txt": b"bonjour", "dossier/": b""}))


@pytest.mark.parametrize(
    "name", ["inner.zip", "inner.RAR", "a/b.7z", "inner.xml"], ids=["zip", "rar", "7z", "zip renamed xml"]
)
def test_X21_an_archive_in_the_archive_is_refused(name: str) -> None:
    with pytest.raises(ArchiveNested):
        read_siecle(zipped({NAME: DOCUMENT, name: zipped({"x.xml": DOCUMENT})}))


def test_X21_a_nested_bomb_is_refused_without_unpacking_it() -> None:
    layer = zipped({"0.dll": bytes(2**20)})
    for _ in range(5):
        layer = zipped({f"lib {number}.zip": layer for number in range(16)})
    with pytest.raises(ArchiveNested):
        read_siecle(layer)


@pytest.mark.parametrize(
    "name",
    ["../evil.xml", "a/../../evil.xml", "/etc/evil.xml", "C:evil.xml", "C:/evil.xml", "a\\evil.xml", "\\evil.xml"],
)
def test_X23_names_that_point_outside_are_ignored(name: str) -> None:
    assert len(as_students(zipped({name: b"<evil/>", NAME: DOCUMENT})).students) == 1
    with pytest.raises(ArchiveNamesUnsafe):
        read_siecle(zipped({name: DOCUMENT}))


def test_X23_a_link_is_not_followed() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("link.xml")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "<etc/>")
    with pytest.raises(ArchiveNamesUnsafe):
        read_siecle(buffer.getvalue())


def test_X29_more_than_twenty_entries_are_refused() -> None:
    entries = {f"{number}.txt": b"x" for number in range(19)}
    assert len(as_students(zipped({NAME: DOCUMENT, **entries})).students) == 1
    with pytest.raises(ArchiveTooManyEntries):
        read_siecle(zipped({NAME: DOCUMENT, **entries, "20.txt": b"x"}))


def test_X29_a_directory_that_lies_about_its_length_is_refused() -> None:
    # zipfile believes the size of the directory, not the number of entries: 30 stand behind a 1.
    crowded = bytearray(zipped({f"{number}.txt": b"x" for number in range(30)}))
    end = crowded.rfind(b"PK\x05\x06")
    struct.pack_into("<HH", crowded, end + 8, 1, 1)
    with pytest.raises(ArchiveTooManyEntries):
        read_siecle(bytes(crowded))


def test_X29_a_directory_swollen_with_comments_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo(NAME)
        entry.comment = bytes(65_000)
        archive.writestr(entry, DOCUMENT)
        archive.writestr(entry.filename + ".txt", b"x")
        archive.infolist()[1].comment = bytes(65_000)
    with pytest.raises(ArchiveTooManyEntries):
        read_siecle(buffer.getvalue())


def test_X31_a_wrong_checksum_is_refused() -> None:
    archive = bytearray(zipped({NAME: DOCUMENT}, zipfile.ZIP_STORED))
    at = archive.find(b"MARCHAND")
    archive[at : at + 8] = b"MARCHAUD"
    with pytest.raises(ArchiveDamaged):
        read_siecle(bytes(archive))


@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_X31_a_truncated_zip_is_refused(kept: float) -> None:
    archive = zipped({NAME: DOCUMENT})
    with pytest.raises(ArchiveDamaged):
        read_siecle(archive[: int(len(archive) * kept)])


def test_a_damaged_stream_is_refused() -> None:
    archive = bytearray(zipped({NAME: DOCUMENT}))
    middle = len(archive) // 3
    archive[middle : middle + 8] = b"\xff" * 8
    with pytest.raises(ArchiveDamaged):
        read_siecle(bytes(archive))


def test_an_encrypted_zip_is_refused() -> None:
    archive = bytearray(zipped({NAME: DOCUMENT}))
    archive[6] |= 1
    archive[archive.rfind(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ArchiveEncrypted):
        read_siecle(bytes(archive))


def test_X21_an_encrypted_archive_in_the_archive_is_known_by_its_name() -> None:
    archive = bytearray(zipped({"lib 0.zip": b"\x00unreadable without the password"}))
    archive[6] |= 1
    archive[archive.rfind(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ArchiveNested):
        read_siecle(bytes(archive))


def test_a_method_beyond_deflate_is_refused() -> None:
    with pytest.raises(ArchiveDamaged):
        read_siecle(zipped({NAME: DOCUMENT}, zipfile.ZIP_LZMA))


def test_a_zip_of_zeros_is_refused_by_its_ratio() -> None:
    with pytest.raises(ArchiveTooDense):
        read_siecle(zipped({NAME: b"<a>" + bytes(8 * 2**20)}))


def test_a_zip_that_unpacks_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "LARGEST_DOCUMENT", len(DOCUMENT) - 1)
    with pytest.raises(ArchiveTooDense):
        read_siecle(zipped({NAME: DOCUMENT}))
    with pytest.raises(FileTooLarge):
        read_siecle(DOCUMENT)


def test_an_entry_longer_than_it_announces_is_refused() -> None:
    # The announced size bounds what is ever unpacked; the checksum then tells that something is missing.
    archive = bytearray(zipped({NAME: DOCUMENT}))
    directory = archive.rfind(b"PK\x01\x02")
    struct.pack_into("<I", archive, directory + 24, len(DOCUMENT) // 2)
    with pytest.raises(FileRefused):
        read_siecle(bytes(archive))


def test_a_huge_archive_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "huge.zip"
    with path.open("wb") as stream:
        stream.write(b"PK\x03\x04")
        stream.truncate(guard.LARGEST_ARCHIVE + 1)
    with pytest.raises(FileTooLarge):
        read_siecle(path)
