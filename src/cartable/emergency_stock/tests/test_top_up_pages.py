"""Top-ups on pages: the gestures of design/JOBS.md within their budgets, one test per row."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cartable.emergency_stock.models import TopUp
from cartable.emergency_stock.tests.conftest import Desk
from cartable.emergency_stock.tests.test_desk_pages import of
from cartable.emergency_stock.tests.test_top_ups import ask, grant, refuse
from cartable.fleet.rules import CustodianKind as K
from cartable.supply.models import Shipment


def form(html: str, action: str) -> dict[str, str]:
    """Return the fields of a form, as a browser would send them untouched."""
    part = html.split(f'action="{action}"')[1].split("</form>")[0]
    found: dict[str, str] = {}
    for field in re.findall(r"<input[^>]*>", part):
        said = dict(re.findall(r'(\w+)="([^"]*)"', field))
        found[said["name"]] = said.get("value", "")
    return found


@pytest.fixture
def head(desk: Desk) -> Client:
    return of(desk.cast.durand)


@pytest.fixture
def region(desk: Desk) -> Client:
    return of(desk.cast.sonia)


def empty(desk: Desk) -> None:
    """Put the reserve of the lycée aside."""
    accounts = desk.cast.school_accounts
    for device in desk.reserve:
        desk.cast.move(device.pk, accounts[K.EMERGENCY_STOCK], accounts[K.SCHOOL_BENCH], "fault")  # type: ignore[arg-type]


def test_ask_for_a_top_up_of_the_reserve(desk: Desk, head: Client) -> None:
    """Head: 2 (open the reserve, the button; what it lacks is proposed)."""
    empty(desk)
    address = f"/reserve/{desk.cast.school.uai}/"
    html = head.get(address).content.decode()
    assert "Réserve basse" in html
    answer = head.post(f"{address}demander/", form(html, f"{address}demander/"), follow=True).content.decode()
    assert "Demande envoyée" in answer
    assert "demander/" not in answer  # One request at a time: the form is gone.
    assert TopUp.objects.get().asked_count == 1


def test_approve_a_reserve_top_up(desk: Desk, region: Client) -> None:
    """Region: 2 (open the list, the button of the line)."""
    desk.cast.devices_in_depot(3)
    action = f"/reserve/reassorts/{ask(desk)}/accorder/"
    html = region.get("/reserve/reassorts/").content.decode()
    assert "1 demande accordée" in region.post(action, form(html, action), follow=True).content.decode()
    assert Shipment.objects.get().lines.count() == 3


def test_approve_all_of_a_list(desk: Desk, region: Client) -> None:
    """Region: 3 (open the list, all of it, the button that confirms)."""
    desk.cast.devices_in_depot(5)
    ask(desk)
    ask(desk, 2, school=desk.cast.other_school)
    assert "Tout accorder" in region.get("/reserve/reassorts/").content.decode()
    html = region.get("/reserve/reassorts/tous/").content.decode()
    shown = re.findall(r'name="demande" value="([^"]*)"', html)
    answer = region.post("/reserve/reassorts/tous/", {"demande": shown}, follow=True).content.decode()
    assert "2 demandes accordées" in answer
    assert Shipment.objects.count() == 2


def test_only_what_was_shown_is_granted(desk: Desk, region: Client) -> None:
    desk.cast.devices_in_depot(5)
    shown = ask(desk)
    ask(desk, 2, school=desk.cast.other_school)
    region.post("/reserve/reassorts/tous/", {"demande": [str(shown), "autre chose"]})
    assert TopUp.objects.get(decided_at=None).school == desk.cast.other_school


def test_a_list_that_the_depot_cannot_serve_says_so(desk: Desk, region: Client) -> None:
    ask(desk)
    html = region.get("/reserve/reassorts/tous/").content.decode()
    assert "pas assez" in html
    request = TopUp.objects.get()
    action = f"/reserve/reassorts/{request.pk}/accorder/"
    assert "pas assez" in region.post(action, {"count": "3"}, follow=True).content.decode()


def test_a_refusal_is_read_by_the_lycee(desk: Desk, region: Client, head: Client) -> None:
    action = f"/reserve/reassorts/{ask(desk)}/refuser/"
    assert region.post(action, {"reason": ""}).status_code == 422
    region.post(action, {"reason": "Livraison le 3 octobre."})
    assert "Livraison le 3 octobre." in head.get(f"/reserve/{desk.cast.school.uai}/").content.decode()


def test_what_is_on_the_road_shows_on_the_page_of_the_reserve(desk: Desk, head: Client) -> None:
    desk.cast.devices_in_depot(3)
    [shipment] = grant(desk, (ask(desk), 2)).values()
    html = head.get(f"/reserve/{desk.cast.school.uai}/").content.decode()
    assert f"/transferts/{shipment}/" in html
    assert "0 / 2" in html


def test_evening_out_is_one_gesture(desk: Desk, region: Client) -> None:
    desk.fill(4, school=desk.cast.other_school)
    empty(desk)
    html = region.get("/reserve/reequilibrage/").content.decode()
    sent = form(html, "/reserve/reequilibrage/faire/")
    answers = {region.post("/reserve/reequilibrage/faire/", sent)["Location"] for _ in range(2)}
    assert answers == {f"/transferts/{Shipment.objects.get().pk}/"}


def test_the_pages_of_reserves_take_a_constant_number_of_statements(desk: Desk, region: Client) -> None:
    def statements(address: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert region.get(address).status_code == 200
        return len(seen)

    pages = (f"/reserve/{desk.cast.school.uai}/", "/reserve/", "/reserve/reassorts/", "/reserve/reequilibrage/")
    desk.cast.devices_in_depot(9)
    refuse(desk, ask(desk))
    grant(desk, (ask(desk), 2))
    ask(desk)
    before = [statements(page) for page in pages]
    ask(desk, school=desk.cast.other_school)
    grant(desk, (TopUp.objects.get(school=desk.cast.school, decided_at=None).pk, 2))
    ask(desk)
    assert [statements(page) for page in pages] == before
