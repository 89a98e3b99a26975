"""Every constraint of the reserve is attacked around the code, and refuses by its name."""

from typing import Any
from uuid import uuid4

import pytest

from cartable.distribution.commands.charters import receive_charter
from cartable.distribution.models import SignerKind
from cartable.emergency_stock.tests.conftest import Desk
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.rules import Reason
from cartable.organisations.tests.attacks import (
    Kit,
    Values,
    attack_what_postgresql_names,
    insert,
    refused_by,
    unattacked,
)
from cartable.supply.tests.test_shipment_constraints import shipment_rows

UNIQUE = {
    "a_student_has_one_loan_at_a_time": "student_id",
    "a_pc_is_lent_once_at_a_time": "loaner_id",
    "a_pc_is_stood_in_for_once_at_a_time": "stands_in_for_id",
}


@pytest.fixture
def kits(desk: Desk) -> dict[str, Kit]:
    """Right rows of each table, on movements that left the reserve."""
    cast = desk.cast
    students, devices = list(desk.students.values()), desk.fill(4)
    others = desk.fill(4)
    reserve = cast.school_accounts[K.EMERGENCY_STOCK]
    moved = [
        cast.move(device.pk, reserve, student.custodian_id, Reason.LOAN)
        for device, student in zip(devices, students, strict=True)
    ]
    aside = [cast.move(device.pk, reserve, cast.school_accounts[K.SCHOOL_BENCH], Reason.FAULT) for device in others]

    def charter(n: int) -> int:
        return receive_charter(
            student_id=students[n].pk, rules=cast.rules, signer_kind=SignerKind.GUARDIAN, received_at=cast.now,
            received_by_id=cast.durand.actor_id,
        ).pk  # fmt: skip

    def allocation(n: int) -> Values:
        return {
            "movement_id": moved[n], "school_id": cast.school.pk, "student_id": students[n].pk,
            "device_id": devices[n].pk, "cause": "absent", "allocated_at": cast.now,
            "allocated_by_id": cast.durand.actor_id, "charter_proof_id": charter(n), "undone_by_movement_id": aside[n],
            "grade": "B",
        }  # fmt: skip

    def loan(n: int) -> Values:
        return {
            "allocation_id": aside[n], "school_id": cast.school.pk, "student_id": students[n].pk,
            "loaner_id": devices[n].pk, "stands_in_for_id": others[n].pk, "lent_at": cast.now,
            "due_on": cast.now.date(), "ended_at": cast.now, "ended_by_id": cast.durand.actor_id, "ended_as": "swap",
        }  # fmt: skip

    for n in range(4):  # What the loans hang on: beside those that are attacked.
        loaned = {**allocation(n), "movement_id": aside[n], "cause": "loan", "undone_by_movement_id": None}
        insert("emergency_stock_allocation")(loaned)
    shipments = shipment_rows(cast)["supply_shipment"]

    def top_up(n: int) -> Values:
        shipment = shipments(n)
        insert("supply_shipment")(shipment)
        return {
            "id": uuid4(), "school_id": cast.school.pk, "asked_count": 3, "asked_at": cast.now,
            "asked_by_id": cast.durand.actor_id, "decided_at": cast.now, "decided_by_id": cast.sonia.actor_id,
            "shipment_id": shipment["id"], "refusal": "",
        }  # fmt: skip

    def reading(n: int) -> Values:
        return {
            "school_id": (cast.school.pk, cast.other_school.pk)[n % 2], "read_at": cast.now, "low_by": 3,
            "absent_count": 2, "absent_since": cast.now.date(),
        }  # fmt: skip

    rows: dict[str, Any] = {
        "emergency_stock_reservereading": reading,
        "emergency_stock_allocation": allocation, "emergency_stock_loan": loan, "emergency_stock_topup": top_up,
    }  # fmt: skip
    return {table: Kit(row, insert(table)) for table, row in rows.items()}


OPEN: Values = {"ended_at": None, "ended_by_id": None, "ended_as": ""}
WRONG: dict[str, Values] = {
    "allocation_cause_is_known": {"cause": "because"},
    "a_pc_for_keeps_leaves_with_its_charter": {"charter_proof_id": None},
    "a_pc_is_handed_over_in_a_state_to_be_used": {"grade": "D"},
}

