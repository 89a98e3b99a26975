"""The ledger: the one way in which custody of a device passes.

Only ``*.commands`` may import this module. Each function is one statement that PostgreSQL accepts or refuses as a whole;
what is illegal is refused by constraints (``models.py``, ``migrations/0002_ledger_referee.py``), and translated
here into named refusals.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, OperationalError, connection, transaction

from cartable.fleet.rules import Reason


class LedgerRefusal(Exception):
    """The ledger did not take a movement; ``code`` is stable and shared with stations, pages and tests."""

    code = "refused"

    def __init__(self, movement_ids: Sequence[UUID] = ()) -> None:
        super().__init__(f"{self.code}: {', '.join(map(str, movement_ids))}")
        self.movement_ids = tuple(movement_ids)


class CustodyHasMoved(LedgerRefusal):
    """The device is no longer with the custodian that the caller believes in."""

    code = "custody_has_moved"


class StudentAlreadyHolds(LedgerRefusal):
    """The student already holds a device."""

    code = "already_equipped"


class MovementIdReused(LedgerRefusal):
    """The id names another movement already; nothing is ever recorded twice under one id."""

    code = "id_reused"


class UnknownToTheTrade(LedgerRefusal):
    """No such movement between these kinds of custodians, or none of them exists."""

    code = "unknown_to_the_trade"


class NotCorrectable(LedgerRefusal):
    """The correction does not undo the movement that it names, or that one is corrected already."""

    code = "not_correctable"


class DeviceAlreadyKnown(LedgerRefusal):
    """A device with this asset tag or serial number is in the books already."""

    code = "device_already_known"


class MovementOrder(NamedTuple):
    """One movement to record. ``movement_id`` is made by the caller: the same id again is the same movement."""

    movement_id: UUID
    device_id: int
    from_custodian_id: int
    to_custodian_id: int
    reason: Reason
    happened_at: datetime
    recorded_by_id: int
    evidence: str = ""
    corrects_id: UUID | None = None


class BirthOrder(NamedTuple):
    """One device to enter in the books, with its first movement."""

    movement_id: UUID
    asset_tag: str
    serial_number: str
    device_model_id: int
    lot_id: int
    region_id: int
    pallet: str
    carton: str
    from_custodian_id: int
    to_custodian_id: int
    reason: Reason
    happened_at: datetime
    recorded_by_id: int
    evidence: str = ""


class Beside(NamedTuple):
    """Rows of another package that the movements' own statement writes, so that one round trip does it all.

    ``expressions`` is SQL for a WITH list, each led by a comma. It may read ``moved`` (id, device_id, sequence) and must
    write nothing unless ``(SELECT is_held FROM whole)``: otherwise no movement is made.
    """

    expressions: str
    parameters: Mapping[str, str | int]


@dataclass(frozen=True)
class Recorded:
    """What the ledger answers: the same for the first time and for every repetition."""

    movement_id: UUID
    device_id: int
    sequence: int
    already_recorded: bool


# The orders come as one JSON text: one parameter of one type, so that every call finds the same prepared statement (a list
# of numbers is smallint[], integer[] or bigint[] by its values), for a fifth of what nine arrays cost to write.
# The planner takes any JSON for a hundred rows and would read a small table whole; a range says "few" to it. It guesses
# the same whatever the values: it plans once per connection, not once per scan, which cost as much as the work itself.
_ASKED = """
asked AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(orders)s) AS asked(id uuid, device_id bigint, from_id bigint, to_id bigint,
        reason text, happened_at timestamptz, recorded_by_id bigint, evidence text, corrects_id uuid)
    WHERE device_id BETWEEN 1 AND 9223372036854775807
)"""

_MOVE = """
WITH {asked}, students AS MATERIALIZED (
    -- Many orders first queue: students before devices, each in the order of ids, and all of them before the first
    -- write: two batches that meet wait, they never deadlock between a device and the index that lets a student hold
    -- one device. A single order needs no queue: it holds one device while it waits for one student, and whoever
    -- holds that student waits for nothing of its.
    SELECT id FROM fleet_custodian
    WHERE id = ANY(ARRAY(SELECT to_id FROM asked WHERE (SELECT count(*) FROM asked) > 1)) AND kind = 'student'
    ORDER BY id FOR NO KEY UPDATE
), held AS MATERIALIZED (
    SELECT asked.*, device.last_sequence, device.head_hash, device.custodian_kind, taker.kind AS to_kind
    FROM asked JOIN fleet_device device ON device.id = asked.device_id AND device.custodian_id = asked.from_id
    JOIN fleet_custodian taker ON taker.id = asked.to_id
    WHERE (SELECT count(*) FROM students) >= 0
    ORDER BY device.id FOR NO KEY UPDATE OF device
), whole AS MATERIALIZED (
    SELECT (SELECT count(*) FROM held) = (SELECT count(*) FROM asked) AS is_held
), moved AS (
    INSERT INTO fleet_movement (id, device_id, sequence, previous_sequence, from_custodian_id, from_kind,
        to_custodian_id, to_kind, reason, happened_at, recorded_by_id, evidence, corrects_id, previous_hash)
    SELECT held.id, held.device_id, held.last_sequence + 1, held.last_sequence, held.from_id, held.custodian_kind,
        held.to_id, held.to_kind, held.reason, held.happened_at, held.recorded_by_id, held.evidence,
        held.corrects_id, held.head_hash
    FROM held WHERE (SELECT is_held FROM whole)
    RETURNING id, device_id, sequence, to_custodian_id, to_kind, hash
), pointed AS (
    UPDATE fleet_device device
    SET custodian_id = moved.to_custodian_id, custodian_kind = moved.to_kind,
        last_sequence = moved.sequence, head_hash = moved.hash, changed_in = pg_current_xact_id()
    FROM moved WHERE device.id = moved.device_id
){beside}
-- Where one is missing nothing was written, and the caller learns which.
SELECT id, device_id, last_sequence + 1 FROM held
"""
# Two deliveries that hold the same serial numbers in another order would deadlock in the unique index: one at a time.
_QUEUE_FOR_BIRTHS = "SELECT pg_advisory_xact_lock('fleet_device'::regclass::bigint)"

_BEAR = """
WITH asked AS (
    SELECT nextval(pg_get_serial_sequence('fleet_device', 'id')) AS device_id, asked.*
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[],
                %s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[], %s::bigint[], %s::text[])
    AS asked(id, asset_tag, serial_number, device_model_id, lot_id, region_id, pallet, carton, from_id, to_id, reason,
             happened_at, recorded_by_id, evidence)
), born AS (
    INSERT INTO fleet_movement (id, device_id, sequence, from_custodian_id, from_kind, to_custodian_id, to_kind, reason,
        happened_at, recorded_by_id, evidence, previous_hash)
    SELECT asked.id, asked.device_id, 1, asked.from_id, giver.kind, asked.to_id, taker.kind, asked.reason,
        asked.happened_at, asked.recorded_by_id, asked.evidence, ''::bytea
    FROM asked JOIN fleet_custodian giver ON giver.id = asked.from_id
    JOIN fleet_custodian taker ON taker.id = asked.to_id
    RETURNING id, device_id, to_custodian_id, to_kind, hash
)
INSERT INTO fleet_device (id, region_id, asset_tag, serial_number, device_model_id, lot_id, condition, pallet, carton,
    custodian_id, custodian_kind, last_sequence, head_hash)
