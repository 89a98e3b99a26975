"""Incidents in the hands of a head: four gestures from the theft to its replacement, and words where a door is closed."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cartable.accounts.models import Person
from cartable.conftest import Cast
from cartable.distribution.tests.paper_reading import texts
from cartable.emergency_stock.models import Allocation, Loan
from cartable.emergency_stock.tests.conftest import build_desk
from cartable.fleet.audit import audit_ledger
from cartable.fleet.models import Device, Movement
from cartable.fleet.rules import CustodianKind as K
from cartable.incidents.commands.declarations import withdraw
from cartable.incidents.models import Incident, Rebuy
from cartable.incidents.queries.hot import hot_list
from cartable.incidents.queries.waiting import Wait, waiting
from cartable.incidents.rules import IncidentKind
from cartable.incidents.tests.conftest import RECEIPT, Counter, another_campaign, sign
from cartable.supply.commands import Consignment, close_receipt, dispatch_shipments, settle_difference
from cartable.supply.models import ShipmentLine
from cartable.supply.rules import Ends, Remedy
from cartable.ui.figures import moment


def of(person: Person) -> Client:
    """Return the browser of somebody."""
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def head(counter: Counter) -> Client:
    return of(counter.cast.durand)


def text_of(answer: Any) -> str:
    """Return what a page says, its spaces made one."""
    return re.sub(r"\s+", " ", answer.content.decode())


def page(client: Client, route: str, *args: Any, **query: str) -> tuple[int, str]:
    """Open a page."""
    answer = client.get(reverse(route, args=args), query)
    return answer.status_code, text_of(answer)


def hidden(html: str, action: str) -> dict[str, str]:
    """Return the hidden fields of the form that goes to an address, as a browser would send them."""
    form = html.split(f'action="{action}"')[1].split("</form>")[0]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def declared_on_the_page(client: Client, code: str, kind: str, **said: str) -> tuple[Incident, str]:
    """Declare from the page; return the incident and what its page says."""
    _status, html = page(client, "incidents:declare", code=code)
    fields = {**hidden(html, "/declarer/faire/"), "kind": kind, "happened_on": "2026-09-14", **said}
    answer = client.post("/declarer/faire/", fields, follow=True)
    return Incident.objects.latest("declared_at", "pk"), text_of(answer)


def sent(client: Client, incident: Incident, verb: str, **fields: Any) -> str:
    """Send a form of an incident's page; return what the page says then."""
    return text_of(client.post(f"/incidents/{incident.pk}/{verb}/", fields, follow=True))


def receipt(content: bytes = RECEIPT) -> SimpleUploadedFile:
    return SimpleUploadedFile("recepisse.pdf", content, "application/pdf")


MOVEMENT = "9f1c9a52-7a54-4f0a-9a4f-3a2f6f1d3b10"
OTHER_MOVEMENT = "9f1c9a52-7a54-4f0a-9a4f-3a2f6f1d3b11"
COMPLAINT = {"number": "2026/99", "office": "Police, Metz", "lodged_on": "2026-09-14"}


def test_theft_replace_from_the_reserve(counter: Counter, head: Client) -> None:
    incident, html = declared_on_the_page(head, counter.desk.students["bilal"].label_code, "theft")
    assert "Le récépissé de la plainte manque" in html
    assert "/remplacer/" not in html
    html = sent(head, incident, "plainte", movement=MOVEMENT, receipt=receipt(), **COMPLAINT)
    assert "Le vol est établi" in html
    spare = counter.desk.reserve[0]
    html = sent(head, incident, "remplacer", movement=OTHER_MOVEMENT, pc=spare.asset_tag)
    assert "L’incident est clos" in html
    assert counter.custody(spare) == K.STUDENT


