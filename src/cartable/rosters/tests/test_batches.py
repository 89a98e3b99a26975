"""The lists of many lycées at once: each is read and applied on its own, whatever became of the others."""

import io
import json
import os
import zipfile
from datetime import date
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from cartable.conftest import Cast
from cartable.documents.models import StoredFile
from cartable.kernel.school_year import SchoolYear
from cartable.rosters.commands import batches
from cartable.rosters.commands.batches import BatchIdReused, SentFile, receive_files
from cartable.rosters.formats.refusals import ArchiveEncrypted, ArchiveTooManyEntries
from cartable.rosters.formats.region_archive import MOST_MEMBERS, is_region_archive, members
from cartable.rosters.formats.siecle import FileRefused
from cartable.rosters.models import FileImport, FileState, RosterFile, RosterImport, Student
from cartable.simulation.aaf_xml import write_feed
from cartable.simulation.invented_students import invented_students

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 13)


def list_of(uai: str, *names: str, year: int = 2026) -> bytes:
    """Write a small ElevesSansAdresses."""
    students = "".join(
        f'<ELEVE ELEVE_ID="{place}"><NOM_DE_FAMILLE>{name}</NOM_DE_FAMILLE><PRENOM>Léa</PRENOM>'
        f"<DATE_NAISS>05/04/2011</DATE_NAISS><CODE_STATUT>ST</CODE_STATUT><CODE_MEF>20010015110</CODE_MEF></ELEVE>"
        for place, name in enumerate(names, start=1)
    )
    return (
        '<?xml version="1.0" encoding="ISO-8859-15"?><BEE_ELEVES VERSION="3.0"><PARAMETRES>'
        f"<UAJ>{uai}</UAJ><ANNEE_SCOLAIRE>{year}</ANNEE_SCOLAIRE></PARAMETRES>"
        f"<DONNEES><ELEVES>{students}</ELEVES></DONNEES></BEE_ELEVES>"
    ).encode("iso8859-15")


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def receive(
    cast: Cast, *files: tuple[str, bytes], batch_id: UUID | None = None, by: int | None = None
) -> list[RosterFile]:
    return receive_files(
        batch_id=batch_id or uuid4(), region_id=cast.region.pk, school=None, first_year=2026,
        files=[SentFile(*file) for file in files], sent_at=cast.now, sent_by_id=by or cast.sonia.actor_id,
    )  # fmt: skip


def read(cast: Cast, file: RosterFile) -> RosterFile:
    return batches.read_file(file_id=file.pk, now=cast.now, today=TODAY)


def apply(cast: Cast, file: RosterFile) -> bool:
    file.refresh_from_db()
    assert file.school_id is not None
    return batches.apply_lists(
        batch_id=file.batch_id, school_id=file.school_id, applied_by_id=cast.sonia.actor_id, now=cast.now, today=TODAY
    )


@pytest.fixture
def two_lists(cast: Cast) -> dict[str, bytes]:
    return {
        "ExportXML_1.zip": zipped({"ElevesSansAdresses.xml": list_of(cast.school.uai, "Marchand")}),
        "ExportXML_2.zip": zipped({"ElevesSansAdresses.xml": list_of(cast.other_school.uai, "Diallo", "Caron")}),
    }


def test_an_archive_of_archives_is_one_list_per_lycee(cast: Cast, two_lists: dict[str, bytes]) -> None:
    files = receive(cast, ("region.zip", zipped(two_lists)))
    assert [file.name for file in files] == sorted(two_lists)
    assert {read(cast, file).school for file in files} == {cast.school, cast.other_school}
    assert all(apply(cast, file) for file in files)
    assert Student.objects.count() == 3


def test_what_was_sent_is_kept_under_seal(cast: Cast, two_lists: dict[str, bytes]) -> None:
    receive(cast, *two_lists.items())
    stored = StoredFile.objects.all()
    assert {bytes(file.ciphertext or b"")[:2] for file in stored}.isdisjoint({b"PK"})
    assert {file.erase_on for file in stored} == {date(2026, 10, 15)}


