"""Uploads: every event kept and judged, every id that is acknowledged listed."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.http import HttpRequest, HttpResponse

from cartable.distribution.api.door import (
    BadRequest,
    answer,
    body_of,
    for_station,
    place_for_a_large_request,
    token,
    welcome_place,
)
from cartable.distribution.api.reading import UnreadableEvent, read_batch, read_events, read_upload, unreadable_records
from cartable.distribution.commands import journals
from cartable.distribution.commands import scans as scan_commands
from cartable.distribution.commands.scans import ScanAnswer
from cartable.distribution.commands.stations import token_sha256
from cartable.distribution.commands.unreadable import keep_unreadable
from cartable.distribution.journal_file import UnreadableJournal, read_journal
from cartable.distribution.protocol import LARGEST_JOURNAL, PROTOCOL
from cartable.distribution.rules import Code, Result

# More events than a station that scans ever has waiting for long.
_LARGE = 20


def _place_for(event_count: int) -> AbstractContextManager[None]:
    return place_for_a_large_request() if event_count > _LARGE else nullcontext()


@for_station("POST", version=1)
def upload_scans_v1(request: HttpRequest) -> HttpResponse:
    """Keep and judge a batch of version 1: one event that cannot be read refuses the whole of it."""
    scans = read_upload(body_of(request))
    answers = scan_commands.record_scans(token_sha256=token_sha256(token(request)), scans=scans, in_order=False)
    return answer(request, {"protocol": 1, "results": [_result(one) for one in answers]})


@for_station("POST", version=2)
def upload_scans(request: HttpRequest) -> HttpResponse:
    """Keep and judge a batch. The answer lists every id that it acknowledges."""
    scans, unreadable = read_batch(body_of(request))
    digest = token_sha256(token(request))
    with _place_for(len(scans) + len(unreadable)):
        if unreadable:  # First: what comes after one of them follows it.
            keep_unreadable(station_id=welcome_place(request).station_id, events=unreadable_records(unreadable))
        answers = scan_commands.record_scans(token_sha256=digest, scans=scans) if scans else []
    return answer(request, {"protocol": PROTOCOL, **_acknowledged(answers, unreadable)})


@for_station("POST", version=2)
def take_journal(request: HttpRequest) -> HttpResponse:
    """Take the journal of another station of the same day, carried here by this one."""
    place = welcome_place(request)
    try:
        journal = read_journal(body_of(request, at_most=LARGEST_JOURNAL))
        scans, unreadable = read_events(journal.events)
        with _place_for(len(scans) + len(unreadable)):
            answers = journals.take_journal(
                day_id=place.day_id,
                journal=journal,
                brought_by_id=place.actor_id,
                scans=scans,
                unreadable=unreadable_records(unreadable),
            )
    except (UnreadableJournal, journals.JournalRefused) as refusal:
        raise BadRequest(refusal.code) from None
    return answer(request, {"protocol": PROTOCOL, **_acknowledged(answers, unreadable)})


def _acknowledged(answers: Sequence[ScanAnswer], unreadable: Sequence[UnreadableEvent]) -> dict[str, Any]:
    kept = [
        {"id": str(one.id), "result": str(Result.REFUSED), "code": str(Code.UNREADABLE)} for one in unreadable if one.id
    ]
    nameless = [{"index": one.index, "detail": one.detail} for one in unreadable if not one.id]
    return {"results": [*map(_result, answers), *kept], **({"unreadable": nameless} if nameless else {})}


def _result(one: ScanAnswer) -> dict[str, str]:
    return {"id": str(one.id), "result": str(one.result), **({"code": str(one.code)} if one.code else {})}
