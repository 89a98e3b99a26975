"""Lines of paper sheets, typed in again: they go the road of scans, as those of a station made for whoever types."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Max

from cartable.accounts.commands import open_actor
from cartable.accounts.models import ActorKind
from cartable.distribution.commands.scans import ScanAnswer, record_scans
from cartable.distribution.models import DistributionDay, Station, Workshop
from cartable.distribution.queries import uploads
from cartable.distribution.queries.uploads import UploadFacts
from cartable.distribution.reentry_rules import PaperLine, act_id, scans_of
from cartable.distribution.rules import Result, ScanKind, ScanRecord


@dataclass(frozen=True)
class LineAnswer:
    """What became of a line: the answer to its last act, and whether its charter was taken."""

    student_code: str
    device_code: str
    kind: ScanKind
    result: Result
    code: str


class NothingToUndo(Exception):
    """Whoever types has no line that still stands alone at the end of their sheet."""

    code = "nothing_to_undo"


def record_lines(
    *, day: DistributionDay, typist_id: int, lines: Sequence[tuple[UUID, PaperLine]], now: datetime
) -> list[LineAnswer]:
    """Record lines under the rules of scans; the same line (same id, same content) sent again changes nothing.

    The paper station of whoever types is made at their first line. Two windows of one person queue at it for their
    sequence numbers, so that it has no hole.
    """
    with transaction.atomic():
        station = _paper_station(day, typist_id, now)
        facts = _facts(station, (probe for line_id, line in lines for probe in _probes(line_id, line)))
        made = scans_of(
            lines,
            student=facts.day.student,
            known_sequences={scan_id: known.content[3] for scan_id, known in facts.known.items()},
            first_sequence=station.last_sequence + 1,
        )
        answers = _record(station, [scan for scans in made for scan in scans], now)
    return [
        LineAnswer(line.student_code, line.device_code, scans[-1].kind, answer.result, answer.code)
        for (_id, line), scans in zip(lines, made, strict=True)
        for answer in [answers[scans[-1].id]]
    ]


def undo_last_line(*, day: DistributionDay, typist_id: int, undo_id: UUID, now: datetime) -> LineAnswer:
    """Take back the last act of whoever types, as F4 does at a station. Raises NothingToUndo."""
    with transaction.atomic():
        station = _paper_station(day, typist_id, now)
        facts = _facts(station, [])
        last = facts.day.last_act
        if last is None:
            raise NothingToUndo
        scan_id = uuid5(undo_id, str(last.scan_id))
        undo = ScanRecord(scan_id, station.last_sequence + 1, ScanKind.UNDO, now, last.student_code, last.device_code)
        answer = _record(station, [undo], now)[scan_id]
    return LineAnswer(last.student_code, last.device_code, ScanKind.UNDO, answer.result, answer.code)


def _probes(line_id: UUID, line: PaperLine) -> Iterable[ScanRecord]:
    for kind in (ScanKind.ARRIVAL, ScanKind.PAIR):
        yield ScanRecord(act_id(line_id, kind, line), 0, kind, line.happened_at, line.student_code, line.device_code)


def _facts(station: Station, probes: Iterable[ScanRecord]) -> UploadFacts:
    facts = uploads.upload_facts(token_sha256=bytes(station.token_sha256), scans=list(probes))
    assert facts is not None, "a paper station was read in this transaction"
    return facts


def _record(station: Station, scans: Sequence[ScanRecord], now: datetime) -> dict[UUID, ScanAnswer]:
    answers = record_scans(token_sha256=bytes(station.token_sha256), scans=scans)
    highest = max([station.last_sequence, *(scan.sequence for scan in scans)])
    # Its events are made here: the server knows all of them, and its clock is the server's.
    Station.objects.filter(pk=station.pk).update(
        last_sequence=highest, known_through=highest, last_seen_at=now, clock_skew_ms=0, waiting_count=0
    )
    return {answer.id: answer for answer in answers}


def _paper_station(day: DistributionDay, typist_id: int, now: datetime) -> Station:
    """Return the paper station of whoever types, locked; make it at the first line."""
    mine = Station.objects.filter(day=day, is_paper=True, accepted_by_id=typist_id, revoked_at__isnull=True)
    station = mine.select_for_update(of=("self",)).order_by("number").first()
    if station is not None:
        return station
    # Stations that start together queue at the day for their numbers (request_station does the same).
    DistributionDay.objects.select_for_update(of=("self",)).get(pk=day.pk)
    station = mine.select_for_update(of=("self",)).order_by("number").first()
    if station is not None:
        return station
    highest = Station.objects.filter(day=day).aggregate(highest=Max("number"))["highest"]
    return Station.objects.create(
        actor=open_actor(ActorKind.STATION),
        day=day,
        workshop=Workshop.B,
        number=(highest or 0) + 1,
        # No token has this digest: nobody speaks the protocol as a paper station.
        token_sha256=secrets.token_bytes(32),
        is_paper=True,
        requested_at=now,
        accepted_at=now,
        accepted_by_id=typist_id,
    )
