"""The audit of incidents is clean after a real story, and finds what was planted in each of its checks."""

import pytest
from django.db import connection

from cartable.fleet.audit import audit_ledger
from cartable.incidents.audit import CHECKS
from cartable.incidents.rules import IncidentKind
from cartable.incidents.tests.conftest import Counter


def violations() -> set[str]:
    found = set()
    with connection.cursor() as cursor:
        for check in CHECKS:
            cursor.execute(check.query)
            if cursor.fetchall():
                found.add(check.name)
    return found


def lived(counter: Counter) -> None:
    theft = counter.declare("bilal")
    counter.accept(theft)
    counter.replace(theft, counter.desk.reserve[0])
    counter.declare("alice", IncidentKind.LOSS)
    broken = counter.declare("chloe", IncidentKind.BREAKAGE, is_here=True)
    counter.close(broken)
    counter.accept(counter.declare("", device=counter.desk.reserve[1]))
    counter.find(counter.pcs["bilal"])


def test_lived_incidents_have_no_violation(counter: Counter) -> None:
    lived(counter)
    assert violations() == set()
    assert audit_ledger().broken == []


@pytest.mark.parametrize(
    ("planted", "name"),
    [
        (
            "UPDATE incidents_incident SET established_movement_id = NULL WHERE state = 'accepted'",
            "a_stolen_pc_has_its_complaint",
        ),
        ("UPDATE documents_storedfile SET file_class = 'roster'", "a_stolen_pc_has_its_complaint"),
        (
            "UPDATE incidents_incident SET device_id = (SELECT max(id) FROM fleet_device WHERE"
            " custodian_kind = 'student') WHERE kind = 'loss'",
            "an_open_theft_or_loss_keeps_its_pc_in_claim",
        ),
        (
            "UPDATE incidents_incident SET state = 'declared' WHERE state = 'accepted'",
            "an_open_theft_or_loss_keeps_its_pc_in_claim",
        ),
        (
            "UPDATE incidents_incident SET kind = 'loss', declared_movement_id = (SELECT max(id::text)::uuid FROM"
            " fleet_movement WHERE reason = 'receipt') WHERE kind = 'breakage'",
            "what_an_incident_did_is_in_the_ledger",
        ),
        (
            "UPDATE incidents_incident SET found_movement_id = established_movement_id WHERE found_at IS NOT NULL",
            "what_an_incident_did_is_in_the_ledger",
        ),
        (
            "UPDATE incidents_incident SET state = 'closed', closed_at = now(), closed_by_id = declared_by_id,"
            " closed_as = 'nothing' WHERE kind = 'loss'",
            "what_is_in_claim_says_why",
        ),
        (
            "INSERT INTO documents_storedfile SELECT gen_random_uuid(), file_class, sha256, size_bytes, stored_at, erase_on,"
            " erased_at, ciphertext, wrapped_key, master_key_id, region_id, school_id, stored_by_id"
            " FROM documents_storedfile LIMIT 1",
            "a_receipt_is_whole_owned_and_erased_on_its_day",
        ),
        (
            "UPDATE documents_storedfile SET sha256 = ''",
            "a_receipt_is_whole_owned_and_erased_on_its_day",
        ),
        (
            "UPDATE documents_storedfile SET erase_on = current_date - 8",
            "a_receipt_is_whole_owned_and_erased_on_its_day",
        ),
        (
            "UPDATE emergency_stock_allocation SET cause = 'theft' WHERE cause = 'absent'",
            "what_the_reserve_gave_for_an_incident_has_one",
        ),
        (
            "UPDATE incidents_incident SET student_id = (SELECT max(id) FROM rosters_student) WHERE closed_as = 'replaced'",
            "what_the_reserve_gave_for_an_incident_has_one",
        ),
    ],
)
def test_what_is_planted_is_found(counter: Counter, planted: str, name: str) -> None:
    lived(counter)
    with connection.cursor() as cursor:
        cursor.execute(planted)
    assert name in violations()
