"""What the torture does to the ledger: one function per action, each of which makes deeds out of chance.

An action looks at the model, draws, and returns what to send; it never says what must come back: the model does.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID

from cartable.fleet.commands import BirthOrder, MovementOrder
from cartable.fleet.rules import ALLOWED_MOVEMENTS, BIRTH_REASONS, CustodianKind, Reason
from cartable.fleet.torture_model import Books
from cartable.kernel.codes import DEVICE_LETTER, label_code

T = TypeVar("T")
K = CustodianKind
MOST_DEVICES_ALIVE, MOST_STUDENTS = 400, 300
_BEGINNING = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
_PAIRS: dict[Reason, list[tuple[CustodianKind, CustodianKind]]] = {
    reason: sorted((before, after) for known, before, after in ALLOWED_MOVEMENTS if known == reason)
    for reason in Reason
}
_ORDINARY = [reason for reason in Reason if reason not in BIRTH_REASONS and reason != Reason.CORRECTION]


class Chance(Protocol):
    """Where draws come from: `random.Random`, or Hypothesis, which then shrinks what failed."""

    def choice(self, seq: Sequence[T], /) -> T:
        """Draw one of several."""

    def randrange(self, stop: int, /) -> int:
        """Draw a number below ``stop``."""


@dataclass(frozen=True)
class Deed:
    """One call of a command: the verb and what it is given."""

    action: str
    verb: str
    orders: tuple[Any, ...] = ()


@dataclass
class Scene:
    """Everything an action may look at, in one step."""

    books: Books
    chance: Chance
    step: int
    ids: Iterator[UUID]
    author: int
    region: int
    lot: int
    device_model: int
    schools: list[int]

    def moment(self) -> datetime:
        """Return the hour a station tells: about now, sometimes years off, which must decide nothing."""
        drift = self.chance.choice([0, 0, 0, -3600, 3600, -40_000_000, 1_000_000_000])
        return _BEGINNING + timedelta(seconds=self.step * 60 + drift)

    def order(self, device: int, giver: int, taker: int, reason: Reason, corrects: UUID | None = None) -> MovementOrder:
        """Make an order with an id of its own."""
        return MovementOrder(
            next(self.ids), device, giver, taker, reason, self.moment(), self.author, f"torture:{self.step}", corrects
        )

    def legal(self, reason: Reason, among: Sequence[int] = ()) -> MovementOrder | None:
        """Make an order that the trade knows, for a device that is there; None where there is none."""
        books = self.books
        possible = [
            (before, after) for before, after in _PAIRS[reason] if books.by_kind[before] and books.custodians(after)
        ]
        if not possible:
            return None
        before, after = self.chance.choice(possible)
        device = self.chance.choice(books.by_kind[before])
        taker = self.taker(after, avoiding=among)
        return (taker and self.order(device, books.holder[device], taker, reason)) or None

    def taker(self, kind: CustodianKind, avoiding: Sequence[int] = ()) -> int | None:
        """Draw an account of a kind; a student with empty hands, mostly."""
        accounts = [pk for pk in self.books.custodians(kind) if pk not in avoiding]
        if kind == K.STUDENT and self.chance.randrange(10):
            accounts = [pk for pk in accounts if pk not in self.books.held_by] or accounts
        return self.chance.choice(accounts) if accounts else None

    def birth(self, reason: Reason = Reason.RECEIPT, taker: int | None = None, **changes: Any) -> BirthOrder:
        """Make the order of a device that nobody knows yet."""
        number = len(self.books.names) + 1 + self.chance.randrange(3)
        while label_code(DEVICE_LETTER, number) in self.books.tags:
            number += 1
        (supplier, *_), (depot, *_) = self.books.custodians(K.SUPPLIER), self.books.custodians(K.DEPOT)
        order = BirthOrder(
            next(self.ids), label_code(DEVICE_LETTER, number), f"5CG{number:07d}", self.device_model, self.lot,
            self.region, "", "", supplier, taker or depot, reason, self.moment(), self.author, f"torture:{self.step}",
        )  # fmt: skip
        return order._replace(**changes)

    def past(self) -> UUID | None:
        """Draw a movement that was recorded, of a device that lives mostly."""
        device = self.device()
        return self.chance.choice(self.books.history[device]) if device else None

    def device(self) -> int | None:
        """Draw a device, wherever it is."""
        kinds = [kind for kind, devices in self.books.by_kind.items() if devices]
        return self.chance.choice(self.books.by_kind[self.chance.choice(kinds)]) if kinds else None

    def again(self, movement_id: UUID) -> MovementOrder:
        """Make the order of a recorded movement once more, as it was."""
        fact = self.books.facts[movement_id]
        return MovementOrder(
            movement_id, fact.device_id, fact.giver, fact.taker, Reason(fact.reason), fact.happened_at, self.author, "",
            fact.corrects,
        )  # fmt: skip


Action = Callable[[Scene], Deed | None]
ACTIONS: dict[str, Action] = {}


def _action(function: Callable[[Scene], tuple[str, Sequence[Any]] | None]) -> None:
    name = function.__name__.strip("_")

    def act(scene: Scene) -> Deed | None:
        made = function(scene)
        if made is None or (made[0] in {"move", "bear", "correct"} and not made[1]):
            return None
        return Deed(name, made[0], tuple(made[1]))

    ACTIONS[name] = act


def _ordinary(reason: Reason) -> None:
    def act(scene: Scene) -> Deed | None:
        order = scene.legal(reason)
        return Deed(str(reason), "move", (order,)) if order else None

    ACTIONS[str(reason)] = act


for _reason in _ORDINARY:
    _ordinary(_reason)


@_action
def _deliver(scene: Scene) -> tuple[str, Sequence[Any]] | None:
    alive = sum(len(devices) for kind, devices in scene.books.by_kind.items() if kind not in {K.GIVEN, K.DISPOSED})
    if alive >= MOST_DEVICES_ALIVE:
        return None
    first = scene.birth()
    number = int(first.asset_tag[1:9])
    others = [number + n for n in range(1, scene.chance.randrange(5))]
    orders = [first] + [
        first._replace(movement_id=next(scene.ids), asset_tag=label_code(DEVICE_LETTER, n), serial_number=f"5CG{n:07d}")
        for n in others
        if label_code(DEVICE_LETTER, n) not in scene.books.tags
    ]
    return "bear", orders


@_action
def _open_the_books(scene: Scene) -> tuple[str, Sequence[Any]]:
    _supplier, kind = scene.chance.choice(_PAIRS[Reason.OPENING])
    return "bear", [scene.birth(Reason.OPENING, scene.taker(kind))]


@_action
def _deliver_a_known_device(scene: Scene) -> tuple[str, Sequence[Any]] | None:
    device = scene.device()
    if device is None:
        return None
    asset_tag, serial_number = scene.books.names[device]
    changed: dict[str, Any] = (
        {"asset_tag": asset_tag} if scene.chance.randrange(2) else {"serial_number": serial_number}
    )
    return "bear", [scene.birth(**changed)]


@_action
def _deliver_again(scene: Scene) -> tuple[str, Sequence[Any]] | None:
    device = scene.device()
    if device is None:
        return None
    asset_tag, serial_number = scene.books.names[device]
    birth = scene.books.history[device][0]
    fact = scene.books.facts[birth]
    again = scene.birth(
        Reason(fact.reason), fact.taker, movement_id=birth, asset_tag=asset_tag, serial_number=serial_number,
        from_custodian_id=fact.giver, happened_at=fact.happened_at,
    )  # fmt: skip
    # The same line, the same with one word changed, or beside a line that is new.
    orders = scene.chance.choice([[again], [again._replace(serial_number="5CGOTHER")], [again, scene.birth()]])
    return "bear", orders


@_action
def _deliver_from_nowhere(scene: Scene) -> tuple[str, Sequence[Any]]:
    reason = scene.chance.choice([reason for reason in _ORDINARY if reason != Reason.CHECK_OUT])
    giver, taker = (scene.chance.choice(list(scene.books.kinds)) for _ in range(2))
    return "bear", [scene.birth(reason, taker, from_custodian_id=giver)]


@_action
def _correct_the_last(scene: Scene) -> tuple[str, Sequence[Any]] | None:
    device = scene.device()
    return (device and ("correct", [(next(scene.ids), scene.books.history[device][-1], scene.moment())])) or None


@_action
def _correct_any(scene: Scene) -> tuple[str, Sequence[Any]] | None:
    past = scene.past()
    return (past and ("correct", [(next(scene.ids), past, scene.moment())])) or None


@_action
def _correct_twice(scene: Scene) -> tuple[str, Sequence[Any]] | None:
    device = scene.device()
    corrected = [m for m in scene.books.history.get(device or 0, []) if m in scene.books.corrected]
    return ("correct", [(next(scene.ids), scene.chance.choice(corrected), scene.moment())]) if corrected else None


@_action
def _correct_nothing(scene: Scene) -> tuple[str, Sequence[Any]]:
    return "correct", [(next(scene.ids), next(scene.ids), scene.moment())]


@_action
def _correct_wrongly(scene: Scene) -> tuple[str, Sequence[Any]] | None:
    """A correction that names nothing, or another device's movement, or an ordinary one that names something."""
    order, past = scene.legal(scene.chance.choice(_ORDINARY)), scene.past()
    if order is None:
        return None
    wrong = [
        order._replace(corrects_id=past),
        order._replace(reason=Reason.CORRECTION),
        order._replace(reason=Reason.CORRECTION, corrects_id=past),
    ]
    return "move", [scene.chance.choice(wrong)]


