"""Whatever arrives, as bytes or as a list with odd values, each reader answers with parts or a named refusal."""

from __future__ import annotations

import json
import random
import tracemalloc
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from cartable.rosters.formats.recognition import FileRefused, read_list, sentence
from cartable.rosters.formats.records import StudentFile
from cartable.rosters.tests.format_documents import (
    aaf_document,
    aaf_files,
    aaf_mef,
    aaf_person,
    aaf_school,
    aaf_student,
    division,
    fregata_inscription,
    import_eleves_document,
    json_document,
    mef,
    nomenclatures_document,
    private_link,
    private_person,
    private_student,
    structures_document,
    sygne_student,
)
from cartable.rosters.tests.siecle_documents import zipped
from cartable.rosters.tests.test_siecle_fuzz import GUARDIANS, STUDENTS, mutated

AAF = aaf_document(aaf_school(), aaf_mef(), aaf_student(), aaf_student("748221", givenName="Bilal"), aaf_person())
SYGNE = json_document([sygne_student(), sygne_student(prenom="Bilal", ine=None)])
FREGATA = json_document({"rne": "0670080Y", "inscriptions": [fregata_inscription(), fregata_inscription(id=2)]})
IMPORT = import_eleves_document(private_student(), private_student("18", private_link("CONTACT"), PRENOM="Bilal"))
STRUCTURES = structures_document(division("2DE 7", "20010018110"), division("2DE 8"))
NOMENCLATURES = nomenclatures_document(mef(), mef("2472340M11A", "23811101110"))
CSV = "Nom;Prénom;Né(e) le;Classe;INE\nMARCHAND;Alice;29/02/2008;2DE7;070832327JA\nDIALLO;Bilal;01/02/2009;2DE8;\n".encode()
DOCUMENTS = (AAF, SYGNE, FREGATA, IMPORT, STRUCTURES, NOMENCLATURES, STUDENTS, GUARDIANS, CSV)
SEEDS = (*DOCUMENTS, zipped(aaf_files()), zipped({"a.json": SYGNE}), zipped({"liste.csv": CSV}))
# A file of some kB: what reads it must stay far below.
MOST_MEMORY = 8 * 2**20


def read_or_refused(source: bytes | list[bytes]) -> None:
    """Any other exception, of a reader or of a sentence, fails the test; so does a value that no table can hold."""
    try:
        parts = read_list(source)
    except FileRefused as refusal:
        sentence(refusal)
        return
    for part in parts:
        for problem in part.problems:
            sentence(problem)
            json.dumps(dict(problem.parameters)).encode()
            assert "\\u0000" not in json.dumps(dict(problem.parameters))
        if isinstance(part, StudentFile):
            assert part.record_count == len(part.students) + len(part.queued) + part.refused_count
            keys = [student.eleve_id for student in part.students if student.eleve_id]
            assert len(keys) == len(set(keys))
            for student in (*part.students, *part.queued):
                told = [getattr(student, name) for name in student.__slots__]
                text = "".join(value for value in told if isinstance(value, str))
                assert "\0" not in text
                text.encode()
                assert len(student.eleve_id) <= 20
                assert len(student.division or "") <= 20
                assert len(student.mef) <= 11


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from((b"[", b"{", b'[{"apprenant":', b"<ficAlimMENESR>", b"<IMPORT_ELEVES>")), st.binary(max_size=300)
)
def test_random_bytes_after_a_true_beginning_are_read_or_refused_by_name(beginning: bytes, content: bytes) -> None:
    read_or_refused(beginning + content)


