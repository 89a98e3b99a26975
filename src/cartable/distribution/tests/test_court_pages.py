"""The court on its pages: who settles what and when, what is shown as contested, and in how many gestures."""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser

from cartable.accounts.models import Person
from cartable.desk.tests.browsing import reader
from cartable.distribution.models import ClosingReport, Dispute, DistributionDay, Passage
from cartable.distribution.queries.closing import leftover_tags
from cartable.distribution.queries.court import docket_of, settled_disputes
from cartable.distribution.queries.days import days_in_scope
from cartable.distribution.tests.conftest import DayScene
from cartable.distribution.tests.test_audit_of_days import violations
from cartable.distribution.tests.test_court import came, holder, one_pc_two_students, the_dispute, two_pcs_one_student
from cartable.fleet.rules import CustodianKind as K
from cartable.supply.commands import Consignment, ShipmentRefused, dispatch_shipments

pytest_plugins = ["cartable.ui.tests.browser"]


@pytest.fixture
def on_the_day(scene: DayScene) -> Iterator[None]:
    with time_machine.travel(scene.cast.now + timedelta(minutes=5), tick=False):
        yield


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def settle_by_page(client: Client, scene: DayScene, choice: str = "stands::", **more: str) -> Any:
    dispute = the_dispute()
    said = {"choice": choice, "seen": docket_of(dispute).seen, "why": "read_last", **more}
    return client.post(f"/journees/{scene.day.pk}/litiges/{dispute.pk}/", said, follow=True)


def test_F18_both_students_and_the_pc_show_as_contested_until_it_is_settled(scene: DayScene, on_the_day: None) -> None:
    pc = one_pc_two_students(scene)
    leader = signed_in(scene.cast.meyer)
    pages = [f"/journees/{scene.day.pk}/eleves/", f"/pc/{pc}/"]
    assert [leader.get(page).content.decode().count("En litige") for page in pages] == [2, 1]
    settle_by_page(leader, scene)
    assert [leader.get(page).content.decode().count("En litige") for page in pages] == [0, 0]
    assert "À la lumière de tout" in settled_page(leader, scene, reason="À la lumière de tout")


def settled_page(client: Client, scene: DayScene, **more: str) -> str:
    """Contest once more, settle with these words, and return the page of the disputes."""
    came(scene, "alice")
    scene.another_station().pair(scene.students["alice"], scene.devices[0])
    return str(settle_by_page(client, scene, **more).content.decode())


def test_F19_the_second_pc_is_counted_neither_in_the_lot_nor_in_the_rest(scene: DayScene) -> None:
    two_pcs_one_student(scene)
    assert scene.devices[1] not in [tag for tag, _serial in leftover_tags(scene.day)]
    (line,) = days_in_scope(region_id=scene.cast.region.pk, school_ids=None, now=timezone.now())
    assert line.device_count == 2


def test_F19_a_contested_pc_is_not_sent_away_and_the_day_closes_over_it(scene: DayScene, on_the_day: None) -> None:
    two_pcs_one_student(scene)
    leader, base = signed_in(scene.cast.meyer), f"/journees/{scene.day.pk}/cloture/"
    assert "en litige" in leader.post(f"{base}reste/", {"code": scene.devices[1]}).content.decode()
    for tag in scene.devices[2:]:
        leader.post(f"{base}reste/", {"code": tag})
    page = leader.get(base).content.decode()
    assert "1 litige ouvert" in page
    assert "1 PC contesté" in page
    leader.post(f"{base}clore/")
    assert DistributionDay.objects.get().state == "closed"
    assert ClosingReport.objects.get().figures["exceptions"] == 1
    assert violations() == set()


def test_after_the_day_the_region_settles_and_what_is_left_follows_the_rest(scene: DayScene, on_the_day: None) -> None:
    two_pcs_one_student(scene)
    leader = signed_in(scene.cast.meyer)
    for tag in scene.devices[2:]:
        leader.post(f"/journees/{scene.day.pk}/cloture/reste/", {"code": tag})
    leader.post(f"/journees/{scene.day.pk}/cloture/clore/")
    with time_machine.travel(scene.cast.now + timedelta(days=3), tick=False):
        late, sonia = signed_in(scene.cast.meyer), signed_in(scene.cast.sonia)
        assert "la région règle ce litige" in settle_by_page(late, scene).content.decode()
        assert "Élève déjà équipé" in sonia.get("/litiges/").content.decode()
        settle_by_page(sonia, scene)
    assert Dispute.objects.get().settled_by_id == scene.cast.sonia.actor_id
    assert scene.custody(scene.devices[1]) == "emergency_stock"
    assert violations() == set()


