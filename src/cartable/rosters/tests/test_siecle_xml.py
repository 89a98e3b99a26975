"""X01 to X19 of the bad-input catalogue: what a document may and may not contain."""

from __future__ import annotations

import codecs
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from cartable.rosters.formats import archive as guard
from cartable.rosters.formats.records import StudentFile
from cartable.rosters.formats.refusals import (
    CharacterForbidden,
    DoctypeRefused,
    EncodingBroken,
    EncodingUnknown,
    FileTooLarge,
    NotWellFormed,
    RecordTooLarge,
    UnknownDocument,
)
from cartable.rosters.formats.siecle import FileRefused, read_siecle
from cartable.rosters.tests.siecle_documents import (
    as_students,
    codes,
    eleve,
    encoded,
    placed,
    read_students,
    students_document,
    students_text,
)

BILLION_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + b"".join(
        b'<!ENTITY lol%d "%s">' % (n, b"&lol%s;" % (b"%d" % (n - 1) if n > 1 else b"") * 10) for n in range(1, 10)
    )
    + b"]><BEE_ELEVES>&lol9;</BEE_ELEVES>"
)
QUADRATIC = b'<!DOCTYPE b [<!ENTITY a "' + b"a" * 50_000 + b'">]><BEE_ELEVES>' + b"&a;" * 50_000 + b"</BEE_ELEVES>"
OPENING = b"<BEE_ELEVES><DONNEES><ELEVES><ELEVE ELEVE_ID='1'>"
MEGABYTE = 2**20

