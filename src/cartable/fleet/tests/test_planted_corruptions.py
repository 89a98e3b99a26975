"""A vandal with the owner's rights plants one corruption; the audit finds it. One kind of corruption per line."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.db import connections
from django_scopes import scopes_disabled

from cartable.conftest import Cast, build_cast
from cartable.fleet.audit import AuditReport, installed_checks, run_checks
from cartable.fleet.commands import correct_movement, new_id, open_region_accounts, take_daily_root
from cartable.fleet.rules import CustodianKind, Reason
from cartable.organisations.commands import open_region

K = CustodianKind


def _story(cast: Cast) -> dict[str, Any]:
    """Live a short history: five devices, three students, two roots. Return the names that plants use."""
    allotted, stock = cast.school_accounts[K.SCHOOL_ALLOTMENT], cast.school_accounts[K.EMERGENCY_STOCK]
    bench, depot = cast.school_accounts[K.SCHOOL_BENCH], cast.region_accounts[K.DEPOT]
    alice, bilal, chloe = cast.student_account(), cast.student_account(), cast.student_account(cast.other_school)
    a, b, c, e = cast.devices_allotted(4)
    cast.move(a, allotted, alice, Reason.CHECK_OUT)
    cast.move(b, allotted, bilal, Reason.CHECK_OUT)
    wrong = cast.move(c, allotted, stock, Reason.LEFTOVER)
    correct_movement(movement_id=new_id(), corrected_id=wrong, happened_at=cast.now, recorded_by_id=cast.meyer.actor_id)
    take_daily_root(taken_at=cast.now)
    (d,) = cast.devices_in_depot(1)
    cast.move(b, bilal, bench, Reason.CHECK_IN)
    cast.move(b, bench, stock, Reason.REIMAGED)
    cast.move(b, stock, bilal, Reason.LOAN, evidence="loan:1")
    cast.move(e, allotted, stock, Reason.LEFTOVER)
    take_daily_root(taken_at=cast.now + timedelta(hours=1))
    elsewhere = open_region(code="53", name="Bretagne")
    foreign = open_region_accounts(region_id=elsewhere.pk, opened_at=cast.now)
    return {
        "a": a, "b": b, "c": c, "d": d, "e": e, "alice": alice, "bilal": bilal, "chloe": chloe, "allotted": allotted,
        "stock": stock, "bench": bench, "depot": depot, "supplier": cast.supplier_account, "elsewhere": elsewhere.pk,
        "foreign_depot": foreign[K.DEPOT], "school": cast.school.pk, "other_school": cast.other_school.pk,
        "author": cast.sonia.actor_id, "runtime": connections["default"].settings_dict["USER"],
    }  # fmt: skip


@pytest.fixture(scope="module")
def story(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """Commit the story once for all plants, each of which is rolled back."""
    with django_db_blocker.unblock(), scopes_disabled():
        owner = connections["owner"]
        try:
            yield _story(build_cast())
        finally:
            with owner.cursor() as cursor:
                tables = [t for t in owner.introspection.table_names(cursor) if t != "django_migrations"]
                cursor.execute("TRUNCATE {} RESTART IDENTITY CASCADE".format(", ".join(f'"{t}"' for t in tables)))


def _audited(story: dict[str, Any], statements: list[str], *, free: bool) -> AuditReport:
    """Plant as the owner, audit in the same transaction, roll back."""
    from django.db import transaction

    owner = connections["owner"]
    with transaction.atomic(using="owner"), owner.cursor() as cursor:
        if free:
            _free_from_constraints(cursor)
        for statement in statements:
            cursor.execute(statement.format(**story))
        report = run_checks(cursor, installed_checks())
        transaction.set_rollback(True, using="owner")
    return report


def _free_from_constraints(cursor: Any) -> None:
    """Take away everything that refuses: what remains is the audit."""
    cursor.execute("SELECT relname FROM pg_class WHERE relname LIKE 'fleet\\_%%' AND relkind = 'r'", None)
    tables = [row[0] for row in cursor.fetchall()]
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    # Foreign keys first: they lean on the unique constraints.
    cursor.execute(
        "SELECT conrelid::regclass, quote_ident(conname) FROM pg_constraint"
        " WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('f', 'c', 'u', 'p')"
        " ORDER BY array_position('{f,c,u,p}', contype::text)",
        [tables],
    )
    for table, name in cursor.fetchall():
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name} CASCADE")
    cursor.execute(
        "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = ANY(%s::regclass[]) AND indisunique", [tables]
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f"DROP INDEX {name}")


_M = "UPDATE fleet_movement SET {} WHERE device_id = {{{}}} AND sequence = {}"
_D = "UPDATE fleet_device SET {} WHERE id = {{{}}}"
_FOLLOW = (  # Move a device's pointer to the end of what is left of its history.
    "UPDATE fleet_device SET (custodian_id, custodian_kind, last_sequence, head_hash) = (SELECT to_custodian_id, to_kind,"
    " sequence, hash FROM fleet_movement m WHERE m.device_id = fleet_device.id ORDER BY sequence DESC LIMIT 1)"
)
_COPY = (  # Copy a movement with other values in some columns.
    "INSERT INTO fleet_movement (id, position, device_id, sequence, previous_sequence, from_custodian_id, from_kind,"
    " to_custodian_id, to_kind, reason, happened_at, recorded_at, recorded_by_id, evidence, corrects_id, previous_hash)"
    " SELECT {id}, nextval('fleet_movement_position'), {device}, {sequence}, previous_sequence, from_custodian_id,"
    " from_kind, to_custodian_id, to_kind, reason, happened_at, recorded_at, recorded_by_id, evidence, corrects_id,"
    " previous_hash FROM fleet_movement WHERE device_id = {{{of}}} AND sequence = {at}"
)


def _m(change: str, device: str, sequence: int) -> str:
    return _M.format(change, device, sequence)


def _d(change: str, device: str) -> str:
    return _D.format(change, device)


def _cut(device: str, condition: str) -> str:
    return f"DELETE FROM fleet_movement WHERE device_id = {{{device}}} AND {condition}"


def _copy(of: str, at: int, **changes: object) -> str:
    said = {"id": "gen_random_uuid()", "device": "device_id", "sequence": "sequence", **changes}
    return _COPY.format(of=of, at=at, **said)


def _rewritten(device: str, change: str, sequence: int) -> list[str]:
    """Change a movement and make every hash after it agree again: what only a root printed on paper can tell."""
    again = (
        "UPDATE fleet_movement m SET previous_hash = (SELECT hash FROM fleet_movement b WHERE b.device_id = m.device_id"
        " AND b.sequence = m.sequence - 1) WHERE device_id = {%s} AND sequence = %d"
    )
    return [_m(change, device, sequence), *(again % (device, n) for n in range(sequence + 1, 9)), _FOLLOW]


class Plant(NamedTuple):
    """A corruption and the check that must find it."""

    what: str
    found_by: str
    statements: list[str]


_LOOSE = "ALTER TABLE fleet_movement ALTER COLUMN hash DROP EXPRESSION"
_SWAP_ALICE = "to_custodian_id = CASE to_custodian_id WHEN {alice} THEN {bilal} ELSE {alice} END"

IN_THE_ROWS = [
    # I01
    Plant("a device enters without movement", "a_device_has_its_birth", [
        "INSERT INTO fleet_device (region_id, asset_tag, serial_number, device_model_id, lot_id, condition, pallet, carton,"
        " custodian_id, custodian_kind, last_sequence, head_hash) SELECT region_id, 'P0000999903', 'PLANTED', device_model_id,"
        " lot_id, condition, '', '', custodian_id, custodian_kind, 1, head_hash FROM fleet_device WHERE id = {d}"]),
    Plant("the birth of a device is removed", "a_device_has_its_birth", [_cut("b", "sequence = 1")]),
    Plant("the whole history of a device is removed", "a_device_has_its_birth", [_cut("b", "true")]),
    Plant("a movement of an unknown device", "a_movement_has_its_device", [_copy("d", 1, device="-7")]),
    Plant("a device is removed, its history stays", "a_movement_has_its_device", ["DELETE FROM fleet_device WHERE id = {b}"]),
    Plant("a device is born in the middle", "a_birth_comes_first_and_once", [_m("reason = 'receipt'", "a", 2)]),
    Plant("a device is born of nothing known", "a_birth_comes_first_and_once", [_m("reason = 'allotment'", "a", 1)]),
    Plant("a device is born out of the depot", "a_birth_comes_first_and_once",
        [_m("from_custodian_id = {depot}, from_kind = 'depot'", "a", 1)]),
    Plant("a second birth", "a_birth_comes_first_and_once", [_copy("d", 1, sequence=2)]),
    # I02
    Plant("an event is removed from the middle", "movements_join_up", [_cut("b", "sequence = 4")]),
    Plant("an event is removed and the rest renumbered", "movements_join_up", [
        _cut("b", "sequence = 4"),
        "UPDATE fleet_movement SET sequence = sequence - 1, previous_sequence = previous_sequence - 1"
        " WHERE device_id = {b} AND sequence > 4", _FOLLOW]),
    Plant("a hole in the numbers", "movements_join_up", [_m("sequence = 9", "b", 6)]),
    Plant("a number stands twice", "movements_join_up", [_copy("b", 6)]),
    Plant("the link to the one before is altered", "movements_join_up", [_m("previous_sequence = 3", "b", 6)]),
    Plant("the giver is changed", "movements_join_up", [_m("from_custodian_id = {bench}, from_kind = 'school_bench'", "e", 3)]),
    Plant("the taker is changed in the middle", "movements_join_up", [_m("to_custodian_id = {chloe}", "b", 3)]),
    # I03
    Plant("the tail is cut off", "a_device_is_where_its_history_ends", [_cut("b", "sequence >= 5")]),
    Plant("the pointer is moved to another custodian", "a_device_is_where_its_history_ends", [_d("custodian_id = {chloe}", "a")]),
    Plant("the pointer is moved back to an earlier movement", "a_device_is_where_its_history_ends", [
        _d("(custodian_id, custodian_kind, last_sequence, head_hash) = (SELECT to_custodian_id, to_kind, sequence, hash"
           " FROM fleet_movement WHERE device_id = {a} AND sequence = 2)", "a")]),
    Plant("the pointer claims a movement that is not there", "a_device_is_where_its_history_ends", [_d("last_sequence = 7", "a")]),
    Plant("the pointer lies about the kind", "a_device_is_where_its_history_ends", [_d("custodian_kind = 'given'", "a")]),
    Plant("two devices exchange their pointers", "a_device_is_where_its_history_ends", [
        "UPDATE fleet_device SET custodian_id = CASE custodian_id WHEN {alice} THEN {bilal} ELSE {alice} END"
        " WHERE id IN ({a}, {b})"]),
    # I04
    Plant("a student is given two devices", "a_student_holds_one_device",
        [_m("to_custodian_id = {alice}", "b", 6), _FOLLOW]),
    Plant("a student holds two devices in the books only", "a_student_holds_one_device",
        [_d("custodian_id = {alice}, custodian_kind = 'student'", "d")]),
    # I05 and I19
    Plant("a device of a lot changes hands without movement", "a_lot_adds_up",
        [_d("custodian_id = {depot}, custodian_kind = 'depot'", "e")]),
    Plant("a device leaves the school without movement", "a_school_adds_up",
        [_d("custodian_id = {depot}, custodian_kind = 'depot'", "e")]),
    Plant("a stock is emptied without movement", "a_stock_is_what_it_holds",
        [_d("custodian_id = {bench}, custodian_kind = 'school_bench'", "e")]),
    Plant("a stock gives what it never had", "a_stock_is_what_it_holds",
        [_m("from_custodian_id = {bench}, from_kind = 'school_bench'", "a", 3)]),
    # I07
    Plant("a correction of nothing", "a_correction_undoes_what_it_names", [_m("corrects_id = gen_random_uuid()", "c", 4)]),
    Plant("a correction without a name", "a_correction_undoes_what_it_names", [_m("corrects_id = NULL", "c", 4)]),
    Plant("a correction of another device", "a_correction_undoes_what_it_names",
        [_m("corrects_id = (SELECT id FROM fleet_movement WHERE device_id = {e} AND sequence = 3)", "c", 4)]),
    Plant("a correction of a later movement", "a_correction_undoes_what_it_names",
        [_m("sequence = 5", "c", 3)]),
    Plant("a correction that restores nothing", "a_correction_undoes_what_it_names",
        [_m("to_custodian_id = {depot}, to_kind = 'depot'", "c", 4)]),
    Plant("a movement is corrected twice", "a_correction_undoes_what_it_names", [_copy("c", 4, sequence=5)]),
    Plant("an ordinary movement pretends to correct", "a_correction_undoes_what_it_names",
        [_m("corrects_id = (SELECT id FROM fleet_movement WHERE device_id = {b} AND sequence = 3)", "b", 6)]),
    # I08
    Plant("the reason is changed in the middle", "hashes_form_a_chain", [_m("reason = 'loan'", "b", 3)]),
    Plant("the reason of the last movement is changed", "a_device_keeps_its_head", [_m("reason = 'loan'", "a", 3)]),
    Plant("the hour told is changed", "hashes_form_a_chain", [_m("happened_at = happened_at - interval '1 day'", "b", 3)]),
    Plant("the hour recorded is changed", "hashes_form_a_chain", [_m("recorded_at = recorded_at + interval '1 us'", "b", 3)]),
    Plant("the author is changed", "hashes_form_a_chain", [_m("recorded_by_id = recorded_by_id + 1", "b", 3)]),
    Plant("the evidence is changed", "a_device_keeps_its_head", [_m("evidence = 'loan:2'", "b", 6)]),
    Plant("the id is changed", "hashes_form_a_chain", [_m("id = gen_random_uuid()", "b", 3)]),
    Plant("two students are exchanged in the ledger", "a_device_keeps_its_head", [
        f"UPDATE fleet_movement SET {_SWAP_ALICE} WHERE to_custodian_id IN ({{alice}}, {{bilal}}) AND sequence IN (3, 6)",
        "UPDATE fleet_device SET custodian_id = CASE id WHEN {a} THEN {bilal} ELSE {alice} END WHERE id IN ({a}, {b})"]),
    Plant("a hash is altered", "a_hash_covers_its_movement", [_LOOSE, _m("hash = sha256('planted')", "b", 3)]),
    Plant("a content is changed under its old hash", "a_hash_covers_its_movement", [_LOOSE, _m("evidence = 'loan:3'", "b", 6)]),
    Plant("an evidence that no hash can take", "a_hash_covers_its_movement", [_LOOSE, _m("evidence = 'x\\y'", "b", 6)]),
    Plant("the hash before is altered", "hashes_form_a_chain", [_m("previous_hash = sha256('planted')", "b", 3)]),
    Plant("the first movement has something before it", "hashes_form_a_chain", [_m("previous_hash = sha256('planted')", "d", 1)]),
    Plant("the head is altered", "a_device_keeps_its_head", [_d("head_hash = sha256('planted')", "a")]),
    Plant("a history is rewritten with all its hashes", "daily_roots_come_out_again",
        _rewritten("b", "recorded_at = recorded_at - interval '1 hour'", 2)),
    Plant("the tail is cut off and the pointer follows", "daily_roots_come_out_again", [_cut("b", "sequence >= 5"), _FOLLOW]),
    Plant("a device is removed with its history", "daily_roots_come_out_again",
        [_cut("d", "true"), "DELETE FROM fleet_device WHERE id = {d}"]),
    Plant("everything is emptied but the roots", "daily_roots_come_out_again", ["TRUNCATE fleet_device, fleet_movement"]),
    Plant("a movement is moved past a root", "daily_roots_come_out_again",
        [_m("position = nextval('fleet_movement_position')", "a", 3)]),
    Plant("a root is altered", "daily_roots_come_out_again",
        ["UPDATE fleet_dailyroot SET root = sha256('planted') WHERE id = (SELECT min(id) FROM fleet_dailyroot)"]),
    Plant("the count beside a root is altered", "daily_roots_come_out_again",
        ["UPDATE fleet_dailyroot SET device_count = device_count + 1"]),
    Plant("the position of a root is altered", "daily_roots_come_out_again",
        ["UPDATE fleet_dailyroot SET last_position = 2 WHERE id = (SELECT min(id) FROM fleet_dailyroot)"]),
    # I09
    Plant("an id names two movements", "an_id_names_one_movement",
        [_m("id = (SELECT id FROM fleet_movement WHERE device_id = {a} AND sequence = 3)", "b", 3)]),
    # I13
    Plant("a movement that the trade does not know", "movements_are_known_to_the_trade", [_m("reason = 'gift'", "b", 3)]),
    Plant("a reason that nobody knows", "movements_are_known_to_the_trade", [_m("reason = 'magic'", "b", 3)]),
    Plant("a movement that goes nowhere", "movements_are_known_to_the_trade",
        [_m("to_custodian_id = from_custodian_id, to_kind = from_kind", "b", 5)]),
    Plant("a kind that is not the taker's", "kinds_are_those_of_the_custodians", [_m("to_kind = 'student'", "e", 3)]),
    Plant("a kind that is not the giver's", "kinds_are_those_of_the_custodians", [_m("from_kind = 'depot'", "e", 3)]),
    Plant("a custodian changes its kind", "kinds_are_those_of_the_custodians",
        ["UPDATE fleet_custodian SET kind = 'school_bench' WHERE id = {stock}"]),
    Plant("a custodian is removed", "kinds_are_those_of_the_custodians", ["DELETE FROM fleet_custodian WHERE id = {stock}"]),
    # I17
    Plant("a device changes region", "a_device_stays_in_its_region", [_d("region_id = {elsewhere}", "d")]),
    Plant("a movement passes through another region", "a_device_stays_in_its_region",
        [_m("to_custodian_id = {foreign_depot}", "a", 1)]),
    Plant("a lot changes region", "a_device_stays_in_its_region", ["UPDATE fleet_lot SET region_id = {elsewhere}"]),
    Plant("a model changes region", "a_device_stays_in_its_region", ["UPDATE fleet_devicemodel SET region_id = {elsewhere}"]),
    Plant("a custodian changes region", "a_custodian_belongs_somewhere",
        ["UPDATE fleet_custodian SET region_id = {elsewhere} WHERE id = {chloe}"]),
    Plant("a student without school", "a_custodian_belongs_somewhere",
        ["UPDATE fleet_custodian SET school_id = NULL WHERE id = {chloe}"]),
    Plant("a supplier without company", "a_custodian_belongs_somewhere",
        ["UPDATE fleet_custodian SET contractor_id = NULL WHERE id = {supplier}"]),
    Plant("a student changes school in silence", "a_student_counts_where_last_affiliated",
        ["UPDATE fleet_custodian SET school_id = {other_school} WHERE id = {alice}"]),
    Plant("an affiliation is removed", "a_student_counts_where_last_affiliated",
        ["DELETE FROM fleet_affiliation WHERE custodian_id = {alice}"]),
    # I18
    Plant("the server order of two movements is exchanged", "server_order_increases",
        [_m("position = 0", "b", 6)]),
    Plant("a position stands twice", "server_order_increases",
        [_m("position = (SELECT position FROM fleet_movement WHERE device_id = {a} AND sequence = 3)", "e", 3)]),
    Plant("a lycée closed over its stock and its students' PCs", "nothing_is_left_at_a_closed_lycee",
        ["UPDATE organisations_school SET closed_on = '2026-09-15' WHERE id = {school}"]),
    # I21
    Plant("a serial number stands twice", "serial_numbers_are_unique",
        [_d("serial_number = (SELECT serial_number FROM fleet_device WHERE id = {a})", "d")]),
    Plant("a serial number stands twice, once in small letters", "serial_numbers_are_unique",
        [_d("serial_number = (SELECT lower(serial_number) FROM fleet_device WHERE id = {a})", "d")]),
    Plant("a serial number with a space", "serial_numbers_are_unique", [_d("serial_number = serial_number || ' '", "d")]),
    Plant("an asset tag stands twice", "asset_tags_are_right",
        [_d("asset_tag = (SELECT asset_tag FROM fleet_device WHERE id = {a})", "d")]),
    Plant("an asset tag with a wrong digit", "asset_tags_are_right", [_d("asset_tag = 'P0000999902'", "d")]),
    Plant("an asset tag with the other remainder of 97", "asset_tags_are_right", [_d("asset_tag = 'P0000009700'", "d")]),
    Plant("an asset tag of another letter", "asset_tags_are_right", [_d("asset_tag = 'E0000009797'", "d")]),
]  # fmt: skip

IN_THE_GROUND = [
    Plant("the application may update history", "history_cannot_be_rewritten",
        ['GRANT UPDATE ON fleet_movement TO "{runtime}"']),
    Plant("the application may update one column of history", "history_cannot_be_rewritten",
        ['GRANT UPDATE (evidence) ON fleet_movement TO "{runtime}"']),
    Plant("the application may erase roots", "history_cannot_be_rewritten", ['GRANT DELETE ON fleet_dailyroot TO "{runtime}"']),
    Plant("the application may empty history", "history_cannot_be_rewritten",
        ['GRANT TRUNCATE ON fleet_movement TO "{runtime}"']),
    Plant("a guard is off", "guards_stand", ["ALTER TABLE fleet_movement DISABLE TRIGGER history_is_never_rewritten"]),
    Plant("a guard is gone", "guards_stand", ["DROP TRIGGER device_points_at_its_last_movement ON fleet_device"]),
    Plant("a guard is hollow", "guards_stand", [
        "CREATE OR REPLACE FUNCTION fleet_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"]),
    Plant("a foreign key is gone", "constraints_stand",
        ["ALTER TABLE fleet_device DROP CONSTRAINT device_is_where_a_movement_put_it"]),
    Plant("a check is gone", "constraints_stand",
        ["ALTER TABLE fleet_movement DROP CONSTRAINT movement_is_known_to_the_trade"]),
    Plant("a check no longer speaks of old rows", "constraints_stand", [
        "ALTER TABLE fleet_movement DROP CONSTRAINT a_movement_goes_somewhere_else",
        "ALTER TABLE fleet_movement ADD CONSTRAINT a_movement_goes_somewhere_else"
        " CHECK (from_custodian_id <> to_custodian_id) NOT VALID"]),
    Plant("the index that lets a student hold one device is gone", "constraints_stand",
        ["DROP INDEX a_student_holds_one_device"]),
]  # fmt: skip


def _named(plants: list[Plant]) -> Callable[..., Any]:
    return pytest.mark.parametrize("plant", plants, ids=[plant.what.replace(" ", "_") for plant in plants])


def test_the_story_itself_is_clean(story: dict[str, Any]) -> None:
    assert _audited(story, [], free=False).broken == []


def test_without_constraints_only_their_absence_is_found(story: dict[str, Any]) -> None:
    report = _audited(story, [], free=True)
    assert {finding.name for finding in report.broken} == {"constraints_stand", "guards_stand"}


@_named(IN_THE_ROWS)
def test_a_corruption_of_the_rows_is_found(story: dict[str, Any], plant: Plant) -> None:
    report = _audited(story, plant.statements, free=True)
    assert plant.found_by in {finding.name for finding in report.broken}


@_named(IN_THE_GROUND)
def test_a_corruption_of_the_ground_is_found(story: dict[str, Any], plant: Plant) -> None:
    report = _audited(story, plant.statements, free=False)
    assert [finding.name for finding in report.broken] == [plant.found_by]


def test_each_check_has_found_something_at_least_once() -> None:
    ours = {check.name for check in installed_checks() if check.name in _names_of_fleet()}
    assert {plant.found_by for plant in IN_THE_ROWS + IN_THE_GROUND} == ours


def _names_of_fleet() -> set[str]:
    from cartable.fleet.audit_checks import CHECKS

    return {check.name for check in CHECKS}


def test_a_removed_event_is_named_by_what_follows_it(story: dict[str, Any]) -> None:
    report = _audited(story, [_cut("b", "sequence = 4")], free=True)
    found = next(finding for finding in report.broken if finding.name == "movements_join_up")
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT 'movement ' || id FROM fleet_movement WHERE device_id = %s AND sequence > 4", [story["b"]]
        )
        assert set(found.subjects) == {row[0] for row in cursor.fetchall()}
