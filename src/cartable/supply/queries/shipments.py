"""Read what is on the road: for lists, for one shipment, and what a code names where PCs leave or arrive."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django_scopes import scope

from cartable.fleet.models import Device
from cartable.fleet.rules import HOT_KINDS, Condition, CustodianKind
from cartable.supply.held_back import held_back
from cartable.supply.models import Shipment, ShipmentLine
from cartable.supply.rules import PLACES, Ends, Remedy, ShipmentDifference, possible_remedies, scanned_code
from cartable.supply.words import DIFFERENCES, REMEDY_GESTURES, REMEDY_NAMES, place_in_words

LINES_SHOWN = 300
# Of one shipment, which was found in scope: its lines are seen wherever it is.
_LINES = ShipmentLine._base_manager.filter(shipment=OuterRef("pk"))
_IS_OPEN_DIFFERENCE = Q(settled_at=None) & ~Q(difference="")
_OPEN_DIFFERENCES = _LINES.filter(_IS_OPEN_DIFFERENCE)


@dataclass(frozen=True)
class ShipmentRow:
    """A shipment as lists show it."""

    pk: UUID
    origin: str
    destination: str
    carrier_note: str
    sent: int
    arrived: int
    open_differences: int
    dispatched_at: datetime
    closed_at: datetime | None
    days: int

    @property
    def left(self) -> int:
        """Return how many announced PCs have not arrived."""
        return self.sent - self.arrived


@dataclass(frozen=True)
class LineRow:
    """One PC of a shipment."""

    pk: int
    asset_tag: str
    serial_number: str
    model: str
    carton: str
    state: str
    tone: str
    remedies: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class NamedLoad:
    """What scanned codes name where PCs leave: one account that they all stand in, or why there is none."""

    device_ids: tuple[int, ...]
    origin_ids: tuple[int, ...]
    origin_kind: CustodianKind | None
    school_id: int | None
    unknown: tuple[str, ...]
    hot: tuple[str, ...]
    elsewhere: tuple[str, ...]


@dataclass(frozen=True)
class StandingPC:
    """Where a PC stands, and what decides whether it may leave (`rules.travel_obstacle`)."""

    device_id: int
    asset_tag: str
    custodian_id: int
    kind: CustodianKind
    school_id: int | None
    is_fit: bool
    held_back_by: str


@dataclass(frozen=True)
class LostOnTheRoad:
    """A PC that never arrived and was declared lost: no lycée declared it, its shipment tells of it."""

    shipment_id: UUID
    origin: str
    destination: str
    declared_at: datetime

    @property
    def way(self) -> str:
        """Return from where to where it was on the road."""
        return f"{self.origin} → {self.destination}"


def lost_on_the_road(asset_tags: Sequence[str], *, region_id: int) -> dict[str, LostOnTheRoad]:
    """Return asset tag → the shipment on whose road a PC was lost, for those of these PCs that are in claim since.

    Of the whole region, as the alarm is: whoever has such a PC in hand must learn what it is.
    """
    with scope(region=region_id, school=None):
        lines = ShipmentLine.objects.filter(
            device__asset_tag__in=list(asset_tags), remedy=str(Remedy.CLAIMED),
            settled_by_movement__sequence=F("device__last_sequence"),
        ).select_related(
            "device", "shipment__origin", "shipment__destination", "shipment__origin_school",
            "shipment__destination_school",
        )  # fmt: skip
        return {line.device.asset_tag: _lost(line) for line in lines}


def _lost(line: ShipmentLine) -> LostOnTheRoad:
    sent = line.shipment
    assert line.settled_at is not None  # A remedy has its hour.
    return LostOnTheRoad(
        shipment_id=sent.pk,
        origin=place_in_words(sent.origin.kind, sent.origin_school),
        destination=place_in_words(sent.destination.kind, sent.destination_school),
        declared_at=line.settled_at,
    )


def list_shipments(
    *,
    today: date,
    is_open: bool | None = None,
    has_differences: bool = False,
    school_id: int | None = None,
    limit: int = 100,
) -> tuple[ShipmentRow, ...]:
    """Return the shipments in scope: those on the road by age, then the latest that were closed."""
    found: Any = _counted()
    if is_open is not None:
        found = found.filter(closed_at__isnull=is_open)
    if has_differences:
        found = found.filter(Exists(_OPEN_DIFFERENCES))
    if school_id is not None:
        found = found.filter(Q(origin_school_id=school_id) | Q(destination_school_id=school_id))
    ordered = found.order_by(F("closed_at").desc(nulls_first=True), "dispatched_at", "pk")
    return tuple(_row(shipment, today) for shipment in ordered[:limit])


def shipment_row(shipment_id: UUID, *, today: date) -> ShipmentRow:
    """Return one shipment, found in scope by `access`."""
    return _row(_counted().get(pk=shipment_id), today)


def shipment_lines(shipment: Shipment, *, ends: Ends, limit: int = LINES_SHOWN) -> tuple[LineRow, ...]:
    """Return the PCs of a shipment: differences first, then what is still due, then what arrived last."""
    lines = shipment.lines.select_related("device__device_model", "arrival").order_by(
        F("settled_at").desc(nulls_first=True), "-difference", F("arrival__position").desc(nulls_first=True), "pk"
    )
    return tuple(_line(line, shipment, ends) for line in lines[:limit])


def named_for_receipt(shipment: Shipment, text: str) -> tuple[int, ...]:
    """Return the PCs that a scan at the receipt names: one by tag or serial number, or those of a carton or pallet.

    A PC that is on its way, or that somebody sent by mistake, is in nobody's scope here: the region is asked.
    """
    raw, code = text.strip()[:40], scanned_code(text)
    of_parcel = shipment.lines.filter(Q(device__carton=raw) | Q(device__pallet=raw), dispatch__isnull=False)
    with scope(region=shipment.region_id, school=None):
        found = Device.objects.filter(Q(asset_tag=code) | Q(serial_number=code)).values_list("pk", flat=True)
        return tuple(found) or tuple(of_parcel.order_by("device_id").values_list("device_id", flat=True))


def named_for_dispatch(codes: Iterable[str], *, region_id: int) -> NamedLoad:
    """Return the PCs in scope that codes name, and where they stand, in two statements."""
    wanted = list(dict.fromkeys(filter(None, map(scanned_code, codes))))
    found = list(
        Device.objects.filter(Q(asset_tag__in=wanted) | Q(serial_number__in=wanted))
        .order_by("pk")
        .values_list("pk", "asset_tag", "serial_number", "custodian_id", "custodian_kind", "custodian__school_id")
    )
    known = {name for row in found for name in row[1:3]}
    unknown = [code for code in wanted if code not in known]
    with scope(region=region_id, school=None):
        alarming = Device.objects.filter(custodian_kind__in=HOT_KINDS)
        alarming = alarming.filter(Q(asset_tag__in=wanted) | Q(serial_number__in=wanted))
        hot = {name for row in alarming.values_list("asset_tag", "serial_number") for name in row}
    placed = [row for row in found if CustodianKind(row[4]) in PLACES]
    origins = tuple(dict.fromkeys(row[3] for row in placed))
    return NamedLoad(
        device_ids=tuple(row[0] for row in placed),
        origin_ids=origins,
        origin_kind=CustodianKind(placed[0][4]) if placed else None,
        school_id=placed[0][5] if placed else None,
        unknown=tuple(code for code in unknown if code not in hot),
        hot=tuple(code for code in wanted if code in hot),
        elsewhere=tuple(row[1] for row in found if row not in placed and row[1] not in hot),
    )


def standing_pcs(device_ids: Sequence[int]) -> list[StandingPC]:
    """Return where these PCs in scope stand: the same number of statements for one and for thousands."""
    # Of two reasons to stand still the first one is told.
    staying = {pk: code for code, pks in reversed(held_back(device_ids).items()) for pk in pks}
    found = Device.objects.filter(pk__in=list(device_ids)).order_by("asset_tag")
    rows = found.values_list("pk", "asset_tag", "custodian_id", "custodian_kind", "custodian__school_id", "condition")
    return [
        StandingPC(
            pk, tag, custodian_id, CustodianKind(kind), school_id, condition == Condition.FIT, staying.get(pk, "")
        )
        for pk, tag, custodian_id, kind, school_id, condition in rows
    ]  # fmt: skip


def tags_of(device_ids: Sequence[int], *, region_id: int) -> tuple[str, ...]:
    """Return the tags of PCs that a scan named, whoever may see them."""
    with scope(region=region_id, school=None):
        return tuple(Device.objects.filter(pk__in=device_ids).order_by("pk").values_list("asset_tag", flat=True))


def _counted() -> "QuerySet[Shipment]":
    """Count each shipment's lines beside it, after the limit: a list does not read the lines of all shipments."""
    counted: QuerySet[Shipment] = Shipment.objects.select_related(
        "origin", "destination", "origin_school", "destination_school"
    ).annotate(
        sent=_number(Q(dispatch__isnull=False)),
        arrived=_number(Q(arrival__isnull=False) | Q(remedy=str(Remedy.FOUND))),
        open_differences=_number(_IS_OPEN_DIFFERENCE),
    )
    return counted


