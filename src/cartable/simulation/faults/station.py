"""A station in one page: the stations' protocol (docs/protocol.md) from the client's side, for whoever writes another.

It knows no socket, no clock and no file: what it wants is yielded (`Ask`, `Pause`, `Rest`), what came is sent back in.
The simulator drives it over a network that fails; `wire.py` drives it over HTTP, in forty lines.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

PROTOCOL = 2
LARGEST_BATCH, SENDS_BETWEEN_CONTACTS = 200, 5
PAUSES_S = (1, 2, 4, 8, 15)
Row = dict[str, Any]


class Ask(NamedTuple):
    """A request to send. What comes back in is an `Answer`, or None where nothing came in time."""

    method: str
    path: str
    content: Row | None = None


class Pause(NamedTuple):
    """Say nothing for so long, whatever happens."""

    seconds: float


class Rest(NamedTuple):
    """Nothing to do for so long, or until somebody scans."""

    seconds: float


class Answer(NamedTuple):
    """What came back; ``content`` is None where it was not JSON."""

    status: int
    content: Any
    retry_after: float = 0


Talk = Generator[Ask | Pause | Rest, Answer | None, Any]


@dataclass
class Line:
    """An event on the station's disk, and what the server answered once it acknowledged it."""

    event: Row
    result: Row | None = None


class Journal:
    """The station's disk. When `append` returns, the event is there for good, and only then is a verdict shown.

    Acknowledged events stay for 7 days. A note that is lost costs nothing: the event is sent again, and `exists`.
    """

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}
        self.last_sequence = 0

    def append(self, event: Row) -> None:
        """Write an event durably."""
        self.lines[event["id"]] = Line(event)
        self.last_sequence = max(self.last_sequence, event["sequence"])

    def note(self, event_id: str, result: Row | None) -> None:
        """Note an acknowledgement; None takes it back: the server has lost the event."""
        self.lines[event_id].result = result

    def waiting(self) -> list[Row]:
        """Return what nobody acknowledged, in its order."""
        events = [line.event for line in self.lines.values() if line.result is None]
        return sorted(events, key=lambda event: int(event["sequence"]))

    def acknowledged(self, first: int, last: int) -> list[str]:
        """Return the ids of acknowledged events in a range of sequences."""
        lines = self.lines.items()
        return [pk for pk, line in lines if line.result and first <= line.event["sequence"] <= last]


