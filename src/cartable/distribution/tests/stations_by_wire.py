"""A station as the wire sees it: requests of protocol 2 through the product's WSGI application."""

import gzip
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.test import Client

from cartable.distribution.commands.stations import token_sha256
from cartable.distribution.models import Station
from cartable.distribution.tests.conftest import DayScene, Post


@dataclass
class Wire:
    """Speaks for one station."""

    post: Post
    sequence: int = 0
    made: list[dict[str, Any]] = field(default_factory=list)

    def event(self, kind: str, student: str = "", device: str = "", **changes: Any) -> dict[str, Any]:
        """Make an event."""
        self.sequence += 1
        event = {
            "id": str(uuid4()), "sequence": self.sequence, "kind": kind,
            "happened_at": self.post.cast.now.isoformat(), "student_code": student, "device_code": device, **changes,
        }  # fmt: skip
        self.made.append(event)
        return event

    def ask(self, address: str, content: Any, *, packed: bool = False, **headers: str) -> Any:
        """POST, and return the response."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        if packed:
            body, headers = gzip.compress(body), {**headers, "Content-Encoding": "gzip"}
        headers = {"Authorization": f"Bearer {self.post.token}", **headers}
        return Client().post(f"/api/v2/{address}", body, content_type="application/json", headers=headers)

    def send(self, *events: Any, **options: Any) -> Any:
        """Upload events."""
        return self.ask("scans", {"protocol": 2, "scans": list(events)}, **options)

    def results(self, *events: Any) -> list[tuple[str, str]]:
        """Upload events; return result and code of each."""
        return [(one["result"], one.get("code", "")) for one in self.send(*events).json()["results"]]

    def contact(self, cursor: str = "0-0", **changes: Any) -> Any:
        """Say where the station stands."""
        said = {
            "protocol": 2, "cursor": cursor, "clock": self.post.cast.now.isoformat(), "sequence": self.sequence,
            "waiting": 0, "workshop": "B", "durable": True, **changes,
        }  # fmt: skip
        return self.ask("contact", said).json()

    def get(self, address: str) -> Any:
        """GET, and return the response."""
        return Client().get(f"/api/v2/{address}", headers={"Authorization": f"Bearer {self.post.token}"})

    def day(self) -> Any:
        """GET the day."""
        return self.get("day").json()

    def station(self) -> Station:
        """Return its row."""
        return Station.objects.with_scopes_disabled().get(token_sha256=token_sha256(self.post.token))

    def journal(self) -> dict[str, Any]:
        """Write the journal file as the station would."""
        text = json.dumps(self.made)
        key = hashlib.sha256(self.post.token.encode()).digest()
        mac = hmac.new(key, text.encode(), "sha256").hexdigest()
        return {
            "protocol": 2,
            "station": self.station().pk,
            "made_at": self.post.cast.now.isoformat(),
            "scans": text,
            "mac": mac,
        }


def wire(scene: DayScene) -> Wire:
    """Return a new station B of the day."""
    return Wire(scene.another_station())