def test_one_refused_file_stops_no_other(cast: Cast) -> None:
    good, wrong = receive(
        cast, ("a.xml", list_of(cast.school.uai, "Marchand")), ("b.xml", list_of("0080006N", "Diallo"))
    )
    assert read(cast, wrong).refusal_code == "school_unknown"
    assert read(cast, good).state == FileState.READ
    assert apply(cast, good)
    assert Student.objects.count() == 1


def test_a_refused_file_says_why_with_its_line_and_stays_until_it_is_settled(cast: Cast) -> None:
    (file,) = receive(cast, ("a.xml", b"<BEE_ELEVES>\n<PARAMETRES>\n</PARAMETRE></BEE_ELEVES>"))
    file = read(cast, file)
    assert (file.state, file.refusal_code, file.refusal_line) == (FileState.REFUSED, "not_well_formed", 3)
    batches.settle_file(file_id=file.pk, settled_at=cast.now, settled_by_id=cast.sonia.actor_id)
    file.refresh_from_db()
    assert file.settled_by_id == cast.sonia.actor_id


def test_a_file_of_another_school_year_is_refused_by_name(cast: Cast) -> None:
    (file,) = receive(cast, ("a.xml", list_of(cast.school.uai, "Marchand", year=2025)))
    file = read(cast, file)
    assert (file.refusal_code, file.refusal_details) == (
        "wrong_school_year", {"received": "2025-2026", "expected": "2026-2027"},
    )  # fmt: skip


def test_the_same_file_again_leads_to_the_same_import(cast: Cast) -> None:
    content = list_of(cast.school.uai, "Marchand")
    (first,) = receive(cast, ("a.xml", content))
    read(cast, first)
    (again,) = receive(cast, ("b.xml", content))
    assert read(cast, again).state == FileState.KNOWN
    assert RosterImport.objects.count() == 1
    assert apply(cast, again)
    assert not apply(cast, first)
    assert Student.objects.count() == 1


def test_the_same_bytes_twice_in_a_batch_are_one_file(cast: Cast) -> None:
    batch_id, content = uuid4(), list_of(cast.school.uai, "Marchand")
    assert len(receive(cast, ("a.xml", content), ("b.xml", content), batch_id=batch_id)) == 1
    assert receive(cast, ("a.xml", content), batch_id=batch_id) == []


def test_a_batch_is_of_whoever_began_it(cast: Cast) -> None:
    batch_id = uuid4()
    receive(cast, ("a.xml", list_of(cast.school.uai, "Marchand")), batch_id=batch_id)
    with pytest.raises(BatchIdReused):
        receive(cast, ("b.xml", b"x"), batch_id=batch_id, by=cast.durand.actor_id)


def test_reading_twice_is_reading_once(cast: Cast) -> None:
    (file,) = receive(cast, ("a.xml", list_of(cast.school.uai, "Marchand")))
    for _time in range(2):
        assert read(cast, file).state == FileState.READ
    assert RosterImport.objects.count() == 1


def test_the_worker_reads_and_applies_what_it_was_handed(cast: Cast) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    files = receive(cast, ("a.xml", list_of(cast.school.uai, "Marchand")))
    batches.ask_for_reading(files)
    read(cast, files[0])
    assert batches.ask_for_applying(batch_id=files[0].batch_id, asked_by_id=cast.sonia.actor_id) == 1
    assert set(ProcrastinateJob.objects.values_list("task_name", flat=True)) == {
        "rosters.read_file", "rosters.apply_lists",
    }  # fmt: skip


