"""Transfers: what is on the road, and sending PCs from one place to another."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.fleet.rules import CustodianKind
from cartable.organisations.access import school_of
from cartable.organisations.models import School
from cartable.organisations.queries import open_school_choices
from cartable.supply.commands import Consignment, ShipmentRefused, dispatch_shipments, place_of
from cartable.supply.queries.shipments import list_shipments
from cartable.supply.rules import arrival_kind
from cartable.supply.transfer_forms import DEPOT, TransferForm
from cartable.supply.words import refusal_in_words

SENDS = (Role.REGION_MANAGER, Role.TECHNICIAN)
SEES = (*SENDS, Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE)


@open_to(*SEES)
def shipment_list(request: CartableRequest) -> HttpResponse:
    """Show what is on the road from and to the schools in scope, then what arrived."""
    today = timezone.localdate()
    values = {
        "on_the_road": list_shipments(today=today, is_open=True),
        "to_settle": list_shipments(today=today, is_open=False, has_differences=True),
        "closed": list_shipments(today=today, is_open=False, limit=50),
        "may_send": bool(set(SENDS) & request.signed_in.roles),
    }
    return render(request, "supply/shipment_list.html", values)


@open_to(*SENDS)
def transfer_new(request: CartableRequest) -> HttpResponse:
    """Ask for the place of arrival and the PCs; then send them off."""
    if request.method != "POST":
        usual = CustodianKind.SCHOOL_ALLOTMENT if _sees_region(request) else CustodianKind.EMERGENCY_STOCK
        given = {name: request.GET[name] for name in ("vers", "depuis", "nombre", "compte") if name in request.GET}
        return _asked(request, _form(request, initial={"compte": str(usual), **given}))
    form = _form(request, data=request.POST)
    if not form.is_valid():
        return _asked(request, form, status=422)
    try:
        [sent] = dispatch_shipments(
            [_consignment(request, form)],
            region_id=request.signed_in.region_id,
            dispatched_at=timezone.now(),
            dispatched_by_id=request.signed_in.actor_id,
        )
    except ShipmentRefused as refusal:
        form.add_error(None, refusal_in_words(refusal.code, refusal.asset_tags))
        return _asked(request, form, status=422)
    return redirect("supply:shipment", sent.shipment_id)


def _consignment(request: CartableRequest, form: TransferForm) -> Consignment:
    said, now, region_id = form.cleaned_data, timezone.now(), request.signed_in.region_id
    wanted = CustodianKind(said["compte"] or CustodianKind.EMERGENCY_STOCK)
    goal = _school(said["vers"])
    if form.load is not None and form.load.origin_kind is not None:
        kind, origin_id = form.load.origin_kind, form.load.origin_ids[0]
    else:
        start = _school(said["depuis"])
        kind = wanted if start is not None else CustodianKind.DEPOT
        origin_id = place_of(school=start, kind=kind, region_id=region_id, opened_at=now)
    arrives_as = arrival_kind(kind, to_depot=goal is None, wanted=wanted)
    return Consignment(
        shipment_id=said["id"],
        origin_id=origin_id,
        destination_id=place_of(school=goal, kind=arrives_as, region_id=region_id, opened_at=now),
        count=said["nombre"] or 0,
        device_ids=form.load.device_ids if form.load is not None else (),
        carrier_note=said["note"],
    )


def _school(place: str) -> School | None:
    return None if place == DEPOT else school_of(place)


def _sees_region(request: CartableRequest) -> bool:
    return request.signed_in.school_ids is None


def _form(request: CartableRequest, **more: object) -> TransferForm:
    return TransferForm(
        **more,
        schools=open_school_choices(),
        sees_depot=_sees_region(request),
        region_id=request.signed_in.region_id,
    )


def _asked(request: CartableRequest, form: TransferForm, *, status: int = 200) -> HttpResponse:
    return render(request, "supply/transfer_new.html", {"form": form}, status=status)