@_action
def _say_it_again(scene: Scene) -> tuple[str, Sequence[Any]] | None:
    """A lost answer: the same movement, late or at once; births answer through `enter_devices`."""
    past = scene.past()
    return (past and ("move", [scene.again(past)])) or None


@_action
def _say_a_batch_again(scene: Scene) -> tuple[str, Sequence[Any]]:
    """Several recorded movements once more, in any order, each of another device."""
    pasts = {scene.books.facts[past].device_id: past for past in (scene.past() for _ in range(4)) if past}
    return "move", [scene.again(past) for past in pasts.values()]


@_action
def _use_an_id_again(scene: Scene) -> tuple[str, Sequence[Any]] | None:
    order, past = scene.legal(scene.chance.choice(_ORDINARY)), scene.past()
    if order is None or past is None:
        return None
    other_hour = scene.again(past)._replace(happened_at=scene.moment() + timedelta(microseconds=1))
    return "move", [scene.chance.choice([order._replace(movement_id=past), other_hour])]


@_action
def _use_an_id_twice(scene: Scene) -> tuple[str, Sequence[Any]] | None:
    orders = _several(scene, scene.chance.choice(_ORDINARY), 2)
    return ("move", [order._replace(movement_id=orders[0].movement_id) for order in orders]) if orders else None