def test_a_lycee_that_would_lose_too_many_waits_for_a_second_person(cast: Cast) -> None:
    (file,) = receive(cast, ("a.xml", list_of(cast.school.uai, *(f"Élève {n}" for n in range(20)))))
    read(cast, file)
    apply(cast, file)
    (cut,) = receive(cast, ("b.xml", list_of(cast.school.uai, "Élève 0")))
    read(cast, cut)
    assert batches.ask_for_applying(batch_id=cut.batch_id, asked_by_id=cast.sonia.actor_id) == 0
    assert not apply(cast, cut)
    assert FileImport.objects.get(file=cut).refusal_code == "second_person_needed"


def test_an_archive_with_more_members_than_a_region_has_lists_is_refused(cast: Cast) -> None:
    packed = zipped({f"{n}.xml": b"<a/>" for n in range(MOST_MEMBERS + 1)})
    with pytest.raises(ArchiveTooManyEntries):
        receive(cast, ("region.zip", packed))
    assert not RosterFile.objects.exists()


def test_a_lycees_own_zip_is_no_region_archive() -> None:
    assert not is_region_archive(zipped({"ElevesSansAdresses.xml": b"<BEE_ELEVES/>"}))
    assert not is_region_archive(b"PK\x03\x04 cut")
    assert not is_region_archive(zipped({"[Content_Types].xml": b"", "xl/sheet.xml": b"", "a.xml": b""}))


def test_an_encrypted_region_archive_is_refused() -> None:
    packed = bytearray(zipped({"a.zip": b"PK", "b.zip": b"PK"}))
    at = packed.rfind(b"PK\x01\x02")
    packed[at + 8] |= 1
    with pytest.raises(ArchiveEncrypted):
        list(members(bytes(packed)))


