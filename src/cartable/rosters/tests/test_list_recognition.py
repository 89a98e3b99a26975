"""One entrance for all lists: the kind follows from the content, and what belongs together is joined."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from cartable.rosters.formats.recognition import FileRefused, claimed, is_delivery, read_list, sentence
from cartable.rosters.formats.records import GuardianFile, Kind, ListPart, StudentFile
from cartable.rosters.formats.refusals import (
    ArchiveKindRefused,
    ArchiveWithoutXml,
    EmptyFile,
    NotWellFormed,
    NotXml,
    SameKindTwice,
    SeveralXml,
    TableNeedsMapping,
    TooManyFiles,
    UnknownDocument,
    WrongSchool,
    WrongSchoolYear,
)
from cartable.rosters.formats.siecle import read_siecle
from cartable.rosters.tests.format_documents import (
    OTHER_UAI,
    aaf_files,
    aaf_sources,
    division,
    fregata_inscription,
    import_eleves_document,
    json_document,
    mef,
    nomenclatures_document,
    private_student,
    structures_document,
    sygne_student,
)
from cartable.rosters.tests.siecle_documents import (
    HEADER,
    UAI,
    eleve,
    guardians_document,
    personne,
    responsable,
    students_document,
    students_text,
    zipped,
)

STUDENTS = students_document()
GUARDIANS = guardians_document(personne(), responsable())
DOCUMENTS: dict[Kind, bytes] = {
    "BEE_ELEVES": STUDENTS,
    "BEE_RESPONSABLES": GUARDIANS,
    "BEE_STRUCTURES": structures_document(division()),
    "BEE_NOMENCLATURES": nomenclatures_document(mef()),
    "IMPORT_ELEVES": import_eleves_document(private_student()),
    "SYGNE": json_document([sygne_student()]),
    "FREGATA": json_document([fregata_inscription()]),
    "AAF": zipped(aaf_files()),
}


def kinds(parts: tuple[ListPart, ...]) -> list[str]:
    return [part.header.kind for part in parts]


@pytest.mark.parametrize("kind", DOCUMENTS)
@pytest.mark.parametrize("name", ["liste.xml", "liste.zip", "liste.json", "photo.png", "liste"])
def test_X27_the_content_tells_the_kind_and_the_name_does_not(kind: Kind, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(DOCUMENTS[kind])
    assert set(kinds(read_list(path))) == {kind}
    assert read_list(str(path)) == read_list(path) == read_list(DOCUMENTS[kind]) == read_list([path])
    if kind != "AAF":
        path.write_bytes(zipped({"liste.dat": DOCUMENTS[kind]}))
        assert read_list(path) == read_list(DOCUMENTS[kind])


@pytest.mark.parametrize("document", [STUDENTS, GUARDIANS])
def test_the_lists_of_siecle_read_as_ever(document: bytes) -> None:
    assert read_list(document) == (read_siecle(document),)


def test_files_of_one_lycee_are_joined_in_the_order_of_use() -> None:
    sources = [GUARDIANS, STUDENTS, DOCUMENTS["BEE_STRUCTURES"], DOCUMENTS["BEE_NOMENCLATURES"]]
    expected = ["BEE_NOMENCLATURES", "BEE_STRUCTURES", "BEE_ELEVES", "BEE_RESPONSABLES"]
    assert kinds(read_list(sources)) == kinds(read_list(sources[::-1])) == expected
    assert kinds(read_list(tuple(sources))) == expected


def test_lycees_stay_apart() -> None:
    other = STUDENTS.replace(UAI.encode(), OTHER_UAI.encode())
    parts = read_list([other, GUARDIANS, STUDENTS])
    assert [(part.header.uai, type(part)) for part in parts] == [
        (UAI, StudentFile), (UAI, GuardianFile), (OTHER_UAI, StudentFile),
    ]  # fmt: skip


def test_two_lists_of_one_lycee_are_refused_by_name() -> None:
    for second in (students_document(eleve(PRENOM="Bilal")), DOCUMENTS["SYGNE"], DOCUMENTS["IMPORT_ELEVES"]):
        with pytest.raises(SameKindTwice) as refusal:
            read_list([STUDENTS, second])
        assert UAI in sentence(refusal.value)
    with pytest.raises(SameKindTwice):
        read_list([*aaf_sources(), STUDENTS])


def test_X25_two_lists_in_one_zip_are_refused_unless_all_are_of_one_delivery() -> None:
    for pair in (
        {"a.xml": STUDENTS, "b.xml": GUARDIANS},
        {"a.xml": STUDENTS, "b.xml": STUDENTS},
        {**aaf_files(), "x.xml": STUDENTS},
        {"a.xml": STUDENTS, "b.xml": b"<broken"},
        {"a.xml": b"<a>", "b.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><a/>"},
    ):
        with pytest.raises(SeveralXml) as refusal:
            read_list(zipped(pair))
        assert refusal.value.parameters["count"] == len(pair)


@pytest.mark.parametrize("root", ["BEE_COMMUN", "ENT", "html", "eleves", "a" * 1000])
def test_a_document_of_another_kind_is_refused_by_its_name_with_a_remedy(root: str) -> None:
    with pytest.raises(UnknownDocument) as refusal:
        read_list(f"<{root}></{root}>".encode())
    assert f"« {root[:40]} »" in sentence(refusal.value)
    assert "ElevesSansAdresses" in sentence(refusal.value)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", EmptyFile),
        (b" \n", EmptyFile),
        (zipped({}), EmptyFile),
        (b"NOM;PRENOM\nMARCHAND;Alice\n", TableNeedsMapping),
        (b"MARCHAND Alice\n", NotXml),
        (b"%PDF-1.7\n", NotXml),
        (zipped({"[Content_Types].xml": b"<Types/>"}), NotXml),
        (b"7z\xbc\xaf\x27\x1c" + bytes(100), ArchiveKindRefused),
        (zipped({"lisezmoi.txt": b"bonjour"}), ArchiveWithoutXml),
    ],
)
def test_X27_X33_a_file_that_is_no_list_is_refused(content: bytes, kind: type[FileRefused]) -> None:
    with pytest.raises(kind):
        read_list(content)
    with pytest.raises(kind) as refusal:
        read_list([STUDENTS, content])
    assert sentence(refusal.value).startswith("« 2 » : ")


def test_no_file_and_too_many_files_are_refused() -> None:
    with pytest.raises(EmptyFile):
        read_list([])
    with pytest.raises(TooManyFiles):
        read_list([STUDENTS] * 61)


def test_a_refusal_among_several_files_names_its_own(tmp_path: Path) -> None:
    broken = tmp_path / "Responsables\u202e.xml"
    broken.write_bytes(GUARDIANS[:-30])
    with pytest.raises(NotWellFormed) as refusal:
        read_list([STUDENTS, broken])
    assert sentence(refusal.value).startswith("« Responsables.xml » : Ligne ")
    with pytest.raises(NotWellFormed) as refusal:
        read_list(broken)
    assert sentence(refusal.value).startswith("Ligne ")


def test_a_file_that_an_upload_holds_open_is_named_as_its_sender_named_it() -> None:
    upload = io.BytesIO(b"Rar!\x1a\x07\x01\x00")
    upload.name = "Elèves 2026.zip"  # type: ignore[attr-defined]
    with pytest.raises(ArchiveKindRefused) as refusal:
        read_list([STUDENTS, upload])
    assert sentence(refusal.value).startswith("« Elèves 2026.zip » : C’est une archive rar")
    assert not upload.closed


def test_a_problem_among_several_files_names_its_own(tmp_path: Path) -> None:
    path = tmp_path / "Eleves.xml"
    path.write_bytes(students_document(eleve(PRENOM=".")))
    students, _guardians = read_list([path, GUARDIANS])
    assert sentence(students.problems[0]).startswith("« Eleves.xml » : Ligne 11 : le prénom manque")


def test_X11_a_byte_order_mark_that_disagrees_warns_here_too() -> None:
    document = b"\xef\xbb\xbf" + STUDENTS
    (part,) = read_list(document)
    assert [problem.code for problem in part.problems] == ["bom_disagrees"]


@pytest.mark.parametrize(
    ("field", "length"), [("CODE_MEF", 11), ("CODE_STATUT", 4), ("CODE_MOTIF_SORTIE", 4), ("DIVISION", 20)]
)
def test_no_value_is_longer_than_the_table_that_keeps_it(field: str, length: int) -> None:
    text = students_text(eleve(**({} if field == "DIVISION" else {field: "9" * 30})))
    (part,) = read_list(text.replace("2DE 7", "X" * 30).encode())
    assert isinstance(part, StudentFile)
    (student,) = part.students
    values = {
        "CODE_MEF": student.mef,
        "CODE_STATUT": student.status,
        "CODE_MOTIF_SORTIE": student.exit_reason,
        "DIVISION": student.division or "",
    }
    assert len(values[field]) == length
    assert student.level is None or field != "CODE_MEF"


def test_a_list_that_does_not_say_whose_it_is_takes_it_from_its_sender() -> None:
    unsaid = fregata_inscription(anneeScolaireId=None, sectionReference={"codeMef": "27621407310"})
    (part,) = read_list(json_document([unsaid]))
    assert (part.header.uai, part.header.school_year) == ("", 0)
    claim = claimed(part, uai=UAI.lower(), school_year=2026)
    assert (claim.header.uai, claim.header.school_year) == (UAI, 2026)
    for delivered in read_list(aaf_sources()):
        assert claimed(delivered, uai=UAI, school_year=2026).header.school_year == 2026
        with pytest.raises(WrongSchool):
            claimed(delivered, uai=OTHER_UAI, school_year=2026)
    for told in (STUDENTS, DOCUMENTS["SYGNE"], DOCUMENTS["FREGATA"]):
        with pytest.raises(WrongSchoolYear):
            claimed(read_list(told)[0], uai=UAI, school_year=2027)


def test_a_delivery_in_one_zip_is_told_from_every_other_file() -> None:
    assert is_delivery(DOCUMENTS["AAF"])
    others = [DOCUMENTS[kind] for kind in DOCUMENTS if kind != "AAF"]
    for source in (*others, zipped({"a.xml": STUDENTS, "b.xml": GUARDIANS}), zipped({"a.zip": STUDENTS}), b"", b"PK"):
        assert not is_delivery(source)
    assert not is_delivery(zipped({**aaf_files(), "x.xml": STUDENTS}))
    assert not is_delivery(aaf_sources()[0])


def test_a_list_without_header_is_refused() -> None:
    with pytest.raises(FileRefused):
        read_list(STUDENTS.replace(HEADER.encode(), b""))


def test_the_readers_load_without_django() -> None:
    program = "import sys, cartable.rosters.formats.recognition; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