TOP_UP_WRONG: dict[str, list[Values]] = {
    "a_top_up_asks_for_something": [{"asked_count": 0}, {"asked_count": 501}],
    "a_decided_top_up_is_a_shipment_or_says_why_not": [
        {"shipment_id": None}, {"refusal": "Trop loin."}, {"decided_at": None}, {"decided_by_id": None},
    ],
}  # fmt: skip


READING_WRONG: dict[str, list[Values]] = {
    "a_reading_counts_from_zero": [{"low_by": -1}],
    "a_reading_says_since_when_somebody_waits": [{"absent_since": None}, {"absent_count": 0}],
}


@pytest.mark.parametrize("name", WRONG)
def test_an_allocation_with_one_thing_wrong_is_refused_by(name: str, kits: dict[str, Kit]) -> None:
    row, write = kits["emergency_stock_allocation"]
    write(row(1))
    with refused_by(name):
        write({**row(2), **WRONG[name]})


def test_a_loan_needs_no_charter(kits: dict[str, Kit]) -> None:
    row, write = kits["emergency_stock_allocation"]
    write({**row(0), "cause": "loan", "charter_proof_id": None})


@pytest.mark.parametrize("name", UNIQUE)
def test_an_open_loan_excludes_another_one(name: str, kits: dict[str, Kit]) -> None:
    row, write = kits["emergency_stock_loan"]
    write({**row(1), **OPEN})
    with refused_by(name):
        write({**row(2), **OPEN, UNIQUE[name]: row(1)[UNIQUE[name]]})


def test_a_loaner_stands_in_for_another_pc(kits: dict[str, Kit]) -> None:
    row, write = kits["emergency_stock_loan"]
    with refused_by("a_loaner_stands_in_for_another_pc"):
        write({**row(1), "stands_in_for_id": row(1)["loaner_id"]})


@pytest.mark.parametrize("wrong", [{"ended_at": None}, {"ended_as": "vanished"}, {"ended_by_id": None}])
def test_an_ended_loan_says_everything(kits: dict[str, Kit], wrong: Values) -> None:
    row, write = kits["emergency_stock_loan"]
    with refused_by("an_ended_loan_says_when_how_and_by_whom"):
        write({**row(1), **wrong})


@pytest.mark.parametrize(("name", "wrong"), [(name, one) for name, many in READING_WRONG.items() for one in many])
def test_a_reading_with_one_thing_wrong_is_refused_by(name: str, wrong: Values, kits: dict[str, Kit]) -> None:
    row, write = kits["emergency_stock_reservereading"]
    write(row(1))
    with refused_by(name):
        write({**row(2), **wrong})


@pytest.mark.parametrize(("name", "wrong"), [(name, one) for name, many in TOP_UP_WRONG.items() for one in many])
def test_a_top_up_with_one_thing_wrong_is_refused_by(name: str, wrong: Values, kits: dict[str, Kit]) -> None:
    row, write = kits["emergency_stock_topup"]
    write(row(1))
    with refused_by(name):
        write({**row(2), **wrong})


def test_a_lycee_asks_once_at_a_time(kits: dict[str, Kit]) -> None:
    row, write = kits["emergency_stock_topup"]
    waiting: Values = {"decided_at": None, "decided_by_id": None, "shipment_id": None}
    write({**row(1), **waiting})
    with refused_by("a_lycee_asks_once_at_a_time"):
        write({**row(2), **waiting})


def test_every_key_required_column_and_reference_is_attacked(kits: dict[str, Kit]) -> None:
    assert attack_what_postgresql_names("emergency_stock", kits) > 15


def test_no_constraint_stands_unattacked(db: None) -> None:
    attacked = {
        *WRONG,
        *UNIQUE,
        *TOP_UP_WRONG,
        *READING_WRONG,
        "a_lycee_asks_once_at_a_time",
        "a_loaner_stands_in_for_another_pc",
        "an_ended_loan_says_when_how_and_by_whom",
    }
    assert unattacked("emergency_stock", attacked) == set()
