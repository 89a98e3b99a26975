"""A11 of the bad-input catalogue for files: what a JSON list may and may not contain, and what reading one costs."""

from __future__ import annotations

import codecs
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cartable.rosters.formats.json_list import JsonList
from cartable.rosters.formats.recognition import FileRefused, read_list, sentence
from cartable.rosters.formats.refusals import (
    ArchiveNested,
    ArchiveTooDense,
    EncodingBroken,
    FileTooLarge,
    JsonBroken,
    JsonDuplicateKey,
    JsonTooDeep,
    JsonValueRefused,
    NoStudents,
    SeveralXml,
    TooManyRecords,
    UnknownJson,
)
from cartable.rosters.tests.format_documents import (
    fregata_inscription,
    json_document,
    student_file,
    sygne_student,
)
from cartable.rosters.tests.siecle_documents import zipped

STUDENT = json.dumps(sygne_student()).encode()
MEGABYTE = 2**20

# Reads one file under limits of time and memory, and prints what it cost: code, seconds, megabytes above the start.
MEASURED_READ = """
import pathlib, re, resource, sys, time
from cartable.rosters.formats.recognition import FileRefused, read_list
def peak():  # ru_maxrss would hold the peak of the parent, before exec.
    return int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
before = peak()
start = time.process_time()
try:
    read_list(sys.argv[1])
    code = "read"
except FileRefused as refusal:
    code = refusal.code
print(code, time.process_time() - start, (peak() - before) / 1024)
"""


def measured(path: Path) -> tuple[str, float, float]:
    """Read the file in a process of its own; return the refusal's code, CPU seconds and megabytes."""
    command = [sys.executable, "-c", MEASURED_READ, str(path)]
    code, seconds, megabytes = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return code, float(seconds), float(megabytes)


def written(path: Path, pieces: Callable[[], list[bytes]]) -> Path:
    with path.open("wb") as stream:
        stream.writelines(pieces())
    return path


def refused(content: bytes, kind: type[FileRefused]) -> FileRefused:
    with pytest.raises(FileRefused) as refusal:
        read_list(content)
    assert type(refusal.value) is kind
    assert "—" not in sentence(refusal.value)
    return refusal.value


def records_of(content: bytes) -> list[object]:
    return list(JsonList(io.BytesIO(content)))


@pytest.mark.parametrize(
    "text",
    [
        '[{"a": "1"}, {"a": "2"}]',
        '  [ {"a":"1"},\r\n\t{"a":"2"} ]  \n',
        '{"n": 2, "list": [{"a": "1"}, {"a": "2"}], "tail": null}',
        '{"empty": [], "codes": ["x", 1, null], "nested": {"b": [{"c": 1}]}, "list": [{"a":"1"},{"a":"2"}]}',
    ],
)
def test_a_list_is_read_alone_or_inside_an_object(text: str) -> None:
    assert records_of(text.encode()) == [{"a": "1"}, {"a": "2"}]


def test_texts_may_hold_every_sign_of_json() -> None:
    text = 'x"\\ }{][,: \u2028 é \U0001f600 \ud83d'
    assert records_of(json.dumps([{"a": text}, {text: "b"}]).encode()) == [{"a": text}, {text: "b"}]


