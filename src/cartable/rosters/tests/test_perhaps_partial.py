"""An AAF delivery that does not say whether it is complete is applied, and leaves nobody absent."""

import io
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from cartable.conftest import Cast
from cartable.rosters.commands.imports import preview_students
from cartable.rosters.formats.records import Header, StudentFile
from cartable.rosters.formats.records import Student as Listed
from cartable.rosters.models import FileImport, FileState, RosterImport, RosterLine, Ruling, Student
from cartable.rosters.tests.format_documents import aaf_document, aaf_school, aaf_student
from cartable.rosters.tests.test_batches import read, receive, zipped
from cartable.rosters.tests.test_decisions import line_in_review, rule
from cartable.rosters.tests.test_roster_import import TODAY, apply, listed, load, outcomes

pytestmark = pytest.mark.django_db


def partial(cast: Cast, *students: Listed) -> RosterImport:
    header = Header("AAF", cast.school.uai, 2026, None, "")
    file = StudentFile(header, students, (), (), len(students), 0, lists_everybody=False)
    return preview_students(
        school=cast.school, first_year=2026, listed=file, sha256=b"\0" * 32, now=cast.now,
        read_by_id=cast.sonia.actor_id, today=TODAY,
    )  # fmt: skip


def feed(cast: Cast, extent: str) -> dict[str, bytes]:
    """The files of one lycée, as a rectorat names them, or without the word that says what they are."""
    name = f"ENT_{cast.school.uai}{extent}_20260913_%s_0000.xml"
    return {
        name % "EtabEducNat": aaf_document(aaf_school(uai=cast.school.uai)),
        name % "Eleve": aaf_document(aaf_student()),
    }


@pytest.fixture
def known(cast: Cast) -> Student:
    load(cast, listed("1", "Marchand", "Léa"), listed("2", "Diallo", "Bilal", birth_on=date(2010, 1, 2)))
    return Student.objects.get(family_name="Marchand")


def absent(roster_import: RosterImport) -> tuple[int, int]:
    roster_import.refresh_from_db()
    lines = RosterLine.objects.filter(roster_import=roster_import, outcome="absent")
    return roster_import.counts.get("absent", 0), lines.count()


def test_whom_it_does_not_name_is_not_absent(cast: Cast, known: Student) -> None:
    newcomer = listed("3", "Petit", "Zoé", birth_on=date(2011, 7, 8))
    roster_import = partial(cast, newcomer)
    assert absent(roster_import) == (0, 0)
    apply(cast, roster_import)
    assert (absent(roster_import), outcomes(roster_import)) == ((0, 0), {"3": "arrival"})


def test_judged_again_nobody_becomes_absent(cast: Cast, known: Student) -> None:
    roster_import = partial(cast, listed("9", "Marchant", "Léa"))
    rule(cast, line_in_review(roster_import), Ruling.OTHER)
    assert absent(roster_import) == (0, 0)


def test_settled_once_applied_nobody_becomes_absent(cast: Cast, known: Student) -> None:
    roster_import = apply(cast, partial(cast, listed("9", "Marchant", "Léa")))
    rule(cast, line_in_review(roster_import), Ruling.OTHER)
    assert Student.objects.filter(family_name="Marchant").exists()
    assert absent(roster_import) == (0, 0)


def test_the_import_says_so_and_its_page_too(cast: Cast, known: Student, client: Client) -> None:
    (file,) = receive(cast, ("ENT.zip", zipped(feed(cast, ""))))
    assert read(cast, file).state == FileState.READ
    roster_import = RosterImport.objects.get(lists_everybody=False)
    assert absent(roster_import) == (0, 0)
    assert roster_import.rosterproblem_set.filter(code="aaf_perhaps_partial", severity="warn").count() == 1
    client.force_login(cast.sonia, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/listes/import/{roster_import.pk}/").content.decode()
    assert "peut-être partielle" in page


def test_sent_as_complet_those_whom_it_does_not_name_are_absent(cast: Cast, known: Student) -> None:
    (file,) = receive(cast, ("ENT.zip", zipped(feed(cast, "_Complet"))))
    read(cast, file)
    roster_import = FileImport.objects.get(file=file).roster_import
    assert (roster_import.lists_everybody, absent(roster_import)) == (True, (2, 2))


def test_the_same_zip_sent_again_under_its_own_name_is_read_anew(cast: Cast, known: Student) -> None:
    content = zipped(feed(cast, ""))
    for name in ("liste.zip", f"ENT_{cast.school.uai}_Complet_20260913.zip"):
        (file,) = receive(cast, (name, content))
        assert read(cast, file).state == FileState.READ
    (file,) = receive(cast, ("liste.zip", content))
    assert read(cast, file).state == FileState.KNOWN


def test_in_one_archive_the_files_of_a_delivery_without_the_word_stay_together(cast: Cast) -> None:
    files = receive(cast, ("region.zip", zipped({**feed(cast, ""), "Eleve_0000.xml": aaf_document(aaf_student())})))
    assert [file.name for file in files] == [f"ENT_{cast.school.uai}.zip", "AAF.zip"]
    assert read(cast, files[0]).state == FileState.READ


def test_a_delta_is_refused_by_name_on_every_road(cast: Cast, known: Student, tmp_path: Path) -> None:
    packed = zipped(feed(cast, "_Delta"))
    archive = zipped({**feed(cast, "_Delta"), "autre.zip": zipped({"a.xml": aaf_document(aaf_student())})})
    for sent in (("ENT.zip", packed), ("region.zip", archive)):
        file = next(one for one in receive(cast, sent) if one.name.startswith("ENT"))
        assert read(cast, file).refusal_code == "aaf_delta"
        file.refresh_from_db()
        assert "_Delta_" in file.refusal_details["file"]


def test_the_terminal_tells_that_a_list_may_be_partial(cast: Cast, known: Student, tmp_path: Path) -> None:
    path = tmp_path / "ENT.zip"
    path.write_bytes(zipped(feed(cast, "")))
    out = io.StringIO()
    call_command("roster", "import", str(path), "--year", "2026", stdout=out)
    assert "Complet" in out.getvalue()
    path.write_bytes(zipped(feed(cast, "_Delta")))
    with pytest.raises(CommandError):
        call_command("roster", "import", str(path), "--year", "2026", stdout=out)
    assert "_Delta_" in out.getvalue()
