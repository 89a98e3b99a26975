"""The server of a simulated day: the product's own WSGI application in this process, on a database that can fail or go back.

Each upload is also shown to the plain model (`books.py`), in the order in which the server met it; where the two judge
differently, that is a violation.
"""

import gzip
import io
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import psycopg
from django.db import OperationalError, connection, connections

from cartable.config.scratch import Scratch, pointed_at, scratch_database
from cartable.config.wsgi import application
from cartable.simulation.faults.books import Books, Verdict
from cartable.simulation.faults.packets import Packet, Reply, unpack
from cartable.simulation.faults.station import Row

UPLOADS = {"/api/v2/scans", "/api/v2/journal"}
_SETTLED = """
SELECT movement.id::text, device.asset_tag, student.label_code
FROM distribution_settlementmovement settled
JOIN distribution_dispute dispute ON dispute.id = settled.dispute_id
JOIN fleet_movement movement ON movement.id = settled.movement_id
JOIN fleet_device device ON device.id = movement.device_id
LEFT JOIN rosters_student student ON student.custodian_id = movement.to_custodian_id
WHERE dispute.day_id = %s ORDER BY movement.position
"""


@dataclass
class Database:
    """The scratch database in use; it can be set back to a copy that was taken earlier (F29)."""

    current: Scratch
    _life: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        """Let commits not wait for the disk: nobody pulls the plug of a scratch database (`kill` does, of a real one)."""
        _spare_the_disk(self.current)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Drop, at the end, whatever copy was put in the place of the first database."""
        with self._life:
            yield

    def take_copy(self) -> Scratch:
        """Copy the database as it is now."""
        connections.close_all()
        copy = self._life.enter_context(scratch_database(self.current))
        _spare_the_disk(copy)
        return copy

    def set_back(self, copy: Scratch) -> None:
        """Go on with a copy, as after a restore: what was written since is gone."""
        self._life.enter_context(pointed_at(copy))
        self.current = copy


@dataclass
class Server:
    """Answers packets; dies when told to. ``station_of`` names the station of a token, for the model."""

    books: Books
    dice: Random
    met: Counter[str]
    station_of: dict[str, int] = field(default_factory=dict)
    station_ids: dict[int, int] = field(default_factory=dict)
    day_id: int = 0
    is_disk_full: bool = False
    is_down: bool = False
    violations: list[str] = field(default_factory=list)
    # Shares of requests: the process dies after COMMIT (F03), the database vanishes within a statement (F05).
    dies_after_commit: float = 0.0
    database_vanishes: float = 0.0

    def deliver(self, packet: Packet) -> Reply | None:
        """Answer a request; None where the server died before it could."""
        is_upload = packet.path in UPLOADS
        if self.is_down:
            return None
        # Uploads only: whether a contact writes depends on how long ago the last one was, by a real clock.
        if self.is_disk_full and is_upload:
            return self._answer_without_room(packet)
        if is_upload and self.dice.random() < self.database_vanishes:
            return self._answer_without_database(packet)
        reply = call(packet)
        if is_upload:
            self._compare(packet, reply)
        if is_upload:
            self.hear_of_settlements()
        if is_upload and self.dice.random() < self.dies_after_commit:
            self.met["F03 server died after COMMIT"] += 1
            connection.close()
            return None
        return reply

    def deliver_safely(self, packet: Packet) -> Reply:
        """Answer a request of the evening, when nothing fails any more."""
        reply = self.deliver(packet)
        assert reply
        return reply

    def _answer_without_room(self, packet: Packet) -> Reply:
        """Answer while the database's disk is full (F10): it can read, and refuses to write."""
        disk = _FullDisk()
        with connection.execute_wrapper(disk):
            reply = call(packet)
        if disk.was_met:
            self.met["F10 a write met a full disk"] += 1
            if reply.status not in {503, 507}:
                self.violations.append(f"a full disk was answered with {reply.status}, not with 503 or 507")
        else:  # Known already, or unreadable: nothing was to be written.
            self._compare(packet, reply)
        return reply

    def _answer_without_database(self, packet: Packet) -> Reply | None:
        self.met["F05 database vanished in an upload"] += 1
        with connection.execute_wrapper(_Vanishing(self.dice.randint(1, 4), is_done_first=self.dice.random() < 0.5)):
            reply = call(packet)
        connection.close()
        if reply.status == 200:  # There were fewer statements than that.
            self._compare(packet, reply)
            return reply
        self._learn_what_was_committed(packet)
        self.hear_of_settlements()
        # Whatever such an answer says, it must not look like an acknowledgement: the station hears it.
        return reply

    def _compare(self, packet: Packet, reply: Reply) -> None:
        said = answer_content(reply)
        station, events = self._read(packet)
        if reply.status != 200 or not isinstance(said, dict) or not events:
            return
        answered = {row["id"]: (row["result"], row.get("code", "")) for row in said.get("results", [])}
        self.compare(station, events, answered)

    def _learn_what_was_committed(self, packet: Packet) -> None:
        station, events = self._read(packet)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id::text, result, code FROM distribution_scan WHERE id = ANY(%s::uuid[])",
                [[event["id"] for event in events]],
            )
            kept = {pk: (result, code) for pk, result, code in cursor.fetchall()}
        new = [event for event in events if event["id"] in kept and event["id"] not in self.books.scans]
        self.met["F05 upload committed without an answer"] += bool(new)
        self.compare(station, new, {event["id"]: kept[event["id"]] for event in new})

    def compare(self, station: int, events: Sequence[Row], answered: dict[str, Verdict]) -> None:
        """Hold what the server answered against what the model says; a difference is a violation."""
        expected = self.books.upload(station, events)
        for event in events:
            ours, theirs = expected.get(event["id"], ("not taken", "")), answered.get(event["id"], ("not taken", ""))
            self.met[f"answer {ours[0]}" + (f" {ours[1]}" if ours[0] != "exists" and ours[1] else "")] += 1
            if ours != theirs:
                self.violations.append(f"station {station}, {event}: the model says {ours}, the server {theirs}")

    def hear_of_settlements(self) -> None:
        """Follow the pairs that an arrival answered afterwards: no human settles those. Each must be allowed."""
        if not self.books.left_on_a_pouch:
            return
        with connection.cursor() as cursor:
            cursor.execute(_SETTLED, [self.day_id])
            for movement_id, tag, student in cursor.fetchall():
                if movement_id not in self.books.settled:
                    self.met["pair without charter answered by its arrival"] += 1
                    self.books.settled.add(movement_id)
                    if not self.books.let_keep(student, tag):
                        self.violations.append(f"PC {tag} was settled for {student}, against the model")

    def _read(self, packet: Packet) -> tuple[int, list[Row]]:
        """Return who made the events of an upload, and the events; none where the bytes are spoiled."""
        try:
            content = json.loads(gzip.decompress(packet.body))
            if packet.path.endswith("/journal"):
                return self.station_ids[content["station"]], json.loads(content["scans"])
            return self.station_of[packet.token], content["scans"]
        except (ValueError, EOFError, OSError, KeyError, zlib.error):
            return 0, []


