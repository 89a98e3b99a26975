"""The audit of days is clean after a real story, and finds what was planted in each of its checks."""

from collections.abc import Callable

import pytest
from django.db import connection

from cartable.distribution.audit import CHECKS
from cartable.distribution.tests.conftest import DayScene


def violations() -> set[str]:
    found = set()
    with connection.cursor() as cursor:
        for check in CHECKS:
            cursor.execute(check.query)
            if cursor.fetchall():
                found.add(check.name)
    return found


def play(scene: DayScene) -> None:
    for student, pc in zip(("bilal", "chloe"), scene.devices, strict=False):
        scene.a.arrival(scene.students[student])
        scene.b.pair(scene.students[student], pc)
    scene.b.undo(scene.students["chloe"], scene.devices[1])
    scene.b.pair(scene.students["alice"], scene.devices[1])


def test_a_played_day_has_no_violation(scene: DayScene) -> None:
    play(scene)
    assert violations() == set()


def _lose_a_scan(scene: DayScene) -> None:
    scene.b.sequence += 1
    scene.b.pair(scene.students["alice"], scene.devices[3])


def _sql(statement: str) -> Callable[[DayScene], None]:
    def plant(scene: DayScene) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return plant


PLANTED = {
    "a_station_has_no_hole": _lose_a_scan,
    "a_recorded_pair_is_in_the_ledger": _sql("DELETE FROM distribution_checkout"),
    "no_charter_no_pc": _sql(
        "UPDATE distribution_charterproof proof SET student_id = (SELECT min(other.student_id)"
        " FROM distribution_charterproof other WHERE other.student_id <> proof.student_id)"
        " WHERE id = (SELECT charter_proof_id FROM distribution_checkout LIMIT 1)"
    ),
    "the_right_person_signs": _sql(
        "UPDATE distribution_charterproof SET signer_kind = 'student' WHERE signer_kind = 'guardian'"
    ),
    "the_holder_is_the_student_of_the_check_out": _sql(
        "UPDATE distribution_checkout SET student_id = (SELECT max(id) FROM rosters_student)"
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_corruption_is_found(scene: DayScene, name: str) -> None:
    play(scene)
    if name == "no_charter_no_pc":
        with connection.cursor() as cursor:  # Both students signed: free the way for one to bear the other's name.
            cursor.execute("UPDATE distribution_charterproof SET withdrawn_at = now()")
    PLANTED[name](scene)
    assert name in violations()


def test_I10_a_hole_is_named_with_its_place(scene: DayScene) -> None:
    _lose_a_scan(scene)
    with connection.cursor() as cursor:
        cursor.execute(next(check.query for check in CHECKS if check.name == "a_station_has_no_hole"))
        assert cursor.fetchall()[0][0].endswith("after 0")
