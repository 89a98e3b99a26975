"""Many stations at once, on connections of their own: one winner, a typed answer for everybody else."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django_scopes import scopes_disabled

from cartable.conftest import Cast
from cartable.distribution.models import CheckOut, Scan
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


def _said(post: Post, student: str, device: str) -> tuple[str, str]:
    answer = post.pair(student, device)
    return str(answer.result), str(answer.code)
