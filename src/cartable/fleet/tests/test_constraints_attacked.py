"""Every constraint of the ledger is attacked around the code, as the runtime role, and refuses by its name."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from cartable.config.grants import append_only_tables
from cartable.conftest import Cast
from cartable.fleet.models import Device, Movement
from cartable.fleet.rules import ALLOWED_MOVEMENTS, CustodianKind, Reason
from cartable.kernel.codes import label_code
from cartable.organisations.commands import open_region
from cartable.organisations.tests.attacks import (
    Kit,
    Values,
    assert_runtime_role,
    attack_what_postgresql_names,
    insert,
    refused_by,
    refused_for_want_of_rights,
    rules_of,
    tables_of,
    unattacked,
)

K = CustodianKind
_MOVEMENT = (
    "id", "device_id", "sequence", "previous_sequence", "from_custodian_id", "from_kind", "to_custodian_id", "to_kind",
    "reason", "happened_at", "recorded_by_id", "evidence", "corrects_id", "previous_hash",
)  # fmt: skip


def _sql(statement: str, *parameters: object) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []


class Ground:
    """Right rows for every table; movements and births are written with the pointer that follows, in one statement."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.allotted, self.stock = cast.school_accounts[K.SCHOOL_ALLOTMENT], cast.school_accounts[K.EMERGENCY_STOCK]
        self.depot, self.bench = cast.region_accounts[K.DEPOT], cast.school_accounts[K.SCHOOL_BENCH]

    def next_movement(self, device_id: int | None = None, **changes: Any) -> Values:
        """Return a right check-out of a device that is allotted."""
        device = Device.objects.get(pk=device_id or self.cast.devices_allotted(1)[0])
        row = {
            "id": uuid4(), "device_id": device.pk, "sequence": device.last_sequence + 1,
            "previous_sequence": device.last_sequence, "from_custodian_id": device.custodian_id,
            "from_kind": device.custodian_kind, "to_custodian_id": self.cast.student_account(), "to_kind": "student",
            "reason": "check_out", "happened_at": self.cast.now, "recorded_by_id": self.cast.meyer.actor_id,
            "evidence": "attack:1", "corrects_id": None, "previous_hash": bytes(device.head_hash),
        }  # fmt: skip
        return {**row, **changes}

    def move(self, values: Values) -> None:
        """Write a movement and its pointer in one statement, as the ledger does."""
        _sql(
            f"WITH moved AS (INSERT INTO fleet_movement ({', '.join(values)})"
            f" VALUES ({', '.join(['%s'] * len(values))}) RETURNING *)"
            " UPDATE fleet_device SET custodian_id = moved.to_custodian_id, custodian_kind = moved.to_kind,"
            " last_sequence = moved.sequence, head_hash = moved.hash FROM moved WHERE fleet_device.id = moved.device_id",
            *values.values(),
        )

    def next_device(self, n: int, **changes: Any) -> Values:
        """Return a right new device."""
        row = {
            "id": 900_000 + n, "region_id": self.cast.region.pk, "asset_tag": label_code("P", 900_000 + n),
            "serial_number": f"ATTACK{n}", "device_model_id": self.cast.model_id, "lot_id": self.cast.lot_id,
            "condition": "fit", "pallet": "", "carton": "", "custodian_id": self.depot, "custodian_kind": "depot",
            "last_sequence": 1,
        }  # fmt: skip
        return {**row, **changes}

    def bear(self, values: Values) -> None:
        """Write a device with its birth in one statement; a column that is absent is the birth's."""
        device_id = values["id"] if values.get("id") is not None else 955_000
        birth = {
            "id": uuid4(), "device_id": device_id, "sequence": 1, "from_custodian_id": self.cast.supplier_account,
            "from_kind": "supplier", "to_custodian_id": self.depot, "to_kind": "depot", "reason": "receipt",
            "happened_at": self.cast.now, "recorded_by_id": self.cast.sonia.actor_id, "evidence": "",
            "previous_hash": b"",
        }  # fmt: skip
        names, marks = list(values), ["%s"] * len(values)
        if "head_hash" not in values:
            names, marks = [*names, "head_hash"], [*marks, "(SELECT hash FROM born)"]
        _sql(
            f"WITH born AS (INSERT INTO fleet_movement ({', '.join(birth)}) VALUES ({', '.join(['%s'] * len(birth))})"
            f" RETURNING hash) INSERT INTO fleet_device ({', '.join(names)}) VALUES ({', '.join(marks)})",
            *birth.values(),
            *values.values(),
        )