@dataclass
class Station:
    """One scanning station: prepared answers in, events out."""

    token: str
    workshop: str
    journal: Journal
    clock: Callable[[], datetime]
    new_id: Callable[[], UUID]
    dice: Random
    pace_s: float = 2.0
    students: dict[str, Row] = field(default_factory=dict)
    devices: dict[str, Row] = field(default_factory=dict)
    # Each line as the server told it last; those above go on with what was scanned here.
    told: dict[str, Row] = field(default_factory=dict)
    cursor: str = ""
    stopped: str = ""
    is_day_closed: bool = False
    # The last contact said that nothing is missing: with an empty outbox, the server has everything.
    misses_nothing: bool = False
    batch: int = LARGEST_BATCH
    _first_sequence: int = 1
    _failures: int = 0

    def record(self, kind: str, **about: str) -> Row:
        """Make the fact: on the disk first, then whoever called may show the verdict."""
        sequence = max(self.journal.last_sequence + 1, self._first_sequence)
        event = {"id": str(self.new_id()), "sequence": sequence, "kind": kind, "happened_at": self.clock().isoformat()}
        self.journal.append({**event, **about})
        return event

    def work(self) -> Talk:
        """Serve: load the day, send what waits, ask what changed. Ends where the server wants no more."""
        while not self.cursor and not self.stopped:
            yield from self.load()
        while not self.stopped:
            # First this, after any silence too: a server that was set back says what it misses, and gets it in order.
            if not (yield from self.contact()):
                continue
            for _ in range(SENDS_BETWEEN_CONTACTS):
                while self.journal.waiting() and (yield from self.send()):
                    pass
                if self.journal.waiting():
                    break
                yield Rest(self.pace_s)
                if not self.journal.waiting():
                    break

    def load(self) -> Talk:
        """Take the prepared answers of the whole day."""
        said = yield from self._ask("GET", "/api/v2/day", "students")
        if said:
            self.students, self.devices, self.told = {}, {}, {}
            self._first_sequence = said["station"]["next_sequence"]
            self._merge(said)

    def send(self) -> Talk:
        """Send the oldest events that wait; return whether anything was acknowledged."""
        events = self.journal.waiting()[: self.batch]
        said = yield from self._ask("POST", "/api/v2/scans", "results", {"protocol": PROTOCOL, "scans": events})
        is_taken = self.take_answer(events, said or {})
        if said and not is_taken:  # Too early, or not ours: the next contact says what goes first.
            yield from self._back_off()
        return is_taken

    def take_answer(self, events: Sequence[Row], said: Row) -> bool:
        """Note what the answer lists, and nothing else; return whether it listed anything of ours."""
        sent = {event["id"] for event in events}
        listed = [row for row in said.get("results", []) if row["id"] in sent]
        for row in listed:
            self.journal.note(row["id"], row)
        for row in said.get("unreadable", []):
            # Without a readable id it has a place only: kept aside, for a person to look at.
            self.journal.note(events[row["index"]]["id"], {"result": "refused", "code": "unreadable", **row})
        return bool(listed or said.get("unreadable"))

    def contact(self) -> Talk:
        """Say how we are, hear what changed and what the server misses; return whether it was the server that answered."""
        content = {
            "protocol": PROTOCOL, "cursor": self.cursor, "clock": self.clock().isoformat(), "workshop": self.workshop,
            "sequence": self.journal.last_sequence, "waiting": len(self.journal.waiting()), "durable": True,
        }  # fmt: skip
        said = yield from self._ask("POST", "/api/v2/contact", "known_through", content)
        if not said:
            return False
        self.misses_nothing = not said["missing"] and said["known_through"] >= self.journal.last_sequence
        for first, last in said["missing"]:
            for event_id in self.journal.acknowledged(first, last):
                self.journal.note(event_id, None)
        if said["reload"]:
            yield from self.load()
        else:
            self._merge(said)
        self.is_day_closed = said["closed"]
        return True

    def journal_file(self) -> Row:
        """Return what another station, or the leader, may carry to the server for this one."""
        scans = json.dumps([line.event for line in self.journal.lines.values()])
        key = hashlib.sha256(self.token.encode()).digest()
        mac = hmac.new(key, scans.encode(), hashlib.sha256).hexdigest()
        return {"made_at": self.clock().isoformat(), "scans": scans, "mac": mac}

    def _merge(self, said: Row) -> None:
        self.cursor = said["cursor"]
        for shown, rows in ((self.students, said["students"]), (self.devices, said["devices"])):
            # A line may come twice. What was told before is no news, and must not go over what was scanned here since.
            news = {row["c"]: row for row in rows if self.told.get(row["c"]) != row}
            shown |= {code: dict(row) for code, row in news.items()}
            self.told |= news

    def _ask(self, method: str, path: str, wanted: str, content: Row | None = None) -> Talk:
        """Ask; return the content of an answer that is ours (it has what is wanted), or None after the pause that is due."""
        answer = yield Ask(method, path, content)
        said = answer.content if answer and isinstance(answer.content, dict) else {}
        if answer and answer.status == 200 and said.get("protocol") == PROTOCOL and wanted in said:
            self._failures = 0 if wanted != "results" or said["results"] else self._failures
            return said
        match (answer.status if answer else 0), said.get("error"):
            case 401, "station_waiting":
                yield Pause(2)
            case ((401 | 410), str(error)):
                self.stopped = error
            case 413, "too_large":
                self.batch = max(1, self.batch // 2)
            case 503, "busy" | "unavailable" if answer and answer.retry_after:
                yield Pause(answer.retry_after * (1 + self.dice.random()))
            case _:  # The network, or something on the way that is not the server.
                yield from self._back_off()
        return None

    def _back_off(self) -> Talk:
        yield Pause(PAUSES_S[min(self._failures, len(PAUSES_S) - 1)] * (1 + self.dice.random() / 2))
        self._failures += 1
