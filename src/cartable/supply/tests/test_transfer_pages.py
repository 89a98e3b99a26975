"""The road on pages: the gestures of design/JOBS.md within their budgets, and what each end sees."""

import re
from collections.abc import Sequence
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from cartable.accounts.commands import appoint
from cartable.accounts.models import Person, Role
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.rules import Reason
from cartable.supply.models import Shipment, ShipmentLine
from cartable.supply.tests.conftest import Road

NEW = "/transferts/nouveau/"


def of(person: Person) -> Client:
    """Return the browser of somebody."""
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def tags(devices: Sequence[int]) -> list[str]:
    """Return the labels of PCs."""
    found = dict(Device.objects.filter(pk__in=devices).values_list("pk", "asset_tag"))
    return [found[device] for device in devices]


def form_of(client: Client, address: str = NEW) -> dict[str, str]:
    """Open a form and return what a browser would send of it untouched."""
    html = client.get(address).content.decode()
    found = dict(re.findall(r'<input[^>]*name="(\w+)" value="([^"]*)"', html.split('class="pile" method="post"')[1]))
    chosen = re.search(r'name="compte".*?<option value="(\w+)" selected', html, re.DOTALL)
    assert chosen
    return {**found, "compte": chosen[1]}


@pytest.fixture
def karim(road: Road) -> Client:
    """The browser of a technician of both lycées."""
    appoint(
        person=road.cast.karim, role=Role.TECHNICIAN, region_id=road.cast.region.pk, school=road.cast.other_school,
        starts_on=date(2026, 8, 1),
    )  # fmt: skip
    return of(road.cast.karim)


def test_move_ten_pcs_between_two_lycees(road: Road, karim: Client) -> None:
    """Technician: 2 + 10 scans (the place of arrival, each PC, the button)."""
    interactions = {"vers": road.cast.other_school.uai, "codes": "\n".join(tags(road.stock[:10])) + "\n"}
    answer = karim.post(NEW, {**form_of(karim), **interactions})
    sent = Shipment.objects.get()
    assert answer["Location"] == reverse("supply:shipment", args=[sent.pk])
    assert (sent.lines.count(), sent.destination_id) == (10, road.destination)


def test_move_a_batch_to_a_site_that_lacks_pcs(road: Road) -> None:
    """Region: 4 (where from, how many, where to, the button)."""
    cast, sonia = road.cast, of(road.cast.sonia)
    for device in cast.devices_in_depot(30):
        depot, allotment = cast.region_accounts[K.DEPOT], cast.school_accounts[K.SCHOOL_ALLOTMENT]
        cast.move(device, depot, allotment, Reason.ALLOTMENT)
    interactions = {"depuis": cast.school.uai, "nombre": "25", "vers": cast.other_school.uai}
    sonia.post(NEW, {**form_of(sonia), **interactions})
    sent = Shipment.objects.get()
    assert (sent.lines.count(), sent.destination_id) == (25, cast.other_accounts[K.SCHOOL_ALLOTMENT])


def test_a_form_sent_twice_is_one_shipment(road: Road, karim: Client) -> None:
    sent = {**form_of(karim), "vers": road.cast.other_school.uai, "codes": tags(road.stock[:1])[0]}
    assert karim.post(NEW, sent).status_code == 302
    karim.post(NEW, sent)
    assert Shipment.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "l’un ou l’autre"),
        ({"codes": "5CG9999999"}, "Inconnus ici"),
        ({"codes": "{stock}", "nombre": "2"}, "l’un ou l’autre"),
        ({"nombre": "2"}, "Dites d’où partent"),
        ({"nombre": "-1", "depuis": "{uai}"}, "À corriger"),
        ({"nombre": "99", "depuis": "{uai}"}, "pas assez de PC"),
        ({"codes": "{stock}", "vers": "{uai}"}, "y sont déjà"),
        ({"codes": "{stock}", "vers": "0570001A"}, "À corriger"),
        ({"codes": "{stolen}"}, "Déclarés volés ou perdus"),
        ({"codes": "{lent}"}, "Chez quelqu’un"),
        ({"codes": "{stock}\n{bench}"}, "même compte"),
        ({"codes": "a\x00b"}, "À corriger"),
    ],
)
def test_what_cannot_leave_is_explained_and_nothing_moves(
    road: Road, karim: Client, changes: dict[str, str], words: str
) -> None:
    cast, reserve = road.cast, road.origin
    cast.move(road.stock[1], reserve, cast.region_accounts[K.CLAIM], Reason.CLAIM)
    cast.move(road.stock[2], reserve, cast.student_account(), Reason.CHECK_OUT)
    cast.move(road.stock[3], reserve, cast.school_accounts[K.SCHOOL_BENCH], Reason.FAULT)
    stock, stolen, lent, bench = tags(road.stock[:4])
    said = {"uai": cast.school.uai, "stock": stock, "stolen": stolen, "lent": lent, "bench": bench}
    sent = {"vers": cast.other_school.uai, **{name: value.format(**said) for name, value in changes.items()}}
    answer = karim.post(NEW, {**form_of(karim), **sent})
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert Shipment.objects.count() == 0