@_action
def _scan_late(scene: Scene) -> tuple[str, Sequence[Any]] | None:
    """A station believes in a custody of some time ago, and sends what was true then under an id of its own."""
    past = scene.past()
    if past is None:
        return None
    fact = scene.books.facts[past]
    reason = Reason(fact.reason)
    if reason == Reason.CORRECTION:
        return None
    return "move", [scene.order(fact.device_id, fact.giver, fact.taker, reason)]


@_action
def _give_a_second_device(scene: Scene) -> tuple[str, Sequence[Any]] | None:
    order = scene.legal(scene.chance.choice([Reason.CHECK_OUT, Reason.LOAN]))
    holders = list(scene.books.held_by)
    return ("move", [order._replace(to_custodian_id=scene.chance.choice(holders))]) if order and holders else None


@_action
def _give_two_devices_to_one_student(scene: Scene) -> tuple[str, Sequence[Any]] | None:
    orders = _several(scene, Reason.CHECK_OUT, 3)
    return (
        ("move", [o._replace(to_custodian_id=orders[0].to_custodian_id) for o in orders]) if len(orders) > 1 else None
    )


@_action
def _do_what_no_trade_knows(scene: Scene) -> tuple[str, Sequence[Any]] | None:
    device = scene.device()
    if device is None:
        return None
    taker = scene.chance.choice(list(scene.books.kinds))
    reason = scene.chance.choice([*_ORDINARY, *sorted(BIRTH_REASONS)])
    return "move", [scene.order(device, scene.books.holder[device], taker, reason)]


