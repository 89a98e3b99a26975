"""The desk in a head's hands: three gestures for an absent student, and words where something may not be."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from cartable.accounts.models import Person
from cartable.conftest import Cast
from cartable.emergency_stock.models import Allocation
from cartable.emergency_stock.queries.gesture import usual_grade
from cartable.emergency_stock.tests.conftest import Desk
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.rules import Reason


def of(person: Person) -> Client:
    """Return the browser of somebody."""
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def head(desk: Desk) -> Client:
    return of(desk.cast.durand)


def page(client: Client, **scanned: str) -> tuple[int, str]:
    """Open the desk with what was scanned so far."""
    answer = client.get(reverse("emergency_stock:hand-over"), scanned)
    return answer.status_code, re.sub(r"\s+", " ", answer.content.decode())


def fields(html: str) -> dict[str, str]:
    """Return the fields of the last form, as a browser would send them."""
    found = dict(re.findall(r'name="(\w+)" value="([^"]*)"', html.split('action="/remettre/faire/"')[1]))
    return {**found, "cause": "absent", "grade": re.findall(r'<option value="([A-D])" selected', html)[0]}


def test_student_pc_charter_are_three_gestures(desk: Desk, head: Client) -> None:
    code, tag = desk.students["bilal"].label_code, desk.reserve[0].asset_tag
    status, html = page(head, eleve=code)
    assert status == 200
    assert "Bilal Benali" in html
    status, html = page(head, eleve=code, pc=tag)
    assert "Charte signée reçue" in html
    answer = head.post("/remettre/faire/", fields(html), follow=True)
    assert f"{tag} remis à Bilal Benali" in answer.content.decode()
    assert Allocation.objects.count() == 1


def test_sending_the_last_form_twice_hands_one_pc_over(desk: Desk, head: Client) -> None:
    _status, html = page(head, eleve=desk.students["bilal"].label_code, pc=desk.reserve[0].serial_number)
    for _ in range(2):
        head.post("/remettre/faire/", fields(html))
    assert Allocation.objects.count() == 1


def test_a_name_instead_of_a_label_lets_one_choose_and_stands_in_no_address(desk: Desk, head: Client) -> None:
    address, label = reverse("emergency_stock:hand-over"), desk.students["bilal"].label_code
    answer = head.post(address, {"eleve": "bena"})
    assert answer.status_code == 200
    assert f"?eleve={label}" in answer.content.decode()
    assert head.post(address, {"eleve": label})["Location"].endswith(f"?eleve={label}")
    by_address = head.get(address, {"eleve": "bena"})
    assert (by_address.status_code, label in by_address.content.decode()) == (422, False)


@pytest.mark.parametrize(
    ("text", "said"), [("E0000000000", "Aucun élève de votre lycée"), ("xyz\x00", "caractère nul"), ("é" * 90, "")]
)
def test_a_code_of_nobody_is_explained(desk: Desk, head: Client, text: str, said: str) -> None:
    status, html = page(head, eleve=text)
    assert status == 422
    assert re.search(said, html)


def test_a_pc_of_another_lycee_is_unknown_here(desk: Desk, head: Client) -> None:
    [theirs] = desk.fill(1, school=desk.cast.other_school)
    status, html = page(head, eleve=desk.students["bilal"].label_code, pc=theirs.asset_tag)
    assert status == 422
    assert "Aucun PC de votre lycée" in html


def test_a_stolen_pc_raises_an_alarm_although_it_is_nobodys(desk: Desk, head: Client) -> None:
    cast = desk.cast
    [theirs] = desk.fill(1, school=cast.other_school)
    cast.move(theirs.pk, cast.other_accounts[K.EMERGENCY_STOCK], cast.region_accounts[K.CLAIM], Reason.CLAIM)
    status, html = page(head, eleve=desk.students["bilal"].label_code, pc=theirs.serial_number)
    assert status == 422
    assert "déclaré volé ou perdu" in html
    assert "avis--err" in html


def test_who_is_equipped_is_told_before_any_pc_is_scanned(desk: Desk, head: Client) -> None:
    desk.hand_over("bilal", desk.reserve[0])
    status, html = page(head, eleve=desk.students["bilal"].label_code)
    assert status == 422
    assert "a déjà un PC" in html


def test_the_reserve_shows_its_level_its_loans_and_what_left(desk: Desk, head: Client) -> None:
    own, loaner, _third = desk.reserve
    desk.hand_over("bilal", own)
    desk.check_in("bilal", own)
    desk.lend("bilal", loaner, own)
    html = head.get(reverse("emergency_stock:reserve", args=[desk.cast.school.uai])).content.decode()
    assert "remplace" in html
    assert "Absent le jour de la distribution" in html


def test_an_allocation_is_undone_from_the_page(desk: Desk, head: Client) -> None:
    done = desk.hand_over("bilal", desk.reserve[0])
    address = reverse("emergency_stock:undo", args=[done.movement_id])
    answer = head.post(address, {"movement": "9f1c9a52-7a54-4f0a-9a4f-3a2f6f1d3b10"}, follow=True)
    assert "de nouveau dans la réserve" in answer.content.decode()
    assert desk.custody(desk.reserve[0]) == K.EMERGENCY_STOCK


def test_the_region_sees_all_reserves_and_hands_nothing_over(cast: Cast, desk: Desk) -> None:
    region = of(cast.sonia)
    assert "Lycée du Warndt" in region.get(reverse("emergency_stock:reserves")).content.decode()
    assert region.get(reverse("emergency_stock:hand-over")).status_code == 404


def test_the_state_at_the_hand_over_is_kept_and_shown_to_whoever_takes_the_pc_back(desk: Desk, head: Client) -> None:
    code, tag = desk.students["bilal"].label_code, desk.reserve[0].asset_tag
    _status, html = page(head, eleve=code, pc=tag)
    said = fields(html)
    assert said["grade"] == "A", "no student had it before"
    head.post("/remettre/faire/", {**said, "grade": "C"})
    assert Allocation.objects.get().grade == "C"
    assert "dans l’état C, abîmé." in head.get("/restituer/", {"code": tag}).content.decode()
    desk.check_in("bilal", desk.reserve[0])
    assert usual_grade(desk.reserve[0].pk) == "B"
