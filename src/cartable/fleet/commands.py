"""Open accounts and move devices: every write of the fleet, through the ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction

from cartable.fleet import ledger
from cartable.fleet.ledger import (
    BirthOrder,
    CustodyHasMoved,
    DeviceAlreadyKnown,
    LedgerRefusal,
    MovementIdReused,
    MovementOrder,
    NotCorrectable,
    Recorded,
    StudentAlreadyHolds,
    UnknownToTheTrade,
)
from cartable.fleet.models import DailyRoot, DeviceModel, Lot, Movement, SerialChange, TagChange
from cartable.fleet.rules import END_KINDS, Condition, CustodianKind, Reason

__all__ = [
    "BirthOrder",
    "CustodyHasMoved",
    "DeviceAlreadyKnown",
    "LedgerRefusal",
    "MovementIdReused",
    "MovementOrder",
    "NotCorrectable",
    "Recorded",
    "StudentAlreadyHolds",
    "UnknownToTheTrade",
    "affiliate_custodians",
    "change_serial",
    "change_tag",
    "correct_movement",
    "enter_devices",
    "hold_custody",
    "hold_stocks",
    "name_device_models",
    "open_contractor_account",
    "open_lot",
    "open_region_accounts",
    "open_school_accounts",
    "open_shipment_accounts",
    "open_student_accounts",
    "open_transit_account",
    "pass_custody",
    "set_condition",
    "take_daily_root",
]

_OPEN_ONCE = """
INSERT INTO fleet_custodian (region_id, kind, school_id, contractor_id, opened_at)
SELECT %s, kind, %s, %s, %s FROM unnest(%s::text[]) AS kind
WHERE NOT EXISTS (
    SELECT FROM fleet_custodian c WHERE c.kind = kind.kind AND c.region_id = %s
    AND c.school_id IS NOT DISTINCT FROM %s AND c.contractor_id IS NOT DISTINCT FROM %s)
"""
_ACCOUNTS = """
SELECT kind, id FROM fleet_custodian
WHERE kind = ANY(%s) AND region_id = %s AND school_id IS NOT DISTINCT FROM %s AND contractor_id IS NOT DISTINCT FROM %s
ORDER BY id DESC
"""


def open_region_accounts(*, region_id: int, opened_at: datetime) -> dict[CustodianKind, int]:
    """Open the depot, the claims and the ends of a region, where they are missing. Return kind → custodian id."""
    kinds = [CustodianKind.DEPOT, CustodianKind.CLAIM, *END_KINDS]
    return _open_accounts(kinds, region_id=region_id, opened_at=opened_at)


def open_school_accounts(*, region_id: int, school_id: int, opened_at: datetime) -> dict[CustodianKind, int]:
    """Open the allotment, the emergency stock and the bench of a school. Return kind → custodian id."""
    kinds = [CustodianKind.SCHOOL_ALLOTMENT, CustodianKind.EMERGENCY_STOCK, CustodianKind.SCHOOL_BENCH]
    return _open_accounts(kinds, region_id=region_id, school_id=school_id, opened_at=opened_at)


def open_contractor_account(*, region_id: int, contractor_id: int, kind: CustodianKind, opened_at: datetime) -> int:
    """Open the account of a supplier or a repairer. Return its id."""
    return _open_accounts([kind], region_id=region_id, contractor_id=contractor_id, opened_at=opened_at)[kind]


def open_transit_account(*, region_id: int, opened_at: datetime) -> int:
    """Open the account of what is on its way between two places of a region, where it is missing. Return its id."""
    return _open_accounts([CustodianKind.TRANSIT], region_id=region_id, opened_at=opened_at)[CustodianKind.TRANSIT]


def open_shipment_accounts(*, region_id: int, count: int, opened_at: datetime) -> list[int]:
    """Open the account of what each of ``count`` shipments carries. Return their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO fleet_custodian (region_id, kind, opened_at)"
            " SELECT %s, 'transit', %s FROM generate_series(1, %s) RETURNING id",
            [region_id, opened_at, count],
        )
        return [row[0] for row in cursor.fetchall()]


def _open_accounts(
    kinds: Iterable[CustodianKind],
    *,
    region_id: int,
    opened_at: datetime,
    school_id: int | None = None,
    contractor_id: int | None = None,
) -> dict[CustodianKind, int]:
    owner = [region_id, school_id, contractor_id]
    names = [str(kind) for kind in kinds]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_OPEN_ONCE, [region_id, school_id, contractor_id, opened_at, names, *owner])
        cursor.execute(_ACCOUNTS, [names, *owner])
        return {CustodianKind(kind): pk for kind, pk in cursor.fetchall()}


