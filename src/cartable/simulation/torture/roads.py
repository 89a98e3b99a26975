"""Gestures of the depot and of the road: PCs delivered, topped up, sent, received, missing, settled; students who move."""

from uuid import UUID

from django.db import transaction

from cartable.emergency_stock.commands.top_ups import Grant, ask_for_top_up, grant_top_ups
from cartable.fleet.commands import BirthOrder, affiliate_custodians, enter_devices, open_region_accounts
from cartable.fleet.models import Custodian, Device
from cartable.fleet.rules import CustodianKind, Reason
from cartable.kernel.codes import DEVICE_LETTER, label_code
from cartable.organisations.models import School
from cartable.simulation.torture.scene import Deed, Scene, student
from cartable.simulation.torture.world import HOT, Line, Pc, Place, Shipment
from cartable.supply.commands import (
    Consignment,
    close_receipt,
    dispatch_shipments,
    recall_shipment,
    receive_devices,
    settle_difference,
)
from cartable.supply.models import ShipmentLine
from cartable.supply.rules import Ends, Remedy

MOST_PCS = 60
_PLACES = ("depot", "emergency_stock", "school_bench", "school_allotment")


def deliver(scene: Scene) -> Deed | None:
    """A supplier delivers PCs to the depot."""
    known = len(scene.world.pcs)
    if known >= MOST_PCS:
        return None
    depot = open_region_accounts(region_id=scene.region, opened_at=scene.at)[CustodianKind.DEPOT]
    orders = [
        BirthOrder(
            scene.id(), label_code(DEVICE_LETTER, 1000 + known + n), f"5CG{known + n:07d}", scene.device_model,
            scene.lot, scene.region, "", "", scene.supplier, depot, Reason.RECEIPT, scene.at, scene.by,
        )
        for n in range(4)
    ]  # fmt: skip

    def effect() -> None:
        for pk in Device.objects.exclude(pk__in=scene.world.pcs).values_list("pk", flat=True).order_by("pk"):
            scene.world.pcs[pk] = Pc("depot", None)

    return Deed(lambda: enter_devices(orders), set(), effect)


def top_up(scene: Scene) -> Deed | None:
    """A lycée asks, the region grants: the first fit PCs of the depot leave for its reserve."""
    school, count, ask = scene.school(), scene.chance.randint(1, 4), scene.id()
    ready = [pk for pk, pc in scene.world.pcs.items() if pc.place == ("depot", None) and pc.condition == "fit"]

    def call() -> None:
        with transaction.atomic():
            ask_for_top_up(top_up_id=ask, school=School.objects.get(pk=school), count=count, **scene.said("asked"))
            [shipment] = grant_top_ups([Grant(ask, count)], region_id=scene.region, **scene.said("decided")).values()
            sent.append(shipment)

    sent: list[UUID] = []
    reasons = set() if len(ready) >= count else {"not_enough_devices"}
    return Deed(
        call, reasons, lambda: _sent(scene, sent[0], ("depot", None), ("emergency_stock", school), ready[:count])
    )


def send(scene: Scene) -> Deed | None:
    """Somebody sends PCs from one place to another, by scan."""
    first = scene.pc(lambda pc: pc.kind in _PLACES)
    if first is None:
        return None
    world = scene.world
    origin = world.pcs[first].place
    if origin[0] not in _PLACES:
        origin = ("emergency_stock", scene.school())
    beside = [pk for pk, pc in world.pcs.items() if pc.place == origin and pk != first]
    devices = sorted({first, *beside[: scene.chance.randint(0, 2)]})
    kind = scene.some(_PLACES)
    assert kind is not None
    goal = (kind, None if kind == "depot" else scene.school())
    reasons = {"same_place"} if origin == goal else set()
    if any(world.pcs[pk].place != origin for pk in devices):
        reasons.add("custody_has_moved")
    if kind in {"emergency_stock", "school_allotment"} and any(world.pcs[pk].condition != "fit" for pk in devices):
        reasons.add("not_fit")
    if any(world.ticket_of(pk) for pk in devices):
        reasons.add("in_repair")
    shipment = scene.id()
    sent = Consignment(shipment, account(origin), account(goal), device_ids=tuple(devices))
    return Deed(
        lambda: dispatch_shipments([sent], region_id=scene.region, **scene.said("dispatched")),
        reasons,
        lambda: _sent(scene, shipment, origin, goal, devices),
    )


def account(place: Place) -> int:
    """Return the account of a place."""
    kind, school = place
    return Custodian.objects.values_list("pk", flat=True).get(kind=kind, school_id=school)


def _sent(scene: Scene, shipment: UUID, origin: Place, goal: Place, devices: list[int]) -> None:
    scene.world.shipments[shipment] = Shipment(origin, goal, lines={pk: Line(True) for pk in sorted(devices)})
    for pk in devices:
        scene.world.move(pk, "transit", shipment)


