"""What goes over a wire: a station's request as bytes, and the answer as a station reads it. Compressed both ways."""

import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cartable.simulation.faults.station import Answer, Ask


@dataclass(frozen=True)
class Packet:
    """A request as it travels."""

    method: str
    path: str
    token: str
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of the request, its length apart."""
        said = {"Authorization": f"Bearer {self.token}", "Accept-Encoding": "gzip"}
        if self.body:
            said |= {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        return said


@dataclass(frozen=True)
class Reply:
    """An answer as it travels."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def pack(ask: Ask, token: str) -> Packet:
    """Write a request."""
    # The same bytes each time: without the hour that gzip would put in.
    body = gzip.compress(json.dumps(ask.content).encode(), 5, mtime=0) if ask.content is not None else b""
    return Packet(ask.method, ask.path, token, body)


def unpack(reply: Reply) -> Answer:
    """Read an answer; what is not whole, or not JSON, has no content."""
    headers = {name.lower(): value for name, value in reply.headers.items()}
    return Answer(reply.status, _json(headers, reply.body), _seconds(headers.get("retry-after", "")))


def _json(headers: Mapping[str, str], body: bytes) -> Any:
    try:
        return json.loads(gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body)
    except (ValueError, EOFError, OSError, zlib.error):  # gzip says OSError to what is no gzip.
        return None


def _seconds(text: str) -> float:
    return float(text) if text.isdecimal() else 0.0