def test_a_cut_region_archive_is_refused(two_lists: dict[str, bytes]) -> None:
    packed = zipped(two_lists)
    with pytest.raises(FileRefused):
        list(members(packed[: len(packed) // 2]))


def test_the_terminal_takes_a_region_archive_and_tells_lycee_by_lycee(
    cast: Cast, two_lists: dict[str, bytes], tmp_path: Path
) -> None:
    path = tmp_path / "region.zip"
    path.write_bytes(zipped(two_lists))
    out = io.StringIO()
    call_command("roster", "import", str(path), "--year", "2026", "--apply", "--json", stdout=out)
    reports = json.loads(out.getvalue())["files"]
    assert [(report["file"], report["applied"], report["counts"]["arrival"]) for report in reports] == [
        ("ExportXML_1.zip", True, 1), ("ExportXML_2.zip", True, 2),
    ]  # fmt: skip


def test_the_terminal_applies_what_was_previewed_before(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(list_of(cast.school.uai, "Marchand"))
    call_command("roster", "import", str(path), "--year", "2026", stdout=io.StringIO())
    assert Student.objects.count() == 0
    call_command("roster", "import", str(path), "--year", "2026", "--apply", stdout=io.StringIO())
    assert Student.objects.count() == 1


def test_a_watched_folder_sorts_what_arrives_into_read_and_refused(cast: Cast, tmp_path: Path) -> None:
    good, bad, growing = tmp_path / "good.xml", tmp_path / "bad.xml", tmp_path / "growing.xml"
    good.write_bytes(list_of(cast.school.uai, "Marchand"))
    bad.write_bytes(b"%PDF-1.4")
    growing.write_bytes(b"<BEE")
    for path in (good, bad):
        os.utime(path, (1, 1))
    call_command("roster", "watch", str(tmp_path), "--once", "--year", "2026", "--apply", stdout=io.StringIO())
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.xml")} == {
        "read/good.xml", "refused/bad.xml", "growing.xml",
    }  # fmt: skip
    assert Student.objects.count() == 1


def test_a_folder_that_is_not_there_is_told_without_a_traceback(cast: Cast) -> None:
    with pytest.raises(CommandError, match="no such folder"):
        call_command("roster", "watch", "/nowhere/at/all", "--once")


# --- the page


@pytest.fixture
def sonia(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.sonia, backend="django.contrib.auth.backends.ModelBackend")
    return client


def drop(client: Client, *files: tuple[str, bytes]) -> str:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    answer = client.post("/listes/region/", {"batch": str(uuid4()), "sent": sent})
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return str(answer["Location"])


def current_list(uai: str, *names: str) -> bytes:
    return list_of(uai, *names, year=SchoolYear.containing(timezone.localdate()).first_year)


def work_off(cast: Cast) -> None:
    """Do what the worker would do."""
    for file in RosterFile.objects.filter(state=FileState.WAITING):
        batches.read_file(file_id=file.pk, now=cast.now, today=timezone.localdate())


def test_the_region_drops_files_and_reads_the_difference_of_each_lycee(cast: Cast, sonia: Client) -> None:
    page = drop(
        sonia, ("a.xml", current_list(cast.school.uai, "Marchand")),
        ("b.xml", current_list(cast.other_school.uai, "Diallo")), ("c.pdf", b"%PDF-1.4"),
    )  # fmt: skip
    assert "0 fichiers lus sur 3" in sonia.get(page).content.decode()
    work_off(cast)
    text = sonia.get(page).content.decode()
    assert "3 fichiers lus" in text
    assert cast.school.name in text
    assert "Appliquer 2 listes" in text
    assert "Fichier refusé" in text


def test_the_page_asks_again_only_while_files_wait(cast: Cast, sonia: Client) -> None:
    page = drop(sonia, ("a.xml", current_list(cast.school.uai, "Marchand")))
    assert "every 2s" in sonia.get(page, headers={"HX-Request": "true"}).content.decode()
    work_off(cast)
    fragment = sonia.get(page, headers={"HX-Request": "true"}).content.decode()
    assert "every 2s" not in fragment
    assert "<html" not in fragment


def test_a_refused_file_is_put_aside_with_one_click(cast: Cast, sonia: Client) -> None:
    page = drop(sonia, ("c.pdf", b"%PDF-1.4"))
    work_off(cast)
    sonia.post(f"/listes/region/fichier/{RosterFile.objects.get().pk}/ecarter/")
    assert "Fichier refusé" not in sonia.get(page).content.decode()


def test_files_without_any_file_are_asked_for(cast: Cast, sonia: Client) -> None:
    assert sonia.post("/listes/region/", {"batch": str(uuid4())}).status_code == 422


def test_the_files_of_somebody_elses_batch_are_not_mixed_with_it(cast: Cast, sonia: Client) -> None:
    (file,) = receive(cast, ("a.xml", b"<a/>"), by=cast.meyer.actor_id)
    sent = SimpleUploadedFile("b.xml", b"<b/>")
    answer = sonia.post("/listes/region/", {"batch": str(file.batch_id), "sent": [sent]})
    assert answer.status_code == 422


def test_what_a_rectorat_delivers_for_many_lycees_is_one_list_per_lycee(cast: Cast, tmp_path: Path) -> None:
    """AAF: several files per lycée, in one archive, that say something only together."""
    for place, school in enumerate((cast.school, cast.other_school)):
        people = list(invented_students(Random(place), uai=school.uai, school_year=2026, count=12, form="LEGT"))
        write_feed(tmp_path, uai=school.uai, exported_on=date(2026, 9, 13), students=people, guardians=[], links=[])
    packed = zipped({path.name: path.read_bytes() for path in tmp_path.iterdir()})
    files = receive(cast, ("aaf.zip", packed))
    assert [file.name for file in files] == [
        f"ENT_{uai}.zip" for uai in sorted((cast.school.uai, cast.other_school.uai))
    ]
    for file in files:
        read_one = read(cast, file)
        assert (read_one.state, read_one.refusal_code) == (FileState.READ, "")
    assert all(apply(cast, file) for file in files)
    assert Student.objects.values("custodian__school").distinct().count() == 2
    assert receive(cast, ("again.zip", packed), batch_id=files[0].batch_id) == []
