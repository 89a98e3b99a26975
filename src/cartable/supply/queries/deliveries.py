"""Read deliveries and the lines that they refused."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from cartable.supply.models import Delivery, RefusedLine
from cartable.supply.rules import LineCode
from cartable.supply.words import CAUSES, REMEDIES, cause_of


@dataclass(frozen=True)
class ShownLine:
    """A refused line as pages and exports show it."""

    line: int
    code: str
    cause: str
    remedy: str
    serial: str
    model: str
    asset_tag: str
    pallet: str
    carton: str
    settlement: str = ""
    settled_at: datetime | None = None
    remark: str = ""
    device_tag: str = ""


@dataclass(frozen=True)
class DeliveryRow:
    """A delivery as lists show it."""

    pk: int
    supplier: str
    reference: str
    lot: str
    received_on: date
    accepted_count: int
    refused_count: int
    open_count: int
    is_closed: bool


@dataclass(frozen=True)
class DeliveryPage:
    """One page of deliveries, the latest first, and where the neighbours start."""

    rows: tuple[DeliveryRow, ...]
    count: int
    previous_before: int | None
    next_after: int | None


def list_deliveries(
    *, only_open: bool = False, after: int | None = None, before: int | None = None, limit: int = 30
) -> DeliveryPage:
    """Return one page of deliveries, the latest first."""
    chosen = Delivery.objects.filter(closed_at__isnull=True) if only_open else Delivery.objects.all()
    count, ordered = chosen.count(), _with_counts(chosen)
    if before is not None:
        found = list(ordered.filter(pk__gt=before).order_by("pk")[: limit + 1])
        has_previous, has_next, found = len(found) > limit, True, found[:limit][::-1]
    else:
        newest = ordered if after is None else ordered.filter(pk__lt=after)
        found = list(newest.order_by("-pk")[: limit + 1])
        has_previous, has_next, found = after is not None, len(found) > limit, found[:limit]
    return DeliveryPage(
        rows=tuple(map(_delivery_row, found)),
        count=count,
        previous_before=found[0].pk if has_previous and found else None,
        next_after=found[-1].pk if has_next and found else None,
    )


def delivery_row(pk: int) -> DeliveryRow:
    """Return one delivery as pages show it."""
    return _delivery_row(_with_counts(Delivery.objects.filter(pk=pk)).get())


def refused_lines(delivery_id: int, *, only_open: bool = False, limit: int | None = None) -> tuple[ShownLine, ...]:
    """Return the refused lines of a delivery in the order of the note."""
    lines = RefusedLine.objects.filter(delivery_id=delivery_id).select_related("device").order_by("line")
    if only_open:
        lines = lines.filter(settled_at__isnull=True)
    return tuple(map(shown_line, lines[:limit]))


def open_causes(delivery_id: int) -> tuple[tuple[str, str, int], ...]:
    """Return code, cause and count of the refused lines of a delivery that nobody settled yet."""
    counts = (
        RefusedLine.objects.filter(delivery_id=delivery_id, settled_at__isnull=True)
        .order_by()
        .values_list("code")
        .annotate(count=Count("pk"))
        .order_by("-count", "code")
    )
    return tuple((code, str(CAUSES[LineCode(code)]), count) for code, count in counts)


def open_line_count() -> int:
    """Return how many refused lines in scope wait to be settled."""
    return RefusedLine.objects.filter(settled_at__isnull=True).count()


def shown_line(line: RefusedLine) -> ShownLine:
    """Return a kept refused line as pages show it."""
    code = LineCode(line.code)
    return ShownLine(
        line.line, line.code, cause_of(code, line.other_line), str(REMEDIES[code]), line.serial, line.model,
        line.asset_tag, line.pallet, line.carton, line.settlement, line.settled_at, line.remark,
        line.device.asset_tag if line.device else "",
    )  # fmt: skip


def _with_counts(chosen: "QuerySet[Delivery]") -> "QuerySet[Delivery]":
    # The note's file is megabytes: never read to show a line of a list.
    return (
        chosen.select_related("contractor", "lot", "note")
        .defer("note__content")
        .annotate(
            refused_count=Count("refused_lines"),
            open_count=Count("refused_lines", filter=Q(refused_lines__settled_at__isnull=True)),
        )
    )


def _delivery_row(delivery: Any) -> DeliveryRow:
    return DeliveryRow(
        pk=delivery.pk,
        supplier=delivery.contractor.name,
        reference=delivery.note.reference or delivery.note.file_name,
        lot=delivery.lot.reference,
        received_on=delivery.note.received_on,
        accepted_count=delivery.accepted_count,
        refused_count=delivery.refused_count,
        open_count=delivery.open_count,
        is_closed=delivery.closed_at is not None,
    )
