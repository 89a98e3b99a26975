"""Ask the depot for PCs of a reserve, grant or refuse what was asked; what is granted is on the road at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction

from cartable.emergency_stock.commands.allocations import ReserveRefused
from cartable.emergency_stock.models import TopUp
from cartable.emergency_stock.rules import MOST_ASKED
from cartable.fleet.commands import open_school_accounts
from cartable.fleet.ledger import constraint_name
from cartable.fleet.models import Custodian
from cartable.fleet.queries.stocks import depot_account
from cartable.fleet.rules import CustodianKind
from cartable.organisations.models import School
from cartable.supply.commands import Consignment, ShipmentRefused, dispatch_shipments


@dataclass(frozen=True)
class Grant:
    """A request that is granted, for as many PCs as it asks or for fewer."""

    top_up_id: UUID
    count: int


def ask_for_top_up(*, top_up_id: UUID, school: School, count: int, asked_at: datetime, asked_by_id: int) -> TopUp:
    """Ask for PCs; the same id again is the same request. Raises ReserveRefused."""
    known = TopUp.objects.filter(pk=top_up_id).first()
    if known is not None:
        if (known.school_id, known.asked_count) != (school.pk, count):
            raise ReserveRefused("id_reused")
        return known
    if school.closed_on is not None:
        raise ReserveRefused("school_is_closed")
    if not 1 <= count <= MOST_ASKED:
        raise ReserveRefused("count_unlikely")
    try:
        with transaction.atomic():
            return TopUp.objects.create(
                id=top_up_id, school=school, asked_count=count, asked_at=asked_at, asked_by_id=asked_by_id
            )
    except IntegrityError as error:
        if constraint_name(error) == "emergency_stock_topup_pkey":
            return ask_for_top_up(
                top_up_id=top_up_id, school=school, count=count, asked_at=asked_at, asked_by_id=asked_by_id
            )
        raise ReserveRefused("asked_already") from error


def grant_top_ups(
    grants: Sequence[Grant], *, region_id: int, decided_at: datetime, decided_by_id: int
) -> dict[UUID, UUID]:
    """Grant one request or a whole list, all or nothing, in the same number of statements. Return request → shipment.

    A request that was granted before answers with its shipment again. Raises ReserveRefused.
    """
    try:
        with transaction.atomic():
            return _grant(grants, region_id, decided_at, decided_by_id)
    except ShipmentRefused as refusal:
        raise ReserveRefused(refusal.code) from refusal


def _grant(grants: Sequence[Grant], region_id: int, decided_at: datetime, decided_by_id: int) -> dict[UUID, UUID]:
    wanted = {grant.top_up_id: grant.count for grant in grants}
    held = TopUp.objects.filter(pk__in=wanted).select_for_update(of=("self",)).order_by("pk")
    requests = list(held.select_related("school"))
    if len(requests) != len(wanted):
        raise ReserveRefused("no_such_request")
    if any(request.refusal for request in requests):
        raise ReserveRefused("decided_already")
    done = {request.pk: request.shipment_id for request in requests if request.shipment_id is not None}
    todo = [request for request in requests if request.shipment_id is None]
    if any(not 1 <= wanted[request.pk] <= MOST_ASKED for request in todo):
        raise ReserveRefused("count_unlikely")
    if not todo:
        return done
    depot = depot_account(region_id)
    if depot is None:
        raise ReserveRefused("not_enough_devices")
    reserves = _reserves([request.school for request in todo], decided_at)
    dispatch_shipments(
        [
            Consignment(uuid5(request.pk, "shipment"), depot, reserves[request.school_id], count=wanted[request.pk])
            for request in todo
        ],
        region_id=region_id,
        dispatched_at=decided_at,
        dispatched_by_id=decided_by_id,
    )
    for request in todo:
        request.shipment_id = uuid5(request.pk, "shipment")
        request.decided_at, request.decided_by_id = decided_at, decided_by_id
    TopUp.objects.bulk_update(todo, ["shipment", "decided_at", "decided_by"], batch_size=500)
    return {**done, **{request.pk: uuid5(request.pk, "shipment") for request in todo}}


def refuse_top_up(*, top_up_id: UUID, reason: str, decided_at: datetime, decided_by_id: int) -> None:
    """Refuse a request and say why. Raises ReserveRefused."""
    with transaction.atomic():
        request = TopUp.objects.select_for_update(of=("self",)).get(pk=top_up_id)
        if request.decided_at is not None:
            if request.refusal == reason.strip()[:200]:
                return
            raise ReserveRefused("decided_already")
        if not reason.strip():
            raise ReserveRefused("reason_missing")
        request.refusal = reason.strip()[:200]
        request.decided_at, request.decided_by_id = decided_at, decided_by_id
        request.save(update_fields=["refusal", "decided_at", "decided_by"])


def _reserves(schools: Sequence[School], opened_at: datetime) -> dict[int, int]:
    """Return the reserve's account of each school; a school that never had one gets it."""
    if any(school.closed_on is not None for school in schools):
        raise ReserveRefused("school_is_closed")
    known = Custodian.objects.filter(school__in=schools, kind=CustodianKind.EMERGENCY_STOCK)
    found = dict(known.values_list("school_id", "pk"))
    for school in schools:
        if school.pk not in found:
            accounts = open_school_accounts(region_id=school.region_id, school_id=school.pk, opened_at=opened_at)
            found[school.pk] = accounts[CustodianKind.EMERGENCY_STOCK]
    return found