# Reads one file under limits of time and memory, and prints what it cost: code, seconds, megabytes above the start.
MEASURED_READ = """
import pathlib, re, resource, sys, time
from cartable.rosters.formats.siecle import FileRefused, read_siecle
def peak():  # ru_maxrss would hold the peak of the parent, before exec.
    return int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
before = peak()
start = time.process_time()
try:
    read_siecle(sys.argv[1])
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


def written(path: Path, pieces: Callable[[], object]) -> Path:
    with path.open("wb") as stream:
        stream.writelines(pieces())  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize("bomb", [BILLION_LAUGHS, QUADRATIC], ids=["billion laughs", "quadratic"])
def test_X01_entity_bombs_are_refused_in_no_time_and_no_memory(bomb: bytes, tmp_path: Path) -> None:
    code, seconds, megabytes = measured(written(tmp_path / "bomb.xml", lambda: [bomb]))
    assert code == "doctype_refused"
    assert seconds < 1
    assert megabytes < 100


@pytest.mark.parametrize(
    ("opening", "filling", "code"),
    [
        (OPENING + b"<NOM>", b"a" * MEGABYTE, "record_too_large"),
        (OPENING + b"<NOM a='", b"a" * MEGABYTE, "record_too_large"),
        (OPENING + b"<NOM><![CDATA[", b"<" * MEGABYTE, "record_too_large"),
        (OPENING + b"<!--", b"a" * MEGABYTE, "record_too_large"),
        (OPENING, b"<a/>" * (MEGABYTE // 4), "record_too_large"),
        (OPENING + b"<", b"a" * MEGABYTE, "record_too_large"),
    ],
    ids=["text", "attribute", "cdata", "comment", "children", "name"],
)
def test_X07_a_giant_text_or_attribute_is_refused_at_the_limit(
    opening: bytes, filling: bytes, code: str, tmp_path: Path
) -> None:
    path = written(tmp_path / "giant.xml", lambda: [opening, *[filling] * 50])
    found, seconds, megabytes = measured(path)
    assert found == code
    assert seconds < 1
    assert megabytes < 100


def test_X07_two_gigabytes_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "two_gigabytes.xml"
    with path.open("wb") as stream:
        stream.write(OPENING)
        stream.truncate(2**31)
    with pytest.raises(FileTooLarge):
        read_siecle(path)


def test_X07_millions_of_finished_elements_do_not_pile_up(tmp_path: Path) -> None:
    opening = b"<BEE_ELEVES><DONNEES><AUTRES>"
    code, seconds, megabytes = measured(
        written(tmp_path / "crowd.xml", lambda: [opening, *[b"<BEE_ELEVES/>" * 70_000] * 40])
    )
    assert code == "not_well_formed"
    assert seconds < 10
    assert megabytes < 100


def test_X07_millions_of_different_tags_do_not_pile_up(tmp_path: Path) -> None:
    # Names go into a dictionary of the parser, which the dropped elements leave behind.
    opening = b"<BEE_ELEVES><DONNEES><AUTRES>"
    pieces = [b"".join(b"<n%d/>" % number for number in range(at, at + 60_000)) for at in range(0, 3_600_000, 60_000)]
    code, seconds, megabytes = measured(written(tmp_path / "names.xml", lambda: [opening, *pieces]))
    assert code in ("not_well_formed", "record_too_large")
    assert seconds < 10
    assert megabytes < 200


def test_X07_too_many_students_are_refused(tmp_path: Path) -> None:
    opening = b"<BEE_ELEVES><DONNEES><ELEVES>"
    record = b"<ELEVE ELEVE_ID='1'><NOM>A</NOM></ELEVE>"
    code, _, megabytes = measured(written(tmp_path / "crowd.xml", lambda: [opening, *[record * 1000] * 1000]))
    assert code == "too_many_records"
    assert megabytes < 100


def test_a_depth_beyond_reason_is_refused() -> None:
    with pytest.raises(RecordTooLarge):
        read_siecle(b"<BEE_ELEVES>" + b"<a>" * 1000)


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>',
        '<!DOCTYPE x PUBLIC "-//X" "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>',
        "<!-- a comment --><?a b?>\n<!DOCTYPE x>",
        "<!ENTITY x 'y'>",
    ],
)
def test_X03_X05_document_types_and_entities_are_refused_without_a_call(
    declaration: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> NoReturn:
        raise AssertionError("a network call")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(DoctypeRefused):
        read_siecle(encoded(declaration + students_text(eleve())))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_X03_another_encoding_hides_no_document_type(encoding: str) -> None:
    with pytest.raises(DoctypeRefused) as refusal:
        read_siecle(("\n\n<!DOCTYPE x [<!ENTITY a 'b'>]>" + students_text(eleve())).encode(encoding))
    assert refusal.value.line == 3


def test_X03_a_document_type_after_the_first_tag_is_no_xml() -> None:
    document = students_document().replace(b"<DONNEES>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><DONNEES>")
    with pytest.raises(NotWellFormed):
        read_siecle(document)


def test_X03_an_undeclared_entity_is_refused_with_its_line() -> None:
    with pytest.raises(NotWellFormed) as refusal:
        read_siecle(students_document().replace(b"Alice", b"&x;"))
    assert refusal.value.line == 14


def test_X05_xinclude_and_stylesheet_instructions_are_ignored(tmp_path: Path) -> None:
    (tmp_path / "other.xml").write_text("<NOM_USAGE>STOLEN</NOM_USAGE>")
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{tmp_path}/other.xml"/>'
    text = students_text(eleve(raw=include))
    read = as_students(encoded('<?xml-stylesheet type="text/xsl" href="http://127.0.0.1:9/x"?>\n' + text))
    assert read.students[0].usage_name == ""


@pytest.mark.parametrize("declared", ["ISO-8859-1", "iso-8859-1", "latin1", "windows-1252", "US-ASCII"])
def test_X09_windows_characters_in_an_iso_8859_1_file_are_read_as_meant(declared: str) -> None:
    text = students_text(eleve(NOM_DE_FAMILLE="L’HÔTE", PRENOM="Cœlia"), structures=placed("1001", "2DE€"))
    read = as_students(encoded(text, "cp1252", declared))
    assert (read.students[0].family_name, read.students[0].given_name) == ("L’HÔTE", "Cœlia")
    assert read.students[0].division == "2DE€"
    assert codes(read) == []


def test_X09_iso_8859_15_is_honoured_and_its_control_range_read_as_windows() -> None:
    document = students_document(eleve(NOM_DE_FAMILLE="LEBŒUF", PRENOM="Noël'"))
    read = as_students(document.replace(b"'</PRENOM>", b"\x92</PRENOM>"))
    assert (read.students[0].family_name, read.students[0].given_name) == ("LEBŒUF", "Noël’")


@pytest.mark.parametrize(
    ("bom", "encoding", "declared", "warned"),
    [
        (codecs.BOM_UTF8, "utf-8", "ISO-8859-15", True),
        (codecs.BOM_UTF8, "utf-8", "UTF-8", False),
        (codecs.BOM_UTF16_LE, "utf-16-le", "ISO-8859-15", True),
        (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16", False),
        (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16", False),
        (b"", "utf-16-be", "UTF-16", False),
    ],
)
def test_X11_the_byte_order_mark_beats_the_declaration(bom: bytes, encoding: str, declared: str, warned: bool) -> None:
    document = bom + encoded(students_text(eleve(PRENOM="Cœlia Éva")), encoding, declared)
    read = as_students(document)
    assert read.students[0].given_name == "Cœlia Éva"
    assert codes(read) == (["bom_disagrees"] if warned else [])


def test_X11_a_file_declared_utf_16_but_saved_as_utf_8_is_read() -> None:
    document = encoded(students_text(eleve(PRENOM="Zoé")), "utf-8", "UTF-16")
    assert as_students(document).students[0].given_name == "Zoé"


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-15"])
def test_without_declaration_the_first_accent_tells_the_encoding(encoding: str) -> None:
    # The accent stands beyond the first chunk of 64 kB.
    text = students_text(*[eleve(str(number)) for number in range(2, 402)], eleve(PRENOM="Cœlia"))
    assert as_students(text.encode(encoding)).students[-1].given_name == "Cœlia"


def test_an_accent_cut_by_the_end_of_a_chunk_stays_whole() -> None:
    for padding in range(65_536 - 700, 65_536 - 200):
        text = students_text(eleve(PRENOM="Cœé")).replace("<BEE", f"<!--{'x' * (padding % 8)}-->{' ' * padding}<BEE", 1)
        if 65_520 < text.encode().find("œ".encode()) < 65_540:
            assert as_students(text.encode()).students[0].given_name == "Cœé"


@pytest.mark.parametrize("declared", ["klingon", "utf-7", "cp037", "base64", "idna", "x" * 40])
def test_an_unknown_encoding_is_refused_by_name(declared: str) -> None:
    with pytest.raises(EncodingUnknown) as refusal:
        read_siecle(encoded(students_text(eleve()), "ascii", declared))
    assert refusal.value.parameters["encoding"] == declared


def test_bytes_outside_the_declared_encoding_are_refused_with_their_line() -> None:
    document = encoded(students_text(eleve(PRENOM="Zoé")), "iso-8859-15", "UTF-8")
    with pytest.raises(EncodingBroken) as refusal:
        read_siecle(document)
    assert refusal.value.line == 14


def test_utf_16_cut_in_the_middle_of_a_character_is_refused() -> None:
    with pytest.raises(FileRefused):
        read_siecle(students_text(eleve()).encode("utf-16") + b"\xd8")


@pytest.mark.parametrize(
    ("broken", "line"),
    [("</PRENON>", 14), ("</PRENOM", 15), ("</PRENOM><PRENOM>", 19), ("</PRENOM><a b='1' b='2'/>", 14)],
)
def test_X13_a_typing_error_in_a_tag_is_refused_with_its_line(broken: str, line: int) -> None:
    with pytest.raises(NotWellFormed) as refusal:
        read_siecle(encoded(students_text(eleve()).replace("</PRENOM>", broken)))
    assert refusal.value.line == line
    assert str(refusal.value) == f"not_well_formed (line {line})"


def test_X13_a_declaration_on_several_lines_counts_as_such() -> None:
    document = students_document(eleve(PRENOM=".")).replace(b"<?xml ", b"<?xml\n\n")
    assert [problem.line for problem in as_students(document).problems] == [13]


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_X13_a_truncated_document_is_refused_with_its_line(kept: float) -> None:
    document = students_document()
    with pytest.raises(NotWellFormed) as refusal:
        read_siecle(document[: int(len(document) * kept)])
    assert refusal.value.line is not None


def test_X13_two_documents_in_a_row_are_refused() -> None:
    with pytest.raises(NotWellFormed):
        read_siecle(students_document() * 2)


def test_X13_lines_are_right_beyond_65535_of_them() -> None:
    padding = "\n" * 70_000
    read = as_students(encoded(students_text(eleve(PRENOM=".")).replace("    <ELEVES>", padding + "    <ELEVES>")))
    assert [problem.line for problem in read.problems] == [11 + 70_000]


@pytest.mark.parametrize("reference", ["&#0;", "&#xD83D;", "&#xFFFE;", "&#8;"])
def test_X13_a_character_that_xml_cannot_hold_is_refused(reference: str) -> None:
    with pytest.raises(CharacterForbidden) as refusal:
        read_siecle(students_document().replace(b"Alice", reference.encode()))
    assert refusal.value.line == 14


def test_X15_a_default_namespace_changes_nothing() -> None:
    text = students_text(eleve()).replace("<BEE_ELEVES", '<BEE_ELEVES xmlns="urn:siecle"')
    assert as_students(encoded(text)).students == read_students(eleve()).students


def test_X15_a_prefix_changes_nothing() -> None:
    text = students_text(eleve(raw="<SCOLARITE_AN_DERNIER><CODE_RNE>0670081Z</CODE_RNE></SCOLARITE_AN_DERNIER>"))
    prefixed = text.replace("</", "</bee:").replace("<", "<bee:").replace("<bee:/bee:", "</bee:")
    prefixed = prefixed.replace("<bee:BEE_ELEVES", '<bee:BEE_ELEVES xmlns:bee="urn:siecle"')
    assert as_students(encoded(prefixed)).students == as_students(encoded(text)).students


def test_X19_cdata_comments_and_instructions_inside_values_are_normalised() -> None:
    document = (
        students_document()
        .replace(b"Alice", b"Al<!-- x --><![CDATA[i]]>c<?pi y?>e")
        .replace(b"MARCHAND", b"<![CDATA[D'ARBOIS & FILS]]>")
    )
    read = as_students(document)
    assert (read.students[0].family_name, read.students[0].given_name) == ("D'ARBOIS & FILS", "Alice")


def test_sections_may_come_in_any_order() -> None:
    text = students_text(eleve())
    head, rest = text.split("    <ELEVES>", 1)
    eleves, rest = rest.split("    <STRUCTURES>", 1)
    structures, tail = rest.split("  </DONNEES>", 1)
    reordered = f"{head}<STRUCTURES>{structures}<ELEVES>{eleves}</DONNEES>{tail}"
    parameters = reordered[reordered.index("  <PARAMETRES>") : reordered.index("  <DONNEES>")]
    last = reordered.replace(parameters, "").replace("</BEE_ELEVES>", parameters + "</BEE_ELEVES>")
    for other in (reordered, last):
        read = as_students(encoded(other))
        assert (read.students, read.header) == (read_students(eleve()).students, read_students(eleve()).header)


def test_unwanted_sections_and_fields_are_never_kept() -> None:
    secret = "<CODE_PAYS_NAT>SECRET</CODE_PAYS_NAT><CODE_PROFESSION>SECRET</CODE_PROFESSION>"
    text = students_text(eleve(raw=secret)).replace(
        "    <STRUCTURES>",
        "    <ADRESSES><ADRESSE><LIGNE1_ADRESSE>SECRET</LIGNE1_ADRESSE></ADRESSE></ADRESSES><STRUCTURES>",
    )
    read = as_students(encoded(text))
    assert "SECRET" not in str([[getattr(s, name) for name in s.__slots__] for s in read.students])


@pytest.mark.parametrize("root", ["BEE_STRUCTURES", "BEE_NOMENCLATURES", "IMPORT_ELEVES", "html", "a" * 1000])
def test_a_document_of_another_kind_is_refused_by_its_name(root: str) -> None:
    with pytest.raises(UnknownDocument) as refusal:
        read_siecle(f"<{root}></{root}>".encode())
    assert refusal.value.parameters["root"] == root[:40]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    # Addresses make a file ten times larger without a student more.
    address = "<ADRESSE><LIGNE1_ADRESSE>1 rue des Mirabelliers</LIGNE1_ADRESSE></ADRESSE>" * 1000
    text = students_text(eleve()).encode()
    opening, closing = text[: text.index(b"<STRUCTURES>")], text[text.index(b"<STRUCTURES>") :]
    pieces = [opening, b"<ADRESSES>", *[address.encode()] * 500, b"</ADRESSES>", closing]
    path = written(tmp_path / "large.xml", lambda: pieces)
    assert 30 * MEGABYTE < path.stat().st_size < guard.LARGEST_DOCUMENT
    code, _, megabytes = measured(path)
    assert code == "read"
    assert megabytes < 12
    assert isinstance(read_siecle(path), StudentFile)
