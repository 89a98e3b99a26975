"""The search of the bar: any code goes to its page, a name gives lists, and no name stands in any address."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import ScopeError, scope

from cartable.conftest import Cast
from cartable.desk.tests.pages import signed_in
from cartable.distribution.tests.conftest import DayScene, enrol
from cartable.distribution.tests.conftest import scene as scene
from cartable.distribution.tests.conftest import written_scene as written_scene
from cartable.fleet.models import Device
from cartable.fleet.queries.codes import bearers_of, find_devices
from cartable.fleet.queries.lists import DeviceFilter, each_device, list_devices
from cartable.fleet.rules import CustodianKind, Reason


def test_a_student_is_found_by_name_with_the_pc_and_the_name_is_in_no_address(scene: DayScene) -> None:
    scene.a.arrival(scene.students["alice"])
    scene.b.pair(scene.students["alice"], scene.devices[0])
    browser = signed_in(scene.cast.durand)
    answer = browser.post("/recherche/", {"q": "marchand ali"})
    assert answer.status_code == 302
    assert answer["Location"] == "/recherche/"
    page = browser.get("/recherche/").content.decode()
    assert "Alice Marchand" in page
    assert f"/pc/{scene.devices[0]}/" in page
    assert "Bilal" not in page


def test_a_label_typed_in_the_search_finds_its_student(scene: DayScene) -> None:
    browser = signed_in(scene.cast.sonia)
    page = browser.post("/recherche/", {"q": scene.students["bilal"]}, follow=True).content.decode()
    assert "Bilal Benali" in page
    assert "Alice" not in page


def test_A06_the_head_of_another_lycee_finds_no_student(scene: DayScene) -> None:
    page = signed_in(scene.cast.zoe).post("/recherche/", {"q": "marchand"}, follow=True).content.decode()
    assert "Alice" not in page


def test_one_letter_names_nobody(cast: Cast) -> None:
    enrol(cast)
    assert "Alice" not in signed_in(cast.sonia).post("/recherche/", {"q": "a"}, follow=True).content.decode()


def test_the_page_of_a_pc_says_whose_it_is(scene: DayScene) -> None:
    scene.a.arrival(scene.students["alice"])
    scene.b.pair(scene.students["alice"], scene.devices[0])
    page = signed_in(scene.cast.meyer).get(f"/pc/{scene.devices[0]}/").content.decode()
    assert "Alice Marchand, TG3" in page


@pytest.mark.parametrize("who", ["sonia", "durand"])
def test_any_exact_code_goes_straight_to_its_page(scene: DayScene, who: str) -> None:
    browser = signed_in(getattr(scene.cast, who))
    device = Device.objects.get(asset_tag=scene.devices[0])
    tag, label = scene.devices[0], scene.students["alice"]
    for typed, page in (
        (tag, f"/pc/{tag}/"), (tag.lower(), f"/pc/{tag}/"), (device.serial_number.lower(), f"/pc/{tag}/"),
        (label, f"/eleves/{label}/"), (f" {label.lower()} ", f"/eleves/{label}/"),
        (scene.cast.school.uai, f"/lycees/{scene.cast.school.uai}/"),
    ):  # fmt: skip
        assert browser.post("/recherche/", {"q": typed})["Location"] == page
        assert browser.get("/recherche/")["Location"] == page


def test_a_technician_finds_pcs_and_no_student(scene: DayScene) -> None:
    browser = signed_in(scene.cast.karim)
    browser.post("/recherche/", {"q": scene.devices[0]})
    assert browser.get("/recherche/")["Location"] == f"/pc/{scene.devices[0]}/"
    for typed in ("marchand", scene.students["alice"]):
        assert "Alice" not in browser.post("/recherche/", {"q": typed}, follow=True).content.decode()


@pytest.mark.parametrize("who", ["durand", "zoe", "karim", "sonia"])
def test_a_stolen_pc_raises_the_alarm_whoever_looks_for_it(scene: DayScene, who: str) -> None:
    device = Device.objects.get(asset_tag=scene.devices[0])
    claim = scene.cast.region_accounts[CustodianKind.CLAIM]
    scene.cast.move(device.pk, device.custodian_id, claim, Reason.CLAIM)
    for typed in (device.asset_tag, device.serial_number):
        page = signed_in(getattr(scene.cast, who)).post("/recherche/", {"q": typed}, follow=True).content.decode()
        assert "PC déclaré volé ou perdu" in page
        assert "prévenez la région" in page


def test_a_pc_of_another_lycee_looks_unknown(scene: DayScene) -> None:
    page = signed_in(scene.cast.zoe).post("/recherche/", {"q": scene.devices[0]}, follow=True).content.decode()
    assert "Rien ne répond" in page


def test_the_beginning_of_a_serial_number_a_pallet_or_a_tag_finds_pcs_in_their_order(cast: Cast) -> None:
    ids = cast.devices_in_depot(4)
    Device.objects.filter(pk=ids[3]).update(pallet="PAL9")
    tags = list(Device.objects.order_by("asset_tag").values_list("asset_tag", flat=True))
    for typed, found in (("5cg", tags), (tags[0][:6], tags), ("PAL9", tags[3:]), ("rien", [])):
        assert [row.asset_tag for row in list_devices(DeviceFilter(text=typed)).rows] == found
        assert [row.asset_tag for row in find_devices(typed, limit=20)] == found
        assert list_devices(DeviceFilter(text=typed)).count == len(found)
        assert [row.asset_tag for row in each_device(DeviceFilter(text=typed))] == found


@pytest.mark.parametrize("typed", ["%", "5cg_", "5c%", "\\"])
def test_a_sign_of_patterns_stands_for_itself(cast: Cast, typed: str) -> None:
    cast.devices_in_depot(2)
    assert find_devices(typed, limit=20) == []


def test_pcs_are_found_in_scope_only_and_not_without_one(scene: DayScene) -> None:
    tag = scene.devices[0]
    school, other = scene.cast.school, scene.cast.other_school
    for schools, found in ((None, [tag]), ([school.pk], [tag]), ([other.pk], []), ([], [])):
        with scope(region=school.region_id, school=schools):
            assert [one.asset_tag for one in find_devices(tag, limit=20)] == found
            assert [one.asset_tag for one in bearers_of(tag) if one.is_seen] == found
    with scope(region=school.region_id + 1, school=None):
        assert find_devices(tag, limit=20) == bearers_of(tag) == []
    with scope(region=school.region_id), pytest.raises(ScopeError):
        find_devices(tag, limit=20)


def test_a_search_costs_few_statements(scene: DayScene) -> None:
    browser = signed_in(scene.cast.durand)
    # Two letters of a name, or of a tag, can be no serial number.
    for typed, cost in (("marchand", 7), ("rien", 7), ("ma", 6)):
        browser.post("/recherche/", {"q": typed})
        with CaptureQueriesContext(connection) as spent:
            browser.get("/recherche/")
        assert len([one for one in spent if "SAVEPOINT" not in one["sql"]]) == cost, typed
