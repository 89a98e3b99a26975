"""A table whose columns nobody knows: somebody says once which is which, and the lycée's next table is read at once."""

import csv
import io
import json
import re
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from django.utils import timezone
from django_scopes import scopes_disabled

from cartable.conftest import Cast
from cartable.documents.commands import erase_files_due
from cartable.organisations.models import School
from cartable.rosters.commands.batches import SentFile, read_file, receive_files
from cartable.rosters.commands.files import apply_import, preview_content
from cartable.rosters.commands.mappings import FileNotOfTable, choose_columns, keep_table
from cartable.rosters.models import (
    Enrolment,
    FileState,
    RosterFile,
    RosterImport,
    RosterLine,
    RosterState,
    Student,
    TableMapping,
)

TODAY = date(2026, 9, 13)
STRANGE = b"Patronyme;Petit nom;Groupe\nMARCHAND;Alice;2DE7\nDIALLO;Bilal;2DE7\n"
SAID = {"family_name": "Patronyme", "given_name": "Petit nom", "division": "Groupe"}
CLEAR = "Nom;Prénom;Né(e) le;Classe\nMARCHAND;Alice;05/04/2011;2DE7\n"


def client_of(user: object) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]
    return client


@pytest.fixture
def head(cast: Cast) -> Client:
    return client_of(cast.durand)


def send(client: Client, cast: Cast, content: bytes, **more: str) -> str:
    answer = client.post(f"/listes/{cast.school.uai}/", {"file": SimpleUploadedFile("eleves.csv", content), **more})
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return str(answer["Location"])


def load(cast: Cast, content: str, school: School | None = None) -> RosterImport:
    """Preview and apply a list of the lycée."""
    (one,) = preview_content(
        content=content.encode(), first_year=2026, read_by_id=cast.sonia.actor_id, now=cast.now, today=TODAY,
        school=school or cast.school,
    )  # fmt: skip
    return apply_import(roster_import=one, applied_by_id=cast.sonia.actor_id, now=cast.now, today=TODAY)


def reviews(roster_import: RosterImport) -> list[tuple[str, str]]:
    lines = RosterLine.objects.filter(roster_import=roster_import, line__isnull=False).order_by("line")
    return list(lines.values_list("outcome", "review_code"))


# --- on the lycée's page


def test_T07_a_head_says_which_column_is_which_and_the_next_table_is_read_at_once(cast: Cast, head: Client) -> None:
    page = send(head, cast, STRANGE)
    assert re.fullmatch(r"/listes/fichier/[0-9a-f-]{36}/colonnes/", page)
    shown = head.get(page).content.decode()
    assert all(word in shown for word in ("Patronyme", "Petit nom", "DIALLO", "Lire la liste"))
    assert page in head.get(f"/listes/{cast.school.uai}/").content.decode()
    difference = head.post(page, SAID)
    assert difference.status_code == 302
    assert head.post(f"{difference['Location']}appliquer/").status_code == 302
    assert Student.objects.count() == 2
    assert TableMapping.objects.get().columns == SAID
    assert TableMapping.objects.get().changed_by_id == cast.durand.actor_id
    # The page that asked leads to what became of its file.
    assert head.get(page)["Location"] == difference["Location"]
    assert "/import/" in send(head, cast, STRANGE.replace(b"Alice", b"Zoe"))


def test_a_table_whose_header_says_all_is_read_without_a_question(cast: Cast, head: Client) -> None:
    assert "/import/" in send(head, cast, CLEAR.encode("cp1252"))
    assert not TableMapping.objects.exists()


def test_whoever_wants_to_choose_the_columns_is_asked_and_finds_them_chosen(cast: Cast, head: Client) -> None:
    page = send(head, cast, CLEAR.encode(), asks_columns="on")
    shown = head.get(page).content.decode()
    assert re.search(r'<option value="Né\(e\) le" selected>', shown)
    assert "/import/" in send(head, cast, CLEAR.encode(), asks_columns="")


def test_a_choice_that_cannot_be_is_told_and_nothing_is_remembered(cast: Cast, head: Client) -> None:
    page = send(head, cast, STRANGE)
    for wrong, words in (
        ({**SAID, "given_name": ""}, "obligatoire"),
        ({**SAID, "given_name": "Patronyme"}, "déjà choisie"),
        ({**SAID, "division": "Unheard"}, "Unheard"),
    ):
        answer = head.post(page, wrong)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert not TableMapping.objects.exists()
    assert RosterFile.objects.get().state == FileState.MAPPING


