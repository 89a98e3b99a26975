"""The difference as pages and as tables: what changes, for whom, in the order of the classes; what was refused, until settled."""

import csv
import io
import re
from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from cartable.conftest import Cast
from cartable.rosters.commands.batches import SentFile, read_file, receive_files
from cartable.rosters.models import FileImport, RosterImport, RosterLine, RosterProblem
from cartable.rosters.tests.test_review_pages import client_of
from cartable.rosters.tests.test_roster_import import apply, listed, load, preview

pytestmark = pytest.mark.django_db


@pytest.fixture
def head(cast: Cast) -> Client:
    return client_of(cast.durand)


@pytest.fixture
def changed(cast: Cast) -> RosterImport:
    """A list that moves Léa to another class under another name, and announces that Bilal leaves."""
    load(cast, listed("1"), listed("2", "Benali", "Bilal", birth_on=date(2010, 1, 1)), listed("3", "Diallo", "Awa"))
    return preview(
        cast,
        listed("1", "Petit", division="2DE3"),
        listed("2", "Benali", "Bilal", birth_on=date(2010, 1, 1), left_on=date(2099, 1, 1)),
        listed("3", "Diallo", "Awa"),
        listed("4", "=Formule", "Nino", birth_on=date(2010, 2, 2), ine="070832327JA"),
    )


def page(client: Client, roster_import: RosterImport, query: str = "") -> str:
    return client.get(f"/listes/import/{roster_import.pk}/{query}").content.decode()


def test_a_change_says_what_it_was_and_becomes(head: Client, changed: RosterImport) -> None:
    shown = page(head, changed, "?quoi=change")
    assert "Nom de famille : Marchand → Petit" in shown
    assert "Classe : 2DE7 → 2DE3" in shown


def test_each_kind_is_a_chip_with_its_count_and_its_lines(head: Client, changed: RosterImport) -> None:
    first = page(head, changed)
    for chip in ("Classe · 1", "Nom de famille · 1", "Départ annoncé · 1", "Sans INE · 3"):
        assert chip in first
    announced = page(head, changed, "?genre=leaving")
    assert "Bilal Benali" in announced
    assert "Départ annoncé : 01/01/2099" in announced
    assert "Petit" not in announced.split("<table")[1]


def test_a_kind_that_nobody_offers_shows_the_first_outcome(head: Client, changed: RosterImport) -> None:
    assert head.get(f"/listes/import/{changed.pk}/?genre=x'%22&quoi=y&apres=z").status_code == 200


def test_once_applied_the_kinds_stay_and_what_was_replaced_is_gone(
    cast: Cast, head: Client, changed: RosterImport
) -> None:
    apply(cast, changed)
    shown = page(head, changed, "?genre=class")
    assert "Léa Petit" in shown
    assert "→" not in shown


def test_of_a_transfer_a_head_does_not_read_what_the_other_lycee_keeps(cast: Cast, head: Client) -> None:
    load(cast, listed("1", "Marchand-Secret", ine="070832327JA"), school=cast.other_school)
    roster_import = preview(cast, listed("5", "Marchand", ine="070832327JA", entered_on=date(2026, 9, 11)))
    RosterLine.objects.filter(roster_import=roster_import).update(outcome="transfer")
    assert "Secret" not in page(head, roster_import, "?quoi=transfer")


def test_a_long_difference_is_read_page_by_page_by_class_and_name(cast: Cast, head: Client) -> None:
    students = [
        listed(str(n), f"Nom{n:03}", division=f"2DE{n % 3}", birth_on=date(2010, 1 + n % 12, 1 + n % 28)) for n in range(450)
    ]  # fmt: skip
    roster_import = preview(cast, *students)
    seen, query, sizes = [], "?quoi=arrival", []
    while query:
        shown = page(head, roster_import, query)
        found = re.findall(r"Léa (Nom\d+)<small>(2DE\d)", shown)
        seen += [(division, name) for name, division in found]
        sizes.append(len(found))
        forward = re.search(r'href="(\?[^"]*apres=\d+)"', shown)
        query = forward.group(1).replace("&amp;", "&") if forward else ""
    assert sizes == [200, 200, 50]
    assert seen == sorted(seen)
    back = re.search(r'href="(\?[^"]*avant=\d+)"', shown)
    assert back is not None
    assert len(re.findall(r"Léa Nom", page(head, roster_import, back.group(1).replace("&amp;", "&")))) == 200


def test_T29_the_whole_difference_leaves_as_csv_without_ine_and_inert(head: Client, changed: RosterImport) -> None:
    answer = head.get(f"/listes/import/{changed.pk}/difference.csv")
    assert answer.streaming
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert "INE" not in rows[0]
    assert "070832327JA" not in text
    by_name = {row[5]: row for row in rows[1:]}
    assert by_name["'=Formule"][2] == "Arrivée"
    assert by_name["Petit"][3] == "Nom de famille, Classe"


def test_T29_and_as_a_workbook(head: Client, changed: RosterImport) -> None:
    answer = head.get(f"/listes/import/{changed.pk}/difference.xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0)  # type: ignore[arg-type]
    assert {row[5] for row in sheet.to_python()[1:]} == {"Petit", "Benali", "Diallo", "'=Formule"}


def test_a_region_takes_the_difference_of_a_whole_batch(cast: Cast, changed: RosterImport) -> None:
    (file,) = receive_files(
        batch_id=uuid4(), region_id=cast.region.pk, school=None, first_year=2026, files=[SentFile("l.xml", b"<autre/>")],
        sent_at=cast.now, sent_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    read_file(file_id=file.pk, now=cast.now, today=date(2026, 9, 13))
    FileImport.objects.create(file=file, roster_import=changed)
    answer = client_of(cast.sonia).get(f"/listes/region/{file.batch_id}/difference.csv")
    assert "Petit" in b"".join(answer.streaming_content).decode()  # type: ignore[arg-type]
    assert client_of(cast.durand).get(f"/listes/region/{file.batch_id}/difference.csv").status_code == 404
    # A workbook is built whole before it leaves: of a region there is none.
    assert client_of(cast.sonia).get(f"/listes/region/{file.batch_id}/difference.xlsx").status_code == 404


def test_another_head_gets_no_table(cast: Cast, changed: RosterImport) -> None:
    for form in ("csv", "xlsx"):
        assert client_of(cast.zoe).get(f"/listes/import/{changed.pk}/difference.{form}").status_code == 404


@pytest.fixture
def refused(changed: RosterImport) -> RosterProblem:
    return RosterProblem.objects.create(
        roster_import=changed, line=12, severity="refuse", code="name_unfit", details={"field": "NOM"}
    )


def test_what_was_refused_stays_listed_until_somebody_settles_it(
    cast: Cast, head: Client, changed: RosterImport, refused: RosterProblem
) -> None:
    apply(cast, changed)
    assert "1 ligne à régler" in head.get(f"/listes/{cast.school.uai}/").content.decode()
    shown = page(head, changed)
    assert "Ligne 12" in shown
    (path,) = re.findall(r'action="(/listes/signalement/[^"]+)"', shown)
    head.post(path)
    head.post(path)
    assert "par Hélène Durand" in page(head, changed)
    assert "à régler" not in head.get(f"/listes/{cast.school.uai}/").content.decode()


def test_the_refused_lines_of_another_lycee_look_unknown(cast: Cast, refused: RosterProblem) -> None:
    assert client_of(cast.zoe).post(f"/listes/signalement/{refused.pk}/regler/").status_code == 404
    refused.refresh_from_db()
    assert refused.settled_at is None
