"""A photo, for those who may see it; photos added to a hand-over or a return; a picture erased before its day."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.accounts.models import Role
from cartable.photos.access import act_for, photo_for
from cartable.photos.answers import photo_answer
from cartable.photos.commands import erase_photo
from cartable.photos.forms import PhotosForm
from cartable.photos.taking import keep_sent

TAKES = (Role.HEAD_OF_SCHOOL, Role.SCHOOL_OFFICE, Role.TECHNICIAN)
SEES = (Role.REGION_MANAGER, *TAKES)


@open_to(*SEES)
def photo(_request: CartableRequest, photo_id: UUID) -> HttpResponse:
    """Show a photo, for as long as it is kept."""
    return photo_answer(photo_for(photo_id))


@open_to(*TAKES)
@require_POST
def add(request: CartableRequest, movement_id: UUID) -> HttpResponse:
    """Add photos to a hand-over or a return."""
    act = act_for(movement_id)
    form = PhotosForm(request.POST, request.FILES)
    form.is_valid()
    sent = form.cleaned_data["photos"]
    if sent.is_nothing:
        messages.warning(request, _("Aucune photo choisie."))
    keep_sent(request, sent, act=act.act, act_id=act.movement_id, device=act.device, school_id=act.school_id)
    return redirect("fleet:device", act.device.asset_tag)


@open_to(*SEES)
@require_POST
def erase(request: CartableRequest, photo_id: UUID) -> HttpResponse:
    """Erase a picture that should not have been taken."""
    found = photo_for(photo_id)
    if not erase_photo(photo=found, erased_at=timezone.now()):
        raise Http404
    messages.success(request, _("Photo effacée ; la trace qu’elle a été prise reste."))
    back = request.POST.get("retour", "")
    # A PC that was stolen since has left the lycée's scope: its page would not be there.
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(back if is_ours else reverse("fleet:device", args=[found.device.asset_tag]))
