"""Read devices in lists: one page after the other, counted, filtered. Carries no name of any student."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from cartable.fleet.models import (
    CONDITION_NAMES,
    CUSTODIAN_KIND_NAMES,
    Device,
    Lot,
)
from cartable.fleet.rules import Condition, CustodianKind
from cartable.fleet.words import (
    CONDITION_TONES,
)
from cartable.kernel.serials import normalised_serial

# A page says how many there are up to here: to count a million on every turn of the page serves nobody.
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class DeviceRow:
    """A device as lists show it."""

    asset_tag: str
    serial_number: str
    model: str
    lot: str
    custody: str
    school: str
    school_uai: str
    condition: str
    condition_tone: str
    is_fit: bool


@dataclass(frozen=True)
class DevicePage:
    """One page of a list: rows, their count (up to `MOST_COUNTED`), and the tags from which the neighbours start."""

    rows: tuple[DeviceRow, ...]
    count: int
    is_more: bool
    previous_before: str | None
    next_after: str | None


@dataclass(frozen=True)
class DeviceFilter:
    """What a list of devices is narrowed to; empty texts narrow nothing."""

    text: str = ""
    school_uai: str = ""
    kind: str = ""
    lot: str = ""
    condition: str = ""


def list_devices(wanted: DeviceFilter, *, after: str = "", before: str = "", limit: int = 50) -> DevicePage:
    """Return one page of the devices in scope, in the order of their asset tags."""
    branches = _matching(wanted)
    counted = _counted(branches, MOST_COUNTED + 1)
    if before:
        found = _first(branches, limit + 1, before=before)
        has_previous, has_next = len(found) > limit, True
        found = found[:limit][::-1]
    else:
        found = _first(branches, limit + 1, after=after)
        has_previous, has_next = bool(after), len(found) > limit
        found = found[:limit]
    rows = tuple(_row(*one) for one in found)
    return DevicePage(
        rows=rows,
        count=min(counted, MOST_COUNTED),
        is_more=counted > MOST_COUNTED,
        previous_before=rows[0].asset_tag if has_previous and rows else None,
        next_after=rows[-1].asset_tag if has_next and rows else None,
    )


def device_count(wanted: DeviceFilter, *, most: int) -> int:
    """Return how many devices in scope answer, up to ``most``."""
    return _counted(_matching(wanted), most)


def device_ids(wanted: DeviceFilter, *, most: int) -> list[int]:
    """Return the ids of the devices in scope that answer, in the order of their asset tags, up to ``most``."""
    chosen = Device.objects.filter(pk__in=_union([branch.values("pk") for branch in _matching(wanted)]))
    if not wanted.text:
        [chosen] = _matching(wanted)
    return list(chosen.order_by("asset_tag").values_list("pk", flat=True)[:most])


def tagged_device_ids(asset_tags: Sequence[str]) -> list[int]:
    """Return the ids of the devices in scope that bear these tags, in the order of the tags."""
    found = Device.objects.filter(asset_tag__in=list(asset_tags)).order_by("asset_tag")
    return list(found.values_list("pk", flat=True))


def each_device(wanted: DeviceFilter) -> Iterator[DeviceRow]:
    """Yield every device in scope that answers, in the order of their asset tags: a few thousand are held at once."""
    chosen = Device.objects.filter(pk__in=_union([branch.values("pk") for branch in _matching(wanted)]))
    if not wanted.text:
        [chosen] = _matching(wanted)
    return (_row(*one) for one in chosen.order_by("asset_tag").values_list(*_OF_A_ROW).iterator(2_000))


def kind_choices() -> list[tuple[str, str]]:
    """Return the kinds of custodians that may hold a device, with their names. Which ones do is not worth a whole park."""
    return [(str(kind), str(CUSTODIAN_KIND_NAMES[kind])) for kind in CustodianKind if kind != CustodianKind.SUPPLIER]


def lot_choices() -> list[tuple[str, str]]:
    """Return the lots of the region, the latest first."""
    references = Lot.objects.order_by("-received_on", "reference").values_list("reference", flat=True)
    return [(reference, reference) for reference in references]


def _matching(wanted: DeviceFilter) -> list["QuerySet[Device]"]:
    """Return what the filter asks for, one query per way in which a text may name a device.

    Each has its own index; one query over "this or that or that" would read the whole park. Beginnings come first, then the
    pallet and the carton.
    """
    chosen = Device.objects.all()
    if wanted.school_uai:
        chosen = chosen.filter(custodian__school__uai=wanted.school_uai)
    if wanted.kind:
        chosen = chosen.filter(custodian_kind=wanted.kind)
    if wanted.lot:
        chosen = chosen.filter(lot__reference=wanted.lot)
    if wanted.condition:
        chosen = chosen.filter(condition=wanted.condition)
    text = normalised_serial(wanted.text)
    if not text:
        return [chosen]
    raw = wanted.text.strip()
    ways: list[dict[str, str]] = [
        {"asset_tag__startswith": text}, {"serial_number__startswith": text}, {"pallet": raw}, {"carton": raw},
    ]  # fmt: skip
    return [chosen.filter(**way) for way in ways]


def _counted(branches: Sequence["QuerySet[Device]"], most: int) -> int:
    return min(most, _union([branch.order_by().values("pk")[:most] for branch in branches]).count())


def _union(branches: Sequence["QuerySet[Any, Any]"]) -> "QuerySet[Any, Any]":
    return branches[0].union(*branches[1:]) if len(branches) > 1 else branches[0]


# What `_row` takes. To make five models of each line cost a fifth of the page.
_OF_A_ROW = (
    "asset_tag", "serial_number", "device_model__name", "lot__reference", "custodian_kind", "condition",
    "custodian__school__name", "custodian__school__town", "custodian__school__uai",
)  # fmt: skip


def _first(branches: Sequence["QuerySet[Device]"], limit: int, *, after: str = "", before: str = "") -> list[Any]:
    """Return the first devices of all branches together, beyond a place."""
    beyond: dict[str, str] = {"asset_tag__lt": before} if before else {"asset_tag__gt": after}
    order = "-asset_tag" if before else "asset_tag"
    if len(branches) == 1:
        return list(branches[0].filter(**beyond).order_by(order).values_list(*_OF_A_ROW)[:limit])
    # A pallet and a carton are read whole, as in `find_devices`.
    *beginnings, pallet, carton = (one.filter(**beyond).values_list("pk", flat=True) for one in branches)
    ids = {pk for one in beginnings for pk in one.order_by(order)[:limit]}.union(pallet, carton)
    return list(Device.objects.filter(pk__in=ids).order_by(order).values_list(*_OF_A_ROW)[:limit])


def _row(
    asset_tag: str,
    serial_number: str,
    model: str,
    lot: str,
    kind: str,
    condition: str,
    school: str | None,
    town: str | None,
    uai: str | None,
) -> DeviceRow:
    state = Condition(condition)
    return DeviceRow(
        asset_tag=asset_tag,
        serial_number=serial_number,
        model=model,
        lot=lot,
        custody=str(CUSTODIAN_KIND_NAMES[CustodianKind(kind)]),
        school=f"{school}, {town}" if school else "",
        school_uai=uai or "",
        condition=str(CONDITION_NAMES[state]),
        condition_tone=CONDITION_TONES[state],
        is_fit=state == Condition.FIT,
    )
