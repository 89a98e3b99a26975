"""Workshops A and B that cannot talk: the pouch is the proof at B, the charter's news comes when it comes."""

import random

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from cartable.conftest import Cast
from cartable.distribution.court_models import Dispute
from cartable.distribution.models import CheckOut
from cartable.distribution.tests.conftest import NAMES, DayScene, build_scene
from cartable.distribution.tests.stations_by_wire import Wire, wire
from cartable.fleet.audit import audit_ledger

pytestmark = pytest.mark.django_db


def test_a_pair_that_comes_before_its_arrival_is_settled_by_it(scene: DayScene) -> None:
    bilal, pc = scene.students["bilal"], scene.devices[0]
    a, b = wire(scene), wire(scene)
    arrival = a.event("arrival", bilal)
    assert b.results(b.event("pair", bilal, pc)) == [("refused", "charter_missing")]
    assert (scene.custody(pc), Dispute.objects.filter(settled_at=None).count()) == ("school_allotment", 1)
    assert a.results(arrival) == [("recorded", "")]
    assert (scene.custody(pc), Dispute.objects.filter(settled_at=None).count()) == ("student", 0)
    check_out = CheckOut.objects.get()
    assert (check_out.charter_proof_id is not None, check_out.override_reason) == (True, "")
    assert audit_ledger().violations == 0


def test_a_pc_that_went_to_somebody_else_meanwhile_stays_for_a_human_and_the_arrival_is_taken(scene: DayScene) -> None:
    bilal, chloe, pc = scene.students["bilal"], scene.students["chloe"], scene.devices[0]
    b, a = wire(scene), wire(scene)
    b.send(b.event("pair", bilal, pc))
    a.send(a.event("arrival", chloe))
    b.send(b.event("pair", chloe, pc))
    assert a.results(a.event("arrival", bilal)) == [("recorded", "")]
    assert Dispute.objects.filter(settled_at=None).count() == 1


def test_an_arrival_whose_settling_was_cut_off_settles_when_it_is_sent_again(
    scene: DayScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(**_named: object) -> None:
        raise OperationalError("the connection was cut")

    bilal, pc = scene.students["bilal"], scene.devices[0]
    b, a = wire(scene), wire(scene)
    b.send(b.event("pair", bilal, pc))
    arrival = a.event("arrival", bilal)
    with monkeypatch.context() as broken:
        broken.setattr("cartable.distribution.commands.scans.settle_answered", cut_off)
        assert a.send(arrival).status_code == 503
    assert a.results(arrival) == [("exists", "")]
    assert (scene.custody(pc), Dispute.objects.filter(settled_at=None).count()) == ("student", 0)


def test_without_the_charter_nothing_is_settled(scene: DayScene) -> None:
    b = wire(scene)
    b.send(b.event("pair", scene.students["bilal"], scene.devices[0]))
    a = wire(scene)
    a.send(a.event("arrival", scene.students["chloe"]))
    assert Dispute.objects.filter(settled_at=None).count() == 1


def test_two_pcs_for_one_student_stay_for_a_human(scene: DayScene) -> None:
    bilal = scene.students["bilal"]
    for pc in scene.devices[:2]:
        b = wire(scene)
        b.send(b.event("pair", bilal, pc))
    a = wire(scene)
    a.send(a.event("arrival", bilal))
    assert Dispute.objects.filter(settled_at=None).count() == 1
    assert [scene.custody(pc) for pc in scene.devices[:2]] == ["school_allotment"] * 2


@pytest.mark.parametrize("seed", range(20))
def test_whatever_comes_first_each_student_ends_with_the_pc_that_left_with_them(scene: DayScene, seed: int) -> None:
    dice = random.Random(seed)
    a, b = wire(scene), wire(scene)
    names = ["alice", "bilal", "chloe"]
    waiting: list[tuple[Wire, list[object]]] = [
        (a, [a.event("arrival", scene.students[name]) for name in names]),
        (b, [b.event("pair", scene.students[name], pc) for name, pc in zip(names, scene.devices, strict=False)]),
    ]
    while any(events for _, events in waiting):
        station, events = dice.choice([one for one in waiting if one[1]])
        count = dice.randint(1, len(events))
        assert len(station.results(*events[:count])) == count
        del events[:count]
    assert [scene.custody(pc) for pc in scene.devices[:3]] == ["student"] * 3
    assert Dispute.objects.filter(settled_at=None).count() == 0
    assert audit_ledger().violations == 0


def _pairs_then_arrivals(scene: DayScene, count: int) -> int:
    """Send pairs, then all their arrivals in one upload; return how many statements the second upload took."""
    a, b = wire(scene), wire(scene)
    names = list(scene.students)[:count]
    b.send(*[b.event("pair", scene.students[name], pc) for name, pc in zip(names, scene.devices, strict=False)])
    with CaptureQueriesContext(connection) as captured:
        assert a.results(*[a.event("arrival", scene.students[name]) for name in names]) == [("recorded", "")] * count
    assert [scene.custody(pc) for pc in scene.devices[:count]] == ["student"] * count
    return len(captured)


def test_ten_late_arrivals_cost_no_more_statements_than_two(cast: Cast) -> None:
    names = {f"n{n}": NAMES["bilal"]._replace(given_name=f"Bilal {chr(65 + n)}") for n in range(12)}
    scene = build_scene(cast, 12, names)
    two = _pairs_then_arrivals(scene, 2)
    scene.students = dict(list(scene.students.items())[2:])
    scene.devices = scene.devices[2:]
    assert _pairs_then_arrivals(scene, 10) <= two
