"""A station's journal brought by somebody else: its events are still those of the station that made them."""

import hashlib
import hmac
from collections.abc import Sequence

from django.db import connection

from cartable.distribution.commands.scans import ScanAnswer, record_scans
from cartable.distribution.commands.unreadable import UnreadableRecord, keep_unreadable
from cartable.distribution.journal_file import Journal
from cartable.distribution.models import BroughtJournal
from cartable.distribution.rules import Code, Result, ScanRecord

_LOT = 200


class JournalRefused(Exception):
    """The journal is not taken; ``code`` says why: journal_station_unknown, journal_not_genuine."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def take_journal(
    *,
    day_id: int,
    journal: Journal,
    brought_by_id: int,
    scans: Sequence[ScanRecord],
    unreadable: Sequence[UnreadableRecord] = (),
    is_vouched: bool = False,
) -> list[ScanAnswer]:
    """Record the events of a journal as those of the station that made them; what is known already answers "exists".

    The text is signed under the SHA-256 of the station's token: only that station can have written it. A station that
    was stopped is believed only where the leader vouches for it (``is_vouched``). Whoever brings it is written down.
    Raises JournalRefused, and what `record_scans` raises.
    """
    digest = _token_digest(day_id, journal.station_id)
    if digest is None:
        raise JournalRefused("journal_station_unknown")
    expected = hmac.new(digest, journal.signed_text.encode(), "sha256").hexdigest()
    if not hmac.compare_digest(expected.encode(), journal.mac.lower().encode()):
        raise JournalRefused("journal_not_genuine")
    new_count = keep_unreadable(station_id=journal.station_id, events=unreadable) if unreadable else 0
    in_order = sorted(scans, key=lambda scan: scan.sequence)
    answers: list[ScanAnswer] = []
    for start in range(0, len(in_order), _LOT):
        lot = in_order[start : start + _LOT]
        answers += record_scans(token_sha256=digest, scans=lot, is_vouched=is_vouched)
    # Last: a journal that was refused, or whose taking was cut short, is brought again.
    BroughtJournal.objects.create(
        station_id=journal.station_id,
        brought_by_id=brought_by_id,
        sha256=hashlib.sha256(journal.signed_text.encode()).digest(),
        event_count=len(scans) + len(unreadable),
        new_count=new_count + sum(map(_is_new, answers)),
    )
    return answers


def _is_new(answer: ScanAnswer) -> bool:
    # What cannot be kept as a scan is answered the same way each time.
    return answer.result != Result.EXISTS and answer.code not in {Code.ID_REUSED, Code.UNREADABLE}


def _token_digest(day_id: int, station_id: int) -> bytes | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT token_sha256 FROM distribution_station WHERE id = %s AND day_id = %s", [station_id, day_id]
        )
        row = cursor.fetchone()
    return bytes(row[0]) if row else None
