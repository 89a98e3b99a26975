"""Read which PCs a series should still hold: what waits to leave, and what is on its way."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from cartable.repairs.models import RepairTicket
from cartable.repairs.queries.scans import refused_tickets


@dataclass(frozen=True)
class Expected:
    """A PC that nobody has scanned yet."""

    device_id: int
    asset_tag: str
    serial_number: str
    school: str
    since: datetime | None


def _expected(tickets: "QuerySet[RepairTicket]", since: str) -> list[Expected]:
    rows = tickets.select_related("device", "school").order_by(since, "device__asset_tag")[:200]
    return [
        Expected(
            row.device_id, row.device.asset_tag, row.device.serial_number, f"{row.school.name}, {row.school.town}",
            getattr(row, since),
        )
        for row in rows
    ]  # fmt: skip


def ready_to_go() -> list[Expected]:
    """Return what waits on benches in scope."""
    waiting = RepairTicket.objects.filter(closed_at=None, sent_at=None, taken_in_at__isnull=False)
    return _expected(waiting, "taken_in_at")


def waiting_for_parcel() -> list[Expected]:
    """Return what repairers announced to the lycées in scope."""
    announced = RepairTicket.objects.filter(closed_at=None, sent_back_at__isnull=False, back_at=None)
    return _expected(announced, "sent_back_at")


def expected_out() -> list[Expected]:
    """Return what lycées sent to the repairer."""
    sent = RepairTicket.at_contractor.filter(closed_at=None, sent_at__isnull=False, received_at=None, back_at=None)
    return _expected(sent, "sent_at")


def expected_back() -> list[Expected]:
    """Return what the repairer is done with."""
    here = RepairTicket.at_contractor.filter(closed_at=None, received_at__isnull=False, sent_back_at=None, back_at=None)
    refused = refused_tickets(here.filter(finished_at=None))
    return _expected(here.filter(Q(finished_at__isnull=False) | Q(pk__in=refused)), "received_at")
