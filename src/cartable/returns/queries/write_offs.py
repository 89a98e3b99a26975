"""Read what left for good: slips, what stands under them, and the share that went to reuse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q

from cartable.returns.models import DisposalSlip, WriteOff
from cartable.returns.queries.bench import BenchFacts
from cartable.returns.rules import (
    Outlet,
    WriteOffObstacle,
    is_too_old_for_reuse,
    reuse_share,
    reuse_target,
    write_off_obstacle,
)


@dataclass(frozen=True)
class ReuseRatio:
    """The REEN figure of a year: written-off PCs of ten years and less, and how many of them went to reuse."""

    year: int
    counted: int
    reused: int
    target: float

    @property
    def share(self) -> float | None:
        """Return the share that went to reuse."""
        return reuse_share(self.reused, self.counted)


@dataclass(frozen=True)
class SlipLine:
    """A slip with the number of PCs under it."""

    slip: DisposalSlip
    count: int


@dataclass(frozen=True)
class WrittenOff:
    """A PC under a slip."""

    movement_id: object
    asset_tag: str
    serial_number: str
    model: str
    at: datetime
    certificate_number: str
    wipe_method: str


def is_past_reuse(facts: BenchFacts, today: date) -> bool:
    """Say whether a PC is too old for reuse."""
    return is_too_old_for_reuse(facts.device.lot.received_on, today)


def write_off_obstacles(
    facts: Mapping[int, BenchFacts], outlet: Outlet, *, will_be_wiped: bool, today: date
) -> dict[int, WriteOffObstacle]:
    """Return device id → why it may not leave for good, for those of these PCs that may not."""
    found = {
        pk: write_off_obstacle(one.pc, outlet, will_be_wiped=will_be_wiped, is_too_old=is_past_reuse(one, today))
        for pk, one in facts.items()
    }
    return {pk: obstacle for pk, obstacle in found.items() if obstacle is not None}


def reuse_ratio(school_ids: Sequence[int], *, today: date) -> ReuseRatio:
    """Return the ratio of the calendar year over these schools, found in scope."""
    counted = WriteOff.objects.filter(
        slip__school__in=school_ids,
        undone_by_movement=None,
        is_over_ten_years_old=False,
        written_off_at__year=today.year,
    ).aggregate(every=Count("pk"), reused=Count("pk", filter=Q(slip__outlet=Outlet.REUSE)))
    return ReuseRatio(today.year, counted["every"], counted["reused"], reuse_target(today.year))


def slips_of(school_id: int, *, limit: int = 20) -> list[SlipLine]:
    """Return the slips of a lycée, the latest first, with how much stands under each."""
    counted = Count("write_offs", filter=Q(write_offs__undone_by_movement=None))
    found = DisposalSlip.objects.filter(school_id=school_id).annotate(standing=counted)
    return [SlipLine(slip, slip.standing) for slip in found.order_by("-opened_at")[:limit]]


def written_off_under(slip: DisposalSlip) -> list[WrittenOff]:
    """Return what stands under a slip, the latest first."""
    rows = slip.write_offs.filter(undone_by_movement=None).select_related("device__device_model", "wiped_under")
    return [
        WrittenOff(
            row.pk, row.device.asset_tag, row.device.serial_number, row.device.device_model.name, row.written_off_at,
            row.wiped_under.certificate_number, row.wiped_under.get_wipe_method_display(),
        )
        for row in rows.order_by("-written_off_at", "device__asset_tag")
    ]  # fmt: skip
