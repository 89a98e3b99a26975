"""The audit of returns is clean after a real story, and finds what was planted in each of its checks."""

import pytest
from django.db import connection

from cartable.fleet.rules import Grade
from cartable.returns.audit import CHECKS
from cartable.returns.rules import Outlet
from cartable.returns.tests.conftest import Returns
from cartable.returns.tests.test_bench import leave, slip, work


def violations() -> set[str]:
    found = set()
    with connection.cursor() as cursor:
        for check in CHECKS:
            cursor.execute(check.query, {} if "%%" in check.query else None)
            if cursor.fetchall():
                found.add(check.name)
    return found


def lived(returns: Returns) -> None:
    returns.take("bilal", returns.lend("bilal"))
    returns.take("alice")
    work(returns, returns.held["alice"])
    returns.take("chloe", grade=Grade.UNUSABLE)
    leave(returns, returns.held["chloe"], slip(returns, Outlet.REUSE))


def test_lived_returns_have_no_violation(returns: Returns) -> None:
    lived(returns)
    assert violations() == set()


def test_a_return_that_is_not_in_the_books_is_found(returns: Returns) -> None:
    lived(returns)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM returns_checkin WHERE ended_loan_id IS NULL")
    assert "what_came_back_is_in_the_ledger" in violations()


@pytest.mark.parametrize(
    ("planted", "name"),
    [
        (
            "UPDATE returns_checkin SET device_id = (SELECT max(id) FROM fleet_device) WHERE grade = 'D'",
            "what_came_back_is_in_the_ledger",
        ),
        ("UPDATE emergency_stock_loan SET ended_as = 'swap'", "a_return_ended_the_loan_of_its_pc"),
        ("DELETE FROM returns_reimaging WHERE movement_id IS NOT NULL", "nothing_goes_to_the_reserve_unwiped"),
        (
            "UPDATE returns_reimaging SET arrival_id = (SELECT movement_id FROM returns_checkin WHERE grade = 'B'"
            " AND ended_loan_id IS NOT NULL) WHERE movement_id IS NOT NULL",
            "nothing_goes_to_the_reserve_unwiped",
        ),
        (
            "UPDATE returns_reimaging SET wiped_at = wiped_at - interval '1 day'",
            "a_wipe_belongs_to_a_stay_on_the_bench",
        ),
        (
            "UPDATE returns_reimaging SET checked_at = imaged_at - interval '1 minute' WHERE checked_at IS NOT NULL",
            "a_wipe_belongs_to_a_stay_on_the_bench",
        ),
        (
            "UPDATE returns_reimaging SET withdrawn_by_movement_id = arrival_id WHERE movement_id IS NOT NULL",
            "nothing_goes_to_the_reserve_unwiped",
        ),
        ("DELETE FROM returns_writeoff", "what_left_for_good_is_under_a_slip"),
        ("UPDATE returns_writeoff SET is_over_ten_years_old = true", "what_left_for_good_is_under_a_slip"),
        (
            "UPDATE returns_writeoff SET wiped_under_id ="
            " (SELECT arrival_id FROM returns_reimaging WHERE movement_id IS NOT NULL)",
            "what_left_for_good_is_under_a_slip",
        ),
    ],
)
def test_what_is_planted_is_found(returns: Returns, planted: str, name: str) -> None:
    lived(returns)
    with connection.cursor() as cursor:
        cursor.execute(planted)
    assert name in violations()
