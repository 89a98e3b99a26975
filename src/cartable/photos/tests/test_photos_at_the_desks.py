"""Photos at the hand-over, the return, the breakage and the repair: kept with the act, never in its way, seen by few."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cartable.conftest import Cast
from cartable.documents.commands import erase_files_due
from cartable.documents.models import StoredFile
from cartable.emergency_stock.models import Allocation
from cartable.emergency_stock.tests.conftest import build_desk
from cartable.fleet.models import Device
from cartable.incidents.models import Incident
from cartable.incidents.tests.conftest import build_counter
from cartable.photos.models import ConditionPhoto
from cartable.photos.rules import LARGEST_SENT_BYTES, MOST_PER_ACT, Act
from cartable.photos.tests.conftest import files, form_of, of, shots, text_of
from cartable.photos.tests.pictures import HEIC, jpeg, take_photo, telling_jpeg
from cartable.repairs.tests.conftest import build_bench
from cartable.returns.models import CheckIn
from cartable.returns.tests.conftest import Returns, build_returns


@pytest.fixture
def returns(cast: Cast) -> Returns:
    return build_returns(cast)


@pytest.fixture
def head(cast: Cast) -> Client:
    return of(cast.durand)


def give_back(client: Client, device: Device, **said: Any) -> Any:
    """Take a PC back at the desk, with its screen broken."""
    fields = form_of(client, "/restituer/", "/restituer/faire/", code=device.asset_tag)
    return client.post("/restituer/faire/", {**fields, "grade": "C", "damages": ["screen"], **said}, follow=True)


def test_photos_of_a_return_are_kept_with_it_and_shown_on_the_page_of_the_pc(returns: Returns, head: Client) -> None:
    device = returns.held["bilal"]
    answer = give_back(head, device, photos=shots(2))
    assert answer.redirect_chain[-1][0] == "/restituer/"
    assert "2 photos gardées" in text_of(answer)
    [first, second] = ConditionPhoto.objects.order_by("number")
    assert (first.act, first.act_id, first.device_id) == (Act.CHECK_IN, CheckIn.objects.get().pk, device.pk)
    html = text_of(head.get(f"/pc/{device.asset_tag}/"))
    assert all(f'src="/photos/{photo.pk}/"' in html for photo in (first, second))


def test_a_photo_opens_as_a_picture_that_no_cache_keeps_and_that_says_nothing_more(
    returns: Returns, head: Client
) -> None:
    give_back(head, returns.held["bilal"], photos=files(telling_jpeg()))
    photo = ConditionPhoto.objects.get()
    answer = head.get(f"/photos/{photo.pk}/")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/jpeg", "no-store, private")
    assert (answer["X-Content-Type-Options"], "sandbox" in answer["Content-Security-Policy"]) == ("nosniff", True)
    assert answer.content.startswith(b"\xff\xd8\xff")
    assert b"chez Bilal" not in answer.content
    assert answer.content not in bytes(StoredFile.objects.get(pk=photo.file_id).ciphertext or b"")


def test_a_return_without_photo_asks_for_none(returns: Returns, head: Client) -> None:
    assert "photo" not in text_of(give_back(head, returns.held["bilal"])).lower().split("<main")[1].split("<h2")[0]
    assert (CheckIn.objects.count(), ConditionPhoto.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (b"%PDF-1.7", "Photo 2 non gardée : ce fichier n’est pas une photo. Envoyez une image JPEG ou PNG."),
        (HEIC, "Photo 2 non gardée : elle est au format HEIC, que tous les écrans ne lisent pas. Sur l’iPhone"),
        (jpeg(400, 300)[:900], "Photo 2 non gardée : la photo est abîmée ou incomplète. Reprenez-la"),
        (b"\xff\xd8\xff" + b"0" * LARGEST_SENT_BYTES, "Photo 2 non gardée : elle dépasse 15 Mo. Envoyez-la en taille"),
        (b"", "Photo 2 non gardée : le fichier est vide. Reprenez la photo."),
    ],
    ids=["a pdf", "heic", "cut", "too heavy", "empty"],
)
def test_a_bad_photo_is_told_with_its_remedy_and_costs_nothing_else_of_the_return(
    returns: Returns, head: Client, bad: bytes, words: str
) -> None:
    device = returns.held["bilal"]
    answer = give_back(head, device, why="end_of_studies", photos=files(jpeg(hue=1), bad, jpeg(hue=99)))
    taken = CheckIn.objects.get()
    assert (taken.grade, taken.damages, taken.why) == ("C", ["screen"], "end_of_studies")
    assert ConditionPhoto.objects.filter(act_id=taken.pk).count() == 2
    # The page of the PC, where the photo can be added.
    assert answer.redirect_chain[-1][0] == f"/pc/{device.asset_tag}/"
    assert words in text_of(answer)
    assert "Tout le reste est enregistré" in text_of(answer)
    added = head.post(f"/photos/mouvement/{taken.pk}/", {"photos": files(jpeg(hue=50))}, follow=True)
    assert "1 photo gardée" in text_of(added)
    assert ConditionPhoto.objects.filter(act_id=taken.pk).count() == 3


def test_the_same_form_sent_twice_keeps_each_photo_once(returns: Returns, head: Client) -> None:
    fields = form_of(head, "/restituer/", "/restituer/faire/", code=returns.held["bilal"].asset_tag)
    for _ in range(2):
        head.post("/restituer/faire/", {**fields, "grade": "B", "photos": shots(2)})
    assert (CheckIn.objects.count(), ConditionPhoto.objects.count()) == (1, 2)


def test_an_act_has_eight_photos_and_the_ninth_is_told(returns: Returns, head: Client) -> None:
    answer = give_back(head, returns.held["bilal"], photos=shots(MOST_PER_ACT + 1))
    assert "Photo 9 non gardée : 8 photos au plus pour un même geste." in text_of(answer)
    more = {"photos": files(jpeg(hue=255))}
    again = head.post(f"/photos/mouvement/{CheckIn.objects.get().pk}/", more, follow=True)
    assert "1 photo non gardée : 8 photos au plus" in text_of(again)
    assert ConditionPhoto.objects.count() == MOST_PER_ACT


def test_photos_of_a_hand_over_are_kept_until_the_pc_can_come_back(cast: Cast, head: Client) -> None:
    desk = build_desk(cast)
    student, device = desk.students["bilal"], desk.reserve[0]
    scanned = {"eleve": student.label_code, "pc": device.asset_tag}
    fields = form_of(head, "/remettre/", "/remettre/faire/", **scanned)
    answer = head.post("/remettre/faire/", {**fields, "photos": shots(1)}, follow=True)
    assert "remis à Bilal Benali" in text_of(answer)
    photo = ConditionPhoto.objects.select_related("file").get()
    assert (photo.act, photo.act_id) == (Act.HAND_OVER, Allocation.objects.get().pk)
    assert photo.file.erase_on - timezone.localdate() == timedelta(days=4 * 365)


def test_photos_of_a_breakage_are_kept_with_its_declaration_and_more_can_be_added(cast: Cast, head: Client) -> None:
    counter = build_counter(cast)
    fields = form_of(head, "/declarer/", "/declarer/faire/", code=counter.pcs["bilal"].asset_tag)
    said = {**fields, "kind": "breakage", "happened_on": "2026-09-14", "photos": [*shots(1), *files(HEIC)]}
    answer = head.post("/declarer/faire/", said, follow=True)
    incident = Incident.objects.get()
    assert answer.redirect_chain[-1][0] == f"/incidents/{incident.pk}/"
    assert "HEIC" in text_of(answer)
    head.post(f"/incidents/{incident.pk}/photos/", {"photos": files(jpeg(hue=90))})
    html = text_of(head.get(f"/incidents/{incident.pk}/"))
    assert [str(photo.pk) in html for photo in ConditionPhoto.objects.filter(act=Act.INCIDENT)] == [True, True]


def test_the_repairer_sees_the_photos_of_a_ticket_that_was_sent_and_no_others_and_no_name(
    cast: Cast, head: Client
) -> None:
    bench = build_bench(cast)
    ticket, lina = bench.open(), of(cast.lina)
    answer = head.post(f"/reparations/dossier/{ticket.pk}/photos/", {"photos": shots(1)}, follow=True)
    assert "1 photo gardée" in text_of(answer)
    photo = ConditionPhoto.objects.get()
    handed = take_photo(Act.HAND_OVER, Allocation.objects.earliest("pk").pk, bench.own, cast, hue=200)
    address = reverse("repairs:workshop-photo", args=[ticket.pk, photo.pk])
    assert lina.get(address).status_code == 404, "not sent to her yet"
    bench.send(bench.own.asset_tag)
    html = text_of(lina.get(f"/sav/dossier/{ticket.pk}/"))
    assert (address in html, "Effacer" in html, "Benali" in html) == (True, False, False)
    shown = lina.get(address)
    assert (shown["Content-Type"], shown["Cache-Control"]) == ("image/jpeg", "no-store, private")
    assert lina.get(f"/photos/{photo.pk}/").status_code == 404
    assert lina.get(reverse("repairs:workshop-photo", args=[ticket.pk, handed.pk])).status_code == 404


def test_a_picture_goes_on_its_day_and_that_it_was_taken_stays(returns: Returns, head: Client) -> None:
    device = returns.held["bilal"]
    give_back(head, device, photos=shots(1))
    photo = ConditionPhoto.objects.get()
    today = timezone.localdate()
    assert erase_files_due(today=today + timedelta(days=364), erased_at=timezone.now()) == 0
    assert erase_files_due(today=today + timedelta(days=365), erased_at=timezone.now()) == 1
    assert head.get(f"/photos/{photo.pk}/").status_code == 404
    html = text_of(head.get(f"/pc/{device.asset_tag}/"))
    assert ("Photo effacée" in html, f"/photos/{photo.pk}/" in html) == (True, False)


def test_a_photo_that_should_not_have_been_taken_is_erased_at_once(returns: Returns, head: Client) -> None:
    give_back(head, returns.held["bilal"], photos=shots(1))
    photo = ConditionPhoto.objects.get()
    for there, lands in (("/restituer/", "/restituer/"), ("//elsewhere.example/", "/pc/")):
        answer = head.post(f"/photos/{photo.pk}/effacer/", {"retour": there})
        assert (answer.status_code, answer.get("Location", "").startswith(lands)) in {(302, True), (404, False)}
    assert StoredFile.objects.get(pk=photo.file_id).ciphertext is None
    assert ConditionPhoto.objects.count() == 1


def test_a_movement_that_is_no_hand_over_and_no_return_takes_no_photo(returns: Returns, head: Client) -> None:
    device = returns.desk.fill(1)[0]
    topped_up = device.movements.latest("sequence")
    assert head.post(f"/photos/mouvement/{topped_up.pk}/", {"photos": shots(1)}).status_code == 404
    assert 'enctype="multipart/form-data"' not in text_of(head.get(f"/pc/{device.asset_tag}/"))


def test_a_pc_lent_for_a_repair_is_graded_and_photographed_too(cast: Cast, head: Client) -> None:
    bench = build_bench(cast)
    fields = form_of(head, "/reparer/", "/reparer/faire/", pc=bench.own.asset_tag)
    asked = head.post("/reparer/faire/", {**fields, "how": "lend"}).content.decode()
    assert re.findall(r'<option value="(\w)" selected', asked) == ["B"]
    said = {
        **fields,
        "how": "lend",
        "loaner": bench.loaner.asset_tag,
        "grade": "A",
        "photos": [*shots(1), *files(HEIC)],
    }
    answer = head.post("/reparer/faire/", said, follow=True)
    assert answer.redirect_chain[-1][0] == f"/pc/{bench.loaner.asset_tag}/", "the photo that is missing is of this PC"
    lent = Allocation.objects.get(device=bench.loaner)
    assert (lent.grade, ConditionPhoto.objects.get().act_id) == ("A", lent.pk)


def test_a_pc_that_replaces_a_stolen_one_is_graded_and_photographed(cast: Cast, head: Client) -> None:
    counter = build_counter(cast)
    theft = counter.declare("bilal")
    counter.accept(theft)
    spare = counter.desk.reserve[0]
    said = {"movement": str(uuid4()), "pc": spare.asset_tag, "grade": "B", "photos": shots(1)}
    head.post(f"/incidents/{theft.pk}/remplacer/", said)
    given = Allocation.objects.get(device=spare)
    assert (given.grade, ConditionPhoto.objects.get().act_id) == ("B", given.pk)