def test_a_direct_request_gets_no_pc_before_the_receipt(counter: Counter, head: Client) -> None:
    incident, _html = declared_on_the_page(head, counter.pcs["bilal"].asset_tag, "theft")
    spare = counter.desk.reserve[0]
    html = sent(head, incident, "remplacer", movement=MOVEMENT, pc=spare.asset_tag)
    assert "Rien ne sort de la réserve avant" in html
    assert counter.custody(spare) == K.EMERGENCY_STOCK
    code = counter.desk.students["bilal"].label_code
    _status, html = page(head, "emergency_stock:hand-over", eleve=code)
    assert "la réserve ne remet rien d’autre" in html
    for cause in ("theft", "walk_up"):
        head.post("/remettre/faire/", {"movement": OTHER_MOVEMENT, "eleve": code, "pc": spare.asset_tag, "cause": cause,
                                       "grade": "B", "charter_received": "on"})  # fmt: skip
        assert counter.custody(spare) == K.EMERGENCY_STOCK


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"number": ""}, "obligatoire"),
        ({"office": ""}, "obligatoire"),
        ({"receipt": ""}, "obligatoire"),
        ({"receipt": receipt(b"<svg onload=alert(1)>")}, "ni un PDF"),
    ],
)
def test_a_receipt_with_something_missing_is_explained(
    counter: Counter, head: Client, wrong: dict[str, Any], said: str
) -> None:
    incident = counter.declare("bilal")
    answer = head.post(
        f"/incidents/{incident.pk}/plainte/", {"movement": MOVEMENT, "receipt": receipt(), **COMPLAINT, **wrong}
    )
    assert answer.status_code == 422
    assert said in text_of(answer)


def test_the_receipt_opens_for_the_head_and_the_region_only(counter: Counter) -> None:
    incident = counter.declare("bilal")
    counter.accept(incident)
    address = reverse("incidents:receipt", args=[incident.pk])
    cast = counter.cast
    for person, status in (
        (cast.durand, 200),
        (cast.sonia, 200),
        (cast.weber, 404),
        (cast.karim, 404),
        (cast.zoe, 404),
    ):
        assert of(person).get(address).status_code == status, person.full_name
    answer = of(cast.durand).get(address)
    assert (answer.content, answer["Content-Type"]) == (RECEIPT, "application/pdf")
    assert "no-store" in answer["Cache-Control"]
    assert "sandbox" in answer["Content-Security-Policy"]


# What each campaign opens, and what the page says of its rules.
COHORTS = {
    "alice": (2021, {"breakage": "rebuy", "loss": "rebuy", "theft": "replacement"}),
    "bilal": (2023, {"breakage": "nothing", "loss": "nothing", "theft": "loan"}),
}
VERBS = {"rebuy": "rachat", "replacement": "remplacer", "loan": "preter"}


@pytest.fixture
def two_cohorts(cast: Cast) -> Counter:
    """One lycée, a student of the rules of 2021 and one of those of 2023, each with a PC."""
    desk = build_desk(cast, reserve=4)
    for name, (first_year, opens) in COHORTS.items():
        rules = another_campaign(cast, first_year=first_year, **{f"{kind}_opens": what for kind, what in opens.items()})
        sign(cast, desk.students[name].pk, rules)
    pcs = {name: desk.reserve.pop() for name in COHORTS}
    for name, pc in pcs.items():
        desk.hand_over(name, pc, charter=False)
    return Counter(desk, cast, pcs)


def written() -> tuple[object, ...]:
    """Return everything that a door writes."""
    incidents = list(Incident.objects.order_by("pk").values("pk", "state", "closed_as", "allocation"))
    return incidents, Movement.objects.count(), Allocation.objects.count(), Loan.objects.count(), Rebuy.objects.count()


@pytest.mark.parametrize("kind", ["breakage", "loss", "theft"])
def test_the_same_incident_opens_different_doors_for_two_cohorts_on_the_page_and_by_direct_request(
    two_cohorts: Counter, kind: str
) -> None:
    counter, head = two_cohorts, of(two_cohorts.cast.durand)
    ends = {"rebuy": "Achat noté", "replacement": "L’incident est clos", "loan": "prêté", "nothing": "Incident clos"}
    for name, (first_year, opens) in COHORTS.items():
        incident, html = declared_on_the_page(head, counter.desk.students[name].label_code, kind)
        if kind == "theft":
            html = sent(head, incident, "plainte", movement=str(uuid4()), receipt=receipt(), **COMPLAINT)
        opened, spare = opens[kind], counter.desk.reserve.pop()
        purchase = {"serial_number": f"5CG999{first_year}", "bought_on": "2026-09-15"}
        forms = {"rebuy": purchase, "replacement": {"pc": spare.asset_tag}, "loan": {"pc": spare.asset_tag}}
        # The page: one door, and the rules of this student's own campaign.
        shown = {door for door, verb in VERBS.items() if f"/incidents/{incident.pk}/{verb}/" in html}
        assert shown == ({opened} - {"nothing"})
        says = [year for year, _opens in COHORTS.values() if f"Charte de {year} : une casse" in html]
        assert says == [first_year]
        # By direct request: refused by what the rules say, and nothing is written.
        refusal = "n’ouvrent rien" if opened == "nothing" else "ouvrent autre chose"
        before = written()
        for door in VERBS.keys() - {opened}:
            assert refusal in sent(head, incident, VERBS[door], movement=str(uuid4()), **forms[door]), door
            assert written() == before
        verb, form = ("clore", {}) if opened == "nothing" else (VERBS[opened], forms[opened])
        assert ends[opened] in sent(head, incident, verb, movement=str(uuid4()), **form)
        assert counter.now_of(incident).state == "closed"
    assert audit_ledger().broken == []