SELECT asked.device_id, asked.region_id, asked.asset_tag, asked.serial_number, asked.device_model_id, asked.lot_id,
    'fit', asked.pallet, asked.carton, born.to_custodian_id, born.to_kind, 1, born.hash
FROM born JOIN asked USING (device_id)
RETURNING asset_tag, id
"""

_RECORDED_MOVEMENTS = """
SELECT id, device_id, from_custodian_id, to_custodian_id, reason, happened_at, corrects_id, sequence
FROM fleet_movement WHERE id = ANY(%s::uuid[])
"""

_RECORDED_BIRTHS = """
SELECT movement.id, device.asset_tag, device.serial_number, device.device_model_id, device.lot_id,
    movement.from_custodian_id, movement.to_custodian_id, movement.reason, movement.happened_at, device.id
FROM fleet_movement movement JOIN fleet_device device ON device.id = movement.device_id
WHERE movement.id = ANY(%s::uuid[])
"""

_REFUSAL_OF_CONSTRAINT: dict[str, type[LedgerRefusal]] = {
    "a_student_holds_one_device": StudentAlreadyHolds,
    "movement_is_known_to_the_trade": UnknownToTheTrade,
    "a_movement_goes_somewhere_else": UnknownToTheTrade,
    "a_device_is_born_once": UnknownToTheTrade,
    "a_device_stays_in_its_region": UnknownToTheTrade,
    # Its accounts take nothing in any more: as if there were none.
    "a_closed_lycee_takes_no_pc_in": UnknownToTheTrade,
    "a_correction_restores_what_was_before": NotCorrectable,
    "only_a_correction_names_a_movement": NotCorrectable,
    "fleet_movement_corrects_id_key": NotCorrectable,
    "fleet_movement_pkey": MovementIdReused,
    "fleet_device_asset_tag_key": DeviceAlreadyKnown,
    "fleet_device_serial_number_key": DeviceAlreadyKnown,
    "an_old_tag_is_never_given_again": DeviceAlreadyKnown,
    # Two writers read the same head: the second one believed in a custody that has just moved.
    "a_device_makes_one_movement_at_a_time": CustodyHasMoved,
}


def record_movement(
    *,
    movement_id: UUID,
    device_id: int,
    from_custodian_id: int,
    to_custodian_id: int,
    reason: Reason,
    happened_at: datetime,
    recorded_by_id: int,
    evidence: str = "",
    corrects_id: UUID | None = None,
) -> Recorded:
    """Pass custody of one device. See `record_movements` for refusals."""
    order = MovementOrder(
        movement_id, device_id, from_custodian_id, to_custodian_id, reason, happened_at, recorded_by_id, evidence,
        corrects_id,
    )  # fmt: skip
    return record_movements([order])[0]


def record_movements(
    orders: Sequence[MovementOrder], *, in_savepoint: bool = True, beside: Beside | None = None
) -> list[Recorded]:
    """Pass custody of many devices in one statement, each device once; all or nothing, with what stands beside.

    Return one answer per order, in their order. Raises CustodyHasMoved, StudentAlreadyHolds, UnknownToTheTrade,
    NotCorrectable or MovementIdReused; nothing is written then, and an enclosing transaction stays usable. Without
    savepoint a refusal ends the enclosing transaction: two round trips less for a caller that starts again anyway.
    """
    if not orders:
        return []
    if len({order.device_id for order in orders}) != len(orders):
        raise ValueError("a device moves once per call")
    _refuse_an_id_used_twice(orders)
    # One statement is a transaction already: BEGIN and COMMIT around it would be two round trips for nothing.
    guard = transaction.atomic() if in_savepoint and connection.in_atomic_block else nullcontext()
    statement = _MOVE.format(asked=_ASKED, beside=beside.expressions if beside else "")
    try:
        with guard, connection.cursor() as cursor:
            cursor.execute(statement, {"orders": _as_json(orders), **(beside.parameters if beside else {})})
            rows = {row[0]: row for row in cursor.fetchall()}
            if len(rows) != len(orders):
                raise CustodyHasMoved([order.movement_id for order in orders if order.movement_id not in rows])
    except CustodyHasMoved as missing:
        if not in_savepoint:
            raise
        return _replayed(orders, missing)
    except IntegrityError as error:
        refused = refusal(error, [order.movement_id for order in orders])
        if not in_savepoint:
            raise refused from error
        return _replayed(orders, refused)
    except OperationalError as error:
        if not _is_deadlock(error):
            raise
        # Only where callers make several calls in one transaction: somebody else is moving the same devices right now.
        raise CustodyHasMoved([order.movement_id for order in orders]) from error
    return [Recorded(order.movement_id, order.device_id, rows[order.movement_id][2], False) for order in orders]


def record_births(orders: Sequence[BirthOrder]) -> list[int]:
    """Enter new devices in the books in one statement; all or nothing. Return their ids, in the order of ``orders``.

    The same call again gets the first answer again. Raises DeviceAlreadyKnown where an asset tag or serial number is
    taken, UnknownToTheTrade for an illegal birth, MovementIdReused.
    """
    if not orders:
        return []
    _refuse_an_id_used_twice(orders)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_QUEUE_FOR_BIRTHS)
            cursor.execute(_BEAR, _columns(orders))
            ids = dict(cursor.fetchall())
            if len(ids) != len(orders):
                raise UnknownToTheTrade([order.movement_id for order in orders])
    except IntegrityError as error:
        return _born_before(orders, refusal(error, [order.movement_id for order in orders]))
    return [ids[order.asset_tag] for order in orders]


def constraint_name(error: IntegrityError) -> str:
    """Return the name of the constraint that refused, which is a sentence."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return str(getattr(diagnosis, "constraint_name", "") or "")