@pytest.fixture
def ground(cast: Cast) -> Ground:
    return Ground(cast)


@pytest.fixture
def kits(cast: Cast, ground: Ground) -> dict[str, Kit]:
    """Right rows of each table."""

    def custodian(n: int) -> Values:
        return {
            "region_id": cast.region.pk, "kind": "student", "school_id": cast.school.pk, "contractor_id": None,
            "opened_at": cast.now,
        }  # fmt: skip

    rows: dict[str, Any] = {
        "fleet_custodian": custodian,
        "fleet_affiliation": lambda n: {
            "custodian_id": ground.stock, "school_id": cast.school.pk, "starts_at": f"2026-10-0{n} 08:00+02",
            "recorded_by_id": cast.sonia.actor_id,
        },
        "fleet_devicemodel": lambda n: {"region_id": cast.region.pk, "name": f"Modèle {n}"},
        "fleet_lot": lambda n: {"region_id": cast.region.pk, "reference": f"Marché {n}", "received_on": "2026-09-01"},
        "fleet_dailyroot": lambda n: {
            "taken_at": f"2026-10-0{n} 18:00+02", "last_position": 1, "device_count": 0, "root": b"\0" * 32
        },
        "fleet_stockreading": lambda n: {
            "region_id": cast.region.pk, "kind": list(K)[n], "device_count": 3, "read_at": cast.now
        },
        "fleet_serialchange": lambda n: _serial_change(ground, changed_at=f"2026-10-0{n} 18:00+02"),
        "fleet_tagchange": lambda n: _tag_change(ground, old_tag=label_code("P", 800_000 + n)),
    }  # fmt: skip
    kits = {table: Kit(row, insert(table)) for table, row in rows.items()}
    kits["fleet_movement"] = Kit(lambda n: ground.next_movement(position=10**9 + n, recorded_at=cast.now), ground.move)
    kits["fleet_device"] = Kit(ground.next_device, ground.bear)
    return kits


Attack = Callable[[Ground], None]


def _serial_change(ground: Ground, **changes: Any) -> Values:
    device = Device.objects.first() or Device.objects.get(pk=ground.cast.devices_in_depot(1)[0])
    return {
        "device_id": device.pk, "old_serial": "OLD1", "new_serial": "NEW1", "changed_at": ground.cast.now,
        "changed_by_id": ground.cast.sonia.actor_id, "evidence": "repair:1", **changes,
    }  # fmt: skip


def _changed_serial(**changes: Any) -> Attack:
    return lambda ground: insert("fleet_serialchange")(_serial_change(ground, **changes))


def _changed_twice(ground: Ground) -> None:
    for new in ("NEW1", "NEW2"):
        insert("fleet_serialchange")(_serial_change(ground, new_serial=new))


def _tag_change(ground: Ground, **changes: Any) -> Values:
    device = Device.objects.first() or Device.objects.get(pk=ground.cast.devices_in_depot(1)[0])
    return {
        "device_id": device.pk, "old_tag": label_code("P", 800_000), "new_tag": device.asset_tag,
        "changed_at": ground.cast.now, "changed_by_id": ground.cast.sonia.actor_id, **changes,
    }  # fmt: skip


def _changed_tag(times: int = 1, **changes: Any) -> Attack:
    def attack(ground: Ground) -> None:
        for _ in range(times):
            insert("fleet_tagchange")(_tag_change(ground, **changes))

    return attack


def _old_tag_given_again(ground: Ground) -> None:
    insert("fleet_tagchange")(_tag_change(ground))
    ground.bear(ground.next_device(1, asset_tag=label_code("P", 800_000)))


def _movement(**changes: Any) -> Attack:
    return lambda ground: ground.move(ground.next_movement(**changes))


def _device(**changes: Any) -> Attack:
    return lambda ground: ground.bear(ground.next_device(1, **changes))


def _custodian(**changes: Any) -> Attack:
    def attack(ground: Ground) -> None:
        row = {"region_id": ground.cast.region.pk, "opened_at": ground.cast.now, "school_id": ground.cast.school.pk}
        insert("fleet_custodian")({**row, **changes})

    return attack


