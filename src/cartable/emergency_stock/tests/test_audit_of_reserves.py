"""The audit of reserves is clean after a real story, and finds what was planted in each of its checks."""

import pytest
from django.db import connection

from cartable.emergency_stock.audit import CHECKS
from cartable.emergency_stock.tests.conftest import Desk
from cartable.emergency_stock.tests.test_top_ups import ask, grant


def violations() -> set[str]:
    found = set()
    with connection.cursor() as cursor:
        for check in CHECKS:
            cursor.execute(check.query)
            if cursor.fetchall():
                found.add(check.name)
    return found


def lived(desk: Desk) -> None:
    desk.cast.devices_in_depot(2)
    grant(desk, (ask(desk), 2))
    own, loaner, third = desk.reserve
    desk.hand_over("bilal", own)
    desk.check_in("bilal", own)
    desk.lend("bilal", loaner, own)
    desk.hand_over("chloe", third)


def test_a_lived_reserve_has_no_violation(desk: Desk) -> None:
    lived(desk)
    assert violations() == set()


@pytest.mark.parametrize(
    ("planted", "name"),
    [
        (
            "UPDATE emergency_stock_loan SET loaner_id = (SELECT max(id) FROM fleet_device)",
            "an_open_loan_is_in_its_students_hands",
        ),
        ("UPDATE emergency_stock_loan SET stands_in_for_id = loaner_id - 0, loaner_id = stands_in_for_id",
         "an_open_loan_is_in_its_students_hands"),
        ("DELETE FROM emergency_stock_loan", "what_left_on_loan_has_its_loan"),
        (
            "UPDATE emergency_stock_allocation SET student_id = (SELECT min(id) FROM rosters_student) WHERE cause = 'loan'",
            "what_left_on_loan_has_its_loan",
        ),
        (
            "UPDATE distribution_charterproof SET received_at = received_at + interval '1 day'",
            "a_pc_of_the_reserve_left_with_its_charter",
        ),
        (
            "UPDATE emergency_stock_allocation SET device_id = (SELECT min(id) FROM fleet_device) WHERE cause = 'loan'",
            "what_left_a_reserve_is_in_the_ledger",
        ),
        (
            "UPDATE emergency_stock_topup SET school_id = (SELECT max(id) FROM organisations_school)",
            "a_granted_top_up_comes_from_the_depot_to_its_reserve",
        ),
        (
            "UPDATE supply_shipment SET origin_id = (SELECT max(id) FROM fleet_custodian WHERE kind = 'school_bench')",
            "a_granted_top_up_comes_from_the_depot_to_its_reserve",
        ),
    ],
)  # fmt: skip
def test_what_is_planted_is_found(desk: Desk, planted: str, name: str) -> None:
    lived(desk)
    with connection.cursor() as cursor:
        cursor.execute(planted)
    assert name in violations()
