"""Photos of what happened to a PC, beside its incident."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.incidents.access import incident_for
from cartable.incidents.models import Incident
from cartable.incidents.views.audience import DECLARES
from cartable.photos.forms import PhotosForm, SentPhotos
from cartable.photos.rules import Act
from cartable.photos.taking import keep_sent


def keep_photos_of(request: CartableRequest, found: Incident, sent: SentPhotos) -> None:
    """Keep what was sent beside an incident."""
    keep_sent(request, sent, act=Act.INCIDENT, act_id=found.pk, device=found.device, school_id=found.school_id)


@open_to(*DECLARES)
@require_POST
def photos_add(request: CartableRequest, incident_id: UUID) -> HttpResponse:
    """Add photos to an incident."""
    found = incident_for(incident_id)
    form = PhotosForm(request.POST, request.FILES)
    form.is_valid()
    if form.cleaned_data["photos"].is_nothing:
        messages.warning(request, _("Aucune photo choisie."))
    keep_photos_of(request, found, form.cleaned_data["photos"])
    return redirect("incidents:incident", found.pk)
