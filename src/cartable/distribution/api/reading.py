"""Read the events of an upload: each for itself, codes and times checked."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cartable.distribution.api.door import BadRequest, json_object
from cartable.distribution.commands.unreadable import UnreadableRecord
from cartable.distribution.protocol import MOST_SCANS
from cartable.distribution.rules import ScanKind, ScanRecord

_LARGEST_SEQUENCE = 2_000_000_000
_STUDENT_CODE = re.compile(r"E\d{10}")
_DEVICE_CODE = re.compile(r"[A-Z0-9][A-Z0-9/.-]{3,29}")
_LOCAL_CODE = re.compile(r"[a-z0-9_]{0,30}")


@dataclass(frozen=True)
class UnreadableEvent:
    """An event that cannot be read: its place in the batch, what is wrong, and what could be read of it."""

    index: int
    detail: str
    content: Any
    id: UUID | None = None
    sequence: int | None = None


def read_upload(body: bytes) -> list[ScanRecord]:
    """Read an upload of version 1; raise BadRequest naming the field at fault: nothing is taken then."""
    scans, unreadable = read_events(_events(json_object(body, version=1)))
    if unreadable:
        raise BadRequest(f"scans[{unreadable[0].index}]{unreadable[0].detail}")
    return scans


def read_batch(body: bytes) -> tuple[list[ScanRecord], list[UnreadableEvent]]:
    """Read an upload of version 2: the events, and those that cannot be read, which hold back no other."""
    return read_events(_events(json_object(body, version=2)))


def _events(content: dict[str, Any]) -> list[Any]:
    events = content.get("scans")
    if not isinstance(events, list) or not 0 < len(events) <= MOST_SCANS:
        raise BadRequest("scans")
    return events


def read_events(events: Sequence[Any]) -> tuple[list[ScanRecord], list[UnreadableEvent]]:
    """Read each event for itself."""
    scans, unreadable = [], []
    for index, event in enumerate(events):
        try:
            scans.append(_read(event))
        except (ValueError, KeyError, OverflowError, TypeError) as error:
            unreadable.append(_unreadable(index, event, error))
    return scans, _placed(unreadable, events)


def _placed(unreadable: Sequence[UnreadableEvent], events: Sequence[Any]) -> list[UnreadableEvent]:
    """Give an event whose sequence cannot be read the place that its neighbours leave free: the next ones go on."""
    sequences = [_readable_sequence(event) if isinstance(event, dict) else None for event in events]
    placed = []
    for one in unreadable:
        before = sequences[one.index - 1] if one.index else None
        if one.sequence is None and before is not None and before + 1 not in sequences:
            sequences[one.index] = before + 1
            one = replace(one, sequence=before + 1)
        placed.append(one)
    return placed


def unreadable_records(events: Sequence[UnreadableEvent]) -> list[UnreadableRecord]:
    """Return what is kept of events that cannot be read."""
    return [UnreadableRecord(one.id, one.sequence, one.detail, json.dumps(one.content)) for one in events]


def _read(event: Any) -> ScanRecord:
    if not isinstance(event, dict):
        raise ValueError(": not an object")
    return ScanRecord(
        id=UUID(_text(event, "id", 36)),
        sequence=_sequence(event),
        kind=ScanKind(_text(event, "kind", 16)),
        happened_at=read_moment(_text(event, "happened_at", 40)),
        student_code=_code(event, "student_code", _STUDENT_CODE),
        device_code=_code(event, "device_code", _DEVICE_CODE),
        local_code=_code(event, "code", _LOCAL_CODE),
        raw=_text(event, "raw", 64) if event.get("raw") else "",
    )


def _unreadable(index: int, event: Any, error: Exception) -> UnreadableEvent:
    detail = f".{error.args[0]}" if isinstance(error, KeyError) else f".{str(error).split(':')[0][:60]}"
    fields = event if isinstance(event, dict) else {}
    return UnreadableEvent(index, detail, event, _readable_id(fields), _readable_sequence(fields))


def _readable_id(event: dict[str, Any]) -> UUID | None:
    try:
        return UUID(_text(event, "id", 36))
    except (ValueError, KeyError):
        return None


def _readable_sequence(event: dict[str, Any]) -> int | None:
    try:
        return _sequence(event)
    except (ValueError, KeyError):
        return None


def _text(event: dict[str, Any], field: str, longest: int) -> str:
    value = event[field]
    if not isinstance(value, str) or len(value) > longest or "\x00" in value:
        raise ValueError(f"{field}: not a text of at most {longest} characters")
    # A lone surrogate cannot be stored; JSON can write one.
    return value.encode("utf-8", "replace").decode()


def _code(event: dict[str, Any], field: str, pattern: re.Pattern[str]) -> str:
    if not event.get(field):
        return ""
    value = _text(event, field, 30)
    if not pattern.fullmatch(value):
        raise ValueError(f"{field}: not a code")
    return value


def _sequence(event: dict[str, Any]) -> int:
    value = event["sequence"]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _LARGEST_SEQUENCE:
        raise ValueError("sequence: not a positive number")
    return value


def read_moment(text: str) -> datetime:
    """Return a moment in UTC. Raises ValueError, or OverflowError at the ends of time."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("happened_at: without time zone")
    return moment.astimezone(UTC)