def test_a_record_may_be_cut_anywhere_by_the_chunks() -> None:
    class Trickling(io.BytesIO):
        def read(self, wanted: int | None = -1, /) -> bytes:
            return super().read(3)

    records = [{"a": 'é"\\', "b": [1, {"c": None}]}, {"a": "œ" * 50}, "text", 12.5, True]
    listed = JsonList(Trickling(json.dumps({"x": 1, "l": records}, ensure_ascii=False).encode()))
    assert [json.loads(json.dumps(record)) for record in listed] == json.loads(
        json.dumps(records), parse_int=str, parse_float=str
    )
    assert listed.context == {"x": "1"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_followed(encoding: str) -> None:
    content = json.dumps([sygne_student(prenom="Cœlia")], ensure_ascii=False).encode(encoding)
    assert student_file(content).students[0].given_name == "Cœlia"


@pytest.mark.parametrize("content", ["é".encode("cp1252"), b"\xed\xa0\xbd", b"\xff"])
def test_bytes_that_are_no_utf_8_are_refused(content: bytes) -> None:
    document = b"[\n" + STUDENT.replace(b"Alice", content) + b"]"
    assert refused(document, EncodingBroken).line == 2


@pytest.mark.parametrize(
    "text",
    [
        "[%s",
        "[%s,]",
        "[,%s]",
        "[%s %s]",
        "[%s]]",
        "[%s] x",
        "[%s}",
        '{"a" [%s]}',
        '{"a": [%s],}',
        '{a: [%s]}',
        "[%s, {'a': 1}]",
        '[%s, {"a": 1,}]',
        '[%s, {"a"}]',
        '[%s, {"a": }]',
        '[%s, {"a": tru}]',
        '[%s, {"a": 01}]',
        '[%s, {"a": +1}]',
        '[%s, {"a": "\\x"}]',
        '[%s, {"a": "\t"}]',
        '[%s, {"a": "\0"}]',
        '[%s, {"a": "x]',
        "[%s, \0]",
        "[%s /* comment */]",
    ],
)  # fmt: skip
def test_X13_broken_json_is_refused_with_its_line(text: str) -> None:
    refusal = refused(("\n" + text).replace("%s", STUDENT.decode()).encode(), JsonBroken)
    assert refusal.line == 2
    assert sentence(refusal).startswith("Ligne 2 : le JSON est mal formé")


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_X13_a_truncated_answer_is_refused(kept: float) -> None:
    document = json_document([sygne_student(), sygne_student()])
    refused(document[: int(len(document) * kept)], JsonBroken)


@pytest.mark.parametrize("where", ['[{"nom": "A", "nom": "B"}]', '[{"a": {"b": 1, "b": 1}}]', '{"l": [], "l": []}'])
def test_A11_a_key_said_twice_is_refused_by_name(where: str) -> None:
    refusal = refused(where.encode(), JsonDuplicateKey)
    assert f"« {refusal.parameters['key']} »" in sentence(refusal)
    assert refusal.parameters["key"] in ("nom", "b", "l")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1" * 400, "1e" + "9" * 400, "0." + "1" * 400])
def test_A11_values_that_json_does_not_know_and_monstrous_numbers_are_refused(value: str) -> None:
    refusal = refused(b"[" + STUDENT.replace(b'"2211"', value.encode()) + b"]", JsonValueRefused)
    assert str(refusal.parameters["value"])[:3] == value[:3]


@pytest.mark.parametrize(
    "text", ["[" * 10_000 + "]" * 10_000, '[{"a":' * 10_000, '[{"a": ' + "[" * 32 + "]" * 32 + "}]"]
)
def test_A11_a_depth_beyond_reason_is_refused(text: str) -> None:
    refused(text.encode(), JsonTooDeep)


@pytest.mark.parametrize(
    "content",
    [
        b"{}", b'{"error": "not found"}', b'["a"]', b"[1]", b"[[{}]]", b'[{"nom": "A"}]', b'[{"a": 1}]', b"[null]",
        b'{"a": {"b": [{"nom": "A"}]}}', b'[{"nom": "A", "prenom": "B"}]',
        b'{"a": [{"apprenant": {}}], "b": [{"apprenant": {}}]}', b'[{"ine": "990000001EB"}]',
    ],
)  # fmt: skip
def test_json_of_another_kind_is_refused_with_a_remedy(content: bytes) -> None:
    assert "SYGNE" in sentence(refused(content, UnknownJson))


@pytest.mark.parametrize("content", [b"[]", b" [ ] ", b'{"eleves": []}'])
def test_X33_an_empty_list_is_refused(content: bytes) -> None:
    refused(content, NoStudents)


def test_X21_X25_X27_a_zip_holds_one_json() -> None:
    document = json_document([sygne_student()])
    assert read_list(zipped({"eleves.xml": document})) == read_list(document)
    refused(zipped({"a.json": document, "b.json": document}), SeveralXml)
    refused(zipped({"a.json": document, "b.zip": zipped({"c.json": document})}), ArchiveNested)
    refused(zipped({"a.json": b"[" + bytes(8 * MEGABYTE)}), ArchiveTooDense)


@pytest.mark.parametrize(
    ("opening", "filling", "code"),
    [
        (b'[{"nom": "', b"a" * MEGABYTE, "record_too_large"),
        (b'[{"', b"a" * MEGABYTE, "record_too_large"),
        (b"[" + STUDENT[:-1] + b', "a": [', b"{}," * (MEGABYTE // 3), "record_too_large"),
        (b'{"', b"a" * MEGABYTE, "record_too_large"),
        (b"[", b"1" * MEGABYTE, "record_too_large"),
        (b'{"a": [', b"1," * (MEGABYTE // 2), "unknown_json"),
        (b"[" + STUDENT, b"," + b"," * MEGABYTE, "json_broken"),
        (b"[" + STUDENT + b",", b"{}," * (MEGABYTE // 3), "too_many_records"),
        (b"[" + STUDENT + b",", b"1," * (MEGABYTE // 2), "too_many_records"),
    ],
    ids=["text", "key", "objects in a record", "member", "number", "another list", "commas", "records", "numbers"],
)  # fmt: skip
def test_X07_giants_are_refused_at_the_limit(opening: bytes, filling: bytes, code: str, tmp_path: Path) -> None:
    found, seconds, megabytes = measured(written(tmp_path / "giant.json", lambda: [opening, *[filling] * 50]))
    assert found == code
    assert seconds < 10
    assert megabytes < 120


def test_X07_an_endless_row_of_members_is_refused(tmp_path: Path) -> None:
    members = b",".join(b'"k%d": 1' % number for number in range(500_000))
    code, _, megabytes = measured(written(tmp_path / "members.json", lambda: [b"{", members, b"}"]))
    assert code == "unknown_json"
    assert megabytes < 30


def test_X07_an_answer_beyond_64_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as stream:
        stream.write(b"[")
        stream.truncate(64 * MEGABYTE + 1)
    with pytest.raises(FileTooLarge):
        read_list(path)


def test_memory_does_not_grow_with_what_nobody_reads(tmp_path: Path) -> None:
    # Addresses and spaces make a file of 20 MB with 700 students.
    padded = json.dumps(fregata_inscription(adressesApprenant=[{"ligne2": "rue des Mirabelliers " * 1400}]))
    pieces = [padded.replace("90417", str(number)).encode() + b" ," for number in range(700)]
    path = written(tmp_path / "large.json", lambda: [b"[", *pieces, b"1]"])
    assert path.stat().st_size > 18 * MEGABYTE
    code, _, megabytes = measured(path)
    assert code == "read"
    assert megabytes < 20


def test_more_records_than_any_delivery_has_are_refused() -> None:
    with pytest.raises(TooManyRecords):
        read_list(b"[" + STUDENT + b",1" * 20_000 + b"]")


def test_the_readers_of_json_know_no_byte_order_mark_in_the_middle() -> None:
    refused(b"[" + codecs.BOM_UTF8 + STUDENT + b"]", JsonBroken)