def test_T05_what_the_reader_refuses_after_the_choice_is_told_with_its_line(cast: Cast, head: Client) -> None:
    page = send(head, cast, STRANGE + b"A;B;C\n" * 6 + b'"ROCHE;Chloe;2DE7\n')
    answer = head.post(page, SAID)
    assert answer.status_code == 422
    assert "Ligne 10 : un guillemet" in answer.content.decode()
    assert not TableMapping.objects.exists()
    assert not RosterImport.objects.exists()


def test_a_table_that_waited_too_long_is_gone_and_its_page_says_so(cast: Cast, head: Client) -> None:
    page = send(head, cast, STRANGE)
    later = timezone.now() + timedelta(days=40)
    assert erase_files_due(today=later.date(), erased_at=later) == 1
    answer = head.get(page, follow=True)
    assert "effacé" in answer.content.decode()
    assert not RosterImport.objects.exists()


def test_a_file_that_is_no_table_is_read_whatever_was_ticked(cast: Cast, head: Client) -> None:
    file = SimpleUploadedFile("x.xml", b"<BEE_ELEVES><oops></BEE_ELEVES>")
    answer = head.post(f"/listes/{cast.school.uai}/", {"file": file, "asks_columns": "on"})
    assert "mal formé" in answer.content.decode()


# --- region and terminal


