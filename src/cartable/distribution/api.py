"""The stations' API: JSON, a token, few statements. Its protocol stands in ``README.md`` of this package."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, NoReturn
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from cartable.accounts.access import open_to_everybody
from cartable.distribution.commands import scans as scan_commands
from cartable.distribution.commands import stations
from cartable.distribution.models import Workshop
from cartable.distribution.queries import prepared, progress
from cartable.distribution.queries.prepared import PreparedDay, PreparedDevice, PreparedStudent, StationPlace
from cartable.distribution.queries.progress import Passed
from cartable.distribution.rules import (
    ScanKind,
    ScanRecord,
    answer_at_a,
    answer_at_b,
    answer_for_device,
    forecast_end,
    rate_per_hour,
)

PROTOCOL = 1
LARGEST_BODY = 1_000_000
MOST_SCANS = 500
LARGEST_SEQUENCE = 2_000_000_000
_STUDENT_CODE = re.compile(r"E\d{10}")
_DEVICE_CODE = re.compile(r"[A-Z0-9][A-Z0-9/.-]{3,29}")
_LOCAL_CODE = re.compile(r"[a-z_]{0,30}")


class BadRequest(Exception):
    """The upload cannot be read; ``detail`` says where."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def _answer(content: dict[str, Any], status: int = 200) -> HttpResponse:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    response = HttpResponse(body, content_type="application/json", status=status)
    # No middleware counts it on this road, and an answer of unknown length goes out in pieces.
    response["Content-Length"] = str(len(body))
    # Names of minors: no cache, no proxy keeps them.
    response["Cache-Control"] = "no-store"
    return response


def _token(request: HttpRequest) -> str:
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token if scheme == "Bearer" and len(token) <= 100 else ""


def _for_station(
    method: str,
) -> Callable[[Callable[[HttpRequest], HttpResponse]], Callable[..., HttpResponse]]:
    """Wrap a view of the API: its one method, refusals of the station as 401, unreadable requests as 400."""

    def wrap(view: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest) -> HttpResponse:
            if request.method != method:
                return _answer({"error": "method_not_allowed"}, 405)
            try:
                return view(request)
            except BadRequest as refusal:
                return _answer({"error": "bad_request", "detail": refusal.detail}, 400)
            except stations.StationRefused as refusal:
                return _answer({"error": refusal.code}, 401)

        return csrf_exempt(open_to_everybody(guarded))

    return wrap


def _welcome_place(request: HttpRequest) -> StationPlace:
    place = prepared.station_place(token_sha256=stations.token_sha256(_token(request)))
    if place is None:
        raise stations.StationUnknown
    if place.is_revoked:
        raise stations.StationRevoked
    if not place.is_accepted:
        raise stations.StationWaiting
    return place


@_for_station("POST")
def upload_scans(request: HttpRequest) -> HttpResponse:
    """Keep and judge a batch of scans. The answer lists every id that it acknowledges."""
    scans = read_upload(request.body if _length(request) <= LARGEST_BODY else _too_large())
    answers = scan_commands.record_scans(token=_token(request), scans=scans)
    return _answer(
        {
            "protocol": PROTOCOL,
            "results": [
                {"id": str(a.id), "result": str(a.result), **({"code": str(a.code)} if a.code else {})} for a in answers
            ],
        }
    )


@_for_station("POST")
def switch_workshop(request: HttpRequest) -> HttpResponse:
    """Let a station serve the other workshop."""
    place = _welcome_place(request)
    try:
        workshop = Workshop(str(json.loads(request.body[:200]).get("workshop")))
    except (ValueError, AttributeError):
        raise BadRequest("workshop") from None
    stations.switch_workshop(station_id=place.station_id, workshop=workshop)
    return _answer({"workshop": str(workshop)})


@_for_station("GET")
def day(request: HttpRequest) -> HttpResponse:
    """Give a station the prepared answers of its whole day."""
    place = _welcome_place(request)
    return _answer(_day_content(place, _prepared(place, None)))


@_for_station("GET")
def day_changes(request: HttpRequest) -> HttpResponse:
    """Give a station what changed since its cursor."""
    place = _welcome_place(request)
    since = request.GET.get("cursor", "")
    if not re.fullmatch(r"\d{1,19}", since):
        raise BadRequest("cursor")
    stations.note_station_seen(place, now=timezone.now())
    changed = _prepared(place, since)
    return _answer(
        {
            "cursor": changed.cursor,
            "students": [student_row(student) for student in changed.students],
            "devices": [device_row(device) for device in changed.devices],
            "progress": progress_content(place, now=timezone.now()),
            "closed": place.day_state == "closed",
        }
    )


def _prepared(place: StationPlace, since: str | None) -> PreparedDay:
    return prepared.prepared_day(day_id=place.day_id, school_id=place.school_id, since=since)


def _day_content(place: StationPlace, whole: PreparedDay) -> dict[str, Any]:
    return {
        "protocol": PROTOCOL,
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
    return timezone.localtime(moment).strftime("%H:%M") if moment else None


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return LARGEST_BODY + 1


def _too_large() -> NoReturn:
    raise BadRequest("body larger than 1 MB")


def read_upload(body: bytes) -> list[ScanRecord]:
    """Read an upload; raise BadRequest naming the field at fault. Nothing is taken from a batch that cannot be read."""
    try:
        content = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadRequest("not JSON") from None
    if not isinstance(content, dict) or content.get("protocol") != PROTOCOL:
        raise BadRequest("protocol")
    scans = content.get("scans")
    if not isinstance(scans, list) or not 0 < len(scans) <= MOST_SCANS:
        raise BadRequest("scans")
    return [_read_scan(scan, place) for place, scan in enumerate(scans)]


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _read_scan(scan: Any, place: int) -> ScanRecord:
    if not isinstance(scan, dict):
        raise BadRequest(f"scans[{place}]")
    try:
        return ScanRecord(
            id=UUID(_text(scan, "id", 36)),
            sequence=_sequence(scan),
            kind=ScanKind(_text(scan, "kind", 16)),
            happened_at=_moment(_text(scan, "happened_at", 40)),
            student_code=_code(scan, "student_code", _STUDENT_CODE),
            device_code=_code(scan, "device_code", _DEVICE_CODE),
            local_code=_code(scan, "code", _LOCAL_CODE),
            raw=_text(scan, "raw", 64) if scan.get("raw") else "",
        )
    except (ValueError, KeyError, OverflowError) as error:
        field = error.args[0] if isinstance(error, KeyError) else str(error).split(":")[0][:60]
        raise BadRequest(f"scans[{place}].{field}") from None


def _text(scan: dict[str, Any], field: str, longest: int) -> str:
    value = scan[field]
    if not isinstance(value, str) or len(value) > longest or "\x00" in value:
        raise ValueError(f"{field}: not a text of at most {longest} characters")
    # A lone surrogate cannot be stored; JSON can write one.
    return value.encode("utf-8", "replace").decode()


def _code(scan: dict[str, Any], field: str, pattern: re.Pattern[str]) -> str:
    if not scan.get(field):
        return ""
    value = _text(scan, field, 30)
    if not pattern.fullmatch(value):
        raise ValueError(f"{field}: not a code")
    return value


def _sequence(scan: dict[str, Any]) -> int:
    value = scan["sequence"]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= LARGEST_SEQUENCE:
        raise ValueError("sequence: not a positive number")
    return value


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("happened_at: without time zone")
    return moment.astimezone(UTC)
