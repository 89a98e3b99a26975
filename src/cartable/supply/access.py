"""The road from an address to a note, a delivery, an allotment, a shipment, or a line. Unknown and out of scope: 404."""

from uuid import UUID

from django.http import Http404

from cartable.accounts.access import SignedIn
from cartable.supply.models import Allotment, Delivery, DeliveryNote, RefusedLine, Shipment, ShipmentLine
from cartable.supply.rules import Ends


def note_of(pk: int) -> DeliveryNote:
    """Return a delivery note, with its supplier loaded."""
    note = DeliveryNote.objects.filter(pk=pk).select_related("contractor").first()
    if note is None:
        raise Http404
    return note


def delivery_of(pk: int) -> Delivery:
    """Return a delivery, without the file of its note."""
    delivery = Delivery.objects.filter(pk=pk).select_related("note").defer("note__content").first()
    if delivery is None:
        raise Http404
    return delivery


def refused_line_of(delivery_pk: int, line: int) -> RefusedLine:
    """Return a refused line by its delivery and its number on the note."""
    found = RefusedLine.objects.filter(delivery_id=delivery_pk, line=line).select_related("device").first()
    if found is None:
        raise Http404
    return found


def allotment_of(pk: UUID) -> Allotment:
    """Return an allotment, with its school loaded."""
    allotment = Allotment.objects.filter(pk=pk).select_related("school").first()
    if allotment is None:
        raise Http404
    return allotment


def shipment_of(pk: UUID) -> Shipment:
    """Return a shipment that leaves or reaches a school of the person, with its ends loaded."""
    ends = ("origin", "destination", "origin_school", "destination_school")
    shipment = Shipment.objects.filter(pk=pk).select_related(*ends).first()
    if shipment is None:
        raise Http404
    return shipment


def shipment_line_of(shipment_pk: UUID, line: int) -> ShipmentLine:
    """Return a line by its shipment and its number."""
    found = ShipmentLine.objects.filter(shipment_id=shipment_pk, pk=line).select_related("shipment", "device").first()
    if found is None:
        raise Http404
    return found


def ends_of(signed_in: SignedIn, shipment: Shipment) -> Ends:
    """Say which ends of a shipment the person answers for; the region for both. Nothing goes back to a closed lycée."""
    is_open = shipment.origin_school is None or shipment.origin_school.closed_on is None
    if signed_in.school_ids is None:
        return Ends(origin=is_open, destination=True)
    return Ends(
        origin=is_open and shipment.origin_school_id in signed_in.school_ids,
        destination=shipment.destination_school_id in signed_in.school_ids,
    )
