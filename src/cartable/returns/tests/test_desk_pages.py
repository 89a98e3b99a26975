"""The desk in a head's hands: a scan and a letter; words and a way on where something may not be."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cartable.distribution.tests.conftest import enrol
from cartable.distribution.tests.paper_reading import texts
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.rules import Reason
from cartable.returns.models import CheckIn
from cartable.returns.tests.conftest import KIT, Returns, of
from cartable.rosters.commands.enrolment import NewStudent
from cartable.rosters.models import Enrolment


def page(client: Client, address: str = "/restituer/", **scanned: str) -> tuple[int, str]:
    """Open the desk with what was scanned."""
    answer = client.get(address, scanned)
    return answer.status_code, re.sub(r"\s+", " ", answer.content.decode())


def fields(html: str) -> dict[str, object]:
    """Return the fields of the form of the state, as a browser would send them untouched."""
    form = html.split('action="/restituer/faire/"')[1]
    found: dict[str, object] = dict(re.findall(r'name="(movement|pc|eleve)" value="([^"]*)"', form))
    kit = re.findall(r'name="kit" value="([^"]*)"[^>]* checked', form)
    why = re.findall(r'<option value="(\w+)" selected', form)
    return {**found, "kit": kit, "why": why[0]}


def give_back(client: Client, scanned: str, **chosen: object) -> str:
    """Scan, choose a letter; return the page after that."""
    _status, html = page(client, code=scanned)
    answer = client.post("/restituer/faire/", {**fields(html), "grade": "B", **chosen}, follow=True)
    return str(answer.content.decode())


def test_job_take_a_pc_back_is_a_scan_and_a_letter(returns: Returns, head: Client) -> None:
    device = returns.held["bilal"]
    assert f"{device.asset_tag} rendu par Bilal Benali" in give_back(head, device.asset_tag)
    taken = CheckIn.objects.get()
    assert (taken.grade, taken.kit_missing, taken.damages, taken.why) == ("B", [], [], "other")


def test_job_student_leaves_outside_the_region_is_a_scan_and_a_letter_and_prints_the_quitus(
    returns: Returns, head: Client
) -> None:
    # The real clock is after the cast's: a student with a date of exit has left.
    Enrolment.objects.filter(student=returns.students["bilal"]).update(
        ends_on=returns.cast.now.date() + timedelta(days=1)
    )
    html = give_back(head, returns.students["bilal"].label_code, grade="A")
    assert CheckIn.objects.get().why == "leaves_region"
    [address] = re.findall(r'href="(/restituer/[^"]+/quitus/)"', html)
    answer = head.get(address)
    assert answer["Content-Type"] == "application/pdf"
    said = " ".join(texts(answer.content))
    for word in (
        "Quitus",
        "Bilal Benali",
        returns.held["bilal"].serial_number,
        "Quitte la région",
        "ne doit plus rien",
    ):
        assert word in said, word


def test_the_reason_may_stand_in_the_address(returns: Returns, head: Client) -> None:
    _status, html = page(head, code=returns.held["bilal"].asset_tag, motif="end_of_studies")
    assert fields(html)["why"] == "end_of_studies"


def test_what_is_unticked_misses_and_the_quitus_says_so(returns: Returns, head: Client) -> None:
    html = give_back(
        head, returns.held["bilal"].serial_number, kit=list(KIT[:1]), damages=["screen", "case"], grade="C"
    )
    taken = CheckIn.objects.get()
    assert (taken.kit_missing, taken.damages) == (["pochette"], ["screen", "case"])
    [address] = re.findall(r'href="(/restituer/[^"]+/quitus/)"', html)
    said = " ".join(texts(head.get(address).content))
    assert "pochette" in said
    assert "ne doit plus rien" not in said


def test_no_name_stands_in_the_ledger_nor_in_an_address(returns: Returns, head: Client) -> None:
    html = give_back(head, returns.held["bilal"].asset_tag)
    taken = CheckIn.objects.get()
    assert taken.movement.evidence == "grade:B"
    assert not re.search(r'href="[^"]*[Bb](enali|ilal)', html)


def test_a_name_instead_of_a_label_lets_one_choose_and_stands_in_no_address(returns: Returns, head: Client) -> None:
    address, label = "/restituer/", returns.students["bilal"].label_code
    answer = head.post(address, {"code": "bena"})
    assert answer.status_code == 200
    assert f"?code={label}" in answer.content.decode()
    assert head.post(address, {"code": label})["Location"].endswith(f"?code={label}")
    by_address = head.get(address, {"code": "bena"})
    assert (by_address.status_code, label in by_address.content.decode()) == (422, False)


def test_the_pc_of_somebody_else_is_refused_with_a_way_on(returns: Returns, head: Client) -> None:
    theirs = returns.held["chloe"]
    status, html = page(head, code=theirs.asset_tag, eleve=returns.students["bilal"].label_code)
    assert status == 422
    assert "n’est pas celui de cet élève" in html
    assert "C’est le PC de Chloé Lefèvre" in html
    assert f'href="/restituer/?code={theirs.asset_tag}"' in html
    assert "/restituer/faire/" not in html


def test_a_stolen_pc_of_another_lycee_raises_the_alarm(returns: Returns, head: Client) -> None:
    cast = returns.cast
    [theirs] = returns.desk.fill(1, school=cast.other_school)
    cast.move(theirs.pk, cast.other_accounts[K.EMERGENCY_STOCK], cast.region_accounts[K.CLAIM], Reason.CLAIM)
    status, html = page(head, code=theirs.serial_number)
    assert status == 422
    assert "déclaré volé ou perdu" in html
    assert "avis--err" in html


@pytest.mark.parametrize("text", ["E0000000000", "xyz\x00", "é" * 90, "P0099999949", "' OR 1=1--"])
def test_a_code_of_nobody_is_explained(returns: Returns, head: Client, text: str) -> None:
    assert page(head, code=text)[0] == 422


def test_a_pc_of_another_lycee_is_unknown(returns: Returns) -> None:
    zoe = of(returns.cast.zoe)
    status, html = page(zoe, code=returns.held["bilal"].asset_tag)
    assert status == 422
    assert "Aucun PC ni élève" in html
    answer = zoe.post(
        "/restituer/faire/",
        {"movement": "9f1c9a52-7a54-4f0a-9a4f-3a2f6f1d3b10", "pc": returns.held["bilal"].asset_tag,
         "eleve": returns.students["bilal"].label_code, "grade": "A", "why": "other"},
    )  # fmt: skip
    assert answer.status_code == 302
    assert not CheckIn.objects.exists()


def test_who_holds_nothing_is_told(returns: Returns, head: Client) -> None:
    status, html = page(head, code=returns.students["dylan"].label_code)
    assert status == 422
    assert "n’a pas de PC" in html


def test_the_last_return_is_undone_from_the_desk(returns: Returns, head: Client) -> None:
    give_back(head, returns.held["bilal"].asset_tag)
    _status, html = page(head)
    [address] = re.findall(r'action="(/restituer/[^"]+/annuler/)"', html)
    answer = head.post(address, {"movement": "9f1c9a52-7a54-4f0a-9a4f-3a2f6f1d3b10"}, follow=True)
    assert "de nouveau chez son élève" in answer.content.decode()
    assert returns.desk.custody(returns.held["bilal"]) == K.STUDENT
    assert head.get(reverse("returns:quitus", args=[CheckIn.objects.get().pk])).status_code == 404


SERIES = {"classe": "2DE7", "etat": "B", "complet": "on", "motif": "end_of_studies"}


def scan(client: Client, uai: str, text: str, movement: str = "9f1c9a52-7a54-4f0a-9a4f-3a2f6f1d3b1") -> object:
    address = reverse("returns:series", args=[uai], query=SERIES)
    return client.post(address, {"pc": text, "movement": f"{movement}{text[-1]}"}, follow=True)


def test_a_class_gives_back_in_series_one_scan_each(returns: Returns, head: Client) -> None:
    uai = returns.cast.school.uai
    status, html = page(head, reverse("returns:school-classes", args=[uai]))
    assert status == 200
    assert "2DE7" in html
    for name in ("bilal", "chloe"):
        answer = scan(head, uai, returns.held[name].asset_tag)
        assert returns.students[name].display_name in answer.content.decode()  # type: ignore[attr-defined]
    assert "Tous les PC de la classe sont rendus" in answer.content.decode()  # type: ignore[attr-defined]
    assert set(CheckIn.objects.values_list("grade", "why")) == {("B", "end_of_studies")}


def test_a_pc_of_another_class_is_stopped_with_a_way_to_the_desk(returns: Returns, head: Client) -> None:
    answer = scan(head, returns.cast.school.uai, returns.held["alice"].asset_tag)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert f"/restituer/?code={returns.held['alice'].asset_tag}" in answer.content.decode()  # type: ignore[attr-defined]
    assert not CheckIn.objects.exists()


def test_a_pc_scanned_twice_in_series_is_said_once_more(returns: Returns, head: Client) -> None:
    for _ in range(2):
        answer = scan(head, returns.cast.school.uai, returns.held["bilal"].asset_tag)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert CheckIn.objects.count() == 1


def test_a_class_of_nobody_is_not_there(returns: Returns, head: Client) -> None:
    assert page(head, reverse("returns:series", args=[returns.cast.school.uai]), classe="ZZZ")[0] == 404


def test_the_page_of_a_class_asks_the_same_number_of_questions_whatever_its_size(
    returns: Returns, head: Client, django_assert_num_queries: Any
) -> None:
    address = reverse("returns:series", args=[returns.cast.school.uai], query=SERIES)
    with CaptureQueriesContext(connection) as of_two:
        assert head.get(address).status_code == 200
    names = {f"n{n}": NewStudent(0, "Petit", f"Nom{n}", division="2DE7", level="2211") for n in range(30)}
    enrol(returns.cast, names)
    with django_assert_num_queries(len(of_two)):
        assert "Nom29" in head.get(address).content.decode()