def receive(scene: Scene) -> Deed | None:
    """Somebody scans a PC where a shipment arrives: one that is announced, sometimes any other."""
    shipment_id = scene.one(scene.world.shipments)
    if shipment_id is None:
        return None
    shipment = scene.world.shipments[shipment_id]
    device = scene.pc(lambda pc: pc.place == ("transit", shipment_id))
    assert device is not None
    pc, line = scene.world.pcs[device], shipment.lines.get(device)
    is_strange = line is None and pc.kind not in HOT

    def effect() -> None:
        if line is not None and pc.place == ("transit", shipment_id):
            if line.difference:
                line.remedy = "found"
            else:
                line.has_arrived = True
            scene.world.move(device, *shipment.goal)
        elif is_strange:
            shipment.lines[device] = Line(False, difference="unexpected")

    return Deed(
        lambda: receive_devices(shipment_id=shipment_id, device_ids=[device], **scene.said("received")),
        {"shipment_is_closed"} if shipment.is_closed and is_strange else set(),
        effect,
    )


def close(scene: Scene) -> Deed | None:
    """Somebody says that all that came is in; what they saw is sometimes not so any more."""
    shipment_id = scene.one(scene.world.shipments)
    if shipment_id is None:
        return None
    shipment = scene.world.shipments[shipment_id]
    late = {pk: one for pk, one in shipment.lines.items() if one.is_on_the_road and not one.difference}
    seen = len(late) + (scene.chance.random() < 0.15)

    def effect() -> None:
        shipment.is_closed = True
        for one in late.values():
            one.difference = "missing"

    is_wrong = seen != len(late) and not shipment.is_closed
    return Deed(
        lambda: close_receipt(shipment_id=shipment_id, expected_missing=seen, **scene.said("closed")),
        {"shipment_has_changed"} if is_wrong else set(),
        (lambda: None) if shipment.is_closed else effect,
    )


def recall(scene: Scene) -> Deed | None:
    """Somebody takes a shipment back."""
    shipment_id = scene.one(scene.world.shipments)
    if shipment_id is None:
        return None
    shipment = scene.world.shipments[shipment_id]
    is_done = all(one.remedy == "returned" for one in shipment.lines.values())
    is_whole = not shipment.is_closed and all(
        one.is_on_the_road and not one.difference for one in shipment.lines.values()
    )

    def effect() -> None:
        shipment.is_closed = True
        for pk, one in shipment.lines.items():
            one.difference, one.remedy = "missing", "returned"
            scene.world.move(pk, *shipment.origin)

    return Deed(
        lambda: recall_shipment(shipment_id=shipment_id, **scene.said("recalled")),
        set() if is_done or is_whole else {"has_arrived"},
        (lambda: None) if is_done else effect,
    )


def settle_line(scene: Scene) -> Deed | None:
    """Somebody settles what did not agree, or tries to."""
    world = scene.world
    wrong = [(pk, n) for pk, one in world.shipments.items() for n, line in one.lines.items() if line.difference]
    chosen = scene.one(wrong)
    if chosen is None:
        return None
    (shipment_id, device), remedy = chosen, scene.chance.choice(list(Remedy))
    shipment, pc = world.shipments[shipment_id], world.pcs[device]
    line = shipment.lines[device]
    is_here = pc.place == ("transit", shipment_id)
    if line.difference == "unexpected":
        possible = {"set_aside", *(["taken_in"] if pc.kind in (*_PLACES, "transit") else [])}
    else:
        possible = {"found", "returned", "claimed"} if is_here else {"moved_on"}
    is_done = line.remedy == remedy
    reasons = set()
    if line.remedy and not is_done:
        reasons.add("settled_already")
    if not line.remedy and remedy not in possible:
        reasons.add("remedy_not_possible")
    if not line.remedy and remedy == "taken_in" and pc.place == shipment.goal:
        reasons.add("same_place")

    def effect() -> None:
        line.remedy = str(remedy)
        if remedy == "claimed":
            world.move(device, "claim")
            world.hot[device] = None
        elif remedy in {"found", "returned"}:
            world.move(device, *(shipment.goal if remedy == "found" else shipment.origin))
        elif remedy == "taken_in":
            for other in world.shipments.values():
                if device in other.lines and other.lines[device].is_on_the_road:
                    other.lines[device].difference, other.lines[device].remedy = "missing", "moved_on"
            world.move(device, *shipment.goal)

    def call() -> None:
        found = ShipmentLine.objects.get(shipment_id=shipment_id, device_id=device)
        both = Ends(origin=True, destination=True)
        settle_difference(line_id=found.pk, remedy=remedy, ends=both, **scene.said("settled"))

    return Deed(call, reasons, (lambda: None) if is_done else effect)


def change_school(scene: Scene) -> Deed | None:
    """A student goes to another lycée; the PC goes with them."""
    pk, school = scene.student(empty_handed=False), scene.school()

    def call() -> None:
        affiliate_custodians(
            custodian_ids=[student(pk).custodian_id], school_id=school, starts_at=scene.at, recorded_by_id=scene.by
        )

    def effect() -> None:
        scene.world.students[pk] = school

    return Deed(call, set(), effect)


GESTURES = (
    deliver,
    top_up,
    top_up,
    send,
    receive,
    receive,
    receive,
    receive,
    close,
    recall,
    settle_line,
    settle_line,
    change_school,
)
