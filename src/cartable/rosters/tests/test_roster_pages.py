"""A list from the page and from the terminal: the same difference, the same effect."""

import io
import json
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from cartable.conftest import Cast
from cartable.kernel.school_year import SchoolYear
from cartable.rosters.models import Guardian, RosterImport, Student
from cartable.simulation.siecle_files import SchoolFiles, write_school_files


@pytest.fixture
def files(cast: Cast, tmp_path: Path) -> SchoolFiles:
    today = timezone.localdate()
    year = SchoolYear.containing(today).first_year
    return write_school_files(tmp_path, uai=cast.school.uai, school_year=year, student_count=60, seed=3, today=today)


@pytest.fixture
def head(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.durand, backend="django.contrib.auth.backends.ModelBackend")
    return client


def upload(client: Client, cast: Cast, path: Path) -> str:
    file = SimpleUploadedFile(path.name, path.read_bytes())
    answer = client.post(f"/listes/{cast.school.uai}/", {"file": file})
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return str(answer["Location"])


def test_a_head_loads_reads_and_applies_both_files(cast: Cast, files: SchoolFiles, head: Client) -> None:
    for path in (files.students_path, files.guardians_path):
        page = upload(head, cast, path)
        assert head.get(page).status_code == 200
        assert head.post(f"{page}appliquer/").status_code == 302
    assert RosterImport.objects.filter(state="applied").count() == 2
    assert Student.objects.count() > 50
    assert Guardian.objects.filter(is_legal=True).exists()


def test_guardians_again_change_nothing(cast: Cast, files: SchoolFiles, head: Client) -> None:
    for path in (files.students_path, files.guardians_path, files.guardians_path):
        head.post(f"{upload(head, cast, path)}appliquer/")
    before = Guardian.objects.count()
    last = RosterImport.objects.latest("read_at")
    assert last.counts["new_guardians"] == 0
    assert Guardian.objects.count() == before


def test_a_broken_file_is_refused_in_words_and_nothing_is_kept(cast: Cast, head: Client) -> None:
    file = SimpleUploadedFile("ElevesSansAdresses.xml", b"<BEE_ELEVES><oops></BEE_ELEVES>")
    answer = head.post(f"/listes/{cast.school.uai}/", {"file": file})
    assert answer.status_code == 422
    assert "mal formé" in answer.content.decode()
    assert RosterImport.objects.count() == 0


def test_P27_the_file_of_another_school_is_refused(cast: Cast, files: SchoolFiles) -> None:
    zoe = Client()
    zoe.force_login(cast.zoe, backend="django.contrib.auth.backends.ModelBackend")
    file = SimpleUploadedFile("a.zip", files.students_path.read_bytes())
    answer = zoe.post(f"/listes/{cast.other_school.uai}/", {"file": file})
    assert cast.school.uai in answer.content.decode()
    assert RosterImport.objects.count() == 0


def test_another_head_cannot_read_the_difference(cast: Cast, files: SchoolFiles, head: Client) -> None:
    page = upload(head, cast, files.students_path)
    zoe = Client()
    zoe.force_login(cast.zoe, backend="django.contrib.auth.backends.ModelBackend")
    assert zoe.get(page).status_code == 404
    assert zoe.post(f"{page}appliquer/").status_code == 404


def test_the_terminal_previews_and_applies_only_when_told(cast: Cast, files: SchoolFiles) -> None:
    def run(*arguments: str) -> dict[str, object]:
        out = io.StringIO()
        # The planted cases hold refused lines: the exit code says so, the rest is applied.
        with suppress(CommandError):
            call_command("roster", "import", str(files.students_path), *arguments, "--json", stdout=out)
        return json.loads(out.getvalue())["files"][0]

    assert run()["applied"] is False
    assert Student.objects.count() == 0
    assert run("--apply", "--lycee", cast.school.uai)["applied"] is True
    assert Student.objects.count() > 50


def test_the_terminal_fails_loudly_on_a_file_that_is_no_list(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes(b"")
    with pytest.raises(CommandError):
        call_command("roster", "import", str(path), stdout=io.StringIO())