def open_student_accounts(
    *, region_id: int, school_ids: Sequence[int], opened_at: datetime, recorded_by_id: int
) -> list[int]:
    """Open one account per entry of ``school_ids``, affiliated to that school. Return ids in the same order."""
    if not school_ids:
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        # One statement: ids are drawn first, so that order is ours and not the executor's.
        cursor.execute(
            """
            WITH drawn AS (
                SELECT nextval(pg_get_serial_sequence('fleet_custodian', 'id')) AS id, school_id, place
                FROM unnest(%s::bigint[]) WITH ORDINALITY AS asked(school_id, place)
            ), opened AS (
                INSERT INTO fleet_custodian (id, region_id, kind, school_id, opened_at)
                SELECT id, %s, 'student', school_id, %s FROM drawn
            ), affiliated AS (
                INSERT INTO fleet_affiliation (custodian_id, school_id, starts_at, recorded_by_id)
                SELECT id, school_id, %s, %s FROM drawn
            )
            SELECT id FROM drawn ORDER BY place
            """,
            [list(school_ids), region_id, opened_at, opened_at, recorded_by_id],
        )
        return [row[0] for row in cursor.fetchall()]


def affiliate_custodians(
    *, custodian_ids: Sequence[int], school_id: int, starts_at: datetime, recorded_by_id: int
) -> None:
    """Say that these custodians count for another school from now on; no device moves."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH changed AS (
                UPDATE fleet_custodian SET school_id = %s WHERE id = ANY(%s) AND school_id IS DISTINCT FROM %s RETURNING id
            )
            INSERT INTO fleet_affiliation (custodian_id, school_id, starts_at, recorded_by_id)
            SELECT id, %s, %s, %s FROM changed
            """,
            [school_id, list(custodian_ids), school_id, school_id, starts_at, recorded_by_id],
        )


def open_lot(*, region_id: int, reference: str, received_on: date) -> Lot:
    """Return the accounting batch of this reference, opened where it is missing; two who open it at once get one."""
    lot = Lot(region_id=region_id, reference=reference, received_on=received_on)
    Lot.objects.bulk_create([lot], ignore_conflicts=True)
    return Lot.objects.get(region_id=region_id, reference=reference)


def name_device_models(*, region_id: int, names: Iterable[str]) -> dict[str, int]:
    """Return the id of each model name, adding those that are new."""
    wanted = sorted(set(names))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO fleet_devicemodel (region_id, name) SELECT %s, unnest(%s::text[]) ON CONFLICT DO NOTHING",
            [region_id, wanted],
        )
    return dict(DeviceModel.objects.filter(region_id=region_id, name__in=wanted).values_list("name", "pk"))


def enter_devices(orders: Sequence[BirthOrder]) -> list[int]:
    """Enter new devices in the books with their first movement. Raises `DeviceAlreadyKnown`."""
    return ledger.record_births(orders)


def pass_custody(orders: Sequence[MovementOrder]) -> list[Recorded]:
    """Pass custody of devices, all or nothing. Raises the ledger's refusals."""
    return ledger.record_movements(orders)


def hold_custody(*, custodian_ids: Sequence[int], device_ids: Sequence[int]) -> None:
    """Hold students' accounts and devices until the transaction ends, in the ledger's order, so that none of them moves."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM fleet_custodian WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [list(custodian_ids)]
        )
        cursor.execute(
            "SELECT id FROM fleet_device WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [list(device_ids)]
        )


def hold_stocks(*, school_id: int) -> dict[CustodianKind, int]:
    """Hold the accounts of a school until the transaction ends: no PC comes in or goes meanwhile. Return kind → id.

    Students' accounts and PCs are held before (`hold_custody`): whoever moves one of them has its own already, and waits
    for these only with its movement.
    """
    kinds = [CustodianKind.SCHOOL_ALLOTMENT, CustodianKind.EMERGENCY_STOCK, CustodianKind.SCHOOL_BENCH]
    with connection.cursor() as cursor:
        # "For update", not "for no key update": the foreign key of a movement must wait for it.
        cursor.execute(
            "SELECT kind, id FROM fleet_custodian WHERE school_id = %s AND kind = ANY(%s) ORDER BY id FOR UPDATE",
            [school_id, list(map(str, kinds))],
        )
        return {CustodianKind(kind): pk for kind, pk in cursor.fetchall()}


def set_condition(*, device_ids: Sequence[int], condition: Condition) -> None:
    """Say in what state devices are; custody does not change."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE fleet_device SET condition = %s, changed_in = pg_current_xact_id() WHERE id = ANY(%s)",
            [str(condition), list(device_ids)],
        )


