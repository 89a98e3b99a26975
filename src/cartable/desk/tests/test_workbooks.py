"""Lists that leave as workbooks: the rows of the page and no other, long ones written by the worker for whoever asked."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from cartable.accounts.models import Person
from cartable.conftest import Cast
from cartable.desk import rules
from cartable.desk.commands import exports
from cartable.desk.models import Export
from cartable.desk.tasks import prepare_export
from cartable.desk.tests.pages import read, signed_in
from cartable.distribution.tests.conftest import enrol
from cartable.documents.commands import erase_files_due
from cartable.emergency_stock.tests.conftest import Desk
from cartable.emergency_stock.tests.conftest import desk as desk
from cartable.emergency_stock.tests.conftest import written_desk as written_desk
from cartable.kernel.spreadsheets import read_table
from cartable.rosters.commands.enrolment import NewStudent


def rows(answer: Any) -> list[dict[str, str]]:
    """Return the rows of a workbook."""
    content = answer.getvalue() if answer.streaming else answer.content
    table = read_table(content)
    return [dict(zip(table.header, row.cells, strict=False)) for row in table.rows]


def workbook(person: Person, address: str) -> list[dict[str, str]]:
    return rows(signed_in(person).get(address))


def ask(person: Person, address: str) -> str:
    """Ask for a long list; return the address of its page."""
    return str(signed_in(person).post(address, {"form_id": str(uuid4())})["Location"])


def let_the_worker_work() -> None:
    for job in ProcrastinateJob.objects.filter(task_name=exports.PREPARE_TASK).order_by("pk"):
        prepare_export(**job.args)


@pytest.fixture
def everything_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "ROWS_WRITTEN_AT_ONCE", 1)


def test_a_short_list_is_a_workbook_at_once_by_the_filters_and_the_scope_of_the_page(desk: Desk) -> None:
    desk.fill(2, school=desk.cast.other_school)
    desk.hand_over("alice", desk.reserve[0])
    assert len(workbook(desk.cast.durand, "/pc.xlsx")) == 3
    assert len(workbook(desk.cast.sonia, "/pc.xlsx")) == 5
    (held,) = workbook(desk.cast.durand, "/pc.xlsx?detenteur=student")
    assert (held["Étiquette"], held["Détenteur"]) == (desk.reserve[0].asset_tag, "Élève")
    (alice,) = workbook(desk.cast.durand, f"/lycees/{desk.cast.school.uai}/eleves.xlsx?pc=avec")
    assert (alice["Nom"], alice["PC"]) == ("Marchand", desk.reserve[0].asset_tag)


def test_a_name_that_is_a_formula_is_a_text_in_the_workbook(cast: Cast) -> None:
    enrol(cast, {"x": NewStudent(0, "=1+1", "@SOMME", division="+1")})
    (row,) = workbook(cast.durand, "/eleves.xlsx")
    assert (row["Nom"], row["Prénom"], row["Classe"]) == ("'=1+1", "'@SOMME", "'+1")


@pytest.mark.usefixtures("everything_is_long")
def test_a_long_list_is_written_by_the_worker_in_the_scope_of_whoever_asked(desk: Desk) -> None:
    desk.fill(2, school=desk.cast.other_school)
    assert "Préparer le fichier" in read(desk.cast.durand, "/pc.xlsx")
    page = ask(desk.cast.durand, "/pc.xlsx")
    assert "0 lignes écrites sur 3" in read(desk.cast.durand, page)
    assert signed_in(desk.cast.durand).get(f"{page}fichier/").status_code == 302
    let_the_worker_work()
    assert "Le fichier est prêt : 3 lignes." in read(desk.cast.durand, page)
    assert {row["Étiquette"] for row in workbook(desk.cast.durand, f"{page}fichier/")} == {
        pc.asset_tag for pc in desk.reserve
    }


@pytest.mark.usefixtures("everything_is_long")
def test_a_long_list_keeps_the_filters_of_its_page_and_the_language_of_whoever_asked(desk: Desk) -> None:
    desk.hand_over("alice", desk.reserve[0])
    client = signed_in(desk.cast.sonia)
    client.cookies["cartable_language"] = "en"
    page = client.post(f"/lycees/{desk.cast.school.uai}/eleves.xlsx?pc=avec", {"form_id": str(uuid4())})["Location"]
    let_the_worker_work()
    (alice,) = rows(client.get(f"{page}fichier/"))
    assert alice["Serial number"] == desk.reserve[0].serial_number


@pytest.mark.usefixtures("everything_is_long")
def test_only_whoever_asked_fetches_the_list_and_only_while_they_see_all_of_it(desk: Desk) -> None:
    page = ask(desk.cast.sonia, "/eleves.xlsx")
    let_the_worker_work()
    for person in (desk.cast.durand, desk.cast.zoe, desk.cast.karim):
        assert signed_in(person).get(page).status_code == 404
        assert signed_in(person).get(f"{page}fichier/").status_code == 404
    # The same person, who sees one lycée only from today on.
    Export.objects.update(asked_by=desk.cast.durand.actor)
    assert signed_in(desk.cast.durand).get(f"{page}fichier/").status_code == 404
    Export.objects.update(school_ids=[desk.cast.school.pk])
    assert signed_in(desk.cast.durand).get(f"{page}fichier/").status_code == 200
    # A technician sees lycées, and no list of students.
    Export.objects.update(asked_by=desk.cast.karim.actor)
    assert signed_in(desk.cast.karim).get(f"{page}fichier/").status_code == 404


@pytest.mark.usefixtures("everything_is_long")
def test_the_same_page_sent_twice_asks_once_and_a_second_run_of_the_worker_changes_nothing(desk: Desk) -> None:
    client, form = signed_in(desk.cast.sonia), {"form_id": str(uuid4())}
    pages = {client.post("/pc.xlsx", form)["Location"] for _ in range(2)}
    assert (len(pages), ProcrastinateJob.objects.filter(task_name=exports.PREPARE_TASK).count()) == (1, 1)
    let_the_worker_work()
    before = Export.objects.get().document_id
    let_the_worker_work()
    assert Export.objects.get().document_id == before is not None


@pytest.mark.usefixtures("everything_is_long")
def test_a_list_that_cannot_be_written_says_so_and_one_that_is_gone_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ask(desk.cast.sonia, "/pc.xlsx")
    with monkeypatch.context() as broken:
        broken.setattr(exports, "spreadsheet", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            let_the_worker_work()
    assert "n’a pas pu être préparé" in read(desk.cast.sonia, page)
    page = ask(desk.cast.sonia, "/pc.xlsx")
    let_the_worker_work()
    erase_files_due(today=timezone.localdate() + timedelta(days=3), erased_at=timezone.now())
    assert "effacé" in read(desk.cast.sonia, page)
    assert "effacé" in read(desk.cast.sonia, f"{page}fichier/")


def test_a_form_that_names_no_id_leads_back_to_the_list(cast: Cast) -> None:
    for form_id in ("", "x", "\0"):
        assert signed_in(cast.sonia).post("/pc.xlsx", {"form_id": form_id})["Location"] == "/pc.xlsx"
    assert not Export.objects.exists()
