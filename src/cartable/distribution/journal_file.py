"""The file that a station writes of its own events (``docs/protocol.md``). Pure: no request, no database."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cartable.distribution.protocol import LARGEST_JOURNAL, MOST_SCANS_OF_A_JOURNAL, PROTOCOL


class UnreadableJournal(Exception):
    """The file is no journal of a station, or too long; ``code`` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Journal:
    """A journal: which station made it, the text that it signed, and the events in the text, not yet read."""

    station_id: int
    signed_text: str
    mac: str
    events: Sequence[Any]


def read_journal(content: bytes) -> Journal:
    """Read a journal. Raises UnreadableJournal: journal_too_long, journal_unreadable."""
    if len(content) > LARGEST_JOURNAL:
        raise UnreadableJournal("journal_too_long")
    said = _json(content)
    if not isinstance(said, dict) or said.get("protocol") != PROTOCOL:
        raise UnreadableJournal("journal_unreadable")
    station_id, text, mac = said.get("station"), said.get("scans"), said.get("mac")
    if not isinstance(station_id, int) or not isinstance(text, str) or not isinstance(mac, str):
        raise UnreadableJournal("journal_unreadable")
    events = _json(text)
    if not isinstance(events, list):
        raise UnreadableJournal("journal_unreadable")
    if len(events) > MOST_SCANS_OF_A_JOURNAL:
        raise UnreadableJournal("journal_too_long")
    return Journal(station_id, text, mac, events)


def _json(text: bytes | str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableJournal("journal_unreadable") from None
