"""A station says where it stands; it hears what changed, and what the server misses of it."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from cartable.distribution.api.day import device_row, progress_content, student_row
from cartable.distribution.api.door import BadRequest, answer, body_of, for_station, json_object, welcome_place
from cartable.distribution.api.reading import read_moment
from cartable.distribution.commands.stations import Contact, note_contact
from cartable.distribution.models import Workshop
from cartable.distribution.protocol import PROTOCOL
from cartable.distribution.queries.contact import known_sequences
from cartable.distribution.queries.prepared import StationPlace, prepared_day, snapshot_of

_CURSOR = re.compile(r"([0-9A-F.]{1,20})-(\d{1,19})")
_MOST = 2_000_000_000
# Without changes. Counting a day costs more than all the rest of a contact.
_FIGURES_EVERY = timedelta(seconds=10)


@for_station("POST", version=2)
def contact(request: HttpRequest) -> HttpResponse:
    """Note where a station stands; answer with what changed since its cursor and with what the server misses."""
    place = welcome_place(request)
    said, database, since = _read(json_object(body_of(request), version=PROTOCOL))
    now = timezone.now()
    known = known_sequences(
        station_id=place.station_id, known_through=place.known_through, made=max(said.sequence, place.next_sequence - 1)
    )
    note_contact(place, said, known_through=known.through, now=now)
    snapshot = snapshot_of()
    must_reload = database != snapshot.database or since > snapshot.next_transaction
    changed = (
        prepared_day(day_id=place.day_id, school_id=place.school_id, since=str(since)) if not must_reload else None
    )
    is_told = changed is None or not changed.is_empty or said.workshop != place.workshop or _is_due(place, now)
    return answer(
        request,
        {
            "protocol": PROTOCOL,
            "cursor": f"{snapshot.database}-{changed.cursor if changed else since}",
            "students": [student_row(student) for student in changed.students] if changed else [],
            "devices": [device_row(device) for device in changed.devices] if changed else [],
            "progress": progress_content(replace(place, workshop=said.workshop), now=now) if is_told else None,
            "closed": place.day_state == "closed",
            "reload": must_reload,
            "server_time": now.isoformat(),
            "known_through": known.through,
            "missing": known.missing,
        },
    )


def _is_due(place: StationPlace, now: datetime) -> bool:
    """Say whether figures that nobody changed are told again: the rate falls while nothing happens."""
    seconds = _FIGURES_EVERY.total_seconds()
    return place.last_seen_at is None or place.last_seen_at.timestamp() // seconds != now.timestamp() // seconds


def _read(content: dict[str, Any]) -> tuple[Contact, str, int]:
    cursor = content.get("cursor")
    found = _CURSOR.fullmatch(cursor) if isinstance(cursor, str) else None
    if found is None:
        raise BadRequest("cursor")
    try:
        clock = read_moment(str(content.get("clock")))
        workshop = Workshop(str(content.get("workshop")))
    except (ValueError, OverflowError) as error:
        raise BadRequest(str(error).split(":")[0][:60]) from None
    durable = content.get("durable")
    said = Contact(
        clock=clock,
        sequence=_count(content, "sequence"),
        waiting=_count(content, "waiting"),
        workshop=workshop,
        is_durable=durable if isinstance(durable, bool) else None,
    )
    return said, found[1], int(found[2])


def _count(content: dict[str, Any], field: str) -> int:
    value = content.get(field)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        raise BadRequest(field)
    return value
