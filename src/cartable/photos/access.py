"""The road from an address to a photo, or to the movement that photos stand beside. Unknown and out of scope look the same."""

from uuid import UUID

from django.http import Http404

from cartable.photos.models import Act, ConditionPhoto
from cartable.photos.queries import PhotographedAct, act_of_movement


def photo_for(photo_id: UUID) -> ConditionPhoto:
    """Return a photo of a lycée that the person may see."""
    photo = ConditionPhoto.objects.select_related("file", "device").filter(pk=photo_id).first()
    if photo is None:
        raise Http404
    return photo


def photo_of_ticket(ticket_id: UUID, photo_id: UUID) -> ConditionPhoto:
    """Return a photo of a ticket that was found in the repairer's own scope."""
    of_ticket = ConditionPhoto.in_region.select_related("file").filter(act=Act.TICKET, act_id=ticket_id)
    photo = of_ticket.filter(pk=photo_id).first()
    if photo is None:
        raise Http404
    return photo


def act_for(movement_id: UUID) -> PhotographedAct:
    """Return the hand-over or return that a movement was; of a PC, and by a lycée, that the person may see."""
    found = act_of_movement(movement_id)
    if found is None:
        raise Http404
    return found
