"""Start a station and serve its page: nobody signs in, the site card is the right."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from cartable.accounts.access import open_to_everybody
from cartable.distribution.commands import stations
from cartable.distribution.forms import StationForm
from cartable.distribution.models import Workshop
from cartable.distribution.printing import practice_codes

CARD_REFUSALS = {
    "card_unknown": _("Carte inconnue. Scannez la carte du site posée sur la table du responsable."),
    "card_not_valid_now": _("Cette carte n’est valable que la veille et le jour de la distribution."),
    "day_not_open": _("La journée n’est pas prête, ou elle est clôturée. Voyez le responsable."),
}


@open_to_everybody
@never_cache
def start(request: HttpRequest) -> HttpResponse:
    """Ask for a station with the site card."""
    form = StationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            started = stations.request_station(
                digits=form.cleaned_data["site_card"],
                workshop=Workshop(form.cleaned_data["workshop"]),
                now=timezone.now(),
            )
        except stations.SiteCardRefused as refusal:
            form.add_error("site_card", CARD_REFUSALS[refusal.code])
        else:
            return render(
                request,
                "distribution/station_waiting.html",
                {
                    "station_name": started.station.name,
                    "station_token": started.token,
                    "status_url": "/api/v1/station",
                    "station_url": "/poste/atelier/",
                },
            )
    return render(
        request, "distribution/station_start.html", {"form": form}, status=422 if request.method == "POST" else 200
    )


@open_to_everybody
@never_cache
def station(request: HttpRequest) -> HttpResponse:
    """Serve the station's page. It holds no name: the day comes by the API, with the token."""
    workshop = "A" if request.GET.get("atelier") == "A" else "B"
    return render(
        request,
        "distribution/station.html",
        {"station_config": {"api": "/api/v1/", "practice": False, "workshop": workshop, "start_url": "/poste/"}},
    )


@open_to_everybody
@never_cache
def practice(request: HttpRequest) -> HttpResponse:
    """Serve a practice station: dummy labels, nothing written."""
    students, devices = practice_codes()
    workshop = "A" if request.GET.get("atelier") == "A" else "B"
    return render(
        request,
        "distribution/station.html",
        {
            "station_config": {
                "api": "/api/v1/",
                "practice": True,
                "workshop": workshop,
                "start_url": "/poste/",
                "practice_students": students,
                "practice_devices": devices,
            }
        },
    )
