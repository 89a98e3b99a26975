"""The audit of photos is clean after a real story, and finds what was planted in each of its checks."""

from uuid import uuid4

import pytest
from django.db import connection

from cartable.conftest import Cast
from cartable.emergency_stock.models import Allocation
from cartable.incidents.audit import CHECKS as OF_INCIDENTS
from cartable.incidents.rules import IncidentKind
from cartable.incidents.tests.conftest import build_counter
from cartable.photos.audit import CHECKS
from cartable.photos.rules import Act
from cartable.photos.tests.pictures import take_photo
from cartable.repairs.audit import CHECKS as OF_REPAIRS


def violations() -> set[str]:
    found = set()
    with connection.cursor() as cursor:
        for check in (*CHECKS, *OF_INCIDENTS, *OF_REPAIRS):
            cursor.execute(check.query)
            if cursor.fetchall():
                found.add(check.name)
    return found


@pytest.fixture
def photographed(cast: Cast) -> Cast:
    """A hand-over and a breakage with a photo each."""
    counter = build_counter(cast)
    handed = Allocation.objects.get(device=counter.pcs["bilal"])
    take_photo(Act.HAND_OVER, handed.pk, counter.pcs["bilal"], cast)
    broken = counter.declare("bilal", IncidentKind.BREAKAGE)
    take_photo(Act.INCIDENT, broken.pk, counter.pcs["bilal"], cast)
    return cast


def test_photos_of_real_acts_have_no_violation(photographed: Cast) -> None:
    assert violations() == set()


@pytest.mark.parametrize(
    ("act", "name"),
    [(Act.INCIDENT, "a_photo_of_an_incident_is_of_its_pc"), (Act.TICKET, "a_photo_of_a_ticket_is_of_its_pc")],
)
def test_a_photo_of_nothing_that_happened_is_found(photographed: Cast, act: Act, name: str) -> None:
    device = Allocation.objects.select_related("device").earliest("pk").device
    take_photo(act, uuid4(), device, photographed)
    assert violations() == {name}


def test_a_photo_of_another_pc_than_the_one_that_moved_is_found(photographed: Cast) -> None:
    one, other = Allocation.objects.select_related("device").order_by("pk")[:2]
    take_photo(Act.HAND_OVER, one.pk, other.device, photographed, hue=77)
    assert violations() == {"a_photo_is_of_the_pc_that_moved"}


@pytest.mark.parametrize(
    "planted",
    [
        "UPDATE documents_storedfile SET school_id = NULL WHERE file_class = 'state'",
        "UPDATE documents_storedfile SET file_class = 'state' WHERE file_class = 'state_handed'",
    ],
)
def test_a_picture_without_its_photo_is_found(photographed: Cast, planted: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(planted)
    assert violations() == {"a_picture_has_its_photo"}