def _spare_the_disk(scratch: Scratch) -> None:
    with psycopg.connect(scratch.owner_url, autocommit=True) as owner:
        owner.execute(
            psycopg.sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(
                psycopg.sql.Identifier(scratch.name)
            )
        )


class _Vanishing:
    """Cut the connection at the n-th statement: before it, or after it was done and before anybody knows."""

    def __init__(self, number: int, *, is_done_first: bool) -> None:
        self._number, self._is_done_first = number, is_done_first

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self._number -= 1
        if self._number:
            return execute(sql, params, many, context)
        if self._is_done_first:
            execute(sql, params, many, context)
        context["connection"].connection.close()
        raise OperationalError("the connection was cut by the fault campaign")


class _FullDisk:
    """Let statements read, and refuse those that write, as PostgreSQL does."""

    was_met = False

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if "INSERT " in sql or "UPDATE " in sql:
            self.was_met = True
            raise OperationalError("could not extend file: No space left on device") from psycopg.errors.DiskFull()
        return execute(sql, params, many, context)


def call(packet: Packet) -> Reply:
    """Send a packet through the product's WSGI application, in this process."""
    environ = {
        "REQUEST_METHOD": packet.method, "PATH_INFO": packet.path, "QUERY_STRING": "", "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(packet.body)), "wsgi.input": io.BytesIO(packet.body), "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http", "wsgi.version": (1, 0), "wsgi.multithread": False, "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{_environ_name(name): value for name, value in packet.headers.items()},
    }  # fmt: skip
    heard: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        heard["status"], heard["headers"] = int(status.split()[0]), dict(headers)

    answer = application(environ, start_response)
    try:
        body = b"".join(answer)
    finally:
        getattr(answer, "close", lambda: None)()
    return Reply(heard["status"], heard["headers"], body)


def answer_content(reply: Reply) -> Any:
    """Return the JSON of a whole answer, or None."""
    return unpack(reply).content


def _environ_name(header: str) -> str:
    name = header.upper().replace("-", "_")
    return name if name == "CONTENT_TYPE" else f"HTTP_{name}"
