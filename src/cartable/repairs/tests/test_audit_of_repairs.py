"""The audit of repairs is clean after a real story, and finds what was planted in each of its checks."""

import pytest
from django.db import connection

from cartable.repairs.audit import CHECKS
from cartable.repairs.rules import RepairOutcome
from cartable.repairs.tests.conftest import Bench


def violations() -> set[str]:
    """Return the names of the checks that find something."""
    found = set()
    with connection.cursor() as cursor:
        for check in CHECKS:
            cursor.execute(check.query)
            if cursor.fetchall():
                found.add(check.name)
    return found


def lived(bench: Bench) -> None:
    """Bilal's PC comes back swapped; a second one is at the repairer's, a third one waits on the bench."""
    second, third = bench.desk.reserve[2], bench.desk.fill(1)[0]
    ticket = bench.open()
    bench.open(second, lend=False)
    bench.send(bench.own.asset_tag, second.asset_tag)
    bench.receive(bench.own.asset_tag, second.asset_tag)
    bench.diagnose(ticket)
    bench.finish(ticket, RepairOutcome.SWAPPED, serial="5CGSWAPPED")
    bench.send_back(bench.own.asset_tag)
    bench.take_back(bench.own.asset_tag)
    bench.open(third, lend=False)


def test_a_lived_repair_has_no_violation(bench: Bench) -> None:
    lived(bench)
    assert violations() == set()


CLOSE = "closed_at = now(), closed_by_id = opened_by_id, closed_as = 'disposed'"


@pytest.mark.parametrize(
    ("planted", "name"),
    [
        (
            f"UPDATE repairs_repairticket SET {CLOSE} WHERE sent_at IS NOT NULL AND back_at IS NULL",
            "a_pc_at_the_repairers_has_its_ticket",
        ),
        (
            "UPDATE repairs_repairticket SET back_at = now(), back_by_id = opened_by_id WHERE back_at IS NULL"
            " AND sent_at IS NOT NULL",
            "a_pc_at_the_repairers_has_its_ticket",
        ),
        (
            "UPDATE repairs_repairticket SET sent_at = now(), batch_out_id = (SELECT id FROM repairs_repairbatch"
            " WHERE direction = 'out' LIMIT 1) WHERE sent_at IS NULL",
            "what_was_sent_is_at_the_repairers",
        ),
        (
            "UPDATE repairs_repairticket SET back_at = NULL, back_by_id = NULL WHERE back_at IS NOT NULL",
            "what_was_sent_is_at_the_repairers",
        ),
        (
            "UPDATE repairs_repairticket SET device_id = (SELECT max(id) FROM fleet_device WHERE custodian_kind = 'student')"
            " WHERE sent_at IS NULL",
            "what_came_in_for_repair_is_on_the_bench",
        ),
        (
            "UPDATE fleet_device SET serial_number = 'ANOTHER' WHERE serial_number = '5CGSWAPPED'",
            "a_serial_is_the_last_it_was_changed_to",
        ),
    ],
)
def test_what_is_planted_is_found(bench: Bench, planted: str, name: str) -> None:
    lived(bench)
    assert name not in violations()
    with connection.cursor() as cursor:
        cursor.execute(planted)
        assert cursor.rowcount > 0
    assert name in violations()