def test_the_receipt_by_scan_its_closing_and_its_differences(road: Road) -> None:
    sent = road.send(road.stock[:3]).shipment_id
    zoe, address = of(road.cast.zoe), reverse("supply:shipment", args=[sent])
    first, second, third, stranger = tags([*road.stock[:3], road.stock[9]])

    def scan(code: str) -> str:
        return zoe.post(f"{address}recevoir/", {"code": code}, follow=True).content.decode()

    assert "est arrivé" in scan(first)
    assert "déjà scanné" in scan(first)
    assert "est arrivé" in scan(Device.objects.get(asset_tag=second).serial_number.lower())
    assert "n’était pas annoncé" in scan(stranger)
    assert "Aucun PC, carton ou palette" in scan("CARTON-9")
    assert "Clore : 1 PC manque" in zoe.get(address).content.decode()
    page = zoe.post(f"{address}clore/", {"missing": "1"}, follow=True).content.decode()
    assert "2 écarts à régler" in page
    missing = road.line(sent, road.stock[2])
    page = zoe.post(f"{address}ecarts/{missing.pk}/", {"suite": "found"}, follow=True).content.decode()
    assert "Écart réglé" in page
    assert road.stands(road.stock[2]) == [road.destination]
    assert third in {line.device.asset_tag for line in ShipmentLine.objects.select_related("device")}


def test_a_carton_is_received_by_one_scan(road: Road) -> None:
    Device.objects.filter(pk__in=road.stock[:5]).update(carton="CAR-7")
    sent = road.send(road.stock[:6]).shipment_id
    of(road.cast.zoe).post(f"/transferts/{sent}/recevoir/", {"code": "CAR-7"})
    assert ShipmentLine.objects.filter(shipment_id=sent, arrival__isnull=False).count() == 5


def test_a_stolen_pc_at_the_receipt_raises_the_alarm_and_stays_where_it_is(road: Road) -> None:
    sent = road.send(road.stock[:1]).shipment_id
    claim = road.cast.region_accounts[K.CLAIM]
    road.cast.move(road.stock[4], road.origin, claim, Reason.CLAIM)
    [tag] = tags(road.stock[4:5])
    answer = of(road.cast.zoe).post(f"/transferts/{sent}/recevoir/", {"code": tag})
    assert (answer.status_code, "avis--err" in answer.content.decode()) == (422, True)
    assert road.stands(road.stock[4]) == [claim]


def test_the_sender_sees_the_shipment_and_receives_nothing(road: Road) -> None:
    sent = road.send(road.stock[:1]).shipment_id
    durand, [tag] = of(road.cast.durand), tags(road.stock[:1])
    html = durand.get(f"/transferts/{sent}/").content.decode()
    assert "shipment-receive" not in html
    assert "recevoir" not in html
    assert (
        "Seul le lieu d’arrivée"
        in durand.post(f"/transferts/{sent}/recevoir/", {"code": tag}, follow=True).content.decode()
    )
    durand.post(f"/transferts/{sent}/clore/", {"missing": "1"})
    assert Shipment.objects.get().closed_at is None


def test_who_sent_by_mistake_takes_it_back_in_one_gesture(road: Road, karim: Client) -> None:
    sent = road.send(road.stock[:2]).shipment_id
    assert "Annuler l’envoi" in karim.get(f"/transferts/{sent}/").content.decode()
    assert "Annuler l’envoi" not in of(road.cast.zoe).get(f"/transferts/{sent}/").content.decode()
    assert "de nouveau au départ" in karim.post(f"/transferts/{sent}/annuler/", follow=True).content.decode()
    assert road.stands(*road.stock[:2]) == [road.origin] * 2
    other = road.send(road.stock[:1]).shipment_id
    road.receive(other, road.stock[0])
    assert "ne s’annule plus" in karim.post(f"/transferts/{other}/annuler/", follow=True).content.decode()


def test_a_third_lycee_finds_no_such_shipment(road: Road) -> None:
    depot = road.cast.region_accounts[K.DEPOT]
    road.cast.devices_in_depot(1)
    sent = road.send(count=1, origin=depot).shipment_id
    assert of(road.cast.durand).get(f"/transferts/{sent}/").status_code == 404


def test_lists_and_one_shipment_take_as_many_statements_for_one_as_for_many(road: Road, karim: Client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def statements(address: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert karim.get(address).status_code == 200
        return len(seen)

    one = road.send(road.stock[:1]).shipment_id
    counted = statements("/transferts/"), statements(f"/transferts/{one}/")
    many = road.send(road.stock[1:9]).shipment_id
    road.send(road.stock[9:10])
    assert (statements("/transferts/"), statements(f"/transferts/{many}/")) == counted
