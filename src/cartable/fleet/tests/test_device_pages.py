"""The pages of the park: what a device says, to whom, and how one is found."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cartable.accounts.models import Person
from cartable.conftest import NOW, Cast
from cartable.fleet.commands import correct_movement, set_condition
from cartable.fleet.models import Device
from cartable.fleet.queries.codes import exact_device
from cartable.fleet.queries.device import device_sheet
from cartable.fleet.queries.lists import DeviceFilter, list_devices
from cartable.fleet.rules import Condition, CustodianKind, Reason
from cartable.kernel.codes import spaced

K = CustodianKind


def page(person: Person, address: str) -> str:
    """Return the text of a page as somebody reads it."""
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(address).content.decode()


def sheet_of(device_id: int, school_ids: tuple[int, ...] | None = None):  # type: ignore[no-untyped-def]
    """Return the sheet of a device."""
    loaded = Device.objects.select_related("device_model", "lot", "custodian__school")
    return device_sheet(loaded.get(pk=device_id), school_ids=school_ids)


def handed_out(cast: Cast) -> tuple[int, int]:
    """Hand a device to a student; return its id and the student's account."""
    (device_id,), student = cast.devices_allotted(1), cast.student_account()
    cast.move(device_id, cast.school_accounts[K.SCHOOL_ALLOTMENT], student, Reason.CHECK_OUT, evidence="scan:1a2b")
    return device_id, student


def test_the_timeline_says_in_plain_words_who_what_from_where_and_on_what_proof(cast: Cast) -> None:
    device_id, _student = handed_out(cast)
    last, middle, first = sheet_of(device_id).events
    assert (first.title, first.before, first.after) == ("Livraison", "Fournisseur (Fournitures de l’Est)", "Dépôt")
    assert (middle.title, middle.after) == ("Affectation au lycée", "Lot du lycée (Lycée des Trois-Rivières)")
    assert (last.title, last.after) == ("Remise", "Élève (Lycée des Trois-Rivières)")
    assert (last.evidence, last.who) == ("Scan d’un poste", "Gestionnaire du parc (région)")


def test_no_page_of_the_park_names_a_student_or_whoever_recorded(cast: Cast) -> None:
    device_id, _student = handed_out(cast)
    text = page(cast.durand, f"/pc/{Device.objects.get(pk=device_id).asset_tag}/")
    assert "Sonia" not in text
    assert "Antoine" not in text


def test_a_corrected_movement_says_so(cast: Cast) -> None:
    (device_id,) = cast.devices_in_depot(1)
    allotted = cast.move(
        device_id, cast.region_accounts[K.DEPOT], cast.school_accounts[K.SCHOOL_ALLOTMENT], Reason.ALLOTMENT
    )
    correct_movement(movement_id=uuid4(), corrected_id=allotted, happened_at=NOW, recorded_by_id=cast.sonia.actor_id)
    correction, undone, _receipt = sheet_of(device_id).events
    assert (correction.title, undone.is_corrected, correction.is_corrected) == ("Correction", True, False)


def test_another_lycee_is_not_named_in_the_history_that_a_head_reads(cast: Cast) -> None:
    (device_id,) = cast.devices_in_depot(1)
    depot, theirs = cast.region_accounts[K.DEPOT], cast.other_accounts[K.SCHOOL_ALLOTMENT]
    ours = cast.school_accounts[K.SCHOOL_ALLOTMENT]
    cast.move(device_id, depot, theirs, Reason.ALLOTMENT)
    cast.move(device_id, theirs, depot, Reason.LEFTOVER)
    cast.move(device_id, depot, ours, Reason.ALLOTMENT)
    address = f"/pc/{Device.objects.get(pk=device_id).asset_tag}/"
    assert "Warndt" not in page(cast.durand, address)
    assert "autre lycée" in page(cast.durand, address)
    assert "Warndt" in page(cast.sonia, address)


def test_a_device_that_left_the_lycee_is_no_longer_its_page(cast: Cast) -> None:
    (device_id,) = cast.devices_allotted(1)
    address = f"/pc/{Device.objects.get(pk=device_id).asset_tag}/"
    assert "Ce qui lui est arrivé" in page(cast.durand, address)
    cast.move(device_id, cast.school_accounts[K.SCHOOL_ALLOTMENT], cast.region_accounts[K.DEPOT], Reason.LEFTOVER)
    assert "Ce qui lui est arrivé" not in page(cast.durand, address)


