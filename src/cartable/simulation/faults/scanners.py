"""Stations that scan and send without a pause, each in a thread of its own, over HTTP, to a server that gets killed."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

from cartable.simulation.faults.station import Ask, Journal, Row, Station
from cartable.simulation.faults.wire import Wire

# The pauses of the protocol are for the networks of a region; here a tenth of them, or a run would be waiting.
_HASTE = 10.0
# Between two scans of one station: so that there is always an upload on its way.
_GAP_S = 0.08


class WatchedJournal(Journal):
    """A journal that never forgets what was promised to it."""

    def __init__(self) -> None:
        super().__init__()
        self.promised: set[str] = set()
        self.promised_at = 0.0
        self.taken_back: list[str] = []

    def note(self, event_id: str, result: Row | None) -> None:
        """Note an acknowledgement; a server that takes one back has lost what it had promised."""
        super().note(event_id, result)
        if result is None:
            self.taken_back.append(event_id)
        else:
            self.promised.add(event_id)
            self.promised_at = time.monotonic()


@dataclass
class Scanner:
    """One station with its share of students and PCs: an arrival and a pair for each, as fast as it can."""

    wire: Wire
    pairs: Iterator[tuple[str, str]]
    _next_at: float = 0.0
    _served: tuple[str, str] | None = None

    @property
    def journal(self) -> WatchedJournal:
        """Return the disk."""
        assert isinstance(self.wire.station.journal, WatchedJournal)
        return self.wire.station.journal

    def work(self, is_over: Callable[[], bool], *, patience_s: float) -> bool:
        """Scan and send until it is over, then send the rest; return whether nothing is left after that much patience."""
        talk, answer = self.wire.station.work(), None
        given_up_at = float("inf")
        while time.monotonic() < given_up_at and not self.wire.station.stopped:
            if not is_over():
                self._scan()
            elif given_up_at == float("inf"):
                given_up_at = time.monotonic() + patience_s
            wish = talk.send(answer)
            if isinstance(wish, Ask):
                answer = self.wire.ask(wish)
                continue
            if is_over() and not self.journal.waiting() and self.wire.station.misses_nothing:
                return True
            time.sleep(wish.seconds / _HASTE)
            answer = None
        return False

    def _scan(self) -> None:
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + _GAP_S
        if self._served:
            student, device = self._served
            self.wire.station.record("pair", student_code=student, device_code=device)
            self._served = None
        elif pair := next(self.pairs, None):
            self.wire.station.record("arrival", student_code=pair[0])
            self._served = pair
        else:  # Nobody left to serve, and still something to send.
            self.wire.station.record("call")


def scanner(port: int, token: str, pairs: list[tuple[str, str]], dice: Random) -> Scanner:
    """Return a station that has not served anybody yet."""

    def new_id() -> UUID:
        return UUID(int=dice.getrandbits(128), version=4)

    def clock() -> datetime:
        return datetime.now(UTC)

    station = Station(token, "B", WatchedJournal(), clock, new_id, dice, pace_s=_GAP_S * _HASTE, batch=3)
    return Scanner(Wire(port, station), iter(pairs))


def written(scanner: Scanner) -> list[dict[str, Any]]:
    """Return what stands in a station's journal, in its order."""
    return sorted((line.event for line in scanner.journal.lines.values()), key=lambda event: int(event["sequence"]))
