"""The database as referee of supply: each constraint is attacked around the code."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from cartable.conftest import Cast
from cartable.organisations.tests.attacks import (
    Kit,
    Values,
    assert_runtime_role,
    attack_what_postgresql_names,
    insert,
    rules_of,
    unattacked,
)
from cartable.supply.tests.notes import deliver, note_text, plain_lines, send
from cartable.supply.tests.test_shipment_constraints import ATTACKED as ON_THE_ROAD
from cartable.supply.tests.test_shipment_constraints import shipment_rows

OPEN = [*plain_lines(2), "x;HP;;;", ";HP;;;"]
NOTE = """INSERT INTO supply_deliverynote (region_id, contractor_id, reference, lot_reference, default_model,
    received_on, file_name, file_sha256, content, has_header, columns, sent_at, sent_by_id, failure)
    SELECT region_id, contractor_id, '', {lot}, '', received_on, '', {sha}, '', true, '{{}}', now(), sent_by_id, ''
    FROM supply_deliverynote LIMIT 1"""
ALLOTMENT = """INSERT INTO supply_allotment (id, region_id, school_id, device_count, chosen_by, happened_at, made_by_id)
    SELECT gen_random_uuid(), delivery.region_id, school.id, 0, '', now(), received_by_id
    FROM supply_delivery delivery JOIN organisations_school school USING (region_id) LIMIT 1"""
LINE = """INSERT INTO supply_refusedline (delivery_id, line, code, serial, model, asset_tag, pallet, carton, settlement,
    remark) SELECT id, {line}, '{code}', '', '', '', '', '', '', '' FROM supply_delivery LIMIT 1"""

ATTACKS = {
    "a_file_is_one_delivery_note": NOTE.format(lot="'x'", sha="file_sha256"),
    "a_file_is_named_by_its_sha256": NOTE.format(lot="'x'", sha="'abc'"),
    "a_delivery_note_names_its_lot": NOTE.format(lot="''", sha="repeat('0', 64)"),
    "supply_delivery_note_id_key": "INSERT INTO supply_delivery (region_id, note_id, contractor_id, lot_id,"
    " received_at, received_by_id, accepted_count)"
    " SELECT region_id, note_id, contractor_id, lot_id, now(), received_by_id, 1 FROM supply_delivery",
    "a_delivery_counts_from_zero": "UPDATE supply_delivery SET accepted_count = -1",
    "a_closed_delivery_says_when_and_by_whom": "UPDATE supply_delivery SET closed_by_id = received_by_id",
    "a_line_is_refused_once": LINE.format(line="4", code="serial_unfit"),
    "refusal_is_known": LINE.format(line="9", code="because"),
    "a_settled_line_says_how_when_and_by_whom": "UPDATE supply_refusedline SET settlement = 'dropped',"
    " settled_at = now(), settled_by_id = (SELECT received_by_id FROM supply_delivery)",
    "an_allotment_moves_something": ALLOTMENT,
    "supply_refusedline_device_id_key": "UPDATE supply_refusedline SET settlement = 'entered', settled_at = now(),"
    " settled_by_id = (SELECT received_by_id FROM supply_delivery), device_id = (SELECT min(id) FROM fleet_device)",
}  # fmt: skip


def _attack(statement: str) -> str:
    """Run a statement as the runtime role; return the name of the constraint that refused it."""
    assert_runtime_role()
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return str(caught.value.__cause__.diag.constraint_name)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ATTACKS)
def test_the_database_refuses_what_the_code_would_never_write(cast: Cast, name: str) -> None:
    deliver(cast, OPEN)
    assert _attack(ATTACKS[name]) == name


@pytest.mark.parametrize(
    "half",
    [
        "settlement = 'entered', settled_at = now()",
        "settlement = 'dropped', remark = 'x'",
        "settled_at = now()",
        "settlement = 'forgotten', settled_at = now()",
    ],
)
def test_a_line_is_never_half_settled(cast: Cast, half: str) -> None:
    deliver(cast, OPEN)
    assert _attack(f"UPDATE supply_refusedline SET {half}") == "a_settled_line_says_how_when_and_by_whom"


def test_a_delivery_is_never_closed_over_an_open_line(cast: Cast) -> None:
    deliver(cast, OPEN)
    attack = "UPDATE supply_delivery SET closed_at = now(), closed_by_id = received_by_id"
    assert _attack(attack) == "a_closed_delivery_has_no_open_line"


def test_a_closed_delivery_takes_no_open_line(cast: Cast) -> None:
    deliver(cast, plain_lines(1))
    assert _attack(LINE.format(line="9", code="serial_unfit")) == "a_closed_delivery_has_no_open_line"


@pytest.fixture
def kits(cast: Cast) -> dict[str, Kit]:
    """Right rows of each table: deliveries that are closed, lines that are settled."""
    notes = [send(cast, note_text(*plain_lines(1, first=100 + n))).pk for n in range(4)]
    devices = cast.devices_in_depot(4)
    region, supplier, author = cast.region.pk, cast.supplier.pk, cast.sonia.actor_id
    insert("supply_delivery")(
        {
            "id": 900_000, "region_id": region, "note_id": notes[0], "contractor_id": supplier, "lot_id": cast.lot_id,
            "received_at": cast.now, "received_by_id": author, "accepted_count": 1,
        }
    )  # fmt: skip

    def note(n: int) -> Values:
        return {
            "region_id": region, "contractor_id": supplier, "reference": "", "lot_reference": "2026-1",
            "default_model": "", "received_on": "2026-08-20", "file_name": "", "file_sha256": f"{n:064x}",
            "content": b"", "has_header": True, "columns": "{}", "sent_at": cast.now, "sent_by_id": author,
            "failure": "",
        }  # fmt: skip

    rows: dict[str, Any] = {
        "supply_deliverynote": note,
        "supply_delivery": lambda n: {
            "region_id": region, "note_id": notes[n], "contractor_id": supplier, "lot_id": cast.lot_id,
            "received_at": cast.now, "received_by_id": author, "accepted_count": 1, "closed_at": cast.now,
            "closed_by_id": author,
        },
        "supply_refusedline": lambda n: {
            "delivery_id": 900_000, "line": n, "code": "serial_unfit", "other_line": None, "serial": "", "model": "",
            "asset_tag": "", "pallet": "", "carton": "", "settlement": "entered", "settled_at": cast.now,
            "settled_by_id": author, "remark": "", "device_id": devices[n],
        },
        "supply_allotment": lambda n: {
            "id": uuid4(), "region_id": region, "school_id": cast.school.pk, "device_count": 1,
            "chosen_by": "count:1", "happened_at": cast.now, "made_by_id": author,
        },
        **shipment_rows(cast),
    }  # fmt: skip
    return {table: Kit(row, insert(table)) for table, row in rows.items()}


def test_every_key_required_column_and_reference_is_attacked(kits: dict[str, Kit]) -> None:
    settled = {
        rule.name
        for rule in rules_of("supply")
        if rule.table == "supply_shipmentline" and "settled" in "".join(rule.columns)
    }
    assert attack_what_postgresql_names("supply", kits, but=settled) > 80


def test_no_constraint_stands_unattacked(db: None) -> None:
    by_postgresql = {"supply_delivery_note_id_key", "supply_refusedline_device_id_key"}
    attacked = {*ATTACKS, *ON_THE_ROAD, "a_closed_delivery_has_no_open_line"} - by_postgresql
    assert unattacked("supply", attacked) == set()
