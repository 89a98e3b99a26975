"""Warranty, clock, stages and what the rules open: pure."""

from datetime import UTC, date, datetime

import pytest

from cartable.repairs.rules import (
    AgeBand,
    Facts,
    Failed,
    RepairObstacle,
    RepairStage,
    age_bands,
    clock,
    is_under_warranty,
    loan_obstacle,
    repair_obstacle,
    stage,
    warranty_ends_on,
)

NOW = datetime(2026, 9, 15, tzinfo=UTC)
WITH_STUDENT = Failed("student", True, False)


@pytest.mark.parametrize(
    ("received", "months", "ends"),
    [
        (date(2023, 9, 15), 36, date(2026, 9, 15)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2023, 10, 31), 4, date(2024, 2, 29)),
        (date(2023, 12, 1), 0, date(2023, 12, 1)),
    ],
)
def test_a_warranty_ends_on_the_same_day_of_its_last_month(received: date, months: int, ends: date) -> None:
    assert warranty_ends_on(received, months) == ends
    assert is_under_warranty(ends, ends)
    assert not is_under_warranty(date(ends.year + 1, 1, 1), ends)


def test_the_latest_fact_says_how_far_a_repair_is() -> None:
    given: dict[str, object] = {}
    for fact, expected in (
        ("", RepairStage.TO_TAKE_IN),
        ("taken_in_at", RepairStage.TO_SEND),
        ("sent_at", RepairStage.SENT),
        ("received_at", RepairStage.TO_DIAGNOSE),
        ("diagnosed_at", RepairStage.TO_REPAIR),
        ("finished_at", RepairStage.TO_SEND_BACK),
        ("sent_back_at", RepairStage.ON_THE_WAY_BACK),
        ("back_at", RepairStage.BACK),
        ("closed_at", RepairStage.CLOSED),
    ):
        if fact:
            given[fact] = NOW
        assert stage(Facts(**given)) == expected  # type: ignore[arg-type]


def test_a_quote_waits_for_the_region_and_an_end_for_its_disposal() -> None:
    diagnosed = {"sent_at": NOW, "received_at": NOW, "diagnosed_at": NOW}
    assert stage(Facts(**diagnosed, quote_waits=True)) == RepairStage.TO_DECIDE
    assert stage(Facts(**diagnosed, finished_at=NOW, finished_as="unrepairable")) == RepairStage.TO_DISPOSE


def test_the_clock_runs_from_receipt_to_sending_back() -> None:
    received = date(2026, 9, 1)
    assert clock(received_on=None, sent_back_on=None, today=received, agreed=10).days is None
    assert not clock(received_on=received, sent_back_on=None, today=date(2026, 9, 11), agreed=10).is_late
    assert clock(received_on=received, sent_back_on=None, today=date(2026, 9, 12), agreed=10).is_late
    assert clock(received_on=received, sent_back_on=date(2026, 9, 4), today=date(2026, 12, 1), agreed=10).days == 3


def test_ages_are_parted_at_the_limit() -> None:
    assert age_bands([0, 5, 6, 10, 11, 20, 21, 90], 10) == (
        AgeBand(0, 5, 2, False),
        AgeBand(6, 10, 2, False),
        AgeBand(11, 20, 2, True),
        AgeBand(21, None, 2, True),
    )


@pytest.mark.parametrize(
    ("failed", "why"),
    [
        (Failed("stolen", False, True), RepairObstacle.IN_CLAIM),
        (Failed("school_bench", True, True), RepairObstacle.TICKET_IS_OPEN),
        (Failed("depot", False, False), RepairObstacle.NOT_OF_THIS_SCHOOL),
        (Failed("transit", True, False), RepairObstacle.NOT_IN_THE_LYCEE),
        (WITH_STUDENT, None),
        (Failed("emergency_stock", True, False), None),
    ],
)
def test_a_repair_begins_where_the_pc_is_in_the_lycee_and_has_none(failed: Failed, why: RepairObstacle | None) -> None:
    assert repair_obstacle(failed) == why


@pytest.mark.parametrize(
    ("opens", "why"),
    [
        ("loan", None),
        ("replacement", None),
        ("nothing", RepairObstacle.RULES_OPEN_NO_LOAN),
        ("rebuy", RepairObstacle.RULES_OPEN_NO_LOAN),
        (None, RepairObstacle.RULES_OPEN_NO_LOAN),
    ],
)
def test_the_campaigns_rules_open_the_loan(opens: str | None, why: RepairObstacle | None) -> None:
    assert loan_obstacle(WITH_STUDENT, opens=opens, has_left=False, fit_in_reserve=1) == why


def test_no_loan_for_nobody_for_who_has_left_or_from_an_empty_shelf() -> None:
    on_bench = Failed("school_bench", True, False)
    assert loan_obstacle(on_bench, opens="loan", has_left=False, fit_in_reserve=1) == RepairObstacle.NOBODY_HOLDS_IT
    assert loan_obstacle(WITH_STUDENT, opens="loan", has_left=True, fit_in_reserve=1) == RepairObstacle.STUDENT_GONE
    assert (
        loan_obstacle(WITH_STUDENT, opens="loan", has_left=False, fit_in_reserve=0) == RepairObstacle.RESERVE_IS_EMPTY
    )