def _is_deadlock(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) == "40P01"


def refusal(error: IntegrityError, movement_ids: Sequence[UUID]) -> Exception:
    """Translate a constraint's refusal into the ledger's; an unknown one comes back as it is."""
    named = _REFUSAL_OF_CONSTRAINT.get(constraint_name(error))
    return named(movement_ids) if named else error


def _as_json(orders: Sequence[MovementOrder]) -> str:
    return json.dumps(
        [
            {
                "id": str(order.movement_id),
                "device_id": order.device_id,
                "from_id": order.from_custodian_id,
                "to_id": order.to_custodian_id,
                "reason": order.reason,
                "happened_at": order.happened_at.isoformat(),
                "recorded_by_id": order.recorded_by_id,
                "evidence": order.evidence,
                "corrects_id": str(order.corrects_id) if order.corrects_id else None,
            }
            for order in orders
        ]
    )


def _columns(orders: Sequence[BirthOrder]) -> list[list[Any]]:
    return [list(column) for column in zip(*orders, strict=True)]


def _refuse_an_id_used_twice(orders: Sequence[MovementOrder] | Sequence[BirthOrder]) -> None:
    counts = Counter(order.movement_id for order in orders)
    if twice := [movement_id for movement_id, count in counts.items() if count > 1]:
        raise MovementIdReused(twice)


