"""Every constraint of incidents is attacked around the code, and refuses by its name."""

from typing import Any

import pytest

from cartable.documents.commands import store_file
from cartable.documents.rules import FileClass
from cartable.emergency_stock.models import Allocation
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.rules import Reason
from cartable.incidents.tests.conftest import RECEIPT, Counter
from cartable.organisations.tests.attacks import (
    Kit,
    Values,
    attack_what_postgresql_names,
    insert,
    refused_by,
    unattacked,
)

TABLE = "incidents_incident"


@pytest.fixture
def kits(counter: Counter) -> dict[str, Kit]:
    """Right rows: a theft that was accepted, replaced and found, and the purchase of another one."""
    cast = counter.cast
    from uuid import UUID, uuid4

    devices = counter.desk.fill(8)
    reserve, bench = cast.school_accounts[K.EMERGENCY_STOCK], cast.school_accounts[K.SCHOOL_BENCH]
    away = [cast.move(device.pk, reserve, bench, Reason.FAULT) for device in devices]
    given = list(Allocation.objects.order_by("pk").values_list("pk", flat=True))
    marks = [uuid4() for _ in range(8)]

    def receipt() -> UUID:
        return store_file(
            content=RECEIPT, file_class=FileClass.COMPLAINT, region_id=cast.region.pk, school_id=cast.school.pk,
            stored_at=cast.now, stored_by_id=cast.sonia.actor_id,
        ).pk  # fmt: skip

    by = cast.durand.actor_id

    def incident(n: int) -> Values:
        return {
            "id": marks[n], "kind": "theft", "state": "closed", "device_id": devices[n].pk,
            "student_id": counter.desk.students["bilal"].pk, "school_id": cast.school.pk, "happened_on": "2026-09-14",
            "declared_at": cast.now, "declared_by_id": by, "rules_id": cast.rules.pk, "opens": "replacement",
            "declared_movement_id": away[2 * (n % 4)], "complaint_number": "1", "complaint_on": "2026-09-14",
            "complaint_office": "Police, Metz", "receipt_id": receipt(), "accepted_at": cast.now, "accepted_by_id": by,
            "established_movement_id": away[2 * (n % 4) + 1], "closed_at": cast.now, "closed_by_id": by,
            "closed_as": "replaced", "allocation_id": given[n - 1], "found_at": cast.now, "found_by_id": by,
            "found_movement_id": away[2 * (n % 4)], "condition_before": "fit", "ended_loan_id": None,
        }  # fmt: skip

    for n in range(4, 8):  # What the purchases hang on: beside those that are attacked.
        insert(TABLE)({**incident(0), **PLAIN, **CLOSED, "id": marks[n], "device_id": devices[n].pk, "opens": "rebuy",
                       "closed_at": cast.now, "closed_by_id": by, "closed_as": "rebought"})  # fmt: skip

    def rebuy(n: int) -> Values:
        return {
            "incident_id": marks[n + 4], "serial_number": f"5CG777777{n}", "bought_on": "2026-09-15", "price_eur": 350,
            "recorded_at": cast.now, "recorded_by_id": by, "device_id": devices[n].pk,
        }  # fmt: skip

    rows: dict[str, Any] = {TABLE: incident, "incidents_rebuy": rebuy}
    return {table: Kit(row, insert(table)) for table, row in rows.items()}


NO_COMPLAINT: Values = {
    "complaint_number": "", "complaint_on": None, "complaint_office": "", "receipt_id": None, "accepted_at": None,
    "accepted_by_id": None,
}  # fmt: skip
NOT_FOUND: Values = {"found_at": None, "found_by_id": None, "found_movement_id": None}
OPEN: Values = {"state": "declared", "closed_at": None, "closed_by_id": None, "closed_as": "", "allocation_id": None,
                **NOT_FOUND}  # fmt: skip
CLOSED: Values = {"state": "closed", "allocation_id": None, **NOT_FOUND}
# A breakage at home: no movement, no complaint.
PLAIN: Values = {"kind": "breakage", "declared_movement_id": None, "established_movement_id": None, **NO_COMPLAINT}

