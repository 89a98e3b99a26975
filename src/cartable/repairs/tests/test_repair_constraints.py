"""Every constraint of repairs is attacked around the code, and refuses by its name."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from cartable.config.grants import append_only_tables
from cartable.fleet.rules import CustodianKind as K
from cartable.organisations.commands import hire_contractor
from cartable.organisations.tests.attacks import (
    Kit,
    Values,
    attack_what_postgresql_names,
    insert,
    refused_by,
    refused_for_want_of_rights,
    rules_of,
    unattacked,
)
from cartable.repairs.tests.conftest import Bench

TICKET, QUOTE, BATCH = "repairs_repairticket", "repairs_repairquote", "repairs_repairbatch"
RECALL, CONTRACT, DIFFERENCE = "repairs_repairrecall", "repairs_repaircontract", "repairs_batchdifference"


@pytest.fixture
def kits(bench: Bench) -> dict[str, Kit]:
    """Right rows of each table."""
    cast = bench.cast
    devices = bench.desk.fill(4)
    repairers = [hire_contractor(region=cast.region, name=f"Réparateur {n}", trades=["repairer"]).pk for n in range(4)]

    def at(hours: int) -> Any:
        return cast.now + timedelta(hours=hours)

    def batch(n: int) -> Values:
        return {
            "id": UUID(int=100 + n), "region_id": cast.region.pk, "school_id": cast.school.pk,
            "repairer_id": cast.repairer.pk, "direction": "out", "sent_at": at(2), "sent_by_id": cast.durand.actor_id,
        }  # fmt: skip

    def recall(n: int) -> Values:
        return {
            "id": UUID(int=200 + n), "region_id": cast.region.pk, "repairer_id": cast.repairer.pk,
            "device_model_id": cast.model_id, "lot_id": None, "reason": "Batterie qui gonfle", "opened_at": at(0),
            "opened_by_id": cast.sonia.actor_id,
        }  # fmt: skip

    def ticket(n: int) -> Values:
        return {
            "id": UUID(int=300 + n), "region_id": cast.region.pk, "school_id": cast.school.pk,
            "device_id": devices[n].pk, "repairer_id": cast.repairer.pk, "recall_id": UUID(int=299),
            "opened_at": at(0), "opened_by_id": cast.durand.actor_id, "symptoms": ["screen"], "note": "",
            "warranty_ends_on": at(0).date(), "agreed_days": 10, "taken_in_at": at(1),
            "taken_from_id": cast.school_accounts[K.SCHOOL_BENCH], "sent_at": at(2), "batch_out_id": UUID(int=199),
            "received_at": at(3), "received_by_id": cast.lina.actor_id, "diagnosed_at": at(4),
            "diagnosed_by_id": cast.lina.actor_id, "is_covered": True, "part": "screen", "finished_at": at(5),
            "finished_by_id": cast.lina.actor_id, "finished_as": "repaired", "is_reinstalled": False,
            "sent_back_at": at(6), "batch_back_id": UUID(int=199), "back_at": at(7), "back_by_id": cast.durand.actor_id,
            "closed_at": at(8), "closed_by_id": cast.durand.actor_id, "closed_as": "handed_back",
        }  # fmt: skip

    def quote(n: int) -> Values:
        return {
            "id": UUID(int=400 + n), "ticket_id": UUID(int=399), "part": "screen", "price_eur": "90.00", "note": "",
            "sent_at": at(4), "sent_by_id": cast.lina.actor_id, "decided_at": at(5),
            "decided_by_id": cast.sonia.actor_id, "is_accepted": True,
        }  # fmt: skip

    def difference(n: int) -> Values:
        return {
            "region_id": cast.region.pk, "school_id": cast.school.pk, "repairer_id": None,
            "receipt_id": UUID(int=500 + n), "kind": "not_in_batch", "scanned": f"5CG{n}", "device_id": devices[n].pk,
            "noted_at": at(7), "noted_by_id": cast.durand.actor_id,
        }  # fmt: skip

    def contract(n: int) -> Values:
        return {"repairer_id": repairers[n], "warranty_months": 36, "agreed_days": 10}

    # What the rows hang on, beside those that are attacked.
    insert(BATCH)({**batch(0), "id": UUID(int=199)})
    insert(RECALL)({**recall(0), "id": UUID(int=299)})
    insert(TICKET)({**ticket(0), "id": UUID(int=399)})
    rows: dict[str, Any] = {
        BATCH: batch, RECALL: recall, TICKET: ticket, QUOTE: quote, DIFFERENCE: difference, CONTRACT: contract
    }  # fmt: skip
    return {table: Kit(row, insert(table)) for table, row in rows.items()}


OPEN: Values = {"closed_at": None, "closed_by_id": None, "closed_as": ""}
NOT_BACK: Values = {"back_at": None, "back_by_id": None}
NOT_SENT_BACK: Values = {"sent_back_at": None, "batch_back_id": None}
UNFINISHED: Values = {"finished_at": None, "finished_by_id": None, "finished_as": ""}
UNDIAGNOSED: Values = {"diagnosed_at": None, "diagnosed_by_id": None, "is_covered": None, "part": ""}
NOT_RECEIVED: Values = {"received_at": None, "received_by_id": None}
NOT_SENT: Values = {"sent_at": None, "batch_out_id": None}
# A ticket as it was opened: each attack adds one thing that needs what came before it.
FRESH: Values = {
    **OPEN, **NOT_BACK, **NOT_SENT_BACK, **UNFINISHED, **UNDIAGNOSED, **NOT_RECEIVED, **NOT_SENT, "taken_in_at": None,
    "taken_from_id": None,
}  # fmt: skip
WRONG: list[tuple[str, str, Values]] = [
    (CONTRACT, "a_warranty_lasts_ten_years_at_most", {"warranty_months": 121}),
    (CONTRACT, "a_warranty_lasts_ten_years_at_most", {"warranty_months": -1}),
    (CONTRACT, "a_repairer_has_a_day_to_a_quarter", {"agreed_days": 0}),
    (RECALL, "a_recall_names_a_model_or_a_lot", {"device_model_id": None}),
    (RECALL, "a_recall_says_why", {"reason": ""}),
    (BATCH, "batch_direction_is_known", {"direction": "up"}),
    (DIFFERENCE, "difference_kind_is_known", {"kind": "odd"}),
    (DIFFERENCE, "an_unknown_pc_is_no_device_of_ours", {"kind": "unknown"}),
    (DIFFERENCE, "an_unknown_pc_is_no_device_of_ours", {"device_id": None}),
    (DIFFERENCE, "one_side_received", {"school_id": None}),
    (TICKET, "ticket_symptoms_are_known", {"symptoms": ["smoke"]}),
    (TICKET, "ticket_symptoms_are_known", {"symptoms": []}),
    (TICKET, "a_ticket_sent_names_its_batch", {"batch_out_id": None}),
    (TICKET, "a_pc_sent_was_taken_in", {"taken_in_at": None, "taken_from_id": None}),
    (TICKET, "a_student_waits_for_what_was_taken_in", {**FRESH, "taken_from_id": 1}),
    (TICKET, "a_pc_received_was_sent", {**FRESH, "received_at": "2026-09-15 12:00+00", "received_by_id": 1}),
    (TICKET, "a_pc_received_was_sent", {"received_by_id": None}),
    (TICKET, "a_diagnosis_says_what_and_by_whom", {"part": "gremlin"}),
    (TICKET, "a_diagnosis_says_what_and_by_whom", {"is_covered": None}),
    (TICKET, "an_outcome_follows_a_diagnosis", {**UNDIAGNOSED}),
    (TICKET, "an_outcome_follows_a_diagnosis", {"finished_as": "vanished"}),
    (TICKET, "a_pc_sent_back_was_received", {**UNDIAGNOSED, **UNFINISHED, **NOT_RECEIVED}),
    (TICKET, "a_pc_that_is_back_had_been_sent", {"back_by_id": None}),
    (TICKET, "a_closed_ticket_says_how_and_by_whom", {"closed_as": "lost"}),
    (TICKET, "a_closed_ticket_says_how_and_by_whom", {"closed_by_id": None}),
    (TICKET, "a_ticket_does_not_close_while_its_pc_is_away", NOT_BACK),
    (QUOTE, "a_quote_has_a_price", {"price_eur": "0.00"}),
    (QUOTE, "a_quote_names_its_part", {"part": "soul"}),
    (QUOTE, "a_decided_quote_says_how_and_by_whom", {"is_accepted": None}),
    (QUOTE, "a_quote_is_decided_after_it_was_sent", {"decided_at": "2020-01-01 12:00+00"}),
]


@pytest.mark.parametrize(("table", "name", "wrong"), WRONG)
def test_a_row_with_one_thing_wrong_is_refused_by(
    table: str, name: str, wrong: Values, kits: dict[str, Kit], bench: Bench
) -> None:
    row, write = kits[table]
    write(row(1))
    people = {key: bench.cast.sonia.actor_id for key, value in wrong.items() if key.endswith("_by_id") and value}
    account = {"taken_from_id": bench.cast.repairer_account} if wrong.get("taken_from_id") else {}
    with refused_by(name):
        write({**row(2), **wrong, **people, **account})


def test_a_fresh_ticket_and_each_of_its_stages_are_right(kits: dict[str, Kit]) -> None:
    row, write = kits[TICKET]
    write({**row(1), **FRESH})
    write({**row(2), **OPEN, **NOT_BACK, **NOT_SENT_BACK, **UNFINISHED})
    write({**row(3), **NOT_BACK, **NOT_SENT_BACK, "closed_as": "disposed"})


def test_a_pc_has_one_open_ticket(kits: dict[str, Kit]) -> None:
    row, write = kits[TICKET]
    write({**row(1), **OPEN})
    with refused_by("a_pc_has_one_open_ticket"):
        write({**row(2), **OPEN, "device_id": row(1)["device_id"]})


def test_a_ticket_has_one_quote_to_decide(kits: dict[str, Kit]) -> None:
    row, write = kits[QUOTE]
    undecided = {"decided_at": None, "decided_by_id": None, "is_accepted": None}
    write({**row(1), **undecided})
    with refused_by("a_ticket_has_one_quote_to_decide"):
        write({**row(2), **undecided})


def test_a_difference_is_said_once_per_receipt(kits: dict[str, Kit]) -> None:
    row, write = kits[DIFFERENCE]
    write(row(1))
    with refused_by("a_difference_is_said_once_per_receipt"):
        write({**row(2), "receipt_id": row(1)["receipt_id"], "scanned": row(1)["scanned"]})


@pytest.mark.parametrize("statement", ["UPDATE {} SET scanned = 'x'", "DELETE FROM {}"])
def test_a_difference_that_was_said_stays_said(statement: str, bench: Bench) -> None:
    from django.db import connection

    assert DIFFERENCE in append_only_tables()
    with refused_for_want_of_rights(), connection.cursor() as cursor:
        cursor.execute(statement.format(DIFFERENCE))


# Beside a lycée there is no repairer, beside a model no lot: these references are attacked where they stand alone.
ALONE = [(DIFFERENCE, "repairer_id", {"school_id": None}), (RECALL, "lot_id", {"device_model_id": None})]


def _reference(table: str, column: str) -> str:
    [name] = [
        rule.name
        for rule in rules_of("repairs")
        if rule.table == table and rule.columns == (column,) and rule.kind == "f"
    ]
    return name


@pytest.mark.parametrize(("table", "column", "beside"), ALONE)
def test_a_reference_that_stands_alone_names_something(
    table: str, column: str, beside: Values, kits: dict[str, Kit]
) -> None:
    row, write = kits[table]
    with refused_by(_reference(table, column)):
        write({**row(1), **beside, column: -1})


def test_every_key_required_column_and_reference_is_attacked(kits: dict[str, Kit]) -> None:
    alone = {_reference(table, column) for table, column, _beside in ALONE}
    assert attack_what_postgresql_names("repairs", kits, but=alone) > 60


def test_no_constraint_stands_unattacked(db: None) -> None:
    attacked = {
        *(name for _table, name, _wrong in WRONG),
        "a_pc_has_one_open_ticket", "a_ticket_has_one_quote_to_decide", "a_difference_is_said_once_per_receipt",
    }  # fmt: skip
    assert unattacked("repairs", attacked) == set()
