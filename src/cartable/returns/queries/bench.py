"""Read the bench of a lycée: what waits there, how far each PC is, what one gesture needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import connection
from django.db.models import F

from cartable.distribution.queries.court import address_of_dispute, contested_devices
from cartable.fleet.models import Device, Movement
from cartable.fleet.rules import Condition, CustodianKind
from cartable.repairs.models import RepairTicket
from cartable.returns.models import Reimaging, WipeMethod
from cartable.returns.rules import BenchObstacle, BenchStage, Gesture, OnBench, gesture_obstacle, stage_of

# What a PC's stay says stands in the row of the movement that brought it, which is its last one while it is there.
QUEUE = """
SELECT custodian.school_id, device.asset_tag, device.serial_number, device.condition, arrival.happened_at,
    CASE WHEN done.checked_at IS NOT NULL THEN 'checked' WHEN done.imaged_at IS NOT NULL THEN 'imaged'
         WHEN done.wiped_at IS NOT NULL THEN 'wiped' ELSE 'returned' END AS stage
FROM fleet_custodian custodian JOIN fleet_device device ON device.custodian_id = custodian.id
JOIN fleet_movement arrival ON arrival.device_id = device.id AND arrival.sequence = device.last_sequence
LEFT JOIN returns_reimaging done ON done.arrival_id = arrival.id
WHERE custodian.kind = 'school_bench' AND custodian.school_id = ANY(%(schools)s)
  AND NOT EXISTS (SELECT FROM repairs_repairticket ticket WHERE ticket.device_id = device.id AND ticket.closed_at IS NULL)
"""
_COUNTS = f"""
SELECT school_id, stage, count(*), count(*) FILTER (WHERE condition IN ('faulty', 'broken')), min(happened_at)
FROM ({QUEUE}) AS queue GROUP BY school_id, stage
"""
_LINES = f"""
SELECT asset_tag, serial_number, condition, happened_at, stage FROM ({QUEUE}) AS queue
WHERE %(stage)s::text IS NULL OR stage = %(stage)s ORDER BY happened_at, asset_tag LIMIT %(limit)s
"""


@dataclass(frozen=True)
class BenchCount:
    """How many PCs of a bench are at a stage, how many of them are broken, since when the oldest waits."""

    stage: BenchStage
    count: int
    unfit: int
    oldest_at: datetime


@dataclass(frozen=True)
class BenchLine:
    """A PC that waits on the bench."""

    asset_tag: str
    serial_number: str
    condition: Condition
    since: datetime
    days: int
    stage: BenchStage


@dataclass(frozen=True)
class BenchFacts:
    """What `rules.bench_obstacle` decides from, and what the movement needs."""

    pc: OnBench
    device: Device
    arrival: Movement
    done: Reimaging | None
    dispute_url: str = ""


def bench_counts(school_ids: Sequence[int]) -> dict[int, list[BenchCount]]:
    """Return the stages of these benches, found in scope: one statement for one and for fifty."""
    counts: dict[int, list[BenchCount]] = {school_id: [] for school_id in school_ids}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"schools": list(school_ids)})
        for school_id, stage, count, unfit, oldest_at in cursor.fetchall():
            counts[school_id].append(BenchCount(BenchStage(stage), count, unfit, oldest_at))
    return counts


def bench_lines(school_id: int, *, today: date, stage: BenchStage | None = None, limit: int = 100) -> list[BenchLine]:
    """Return what waits on a bench, the longest first."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES, {"schools": [school_id], "stage": stage and str(stage), "limit": limit})
        return [
            BenchLine(tag, serial, Condition(condition), since, (today - since.date()).days, BenchStage(found))
            for tag, serial, condition, since, found in cursor.fetchall()
        ]


def bench_facts(device: Device) -> BenchFacts:
    """Return how far a PC is, found in scope by `access`."""
    return replace(bench_facts_of([device.pk])[device.pk], dispute_url=address_of_dispute(device.pk))


def bench_facts_of(device_ids: Sequence[int]) -> dict[int, BenchFacts]:
    """Return how far each of these PCs in scope is: the same number of statements for one and for hundreds."""
    found = Device.objects.filter(pk__in=list(device_ids)).select_related("custodian__school", "device_model", "lot")
    devices = {device.pk: device for device in found}
    last = Movement.objects.filter(device__in=list(devices), sequence=F("device__last_sequence"))
    arrivals = {movement.device_id: movement for movement in last}
    done = Reimaging.objects.in_bulk([movement.pk for movement in arrivals.values()])
    contested = set(contested_devices()) & devices.keys()
    tickets = RepairTicket.objects.filter(device__in=list(devices), closed_at=None)
    in_repair = set(tickets.values_list("device_id", flat=True))
    return {
        pk: _facts(device, arrivals[pk], done.get(arrivals[pk].pk), pk in contested, pk in in_repair)
        for pk, device in devices.items()
    }


def _facts(
    device: Device, arrival: Movement, done: Reimaging | None, is_contested: bool, is_in_repair: bool
) -> BenchFacts:
    pc = OnBench(
        kind=CustodianKind(device.custodian_kind),
        is_contested=is_contested,
        is_in_repair=is_in_repair,
        condition=Condition(device.condition),
        has_disk=done is None or done.wipe_method != WipeMethod.DISK_DESTROYED,
        stage=stage_of(
            is_wiped=done is not None,
            is_imaged=done is not None and done.imaged_at is not None,
            is_checked=done is not None and done.checked_at is not None,
        ),
    )
    return BenchFacts(pc, device, arrival, done)


def gesture_obstacles(facts: Mapping[int, BenchFacts], gesture: Gesture) -> dict[int, BenchObstacle]:
    """Return device id → why the bench does not take the gesture, for those of these PCs on which it does not."""
    found = {pk: gesture_obstacle(one.pc, gesture) for pk, one in facts.items()}
    return {pk: obstacle for pk, obstacle in found.items() if obstacle is not None}


def last_image_version(school_id: int) -> str:
    """Return the image that was installed last on the bench of a lycée: most likely the next one's too."""
    imaged = Reimaging.objects.filter(school_id=school_id, imaged_at__isnull=False).order_by("-imaged_at")
    return imaged.values_list("image_version", flat=True).first() or ""


def last_reimagings(school_id: int, *, limit: int = 10) -> list[Reimaging]:
    """Return what the bench of a lycée wiped last."""
    wiped = Reimaging.objects.filter(school_id=school_id).select_related("device", "movement")
    return list(wiped.order_by("-wiped_at")[:limit])
