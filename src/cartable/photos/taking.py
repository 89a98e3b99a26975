"""Photos that came with an act, kept after it and told apart from it: shared by the desks of several packages."""

from uuid import UUID

from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cartable.accounts.access import CartableRequest
from cartable.fleet.models import Device
from cartable.photos.access import act_for
from cartable.photos.commands import keep_photos
from cartable.photos.forms import SentPhotos
from cartable.photos.rules import Act, PhotoFault
from cartable.photos.words import fault_in_words


def keep_with_movement(request: CartableRequest, sent: SentPhotos, movement_id: UUID) -> bool:
    """Keep what was sent with a hand-over or a return, as `keep_sent` does."""
    if sent.is_nothing:
        return True
    found = act_for(movement_id)
    return keep_sent(request, sent, act=found.act, act_id=movement_id, device=found.device, school_id=found.school_id)


def keep_sent(
    request: CartableRequest, sent: SentPhotos, *, act: Act, act_id: UUID, device: Device, school_id: int
) -> bool:
    """Keep what was sent beside an act that is done; say what is kept and what is not. Say whether all of it is."""
    if sent.is_nothing:
        return True
    left_over = keep_photos(
        act=act,
        act_id=act_id,
        device=device,
        school_id=school_id,
        pictures=sent.pictures,
        taken_at=timezone.now(),
        taken_by_id=request.signed_in.actor_id,
    )
    if kept := len(sent.pictures) - left_over:
        words = ngettext("%(count)s photo gardée.", "%(count)s photos gardées.", kept)
        messages.success(request, words % {"count": kept})
    for place, fault in sent.faults:
        words = _("Photo %(place)s non gardée : %(why)s") % {"place": place, "why": fault_in_words(fault)}
        messages.warning(request, words)
    if left_over:
        words = ngettext("%(count)s photo non gardée : %(why)s", "%(count)s photos non gardées : %(why)s", left_over)
        messages.warning(request, words % {"count": left_over, "why": fault_in_words(PhotoFault.TOO_MANY)})
    if sent.faults:
        messages.info(request, _("Tout le reste est enregistré. La photo s’ajoute ici, sous « Photos »."))
    return not sent.faults and not left_over
