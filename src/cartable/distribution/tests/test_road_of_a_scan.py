"""What a scan may cost the database: the pace of a day hangs on it (bench/README.md)."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from cartable.distribution.rules import ScanKind
from cartable.distribution.tests.conftest import DayScene, known


def test_a_pair_is_one_read_and_one_write(committed_scene: DayScene) -> None:
    scene = committed_scene
    scene.a.arrival(scene.students["bilal"])
    with CaptureQueriesContext(connection) as asked:
        assert known(scene.b.pair(scene.students["bilal"], scene.devices[0])) == ("recorded", "")
    assert len(asked) == 2, [query["sql"] for query in asked]


def test_a_batch_of_pairs_is_one_read_and_one_write(committed_scene: DayScene) -> None:
    scene = committed_scene
    names = ["alice", "bilal", "chloe"]
    for name in names:
        scene.a.arrival(scene.students[name])
    pairs = [
        scene.b.scan(ScanKind.PAIR, scene.students[name], device)
        for name, device in zip(names, scene.devices, strict=False)
    ]
    with CaptureQueriesContext(connection) as asked:
        answers = scene.b.send(*pairs)
    assert [known(answer) for answer in answers] == [("recorded", "")] * 3
    assert len(asked) == 2, [query["sql"] for query in asked]


def test_the_statements_of_a_pair_are_not_planned_anew_for_each_scan(committed_scene: DayScene) -> None:
    scene, bilal = committed_scene, committed_scene.students["bilal"]
    scene.a.arrival(bilal)
    for _ in range(12):
        scene.b.pair(bilal, scene.devices[0])
        scene.b.undo(bilal, scene.devices[0])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT custom_plans, generic_plans FROM pg_prepared_statements"
            " WHERE statement LIKE '%%json_to_recordset%%' AND generic_plans + custom_plans >= 20"
        )
        counts = cursor.fetchall()
    assert len(counts) == 2
    # Five plans are PostgreSQL's trial; from then on it keeps the one that serves every scan.
    assert all(custom <= 5 for custom, _generic in counts), counts
