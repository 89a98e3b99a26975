"""A takeover from its pages and from the terminal: the same road, what a form may not say, what leaves in a CSV."""

import io
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from cartable.conftest import Cast
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind
from cartable.rosters.models import Takeover, TakeoverLine
from cartable.rosters.tests.takeover_files import ALICE_INE, enrolled, fleet_text, line_of, opened, send, take_over

pytestmark = pytest.mark.django_db


@pytest.fixture
def sonia(cast: Cast) -> Client:
    """The browser of the region's manager."""
    client = Client()
    client.force_login(cast.sonia, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _form(cast: Cast, content: bytes, **changes: str) -> dict[str, object]:
    said = {"supplier": str(cast.supplier.pk), "counted_on": "2026-09-01", **changes}
    return {**said, "file": SimpleUploadedFile("parc.csv", content)}


def text_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_a_fleet_is_sent_looked_at_taken_over_and_settled(cast: Cast, sonia: Client) -> None:
    alice = enrolled(cast, "Marchand", "Alice")
    content = fleet_text(
        line_of("5CD0000001", "dépôt"),
        line_of("5CD0000002", "élève", uai=cast.school.uai, family="Marchand", given="Alice"),
        line_of("5CD0000003", "élève", uai=cast.school.uai, family="Inconnu"),
    )
    page = sonia.post("/reprises/nouvelle/", _form(cast, content))["Location"]
    shown = text_of(sonia, page)
    assert "Reprendre 1 PC" in shown
    assert "Un nom sans date de naissance ni INE" in shown
    assert Device.objects.count() == 0
    sonia.post(f"{page}ouvrir/")
    assert "Lignes à régler" in text_of(sonia, page)
    line = text_of(sonia, f"{page}lignes/3/")
    assert "C’est cet élève" in line
    assert "En réserve du lycée" in line
    gesture = {"kind": "student", "label_code": alice.label_code, "serial": "5CD0000002", "lot": "2024-1",
               "model": "HP", "uai": cast.school.uai, "condition": "fit", "held_since": "", "asset_tag": ""}  # fmt: skip
    assert sonia.post(f"{page}lignes/3/", gesture)["Location"] == f"{page}lignes/4/"
    gesture |= {"kind": "emergency_stock", "label_code": "", "serial": "5CD0000003"}
    assert sonia.post(f"{page}lignes/4/", gesture)["Location"] == page
    assert Device.objects.get(serial_number="5CD0000002").custodian_id == alice.custodian_id
    assert Device.objects.get(serial_number="5CD0000003").custodian_kind == CustodianKind.EMERGENCY_STOCK
    assert "Close" in text_of(sonia, page)
    assert "Réglée" in text_of(sonia, f"{page}lignes/4/")


def test_columns_of_any_name_are_chosen_by_hand(cast: Cast, sonia: Client) -> None:
    content = fleet_text("5CD0000001;HP;L1;en stock", header="a;b;c;d")
    page = sonia.post("/reprises/nouvelle/", _form(cast, content))["Location"]
    assert "ne peut pas être lu" in text_of(sonia, page)
    chosen = {"serial": "a", "model": "b", "lot": "c", "state": "d", "has_header": "on"}
    assert sonia.post(f"{page}colonnes/", chosen)["Location"] == page
    assert "Reprendre 1 PC" in text_of(sonia, page)


@pytest.mark.parametrize(
    ("content", "changes", "words"),
    [
        (b"", {}, "vide"),
        (b"\x89PNG\r\n\x1a\n\x00", {}, "ni un CSV ni un classeur"),
        (b"serie\n5CD0000001", {"counted_on": "2099-01-01"}, "pas encore là"),
        (b"serie\n5CD0000001", {"supplier": "999999"}, "À corriger"),
    ],
)
def test_a_fleet_that_cannot_be_kept_is_refused_in_words_with_422(
    cast: Cast, sonia: Client, content: bytes, changes: dict[str, str], words: str
) -> None:
    answer = sonia.post("/reprises/nouvelle/", _form(cast, content, **changes))
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert not Takeover.objects.exists()


def test_opening_twice_in_two_tabs_enters_once(cast: Cast, sonia: Client) -> None:
    kept = send(cast, fleet_text(line_of("5CD0000001", "dépôt")))
    for _ in range(2):
        sonia.post(f"/reprises/{kept.pk}/ouvrir/")
    assert Device.objects.count() == 1


def test_a_long_file_waits_on_a_page_that_asks_and_then_goes_on(
    cast: Cast, sonia: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cartable.rosters.commands.takeover.LINES_ENTERED_AT_ONCE", 1)
    kept = send(cast, fleet_text(*(line_of(f"5CD000000{n}", "dépôt") for n in (1, 2))))
    page = f"/reprises/{kept.pk}/"
    sonia.post(f"{page}ouvrir/")
    assert "Reprise en cours" in text_of(sonia, page)
    assert sonia.get(f"{page}etat/").status_code == 204
    opened(cast, kept.pk)
    assert sonia.get(f"{page}etat/")["HX-Redirect"] == page
    assert "PC entrés" in text_of(sonia, page)


def test_a_line_is_dropped_with_a_reason_only(cast: Cast, sonia: Client) -> None:
    takeover_id, _done = take_over(cast, [line_of("x", "dépôt"), line_of("y", "dépôt"), line_of("z", "dépôt")])
    page = f"/reprises/{takeover_id}/"
    sonia.post(f"{page}lignes/2/ecarter/", {"remark": ""})
    assert TakeoverLine.objects.filter(settled_at__isnull=True).count() == 3
    sonia.post(f"{page}lignes/2/ecarter/", {"remark": "Ligne de total."})
    sonia.post(f"{page}ecarter/", {"remark": "Titres répétés.", "code": "serial_unfit"})
    assert not TakeoverLine.objects.filter(settled_at__isnull=True).exists()


def test_a_ruling_without_a_student_says_so_in_words(cast: Cast, sonia: Client) -> None:
    takeover_id, _done = take_over(cast, [line_of("5CD0000001", "élève", family="Inconnu")])
    said = {"kind": "student", "serial": "5CD0000001", "lot": "L1", "model": "HP", "condition": "fit"}
    answer = sonia.post(f"/reprises/{takeover_id}/lignes/2/", said)
    assert (answer.status_code, "Choisissez l’élève" in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("lot", ['=HYPERLINK("http://x")', "+1", "@SUM(1)", "-1", "＝1+1"])
def test_T29_a_formula_leaves_as_text(cast: Cast, sonia: Client, lot: str) -> None:
    quoted = '"' + lot.replace('"', '""') + '"'
    takeover_id, _done = take_over(cast, [line_of("x", "dépôt", lot=quoted)])
    for name in ("comptes", "lignes"):
        text = text_of(sonia, f"/reprises/{takeover_id}/{name}.csv").lstrip("\ufeff")
        cells = [cell.lstrip('"') for row in text.splitlines() for cell in row.split(";")]
        assert not [cell for cell in cells if cell[:1] in "=+-@＝" and cell]
        assert any(lot.replace('"', '""') in cell for cell in cells)


def test_no_person_leaves_in_a_csv(cast: Cast, sonia: Client) -> None:
    takeover_id, _done = take_over(cast, [line_of("5CD0000001", "élève", family="Zwingelstein", given="Ottilie")])
    for name in ("comptes", "lignes"):
        assert "Zwingelstein" not in text_of(sonia, f"/reprises/{takeover_id}/{name}.csv")


def _terminal(tmp_path: Path, content: bytes, *options: str) -> dict[str, Any]:
    file, out = tmp_path / "parc.csv", io.StringIO()
    file.write_bytes(content)
    code = 0
    try:
        call_command(
            "takeover", "import", str(file), "--supplier", "fournitures de l'est", "--json", *options, stdout=out
        )
    except CommandError as error:
        code = error.returncode
    return {**json.loads(out.getvalue()), "exit_code": code}


def test_the_terminal_shows_then_takes_over_once(cast: Cast, tmp_path: Path) -> None:
    enrolled(cast, "Marchand", "Alice", ine=ALICE_INE)
    content = fleet_text(line_of("5CD0000001", "élève", ine=ALICE_INE), line_of("5CD0000002", "dépôt"))
    shown = _terminal(tmp_path, content)
    assert (shown["applied"], shown["entered"], shown["exit_code"], Device.objects.count()) == (False, 2, 0, 0)
    first, again = (_terminal(tmp_path, content, "--apply") for _ in range(2))
    assert (first["entered"], first["already_applied"], again["already_applied"]) == (2, False, True)
    assert UUID(first["takeover"]) == Takeover.objects.get().pk
    assert Device.objects.count() == 2


def test_the_terminal_fails_where_a_line_waits_and_names_nobody(cast: Cast, tmp_path: Path) -> None:
    shown = _terminal(tmp_path, fleet_text(line_of("5CD0000001", "élève", family="Zwingelstein")), "--apply")
    assert (shown["exit_code"], shown["waiting"][0]["code"]) == (3, "names_only")
    assert "Zwingelstein" not in json.dumps(shown)


def test_the_terminal_names_the_companies_that_it_knows(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Fournitures de l’Est"):
        call_command("takeover", "import", str(tmp_path / "parc.csv"), "--supplier", "Inconnu")


def zipped(name: str, content: bytes, **others: bytes) -> bytes:
    """Return a zip with this file, and others."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, inside in {name: content, "__MACOSX/._parc.csv": b"x", **others}.items():
            archive.writestr(one, inside)
    return packed.getvalue()


def workbook(*rows: list[str]) -> bytes:
    """Return an .xlsx of these rows."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return written.getvalue()


def test_a_fleet_alone_in_a_zip_is_the_fleet(cast: Cast, sonia: Client) -> None:
    content = fleet_text(line_of("5CD0000001", "dépôt"))
    plain = send(cast, content)
    page = sonia.post("/reprises/nouvelle/", _form(cast, zipped("parc.csv", content)))["Location"]
    assert page == f"/reprises/{plain.pk}/"
    assert "Reprendre 1 PC" in text_of(sonia, page)


def test_a_workbook_alone_in_a_zip_is_the_fleet(cast: Cast, sonia: Client, tmp_path: Path) -> None:
    book = workbook(["Numéro de série", "Lot", "Modèle", "Statut"], ["5CD0000001", "L1", "HP", "en stock"])
    page = sonia.post("/reprises/nouvelle/", _form(cast, zipped("parc.xlsx", book)))["Location"]
    assert "Reprendre 1 PC" in text_of(sonia, page)
    assert _terminal(tmp_path, zipped("parc.xlsx", book))["entered"] == 1


@pytest.mark.parametrize(
    "content",
    [
        zipped("parc.csv", b"serie;lot", **{"autre.csv": b"serie;lot"}),
        zipped("liste.xml", b"<BEE_ELEVES/>"),
        zipped("parc.zip", zipped("parc.csv", b"serie;lot")),
        zipped("parc.csv", b"0" * 5_000_000),
        zipped("../parc.csv", b"serie;lot"),
    ],
    ids=["two_tables", "a_list", "a_zip_in_a_zip", "a_bomb", "an_unsafe_name"],
)
def test_a_zip_that_holds_no_table_alone_is_refused_in_words(cast: Cast, sonia: Client, content: bytes) -> None:
    answer = sonia.post("/reprises/nouvelle/", _form(cast, content))
    assert (answer.status_code, "Ce zip ne peut pas être pris" in answer.content.decode()) == (422, True)
    assert not Takeover.objects.exists()


def test_a_workbook_is_read_with_its_dates(cast: Cast, tmp_path: Path) -> None:
    alice = enrolled(cast, "Marchand", "Alice")
    path = tmp_path / "parc.xlsx"
    days = [date(2010, 3, 5), date(2025, 9, 5)]
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Serial number", "Lot", "Modèle", "UAI", "Nom", "Prénom", "Né le", "Depuis"])
        sheet.write_row(1, 0, ["5CD0000001", "L1", "HP", cast.school.uai, "Marchand", "Alice", *days])
    kept = send(cast, path.read_bytes(), name=path.name)
    assert opened(cast, kept.pk).entered_count == 1
    assert Device.objects.get().custodian_id == alice.custodian_id
