"""Whatever bytes arrive, the reader answers with a file or a named refusal."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from cartable.rosters.formats.records import GuardianFile, StudentFile
from cartable.rosters.formats.siecle import FileRefused, read_siecle, sentence
from cartable.rosters.tests.siecle_documents import (
    eleve,
    guardians_document,
    personne,
    placed,
    responsable,
    students_document,
    zipped,
)

STUDENTS = students_document(
    eleve(),
    eleve("1002", PRENOM="Bilal", raw="<![CDATA[x]]>"),
    structures=placed("1001", "2DE 7") + placed("1002", "2DE"),
)
GUARDIANS = guardians_document(personne() + personne("502"), responsable() + responsable("1002", "502"))
SEEDS = (STUDENTS, GUARDIANS, zipped({"a.xml": STUDENTS}), zipped({"b.xml": GUARDIANS, "note.txt": b"x"}, 0))


def read_or_refused(content: bytes) -> None:
    """Any other exception, of the reader or of a sentence, fails the test."""
    try:
        read = read_siecle(content)
    except FileRefused as refusal:
        sentence(refusal)
        return
    assert isinstance(read, StudentFile | GuardianFile)
    for problem in read.problems:
        sentence(problem)


def mutated(content: bytes, dice: random.Random) -> bytes:
    """Bytes changed, cut out, doubled or inserted at a few places."""
    changed = bytearray(content)
    for _ in range(dice.randrange(1, 6)):
        at, length = dice.randrange(len(changed) + 1), dice.randrange(1, 40)
        match dice.randrange(4):
            case 0:
                changed[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                del changed[at : at + length]
            case 2:
                changed[at:at] = changed[at : at + length]
            case _:
                changed[at:at] = dice.choice((b"<", b">", b"&", b"]]>", b"\0", b"\xff\xfe", b"<!DOCTYPE", b"&#x1F600;"))
    return bytes(changed)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=600))
def test_random_bytes_are_read_or_refused_by_name(content: bytes) -> None:
    read_or_refused(content)


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from((b"PK\x03\x04", b"<", b"<?xml ", b"\xff\xfe<\0", b"<BEE_ELEVES>", b"PK\x05\x06")),
    st.binary(max_size=300),
)
def test_random_bytes_after_a_true_beginning_are_read_or_refused_by_name(beginning: bytes, content: bytes) -> None:
    read_or_refused(beginning + content)


@settings(deadline=None, max_examples=1500)
@given(st.sampled_from(SEEDS), st.integers(0, 2**32))
def test_mutated_files_are_read_or_refused_by_name(content: bytes, seed: int) -> None:
    read_or_refused(mutated(content, random.Random(seed)))


@settings(deadline=None, max_examples=150)
@given(
    st.text(max_size=60),
    st.sampled_from(["PRENOM", "NOM_DE_FAMILLE", "DATE_NAISS", "ID_NATIONAL", "CODE_MEF", "DATE_SORTIE"]),
)
def test_any_text_in_any_field_is_read_or_refused_by_name(text: str, tag: str) -> None:
    document = students_document(eleve(**{tag: "FAULT"})).decode("iso-8859-15").replace("ISO-8859-15", "UTF-8")
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    read_or_refused(document.replace("FAULT", escaped).encode("utf-8", errors="surrogatepass"))
