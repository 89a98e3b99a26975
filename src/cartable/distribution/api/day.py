"""The prepared answers of a day: all of them, and for stations of version 1 those that changed."""

import json
import re
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from cartable.distribution.api.door import (
    BadRequest,
    answer,
    for_station,
    place_for_a_large_request,
    welcome_place,
)
from cartable.distribution.commands import stations
from cartable.distribution.models import Workshop
from cartable.distribution.protocol import PROTOCOL
from cartable.distribution.queries import prepared, progress
from cartable.distribution.queries.prepared import (
    PreparedDay,
    PreparedDevice,
    PreparedStudent,
    StationPlace,
    snapshot_of,
)
from cartable.distribution.queries.progress import Passed
from cartable.distribution.rules import (
    answer_at_a,
    answer_at_b,
    answer_for_device,
    forecast_end,
    rate_per_hour,
)


@for_station("POST", version=1)
def switch_workshop(request: HttpRequest) -> HttpResponse:
    """Let a station serve the other workshop."""
    place = welcome_place(request)
    try:
        workshop = Workshop(str(json.loads(request.body[:200]).get("workshop")))
    except (ValueError, AttributeError):
        raise BadRequest("workshop") from None
    stations.switch_workshop(station_id=place.station_id, workshop=workshop)
    return answer(request, {"workshop": str(workshop)})


@for_station("GET", version=1)
def day_v1(request: HttpRequest) -> HttpResponse:
    """Give a station of version 1 the prepared answers of its whole day."""
    place = welcome_place(request)
    return answer(request, _day_content(place, _prepared(place, None), version=1))


@for_station("GET", version=2)
def day(request: HttpRequest) -> HttpResponse:
    """Give a station the prepared answers of its whole day."""
    place = welcome_place(request)
    with place_for_a_large_request():
        snapshot = snapshot_of()
        content = _day_content(place, _prepared(place, None), version=PROTOCOL)
        return answer(request, content | {"cursor": f"{snapshot.database}-{content['cursor']}"})


@for_station("GET", version=1)
def day_changes(request: HttpRequest) -> HttpResponse:
    """Give a station what changed since its cursor."""
    place = welcome_place(request)
    since = request.GET.get("cursor", "")
    if not re.fullmatch(r"\d{1,19}", since):
        raise BadRequest("cursor")
    stations.note_station_seen(place, now=timezone.now())
    changed = _prepared(place, since)
    return answer(
        request,
        {
            "cursor": changed.cursor,
            "students": [student_row(student) for student in changed.students],
            "devices": [device_row(device) for device in changed.devices],
            "progress": progress_content(place, now=timezone.now()),
            "closed": place.day_state == "closed",
        },
    )


def _prepared(place: StationPlace, since: str | None) -> PreparedDay:
    return prepared.prepared_day(day_id=place.day_id, school_id=place.school_id, since=since)


def _day_content(place: StationPlace, whole: PreparedDay, *, version: int) -> dict[str, Any]:
    return {
        "protocol": version,
        "day": {
            "id": place.day_id,
            "school": place.school_name,
            "town": place.town,
            "date": place.held_on.isoformat(),
            "practice": place.is_practice,
            "target_per_hour": place.target_per_hour,
            "closed": place.day_state == "closed",
        },
        "station": {
            "id": place.station_id,
            "name": f"{place.workshop}{place.number}",
            "workshop": place.workshop,
            "semitones": 2 * ((place.number - 1) % 4),
            "next_sequence": place.next_sequence,
        },
        "cursor": whole.cursor,
        "students": [student_row(student) for student in whole.students],
        "devices": [device_row(device) for device in whole.devices],
        "progress": progress_content(place, now=timezone.now()),
    }


def student_row(student: PreparedStudent) -> dict[str, Any]:
    """Return a student as stations read it: the answers of both workshops, no rule."""
    facts = student.facts
    return {
        "c": facts.code,
        "n": student.name,
        "d": student.division,
        "t": _clock(student.passing_at),
        "a": str(answer_at_a(facts)),
        "b": str(answer_at_b(facts)),
        "at": _clock(student.arrived_at),
        "p": facts.held_device_code,
        "m": student.medium,
        "g": facts.signer_kind,
        **({"l": student.other_codes} if student.other_codes else {}),
    }


def device_row(device: PreparedDevice) -> dict[str, Any]:
    """Return a PC as stations read it."""
    return {
        "c": device.facts.code,
        "s": device.serial_number,
        "v": str(answer_for_device(device.facts)),
        "e": device.holder_code,
        **({"l": device.old_tags} if device.old_tags else {}),
    }


def progress_content(place: StationPlace, *, now: datetime) -> dict[str, Any]:
    """Return the figures of the side panel."""
    standing = progress.day_progress(day_id=place.day_id, now=now)
    rate = rate_per_hour(standing.recent_count)
    return {
        "expected": standing.expected,
        "arrived": standing.arrived,
        "equipped": standing.equipped,
        "between": standing.between,
        "remaining": standing.remaining,
        "rate": rate,
        "apart": progress.is_workshop_a_apart(day_id=place.day_id, now=now),
        "station_count": progress.station_pair_count(station_id=place.station_id),
        "curve": progress.rate_curve(day_id=place.day_id, now=now),
        "end_at": _clock(forecast_end(now=now, remaining=standing.remaining, rate=rate)),
        "last": [
            _passed_row(passed) for passed in progress.last_passages(day_id=place.day_id, workshop=place.workshop)
        ],
    }


def _passed_row(passed: Passed) -> dict[str, Any]:
    return {
        "n": passed.name,
        "d": passed.division,
        "c": passed.device_code,
        "m": passed.medium,
        "at": _clock(passed.at),
        "kind": passed.kind,
        "ok": True,
    }


def _clock(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    # strftime and the thread's own time zone cost half of a list of 600.
    local = moment.astimezone(timezone.get_default_timezone())
    return f"{local.hour:02}:{local.minute:02}"