def test_a_loan_is_granted_by_the_head_and_not_by_the_office(counter: Counter, head: Client) -> None:
    rules = another_campaign(counter.cast, first_year=2027, breakage_opens="loan")
    sign(counter.cast, counter.desk.students["chloe"].pk, rules)
    incident = counter.declare("chloe", IncidentKind.BREAKAGE)
    spare = counter.desk.reserve[0]
    address = f"/incidents/{incident.pk}/preter/"
    assert of(counter.cast.weber).post(address, {"movement": MOVEMENT, "pc": spare.asset_tag}).status_code == 404
    assert "prêté" in sent(head, incident, "preter", movement=MOVEMENT, pc=spare.asset_tag)


def test_a_second_theft_is_shown_to_the_head(counter: Counter, head: Client) -> None:
    first = counter.declare("bilal")
    counter.accept(first)
    counter.replace(first, counter.desk.reserve[0])
    code = counter.desk.students["bilal"].label_code
    assert "Un vol est déjà déclaré pour cet élève" in page(head, "incidents:declare", code=code)[1]
    _incident, html = declared_on_the_page(head, code, "theft")
    assert "2 vols sont déclarés pour cet élève" in html


def test_a_code_leads_to_the_open_incident_of_its_student_or_pc(counter: Counter, head: Client) -> None:
    incident = counter.declare("bilal", IncidentKind.BREAKAGE)
    for code in (counter.desk.students["bilal"].label_code, counter.pcs["bilal"].serial_number):
        answer = head.get(reverse("incidents:declare"), {"code": code})
        assert answer["Location"] == reverse("incidents:incident", args=[incident.pk])


@pytest.mark.parametrize("text", ["E0000000000", "xyz\x00", "é" * 90, "personne"])
def test_a_code_of_nobody_is_explained(counter: Counter, head: Client, text: str) -> None:
    assert page(head, "incidents:declare", code=text)[0] == 422


def test_a_student_without_pc_has_nothing_to_declare(counter: Counter, head: Client) -> None:
    status, html = page(head, "incidents:declare", code=counter.desk.students["dylan"].label_code)
    assert (status, "n’a pas de PC" in html) == (422, True)


def test_a_name_instead_of_a_label_lets_one_choose_and_stands_in_no_address(counter: Counter, head: Client) -> None:
    address, label = reverse("incidents:declare"), counter.desk.students["bilal"].label_code
    answer = head.post(address, {"code": "bena"})
    assert answer.status_code == 200
    assert f"?code={label}" in answer.content.decode()
    assert head.post(address, {"code": label})["Location"].endswith(f"?code={label}")
    by_address = head.get(address, {"code": "bena"})
    assert (by_address.status_code, label in by_address.content.decode()) == (422, False)


def test_the_form_sent_twice_leads_to_one_incident(counter: Counter, head: Client) -> None:
    _status, html = page(head, "incidents:declare", code=counter.pcs["bilal"].asset_tag)
    fields = {**hidden(html, "/declarer/faire/"), "kind": "theft", "happened_on": "2026-09-14"}
    first, second = (head.post("/declarer/faire/", fields)["Location"] for _ in range(2))
    assert (first, Incident.objects.count()) == (second, 1)


def test_a_declaration_is_withdrawn_from_its_page(counter: Counter, head: Client) -> None:
    incident = counter.declare("bilal")
    assert "Déclaration retirée" in sent(head, incident, "retirer", movement=MOVEMENT)
    assert counter.custody(counter.pcs["bilal"]) == K.STUDENT