def _number(lines: Q) -> Coalesce:
    counted = _LINES.filter(lines).order_by().values("shipment").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


def _row(shipment: Shipment, today: date) -> ShipmentRow:
    return ShipmentRow(
        pk=shipment.pk,
        origin=place_in_words(shipment.origin.kind, shipment.origin_school),
        destination=place_in_words(shipment.destination.kind, shipment.destination_school),
        carrier_note=shipment.carrier_note,
        sent=shipment.sent,  # type: ignore[attr-defined]
        arrived=shipment.arrived,  # type: ignore[attr-defined]
        open_differences=shipment.open_differences,  # type: ignore[attr-defined]
        dispatched_at=shipment.dispatched_at,
        closed_at=shipment.closed_at,
        days=(today - shipment.dispatched_at.date()).days,
    )


def _line(line: ShipmentLine, shipment: Shipment, ends: Ends) -> LineRow:
    remedies: tuple[Remedy, ...] = ()
    if line.remedy:
        state, tone = str(REMEDY_NAMES[Remedy(line.remedy)]), "ok"
    elif line.difference:
        difference = ShipmentDifference(line.difference)
        state, tone = str(DIFFERENCES[difference]), "err"
        remedies = possible_remedies(
            difference,
            kind=CustodianKind(line.device.custodian_kind),
            is_on_this_road=line.device.custodian_id == shipment.transit_id,
            ends=ends,
        )
    elif line.arrival_id:
        state, tone = str(DIFFERENCES["arrived"]), "ok"
    else:
        state, tone = str(DIFFERENCES["due"]), "encours"
    return LineRow(
        line.pk, line.device.asset_tag, line.device.serial_number, line.device.device_model.name, line.device.carton,
        state, tone, tuple((str(remedy), str(REMEDY_GESTURES[remedy])) for remedy in remedies),
    )  # fmt: skip