def test_a_table_among_the_files_of_the_region_waits_for_its_lycee_and_columns(cast: Cast) -> None:
    sonia, batch_id = client_of(cast.sonia), uuid4()
    (file,) = receive_files(
        batch_id=batch_id, region_id=cast.region.pk, school=None, first_year=2026,
        files=[SentFile("eleves.csv", CLEAR.encode())], sent_at=cast.now, sent_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    assert read_file(file_id=file.pk, now=cast.now, today=TODAY).state == FileState.MAPPING
    page = f"/listes/fichier/{file.pk}/colonnes/"
    batch = sonia.get(f"/listes/region/{batch_id}/").content.decode()
    assert page in batch
    assert "Colonnes à choisir" in batch
    assert cast.other_school.name in sonia.get(page).content.decode()
    columns = {"family_name": "Nom", "given_name": "Prénom", "division": "Classe", "birth_on": "Né(e) le"}
    assert sonia.post(page, columns).status_code == 422
    assert sonia.post(page, {**columns, "school": str(cast.other_school.pk)}).status_code == 302
    assert RosterImport.objects.get().school == cast.other_school
    assert RosterFile.objects.get().school == cast.other_school


def run(*arguments: object) -> dict[str, object]:
    out = io.StringIO()
    try:
        call_command("roster", "import", *map(str, arguments), "--json", stdout=out)
    except CommandError:
        assert out.getvalue()
    report: dict[str, object] = json.loads(out.getvalue())["files"][0]
    return report


def test_the_terminal_is_told_the_columns_once(cast: Cast, tmp_path: Path) -> None:
    path, lycee = tmp_path / "eleves.csv", ("--lycee", cast.school.uai)
    path.write_bytes(STRANGE)
    asked = str(run(path, *lycee)["refused"])
    assert "Patronyme, Petit nom, Groupe" in asked
    columns = "Nom=Patronyme,Prénom=petit nom,Classe=Groupe"
    assert run(path, *lycee, "--columns", columns, "--apply")["applied"] is True
    assert Student.objects.count() == 2
    path.write_bytes(STRANGE + b"ROCHE;Chloe;2DE7\n")
    assert run(path, *lycee)["counts"] == {"arrival": 1, "review": 2, "enrolled": 2}


@pytest.mark.parametrize("columns", ["Nom", "Nom=", "Unheard=A,Nom=B,Prénom=C", "Nom=A"])
def test_the_terminal_refuses_columns_that_say_too_little(cast: Cast, tmp_path: Path, columns: str) -> None:
    with pytest.raises(CommandError):
        call_command("roster", "import", str(tmp_path / "x.csv"), "--lycee", cast.school.uai, "--columns", columns)


def test_the_terminal_wants_the_lycee_of_a_table(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "eleves.csv"
    path.write_bytes(STRANGE)
    assert "lycée" in str(run(path)["refused"])
    with pytest.raises(CommandError, match="--lycee"):
        call_command("roster", "import", str(path), "--columns", "Nom=Patronyme,Prénom=Petit nom")


def test_columns_are_said_once_only(cast: Cast) -> None:
    file = keep_table(
        school=cast.school, first_year=2026, file=SentFile("a.csv", STRANGE), sent_at=cast.now,
        sent_by_id=cast.sonia.actor_id,
    )  # fmt: skip

    def choose() -> list[RosterImport]:
        return choose_columns(
            file_id=file.pk, school=cast.school, columns=SAID, chosen_at=cast.now, chosen_by_id=cast.sonia.actor_id,
            today=TODAY,
        )  # fmt: skip

    assert len(choose()) == 1
    with pytest.raises(FileNotOfTable):
        choose()


# --- what a table does to the students who are known


def test_names_alone_are_never_merged(cast: Cast) -> None:
    load(cast, CLEAR)
    again = load(cast, "Division;Nom;Prénom\n2DE8;MARCHAND;Alice\n2DE8;ROCHE;Chloé\n")
    assert reviews(again) == [("review", "same_name_no_birth_date"), ("arrival", "")]
    assert Student.objects.count() == 2


def test_a_list_that_brings_the_birth_date_later_doubles_nobody(cast: Cast) -> None:
    load(cast, "Division;Nom;Prénom\n2DE7;MARCHAND;Alice\n")
    assert reviews(load(cast, CLEAR)) == [("review", "same_name_no_birth_date")]
    assert Student.objects.count() == 1


def test_what_a_table_has_no_column_for_stays(cast: Cast) -> None:
    load(
        cast,
        "Nom;Prénom;Né(e) le;Classe;MEF;Statut;N° interne\nMARCHAND;Alice;05/04/2011;2DE7;20010015110;ST;748220\n",
    )
    assert load(cast, CLEAR).counts == {"same": 1, "enrolled": 1}
    load(cast, CLEAR.replace("2DE7", "2DE8"))
    kept = Enrolment.objects.get()
    assert (kept.division, kept.level, kept.mef, kept.status, kept.eleve_id) == (
        "2DE8", "2211", "20010015110", "ST", "table:748220",
    )  # fmt: skip


def test_the_same_table_again_changes_nothing(cast: Cast) -> None:
    content = CLEAR + "".join(f"DIALLO;B{n};0{n}/05/2011;2DE7\n" for n in range(1, 9))
    load(cast, content)
    assert load(cast, content).counts == {"same": 9, "enrolled": 9}


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_T27_two_people_import_the_same_table_together_and_each_student_enters_once(committed_cast: Cast) -> None:
    cast = committed_cast
    content = CLEAR + "".join(f"DIALLO;B{n};01/05/2011;2DE7\n" for n in range(200))
    start, loaded = Barrier(2), []

    def run() -> None:
        with scopes_disabled():
            (one,) = preview_content(
                content=content.encode(), first_year=2026, read_by_id=cast.sonia.actor_id, now=cast.now, today=TODAY,
                school=cast.school,
            )  # fmt: skip
            start.wait()
            loaded.append(apply_import(roster_import=one, applied_by_id=cast.sonia.actor_id, now=cast.now, today=TODAY))
        connections.close_all()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.state for one in loaded] == [RosterState.APPLIED] * 2
    assert sorted(one.counts.get("arrival", 0) for one in loaded) == [0, 201]
    assert Student.objects.count() == 201


# --- out again


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def exported(client: Client, page: str) -> str:
    """Return the difference as it leaves as a table."""
    answer = client.get(f"{page}difference.csv")
    return b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]


@pytest.mark.parametrize("cell", ['=HYPERLINK("http://x")', "+cmd", "@SUM(A1)", "-1+1", "＝1"])
def test_T29_a_formula_in_a_list_leaves_as_text(cast: Cast, head: Client, cell: str) -> None:
    content = f"Nom;Prénom;Classe\nMARCHAND;Alice;{quoted(cell)}\n".encode()
    page = send(head, cast, content)
    header, row = csv.reader(io.StringIO(exported(head, page)), delimiter=";")
    told = dict(zip(header, row, strict=True))
    assert (told["Résultat"], told["Classe"], told["Ligne"]) == ("Arrivée", "'" + cell[:20], "2")


def test_the_whole_difference_leaves_as_one_table(cast: Cast, head: Client) -> None:
    content = "Nom;Prénom;Classe\n" + "".join(f"DIALLO;B{n};2DE7\n" for n in range(300))
    assert exported(head, send(head, cast, content.encode())).count("Arrivée") == 300