def _sequence_stands_already(ground: Ground) -> None:
    (device,) = ground.cast.devices_allotted(1)
    first = Movement.objects.get(device_id=device, sequence=1)
    row = ground.next_movement(device)
    # The second movement once more: it joins up with the first, and the pointer would follow it.
    ground.move(
        {
            **row, "sequence": 2, "previous_sequence": 1, "from_custodian_id": ground.depot, "from_kind": "depot",
            "to_custodian_id": ground.allotted, "to_kind": "school_allotment", "reason": "allotment",
            "previous_hash": bytes(first.hash),
        }
    )  # fmt: skip


def _taker_of_another_kind(ground: Ground) -> None:
    ground.move(ground.next_movement(to_custodian_id=ground.bench, to_kind="student"))


def _giver_of_another_kind(ground: Ground) -> None:
    ground.move(ground.next_movement(from_kind="emergency_stock"))


def _giver_who_does_not_hold(ground: Ground) -> None:
    ground.move(ground.next_movement(from_custodian_id=ground.bench, from_kind="school_bench"))


def _wrong_hash_before(ground: Ground) -> None:
    ground.move(ground.next_movement(previous_hash=b"\1" * 32))


def _correction(ground: Ground, **changes: Any) -> Values:
    """Return a right correction of an allotment."""
    (device,) = ground.cast.devices_allotted(1)
    allotment = Movement.objects.get(device_id=device, sequence=2)
    return {
        **ground.next_movement(device), "to_custodian_id": ground.depot, "to_kind": "depot", "reason": "correction",
        "corrects_id": allotment.pk, **changes,
    }  # fmt: skip


def _corrected_twice(ground: Ground) -> None:
    row = _correction(ground)
    ground.move(row)
    ground.cast.move(row["device_id"], ground.depot, ground.allotted, Reason.ALLOTMENT)
    ground.move(
        {
            **ground.next_movement(row["device_id"]), "to_custodian_id": ground.depot, "to_kind": "depot",
            "reason": "correction", "corrects_id": row["corrects_id"],
        }
    )  # fmt: skip


def _movement_of_no_device(ground: Ground) -> None:
    ground.move(
        {
            **ground.next_movement(), "device_id": 10**12, "sequence": 1, "previous_sequence": None, "reason": "receipt",
            "from_custodian_id": ground.cast.supplier_account, "from_kind": "supplier", "to_custodian_id": ground.depot,
            "to_kind": "depot", "previous_hash": b"",
        }
    )  # fmt: skip


def _restored_elsewhere(ground: Ground) -> None:
    """A correction that brings the device to another depot than the one it came from."""
    _custodian(kind="depot", school_id=None)(ground)
    ((other_depot,),) = _sql("SELECT max(id) FROM fleet_custodian WHERE kind = 'depot'")
    ground.move(_correction(ground, to_custodian_id=other_depot))


def _device_id_stands_already(ground: Ground) -> None:
    ground.cast.devices_in_depot(1)
    columns = "region_id, device_model_id, lot_id, condition, custodian_id, custodian_kind, last_sequence, head_hash"
    _sql(
        f"INSERT INTO fleet_device (id, asset_tag, serial_number, pallet, carton, {columns})"
        f" SELECT id, '{label_code('P', 777)}', 'COPY', '', '', {columns} FROM fleet_device"
    )


def _second_device(ground: Ground) -> None:
    one, two = ground.cast.devices_allotted(2)
    student = ground.cast.student_account()
    ground.move(ground.next_movement(one, to_custodian_id=student))
    ground.move(ground.next_movement(two, to_custodian_id=student))


def _movement_without_pointer(ground: Ground) -> None:
    insert("fleet_movement")(ground.next_movement())


def _pointer_moved_back(ground: Ground) -> None:
    (device,) = ground.cast.devices_allotted(1)
    _sql(
        "UPDATE fleet_device SET (last_sequence, custodian_id, custodian_kind, head_hash) = (SELECT sequence,"
        " to_custodian_id, to_kind, hash FROM fleet_movement WHERE device_id = %s AND sequence = 1) WHERE id = %s",
        device, device,
    )  # fmt: skip


def _pointer_to_nothing(ground: Ground) -> None:
    (device,) = ground.cast.devices_allotted(1)
    _sql("UPDATE fleet_device SET last_sequence = last_sequence + 1 WHERE id = %s", device)


def _device_of_another_region(ground: Ground) -> None:
    (device,) = ground.cast.devices_in_depot(1)
    region = open_region(code="53", name="Bretagne")
    _sql("UPDATE fleet_device SET region_id = %s WHERE id = %s", region.pk, device)