@_action
def _go_nowhere(scene: Scene) -> tuple[str, Sequence[Any]] | None:
    order = scene.legal(scene.chance.choice(_ORDINARY))
    return ("move", [order._replace(to_custodian_id=order.from_custodian_id)]) if order else None


@_action
def _move_an_unknown_device(scene: Scene) -> tuple[str, Sequence[Any]] | None:
    order = scene.legal(scene.chance.choice(_ORDINARY))
    return ("move", [order._replace(device_id=10**12)]) if order else None


@_action
def _move_a_batch(scene: Scene) -> tuple[str, Sequence[Any]]:
    """A pallet, a class, the scans of a station."""
    reason = scene.chance.choice(
        [Reason.ALLOTMENT, Reason.CHECK_OUT, Reason.CHECK_IN, Reason.LEFTOVER, Reason.REIMAGED]
    )
    return "move", _several(scene, reason, 2 + scene.chance.randrange(8))


@_action
def _move_a_batch_with_one_bad_order(scene: Scene) -> tuple[str, Sequence[Any]] | None:
    orders = _several(scene, scene.chance.choice([Reason.ALLOTMENT, Reason.CHECK_IN]), 6)
    if len(orders) < 2:
        return None
    wrong: dict[str, Any] = scene.chance.choice(
        [{"from_custodian_id": orders[0].to_custodian_id}, {"reason": Reason.GIFT}]
    )
    if scene.books.kinds[orders[0].from_custodian_id] == K.STUDENT and "reason" in wrong:
        wrong = {"reason": Reason.ALLOTMENT}
    return "move", [*orders[:-1], orders[-1]._replace(**wrong)]


@_action
def _move_a_batch_that_was_sent_in_part(scene: Scene) -> tuple[str, Sequence[Any]] | None:
    orders, past = _several(scene, Reason.ALLOTMENT, 3), scene.past()
    devices = {order.device_id for order in orders}
    if past is None or scene.books.facts[past].device_id in devices:
        return None
    return "move", [*orders, scene.again(past)]


@_action
def _enter_a_student(scene: Scene) -> tuple[str, Sequence[Any]] | None:
    if len(scene.books.custodians(K.STUDENT)) >= MOST_STUDENTS:
        return None
    return "enter_student", [scene.chance.choice(scene.schools)]


@_action
def _change_school(scene: Scene) -> tuple[str, Sequence[Any]]:
    students = scene.books.custodians(K.STUDENT)
    chosen = sorted({scene.chance.choice(students) for _ in range(3)})
    return "affiliate", [scene.chance.choice(scene.schools), *chosen]


@_action
def _take_the_daily_root(scene: Scene) -> tuple[str, Sequence[Any]]:
    return "root", ()


def _several(scene: Scene, reason: Reason, count: int) -> list[MovementOrder]:
    """Make legal orders of one reason, each for another device and another student."""
    orders: dict[int, MovementOrder] = {}
    takers: list[int] = []
    for _ in range(count):
        order = scene.legal(reason, among=takers)
        if order and order.device_id not in orders:
            orders[order.device_id] = order
            if scene.books.kinds[order.to_custodian_id] == K.STUDENT:
                takers.append(order.to_custodian_id)
    return list(orders.values())