def _recorded(query: str, orders: Sequence[MovementOrder] | Sequence[BirthOrder]) -> dict[UUID, Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, [[order.movement_id for order in orders]])
        return {row[0]: row for row in cursor.fetchall()}


def _replayed(orders: Sequence[MovementOrder], refused: Exception) -> list[Recorded]:
    """Answer orders that were refused: the first answers again where they are known already, else the refusal.

    Whichever constraint spoke first, a known id decides: its order depends on how a database was restored. A call is
    repeated as a whole: ids that are new beside ids that are known are refused, and nothing is written.
    """
    known = _recorded(_RECORDED_MOVEMENTS, orders)
    reused = [o.movement_id for o in orders if o.movement_id in known and not _says_the_same(o, known[o.movement_id])]
    if reused:
        raise MovementIdReused(reused) from refused
    if not known:
        raise refused
    if unknown := [order.movement_id for order in orders if order.movement_id not in known]:
        raise CustodyHasMoved(unknown) from refused
    return [Recorded(o.movement_id, o.device_id, known[o.movement_id][7], True) for o in orders]


def _says_the_same(order: MovementOrder, row: Sequence[Any]) -> bool:
    # Who sends it again, and with what proof, may differ: a leader replays the copy of a station that died.
    return (
        order.device_id, order.from_custodian_id, order.to_custodian_id, order.reason, order.happened_at,
        order.corrects_id,
    ) == tuple(row[1:7])  # fmt: skip


def _born_before(orders: Sequence[BirthOrder], refused: Exception) -> list[int]:
    """Answer births that were refused: the ids given the first time, or the refusal."""
    known = _recorded(_RECORDED_BIRTHS, orders)
    reused = [o.movement_id for o in orders if o.movement_id in known and not _bears_the_same(o, known[o.movement_id])]
    if reused:
        raise MovementIdReused(reused) from refused
    if not known:
        raise refused
    if len(known) != len(orders):
        raise DeviceAlreadyKnown(list(known)) from refused
    return [known[order.movement_id][9] for order in orders]


def _bears_the_same(order: BirthOrder, row: Sequence[Any]) -> bool:
    return (
        order.asset_tag, order.serial_number, order.device_model_id, order.lot_id, order.from_custodian_id,
        order.to_custodian_id, order.reason, order.happened_at,
    ) == tuple(row[1:9])  # fmt: skip
