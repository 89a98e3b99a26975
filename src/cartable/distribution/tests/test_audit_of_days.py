"""The audit of days is clean after a real story, and finds what was planted in each of its checks."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections, transaction

from cartable.distribution.audit import CHECKS
from cartable.distribution.commands.scans import record_scans
from cartable.distribution.commands.stations import token_sha256
from cartable.distribution.models import CharterProof, Dispute, Scan, SettlementMovement, Station, Testimony
from cartable.distribution.rules import ScanKind
from cartable.distribution.tests.conftest import DayScene
from cartable.fleet.models import Movement
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.rules import Reason
from cartable.organisations.tests.attacks import insert
from cartable.rosters.models import Guardian


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
    later = scene.b.scan(ScanKind.PAIR, scene.students["alice"], scene.devices[3])
    # As a station of version 1 could send it; those of version 2 hold back what comes too early.
    record_scans(token_sha256=token_sha256(scene.b.token), scans=[later], in_order=False)


def _sql(statement: str) -> Callable[[DayScene], None]:
    def plant(scene: DayScene) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return plant


def _a_movement_of_no_scan(scene: DayScene) -> UUID:
    """Move a PC that nobody scanned."""
    cast = scene.cast
    (device_id,) = cast.devices_in_depot(1)
    depot, allotment = cast.region_accounts[K.DEPOT], cast.school_accounts[K.SCHOOL_ALLOTMENT]
    return cast.move(device_id, depot, allotment, Reason.ALLOTMENT)


def _plant_scan(scene: DayScene, **values: Any) -> None:
    """Write a scan around the code; it goes on where its station stopped, so that no hole gives it away."""
    station = Station.objects.get(day=scene.day, workshop="B")
    insert("distribution_scan")(
        {
            "id": uuid4(), "station_id": station.pk, "day_id": scene.day.pk, "sequence": scene.b.sequence + 1,
            "kind": "device_faulty", "student_code": "", "device_code": "", "happened_at": scene.cast.now,
            "received_at": scene.cast.now, "local_code": "", "raw": "", "result": "recorded", "code": "", **values,
        }
    )  # fmt: skip


def _move_by_a_scan_of_another_number(scene: DayScene) -> None:
    _plant_scan(scene, movement_id=_a_movement_of_no_scan(scene))


def _move_by_a_refused_scan(scene: DayScene) -> None:
    _plant_scan(scene, id=_a_movement_of_no_scan(scene), result="refused", code="other_school")


def _seal_over_what_is_left(scene: DayScene) -> None:
    insert("distribution_closingreport")(
        {
            "day_id": scene.day.pk, "sealed_at": scene.cast.now, "sealed_by_id": scene.cast.durand.actor_id,
            "figures": "{}", "ledger_root": b"", "ledger_position": Movement.objects.latest("position").position,
            "pdf": b"", "pdf_sha256": b"",
        }
    )  # fmt: skip


def _sign_by_who_is_no_legal_guardian(scene: DayScene) -> None:
    proof = CharterProof.objects.filter(signer_kind="guardian").latest("pk")
    guardian = Guardian.objects.create(student=proof.student, person_key="1", family_name="Benali", is_legal=False)
    CharterProof.objects.filter(pk=proof.pk).update(guardian=guardian)


def _open_a_dispute_without_a_scan(scene: DayScene) -> None:
    Dispute.objects.create(day=scene.day, unknown_code="E1")


def _hear_one_side_only(scene: DayScene) -> None:
    """Two hand-overs contradict each other, and one of them is all that the dispute knows."""
    scan_id = uuid4()
    _plant_scan(scene, id=scan_id, kind="pair", result="conflict", code="already_held")
    Testimony.objects.create(dispute=Dispute.objects.create(day=scene.day, unknown_code="E1"), scan_id=scan_id)


def _hear_a_scan_that_was_taken(scene: DayScene) -> None:
    scan = Scan.objects.filter(kind="pair", result="recorded").first()
    Testimony.objects.create(dispute=Dispute.objects.create(day=scene.day, unknown_code="E1"), scan=scan)


def _move_for_no_ruling(scene: DayScene) -> None:
    cast = scene.cast
    (device_id,) = cast.devices_in_depot(1)
    dispute = Dispute.objects.create(day=scene.day, unknown_code="E1")
    depot, allotment = cast.region_accounts[K.DEPOT], cast.school_accounts[K.SCHOOL_ALLOTMENT]
    cast.move(device_id, depot, allotment, Reason.ALLOTMENT, evidence=f"dispute:{dispute.pk}")


def _rule_by_a_movement_of_something_else(scene: DayScene) -> None:
    dispute = Dispute.objects.create(
        day=scene.day, unknown_code="E1", settlement="stands", reason="Vu", settled_at=scene.cast.now,
        settled_by_id=scene.cast.meyer.actor_id,
    )  # fmt: skip
    SettlementMovement.objects.create(movement_id=_a_movement_of_no_scan(scene), dispute=dispute)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_I12_a_ruling_without_author_is_found_where_its_constraint_is_gone(committed_scene: DayScene) -> None:
    """The owner takes the constraint away, in a transaction that is rolled back."""
    name = "a_settled_dispute_has_author_reason_and_ruling"
    owner = connections["owner"]
    with transaction.atomic(using="owner"), owner.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE distribution_dispute DROP CONSTRAINT a_settled_dispute_says_how_why_when_and_by_whom"
        )
        cursor.execute(
            "INSERT INTO distribution_dispute (day_id, unknown_code, settlement, reason, settled_at)"
            " VALUES (%s, 'E1', 'stands', 'Vu', now())",
            [committed_scene.day.pk],
        )
        cursor.execute(next(check.query for check in CHECKS if check.name == name))
        assert len(cursor.fetchall()) == 1
        transaction.set_rollback(True, using="owner")


# Attacked around its constraint, above.
BEHIND_A_CONSTRAINT = {"a_settled_dispute_has_author_reason_and_ruling"}
# Check → what is planted; several kinds of one check stand side by side.
PLANTED: dict[str, Callable[[DayScene], None]] = {
    "a_scan_moves_once": _move_by_a_scan_of_another_number,
    "a_refused_scan_moves_nothing": _move_by_a_refused_scan,
    "a_closed_day_leaves_nothing": _seal_over_what_is_left,
    "the_right_person_signs, by another hand": _sign_by_who_is_no_legal_guardian,
    "a_contested_scan_has_its_dispute": lambda scene: _plant_scan(scene, result="refused", code="faulty"),
    "a_contested_scan_has_its_dispute, a scan that was taken": _hear_a_scan_that_was_taken,
    "a_dispute_has_its_claims": _open_a_dispute_without_a_scan,
    "a_dispute_has_its_claims, one side only": _hear_one_side_only,
    "a_ruling_moves_what_it_says": _rule_by_a_movement_of_something_else,
    "a_ruling_moves_what_it_says, for no ruling": _move_for_no_ruling,
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


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_corruption_is_found(scene: DayScene, planted: str) -> None:
    name = planted.partition(",")[0]
    play(scene)
    if name == "no_charter_no_pc":
        with connection.cursor() as cursor:  # Both students signed: free the way for one to bear the other's name.
            cursor.execute("UPDATE distribution_charterproof SET withdrawn_at = now()")
    PLANTED[planted](scene)
    assert name in violations()


def test_each_check_has_found_something_at_least_once() -> None:
    assert {planted.partition(",")[0] for planted in PLANTED} | BEHIND_A_CONSTRAINT == {check.name for check in CHECKS}


def test_I10_a_hole_is_named_with_its_place(scene: DayScene) -> None:
    _lose_a_scan(scene)
    with connection.cursor() as cursor:
        cursor.execute(next(check.query for check in CHECKS if check.name == "a_station_has_no_hole"))
        assert cursor.fetchall()[0][0].endswith("after 0")
