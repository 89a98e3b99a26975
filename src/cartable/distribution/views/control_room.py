"""The leader's screen: where the day stands, stations, what is to be reviewed."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartable.accounts.access import CartableRequest, open_to
from cartable.distribution.access import day_for, scan_for, station_for
from cartable.distribution.commands import closing, stations
from cartable.distribution.models import DayState, DistributionDay
from cartable.distribution.queries import control_room as reads
from cartable.distribution.queries import progress as counts
from cartable.distribution.queries.court import disputes
from cartable.distribution.refusal_words import REFUSAL_WORDS, REMEDY_WORDS, WAYS_OUT
from cartable.distribution.rules import forecast_end, rate_per_hour
from cartable.distribution.views.days import SITE, STAFF
from cartable.ui import charts

FIVE_MINUTES = timedelta(minutes=5)
CURVE_BUCKETS = 24  # Two hours.


@open_to(*STAFF)
def control_room(request: HttpRequest, day_id: int) -> HttpResponse:
    """Show the control room; the live part is fetched again every ten seconds."""
    day = day_for(day_id)
    template = "distribution/control_room.html"
    if request.headers.get("HX-Request"):
        template += "#live"
    return render(request, template, _live(day))


@open_to(*STAFF)
def wall(request: HttpRequest, day_id: int) -> HttpResponse:
    """Show the day in large figures, without any name, for a screen in the hall."""
    day = day_for(day_id)
    template = "distribution/wall.html" + ("#live" if request.headers.get("HX-Request") else "")
    return render(request, template, _live(day))


def _live(day: DistributionDay) -> dict[str, Any]:
    now = timezone.now()
    standing = counts.day_progress(day_id=day.pk, now=now)
    rate = rate_per_hour(standing.recent_count)
    local_now = timezone.localtime(now)
    buckets = _curve_buckets(standing.first_at, now)
    # The last five minutes are not over: their point is the pace that the figures beside the curve show.
    rates = [*counts.rate_curve(day_id=day.pk, now=now, buckets=buckets)[:-1], rate]
    curve = charts.rate_curve(
        [
            charts.RatePoint(local_now - FIVE_MINUTES * (buckets - 1 - place), value)
            for place, value in enumerate(rates)
        ],
        target=day.target_per_hour,
        opens_at=local_now - FIVE_MINUTES * (buckets - 1),
        closes_at=local_now,
    )
    stations = reads.stations_of(day, now=now)
    return {
        "day": day,
        "state": DayState(day.state).label,
        "not_come": max(0, standing.expected - standing.arrived),
        "is_open": day.state == DayState.OPEN,
        "now": local_now,
        "standing": standing,
        "share": standing.equipped / standing.expected if standing.expected else 0,
        "rate": rate,
        "curve": curve,
        "end_at": forecast_end(now=now, remaining=standing.remaining, rate=rate),
        "stations": stations,
        # Whoever waits before a station is served first; until there is one, nothing else can happen.
        "stations_first": not stations or any(station.is_waiting for station in stations),
        "classes": reads.classes_of(day),
        "reviews": [_review(line) for line in reads.to_review(day)],
        "disputes": [(line, REFUSAL_WORDS.get(line.code, line.code)) for line in disputes(day_id=day.pk)],
    }


def _curve_buckets(first_at: datetime | None, now: datetime) -> int:
    """Return how many five-minute steps the curve shows: since the first PC, one hour at least, two at most."""
    steps = int((now - first_at) / FIVE_MINUTES) + 2 if first_at else 0
    return min(max(steps, CURVE_BUCKETS // 2), CURVE_BUCKETS)


def _review(line: reads.ReviewLine) -> dict[str, Any]:
    return {
        "line": line,
        "title": REFUSAL_WORDS.get(line.code, line.code),
        "way_out": WAYS_OUT.get(line.code, ""),
        "tone": "att",
    }


def _back_to(day: DistributionDay, part: str) -> HttpResponse:
    """Show the control room again; the keyboard goes on at the part where it was."""
    return redirect(f"{reverse('distribution:control-room', args=[day.pk])}#{part}")


@open_to(*SITE)
@require_POST
def accept(request: CartableRequest, day_id: int, station_id: int) -> HttpResponse:
    """Let a station serve."""
    day = day_for(day_id)
    stations.accept_station(
        station=station_for(day, station_id), accepted_by_id=request.signed_in.actor_id, now=timezone.now()
    )
    messages.success(request, _("Poste accepté."))
    return _back_to(day, "postes")


@open_to(*SITE)
@require_POST
def revoke(request: CartableRequest, day_id: int, station_id: int) -> HttpResponse:
    """Stop a station."""
    day = day_for(day_id)
    stations.revoke_station(station=station_for(day, station_id), now=timezone.now())
    messages.success(request, _("Poste arrêté : ses lectures ne sont plus prises."))
    return _back_to(day, "postes")


@open_to(*SITE)
@require_POST
def decide(request: CartableRequest, day_id: int, scan_id: UUID) -> HttpResponse:
    """Say that a scan is dealt with."""
    day = day_for(day_id)
    scan = scan_for(day, scan_id)
    remedy = request.POST.get("remedy", "")
    closing.decide_review(
        scan_id=scan.pk,
        remedy=remedy if remedy in REMEDY_WORDS else "settled",
        decided_by_id=request.signed_in.actor_id,
        now=timezone.now(),
    )
    messages.success(request, _("Point réglé."))
    return _back_to(day, "a-revoir")
