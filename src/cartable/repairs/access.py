"""The road from an address, or from a scan, to a ticket, a quote, a PC. Unknown and out of scope look the same."""

from uuid import UUID

from django.http import Http404

from cartable.fleet.models import Device
from cartable.fleet.queries.codes import exact_device
from cartable.repairs.models import RepairQuote, RepairTicket

_LOADED = ("device__device_model", "device__lot", "school", "repairer", "recall")


def ticket_for(ticket_id: UUID) -> RepairTicket:
    """Return a ticket of a lycée that the person may see."""
    ticket = RepairTicket.objects.filter(pk=ticket_id).select_related(*_LOADED).first()
    if ticket is None:
        raise Http404
    return ticket


def repairers_ticket(ticket_id: UUID) -> RepairTicket:
    """Return a ticket whose PC the person's own company was sent; before that it is none of theirs."""
    sent = RepairTicket.at_contractor.filter(pk=ticket_id, sent_at__isnull=False)
    ticket = sent.select_related(*_LOADED).first()
    if ticket is None:
        raise Http404
    return ticket


def quote_for(quote_id: UUID) -> RepairQuote:
    """Return a quote that the region may decide."""
    quote = RepairQuote.objects.filter(pk=quote_id).first()
    if quote is None:
        raise Http404
    return quote


def scanned_device(text: str) -> Device | None:
    """Return the PC in scope that a scan names, by tag or serial number; None where there is none."""
    tag = exact_device(text)
    return Device.objects.filter(asset_tag=tag).select_related("device_model", "lot").first() if tag else None
