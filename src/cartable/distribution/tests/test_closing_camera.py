"""Leftover PCs before the camera of the leader's phone: one press, then a label each."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser

from cartable.desk.tests.browsing import HOST, reader
from cartable.distribution.paper.labels import DeviceLabel, device_label_roll
from cartable.distribution.queries.closing import leftover_tags
from cartable.distribution.tests.conftest import DayScene
from cartable.distribution.tests.films import filmed, picture_of
from cartable.distribution.tests.paper_reading import PRINTED_AT
from cartable.ui.tests.browser import executable

pytest_plugins = ["cartable.ui.tests.browser"]
pytestmark = pytest.mark.browser


def label_of(tag: str, serial: str) -> Any:
    """Print the label of a PC."""
    return picture_of(device_label_roll([DeviceLabel(tag, "Région Grand Est", "HP 240 G7", serial, "Trouvé ?")],
                                        printed_at=PRINTED_AT))  # fmt: skip


def test_two_leftovers_are_sent_by_a_phone_with_one_press(
    chromium: Browser, scene: DayScene, settings: Any, tmp_path: Path
) -> None:
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": plain}}
    client = Client()
    client.force_login(scene.cast.meyer, backend="django.contrib.auth.backends.ModelBackend")
    before = leftover_tags(scene.day)
    labels = [label_of(*line) for line in before[:2]]
    film = filmed([(labels[0], 2), (None, 2), (labels[1], 2), (None, 2)], tmp_path / "film.y4m")
    browser = chromium.browser_type.launch(
        executable_path=executable(),
        args=["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
              f"--use-file-for-fake-video-capture={film}"],
    )  # fmt: skip
    try:
        page = reader(browser, client, width=390).page
        page.context.grant_permissions(["camera"])
        page.goto(f"{HOST}/journees/{scene.day.pk}/cloture/")
        page.click("[data-role=camera]")
        for _ in range(150):
            if len(leftover_tags(scene.day)) == len(before) - 2:
                break
            page.wait_for_timeout(200)
        assert leftover_tags(scene.day) == before[2:]
    finally:
        browser.close()