def _into_a_closed_lycee(ground: Ground) -> None:
    """A PC of the allotment goes to the bench of its own lycée, which has closed meanwhile."""
    row = ground.next_movement(to_custodian_id=ground.bench, to_kind="school_bench", reason="fault")
    _sql("UPDATE organisations_school SET closed_on = '2026-09-15' WHERE id = %s", ground.cast.school.pk)
    ground.move(row)


def _affiliated_to_a_closed_lycee(ground: Ground) -> None:
    _sql("UPDATE organisations_school SET closed_on = '2026-09-15' WHERE id = %s", ground.cast.school.pk)
    given = {"custodian_id": ground.stock, "school_id": ground.cast.school.pk}
    insert("fleet_affiliation")({**given, "starts_at": ground.cast.now, "recorded_by_id": ground.cast.sonia.actor_id})


def _twice(table: str, **columns: Any) -> Attack:
    def attack(ground: Ground) -> None:
        given = {name: value(ground) if callable(value) else value for name, value in columns.items()}
        insert(table)(given)
        insert(table)(given)

    return attack


def _stock_reading(times: int = 1, **changes: Any) -> Attack:
    def attack(ground: Ground) -> None:
        row = {"region_id": ground.cast.region.pk, "kind": "depot", "device_count": 3, "read_at": ground.cast.now}
        for _ in range(times):
            insert("fleet_stockreading")({**row, **changes})

    return attack


def _region(ground: Ground) -> int:
    return ground.cast.region.pk


