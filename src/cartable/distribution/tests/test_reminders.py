"""The families of a class are reminded of the charter in two gestures; nobody else's, and nobody twice."""

import re
from typing import Any

import pytest
from django.test import Client

from cartable.distribution.models import Passage
from cartable.distribution.tests.conftest import DayScene
from cartable.notices.models import Notice
from cartable.rosters.models import Guardian, Student


@pytest.fixture
def families(scene: DayScene) -> DayScene:
    """Bilal and Chloé, of one class: two guardians and a contact, one address for both children."""

    def guardian(name: str, key: str, email: str, **more: Any) -> None:
        student = Student.objects.get(label_code=scene.students[name])
        Guardian.objects.create(
            student=student, person_key=key, family_name="Parent", email=email, **{"is_legal": True, **more}
        )

    guardian("bilal", "1", "mere@example.org")
    guardian("bilal", "2", "tante@example.org", is_legal=False)
    guardian("chloe", "3", "mere@example.org")
    guardian("chloe", "4", "pere@example.org")
    guardian("alice", "5", "autre@example.org")
    return scene


def head(scene: DayScene) -> Client:
    client = Client()
    client.force_login(scene.cast.durand, backend="django.contrib.auth.backends.ModelBackend")
    return client


def form(html: str, division: str) -> dict[str, str]:
    """Return the form of a class, as its button sends it."""
    found = re.search(rf'name="act" value="([^"]+)"><input type="hidden" name="division" value="{division}"', html)
    assert found is not None
    return {"act": found[1], "division": division}


def test_JOBS_remind_the_families_of_a_class_about_the_charter_in_two(families: DayScene) -> None:
    address = f"/journees/{families.day.pk}/rappels/"
    client = head(families)
    answer = client.post(address, form(client.get(address).content.decode(), "2DE7"), follow=True)
    assert "2 courriels partent" in answer.content.decode()
    written = {notice.address: notice.body for notice in Notice.objects.all()}
    assert set(written) == {"mere@example.org", "pere@example.org"}
    assert "Bilal Benali, Chloé Lefèvre" in written["mere@example.org"]
    assert "Bilal" not in written["pere@example.org"]


def test_the_same_form_twice_writes_to_nobody_twice(families: DayScene) -> None:
    address = f"/journees/{families.day.pk}/rappels/"
    client = head(families)
    sent = form(client.get(address).content.decode(), "2DE7")
    for _ in range(2):
        client.post(address, sent)
    assert Notice.objects.count() == 2


def test_who_has_signed_or_left_is_not_reminded(families: DayScene) -> None:
    families.a.arrival(families.students["chloe"])
    Passage.objects.filter(student__label_code=families.students["bilal"]).update(is_gone=True)
    html = head(families).get(f"/journees/{families.day.pk}/rappels/").content.decode()
    assert 'value="2DE7"' not in html


def test_a_class_of_nobody_is_refused(families: DayScene) -> None:
    client = head(families)
    answer = client.post(f"/journees/{families.day.pk}/rappels/", {"act": "x", "division": "3E9"})
    assert (answer.status_code, Notice.objects.count()) == (422, 0)
