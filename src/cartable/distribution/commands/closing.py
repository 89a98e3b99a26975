"""Close the day: leftovers scanned away, the allotment at zero, a sealed report."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from cartable.distribution.commands.days import DayRefused
from cartable.distribution.models import (
    CheckOut,
    ClosingReport,
    DayState,
    DistributionDay,
    Passage,
    ReviewDecision,
    Scan,
)
from cartable.distribution.queries.closing import DayAccount, day_account, leftover_tags
from cartable.distribution.queries.court import dispute_of_device
from cartable.fleet.commands import correct_movement, open_region_accounts, pass_custody, take_daily_root
from cartable.fleet.ledger import LedgerRefusal, MovementOrder
from cartable.fleet.models import Custodian, Device, current_transaction
from cartable.fleet.rules import CustodianKind, Reason
from cartable.programme.models import LeftoverPolicy


class DayNotOpen(DayRefused):
    """Only an open day is closed, once."""

    code = "day_not_open"


class LeftoversRemain(DayRefused):
    """PCs of the allotment are neither handed over nor scanned away."""

    code = "leftovers_remain"

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


class NotALeftover(DayRefused):
    """The scanned PC is not in the allotment of this lycée."""

    code = "not_a_leftover"


class LeftoverContested(DayRefused):
    """The scanned PC is contested: it is nobody's rest until somebody rules."""

    code = "leftover_contested"


class NothingToTakeBack(DayRefused):
    """The student received nothing on this day, or it is taken back already."""

    code = "nothing_to_take_back"


@dataclass(frozen=True)
class SentLeftover:
    """Where a leftover PC went."""

    asset_tag: str
    destination: CustodianKind


def send_leftover(*, day: DistributionDay, code: str, sent_by_id: int, now: datetime) -> SentLeftover:
    """Send one leftover PC where the campaign's rules say. Raises NotALeftover, LeftoverContested, DayNotOpen."""
    if day.state != DayState.OPEN or day.rules is None:
        raise DayNotOpen
    device = (
        Device.objects.filter(
            custodian__school_id=day.school_id, custodian_kind=CustodianKind.SCHOOL_ALLOTMENT, asset_tag=code
        ).first()
        or Device.objects.filter(
            custodian__school_id=day.school_id, custodian_kind=CustodianKind.SCHOOL_ALLOTMENT, serial_number=code
        ).first()
        # A worn tag that was replaced still names its PC.
        or Device.objects.filter(
            custodian__school_id=day.school_id, custodian_kind=CustodianKind.SCHOOL_ALLOTMENT, tag_changes__old_tag=code
        ).first()
    )
    if device is None:
        raise NotALeftover
    if dispute_of_device(device.pk) is not None:
        raise LeftoverContested
    destination, custodian_id = _destination(day, now)
    try:
        pass_custody(
            [
                MovementOrder(
                    uuid4(),
                    device.pk,
                    device.custodian_id,
                    custodian_id,
                    Reason.LEFTOVER,
                    now,
                    sent_by_id,
                    f"day:{day.pk}",
                )
            ]
        )
    except LedgerRefusal as refusal:  # Scanned twice at once: the first one sent it.
        raise NotALeftover from refusal
    return SentLeftover(device.asset_tag, destination)


def _destination(day: DistributionDay, now: datetime) -> tuple[CustodianKind, int]:
    assert day.rules is not None
    if day.rules.leftover_policy == LeftoverPolicy.DEPOT:
        accounts = open_region_accounts(region_id=day.campaign.region_id, opened_at=now)
        return CustodianKind.DEPOT, accounts[CustodianKind.DEPOT]
    kind = CustodianKind.EMERGENCY_STOCK
    return kind, Custodian.objects.get(school_id=day.school_id, kind=kind).pk


def take_pair_back(*, passage: Passage, taken_back_by_id: int, now: datetime) -> None:
    """Undo a hand-over of this day, whichever station made it: the leader's undo. Raises NothingToTakeBack."""
    check_out = (
        CheckOut.objects.filter(day_id=passage.day_id, student_id=passage.student_id)
        # The ledger's order: the hour is that of a station's clock, and may be any.
        .order_by("-movement__position")
        .values_list("movement_id", flat=True)
        .first()
    )
    if check_out is None:
        raise NothingToTakeBack
    try:
        with transaction.atomic():
            correct_movement(
                movement_id=uuid4(),
                corrected_id=check_out,
                happened_at=now,
                recorded_by_id=taken_back_by_id,
                evidence=f"day:{passage.day_id}",
            )
            Passage.objects.filter(pk=passage.pk).update(changed_in=current_transaction())
    except LedgerRefusal as refusal:
        raise NothingToTakeBack from refusal


def decide_review(*, scan_id: UUID, remedy: str, decided_by_id: int, now: datetime) -> None:
    """Say that a refused or contradictory scan is dealt with; the scan itself stays as it was."""
    ReviewDecision.objects.get_or_create(
        scan=Scan.objects.get(pk=scan_id),
        defaults={"remedy": remedy, "decided_by_id": decided_by_id, "decided_at": now},
    )


@transaction.atomic
def close_day(
    *,
    day: DistributionDay,
    closed_by_id: int,
    now: datetime,
    leader_name: str,
    head_name: str,
    draw_report: Callable[[DayAccount], bytes],
) -> ClosingReport:
    """Close the day: the allotment is at zero, the ledger's root is taken, the report is drawn and sealed.

    Later uploads of stations are kept and refused ("day_closed"): they show in the review. Raises DayNotOpen,
    LeftoversRemain.
    """
    day = (
        DistributionDay.objects.select_for_update(of=("self",))
        .select_related("school", "campaign", "rules")
        .get(pk=day.pk)
    )
    if day.state != DayState.OPEN:
        raise DayNotOpen
    # A contested PC stays where it is, and its dispute goes to the region with the day.
    leftovers = len(leftover_tags(day))
    if leftovers:
        raise LeftoversRemain(leftovers)
    root = take_daily_root(taken_at=now)
    day.state, day.closed_at, day.closed_by_id = DayState.CLOSED, now, closed_by_id
    day.save(update_fields=["state", "closed_at", "closed_by"])
    account = day_account(
        day=day,
        ledger_root=root.root,
        movement_count=root.last_position,
        closed_at=now,
        leader_name=leader_name,
        head_name=head_name,
    )
    pdf = draw_report(account)
    return ClosingReport.objects.create(
        day=day,
        sealed_at=now,
        sealed_by_id=closed_by_id,
        figures=account.figures(),
        ledger_root=root.root,
        ledger_position=root.last_position,
        pdf=pdf,
        pdf_sha256=hashlib.sha256(pdf).digest(),
    )
