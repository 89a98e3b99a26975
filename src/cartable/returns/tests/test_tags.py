"""A worn tag is replaced at the bench or the desk, by one from the roll or one that is printed."""

import re
from typing import Any

import pytest
from django.test import Client

from cartable.conftest import Cast
from cartable.distribution.tests.conftest import DayScene, build_scene
from cartable.distribution.tests.paper_reading import codes
from cartable.fleet.commands import change_tag
from cartable.fleet.models import Device
from cartable.kernel.codes import DEVICE_LETTER, STUDENT_LETTER, label_code
from cartable.returns.tests.conftest import Returns

NEW = label_code(DEVICE_LETTER, 500_001)


def html_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_tag_from_the_roll_is_scanned_and_the_old_one_still_resolves(returns: Returns, karim: Client) -> None:
    device = returns.held["bilal"]
    answer = karim.post(f"/atelier/etiquette/?pc={device.serial_number}", {"nouvelle": NEW}, follow=True)
    assert "L’ancienne mène toujours à ce PC" in html_of(answer)
    assert Device.objects.get(pk=device.pk).asset_tag == NEW
    assert "Bilal Benali" in html_of(karim.get("/restituer/", {"code": device.asset_tag}))


def test_left_empty_a_tag_is_drawn_and_printed(returns: Returns, karim: Client) -> None:
    device = returns.held["bilal"]
    answer = karim.post(f"/atelier/etiquette/?pc={device.asset_tag}", {"nouvelle": ""}, follow=True)
    [paper] = re.findall(r'href="(/atelier/etiquette/P\d+/)"', html_of(answer))
    drawn = Device.objects.get(pk=device.pk).asset_tag
    assert drawn != device.asset_tag
    assert codes(karim.get(paper).content) == [drawn]
    assert karim.get(f"/atelier/etiquette/{device.asset_tag}/").status_code == 404


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (label_code(STUDENT_LETTER, 1), "pas une étiquette de PC"),
        ("P0000000000", "pas une étiquette de PC"),
        ("chloe", "déjà celle d’un PC"),
        ("bilal", "porte déjà"),
    ],
)
def test_what_is_no_free_tag_is_refused(returns: Returns, karim: Client, text: str, said: str) -> None:
    tag = returns.held[text].asset_tag if text in returns.held else text
    device = returns.held["bilal"]
    answer = karim.post(f"/atelier/etiquette/?pc={device.asset_tag}", {"nouvelle": tag})
    assert answer.status_code == 422
    assert said in html_of(answer)
    assert Device.objects.get(pk=device.pk).asset_tag == device.asset_tag


def test_a_station_of_the_day_knows_a_pc_by_its_old_tag(cast: Cast) -> None:
    scene: DayScene = build_scene(cast)
    old = scene.devices[0]
    change_tag(
        device_id=Device.objects.get(asset_tag=old).pk, new_tag=NEW, changed_at=scene.cast.now,
        changed_by_id=scene.cast.karim.actor_id,
    )  # fmt: skip
    scene.a.arrival(scene.students["alice"])
    assert scene.b.pair(scene.students["alice"], old).result == "recorded"
    assert scene.custody(NEW) == "student"
    day = Client().get("/api/v2/day", headers={"Authorization": f"Bearer {scene.b.token}"}).json()
    assert [line["l"] for line in day["devices"] if line["c"] == NEW] == [[old]]
