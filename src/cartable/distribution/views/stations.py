"""Start a station and serve its page: nobody signs in, the site card is the right."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page

from cartable.accounts.access import open_to_everybody
from cartable.distribution.commands import stations
from cartable.distribution.forms import StationForm
from cartable.distribution.models import Workshop
from cartable.distribution.printing import practice_codes
from cartable.distribution.queries.prepared import StationPlace, station_place
from cartable.distribution.rules import Code
from cartable.distribution.station_shell import service_worker, web_app_manifest
from cartable.ui.camera import camera_config, may_read_labels

API_ADDRESS = "/api/v2/"
PRACTICE = "distribution:station-practice"
CARD_REFUSALS = {
    "card_unknown": gettext_lazy("Carte inconnue. Scannez la carte du site posée sur la table du responsable."),
    "card_not_valid_now": gettext_lazy("Cette carte n’est valable que la veille et le jour de la distribution."),
    "day_not_open": gettext_lazy("La journée n’est pas prête, ou elle est clôturée. Voyez le responsable."),
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
            return _keep_token(redirect("distribution:station-waiting", started.station.pk), started)
    context = {"form": form, "workshop": request.POST.get("workshop", "B"), "practice_url": reverse(PRACTICE)}
    return render(request, "distribution/station_start.html", context, status=422 if request.method == "POST" else 200)


def _keep_token(response: HttpResponse, started: stations.StartedStation) -> HttpResponse:
    """Keep the token in a cookie of the waiting page only; the station takes it over once it is accepted."""
    response.set_signed_cookie(
        _cookie(started.station.pk), started.token, max_age=24 * 3600, httponly=True, samesite="Strict", path="/poste/",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return response


def _cookie(station_id: int) -> str:
    return f"cartable_station_{station_id}"


def _asking_place(request: HttpRequest, station_id: int) -> tuple[StationPlace | None, str]:
    """Return where the station of this browser's cookie stands, with its token."""
    token = request.get_signed_cookie(_cookie(station_id), default="") or ""
    place = station_place(token_sha256=stations.token_sha256(token)) if token else None
    return (place if place is not None and place.station_id == station_id else None), token


def _state(place: StationPlace | None) -> str:
    if place is None or place.is_revoked:
        return "refused"
    return "accepted" if place.is_accepted else "waiting"


@open_to_everybody
@never_cache
def waiting(request: HttpRequest, station_id: int) -> HttpResponse:
    """Wait for the leader."""
    place, _token = _asking_place(request, station_id)
    start_url = reverse("distribution:station-start")
    return render(
        request,
        "distribution/station_waiting.html",
        {
            "state": _state(place),
            "station_name": f"{place.workshop}{place.number}" if place else "",
            "place": f"{place.school_name}, {place.town}" if place else "",
            "start_url": start_url,
            "waiting_config": {
                "status_url": reverse("distribution:station-state", args=[station_id]),
                "start_url": start_url,
                "worker": _worker_place(),
            },
        },
    )


@open_to_everybody
@never_cache
def waiting_state(request: HttpRequest, station_id: int) -> HttpResponse:
    """Say whether the leader has accepted; then hand the token over to the page that asked."""
    place, token = _asking_place(request, station_id)
    answer = {"state": _state(place)}
    if answer["state"] == "accepted" and place is not None:
        address = f"{reverse('distribution:station')}?poste={place.station_id}"
        answer |= {"token": token, "url": address, "station": str(place.station_id)}
    return JsonResponse(answer)


@open_to_everybody
@never_cache
@gzip_page  # Nothing secret is in it that its length could tell.
@may_read_labels
def station(request: HttpRequest) -> HttpResponse:
    """Serve the station's page. It holds no name and no token: both lie on the station's disk, with the day's list."""
    return HttpResponse(_station_page(get_language()))


@lru_cache(maxsize=8)
def _station_page(_language: str) -> str:
    """Draw the page once per language: it is the same for everybody, and its bytes make the release."""
    config = {
        "api": API_ADDRESS,
        "practice": False,
        "workshop": "B",
        "start_url": reverse("distribution:station-start"),
        "may_forget": settings.STATIONS_MAY_FORGET,
        "worker": _worker_place(),
        **camera_config(),
    }
    context = {"station_config": config, "station_manifest": reverse("distribution:station-manifest")}
    return render_to_string("distribution/station.html", context)


def _worker_place() -> dict[str, str]:
    return {"url": reverse("distribution:station-worker"), "scope": reverse("distribution:station-start")}


@open_to_everybody
def worker(request: HttpRequest) -> HttpResponse:
    """Serve the service worker that opens the station's page without network."""
    script = service_worker(page_address=reverse("distribution:station"), page=_station_page(get_language()))
    return HttpResponse(script, content_type="text/javascript", headers={"Cache-Control": "no-cache"})


@open_to_everybody
def manifest(request: HttpRequest) -> HttpResponse:
    """Serve the web app manifest: the station can be installed like a program."""
    content = web_app_manifest(
        page_address=reverse("distribution:station"), scope=reverse("distribution:station-start")
    )
    return JsonResponse(content, content_type="application/manifest+json", headers={"Cache-Control": "no-cache"})


@open_to_everybody
@never_cache
@gzip_page  # Nothing secret is in it that its length could tell.
@may_read_labels
def practice(request: HttpRequest) -> HttpResponse:
    """Serve a practice station: dummy labels, nothing written."""
    workshop = "A" if request.GET.get("atelier") == "A" else "B"
    config = {
        "api": request.path,
        "practice": True,
        "workshop": workshop,
        "start_url": reverse("distribution:station-start"),
        **camera_config(),
    }
    return render(request, "distribution/station.html", {"station_config": config})


@open_to_everybody
@never_cache
def practice_day(request: HttpRequest) -> HttpResponse:
    """Give the practice station its dummy day: the same shape as the real one, without anybody in it."""
    students, devices = practice_codes()
    empty = {"expected": len(students), "arrived": 0, "equipped": 0, "between": 0, "remaining": len(students), "rate": 0,
             "station_count": 0, "curve": [0] * 12, "end_at": None, "last": []}  # fmt: skip
    return JsonResponse(
        {
            "protocol": 1,
            "day": {"id": 0, "school": _("Entraînement"), "town": "", "practice": True, "target_per_hour": 300,
                    "date": timezone.localdate().isoformat(), "closed": False},
            "station": {"name": "E1", "workshop": "B", "semitones": 0, "next_sequence": 1},
            "cursor": "0",
            "students": [practice_student(number, code) for number, code in enumerate(students, start=1)],
            "devices": [{"c": code, "s": f"ESSAI{number:05d}", "v": str(Code.OK), "e": None}
                        for number, code in enumerate(devices, start=1)],
            "progress": empty,
        }
    )  # fmt: skip


def practice_student(number: int, code: str) -> dict[str, Any]:
    """Return a dummy student; the last two show what a refusal looks like."""
    answers = {5: Code.CHARTER_MISSING, 6: Code.NOT_ELIGIBLE}
    return {
        "c": code,
        "n": _("Élève d’essai {number}").format(number=number),
        "d": _("ESSAI"),
        "t": None,
        "a": str(answers.get(number, Code.OK) if number == 6 else Code.OK),
        "b": str(answers.get(number, Code.OK)),
        "at": None,
        "p": None,
        "m": None,
        "g": "guardian",
    }
