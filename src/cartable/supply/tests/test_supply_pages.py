"""Pages of supply beyond the browser's stories: exports, repetitions, what a form may not say."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cartable.conftest import Cast
from cartable.fleet.models import Device
from cartable.supply.models import Allotment, DeliveryNote
from cartable.supply.queries import depot
from cartable.supply.tests.notes import deliver, note_text, plain_lines, receive, send


@pytest.fixture
def sonia(cast: Cast) -> Client:
    """The browser of the region's manager."""
    client = Client()
    client.force_login(cast.sonia, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("cell", ['=HYPERLINK("http://x")', "+cmd|' /C calc'!A0", "-1+1", "@SUM(1)", "＝1+1", "\t=1"])
def test_T29_a_formula_in_a_refused_cell_leaves_as_text(cast: Cast, sonia: Client, cell: str) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    received = deliver(cast, [f"{quoted};HP;;;"])
    text = sonia.get(reverse("supply:refused-lines-csv", args=[received.delivery_id])).content.decode("utf-8-sig")
    row = text.splitlines()[1]
    assert row.split(";")[1].lstrip('"')[0] not in "=+-@\t＝"


def _form(cast: Cast, content: bytes, **changes: str) -> dict[str, object]:
    said = {"supplier": str(cast.supplier.pk), "lot": "2026-1", "received_on": "2026-08-20", **changes}
    return {**said, "file": SimpleUploadedFile("bon.csv", content)}


def test_a_file_that_was_received_leads_to_its_delivery(cast: Cast, sonia: Client) -> None:
    content = note_text(*plain_lines(2))
    received = receive(cast, send(cast, content))
    answer = sonia.post("/livraisons/nouvelle/", _form(cast, content))
    assert answer["Location"] == f"/livraisons/{received.delivery_id}/"
    assert Device.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "changes", "words"),
    [
        (b"", {}, "vide"),
        (b"\x89PNG\r\n\x1a\n\x00", {}, "ni un CSV ni un classeur"),
        (b"serie\n5CD0000001", {"received_on": "2099-01-01"}, "pas encore là"),
        (b"serie\n5CD0000001", {"supplier": "999999"}, "À corriger"),
        (b"serie\n5CD0000001", {"lot": ""}, "À corriger"),
    ],
)
def test_a_note_that_cannot_be_kept_is_refused_in_words_with_422(
    cast: Cast, sonia: Client, content: bytes, changes: dict[str, str], words: str
) -> None:
    answer = sonia.post("/livraisons/nouvelle/", _form(cast, content, **changes))
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert not DeliveryNote.objects.exists()


def test_receiving_twice_in_two_tabs_gives_one_delivery(cast: Cast, sonia: Client) -> None:
    note = send(cast, note_text(*plain_lines(2)))
    addresses = {sonia.post(f"/livraisons/bon/{note.pk}/recevoir/")["Location"] for _ in range(2)}
    assert (len(addresses), Device.objects.count()) == (1, 2)


def test_a_long_note_waits_on_a_page_that_asks_and_then_goes_on(
    cast: Cast, sonia: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cartable.supply.commands.deliveries.LINES_RECEIVED_AT_ONCE", 1)
    note = send(cast, note_text(*plain_lines(2)))
    sonia.post(f"/livraisons/bon/{note.pk}/recevoir/")
    assert "Réception en cours" in sonia.get(f"/livraisons/bon/{note.pk}/").content.decode()
    assert sonia.get(f"/livraisons/bon/{note.pk}/etat/").status_code == 204
    received = receive(cast, note)
    assert sonia.get(f"/livraisons/bon/{note.pk}/etat/")["HX-Redirect"] == f"/livraisons/bon/{note.pk}/"
    assert sonia.get(f"/livraisons/bon/{note.pk}/")["Location"] == f"/livraisons/{received.delivery_id}/"


def _allotment(cast: Cast, **changes: object) -> dict[str, object]:
    return {"id": str(uuid4()), "lycee": cast.school.uai, "nombre": "3", "expected_count": "3", **changes}


def test_a_confirmation_sent_twice_allots_once(cast: Cast, sonia: Client) -> None:
    deliver(cast, plain_lines(10))
    sent = _allotment(cast)
    addresses = {sonia.post("/affectations/faire/", sent)["Location"] for _ in range(2)}
    assert addresses == {f"/affectations/{sent['id']}/"}
    assert depot.depot_count(cast.region.pk) == 7


def test_looking_at_a_choice_moves_nothing(cast: Cast, sonia: Client) -> None:
    deliver(cast, plain_lines(10))
    assert sonia.post("/affectations/verifier/", _allotment(cast)).status_code == 200
    assert (depot.depot_count(cast.region.pk), Allotment.objects.count()) == (10, 0)


def test_what_was_looked_at_is_what_goes(cast: Cast, sonia: Client) -> None:
    deliver(cast, plain_lines(10))
    sent = _allotment(cast, nombre="", palettes=["PAL000"], expected_count="10")
    deliver(cast, [line.replace("PAL001", "PAL000") for line in plain_lines(5, first=20)])
    answer = sonia.post("/affectations/faire/", sent)
    assert answer["Location"] == "/affectations/nouvelle/"
    assert depot.depot_count(cast.region.pk) == 15


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"nombre": "0"}, "À corriger"),
        ({"nombre": "-3"}, "À corriger"),
        ({"nombre": ""}, "un seul des quatre"),
        ({"nombre": "11"}, "pas assez de PC"),
        ({"lycee": "0570001A"}, "À corriger"),
        ({"nombre": "", "codes": "5CD9999999"}, "Pas au dépôt"),
        ({"nombre": "", "cartons": "INCONNU"}, "ne désigne aucun PC"),
        ({"nombre": "", "palettes": ["INCONNUE"]}, "À corriger"),
    ],
)
def test_a_choice_that_cannot_be_made_is_explained(
    cast: Cast, sonia: Client, changes: dict[str, object], words: str
) -> None:
    deliver(cast, plain_lines(10))
    answer = sonia.post("/affectations/verifier/", _allotment(cast, **changes))
    assert (answer.status_code, words in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("count", ["-3", "2.5", "2,5", "1e1", "trois", "20001"])
def test_P39_a_number_of_pcs_that_is_no_whole_number_allots_nothing(cast: Cast, sonia: Client, count: str) -> None:
    deliver(cast, plain_lines(10))
    for step in ("verifier", "faire"):
        sonia.post(f"/affectations/{step}/", _allotment(cast, nombre=count, expected_count=count))
    assert sonia.post("/affectations/verifier/", _allotment(cast, nombre=count)).status_code == 422
    assert (depot.depot_count(cast.region.pk), Allotment.objects.count()) == (10, 0)


def test_scanned_labels_and_typed_serial_numbers_choose_the_same_pcs(cast: Cast, sonia: Client) -> None:
    deliver(cast, plain_lines(3))
    tag = Device.objects.order_by("pk")[0].asset_tag
    sent = _allotment(cast, nombre="", codes=f"{tag.lower()}\n5cd 0000002\n", expected_count="2")
    assert sonia.post("/affectations/faire/", sent)["Location"].startswith("/affectations/")
    assert depot.depot_count(cast.region.pk) == 1
