"""Stations with a full outbox, in a process of their own: without Django, so that it starts at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

from cartable.simulation.faults.station import Journal, Station
from cartable.simulation.faults.wire import Wire

_PATIENCE_S = 600.0


def come_back(port: int, outboxes: list[tuple[str, list[dict[str, Any]]]]) -> tuple[float, int]:
    """Drive every station in a thread of its own until the server has everything; return the seconds and the 503s."""
    wires = [Wire(port, _station(token, events, n)) for n, (token, events) in enumerate(outboxes)]
    began = time.perf_counter()
    with ThreadPoolExecutor(len(wires)) as threads:
        drained = list(threads.map(lambda wire: wire.run(seconds=_PATIENCE_S), wires))
    seconds = time.perf_counter() - began
    if not all(drained):
        raise RuntimeError(f"{drained.count(False)} stations were not drained: nothing of this run counts")
    return seconds, sum(wire.turned_away for wire in wires)


def _station(token: str, events: list[dict[str, Any]], number: int) -> Station:
    journal, dice = Journal(), Random(number)
    for event in events:
        journal.append(event)
    return Station(
        token, "B", journal, lambda: datetime.now(UTC), lambda: UUID(int=dice.getrandbits(128), version=4), dice
    )
