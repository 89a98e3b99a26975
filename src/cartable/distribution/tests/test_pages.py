"""The pages of the day, as the people who use them find them."""

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cartable.conftest import Cast
from cartable.distribution.commands.days import plan_day
from cartable.distribution.commands.stations import revoke_station, site_card_digits
from cartable.distribution.models import ClosingReport, Dispute, DistributionDay, Passage, Station
from cartable.distribution.queries.court import docket_of
from cartable.distribution.rules import ScanKind
from cartable.distribution.tests.conftest import DayScene, enrol
from cartable.distribution.tests.paper_reading import texts
from cartable.distribution.tests.stations_by_wire import wire
from cartable.fleet.models import Device


@pytest.fixture
def leader(scene: DayScene) -> Client:
    client = Client()
    client.force_login(scene.cast.meyer, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize(
    "page",
    ["", "pilotage/", "mur/", "eleves/", "eleves/ajouter/", "cloture/", "etiquettes.pdf", "etiquettes-rouleau.pdf",
     "etiquettes-203.zpl", "chartes.pdf", "emargement.pdf", "cartes.pdf", "cartes-operateurs.pdf", "carte-du-site.pdf", "essai.pdf"],
)  # fmt: skip
def test_the_leader_opens_every_page_of_the_day(scene: DayScene, leader: Client, page: str) -> None:
    assert leader.get(f"/journees/{scene.day.pk}/{page}").status_code == 200


@pytest.mark.parametrize("page", ["", "pilotage/", "eleves/", "etiquettes.pdf", "chartes.pdf", "cloture/"])
def test_A07_the_head_of_another_school_finds_nothing(scene: DayScene, page: str) -> None:
    client = Client()
    client.force_login(scene.cast.zoe, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/journees/{scene.day.pk}/{page}").status_code == 404


def test_a_day_is_planned_frozen_and_opened_from_the_pages(cast: Cast) -> None:
    enrol(cast)
    sonia = Client()
    sonia.force_login(cast.sonia, backend="django.contrib.auth.backends.ModelBackend")
    said = {"school": cast.school.pk, "campaign": cast.campaign.pk, "held_on": "2026-09-20", "starts_at": "08:30",
            "target_per_hour": 300}  # fmt: skip
    assert sonia.post("/journees/prevoir/", said).status_code == 302
    day = DistributionDay.objects.get()
    for step in ("figer", "ouvrir"):
        sonia.post(f"/journees/{day.pk}/{step}/")
    assert DistributionDay.objects.get().state == "open"
    assert Passage.objects.filter(day=day, is_expected=True).count() == 3


def test_a_second_day_on_the_same_date_is_refused_in_words(cast: Cast) -> None:
    plan_day(school=cast.school, campaign=cast.campaign, held_on=date(2026, 9, 20), starts_at=time(8, 30))
    sonia = Client()
    sonia.force_login(cast.sonia, backend="django.contrib.auth.backends.ModelBackend")
    said = {"school": cast.school.pk, "campaign": cast.campaign.pk, "held_on": "2026-09-20", "starts_at": "08:30",
            "target_per_hour": 300}  # fmt: skip
    answer = sonia.post("/journees/prevoir/", said)
    assert answer.status_code == 422
    assert "déjà une journée" in answer.content.decode()


def test_a_station_starts_with_the_site_card_and_serves_once_accepted(scene: DayScene, leader: Client) -> None:
    before, browser = Station.objects.count(), Client()
    with time_machine.travel(scene.cast.now, tick=False):
        answer = browser.post("/poste/", {"site_card": site_card_digits(scene.day.pk), "workshop": "B"})
        station = Station.objects.latest("pk")
        assert (answer.status_code, Station.objects.count()) == (302, before + 1)
        assert browser.get(f"/poste/{station.pk}/etat/").json()["state"] == "waiting"
        leader.post(f"/journees/{scene.day.pk}/postes/{station.pk}/accepter/")
        assert browser.get(f"/poste/{station.pk}/etat/").json()["state"] == "accepted"
    assert Station.objects.get(pk=station.pk).accepted_by_id == scene.cast.meyer.actor_id


def test_a_station_that_waits_comes_before_what_can_wait(scene: DayScene, leader: Client) -> None:
    def order() -> list[str]:
        html = leader.get(f"/journees/{scene.day.pk}/pilotage/").content.decode()
        return sorted(("Litiges</h2>", "Postes</h2>"), key=html.index)

    with time_machine.travel(scene.cast.now, tick=False):
        assert order() == ["Litiges</h2>", "Postes</h2>"]
        Client().post("/poste/", {"site_card": site_card_digits(scene.day.pk), "workshop": "B"})
        assert order() == ["Postes</h2>", "Litiges</h2>"]


def test_the_card_of_another_day_starts_no_station(scene: DayScene) -> None:
    before = Station.objects.count()
    with time_machine.travel(scene.cast.now + timedelta(days=2), tick=False):
        answer = Client().post("/poste/", {"site_card": site_card_digits(scene.day.pk), "workshop": "B"})
    assert (answer.status_code, Station.objects.count()) == (422, before)
    assert "valable que la veille et le jour" in answer.content.decode()


NO_COUNTS = ["-1", "0", "1.5", "1,5", "1e3", "trois", "99999999999999999999"]


@pytest.mark.parametrize("count", NO_COUNTS)
def test_P39_a_pace_that_is_no_whole_number_plans_no_day(cast: Cast, count: str) -> None:
    sonia = Client()
    sonia.force_login(cast.sonia, backend="django.contrib.auth.backends.ModelBackend")
    said = {"school": cast.school.pk, "campaign": cast.campaign.pk, "held_on": "2026-09-20", "starts_at": "08:30",
            "target_per_hour": count}  # fmt: skip
    assert sonia.post("/journees/prevoir/", said).status_code == 422
    assert not DistributionDay.objects.exists()


@pytest.mark.parametrize("count", NO_COUNTS)
def test_P39_a_start_position_that_the_sheet_does_not_have_prints_nothing(
    scene: DayScene, leader: Client, count: str
) -> None:
    answer = leader.get(f"/journees/{scene.day.pk}/etiquettes.pdf", {"sheet": "3x7", "start_position": count})
    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (422, "text/html")


def test_a_walk_up_student_is_added_with_four_fields_and_expected_at_once(scene: DayScene, leader: Client) -> None:
    said = {"family_name": "Œuvrard", "given_name": "Noé", "division": "2DE7", "level": "2211", "birth_on": ""}
    assert leader.post(f"/journees/{scene.day.pk}/eleves/ajouter/", said).status_code == 302
    passage = Passage.objects.get(student__family_name="Œuvrard")
    assert (passage.is_expected, passage.is_added, passage.signer_kind) == (True, True, "guardian")


def test_the_head_lets_a_student_pass_with_a_reason_and_only_then_b_hands_over(scene: DayScene) -> None:
    from cartable.distribution.models import CheckOut

    bilal = scene.students["bilal"]
    passage = Passage.objects.get(student__label_code=bilal)
    head = Client()
    head.force_login(scene.cast.durand, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/journees/{scene.day.pk}/eleves/{passage.pk}/sans-charte/"
    assert head.post(address, {"reason": ""}).status_code == 422
    head.post(address, {"reason": "Charte perdue, la famille la renvoie"})
    assert scene.b.pair(bilal, scene.devices[0]).result == "recorded"
    assert CheckOut.objects.get().override_by_id == scene.cast.durand.actor_id


def test_the_leader_takes_a_wrong_pair_back(scene: DayScene, leader: Client) -> None:
    bilal, pc = scene.students["bilal"], scene.devices[0]
    scene.a.arrival(bilal)
    scene.b.pair(bilal, pc)
    passage = Passage.objects.get(student__label_code=bilal)
    leader.post(f"/journees/{scene.day.pk}/eleves/{passage.pk}/annuler/")
    assert scene.custody(pc) == "school_allotment"


def test_a_refusal_shows_with_its_remedy_until_it_is_settled(scene: DayScene, leader: Client) -> None:
    answer = scene.b.pair(scene.students["bilal"], scene.devices[0])
    page = f"/journees/{scene.day.pk}/pilotage/"
    assert answer.code == "charter_missing"
    assert "Charte manquante" in leader.get(page).content.decode()
    dispute = docket_of(Dispute.objects.select_related("day__campaign", "day__rules").get())
    said = {"choice": "stands::", "seen": dispute.seen, "why": "charter_first"}
    with time_machine.travel(scene.cast.now, tick=False):
        leader.force_login(scene.cast.meyer, backend="django.contrib.auth.backends.ModelBackend")
        leader.post(f"/journees/{scene.day.pk}/litiges/{dispute.dispute.pk}/", said)
        assert "Charte manquante" not in leader.get(page).content.decode()
        assert "Charte manquante" in leader.get(f"/journees/{scene.day.pk}/litiges/").content.decode()


def test_a_call_shows_until_the_leader_has_been_there(scene: DayScene, leader: Client) -> None:
    answer = scene.b.send(scene.b.scan(ScanKind.CALL))[0]
    page = f"/journees/{scene.day.pk}/pilotage/"
    assert "Le poste appelle le responsable" in leader.get(page).content.decode()
    leader.post(f"/journees/{scene.day.pk}/a-revoir/{answer.id}/", {"remedy": "settled"})
    assert "Le poste appelle le responsable" not in leader.get(page).content.decode()


def test_the_day_closes_only_when_every_leftover_is_scanned_away(scene: DayScene, leader: Client) -> None:
    bilal = scene.students["bilal"]
    scene.a.arrival(bilal)
    scene.b.pair(bilal, scene.devices[0])
    base = f"/journees/{scene.day.pk}/cloture/"
    leader.post(f"{base}clore/")
    assert DistributionDay.objects.get().state == "open"
    for tag in scene.devices[1:]:
        leader.post(f"{base}reste/", {"code": tag})
    assert Device.objects.filter(custodian_kind="emergency_stock").count() == 3
    leader.post(f"{base}clore/")
    assert DistributionDay.objects.get().state == "closed"
    report = ClosingReport.objects.get()
    assert report.figures["equipped"] == 1
    assert leader.get(f"{base}rapport.pdf").content == bytes(report.pdf)


def test_a_pc_that_is_not_left_over_is_refused_in_words(scene: DayScene, leader: Client) -> None:
    answer = leader.post(f"/journees/{scene.day.pk}/cloture/reste/", {"code": "P9999999901"})
    assert answer.status_code == 422
    assert "lot restant" in answer.content.decode()


def test_a_scan_that_arrives_after_closing_is_kept_and_refused(scene: DayScene, leader: Client) -> None:
    base = f"/journees/{scene.day.pk}/cloture/"
    for tag in scene.devices:
        leader.post(f"{base}reste/", {"code": tag})
    leader.post(f"{base}clore/")
    answer = scene.a.arrival(scene.students["bilal"])
    assert (answer.result, answer.code) == ("refused", "day_closed")


def test_late_changes_of_the_list_flow_into_the_day(scene: DayScene, leader: Client) -> None:
    from cartable.rosters.models import Enrolment

    Enrolment.objects.filter(student__label_code=scene.students["chloe"]).update(
        ends_on=scene.day.held_on - timedelta(days=1)
    )
    leader.post(f"/journees/{scene.day.pk}/reprendre/")
    assert scene.a.arrival(scene.students["chloe"]).code == "gone"


def test_the_report_accounts_for_every_pc_that_came(scene: DayScene, leader: Client) -> None:
    scene.a.arrival(scene.students["bilal"])
    scene.b.pair(scene.students["bilal"], scene.devices[0])
    from cartable.distribution.queries.closing import day_account

    account = day_account(
        day=scene.day, ledger_root=b"", movement_count=0, closed_at=scene.cast.now, leader_name="", head_name=""
    )
    assert account.counts.allotted == len(scene.devices)


def test_a_name_sought_in_the_list_of_the_day_is_in_no_address(scene: DayScene, leader: Client) -> None:
    place = f"/journees/{scene.day.pk}/eleves/"
    answer = leader.post(place, {"nom": "benali", "classe": ""})
    assert "benali" not in answer["Location"].casefold()
    found = leader.get(answer["Location"]).content.decode()
    assert "Bilal Benali" in found
    assert "Alice Marchand" not in found
    assert "Alice Marchand" in leader.get(place).content.decode()


def test_a_label_code_leads_to_its_student_in_the_day(scene: DayScene, leader: Client) -> None:
    found = leader.get(f"/journees/{scene.day.pk}/eleves/", {"code": scene.students["bilal"]}).content.decode()
    assert "Bilal Benali" in found
    assert "Alice Marchand" not in found


def test_labels_of_one_class_come_out_for_the_thermal_printer_too(scene: DayScene, leader: Client) -> None:
    place = f"/journees/{scene.day.pk}/etiquettes.pdf"
    asked = {"sheet": "zpl203", "start_position": 1, "division": "2DE7"}
    zpl = leader.get(place, asked)
    assert zpl["Content-Disposition"].startswith("attachment")
    assert zpl.content.decode().count("^XZ") == 2
    assert leader.get(place, asked | {"sheet": "roll"}).content.startswith(b"%PDF")


def test_the_day_offers_the_labels_of_each_class_by_one_link(scene: DayScene, leader: Client) -> None:
    page = leader.get(f"/journees/{scene.day.pk}/").content.decode()
    assert "etiquettes.pdf?sheet=3x7&amp;start_position=1&amp;division=2DE7" in page


def test_the_curve_ends_with_the_pace_that_stands_beside_it(scene: DayScene, leader: Client) -> None:
    page = leader.get(f"/journees/{scene.day.pk}/pilotage/")
    assert page.context["curve"].last_text == str(page.context["rate"])


def test_before_it_opens_a_day_cannot_be_closed_and_shows_no_absent_student(scene: DayScene, leader: Client) -> None:
    DistributionDay.objects.filter(pk=scene.day.pk).update(state="frozen", opened_at=None)
    page = leader.get(f"/journees/{scene.day.pk}/cloture/").content.decode()
    assert "rien à clôturer" in page
    assert "Bilal Benali" not in page


@pytest.mark.parametrize(("rate", "is_forecast"), [(0, False), (6, False), (300, True)])
def test_the_end_is_forecast_only_at_a_pace_that_ends_within_the_day(rate: int, is_forecast: bool) -> None:
    from cartable.distribution.rules import forecast_end

    now = datetime(2026, 9, 15, 9, 0, tzinfo=UTC)
    assert (forecast_end(now=now, remaining=120, rate=rate) is not None) is is_forecast


def _sent_file(journal: dict[str, Any]) -> dict[str, SimpleUploadedFile]:
    return {"journal": SimpleUploadedFile("journal.json", json.dumps(journal).encode())}


def test_the_leader_takes_the_journal_of_a_station_that_was_stopped(scene: DayScene, leader: Client) -> None:
    station = wire(scene)
    station.event("arrival", scene.students["bilal"])
    station.event("pair", scene.students["bilal"], scene.devices[0])
    revoke_station(station=station.station(), now=scene.cast.now)
    answer = leader.post(f"/journees/{scene.day.pk}/journal/", _sent_file(station.journal()))
    assert "2 lectures dans le journal" in answer.content.decode()
    assert scene.custody(scene.devices[0]) == "student"


def test_the_page_says_who_brought_which_journal(scene: DayScene, leader: Client) -> None:
    absent, carrier = wire(scene), wire(scene)
    absent.event("arrival", scene.students["bilal"])
    carrier.ask("journal", absent.journal())
    page = f"/journees/{scene.day.pk}/journal/"
    leader.post(page, _sent_file(absent.journal()))
    found = re.findall(r"<tr><th scope=\"row\">(.*?)</th>(.*?)</tr>", leader.get(page).content.decode(), re.DOTALL)
    lines = [(station, *re.findall(r"<td[^>]*>(.*?)</td>", rest)) for station, rest in found]
    name = absent.station().name
    assert [(line[0], line[1], line[3], line[4]) for line in lines] == [
        (name, scene.cast.meyer.full_name, "1", "0"),
        (name, f"poste {carrier.station().name}", "1", "1"),
    ]


def test_a_journal_that_was_changed_on_the_way_is_refused_in_words(scene: DayScene, leader: Client) -> None:
    station = wire(scene)
    station.event("call")
    answer = leader.post(f"/journees/{scene.day.pk}/journal/", _sent_file(station.journal() | {"mac": "0"}))
    assert answer.status_code == 422
    assert "a été modifié depuis que le poste l’a écrit" in answer.content.decode()


def test_a_picture_is_no_journal(scene: DayScene, leader: Client) -> None:
    sent = {"journal": SimpleUploadedFile("photo.jpg", b"\xff\xd8\xff\xe0")}
    answer = leader.post(f"/journees/{scene.day.pk}/journal/", sent)
    assert answer.status_code == 422
    assert "n’est pas le journal d’un poste" in answer.content.decode()


def test_one_class_prints_its_own_sheet(scene: DayScene, leader: Client) -> None:
    [page] = texts(leader.get(f"/journees/{scene.day.pk}/emargement.pdf", {"classe": "TG3"}).content)
    assert "Alice Marchand" in page
    assert "Bilal Benali" not in page


def test_the_camera_alone_may_compile_its_decoder_and_only_on_pages_that_read_labels(
    scene: DayScene, leader: Client
) -> None:
    for address in ("/poste/atelier/", "/poste/entrainement/"):
        assert "script-src 'self' 'wasm-unsafe-eval';" in f"{Client().get(address)['Content-Security-Policy']};"
    for address in ("/poste/", f"/journees/{scene.day.pk}/", f"/journees/{scene.day.pk}/pilotage/"):
        assert "unsafe" not in leader.get(address)["Content-Security-Policy"]