def change_serial(
    *, device_id: int, new_serial: str, changed_at: datetime, changed_by_id: int, evidence: str
) -> SerialChange | None:
    """Give a device another serial number; the old one still names it. None where it bears that number already.

    Raises DeviceAlreadyKnown where another device bears it.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT serial_number FROM fleet_device WHERE id = %s FOR NO KEY UPDATE", [device_id])
        (old_serial,) = cursor.fetchone()
        if old_serial == new_serial:
            return None
        try:
            with transaction.atomic():
                cursor.execute(
                    "UPDATE fleet_device SET serial_number = %s, changed_in = pg_current_xact_id() WHERE id = %s",
                    [new_serial, device_id],
                )
        except IntegrityError as error:
            raise DeviceAlreadyKnown from error
        return SerialChange.objects.create(
            device_id=device_id,
            old_serial=old_serial,
            new_serial=new_serial,
            changed_at=changed_at,
            changed_by_id=changed_by_id,
            evidence=evidence,
        )


def change_tag(*, device_id: int, new_tag: str, changed_at: datetime, changed_by_id: int) -> TagChange | None:
    """Give a device another tag; the old one still names it. None where it bears that tag already.

    Raises DeviceAlreadyKnown where another device bears it, or some device ever bore it.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT asset_tag FROM fleet_device WHERE id = %s FOR NO KEY UPDATE", [device_id])
        (old_tag,) = cursor.fetchone()
        if old_tag == new_tag:
            return None
        try:
            with transaction.atomic():
                cursor.execute(
                    "UPDATE fleet_device SET asset_tag = %s, changed_in = pg_current_xact_id() WHERE id = %s",
                    [new_tag, device_id],
                )
        except IntegrityError as error:
            raise ledger.refusal(error, []) from error
        return TagChange.objects.create(
            device_id=device_id, old_tag=old_tag, new_tag=new_tag, changed_at=changed_at, changed_by_id=changed_by_id
        )


def correct_movement(
    *, movement_id: UUID, corrected_id: UUID, happened_at: datetime, recorded_by_id: int, evidence: str = ""
) -> Recorded:
    """Undo one movement with another that names it: the device goes back where it came from.

    Raises NotCorrectable where there is no such movement or it is corrected already, CustodyHasMoved where the device
    has moved on since.
    """
    corrected = Movement.objects.filter(pk=corrected_id).first()
    if corrected is None:
        raise NotCorrectable([movement_id])
    return ledger.record_movement(
        movement_id=movement_id,
        device_id=corrected.device_id,
        from_custodian_id=corrected.to_custodian_id,
        to_custodian_id=corrected.from_custodian_id,
        reason=Reason.CORRECTION,
        happened_at=happened_at,
        recorded_by_id=recorded_by_id,
        evidence=evidence,
        corrects_id=corrected_id,
    )


@dataclass(frozen=True)
class Root:
    """A hash over the heads of all chains, up to a position of the ledger."""

    root: bytes
    device_count: int
    last_position: int


def take_daily_root(*, taken_at: datetime) -> Root:
    """Hash the heads of all chains, in the order of device ids, and keep the result.

    Writers wait meanwhile (0.2 s for 200,000 devices): a movement in flight would leave the root unrepeatable.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE fleet_device IN SHARE MODE")
        cursor.execute(
            "SELECT sha256(coalesce(string_agg(head_hash, ''::bytea ORDER BY id), ''::bytea)), count(*),"
            " (SELECT coalesce(max(position), 0) FROM fleet_movement) FROM fleet_device"
        )
        root, device_count, last_position = cursor.fetchone()
        DailyRoot.objects.create(taken_at=taken_at, root=root, device_count=device_count, last_position=last_position)
    return Root(bytes(root), device_count, last_position)


@transaction.atomic
def read_stocks(*, now: datetime) -> None:
    """Count the devices of every region by kind of custodian, for pages that would else count a whole park."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO fleet_stockreading (region_id, kind, device_count, read_at)
            SELECT region_id, custodian_kind, count(*), %s FROM fleet_device GROUP BY region_id, custodian_kind
            ON CONFLICT (region_id, kind) DO UPDATE SET device_count = excluded.device_count, read_at = excluded.read_at
            """,
            [now],
        )
        cursor.execute("DELETE FROM fleet_stockreading WHERE read_at <> %s", [now])


def new_id() -> UUID:
    """Make an id for a movement that starts here (a page, an import), not at a station."""
    return uuid4()
