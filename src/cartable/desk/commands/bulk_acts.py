"""Do what one act says to many lines, in the caller's transaction: judged again under lock, what has changed is left out.

Each function calls the set-based command of the package that owns the gesture. It takes ids, and returns id → code of
why for what it left out; everything else is done.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from cartable.desk.bulk_rules import Bulk
from cartable.desk.queries.bulk_verdicts import DEPOT, OUT_OF_SCOPE, Asked, arrives_as, left_out_of
from cartable.distribution.commands.reminders import remind_students
from cartable.fleet.commands import LedgerRefusal, hold_custody
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind
from cartable.organisations.models import School
from cartable.organisations.queries import school_for_uai
from cartable.returns.commands.bench import work_on_all
from cartable.returns.commands.write_offs import write_off_all
from cartable.returns.rules import Outlet
from cartable.rosters.commands.departures import DepartureRefused, declare_departures
from cartable.supply.commands import (
    AllotmentRefusal,
    Consignment,
    ShipmentRefused,
    allot_devices,
    dispatch_shipments,
    place_of,
)
from cartable.supply.queries.shipments import standing_pcs
from cartable.supply.rules import Choice

LeftOut = Mapping[int, str]


class BulkRefused(Exception):
    """The act as a whole is not possible, and nothing was done; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Doing:
    """Which act is done, as asked, when and by whom."""

    act_id: UUID
    asked: Asked
    at: datetime
    by_id: int


def do(act: Bulk, ids: Sequence[int], doing: Doing) -> dict[int, str]:
    """Do an act to these PCs or students; return those left out with the code of why. Raises BulkRefused."""
    try:
        return {pk: str(code) for pk, code in _DOERS[act](ids, doing).items()}
    except (ShipmentRefused, AllotmentRefusal, DepartureRefused, LedgerRefusal) as refusal:
        raise BulkRefused(refusal.code) from refusal


def _send(ids: Sequence[int], doing: Doing) -> LeftOut:
    """One shipment from each account that something leaves."""
    asked = doing.asked
    goal = _open_goal(asked)
    hold_custody(custodian_ids=[], device_ids=ids)
    staying = left_out_of(Bulk.SEND, ids, asked)
    loads: dict[int, list[int]] = defaultdict(list)
    kinds: dict[int, CustodianKind] = {}
    for pc in standing_pcs([pk for pk in ids if pk not in staying]):
        loads[pc.custodian_id].append(pc.device_id)
        kinds[pc.custodian_id] = arrives_as(pc, asked)
    ends = {
        kind: place_of(school=goal, kind=kind, region_id=asked.region_id, opened_at=doing.at)
        for kind in set(kinds.values())
    }
    consignments = [
        Consignment(
            uuid5(doing.act_id, f"send:{origin_id}"), origin_id, ends[kinds[origin_id]], device_ids=tuple(device_ids),
            carrier_note=asked.options["note"],
        )
        for origin_id, device_ids in loads.items()
    ]  # fmt: skip
    if consignments:
        dispatch_shipments(
            consignments, region_id=asked.region_id, dispatched_at=doing.at, dispatched_by_id=doing.by_id
        )
    return staying


def _allot(ids: Sequence[int], doing: Doing) -> LeftOut:
    asked, goal = doing.asked, _open_goal(doing.asked)
    assert goal is not None  # The form offers lycées only.
    hold_custody(custodian_ids=[], device_ids=ids)
    staying = left_out_of(Bulk.ALLOT, ids, asked)
    if going := [pk for pk in ids if pk not in staying]:
        allot_devices(
            allotment_id=doing.act_id, region_id=asked.region_id, school_id=goal.pk,
            choice=Choice(device_ids=tuple(going)), acting_actor_id=doing.by_id, happened_at=doing.at,
            expected_count=len(going),
        )  # fmt: skip
    return staying


def _open_goal(asked: Asked) -> School | None:
    if asked.options["vers"] == DEPOT:
        return None
    goal = school_for_uai(asked.options["vers"])
    if goal is None:
        raise BulkRefused("unknown_place")
    return goal


def _bench(ids: Sequence[int], doing: Doing) -> LeftOut:
    left = work_on_all(
        act_id=doing.act_id, device_ids=ids, gesture=doing.asked.gesture, at=doing.at, by_id=doing.by_id
    )  # fmt: skip
    return _out_of_scope(ids) | left


def _write_off(ids: Sequence[int], doing: Doing) -> LeftOut:
    asked = doing.asked
    left = write_off_all(
        act_id=doing.act_id, device_ids=ids, outlet=Outlet(asked.options["outlet"]),
        receiver=asked.options["receiver"], wipe_method=asked.wipe_method, written_off_at=doing.at,
        written_off_by_id=doing.by_id,
    )  # fmt: skip
    return _out_of_scope(ids) | left


def _out_of_scope(ids: Sequence[int]) -> dict[int, str]:
    """Name what the set-based commands passed over: they see what is in scope."""
    seen = set(Device.objects.filter(pk__in=list(ids)).values_list("pk", flat=True))
    return dict.fromkeys(set(ids) - seen, OUT_OF_SCOPE)


def _tags(ids: Sequence[int], doing: Doing) -> LeftOut:
    return left_out_of(Bulk.TAGS, ids, doing.asked)


def _labels(ids: Sequence[int], doing: Doing) -> LeftOut:
    return left_out_of(Bulk.LABELS, ids, doing.asked)


def _remind(ids: Sequence[int], doing: Doing) -> LeftOut:
    assert doing.asked.school_id is not None  # An act on students is about one lycée.
    return remind_students(
        act_id=doing.act_id, student_ids=ids, school_id=doing.asked.school_id, language="fr", asked_at=doing.at
    )


def _leave(ids: Sequence[int], doing: Doing) -> LeftOut:
    assert doing.asked.school_id is not None  # As above.
    return declare_departures(
        act_id=doing.act_id, student_ids=ids, region_id=doing.asked.region_id, from_school_id=doing.asked.school_id,
        declared_at=doing.at, declared_by_id=doing.by_id,
    )  # fmt: skip


_DOERS: dict[Bulk, Callable[[Sequence[int], Doing], LeftOut]] = {
    Bulk.SEND: _send,
    Bulk.ALLOT: _allot,
    Bulk.BENCH: _bench,
    Bulk.WRITE_OFF: _write_off,
    Bulk.TAGS: _tags,
    Bulk.LABELS: _labels,
    Bulk.REMIND: _remind,
    Bulk.LEAVE: _leave,
}