# (table, constraint) → what is tried. Each attack is a right row, or a right statement, with one thing wrong.
ATTACKS: dict[tuple[str, str], Attack] = {
    ("fleet_custodian", "custodian_kind_is_known"): _custodian(kind="friend"),
    ("fleet_custodian", "a_school_custodian_names_its_school"): _custodian(kind="student", school_id=None),
    ("fleet_custodian", "a_school_has_one_account_of_each_kind"): _custodian(kind="emergency_stock"),
    ("fleet_custodian", "a_region_has_one_account_per_end"): _custodian(kind="given", school_id=None),
    ("fleet_custodian", "a_contractor_has_one_account_of_each_kind"):
        lambda ground: _custodian(kind="supplier", school_id=None, contractor_id=ground.cast.supplier.pk)(ground),
    ("fleet_affiliation", "a_custodian_changes_school_once_at_a_time"): _twice(
        "fleet_affiliation", custodian_id=lambda g: g.stock, school_id=lambda g: g.cast.school.pk,
        starts_at=lambda g: g.cast.now, recorded_by_id=lambda g: g.cast.sonia.actor_id),
    ("fleet_devicemodel", "a_device_model_is_named_once_in_its_region"):
        _twice("fleet_devicemodel", region_id=_region, name="HP 250"),
    ("fleet_lot", "a_lot_is_referenced_once_in_its_region"):
        _twice("fleet_lot", region_id=_region, reference="Lot 7", received_on="2026-09-01"),
    ("fleet_dailyroot", "a_root_is_taken_once_at_a_time"):
        _twice("fleet_dailyroot", taken_at=lambda g: g.cast.now, last_position=1, device_count=0, root=b""),
    ("fleet_stockreading", "a_stock_is_read_once_per_kind"): _stock_reading(times=2),
    ("fleet_stockreading", "a_stock_that_is_read_is_known"): _stock_reading(kind="cellar"),
    ("fleet_stockreading", "a_stock_that_is_read_holds_something"): _stock_reading(device_count=0),
    ("fleet_serialchange", "a_pc_changes_its_serial_once_at_a_time"): _changed_twice,
    ("fleet_serialchange", "a_serial_changes_to_another_one"): _changed_serial(new_serial="OLD1"),
    ("fleet_serialchange", "changed_serials_are_normalised"): _changed_serial(old_serial="5cg 1"),
    ("fleet_serialchange", "a_serial_change_names_its_paper"): _changed_serial(evidence=""),
    ("fleet_tagchange", "an_old_tag_names_one_pc"): _changed_tag(times=2),
    ("fleet_tagchange", "a_tag_changes_to_another_one"): _changed_tag(new_tag=label_code("P", 800_000)),
    ("fleet_tagchange", "changed_tags_are_label_codes"): _changed_tag(old_tag="E0000000101"),
    ("fleet_device", "an_old_tag_is_never_given_again"): _old_tag_given_again,
    ("fleet_movement", "a_closed_lycee_takes_no_pc_in"): _into_a_closed_lycee,
    ("fleet_affiliation", "a_closed_lycee_answers_for_nobody_new"): _affiliated_to_a_closed_lycee,
    ("fleet_device", "a_student_holds_one_device"): _second_device,
    ("fleet_device", "asset_tag_check_digits_are_right"): _device(asset_tag="P0042118758"),
    ("fleet_device", "serial_number_is_normalised"): _device(serial_number="5cg1234xyz"),
    ("fleet_device", "device_condition_is_known"): _device(condition="mint"),
    ("fleet_device", "device_is_where_a_movement_put_it"): _pointer_to_nothing,
    ("fleet_device", "a_device_stays_in_its_region"): _device_of_another_region,
    ("fleet_device", "device_points_at_its_last_movement"): _pointer_moved_back,
    ("fleet_movement", "device_points_at_its_last_movement"): _movement_without_pointer,
    ("fleet_movement", "a_device_makes_one_movement_at_a_time"): _sequence_stands_already,
    ("fleet_movement", "a_chain_has_no_hole"): _movement(sequence=4),
    ("fleet_movement", "a_device_is_born_once"): lambda ground: ground.move(
        ground.next_movement(from_custodian_id=ground.cast.supplier_account, from_kind="supplier", reason="opening")),
    ("fleet_movement", "only_a_correction_names_a_movement"): lambda ground: ground.move(_correction(ground, corrects_id=None)),
    ("fleet_movement", "a_movement_goes_somewhere_else"): lambda ground: ground.move(
        _correction(ground, to_custodian_id=ground.allotted, to_kind="school_bench")),
    ("fleet_movement", "evidence_is_a_reference"): _movement(evidence="Léa Marchand"),
    ("fleet_movement", "movement_is_known_to_the_trade"): _movement(reason="gift"),
    ("fleet_movement", "movement_goes_to_a_custodian_of_its_kind"): _taker_of_another_kind,
    ("fleet_movement", "movement_comes_from_a_custodian_of_its_kind"): _giver_of_another_kind,
    ("fleet_movement", "movement_joins_up_with_the_one_before"): _giver_who_does_not_hold,
    ("fleet_movement", "a_correction_restores_what_was_before"): _restored_elsewhere,
    ("fleet_movement", "movement_moves_a_device"): _movement_of_no_device,
    ("fleet_movement", "fleet_movement_corrects_id_key"): _corrected_twice,
    ("fleet_device", "fleet_device_pkey"): _device_id_stands_already,
}  # fmt: skip
# Attacked below, through the owner's connection: the runtime role lacks the right and never gets as far.
GUARDS = {"history_is_never_rewritten", "roots_are_never_rewritten", "affiliations_are_never_rewritten"}
# These cannot refuse first: whatever breaks them breaks the rule named beside them too. Foreign keys stand on them.
BEHIND_ANOTHER = {
    "custodian_kind_can_be_referenced": "fleet_custodian_pkey",
    "custodian_region_can_be_referenced": "fleet_custodian_pkey",
    "movement_can_be_corrected": "fleet_movement_pkey",
    "movement_can_be_pointed_at": "a_device_makes_one_movement_at_a_time",
    "asset_tag_is_a_label_code": "asset_tag_check_digits_are_right",
}


@pytest.mark.parametrize(("table", "name"), ATTACKS, ids=[f"{name}_of_{table}" for table, name in ATTACKS])
def test_an_attack_is_refused_by(table: str, name: str, ground: Ground) -> None:
    with refused_by(name):
        ATTACKS[table, name](ground)


def test_the_rows_that_attacks_start_from_are_right(ground: Ground, kits: dict[str, Kit]) -> None:
    for kit in kits.values():
        kit.insert(kit.row(1))
        kit.insert(kit.row(2))
    ground.move(_correction(ground))


def test_every_key_required_column_and_reference_is_attacked(kits: dict[str, Kit]) -> None:
    assert attack_what_postgresql_names("fleet", kits, but={name for _, name in ATTACKS}) > 60


def test_no_constraint_stands_unattacked(db: None) -> None:
    attacked = {name for _, name in ATTACKS} | GUARDS | BEHIND_ANOTHER.keys()
    assert unattacked("fleet", attacked - {"fleet_movement_corrects_id_key", "fleet_device_pkey"}) == set()
    triggers = {(rule.table, rule.name) for rule in rules_of("fleet") if rule.kind == "t" and rule.name not in GUARDS}
    assert triggers <= ATTACKS.keys()


