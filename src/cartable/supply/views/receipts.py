"""One shipment: what it carries, the scans of its receipt, its closing, and its differences."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.kernel.codes import spaced
from cartable.supply.access import ends_of, shipment_line_of, shipment_of
from cartable.supply.commands import (
    ShipmentRefused,
    Taken,
    close_receipt,
    recall_shipment,
    receive_devices,
    settle_difference,
)
from cartable.supply.models import Shipment
from cartable.supply.queries.shipments import ShipmentRow, named_for_receipt, shipment_lines, shipment_row, tags_of
from cartable.supply.rules import Ends
from cartable.supply.transfer_forms import CloseReceiptForm, ReceiptScanForm, RemedyForm
from cartable.supply.views.transfers import SEES, SENDS
from cartable.supply.words import REFUSALS


@open_to(*SEES)
def shipment(request: CartableRequest, shipment_id: UUID) -> HttpResponse:
    """Show a shipment to both of its ends; whoever receives scans here."""
    return _page(request, shipment_of(shipment_id), ReceiptScanForm())


@open_to(*SEES)
@require_POST
def receive(request: CartableRequest, shipment_id: UUID) -> HttpResponse:
    """Take in what a scan names."""
    found, form = shipment_of(shipment_id), ReceiptScanForm(request.POST)
    if not ends_of(request.signed_in, found).destination:
        messages.error(request, _("Seul le lieu d’arrivée reçoit ces PC."))
        return redirect("supply:shipment", shipment_id)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    device_ids = named_for_receipt(found, form.cleaned_data["code"])
    if not device_ids:
        form.add_error("code", _("Aucun PC, carton ou palette ne porte ce code. Vérifiez l’étiquette."))
        return _page(request, found, form, status=422)
    try:
        taken = receive_devices(
            shipment_id=found.pk,
            device_ids=device_ids,
            received_at=timezone.now(),
            received_by_id=request.signed_in.actor_id,
        )
    except ShipmentRefused as refusal:
        form.add_error("code", str(REFUSALS.get(refusal.code, refusal.code)))
        return _page(request, found, form, status=422)
    if taken.in_claim:
        form.add_error(
            "code", _("PC déclaré volé ou perdu. Gardez-le, ne le remettez à personne, et prévenez la région.")
        )
        return _page(request, found, form, status=422, is_alarm=True)
    _say(request, taken)
    return redirect("supply:shipment", shipment_id)


def _say(request: CartableRequest, taken: Taken) -> None:
    region_id = request.signed_in.region_id
    if taken.arrived:
        tags = [spaced(tag) for tag in tags_of(taken.arrived, region_id=region_id)]
        words = ngettext("%(codes)s est arrivé.", "%(count)s PC sont arrivés : %(codes)s.", len(tags))
        messages.success(request, words % {"count": len(tags), "codes": ", ".join(tags[:12])})
    if taken.unexpected:
        tags = [spaced(tag) for tag in tags_of(taken.unexpected, region_id=region_id)]
        words = _("%(codes)s n’était pas annoncé : dites plus bas ce qu’il devient.")
        messages.warning(request, words % {"codes": ", ".join(tags[:12])})
    if taken.here_already and not taken.arrived:
        tags = [spaced(tag) for tag in tags_of(taken.here_already, region_id=region_id)]
        messages.info(request, _("%(codes)s : déjà scanné.") % {"codes": ", ".join(tags[:12])})


@open_to(*SEES)
@require_POST
def close(request: CartableRequest, shipment_id: UUID) -> HttpResponse:
    """Close the receipt: what has not come is missing."""
    found, form = shipment_of(shipment_id), CloseReceiptForm(request.POST)
    if not ends_of(request.signed_in, found).destination:
        messages.error(request, _("Seul le lieu d’arrivée reçoit ces PC."))
    elif form.is_valid():
        try:
            left = close_receipt(
                shipment_id=found.pk,
                expected_missing=form.cleaned_data["missing"],
                closed_at=timezone.now(),
                closed_by_id=request.signed_in.actor_id,
            )
        except ShipmentRefused as refusal:
            messages.error(request, str(REFUSALS[refusal.code]))
        else:
            words = ngettext(
                "Réception close : %(n)s écart à régler.", "Réception close : %(n)s écarts à régler.", left
            )
            messages.success(request, words % {"n": left} if left else _("Réception close : tout est là."))
    return redirect("supply:shipment", shipment_id)


@open_to(*SENDS)
@require_POST
def recall(request: CartableRequest, shipment_id: UUID) -> HttpResponse:
    """Take back what was sent by mistake, while nothing has arrived."""
    found = shipment_of(shipment_id)
    if not ends_of(request.signed_in, found).origin:
        messages.error(request, _("Seul le lieu de départ annule un envoi."))
        return redirect("supply:shipment", shipment_id)
    try:
        recall_shipment(shipment_id=found.pk, recalled_at=timezone.now(), recalled_by_id=request.signed_in.actor_id)
    except ShipmentRefused as refusal:
        messages.error(request, str(REFUSALS.get(refusal.code, refusal.code)))
    else:
        messages.success(request, _("Envoi annulé : les PC sont de nouveau au départ."))
    return redirect("supply:shipment", shipment_id)


@open_to(*SEES)
@require_POST
def settle(request: CartableRequest, shipment_id: UUID, line: int) -> HttpResponse:
    """Settle a difference by one of its remedies."""
    found, form = shipment_line_of(shipment_id, line), RemedyForm(request.POST)
    if form.is_valid():
        try:
            settle_difference(
                line_id=found.pk,
                remedy=form.remedy,
                ends=ends_of(request.signed_in, found.shipment),
                settled_at=timezone.now(),
                settled_by_id=request.signed_in.actor_id,
            )
        except ShipmentRefused as refusal:
            messages.error(request, str(REFUSALS.get(refusal.code, refusal.code)))
        else:
            messages.success(request, _("Écart réglé : %(code)s.") % {"code": spaced(found.device.asset_tag)})
    return redirect("supply:shipment", shipment_id)


def _page(
    request: CartableRequest, found: Shipment, form: ReceiptScanForm, *, status: int = 200, is_alarm: bool = False
) -> HttpResponse:
    ends, row = ends_of(request.signed_in, found), shipment_row(found.pk, today=timezone.localdate())
    scans = ends.destination and (row.closed_at is None or row.open_differences > 0)
    values = {
        "row": row,
        "lines": shipment_lines(found, ends=ends),
        "form": form if scans else None,
        "may_close": ends.destination and row.closed_at is None,
        "may_recall": _may_recall(request, ends, row),
        "is_alarm": is_alarm,
        "sees_devices": request.signed_in.school_ids is None,
    }
    return render(request, "supply/shipment.html", values, status=status)


def _may_recall(request: CartableRequest, ends: Ends, row: ShipmentRow) -> bool:
    is_untouched = row.closed_at is None and not row.arrived and not row.open_differences
    return ends.origin and is_untouched and bool(set(SENDS) & request.signed_in.roles)
