"""The door of the stations' API: one method, a token, bounded bodies; refusals in the protocol's words, never a page."""

import gzip
import json
import logging
import random
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import wraps
from threading import BoundedSemaphore
from typing import Any

from django.db import InterfaceError, InternalError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from cartable.accounts.access import open_to_everybody
from cartable.distribution.commands import stations
from cartable.distribution.protocol import LARGEST_BODY, is_accepted
from cartable.distribution.queries.prepared import StationPlace, station_place

_log = logging.getLogger(__name__)
View = Callable[[HttpRequest], HttpResponse]
# Below this, a compressed answer costs more than it spares.
_WORTH_COMPRESSING = 1_400
_RETRY_AFTER_S = (1, 5)
# Stations that come back together ask for whole lists and bring hundreds of events each. One such request at once leaves
# threads and processors to the pages and to those who scan one by one: one per process, and the database knows of one only.
_large_request = BoundedSemaphore(1)
LARGE_REQUEST = 4_120_601


def today() -> date:
    """Return the date that decides which versions are understood."""
    return timezone.localdate()


class BadRequest(Exception):
    """The request cannot be read; ``detail`` says where."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class TooLarge(Exception):
    """The body is longer than the protocol allows, as sent or unpacked."""


class Busy(Exception):
    """Another large request is being answered: the station comes again."""


def for_station(method: str, *, version: int) -> Callable[[View], Callable[..., HttpResponse]]:
    """Wrap a view of the API: its one method, its protocol version, and every refusal as ``docs/protocol.md`` says it."""

    def wrap(view: View) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest) -> HttpResponse:
            if request.method != method:
                return answer(request, {"error": "method_not_allowed"}, 405)
            if not is_accepted(version, today=today()):
                return answer(request, {"error": "protocol_too_old"}, 410)
            try:
                return view(request)
            except BadRequest as refusal:
                return answer(request, {"error": "bad_request", "detail": refusal.detail}, 400)
            except TooLarge:
                return answer(request, {"error": "too_large"}, 413)
            except stations.StationRefused as refusal:
                return answer(request, {"error": refusal.code}, 401)
            except Busy:
                return _come_again(request, "busy")
            except (OperationalError, InterfaceError, InternalError):
                # Down, restarting, read-only, disk full: nothing is acknowledged, the station keeps what it has.
                _log.exception("the database did not take what a station sent")
                return _come_again(request, "unavailable")

        return csrf_exempt(open_to_everybody(guarded))

    return wrap


def answer(request: HttpRequest, content: dict[str, Any], status: int = 200) -> HttpResponse:
    """Return JSON, compressed where it is worth it and the station understands it."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    is_packed = len(body) > _WORTH_COMPRESSING and "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")
    if is_packed:
        body = gzip.compress(body, compresslevel=6, mtime=0)
    response = HttpResponse(body, content_type="application/json", status=status)
    if is_packed:
        response["Content-Encoding"] = "gzip"
    # No middleware counts it on this road, and an answer of unknown length goes out in pieces.
    response["Content-Length"] = str(len(body))
    # Names of minors: no cache, no proxy keeps them.
    response["Cache-Control"] = "no-store"
    return response


@contextmanager
def place_for_a_large_request() -> Iterator[None]:
    """Answer a large request once no other is being answered; the others are told at once when to come again: Busy."""
    if not _large_request.acquire(blocking=False):
        raise Busy
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LARGE_REQUEST])
            if cursor.fetchone() != (True,):
                raise Busy
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LARGE_REQUEST])
    finally:
        _large_request.release()


def _come_again(request: HttpRequest, error: str) -> HttpResponse:
    response = answer(request, {"error": error}, 503)
    # Spread, so that those who were turned away together do not come back together.
    response["Retry-After"] = str(random.randint(*_RETRY_AFTER_S))
    return response


def token(request: HttpRequest) -> str:
    """Return the station's token, empty where the header holds none."""
    scheme, _, value = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return value if scheme == "Bearer" and len(value) <= 100 else ""


def welcome_place(request: HttpRequest) -> StationPlace:
    """Return where the station serves. Raises StationUnknown, StationRevoked or StationWaiting."""
    place = station_place(token_sha256=stations.token_sha256(token(request)))
    if place is None:
        raise stations.StationUnknown
    if place.is_revoked:
        raise stations.StationRevoked
    if not place.is_accepted:
        raise stations.StationWaiting
    return place


def body_of(request: HttpRequest, *, at_most: int = LARGEST_BODY) -> bytes:
    """Return the body, unpacked; nothing larger than ``at_most`` is ever held. Raises TooLarge or BadRequest."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise BadRequest("Content-Length") from None
    if length > at_most:
        raise TooLarge
    # Read within our own bound: Django's is smaller than a journal, and answers with a page.
    sent = request.read(length)
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "")
    if not encoding:
        return sent
    if encoding != "gzip":
        raise BadRequest("Content-Encoding")
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        body = unpacking.decompress(sent, at_most + 1)
    except zlib.error:
        raise BadRequest("gzip") from None
    if len(body) > at_most:
        raise TooLarge
    if not unpacking.eof or unpacking.unused_data:
        raise BadRequest("gzip")
    return body


def json_object(body: bytes, *, version: int) -> dict[str, Any]:
    """Return the JSON object of a body that says this protocol version. Raises BadRequest."""
    try:
        content = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadRequest("not JSON") from None
    if not isinstance(content, dict) or content.get("protocol") != version:
        raise BadRequest("protocol")
    return content


def _no_constant(name: str) -> None:
    raise ValueError(name)