WRONG_CORRECTIONS: dict[str, Callable[[Ground], Values]] = {
    "of a movement that is not": lambda ground: {"corrects_id": uuid4()},
    "of another device": lambda ground: {
        "corrects_id": Movement.objects.get(device_id=ground.cast.devices_allotted(1)[0], sequence=2).pk
    },
    "of the birth": lambda ground: {"corrects_id": Movement.objects.order_by("position").first().pk},  # type: ignore[union-attr]
}


@pytest.mark.parametrize("what", WRONG_CORRECTIONS)
def test_a_correction_restores_nothing_else(what: str, ground: Ground) -> None:
    with refused_by("a_correction_restores_what_was_before"):
        ground.move({**_correction(ground), **WRONG_CORRECTIONS[what](ground)})


def test_an_ordinary_movement_corrects_nothing(ground: Ground) -> None:
    with refused_by("only_a_correction_names_a_movement"):
        ground.move({**_correction(ground), "reason": "leftover"})


@pytest.mark.parametrize("hash_before", [b"", b"\0" * 32, None])
def test_a_chain_joins_up_by_its_hashes_too(hash_before: bytes | None, ground: Ground) -> None:
    row = ground.next_movement()
    # The right hash with one bit turned, as well as none and an empty one.
    wrong = bytes([row["previous_hash"][0] ^ 1]) + row["previous_hash"][1:] if hash_before is None else hash_before
    with refused_by("movement_joins_up_with_the_one_before"):
        ground.move({**row, "previous_hash": wrong})


@pytest.mark.parametrize(
    "changes",
    [
        {"sequence": 1, "previous_sequence": None},
        {"sequence": 1, "previous_sequence": None, "previous_hash": b""},
        {"reason": "receipt"},
    ],
)
def test_a_device_is_born_once_and_first(changes: Values, ground: Ground) -> None:
    with refused_by("a_device_is_born_once"):
        ground.move({**ground.next_movement(), **changes})


@pytest.mark.parametrize(
    "changes", [{"previous_sequence": None}, {"sequence": 0}, {"previous_sequence": 1}, {"sequence": -1}]
)
def test_a_chain_has_no_hole(changes: Values, ground: Ground) -> None:
    with refused_by("a_chain_has_no_hole"):
        ground.move({**ground.next_movement(), **changes})


@pytest.mark.parametrize("evidence", ["scan", "scan:", ":1", "Scan:1", "scan:é", "scan:1 2", "scan:1\n", "a:b:c"])
def test_evidence_is_a_reference_and_never_a_name(evidence: str, ground: Ground) -> None:
    with refused_by("evidence_is_a_reference"):
        ground.move(ground.next_movement(evidence=evidence))


@pytest.mark.parametrize("evidence", ["", "scan:018f0000-aaaa-4bbb-8ccc-000000000001", "delivery_line:12/3.4"])
def test_a_reference_is_taken_as_evidence(evidence: str, ground: Ground) -> None:
    ground.move(ground.next_movement(evidence=evidence))


@pytest.mark.parametrize(
    "asset_tag",
    [
        "P0042118700", "P4211875", "p0042118759", "E0042118759", "P00421187590", "P004211875 ", "", "P٠٠٤٢١١٨٧٥٩",
        # Check digits 00, 01 and 99 have the right remainder of 97, and are not the right digits.
        "P0000009700", "P0000009601", "P0000000199",
    ],
)  # fmt: skip
def test_an_asset_tag_with_wrong_check_digits_is_refused(asset_tag: str, ground: Ground) -> None:
    with refused_by("asset_tag_check_digits_are_right") if len(asset_tag) < 12 else pytest.raises(DatabaseError):
        ground.bear(ground.next_device(1, asset_tag=asset_tag))


def test_all_ninety_single_wrong_digits_of_an_asset_tag_are_refused(ground: Ground) -> None:
    right = label_code("P", 42_118_7)
    for place in range(1, 11):
        for digit in set("0123456789") - {right[place]}:
            with refused_by("asset_tag_check_digits_are_right"):
                ground.bear(ground.next_device(1, asset_tag=right[:place] + digit + right[place + 1 :]))