def test_A07_the_head_of_another_school_finds_no_dispute(scene: DayScene, on_the_day: None) -> None:
    one_pc_two_students(scene)
    zoe = signed_in(scene.cast.zoe)
    assert zoe.get(f"/journees/{scene.day.pk}/litiges/{the_dispute().pk}/").status_code == 404
    assert "PC déjà remis" not in zoe.get("/litiges/").content.decode()


def test_the_history_of_settled_disputes_is_read_page_by_page(scene: DayScene, on_the_day: None) -> None:
    came(scene, "bilal")
    leader, settled = signed_in(scene.cast.meyer), []
    for number in range(5):
        scene.b.pair(scene.students["bilal"], f"P999999999{number}")
        settled.append(the_dispute().pk)
        settle_by_page(leader, scene)
    settled.reverse()
    day = scene.day.pk
    first = settled_disputes(day_id=day, limit=2)
    second = settled_disputes(day_id=day, limit=2, after=first.next_after)
    third = settled_disputes(day_id=day, limit=2, after=second.next_after)
    back = settled_disputes(day_id=day, limit=2, before=third.previous_before)
    assert [line.id for page in (first, second, third) for line in page.rows] == settled
    assert (first.previous_before, third.next_after) == (None, None)
    assert back == second
    older = leader.get(f"/journees/{day}/litiges/?apres={settled[2]}").content.decode()
    assert (older.count("Relire"), f"?avant={settled[3]}" in older) == (2, True)
    for nowhere in ("x", "9" * 20):
        assert leader.get(f"/litiges/?apres={nowhere}").content.decode().count("Relire") == 5


def test_who_comes_second_sees_that_it_is_settled(scene: DayScene, on_the_day: None) -> None:
    one_pc_two_students(scene)
    dispute = the_dispute()
    said = {"choice": "stands::", "seen": docket_of(dispute).seen}
    place = f"/journees/{scene.day.pk}/litiges/{dispute.pk}/"
    signed_in(scene.cast.meyer).post(place, said)
    page = signed_in(scene.cast.durand).post(place, said, follow=True).content.decode()
    assert "Quelqu’un d’autre vient de régler ce litige" in page


def test_a_page_that_is_out_of_date_rules_nothing_and_says_so(scene: DayScene, on_the_day: None) -> None:
    one_pc_two_students(scene)
    page = settle_by_page(signed_in(scene.cast.meyer), scene, seen="1.1-1").content.decode()
    assert "Les choses ont changé depuis" in page
    assert the_dispute().settlement == ""


@pytest.mark.parametrize("choice", ["", "coin_tossed::", "stands", "stands:x:", "stands::1 OR 1=1"])
def test_a_ruling_that_does_not_exist_is_refused(scene: DayScene, on_the_day: None, choice: str) -> None:
    one_pc_two_students(scene)
    assert settle_by_page(signed_in(scene.cast.meyer), scene, choice).status_code == 422


def test_an_unknown_label_is_named_by_typing_the_serial_number(scene: DayScene, on_the_day: None) -> None:
    from cartable.fleet.models import Device

    came(scene, "bilal")
    scene.b.pair(scene.students["bilal"], "P9999999999")
    serial = Device.objects.get(asset_tag=scene.devices[2]).serial_number
    leader = signed_in(scene.cast.meyer)
    assert "Ni élève" in settle_by_page(leader, scene, "identified::", code="5CG").content.decode()
    settle_by_page(leader, scene, "identified::", code=serial.lower())
    assert holder(scene.devices[2]) == scene.students["bilal"]


def test_F31_two_students_exchange_from_their_line_by_scanning_the_pc_in_hand(
    scene: DayScene, on_the_day: None
) -> None:
    came(scene, "bilal", "chloe")
    scene.b.pair(scene.students["bilal"], scene.devices[0])
    scene.b.pair(scene.students["chloe"], scene.devices[1])
    leader = signed_in(scene.cast.meyer)
    passage = Passage.objects.get(student__label_code=scene.students["bilal"])
    place = f"/journees/{scene.day.pk}/eleves/{passage.pk}/echange/"
    assert "Échanger…" in leader.get(f"/journees/{scene.day.pk}/eleves/").content.decode()
    assert leader.post(place, {"code": scene.devices[2]}).status_code == 422
    leader.post(place, {"code": scene.devices[1]})
    assert holder(scene.devices[1]) == scene.students["bilal"]


