"""SMS by any provider's HTTP gateway: one POST per message, as the region's settings describe it.

The body is the provider's own form with ${number}, ${digits}, ${text}, ${sender} and ${id} in it: JSON where it reads as
JSON, else the fields of a form. Nothing of an answer is kept but its number: its text may repeat the phone.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPMessage
from string import Template
from time import monotonic
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from django.conf import settings

from cartable.kernel.gsm import as_gsm
from cartable.notices.channels import Message, RoadClosed, TryLater, Undeliverable
from cartable.notices.rules import GatewayVerdict, is_international_number, pause_until, verdict_on, with_way_out

TIMEOUT_SECONDS = 5
# A gateway says in a few words what it did with a message; more is somebody else's page.
LONGEST_ANSWER = 16_384


class _NoRedirect(HTTPRedirectHandler):
    """A gateway does not send elsewhere: a portal does, and a number is not handed to it."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


class HttpRoad:
    """An HTTP gateway: every message is a request of its own."""

    def __init__(self, opener: OpenerDirector) -> None:
        self._opener = opener

    def send(self, message: Message) -> None:
        """Send one SMS. Raises Undeliverable, TryLater, or RoadClosed where the gateway itself is the trouble."""
        if not is_international_number(message.address):
            raise Undeliverable("no number")
        status, headers, body = self._answer(_request(message))
        code = f"http {status}"
        match verdict_on(
            status=status, is_page=_is_page(headers, body), is_accepted=settings.CARTABLE_SMS_ACCEPTED in body
        ):
            case GatewayVerdict.REFUSED:
                raise Undeliverable(code)
            case GatewayVerdict.LATER:
                raise TryLater(code)
            case GatewayVerdict.CLOSED:
                raise RoadClosed(code, pause_until(_retry_after(headers)))

    def _answer(self, request: Request) -> tuple[int, Mapping[str, str], str]:
        begun = monotonic()
        try:
            try:
                answer: Any = self._opener.open(request, timeout=TIMEOUT_SECONDS)
            except HTTPError as refused:
                answer = refused
            with answer:
                body = b""
                while len(body) < LONGEST_ANSWER and (part := answer.read1(LONGEST_ANSWER)):
                    body += part
                    if monotonic() - begun > TIMEOUT_SECONDS:
                        raise TimeoutError
                return answer.status, answer.headers, body.decode("utf-8", "replace")
        except (OSError, HTTPException) as error:
            cause = getattr(error, "reason", error)
            raise RoadClosed(type(cause if isinstance(cause, Exception) else error).__name__) from None


@contextmanager
def http_road() -> Iterator[HttpRoad]:
    """Open the road that the settings describe; the proxy of the environment is taken."""
    yield HttpRoad(build_opener(_NoRedirect))


def _request(message: Message) -> Request:
    words = {
        "number": message.address,
        "digits": message.address.removeprefix("+"),
        "text": as_gsm(with_way_out(message.body, message.stop_url)),
        "sender": settings.CARTABLE_SMS_SENDER,
        "id": message.key,
    }
    kind, body = _form(settings.CARTABLE_SMS_BODY, words)
    headers = {"Content-Type": kind, "Accept": "application/json", "User-Agent": "Cartable"}
    for line in settings.CARTABLE_SMS_HEADERS.splitlines():
        name, _colon, value = line.partition(":")
        headers |= {name.strip(): value.strip()} if value else {}
    return Request(settings.CARTABLE_SMS_URL, data=body.encode(), headers=headers, method="POST")


def _form(template: str, words: Mapping[str, str]) -> tuple[str, str]:
    """Return media type and body."""
    try:
        return "application/json", json.dumps(_filled_in(json.loads(template), words))
    except ValueError:
        fields = parse_qsl(template, keep_blank_values=True)
        return "application/x-www-form-urlencoded", urlencode([(name, _filled_in(one, words)) for name, one in fields])


def _filled_in(value: Any, words: Mapping[str, str]) -> Any:
    """Fill words into the texts of a form, whatever its shape: no quote of a name ends one."""
    if isinstance(value, str):
        return Template(value).safe_substitute(words)
    if isinstance(value, list):
        return [_filled_in(one, words) for one in value]
    return {name: _filled_in(one, words) for name, one in value.items()} if isinstance(value, dict) else value


def _is_page(headers: Mapping[str, str], body: str) -> bool:
    """Say whether an answer is a page for people: a hotel's, a proxy's or an operator's, and no gateway's."""
    start = body.lstrip()[:9].lower()
    return "html" in headers.get("Content-Type", "").lower() or start.startswith(("<!doctype", "<html"))


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a gateway asks to wait for, as a number or as a date; None where it says nothing."""
    said = headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return float(said)
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    return (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