def test_the_list_walks_forth_and_back_without_losing_or_repeating_a_device(cast: Cast) -> None:
    cast.devices_in_depot(25)
    tags = list(Device.objects.order_by("asset_tag").values_list("asset_tag", flat=True))
    walked, after, before = [], "", None
    while after is not None:
        found = list_devices(DeviceFilter(), after=after, limit=10)
        walked += [row.asset_tag for row in found.rows]
        before, after = found.previous_before, found.next_after
    assert (walked, found.count) == (tags, 25)
    back = list_devices(DeviceFilter(), before=before, limit=10)
    assert [row.asset_tag for row in back.rows] == tags[10:20]
    first = list_devices(DeviceFilter(), before=back.previous_before, limit=10)
    assert ([row.asset_tag for row in first.rows], first.previous_before) == (tags[:10], None)


def test_filters_narrow_the_list(cast: Cast) -> None:
    (one, *_rest), student_device = cast.devices_in_depot(3), handed_out(cast)[0]
    set_condition(device_ids=[one], condition=Condition.FAULTY)
    serial = Device.objects.get(pk=student_device).serial_number
    counts = {
        "all": list_devices(DeviceFilter()).count,
        "students": list_devices(DeviceFilter(kind="student")).count,
        "school": list_devices(DeviceFilter(school_uai=cast.school.uai)).count,
        "faulty": list_devices(DeviceFilter(condition="faulty")).count,
        "lot": list_devices(DeviceFilter(lot="Lot 1")).count,
        "no lot": list_devices(DeviceFilter(lot="Lot 2")).count,
        "serial": list_devices(DeviceFilter(text=serial.lower())).count,
        "prefix": list_devices(DeviceFilter(text="5cg")).count,
    }
    expected = {"all": 4, "students": 1, "school": 1, "faulty": 1, "lot": 4, "no lot": 0, "serial": 1, "prefix": 4}
    assert counts == expected


@pytest.mark.parametrize("spelling", [str, str.lower, spaced, lambda tag: f" {tag} "])
def test_a_label_is_found_in_every_spelling(cast: Cast, spelling) -> None:  # type: ignore[no-untyped-def]
    cast.devices_in_depot(2)
    tag = Device.objects.latest("pk").asset_tag
    assert exact_device(spelling(tag)) == tag


def test_A05_the_search_finds_only_what_one_may_see_and_tells_nothing_else(cast: Cast) -> None:
    cast.devices_in_depot(1)
    device = Device.objects.get()
    unseen = page(cast.durand, f"/recherche/?q={device.serial_number}")
    unknown = page(cast.durand, "/recherche/?q=5CG7777777")
    mains = [text[text.index("<main") : text.index("</main>")] for text in (unseen, unknown)]
    assert mains[0].replace(device.serial_number, "x") == mains[1].replace("5CG7777777", "x")


def test_a_list_costs_the_same_number_of_queries_whatever_its_length(cast: Cast) -> None:
    cast.devices_allotted(2)
    with CaptureQueriesContext(connection) as few:
        list_devices(DeviceFilter())
    cast.devices_allotted(20)
    with CaptureQueriesContext(connection) as many:
        list_devices(DeviceFilter())
    assert len(few) == len(many) == 2


@pytest.mark.parametrize("address", ["/pc/?apres=\0", "/pc/?avant=%27%20OR%201", "/lycees/?apres=" + "9" * 900])
def test_a_place_that_is_none_is_the_beginning_of_the_list(cast: Cast, address: str) -> None:
    cast.devices_in_depot(1)
    assert "</table>" in page(cast.sonia, address)


@pytest.mark.parametrize("text", ["' OR 1=1--", "%", "_", "{{7*7}}", "x" * 5_000, "\u202e", "5CG\0", "=HYPERLINK"])
def test_B37_a_hostile_search_finds_nothing_and_breaks_nothing(cast: Cast, text: str) -> None:
    cast.devices_in_depot(1)
    client = Client()
    client.force_login(cast.sonia, backend="django.contrib.auth.backends.ModelBackend")
    for address in ("/recherche/", "/pc/"):
        answer = client.get(address, {"q": text})
        assert answer.status_code == 200
        assert Device.objects.get().serial_number not in answer.content.decode()
