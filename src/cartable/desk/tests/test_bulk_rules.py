"""What a bulk act leaves out and how it is told: pure decisions, of the desk and of the packages that own the gestures."""

import pytest

from cartable.desk.bulk_rules import LINES_AT_ONCE, MOST_LINES, MOST_PRINTED, Bulk, left_out, most_lines, part_size
from cartable.distribution.list_rules import ListPlace, PlaceObstacle, label_obstacle, reminder_obstacle
from cartable.fleet.rules import CustodianKind as K
from cartable.supply.rules import AllotObstacle, TravelObstacle, allot_obstacle, travel_obstacle


def test_what_changed_since_the_preview_comes_first_then_the_commonest_reason() -> None:
    counts = {("elsewhere", False): 2, ("not_fit", False): 250, ("elsewhere", True): 1}
    found = left_out(counts, [("elsewhere", True, "P3"), ("elsewhere", False, "P1"), ("elsewhere", False, "P2")])
    assert [(one.code, one.is_late, one.count, one.names) for one in found] == [
        ("elsewhere", True, 1, ("P3",)), ("not_fit", False, 250, ()), ("elsewhere", False, 2, ("P1", "P2")),
    ]  # fmt: skip
    assert [one.unnamed for one in found] == [0, 250, 0]


def test_paper_holds_fewer_lines_and_a_load_or_a_mailing_is_never_cut_into_parts() -> None:
    assert {most_lines(act) for act in (Bulk.TAGS, Bulk.LABELS)} == {MOST_PRINTED}
    assert {most_lines(act) for act in (Bulk.SEND, Bulk.LEAVE, Bulk.REMIND)} == {MOST_LINES}
    assert [part_size(act) for act in (Bulk.SEND, Bulk.REMIND)] == [MOST_LINES, MOST_LINES]
    assert [part_size(act) for act in (Bulk.BENCH, Bulk.WRITE_OFF, Bulk.LEAVE)] == [LINES_AT_ONCE] * 3


@pytest.mark.parametrize(
    ("kind", "to", "more", "expected"),
    [
        (K.DEPOT, K.EMERGENCY_STOCK, {}, ""),
        (K.STUDENT, K.EMERGENCY_STOCK, {}, TravelObstacle.ELSEWHERE),
        (K.STOLEN, K.EMERGENCY_STOCK, {}, TravelObstacle.IN_CLAIM),
        (K.EMERGENCY_STOCK, K.EMERGENCY_STOCK, {"is_there": True}, TravelObstacle.SAME_PLACE),
        (K.EMERGENCY_STOCK, K.EMERGENCY_STOCK, {"held_back_by": "contested", "is_fit": False}, "contested"),
        (K.EMERGENCY_STOCK, K.EMERGENCY_STOCK, {"is_fit": False}, TravelObstacle.NOT_FIT),
        (K.SCHOOL_BENCH, K.SCHOOL_BENCH, {"is_fit": False}, ""),
        (K.EMERGENCY_STOCK, K.DEPOT, {"is_fit": False}, ""),
    ],
)
def test_what_does_not_travel_and_why(kind: K, to: K, more: dict[str, object], expected: str) -> None:
    facts = {"is_fit": True, "held_back_by": "", "is_there": False, **more}
    assert travel_obstacle(kind, to=to, **facts) == expected  # type: ignore[arg-type]


def test_only_what_stands_fit_in_the_depot_is_allotted() -> None:
    assert allot_obstacle(K.DEPOT, is_fit=True) is None
    assert allot_obstacle(K.DEPOT, is_fit=False) == AllotObstacle.NOT_FIT
    assert allot_obstacle(K.EMERGENCY_STOCK, is_fit=True) == AllotObstacle.NOT_IN_DEPOT


@pytest.mark.parametrize(
    ("change", "label", "reminder"),
    [
        ({}, None, None),
        ({"is_expected": False}, PlaceObstacle.NOT_EXPECTED, PlaceObstacle.NOT_EXPECTED),
        ({"is_gone": True}, PlaceObstacle.GONE, PlaceObstacle.GONE),
        ({"is_charter_there": True}, None, PlaceObstacle.CHARTER_THERE),
        ({"has_address": False}, None, PlaceObstacle.NO_ADDRESS),
    ],
)
def test_who_gets_no_label_and_whose_family_no_reminder(
    change: dict[str, bool], label: PlaceObstacle | None, reminder: PlaceObstacle | None
) -> None:
    facts = {"is_expected": True, "is_gone": False, "is_charter_there": False, "has_address": True, **change}
    place = ListPlace(1, 1, **facts)
    assert (label_obstacle(place), reminder_obstacle(place)) == (label, reminder)
    assert label_obstacle(None) == reminder_obstacle(None) == PlaceObstacle.ON_NO_DAY
