"""The two roads of a simulated station: HTTP, as a real one's; or the commands behind it, to build a demo quickly."""

import http.client
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cartable.distribution.api.day import device_row, student_row
from cartable.distribution.api.reading import read_upload
from cartable.distribution.commands import scans as scan_commands
from cartable.distribution.commands.stations import note_station_seen, token_sha256
from cartable.distribution.protocol import PROTOCOL
from cartable.distribution.queries import prepared
from cartable.simulation.station import Row

_API = "/api/v2/"
_PATIENCE_S = 10.0


class StationTurnedAway(Exception):
    """The server answered a station with something else than 200."""


@dataclass
class HttpRoad:
    """One keep-alive connection of a station; remembers how long each upload took."""

    port: int
    token: str
    upload_ms: list[float] = field(default_factory=list)
    _connection: http.client.HTTPConnection | None = None

    def day(self) -> Row:
        """GET day."""
        return self._ask("GET", "day")

    def changes(self, cursor: str, *, sequence: int, workshop: str, clock: datetime) -> Row:
        """POST contact: a simulated station sends at once, so nothing waits."""
        said = {"protocol": PROTOCOL, "cursor": cursor, "clock": clock.isoformat(), "sequence": sequence, "waiting": 0,
                "workshop": workshop, "durable": True}  # fmt: skip
        answer = self._ask("POST", "contact", json.dumps(said).encode())
        return self.day() if answer["reload"] else answer

    def send(self, scans: Sequence[Row]) -> list[Row]:
        """POST scans."""
        body = json.dumps({"protocol": PROTOCOL, "scans": list(scans)}).encode()
        before = time.perf_counter()
        answer = self._ask("POST", "scans", body)
        self.upload_ms.append((time.perf_counter() - before) * 1000)
        results: list[Row] = answer["results"]
        return results

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Row:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE_S)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        self._connection.request(method, _API + path, body=body, headers=headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise StationTurnedAway(f"{method} {path}: {answer.status} {content[:200]!r}")
        row: Row = json.loads(content)
        return row


@dataclass(frozen=True)
class CommandRoad:
    """The same questions and answers without a server in between; ``now`` is the clock by which a station is seen."""

    token: str
    now: Callable[[], datetime]

    def day(self) -> Row:
        """Return the prepared day."""
        place = self._place()
        return {"station": {"next_sequence": place.next_sequence}, **self._content(None)}

    def changes(self, cursor: str, *, sequence: int, workshop: str, clock: datetime) -> Row:
        """Return what changed since the cursor."""
        note_station_seen(self._place(), now=self.now())
        return self._content(cursor)

    def send(self, scans: Sequence[Row]) -> list[Row]:
        """Record scans."""
        body = json.dumps({"protocol": 1, "scans": list(scans)}).encode()
        answers = scan_commands.record_scans(
            token_sha256=token_sha256(self.token), scans=read_upload(body), in_order=False
        )
        return [{"id": str(a.id), "result": str(a.result), "code": str(a.code)} for a in answers]

    def _place(self) -> prepared.StationPlace:
        place = prepared.station_place(token_sha256=token_sha256(self.token))
        if place is None:
            raise StationTurnedAway("no station has this token")
        return place

    def _content(self, since: str | None) -> dict[str, Any]:
        place = self._place()
        day = prepared.prepared_day(day_id=place.day_id, school_id=place.school_id, since=since)
        return {
            "cursor": day.cursor,
            "students": [student_row(student) for student in day.students],
            "devices": [device_row(device) for device in day.devices],
        }