@settings(deadline=None, max_examples=1000)
@given(st.sampled_from(SEEDS), st.integers(0, 2**32))
def test_mutated_files_are_read_or_refused_by_name(content: bytes, seed: int) -> None:
    read_or_refused(mutated(content, random.Random(seed)))


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(SEEDS), st.integers(0, 2**32)), min_size=2, max_size=4))
def test_mutated_files_together_are_read_or_refused_by_name(chosen: list[tuple[bytes, int]]) -> None:
    read_or_refused([content if seed % 2 else mutated(content, random.Random(seed)) for content, seed in chosen])


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PATHS = [(name,) for name in sygne_student()] + [("scolarite",)]
FREGATA_PATHS = [(name,) for name in fregata_inscription()] + [
    ("apprenant", "nomUsuel"), ("apprenant", "ine"), ("apprenant", "dateNaissance"), ("apprenant", "id"),
    ("division", "code"), ("sectionReference", "codeMef"), ("sectionReference", "codeUai"), ("statutApprenant", "code"),
]  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(PATHS), ANYTHING)
def test_any_value_in_any_field_of_sygne_is_read_or_refused_by_name(path: tuple[str, ...], value: object) -> None:
    read_or_refused(json.dumps([sygne_student(), sygne_student(**{path[0]: value})]).encode())


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(FREGATA_PATHS), ANYTHING)
def test_any_value_in_any_field_of_fregata_is_read_or_refused_by_name(path: tuple[str, ...], value: object) -> None:
    record = fregata_inscription()
    owner = record
    for name in path[:-1]:
        owner = owner[name]  # type: ignore[assignment]
    owner[path[-1]] = value
    read_or_refused(json.dumps({"inscriptions": [fregata_inscription(id=1), record], "rne": value}).encode())


@settings(deadline=None, max_examples=150)
@given(ANYTHING)
def test_any_json_is_read_or_refused_by_name(value: object) -> None:
    read_or_refused(json.dumps(value).encode())


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
AAF_FIELDS = [
    "sn", "givenName", "ENTPersonDateNaissance", "ENTEleveINE", "ENTEleveMEF", "ENTEleveClasses", "ENTPersonStructRattach",
    "ENTElevePersRelEleve", "ENTEleveStatutEleve", "ENTPersonJointure",
]  # fmt: skip
PRIVATE_FIELDS = ["ID_PRV_ELE", "NOM_DE_FAMILLE", "PRENOM", "DATE_NAISS", "DATE_SORTIE", "ID_NATIONAL"]


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(AAF_FIELDS), st.lists(TEXTS, max_size=3))
def test_any_text_in_any_field_of_aaf_is_read_or_refused_by_name(field: str, texts: list[str]) -> None:
    changed = aaf_student("748299", **{field: texts})
    read_or_refused(aaf_document(aaf_school(), aaf_student(), changed, aaf_person()))


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(PRIVATE_FIELDS), TEXTS)
def test_any_text_in_any_field_of_import_eleves_is_read_or_refused_by_name(field: str, text: str) -> None:
    marked = import_eleves_document(private_student(**{field: "FAULT"}), persons=private_person(EMAIL="FAULT"))
    read_or_refused(filled(marked, text))


@settings(deadline=None, max_examples=150)
@given(st.sampled_from((structures_document(division("FAULT", "FAULT", LIBELLE_LONG="FAULT", EFFECTIF_PREVU="FAULT")),
                        nomenclatures_document(mef("FAULT", "FAULT", LIBELLE_LONG="FAULT")))), TEXTS)  # fmt: skip
def test_any_text_in_classes_and_levels_is_read_or_refused_by_name(marked: bytes, text: str) -> None:
    read_or_refused(filled(marked, text))


def filled(marked: bytes, text: str) -> bytes:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return marked.replace(b"ISO-8859-15", b"UTF-8").decode("iso-8859-15").replace("FAULT", escaped).encode()


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(SEEDS), st.integers(0, 2**32), st.sampled_from((b"{", b"[", b"<a>", b'"', b"&#65;", b"[{")))
def test_a_small_file_never_takes_much_memory(content: bytes, seed: int, piece: bytes) -> None:
    dice = random.Random(seed)
    at = dice.randrange(len(content))
    peak = peak_of(lambda: read_or_refused(content[:at] + piece * dice.randrange(1, 20_000) + content[at:]))
    assert peak < MOST_MEMORY


def peak_of(action: Callable[[], None]) -> int:
    """Bytes that Python held at most during the action, beyond what it held before."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