def test_a_stolen_pc_scanned_in_another_lycee_raises_the_alarm_at_every_desk(counter: Counter) -> None:
    counter.accept(counter.declare("bilal"))
    pc, zoe = counter.pcs["bilal"], of(counter.cast.zoe)
    for code in (pc.asset_tag, pc.serial_number):
        status, html = page(zoe, "incidents:declare", code=code)
        assert (status, "Ce PC est déclaré volé ou perdu" in html, "Gardez le PC" in html) == (422, True, True)
        assert "Bilal" not in html
    status, html = page(zoe, "incidents:hot", code=pc.asset_tag)
    assert (status, "Retrouvé : le mettre à l’atelier" in html) == (200, True)
    fields = hidden(html, "/alerte/retrouve/")
    html = text_of(zoe.post("/alerte/retrouve/", fields, follow=True))
    assert "il est à l’atelier" in html
    assert counter.custody(pc) == K.SCHOOL_BENCH


def test_the_hot_list_is_the_regions_and_each_heads_own(counter: Counter) -> None:
    counter.declare("bilal")
    counter.close(counter.declare("chloe", IncidentKind.LOSS))
    tags = {counter.pcs["bilal"].asset_tag, counter.pcs["chloe"].asset_tag}
    cast = counter.cast
    everything = hot_list(region_id=cast.region.pk, school_ids=None)
    assert {row.asset_tag for row in everything.rows} == tags
    assert {row.kind for row in everything.rows} == {"claim", "lost"}
    assert hot_list(region_id=cast.region.pk, school_ids=[cast.other_school.pk]).rows == ()
    assert "Lycée des Trois-Rivières" in page(of(cast.sonia), "incidents:hot")[1]
    html = page(of(cast.durand), "incidents:hot", etat="lost")[1]
    assert counter.pcs["chloe"].serial_number in html
    assert counter.pcs["bilal"].serial_number not in html
    assert counter.pcs["chloe"].serial_number not in page(of(cast.zoe), "incidents:hot")[1]


def lost_on_the_way(counter: Counter, device: Device) -> UUID:
    """Send a PC of the reserve to the other lycée, where it never arrives; return its shipment."""
    cast, shipment = counter.cast, uuid4()
    by, ends = cast.sonia.actor_id, (cast.school_accounts[K.EMERGENCY_STOCK], cast.other_accounts[K.EMERGENCY_STOCK])
    sent = Consignment(shipment, *ends, device_ids=(device.pk,))
    dispatch_shipments([sent], region_id=cast.region.pk, dispatched_at=cast.now, dispatched_by_id=by)
    close_receipt(shipment_id=shipment, expected_missing=1, closed_at=cast.now, closed_by_id=by)
    line = ShipmentLine.objects.get(shipment_id=shipment)
    both = Ends(origin=True, destination=True)
    settle_difference(line_id=line.pk, remedy=Remedy.CLAIMED, ends=both, settled_at=cast.now, settled_by_id=by)
    return shipment


def test_what_was_lost_on_the_road_raises_the_alarm_and_its_page_says_how(counter: Counter) -> None:
    cast, pc = counter.cast, counter.desk.reserve[0]
    take_back_declaration(counter, counter.declare("", device=pc))  # What was once declared here explains nothing now.
    shipment = lost_on_the_way(counter, pc)
    way = "Lycée des Trois-Rivières, Réserve (FUP) → Lycée du Warndt, Réserve (FUP)"
    status, html = page(of(cast.zoe), "incidents:hot", code=pc.serial_number)
    assert (status, "Ce PC est déclaré volé ou perdu" in html, f"Perdu en chemin : {way}" in html) == (200, True, True)
    [row] = hot_list(region_id=cast.region.pk, school_ids=None).rows
    assert (row.asset_tag, row.school, row.incident_id, row.declared_at) == (pc.asset_tag, "", None, cast.now)
    for school in (cast.school, cast.other_school):  # Both ends see a shipment, and what it lost.
        assert hot_list(region_id=cast.region.pk, school_ids=[school.pk]).rows == (row,)
    html = text_of(of(cast.sonia).get(reverse("fleet:device", args=[pc.asset_tag])))
    at = " ".join(moment(cast.now).split())
    assert f"Déclaré perdu en chemin le {at} : {way}." in html
    assert f'href="{reverse("supply:shipment", args=[shipment])}"' in html


