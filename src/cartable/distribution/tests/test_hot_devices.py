"""A PC that is declared stolen or lost raises the alarm at every station of the region, network or not."""

from cartable.distribution.queries.prepared import prepared_day
from cartable.distribution.rules import Code, answer_for_device
from cartable.distribution.tests.conftest import DayScene, known
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.rules import Reason


def stolen_elsewhere(scene: DayScene) -> Device:
    """Declare a PC stolen from the reserve of the other lycée."""
    cast = scene.cast
    [pk] = cast.devices_in_depot(1)
    theirs = cast.other_accounts[K.EMERGENCY_STOCK]
    cast.move(pk, cast.region_accounts[K.DEPOT], theirs, Reason.TOP_UP)
    cast.move(pk, theirs, cast.region_accounts[K.CLAIM], Reason.CLAIM)
    return Device.objects.get(pk=pk)


def answers(scene: DayScene, since: str | None = None) -> dict[str, Code]:
    """Return what the station answers to each PC that it knows, by its serial number."""
    day = prepared_day(day_id=scene.day.pk, school_id=scene.day.school_id, since=since)
    return {device.serial_number: answer_for_device(device.facts) for device in day.devices}


def test_a_station_knows_the_stolen_pc_of_another_lycee(scene: DayScene) -> None:
    pc = stolen_elsewhere(scene)
    assert answers(scene)[pc.serial_number] == Code.HOT
    assert Code.OK in answers(scene).values()


def test_a_station_that_runs_hears_of_it(scene: DayScene) -> None:
    cursor = prepared_day(day_id=scene.day.pk, school_id=scene.day.school_id).cursor
    pc = stolen_elsewhere(scene)
    assert answers(scene, since=cursor)[pc.serial_number] == Code.HOT


def test_a_pc_stolen_from_the_table_is_not_handed_out_by_a_station_that_had_it_in_its_list(scene: DayScene) -> None:
    cast, pc = scene.cast, Device.objects.get(asset_tag=scene.devices[0])
    cursor = prepared_day(day_id=scene.day.pk, school_id=scene.day.school_id).cursor
    cast.move(pc.pk, cast.school_accounts[K.SCHOOL_ALLOTMENT], cast.region_accounts[K.CLAIM], Reason.CLAIM)
    assert answers(scene, since=cursor)[pc.serial_number] == Code.HOT


def test_the_server_refuses_it_and_keeps_the_scan(scene: DayScene) -> None:
    pc, bilal = stolen_elsewhere(scene), scene.students["bilal"]
    scene.a.arrival(bilal)
    assert known(scene.b.pair(bilal, pc.asset_tag)) == ("refused", "hot")


def test_a_pc_of_another_lycee_that_nobody_declared_stays_unknown_to_the_station(scene: DayScene) -> None:
    cast = scene.cast
    [pk] = cast.devices_in_depot(1)
    cast.move(pk, cast.region_accounts[K.DEPOT], cast.other_accounts[K.EMERGENCY_STOCK], Reason.TOP_UP)
    assert Device.objects.get(pk=pk).serial_number not in answers(scene)
