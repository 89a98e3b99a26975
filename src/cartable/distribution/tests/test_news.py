"""What a contact tells: what changed for its day and nothing else; figures when they changed, and now and then."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from cartable.distribution.queries.prepared import snapshot_of
from cartable.distribution.tests.conftest import DayScene
from cartable.distribution.tests.stations_by_wire import Wire, wire
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind, Reason

pytestmark = pytest.mark.django_db(transaction=True)


def told(answer: Any) -> tuple[list[str], list[str], bool]:
    """Return the codes of the students and PCs that an answer names, and whether it gives the figures."""
    students, devices = ([row["c"] for row in answer[kind]] for kind in ("students", "devices"))
    return students, devices, answer["progress"] is not None


def up_to_date() -> str:
    """Return the cursor of a station that knows all that is committed.

    The one of an answer may lie further back: whatever else is running on the server, of another test too, holds it.
    """
    snapshot = snapshot_of()
    return f"{snapshot.database}-{snapshot.next_transaction}"


@pytest.fixture
def station(committed_scene: DayScene) -> Wire:
    """A station that has been in contact already."""
    station = wire(committed_scene)
    station.contact(up_to_date())
    return station


def test_a_quiet_contact_tells_the_figures_every_ten_seconds_only(station: Wire) -> None:
    start = timezone.now().replace(second=0, microsecond=0) + timedelta(minutes=2)
    heard = []
    with time_machine.travel(start, tick=False) as clock:
        for _contact in range(12):
            heard.append(told(station.contact(up_to_date())))
            clock.shift(timedelta(seconds=2))
    assert [(students, devices) for students, devices, _figures in heard] == [([], [])] * 12
    figures = [is_told for _students, _devices, is_told in heard]
    # In each ten seconds once; twice where the last contact was too recent to be noted again.
    assert [1 <= sum(figures[first : first + 5]) <= 2 for first in (0, 5)] == [True, True]


def test_what_is_scanned_elsewhere_in_the_hall_is_told_with_the_figures_once(
    committed_scene: DayScene, station: Wire
) -> None:
    other, cursor = wire(committed_scene), up_to_date()
    student, device = committed_scene.students["bilal"], committed_scene.devices[0]
    other.send(other.event("arrival", student), other.event("pair", student, device))
    assert told(station.contact(cursor)) == ([student], [device], True)
    students, devices, _figures = told(station.contact(up_to_date()))
    assert (students, devices) == ([], [])


def test_what_happens_to_a_pc_elsewhere_in_the_region_is_no_news(committed_scene: DayScene, station: Wire) -> None:
    cast = committed_scene.cast
    (device_id,), cursor = cast.devices_in_depot(1), up_to_date()
    depot, allotment = cast.region_accounts[CustodianKind.DEPOT], cast.other_accounts[CustodianKind.SCHOOL_ALLOTMENT]
    cast.move(device_id, depot, allotment, Reason.ALLOTMENT)
    students, devices, _figures = told(station.contact(cursor))
    assert (students, devices) == ([], [])


def test_a_pc_declared_stolen_in_another_lycee_is_news_for_every_hall(committed_scene: DayScene, station: Wire) -> None:
    cast = committed_scene.cast
    (device_id,) = cast.devices_in_depot(1)
    allotment, holder = cast.other_accounts[CustodianKind.SCHOOL_ALLOTMENT], cast.student_account(cast.other_school)
    cast.move(device_id, cast.region_accounts[CustodianKind.DEPOT], allotment, Reason.ALLOTMENT)
    cast.move(device_id, allotment, holder, Reason.CHECK_OUT)
    cursor = up_to_date()
    cast.move(device_id, holder, cast.region_accounts[CustodianKind.CLAIM], Reason.CLAIM)
    tag = Device.objects.get(pk=device_id).asset_tag
    assert told(station.contact(cursor))[1] == [tag]


@pytest.mark.parametrize("changed_elsewhere", [1, 3])
def test_where_the_region_changes_faster_than_is_looked_at_nothing_is_missed(
    committed_scene: DayScene,
    station: Wire,
    monkeypatch: pytest.MonkeyPatch,
    changed_elsewhere: int,
) -> None:
    cast = committed_scene.cast
    monkeypatch.setattr("cartable.distribution.queries.prepared.NEWEST", 2)
    other, cursor = wire(committed_scene), up_to_date()
    student, device = committed_scene.students["bilal"], committed_scene.devices[0]
    other.send(other.event("arrival", student), other.event("pair", student, device))
    cast.devices_in_depot(changed_elsewhere)
    assert told(station.contact(cursor))[1] == [device]
