"""What the ledger should answer, written a second time in plain Python: dictionaries instead of constraints.

The torture plays the same orders to both and compares. Nothing here touches a database, except `read_books`, which
starts the model from the state of one (a run that was killed goes on from there).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from cartable.fleet.commands import BirthOrder, MovementOrder
from cartable.fleet.rules import BIRTH_REASONS, CustodianKind, Reason, is_allowed


class Fact(NamedTuple):
    """One movement, as far as a repetition of it must say the same."""

    device_id: int
    giver: int
    taker: int
    reason: str
    happened_at: datetime
    corrects: UUID | None
    sequence: int


class Verdict(NamedTuple):
    """What must come back: the sequences with ``replayed``, or one of ``codes``."""

    codes: frozenset[str]
    answers: tuple[tuple[int, bool], ...] = ()


@dataclass
class Books:
    """The whole state of a ledger: custodians with kind and school, devices with holder and history."""

    kinds: dict[int, CustodianKind] = field(default_factory=dict)
    schools: dict[int, int | None] = field(default_factory=dict)
    holder: dict[int, int] = field(default_factory=dict)
    history: dict[int, list[UUID]] = field(default_factory=dict)
    facts: dict[UUID, Fact] = field(default_factory=dict)
    names: dict[int, tuple[str, str]] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    serials: set[str] = field(default_factory=set)
    corrected: set[UUID] = field(default_factory=set)
    held_by: dict[int, int] = field(default_factory=dict)
    # Devices by kind of holder, in lists that a random choice can index; a device knows its place in its list.
    by_kind: dict[CustodianKind, list[int]] = field(default_factory=lambda: {kind: [] for kind in CustodianKind})
    _place: dict[int, int] = field(default_factory=dict)

    def add_custodian(self, custodian_id: int, kind: CustodianKind, school_id: int | None) -> None:
        """Open an account."""
        self.kinds[custodian_id], self.schools[custodian_id] = kind, school_id

    def custodians(self, kind: CustodianKind) -> list[int]:
        """List the accounts of a kind."""
        return [pk for pk, known in self.kinds.items() if known == kind]

    def judge_movements(self, orders: Sequence[MovementOrder]) -> Verdict:
        """Say what the ledger must answer to these orders."""
        known = [order for order in orders if order.movement_id in self.facts]
        if len({order.movement_id for order in orders}) != len(orders):
            return Verdict(frozenset({"id_reused"}))
        if any(not self._says_the_same(order) for order in known):
            return Verdict(frozenset({"id_reused"}))
        if known and len(known) < len(orders):
            return Verdict(frozenset({"custody_has_moved"}))
        if known:
            return Verdict(frozenset(), tuple((self.facts[o.movement_id].sequence, True) for o in orders))
        codes = frozenset().union(*(self._refusals(order) for order in orders)) | self._crowded(orders)
        if codes:
            return Verdict(codes)
        return Verdict(codes, tuple((len(self.history[o.device_id]) + 1, False) for o in orders))

    def judge_births(self, orders: Sequence[BirthOrder]) -> Verdict:
        """Say what the ledger must answer to these births; an answer's sequence is then a device id or 0."""
        known = [order for order in orders if order.movement_id in self.facts]
        if any(not self._bears_the_same(order) for order in known):
            return Verdict(frozenset({"id_reused"}))
        if known and len(known) < len(orders):
            return Verdict(frozenset({"device_already_known"}))
        if known:
            return Verdict(frozenset(), tuple((self.facts[o.movement_id].device_id, True) for o in orders))
        codes: set[str] = set()
        if self._names_taken(orders):
            codes.add("device_already_known")
        for order in orders:
            kinds = self.kinds[order.from_custodian_id], self.kinds[order.to_custodian_id]
            if order.reason not in BIRTH_REASONS or not is_allowed(order.reason, *kinds):
                codes.add("unknown_to_the_trade")
            elif order.to_custodian_id in self.held_by:
                codes.add("already_equipped")
        return Verdict(frozenset(codes), () if codes else tuple((0, False) for _ in orders))

    def apply_movements(self, orders: Sequence[MovementOrder]) -> None:
        """Write movements that were accepted."""
        for order in orders:
            self._leave(order.device_id)
            self._write(
                order.movement_id,
                Fact(
                    order.device_id, order.from_custodian_id, order.to_custodian_id, str(order.reason),
                    order.happened_at, order.corrects_id, len(self.history[order.device_id]) + 1,
                ),
            )  # fmt: skip

    def apply_births(self, orders: Sequence[BirthOrder], device_ids: Sequence[int]) -> None:
        """Write births that were accepted."""
        for order, device_id in zip(orders, device_ids, strict=True):
            self._name(device_id, order.asset_tag, order.serial_number)
            self._write(
                order.movement_id,
                Fact(
                    device_id, order.from_custodian_id, order.to_custodian_id, str(order.reason), order.happened_at,
                    None, 1,
                ),
            )  # fmt: skip

    def _refusals(self, order: MovementOrder) -> set[str]:
        if self.holder.get(order.device_id) != order.from_custodian_id:
            return {"custody_has_moved"}
        codes = set()
        kinds = self.kinds[order.from_custodian_id], self.kinds[order.to_custodian_id]
        if (
            order.reason in BIRTH_REASONS
            or order.from_custodian_id == order.to_custodian_id
            or not is_allowed(order.reason, *kinds)
        ):
            codes.add("unknown_to_the_trade")
        if not self._corrects_rightly(order):
            codes.add("not_correctable")
        if order.to_custodian_id in self.held_by:
            codes.add("already_equipped")
        return codes

    def _corrects_rightly(self, order: MovementOrder) -> bool:
        if order.reason != Reason.CORRECTION or order.corrects_id is None:
            return order.reason != Reason.CORRECTION and order.corrects_id is None
        corrected = self.facts.get(order.corrects_id)
        return (
            corrected is not None
            and order.corrects_id not in self.corrected
            and corrected[:3] == (order.device_id, order.to_custodian_id, order.from_custodian_id)
        )

    def _crowded(self, orders: Sequence[MovementOrder]) -> frozenset[str]:
        takers = [o.to_custodian_id for o in orders if self.kinds[o.to_custodian_id] == CustodianKind.STUDENT]
        return frozenset({"already_equipped"} if len(set(takers)) < len(takers) else ())

    def _names_taken(self, orders: Sequence[BirthOrder]) -> bool:
        tags, serials = [o.asset_tag for o in orders], [o.serial_number for o in orders]
        return (
            len(set(tags)) < len(tags) or len(set(serials)) < len(serials)
            or not self.tags.isdisjoint(tags) or not self.serials.isdisjoint(serials)
        )  # fmt: skip

    def _says_the_same(self, order: MovementOrder) -> bool:
        said = (
            order.device_id, order.from_custodian_id, order.to_custodian_id, str(order.reason), order.happened_at,
            order.corrects_id,
        )  # fmt: skip
        return said == self.facts[order.movement_id][:6]

    def _bears_the_same(self, order: BirthOrder) -> bool:
        fact = self.facts[order.movement_id]
        said = (order.from_custodian_id, order.to_custodian_id, str(order.reason), order.happened_at)
        return said == fact[1:5] and self.names[fact.device_id] == (order.asset_tag, order.serial_number)

    def _name(self, device_id: int, asset_tag: str, serial_number: str) -> None:
        self.names[device_id] = asset_tag, serial_number
        self.tags.add(asset_tag)
        self.serials.add(serial_number)
        self.history[device_id] = []

    def _leave(self, device_id: int) -> None:
        kept = self.by_kind[self.kinds[self.holder[device_id]]]
        place, moved = self._place[device_id], kept.pop()
        if moved != device_id:
            kept[place], self._place[moved] = moved, place
        self.held_by.pop(self.holder[device_id], None)

    def _write(self, movement_id: UUID, fact: Fact) -> None:
        self.facts[movement_id] = fact
        self.history[fact.device_id].append(movement_id)
        self.holder[fact.device_id] = fact.taker
        kept = self.by_kind[self.kinds[fact.taker]]
        self._place[fact.device_id] = len(kept)
        kept.append(fact.device_id)
        if fact.corrects is not None:
            self.corrected.add(fact.corrects)
        if self.kinds[fact.taker] == CustodianKind.STUDENT:
            self.held_by[fact.taker] = fact.device_id


def read_books() -> Books:
    """Build the model from the database: custodians, devices' names, and every movement in its order."""
    books = Books()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, kind, school_id FROM fleet_custodian ORDER BY id")
        for pk, kind, school_id in cursor.fetchall():
            books.add_custodian(pk, CustodianKind(kind), school_id)
        cursor.execute("SELECT id, asset_tag, serial_number FROM fleet_device")
        for pk, asset_tag, serial_number in cursor.fetchall():
            books._name(pk, asset_tag, serial_number)
        cursor.execute(
            "SELECT id, device_id, from_custodian_id, to_custodian_id, reason, happened_at, corrects_id, sequence"
            " FROM fleet_movement ORDER BY position"
        )
        for movement_id, *fact in cursor.fetchall():
            if fact[0] in books.holder:
                books._leave(fact[0])
            books._write(movement_id, Fact(*fact))
    return books