WRONG: list[tuple[str, Values]] = [
    ("incident_kind_is_known", {**OPEN, **PLAIN, "kind": "accident", "declared_movement_id": "same"}),
    ("incident_state_is_known", {**OPEN, "state": "forgotten"}),
    ("the_condition_before_an_incident_is_known", {"condition_before": "melted"}),
    ("what_an_incident_opens_is_known", {**OPEN, "opens": "a_car"}),
    ("a_theft_or_loss_takes_the_pc_into_claim", {"declared_movement_id": None}),
    ("an_incident_without_student_opens_nothing", {"student_id": None}),
    ("a_theft_is_accepted_with_its_complaint", {**OPEN, **NO_COMPLAINT, "state": "accepted",
                                                "established_movement_id": None}),
    ("a_pc_is_stolen_for_good_with_its_complaint", {**OPEN, **NO_COMPLAINT}),
    ("a_stolen_pc_is_replaced_with_its_complaint", {**NO_COMPLAINT, "established_movement_id": None}),
    ("a_closed_incident_says_when_how_and_by_whom", {"closed_at": None}),
    ("a_closed_incident_says_when_how_and_by_whom", {"closed_by_id": None}),
    ("a_closed_incident_says_when_how_and_by_whom", {**OPEN, "closed_as": "nothing"}),
    ("a_closed_incident_says_when_how_and_by_whom", {**CLOSED, "closed_as": "eaten"}),
    ("only_what_the_rules_open_is_given", {"opens": "nothing"}),
    ("only_what_the_rules_open_is_given", {**CLOSED, "closed_as": "rebought"}),
    ("only_what_the_rules_open_is_given", {"opens": "loan"}),
    ("what_left_the_reserve_for_an_incident_is_named", {"allocation_id": None}),
    ("what_left_the_reserve_for_an_incident_is_named", {"closed_as": "nothing"}),
    ("a_found_pc_says_when_by_whom_and_how", {"found_at": None}),
    ("a_found_pc_says_when_by_whom_and_how", {"found_movement_id": None}),
    ("a_found_pc_says_when_by_whom_and_how", {**CLOSED, "closed_as": "found"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "wrong"), WRONG, ids=[f"{n} {name}" for n, (name, _) in enumerate(WRONG)])
def test_an_incident_with_one_thing_wrong_is_refused_by(name: str, wrong: Values, kits: dict[str, Kit]) -> None:
    row, write = kits[TABLE]
    write(row(1))
    right = row(2)
    wrong = {key: right[key] if value == "same" else value for key, value in wrong.items()}
    with refused_by(name):
        write({**right, **wrong})


@pytest.mark.parametrize("half", sorted(NO_COMPLAINT))
def test_a_complaint_is_never_half_there(half: str, kits: dict[str, Kit]) -> None:
    row, write = kits[TABLE]
    wrong = {**row(1), **OPEN, "established_movement_id": None, half: NO_COMPLAINT[half]}
    with refused_by("a_complaint_is_whole_or_absent_and_about_a_theft"):
        write(wrong)


def test_only_a_theft_has_a_complaint(kits: dict[str, Kit]) -> None:
    row, write = kits[TABLE]
    with refused_by("a_complaint_is_whole_or_absent_and_about_a_theft"):
        write({**row(1), **OPEN, "kind": "loss"})


def test_a_pc_has_one_open_incident_at_a_time(kits: dict[str, Kit]) -> None:
    row, write = kits[TABLE]
    write({**row(1), **OPEN})
    with refused_by("a_pc_has_one_open_incident_at_a_time"):
        write({**row(2), **OPEN, "device_id": row(1)["device_id"]})


def test_a_theft_may_be_open_while_a_loan_bridges_it(kits: dict[str, Kit]) -> None:
    row, write = kits[TABLE]
    write({**row(1), **OPEN, **NO_COMPLAINT, "opens": "loan", "allocation_id": row(1)["allocation_id"],
           "established_movement_id": None})  # fmt: skip


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("rebought_serial_is_normalised", {"serial_number": "abc def"}),
        ("rebuy_price_is_not_negative", {"price_eur": -1}),
    ],
)
def test_a_purchase_with_one_thing_wrong_is_refused_by(name: str, wrong: Values, kits: dict[str, Kit]) -> None:
    row, write = kits["incidents_rebuy"]
    write(row(1))
    with refused_by(name):
        write({**row(2), **wrong})


def test_every_key_required_column_and_reference_is_attacked(kits: dict[str, Kit]) -> None:
    assert attack_what_postgresql_names("incidents", kits) > 40


def test_no_constraint_stands_unattacked(db: None) -> None:
    attacked = {name for name, _ in WRONG} | {
        "a_complaint_is_whole_or_absent_and_about_a_theft", "a_pc_has_one_open_incident_at_a_time",
        "rebought_serial_is_normalised", "rebuy_price_is_not_negative",
    }  # fmt: skip
    assert unattacked("incidents", attacked) == set()
