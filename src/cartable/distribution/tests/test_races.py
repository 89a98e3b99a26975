"""Many stations at once, on connections of their own: one winner, a typed answer for everybody else."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django_scopes import scopes_disabled

from cartable.conftest import Cast
from cartable.distribution.commands.court import settle
from cartable.distribution.commands.days import DayRefused
from cartable.distribution.court_rules.hearing import Settlement
from cartable.distribution.court_rules.options import options
from cartable.distribution.models import CheckOut, Dispute, Scan, SettlementMovement, Testimony
from cartable.distribution.queries.court import docket_of
from cartable.distribution.rules import ScanKind
from cartable.distribution.tests.conftest import DayScene, Post, build_scene
from cartable.fleet.models import Device

STATIONS = 64


@pytest.fixture
def crowd(committed_cast: Cast) -> DayScene:
    return build_scene(committed_cast, device_count=STATIONS)


def all_at_once(posts: list[Post], act: Callable[[int, Post], str]) -> Counter[str]:
    barrier = Barrier(len(posts))

    def run(place: int) -> str:
        with scopes_disabled():
            try:
                barrier.wait()
                return act(place, posts[place])
            finally:
                connection.close()

    with ThreadPoolExecutor(len(posts)) as pool:
        return Counter(pool.map(run, range(len(posts))))


def test_64_stations_claim_the_same_pc_for_the_same_student(crowd: DayScene) -> None:
    bilal = crowd.students["bilal"]
    crowd.a.arrival(bilal)
    posts = [crowd.another_station() for _ in range(STATIONS)]
    answers = all_at_once(posts, lambda _n, post: post.pair(bilal, crowd.devices[0]).result)
    # The same pair again is "déjà fait", not a conflict: everybody is told that it is done.
    assert answers == {"recorded": STATIONS}
    assert CheckOut.objects.count() == 1
    assert Scan.objects.filter(kind="pair").count() == STATIONS


def test_64_stations_claim_different_pcs_for_one_student(crowd: DayScene) -> None:
    bilal = crowd.students["bilal"]
    crowd.a.arrival(bilal)
    posts = [crowd.another_station() for _ in range(STATIONS)]
    answers = all_at_once(posts, lambda n, post: ":".join(map(str, _said(post, bilal, crowd.devices[n]))))
    assert answers == {"recorded:": 1, "conflict:already_equipped": STATIONS - 1}
    assert Device.objects.filter(custodian_kind="student").count() == 1


def test_stations_claim_one_pc_for_different_students(crowd: DayScene) -> None:
    names = ["alice", "bilal", "chloe"]
    for name in names:
        crowd.a.arrival(crowd.students[name])
    posts = [crowd.another_station() for _ in range(3)]
    answers = all_at_once(
        posts, lambda n, post: ":".join(map(str, _said(post, crowd.students[names[n]], crowd.devices[0])))
    )
    assert answers == {"recorded:": 1, "conflict:already_held": 2}


def test_the_same_upload_from_five_tabs_at_once_is_recorded_once(crowd: DayScene) -> None:
    bilal = crowd.students["bilal"]
    crowd.a.arrival(bilal)
    scan = crowd.b.scan(ScanKind.PAIR, bilal, crowd.devices[0])
    answers = all_at_once([crowd.b] * 5, lambda _n, post: post.send(scan)[0].result)
    assert answers == {"recorded": 1, "exists": 4}


def test_F18_two_stations_that_contradict_the_same_hand_over_at_once_open_one_dispute(crowd: DayScene) -> None:
    for name in ("alice", "bilal", "chloe"):
        crowd.a.arrival(crowd.students[name])
    crowd.b.pair(crowd.students["bilal"], crowd.devices[0])
    posts = [crowd.another_station() for _ in range(16)]
    names = ["alice", "chloe"] * 8
    answers = all_at_once(posts, lambda n, post: ":".join(_said(post, crowd.students[names[n]], crowd.devices[0])))
    assert answers == {"conflict:already_held": 16}
    assert Testimony.objects.filter(dispute=Dispute.objects.get(), scan__isnull=False).count() == 16


def test_two_leaders_rule_on_one_dispute_at_once_and_one_of_them_is_told(crowd: DayScene) -> None:
    for name in ("bilal", "chloe"):
        crowd.a.arrival(crowd.students[name])
    crowd.b.pair(crowd.students["bilal"], crowd.devices[0])
    crowd.another_station().pair(crowd.students["chloe"], crowd.devices[0])
    dispute = Dispute.objects.select_related("day__rules", "day__campaign").get()
    docket = docket_of(dispute)
    claim = next(one for one in options(docket.hearing) if one.settlement == Settlement.CLAIM_HOLDS)

    def act(place: int, _post: Post) -> str:
        try:
            settle(
                dispute=dispute, settlement=claim.settlement, reason="Vu", seen=docket.seen, now=crowd.cast.now,
                settled_by_id=crowd.cast.meyer.actor_id, testimony_id=claim.testimony_id,
            )  # fmt: skip
        except DayRefused as refusal:
            return refusal.code
        return "settled"

    assert all_at_once([crowd.b] * 4, act) == {"settled": 1, "settled_already": 3}
    assert SettlementMovement.objects.count() == 2


def test_a_ruling_and_stations_that_go_on_claiming_never_wait_for_each_other_in_a_ring(crowd: DayScene) -> None:
    for name in ("alice", "bilal", "chloe"):
        crowd.a.arrival(crowd.students[name])
    crowd.b.pair(crowd.students["bilal"], crowd.devices[0])
    crowd.another_station().pair(crowd.students["chloe"], crowd.devices[0])
    dispute = Dispute.objects.select_related("day__rules", "day__campaign").get()
    posts = [crowd.another_station() for _ in range(8)]

    def act(place: int, post: Post) -> str:
        if place % 2:
            post.send(
                post.scan(ScanKind.PAIR, crowd.students["alice"], crowd.devices[0]),
                post.scan(ScanKind.PAIR, crowd.students["alice"], crowd.devices[place]),
            )
            return "sent"
        docket = docket_of(dispute)
        claim = next((one for one in options(docket.hearing) if one.settlement == Settlement.CLAIM_HOLDS), None)
        try:
            settle(
                dispute=dispute, settlement=Settlement.CLAIM_HOLDS, reason="Vu", seen=docket.seen, now=crowd.cast.now,
                settled_by_id=crowd.cast.meyer.actor_id, testimony_id=claim.testimony_id if claim else None,
            )  # fmt: skip
        except DayRefused:
            return "refused"
        return "settled"

    answers = all_at_once(posts, act)
    assert answers["sent"] == 4
    assert answers["settled"] <= 1
    assert Scan.objects.filter(kind="pair").count() == 10


def _said(post: Post, student: str, device: str) -> tuple[str, str]:
    answer = post.pair(student, device)
    return str(answer.result), str(answer.code)