def test_what_was_lost_on_the_road_and_turns_up_at_the_region_is_at_the_depot(counter: Counter) -> None:
    pc = counter.desk.reserve[0]
    withdrawn = counter.declare("", device=pc)
    take_back_declaration(counter, withdrawn)
    lost_on_the_way(counter, pc)
    assert counter.find(pc).incident_id is None
    assert counter.custody(pc) == K.DEPOT
    assert counter.now_of(withdrawn).found_at is None
    assert audit_ledger().broken == []


def take_back_declaration(counter: Counter, incident: Incident) -> None:
    """Withdraw a declaration that was a mistake."""
    withdraw(
        incident_id=incident.pk, movement_id=uuid4(), withdrawn_at=counter.cast.now,
        withdrawn_by_id=counter.cast.durand.actor_id,
    )  # fmt: skip


def test_a_code_that_is_not_hot_is_said_so(counter: Counter, head: Client) -> None:
    status, html = page(head, "incidents:hot", code=counter.pcs["bilal"].asset_tag)
    assert (status, "n’est pas déclaré volé" in html) == (422, True)


def test_the_certificate_says_what_an_insurer_asks_for(counter: Counter, head: Client) -> None:
    incident = counter.declare("alice", IncidentKind.BREAKAGE)
    answer = head.get(reverse("incidents:certificate", args=[incident.pk]))
    assert answer["Content-Type"] == "application/pdf"
    [text] = texts(answer.content)
    for part in ("Alice Marchand", counter.pcs["alice"].serial_number, "349,90", "Casse", "14 septembre 2026"):
        assert part in text


def test_what_waits_is_said_by_kind_and_lycee_with_its_age(
    counter: Counter, head: Client, django_assert_num_queries: Any
) -> None:
    counter.declare("bilal")
    counter.declare("alice", IncidentKind.BREAKAGE)
    counter.declare("chloe", IncidentKind.LOSS)
    cast = counter.cast
    with django_assert_num_queries(1):
        found = waiting((cast.school.pk,), now=cast.now)
    assert {(one.kind, one.count, one.oldest_days, one.school) for one in found} == {
        (kind, 1, 0, "Lycée des Trois-Rivières") for kind in Wait
    }
    assert waiting((cast.other_school.pk,)) == []
    [receipts] = [one for one in waiting(None) if one.kind == Wait.RECEIPT]
    html = text_of(head.get(receipts.url))
    assert "Bilal Benali" in html
    assert "Alice" not in html


def test_the_list_shows_open_incidents_then_closed_ones(counter: Counter, head: Client) -> None:
    counter.declare("bilal")
    counter.close(counter.declare("chloe", IncidentKind.LOSS))
    assert "Bilal" in page(head, "incidents:incidents")[1]
    html = page(head, "incidents:incidents", etat="clos")[1]
    assert "Chloé" in html
    assert "Bilal" not in html


def test_a_long_list_is_read_page_by_page_in_both_directions(counter: Counter, head: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("cartable.incidents.queries.sheets.PAGE", 2)
    made = [counter.declare(name, IncidentKind.BREAKAGE).pk for name in ("alice", "bilal", "chloe")]
    made += [counter.declare("", IncidentKind.BREAKAGE, device=device).pk for device in counter.desk.reserve]

    def shown(html: str) -> list[str]:
        return re.findall(r'<th scope="row"><a href="/incidents/([0-9a-f-]{36})/">', html)

    pages, answer = [], page(head, "incidents:incidents")[1]
    while following := re.search(r'href="(/incidents/\?[^"]*apres=[^"]*)"', answer):
        pages.append(shown(answer))
        answer = text_of(head.get(following[1].replace("&amp;", "&")))
    pages.append(shown(answer))
    assert [len(one) for one in pages] == [2, 2, 2]
    assert sorted(pk for one in pages for pk in one) == sorted(map(str, made))
    back = re.search(r'href="(/incidents/\?[^"]*avant=[^"]*)"', answer)
    assert back is not None
    assert shown(text_of(head.get(back[1].replace("&amp;", "&")))) == pages[1]


def test_a_list_costs_the_same_queries_for_one_and_for_three(
    counter: Counter, head: Client, django_assert_max_num_queries: Any
) -> None:
    counter.declare("bilal")
    with CaptureQueriesContext(connection) as one:
        page(head, "incidents:incidents")
    for name in ("alice", "chloe"):
        counter.declare(name)
    with django_assert_max_num_queries(len(one)):
        page(head, "incidents:incidents")