@pytest.mark.parametrize("name", BEHIND_ANOTHER)
def test_a_constraint_behind_another_is_there_for_what_stands_on_it(name: str, ground: Ground) -> None:
    attacks: dict[str, Attack] = {
        "fleet_custodian_pkey": _custodian(id=ground.depot, kind="depot", school_id=None),
        "fleet_movement_pkey": _movement(id=Movement.objects.values_list("pk", flat=True).first() or _an_id(ground)),
        "a_device_makes_one_movement_at_a_time": _sequence_stands_already,
        "asset_tag_check_digits_are_right": _device(asset_tag="HORS-NORME"),
    }
    with refused_by(BEHIND_ANOTHER[name]):
        attacks[BEHIND_ANOTHER[name]](ground)
    ((standing_on_it,),) = _sql(
        "SELECT count(*) FROM pg_constraint f JOIN pg_constraint u ON u.conindid = f.conindid"
        " WHERE f.contype = 'f' AND u.contype = 'u' AND u.conname = %s", name,
    )  # fmt: skip
    assert standing_on_it or name == "asset_tag_is_a_label_code"


def _an_id(ground: Ground) -> Any:
    return ground.cast.move(ground.cast.devices_in_depot(1)[0], ground.depot, ground.allotted, Reason.ALLOTMENT)


# Two statements never split what one must write.


def test_the_pointer_cannot_go_first(ground: Ground) -> None:
    row = ground.next_movement()
    with refused_by("device_is_where_a_movement_put_it"):
        _sql(
            "UPDATE fleet_device SET last_sequence = %s, custodian_id = %s, custodian_kind = 'student' WHERE id = %s",
            row["sequence"], row["to_custodian_id"], row["device_id"],
        )  # fmt: skip


def test_the_movement_cannot_go_first(ground: Ground) -> None:
    row = ground.next_movement()
    with refused_by("device_points_at_its_last_movement"):
        insert("fleet_movement")(row)


def test_one_statement_cannot_leave_the_pointer_on_the_first_of_two_movements(ground: Ground) -> None:
    one = ground.next_movement()
    ground.move(one)
    with refused_by("device_points_at_its_last_movement"):
        # Check-in and reimaging in one statement, the pointer moved by the first only.
        two = ground.next_movement(
            one["device_id"], to_custodian_id=ground.bench, to_kind="school_bench", reason="check_in"
        )
        names = ", ".join(two)
        marks = ", ".join(["%s"] * len(two))
        _sql(
            f"WITH first AS (INSERT INTO fleet_movement ({names}) VALUES ({marks}) RETURNING *),"
            f" second AS (INSERT INTO fleet_movement ({names}) SELECT gen_random_uuid(), device_id, sequence + 1, sequence,"
            " to_custodian_id, to_kind, %s, 'emergency_stock', 'reimaged', happened_at, recorded_by_id, '', NULL, hash"
            " FROM first)"
            " UPDATE fleet_device SET custodian_id = first.to_custodian_id, custodian_kind = first.to_kind,"
            " last_sequence = first.sequence, head_hash = first.hash FROM first WHERE fleet_device.id = first.device_id",
            *two.values(), ground.stock,
        )  # fmt: skip


@pytest.mark.parametrize("table", ["fleet_device", "fleet_movement"])
def test_a_temporary_table_does_not_blind_the_guards(table: str, ground: Ground) -> None:
    (device,) = ground.cast.devices_allotted(1)
    row = ground.next_movement(device)
    _sql(f"CREATE TEMPORARY TABLE {table} (LIKE public.{table})")
    with refused_by("device_points_at_its_last_movement"):
        if table == "fleet_device":
            insert("public.fleet_movement")(row)
        else:
            _sql(
                "UPDATE fleet_device SET (last_sequence, custodian_id, custodian_kind, head_hash) = (SELECT sequence,"
                " to_custodian_id, to_kind, hash FROM public.fleet_movement WHERE device_id = %s AND sequence = 1)"
                " WHERE id = %s", device, device,
            )  # fmt: skip


# History.


@pytest.mark.parametrize(
    "table", ["fleet_movement", "fleet_dailyroot", "fleet_affiliation", "fleet_serialchange", "fleet_tagchange"]
)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_runtime_role_has_no_right_to_rewrite_history(table: str, statement: str, cast: Cast) -> None:
    assert table in append_only_tables()
    with refused_for_want_of_rights():
        _sql(statement.format(table))