def test_an_exchange_with_nobody_is_named_without_a_hole(scene: DayScene, on_the_day: None) -> None:
    one_pc_two_students(scene)
    page = signed_in(scene.cast.meyer).get(f"/journees/{scene.day.pk}/litiges/{the_dispute().pk}/").content.decode()
    assert "Il faut deux élèves qui détiennent chacun un PC." in page
    assert "Échanger deux PC" in page
    assert "cet élève" not in page


@pytest.mark.browser
@pytest.mark.parametrize("width", [1366, pytest.param(390, marks=pytest.mark.soak), 320])
def test_a_dispute_is_settled_in_three_gestures_by_keyboard_and_everybody_can_read_it(
    chromium: Browser, scene: DayScene, on_the_day: None, settings: Any, width: int
) -> None:
    settings.STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    came(scene, "bilal", "chloe")
    scene.b.pair(scene.students["bilal"], scene.devices[0])
    scene.b.pair(scene.students["chloe"], scene.devices[1])
    scene.another_station().pair(scene.students["chloe"], scene.devices[0])
    reading = reader(chromium, signed_in(scene.cast.meyer), width=width)
    page, day = reading.page, f"/journees/{scene.day.pk}"
    passage = Passage.objects.get(student__label_code=scene.students["bilal"])
    for address in (
        f"{day}/eleves/",
        f"{day}/eleves/{passage.pk}/echange/",
        "/litiges/",
        f"{day}/cloture/",
        f"{day}/litiges/",
    ):
        reading.open(address)
        assert reading.faults() == [], address
    reading.open(f"{day}/pilotage/")
    assert reading.faults() == []
    if directory := os.environ.get("COURT_SHOTS"):
        page.screenshot(path=f"{directory}/pilot-{width}.png", full_page=True)
    page.focus("a:has-text('Régler')")
    page.keyboard.press("Enter")  # One.
    page.wait_for_selector("text=Proposition")
    if directory := os.environ.get("COURT_SHOTS"):
        page.screenshot(path=f"{directory}/dispute-{width}.png", full_page=True)
    assert reading.faults() == []
    page.get_by_label("Motif").fill("Étiquettes regardées")
    page.keyboard.press("Enter")  # A reason is no ruling: a button says which.
    assert page.get_by_role("button", name="Décider ainsi").count() > 0
    assert the_dispute().settlement == ""
    page.focus("button.bouton--principal")
    page.keyboard.press("Enter")  # Two.
    page.wait_for_selector("text=Litige réglé")
    assert reading.faults() == []
    assert holder(scene.devices[0]) == scene.students["chloe"]
    page.context.close()  # The control room would ask again after the test.


def test_a_contested_pc_does_not_travel_and_the_page_names_it(scene: DayScene, on_the_day: None) -> None:
    two_pcs_one_student(scene)
    contested, free = scene.devices[1], scene.devices[2]
    form = {
        "id": str(uuid4()), "vers": scene.cast.other_school.uai, "depuis": scene.cast.school.uai,
        "compte": "school_allotment", "codes": f"{contested}\n{free}",
    }  # fmt: skip
    answer = signed_in(scene.cast.sonia).post("/transferts/nouveau/", form)
    assert answer.status_code == 422
    assert f"Ces PC sont en litige : {contested}." in answer.content.decode()
    assert (scene.custody(contested), scene.custody(free)) == ("school_allotment", "school_allotment")


def test_a_number_of_pcs_to_send_passes_over_the_contested_ones(scene: DayScene) -> None:
    two_pcs_one_student(scene)
    cast = scene.cast
    ends = cast.school_accounts[K.SCHOOL_ALLOTMENT], cast.other_accounts[K.SCHOOL_ALLOTMENT]

    def send(count: int) -> None:
        wanted = [Consignment(uuid4(), *ends, count)]
        dispatch_shipments(
            wanted, region_id=cast.region.pk, dispatched_at=cast.now, dispatched_by_id=cast.sonia.actor_id
        )

    with pytest.raises(ShipmentRefused) as refusal:
        send(3)
    assert refusal.value.code == "not_enough_devices"
    send(2)
    assert [scene.custody(tag) for tag in scene.devices] == ["student", "school_allotment", "transit", "transit"]
