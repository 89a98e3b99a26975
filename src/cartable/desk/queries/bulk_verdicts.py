"""Say which lines an act would leave out, and why: by the rules of the package that owns the gesture, never by rules of its own.

A preview asks here; the same functions judge again when the act is done (`commands.bulk_acts`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cartable.desk.bulk_rules import Bulk
from cartable.distribution.list_rules import label_obstacle, reminder_obstacle
from cartable.distribution.queries.reminders import obstacles_on_list
from cartable.fleet.models import Device
from cartable.fleet.rules import END_KINDS, CustodianKind
from cartable.organisations.models import School
from cartable.organisations.queries import school_for_uai
from cartable.returns.queries.bench import bench_facts_of, gesture_obstacles
from cartable.returns.queries.write_offs import write_off_obstacles
from cartable.returns.rules import BenchAct, BenchCheck, Gesture, Outlet, WipeMethod
from cartable.rosters.queries.departures import homes_of, stayers
from cartable.rosters.queries.reach import region_wide
from cartable.supply.queries.depot import allot_obstacles
from cartable.supply.queries.shipments import StandingPC, standing_pcs
from cartable.supply.rules import arrival_kind, travel_obstacle

# How a form says the depot of the region, beside the UAI of lycées.
DEPOT = "depot"
OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True)
class Asked:
    """What is said once for all lines: the options of the act, of which region and lycée, on which day."""

    region_id: int
    school_id: int | None
    options: Mapping[str, Any]
    today: date

    @property
    def gesture(self) -> Gesture:
        """Return what a technician says of the bench."""
        return Gesture(
            act=BenchAct(self.options["geste"]),
            wipe_method=WipeMethod(self.options["methode"]),
            image_version=self.options["image"].strip(),
            checks=[BenchCheck(check) for check in self.options["controles"]],
            to_depot=self.options["vers"] == DEPOT,
        )

    @property
    def wipe_method(self) -> WipeMethod | None:
        """Return how what is not wiped yet is wiped now; None: it is not."""
        return WipeMethod(self.options["methode"]) if self.options["methode"] else None

    @property
    def goal(self) -> School | None:
        """Return the lycée where PCs go, None for the depot, or where there is none in scope any more."""
        return None if self.options["vers"] == DEPOT else school_for_uai(self.options["vers"])


Verdicts = Mapping[int, str]


def left_out_of(act: Bulk, ids: Sequence[int], asked: Asked) -> dict[int, str]:
    """Return the PCs or students that an act leaves out with the code of why; a fixed number of statements."""
    return {pk: str(code) for pk, code in _JUDGES[act](ids, asked).items()}


def arrives_as(pc: StandingPC, asked: Asked) -> CustodianKind:
    """Return the kind of account where a PC that is sent arrives."""
    wanted = CustodianKind(asked.options["compte"])
    return arrival_kind(pc.kind, to_depot=asked.options["vers"] == DEPOT, wanted=wanted)


def _staying(ids: Sequence[int], asked: Asked) -> Verdicts:
    goal = asked.goal
    goal_id, found = goal.pk if goal else None, {pc.device_id: pc for pc in standing_pcs(ids)}
    judged = {}
    for pk, pc in found.items():
        to = arrives_as(pc, asked)
        is_there = (pc.school_id, pc.kind) == (goal_id, to)
        judged[pk] = travel_obstacle(
            pc.kind, to=to, is_fit=pc.is_fit, held_back_by=pc.held_back_by, is_there=is_there
        )  # fmt: skip
    return _gone(ids, found) | {pk: code for pk, code in judged.items() if code}


def _not_allotted(ids: Sequence[int], asked: Asked) -> Verdicts:
    return allot_obstacles(ids, region_id=asked.region_id)


def _not_on_the_bench(ids: Sequence[int], asked: Asked) -> Verdicts:
    facts = bench_facts_of(ids)
    return _gone(ids, facts) | gesture_obstacles(facts, asked.gesture)


def _not_written_off(ids: Sequence[int], asked: Asked) -> Verdicts:
    facts = bench_facts_of(ids)
    outlet, will_be_wiped = Outlet(asked.options["outlet"]), asked.wipe_method is not None
    return _gone(ids, facts) | write_off_obstacles(facts, outlet, will_be_wiped=will_be_wiped, today=asked.today)


def _without_tag(ids: Sequence[int], _asked: Asked) -> Verdicts:
    kinds = dict(Device.objects.filter(pk__in=list(ids)).values_list("pk", "custodian_kind"))
    return _gone(ids, kinds) | {pk: "ended" for pk, kind in kinds.items() if kind in END_KINDS}


def _without_label(ids: Sequence[int], asked: Asked) -> Verdicts:
    assert asked.school_id is not None  # An act on students is about one lycée.
    return obstacles_on_list(ids, label_obstacle, school_id=asked.school_id)


def _not_reminded(ids: Sequence[int], asked: Asked) -> Verdicts:
    assert asked.school_id is not None  # As above.
    return obstacles_on_list(ids, reminder_obstacle, school_id=asked.school_id)


def _not_leaving(ids: Sequence[int], asked: Asked) -> Verdicts:
    assert asked.school_id is not None  # As above.
    # What ended in another lycée counts too, as for one student.
    with region_wide(asked.region_id):
        return stayers(homes_of(ids), from_school_id=asked.school_id, today=asked.today)


def _gone(ids: Sequence[int], found: Mapping[int, object]) -> dict[int, str]:
    """Leave out what was in scope when it was chosen, and is in another's hands now."""
    return dict.fromkeys(set(ids) - found.keys(), OUT_OF_SCOPE)


_JUDGES: dict[Bulk, Callable[[Sequence[int], Asked], Verdicts]] = {
    Bulk.SEND: _staying,
    Bulk.ALLOT: _not_allotted,
    Bulk.BENCH: _not_on_the_bench,
    Bulk.WRITE_OFF: _not_written_off,
    Bulk.TAGS: _without_tag,
    Bulk.LABELS: _without_label,
    Bulk.REMIND: _not_reminded,
    Bulk.LEAVE: _not_leaving,
}