def test_the_runtime_role_empties_no_table(cast: Cast) -> None:
    for table in tables_of("fleet"):
        with refused_for_want_of_rights():
            _sql(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE fleet_movement DISABLE TRIGGER ALL",
        "DROP TRIGGER history_is_never_rewritten ON fleet_movement",
        "ALTER TABLE fleet_movement DROP CONSTRAINT movement_is_known_to_the_trade",
        "CREATE OR REPLACE FUNCTION fleet_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "CREATE RULE nothing AS ON INSERT TO fleet_movement DO INSTEAD NOTHING",
        "CREATE TRIGGER mine BEFORE INSERT ON fleet_movement FOR EACH ROW EXECUTE FUNCTION fleet_refuse_rewriting()",
        "SET session_replication_role = replica",
        "DROP INDEX a_student_holds_one_device",
    ],
)
def test_the_runtime_role_takes_no_guard_away(statement: str, cast: Cast) -> None:
    with refused_for_want_of_rights():
        _sql(statement)


def test_the_runtime_role_grants_nothing(cast: Cast) -> None:
    _sql("GRANT UPDATE ON fleet_movement TO PUBLIC")  # PostgreSQL warns, and does nothing.
    with refused_for_want_of_rights():
        _sql("UPDATE fleet_movement SET evidence = ''")


def test_an_evidence_that_is_not_its_own_bytes_is_refused_before_it_is_hashed(ground: Ground) -> None:
    with pytest.raises(DatabaseError, match="bytea"), transaction.atomic():
        ground.move(ground.next_movement(evidence="scan:a\\b"))


def test_the_runtime_role_does_not_become_the_owner(cast: Cast) -> None:
    with refused_for_want_of_rights():
        _sql('SET ROLE "{}"'.format(connections["owner"].settings_dict["USER"]))


@pytest.mark.django_db(databases=["default", "owner"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
@pytest.mark.parametrize(
    ("table", "guard"),
    [
        # Every guard names itself alike: the function is one.
        ("fleet_movement", "history_is_never_rewritten"),
        ("fleet_dailyroot", "history_is_never_rewritten"),
        ("fleet_affiliation", "history_is_never_rewritten"),
    ],
)
def test_even_the_owner_is_stopped_by_the_guard_of_history(table: str, guard: str, statement: str) -> None:
    with (
        pytest.raises(IntegrityError) as refusal,
        transaction.atomic(using="owner"),
        connections["owner"].cursor() as cursor,
    ):
        cursor.execute(statement.format(table))
    assert refusal.value.__cause__.diag.constraint_name == guard  # type: ignore[union-attr]


def test_nobody_writes_a_hash(ground: Ground) -> None:
    assert_runtime_role()
    with pytest.raises(DatabaseError, match="non-DEFAULT value") as refusal, transaction.atomic():
        ground.move({**ground.next_movement(), "hash": b"\0" * 32})
    assert refusal.value.__cause__.sqlstate == "428C9"  # type: ignore[union-attr]


def test_a_device_with_a_history_is_not_removed(ground: Ground) -> None:
    (device,) = ground.cast.devices_in_depot(1)
    with refused_by("movement_moves_a_device"):
        _sql("DELETE FROM fleet_device WHERE id = %s", device)


def test_a_custodian_that_moved_something_neither_goes_nor_changes_kind(ground: Ground) -> None:
    ground.cast.devices_in_depot(1)
    with refused_by("movement_goes_to_a_custodian_of_its_kind"):
        _sql("DELETE FROM fleet_custodian WHERE id = %s", ground.depot)
    with refused_by("movement_goes_to_a_custodian_of_its_kind"):
        _sql("UPDATE fleet_custodian SET kind = 'transit' WHERE id = %s", ground.depot)


# The trade.


def test_the_database_knows_exactly_the_movements_of_the_rules(db: None) -> None:
    ((definition,),) = _sql(
        "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'movement_is_known_to_the_trade'"
    )
    reasons = [*map(str, Reason), "magic", "", "RECEIPT"]
    kinds = [*map(str, CustodianKind), "friend", "", "Student"]
    known = _sql(
        "SELECT reason, from_kind, to_kind FROM unnest(%s::varchar[]) AS reason, unnest(%s::varchar[]) AS from_kind,"
        f" unnest(%s::varchar[]) AS to_kind WHERE {definition}",
        reasons, kinds, kinds,
    )  # fmt: skip
    assert {tuple(row) for row in known} == {(str(r), str(f), str(t)) for r, f, t in ALLOWED_MOVEMENTS}
    assert len(known) == len(ALLOWED_MOVEMENTS)
