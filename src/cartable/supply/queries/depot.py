"""Read the depot: what can go to a school, what a choice means, what went where."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from cartable.fleet.models import Device
from cartable.fleet.queries.stocks import depot_account
from cartable.fleet.rules import Condition, CustodianKind
from cartable.supply.models import Allotment
from cartable.supply.rules import AllotObstacle, Choice, allot_obstacle
from cartable.supply.words import choice_in_words


@dataclass(frozen=True)
class PalletRow:
    """What stands on one pallet of the depot, ready to go."""

    pallet: str
    count: int
    carton_count: int
    models: str


def depot_devices(region_id: int) -> "QuerySet[Device]":
    """Return the devices of the depot that are fit to go to a school."""
    depot = depot_account(region_id)
    return Device.objects.filter(custodian_id=depot, condition=Condition.FIT) if depot else Device.objects.none()


def allot_obstacles(device_ids: Iterable[int], *, region_id: int) -> dict[int, AllotObstacle]:
    """Return device id → why it is not among what may be allotted, for those of these PCs that are not."""
    wanted = list(device_ids)
    ready = set(chosen_devices(Choice(device_ids=tuple(wanted)), region_id=region_id).values_list("pk", flat=True))
    others = Device.objects.filter(pk__in=set(wanted) - ready).values_list("pk", "custodian_kind", "condition")
    return {
        pk: allot_obstacle(CustodianKind(kind), is_fit=condition == Condition.FIT) or AllotObstacle.NOT_IN_DEPOT
        for pk, kind, condition in others
    }


def depot_count(region_id: int) -> int:
    """Return how many devices of the depot are fit to go."""
    return depot_devices(region_id).count()


def depot_pallets(region_id: int, *, limit: int = 400) -> tuple[PalletRow, ...]:
    """Return the pallets of the depot with what stands on them; devices without pallet are left out."""
    groups = (
        depot_devices(region_id)
        .exclude(pallet="")
        .order_by()
        .values_list("pallet", "device_model__name")
        .annotate(count=Count("pk"), cartons=Count("carton", distinct=True))
    )
    pallets: dict[str, list[Any]] = {}
    for pallet, model, count, cartons in groups:
        entry = pallets.setdefault(pallet, [0, 0, []])
        entry[0] += count
        entry[1] += cartons
        entry[2].append(model)
    return tuple(
        PalletRow(pallet, count, cartons, ", ".join(sorted(models)))
        for pallet, (count, cartons, models) in sorted(pallets.items())[:limit]
    )


def chosen_devices(choice: Choice, *, region_id: int) -> "QuerySet[Device]":
    """Return the devices of the depot that a choice means, pallet by pallet; a count takes the first of them."""
    ready = depot_devices(region_id).order_by("pallet", "carton", "pk")
    if choice.count:
        return ready[: choice.count]
    if choice.pallets:
        return ready.filter(pallet__in=choice.pallets)
    if choice.cartons:
        return ready.filter(carton__in=choice.cartons)
    return ready.filter(pk__in=choice.device_ids)


@dataclass(frozen=True)
class ChosenStock:
    """What a choice means, before it is confirmed."""

    count: int
    models: tuple[tuple[str, int], ...]
    pallets: tuple[str, ...]
    first_tag: str
    last_tag: str


def chosen_stock(choice: Choice, *, region_id: int) -> ChosenStock:
    """Say what a choice means, as the depot is now."""
    found = list(chosen_devices(choice, region_id=region_id).values_list("asset_tag", "device_model__name", "pallet"))
    tags = sorted(tag for tag, _, _ in found)
    return ChosenStock(
        count=len(found),
        models=tuple(Counter(model for _, model, _ in found).most_common()),
        pallets=tuple(sorted({pallet for _, _, pallet in found if pallet})),
        first_tag=tags[0] if tags else "",
        last_tag=tags[-1] if tags else "",
    )


def named_devices(codes: Iterable[str], *, region_id: int) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return the ids of depot devices named by normalised tag or serial number, and the names that mean none."""
    wanted = list(dict.fromkeys(codes))
    found = depot_devices(region_id).filter(Q(asset_tag__in=wanted) | Q(serial_number__in=wanted))
    rows = list(found.values_list("pk", "asset_tag", "serial_number"))
    named = {tag for _, tag, _ in rows} | {serial for _, _, serial in rows}
    return tuple(pk for pk, _, _ in rows), tuple(code for code in wanted if code not in named)


@dataclass(frozen=True)
class AllotmentRow:
    """An allotment as lists show it."""

    pk: str
    school: str
    school_uai: str
    device_count: int
    choice: str
    happened_at: datetime


def list_allotments(*, school_id: int | None = None, limit: int = 50) -> tuple[AllotmentRow, ...]:
    """Return the allotments in scope, the latest first."""
    found = Allotment.objects.select_related("school").order_by("-happened_at", "pk")
    if school_id is not None:
        found = found.filter(school_id=school_id)
    return tuple(map(allotment_row, found[:limit]))


def made_allotment(text: str) -> UUID | None:
    """Return the id of the allotment in scope that this text names, None where there is none yet."""
    try:
        wanted = UUID(text)
    except ValueError:
        return None
    return Allotment.objects.filter(pk=wanted).values_list("pk", flat=True).first()


def allotment_row(allotment: Allotment) -> AllotmentRow:
    """Return one allotment as pages show it; its school must be loaded with it."""
    return AllotmentRow(
        str(allotment.pk), str(allotment.school), allotment.school.uai, allotment.device_count,
        choice_in_words(allotment.chosen_by), allotment.happened_at,
    )  # fmt: skip
