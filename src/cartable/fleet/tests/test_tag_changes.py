"""A worn tag is replaced: the PC answers to the new one, and whoever scans the old one still finds it."""

import pytest
from django.test import Client

from cartable.conftest import Cast
from cartable.fleet.commands import DeviceAlreadyKnown, change_tag
from cartable.fleet.models import Device, TagChange
from cartable.fleet.queries.codes import exact_device, hot_device, known_identifiers
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.rules import Reason
from cartable.kernel.codes import DEVICE_LETTER, label_code

NEW, NEWER = label_code(DEVICE_LETTER, 500_001), label_code(DEVICE_LETTER, 500_002)


def replace(cast: Cast, device_id: int, tag: str) -> TagChange | None:
    return change_tag(device_id=device_id, new_tag=tag, changed_at=cast.now, changed_by_id=cast.karim.actor_id)


def test_every_tag_that_a_pc_ever_bore_names_it(cast: Cast) -> None:
    [device_id] = cast.devices_in_depot(1)
    first = Device.objects.get(pk=device_id).asset_tag
    for tag in (NEW, NEWER):
        replace(cast, device_id, tag)
    assert {exact_device(text) for text in (first, NEW, NEWER, first.lower())} == {NEWER}
    assert list(TagChange.objects.order_by("pk").values_list("old_tag", "new_tag")) == [(first, NEW), (NEW, NEWER)]


def test_an_old_tag_is_never_given_again(cast: Cast) -> None:
    one, other = cast.devices_in_depot(2)
    first = Device.objects.get(pk=one).asset_tag
    replace(cast, one, NEW)
    for tag in (first, NEW):
        with pytest.raises(DeviceAlreadyKnown):
            replace(cast, other, tag)
    with pytest.raises(DeviceAlreadyKnown):
        replace(cast, one, first)
    assert known_identifiers(serials=(), tags=[first, NEW, NEWER])[1] == {first, NEW}


def test_the_same_tag_again_changes_nothing(cast: Cast) -> None:
    [device_id] = cast.devices_in_depot(1)
    assert replace(cast, device_id, Device.objects.get(pk=device_id).asset_tag) is None
    assert not TagChange.objects.exists()


def test_a_stolen_pc_raises_the_alarm_under_its_old_tag(cast: Cast) -> None:
    [device_id] = cast.devices_in_depot(1)
    first = Device.objects.get(pk=device_id).asset_tag
    replace(cast, device_id, NEW)
    cast.move(device_id, cast.region_accounts[K.DEPOT], cast.region_accounts[K.CLAIM], Reason.CLAIM)
    assert hot_device(first, region_id=cast.region.pk) == NEW


def test_the_page_of_a_pc_is_found_by_its_old_tag_and_names_it(cast: Cast) -> None:
    [device_id] = cast.devices_in_depot(1)
    first = Device.objects.get(pk=device_id).asset_tag
    replace(cast, device_id, NEW)
    client = Client()
    client.force_login(cast.sonia, backend="django.contrib.auth.backends.ModelBackend")
    html = client.get(f"/pc/{first}/").content.decode()
    assert "Étiquettes d’avant" in html
