"""The road from an address to a note, a delivery, a refused line, an allotment. Unknown and out of scope: 404."""

from uuid import UUID

from django.http import Http404

from cartable.supply.models import Allotment, Delivery, DeliveryNote, RefusedLine


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
