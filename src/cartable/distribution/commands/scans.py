"""Scans recorded and judged: everything is kept, nothing is forced."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from cartable.distribution.commands.answered import settle_answered
from cartable.distribution.commands.court_opening import is_contested, open_disputes
from cartable.distribution.commands.stations import (
    StationPractises,
    StationRefused,
    StationRevoked,
    StationUnknown,
    StationWaiting,
)
from cartable.distribution.commands.unreadable import UnreadableRecord, keep_unreadable
from cartable.distribution.queries import uploads
from cartable.distribution.queries.uploads import Sender, UploadFacts
from cartable.distribution.rules import (
    Code,
    DayFacts,
    Judgement,
    Result,
    ScanKind,
    ScanRecord,
    believed_at,
    in_their_order,
    judge_batch,
)
from cartable.fleet import ledger
from cartable.fleet.commands import set_condition
from cartable.fleet.ledger import Beside, LedgerRefusal, MovementOrder
from cartable.fleet.rules import Condition, Reason


@dataclass(frozen=True)
class ScanAnswer:
    """What became of one uploaded scan."""

    id: UUID
    result: Result
    code: str


class _Welcome(NamedTuple):
    """Whose events are taken: a token's digest, and whether somebody vouches for a station that was stopped."""

    token_sha256: bytes
    is_vouched: bool
    in_order: bool


_STATION_REFUSALS: list[tuple[str, bool, type[StationRefused]]] = [
    ("is_revoked", True, StationRevoked),
    ("is_accepted", False, StationWaiting),
    ("is_practice", True, StationPractises),
]


def record_scans(
    *, token_sha256: bytes, scans: Sequence[ScanRecord], is_vouched: bool = False, in_order: bool = True
) -> list[ScanAnswer]:
    """Keep and judge every scan of an upload; return one answer per scan that was taken, in the order received.

    A scan whose predecessor the server has not is not taken and has no answer: the station keeps it and sends it again
    after the one before (``in_order`` false: version 1, which did not promise it).

    All rows are kept, accepted or not. The batch is judged from one read and written in few statements; only where a
    constraint trips (somebody else was faster) is it done again scan by scan. Repeating an upload changes nothing.
    ``is_vouched``: the leader answers for the events of a station that was stopped since.
    Raises StationUnknown, StationWaiting, StationRevoked or StationPractises: nothing is kept then, and the station
    keeps its scans.
    """
    welcome = _Welcome(token_sha256, is_vouched, in_order)
    try:
        answers = _record_together(welcome, scans)
    except (IntegrityError, LedgerRefusal, DataError):
        answers = {}
        for scan in sorted(scans, key=lambda scan: scan.sequence):
            answers.update(_record_alone(welcome, scan))
    if codes := [scan.student_code for scan in scans if scan.id in answers and _may_answer(scan, answers[scan.id])]:
        settle_answered(token_sha256=token_sha256, student_codes=codes, now=timezone.now())
    return [answers[scan.id] for scan in scans if scan.id in answers]


def _may_answer(scan: ScanRecord, answer: ScanAnswer) -> bool:
    """Say whether an arrival may answer a pair that came before it, or a pair is answered by an arrival beside it.

    Also where they come again: the first time may have ended between the scans and the settling.
    """
    is_arrival = scan.kind == ScanKind.ARRIVAL and answer.result in {Result.RECORDED, Result.EXISTS} and not answer.code
    return is_arrival or (scan.kind == ScanKind.PAIR and answer.code == Code.CHARTER_MISSING)


def _record_together(welcome: _Welcome, scans: Sequence[ScanRecord]) -> dict[UUID, ScanAnswer]:
    facts = _facts_of_welcome_station(welcome, scans)
    if welcome.in_order:
        scans = in_their_order(scans, known_before=facts.known_before)
    answers, reused = _answers_again(scans, facts)
    judgements = judge_batch(scans, facts.day)
    writes: list[Callable[[], None]] = [partial(_keep_anomaly, scan, facts.sender) for scan in reused]
    for run in _runs(judgements):
        writes += _writes(run, facts.sender, facts.day)
    if contested := [judgement for judgement in judgements if is_contested(judgement)]:
        writes.append(partial(open_disputes, contested, day_id=facts.sender.day_id))
    _write_as_one(writes)
    answers.update({j.scan.id: ScanAnswer(j.scan.id, j.result, _said(j.code)) for j in judgements})
    return answers


def _write_as_one(writes: Sequence[Callable[[], None]]) -> None:
    # One statement is a transaction already: a pair, the commonest scan, spares the round trips of BEGIN and COMMIT.
    alone = len(writes) == 1 and not connection.in_atomic_block
    with nullcontext() if alone else transaction.atomic():
        for write in writes:
            write()


def _record_alone(welcome: _Welcome, scan: ScanRecord) -> dict[UUID, ScanAnswer]:
    """Record one scan in a transaction of its own; the facts are read again, so the judgement is the present one."""
    for _attempt in range(3):
        try:
            return _record_together(welcome, [scan])
        except (IntegrityError, LedgerRefusal):
            continue
        except DataError as error:
            return _set_aside(welcome, scan, error)
    # Three times somebody else was faster between our read and our write: keep the scan as a conflict.
    facts = _facts_of_welcome_station(welcome, [scan])
    student, device = facts.day.student(scan.student_code), facts.day.devices.get(scan.device_code)
    judgement = Judgement(scan, Result.CONFLICT, Code.CUSTODY_HAS_MOVED, student, device)
    _write_as_one(
        [
            partial(_keep, [judgement], [], facts.sender),
            partial(open_disputes, [judgement], day_id=facts.sender.day_id),
        ]
    )
    return {scan.id: ScanAnswer(scan.id, judgement.result, judgement.code)}


def _set_aside(welcome: _Welcome, scan: ScanRecord, error: DataError) -> dict[UUID, ScanAnswer]:
    """Keep aside an event that the database cannot hold: it must not hold back the others for ever."""
    sender = _facts_of_welcome_station(welcome, []).sender
    detail = str(error).partition("\n")[0]
    keep_unreadable(
        station_id=sender.station_id, events=[UnreadableRecord(scan.id, scan.sequence, detail, str(scan.id))]
    )
    return {scan.id: ScanAnswer(scan.id, Result.REFUSED, Code.UNREADABLE)}


def _facts_of_welcome_station(welcome: _Welcome, scans: Sequence[ScanRecord]) -> UploadFacts:
    facts = uploads.upload_facts(token_sha256=welcome.token_sha256, scans=scans)
    if facts is None:
        raise StationUnknown
    for attribute, refused_value, refusal in _STATION_REFUSALS:
        is_excused = welcome.is_vouched and refusal is StationRevoked
        if getattr(facts.sender, attribute) is refused_value and not is_excused:
            raise refusal
    return facts


def _said(code: Code) -> str:
    return "" if code == Code.OK else str(code)


def _answers_again(scans: Sequence[ScanRecord], facts: UploadFacts) -> tuple[dict[UUID, ScanAnswer], list[ScanRecord]]:
    """Answer scans that are known: "exists" with the first code, or "refused" for an id with another content.

    Return the answers, and the scans that reuse an id.
    """
    answers, reused = {}, []
    for scan in scans:
        known = facts.known.get(scan.id)
        if known is None:
            continue
        content = (str(scan.kind), scan.student_code, scan.device_code, scan.sequence)
        if known.station_id == facts.sender.station_id and known.content == content:
            answers[scan.id] = ScanAnswer(scan.id, Result.EXISTS, known.code)
        else:
            reused.append(scan)
            answers[scan.id] = ScanAnswer(scan.id, Result.REFUSED, Code.ID_REUSED)
    return answers, reused


def _runs(judgements: Iterable[Judgement]) -> Iterator[list[Judgement]]:
    """Cut a batch where a student or a PC comes again: within a run every row is touched once."""
    run: list[Judgement] = []
    touched: set[tuple[str, int]] = set()
    for judgement in judgements:
        keys = {("student", judgement.student.student_id)} if judgement.student else set()
        if judgement.device:
            keys.add(("device", judgement.device.device_id))
        if keys & touched:
            yield run
            run, touched = [], set()
        run.append(judgement)
        touched |= keys
    if run:
        yield run


def _writes(run: Sequence[Judgement], sender: Sender, day: DayFacts) -> Iterator[Callable[[], None]]:
    """Yield what is to be written for a run, one statement each."""
    effective = [j for j in run if j.result == Result.RECORDED and j.code == Code.OK]
    if arrivals := [j for j in effective if j.scan.kind == ScanKind.ARRIVAL]:
        yield partial(_take_charters, arrivals, sender)
    if taken_back := [j for j in effective if j.undoes and j.undoes.kind == ScanKind.ARRIVAL]:
        yield partial(_withdraw_charters, taken_back)
    orders = [order for order in (_movement_order(j, sender, day) for j in effective) if order]
    yield partial(_keep, run, orders, sender)
    if faulty := [j for j in effective if j.scan.kind == ScanKind.DEVICE_FAULTY]:
        device_ids = [j.device.device_id for j in faulty if j.device]
        yield partial(set_condition, device_ids=device_ids, condition=Condition.FAULTY)
    if undone_pairs := [j for j in effective if j.undoes and j.undoes.kind == ScanKind.PAIR]:
        yield partial(_touch_passages, undone_pairs)


def _movement_order(judgement: Judgement, sender: Sender, day: DayFacts) -> MovementOrder | None:
    """Return the movement that an accepted scan makes; its id is the scan's own, so that a retry is the same one."""
    scan, student, device = judgement.scan, judgement.student, judgement.device
    if device is None:
        return None
    if scan.kind == ScanKind.PAIR and student is not None:
        way, reason, corrects = (device.custodian_id, student.custodian_id), Reason.CHECK_OUT, None
    elif judgement.undoes is not None and judgement.undoes.kind == ScanKind.PAIR and student is not None:
        way, reason = (student.custodian_id, day.allotment_id), Reason.CORRECTION
        corrects = judgement.undoes.scan_id
    elif scan.kind == ScanKind.DEVICE_FAULTY:
        way, reason, corrects = (device.custodian_id, day.bench_id), Reason.FAULT, None
    else:
        return None
    return MovementOrder(
        scan.id,
        device.device_id,
        *way,
        reason,
        scan.happened_at,
        sender.actor_id,
        f"scan:{scan.id}",
        corrects,
    )


def _take_charters(arrivals: Sequence[Judgement], sender: Sender) -> None:
    """Record "charter received + pouch given". A charter signed online before the day is kept as it is."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH asked AS (
                SELECT * FROM unnest(%s::bigint[], %s::timestamptz[]) AS asked(passage_id, happened_at)
            ), proof AS (
                INSERT INTO distribution_charterproof
                    (student_id, rules_id, medium, signer_kind, text_sha256, received_at, received_by_id)
                SELECT passage.student_id, rules.id, 'paper', passage.signer_kind,
                    sha256(convert_to(rules.charter_text, 'UTF8')), asked.happened_at, %s
                FROM asked JOIN distribution_passage passage ON passage.id = asked.passage_id
                JOIN programme_campaignrules rules ON rules.id = %s
                WHERE passage.charter_proof_id IS NULL
                ON CONFLICT DO NOTHING
                RETURNING id, student_id
            )
            UPDATE distribution_passage passage
            SET arrived_at = asked.happened_at, charter_proof_id = coalesce(passage.charter_proof_id, proof.id),
                changed_in = pg_current_xact_id()
            FROM asked LEFT JOIN proof ON proof.student_id =
                (SELECT p.student_id FROM distribution_passage p WHERE p.id = asked.passage_id)
            WHERE passage.id = asked.passage_id AND passage.arrived_at IS NULL
            """,
            [
                [j.student.passage_id for j in arrivals if j.student],
                [_believed(j.scan, sender) for j in arrivals],
                sender.actor_id,
                sender.rules_id,
            ],
        )


def _withdraw_charters(taken_back: Sequence[Judgement]) -> None:
    """Take back the charter of a last arrival (undo, card "Sans charte"): the row stays, withdrawn."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH asked AS (
                SELECT * FROM unnest(%s::bigint[], %s::timestamptz[]) AS asked(passage_id, happened_at)
            ), before AS (
                SELECT passage.id, passage.charter_proof_id, asked.happened_at
                FROM asked JOIN distribution_passage passage ON passage.id = asked.passage_id
            ), withdrawn AS (
                UPDATE distribution_charterproof proof SET withdrawn_at = before.happened_at
                FROM before WHERE proof.id = before.charter_proof_id AND proof.medium = 'paper'
                RETURNING proof.id
            )
            UPDATE distribution_passage passage
            SET arrived_at = NULL, changed_in = pg_current_xact_id(),
                charter_proof_id = CASE WHEN withdrawn.id IS NULL THEN passage.charter_proof_id END
            FROM before LEFT JOIN withdrawn ON withdrawn.id = before.charter_proof_id
            WHERE passage.id = before.id
            """,
            [
                [j.student.passage_id for j in taken_back if j.student],
                [j.scan.happened_at for j in taken_back],
            ],
        )


# The row of every scan, whatever became of it; its movement, where it made one, has the scan's own id.
_SCANS = """
asked_scans AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(scans)s) AS asked(id uuid, sequence int, kind text, student_code text,
        device_code text, happened_at timestamptz, local_code text, raw text, result text, code text, student_id bigint,
        device_id bigint, movement_id uuid, passage_id bigint, believed_at timestamptz)
    WHERE sequence BETWEEN 1 AND 2147483647  -- Few, says a range to the planner (see fleet.ledger).
), scans AS (
    INSERT INTO distribution_scan (id, sequence, kind, student_code, device_code, happened_at, local_code, raw,
        result, code, student_id, device_id, movement_id, station_id, day_id)
    SELECT id, sequence, kind, student_code, device_code, happened_at, local_code, raw, result, code, student_id,
        device_id, movement_id, %(station_id)s::bigint, %(day_id)s::bigint
    FROM asked_scans WHERE {condition}
)"""
# What entitled each student to the PC, read from the passage as it is now: no charter, no row, no pair.
_CHECK_OUTS = """
check_outs AS (
    INSERT INTO distribution_checkout
        (movement_id, day_id, student_id, checked_out_at, charter_proof_id, override_reason, override_by_id)
    SELECT asked.movement_id, passage.day_id, passage.student_id, asked.believed_at, passage.charter_proof_id,
        CASE WHEN passage.charter_proof_id IS NULL THEN passage.override_reason ELSE '' END,
        CASE WHEN passage.charter_proof_id IS NULL THEN passage.override_by_id END
    FROM asked_scans asked JOIN distribution_passage passage ON passage.id = asked.passage_id
    WHERE asked.kind = 'pair' AND asked.movement_id IS NOT NULL AND (SELECT is_held FROM whole)
)"""
_KEEP_SCANS = f"WITH {_SCANS.format(condition='true')} SELECT"
_BESIDE_MOVEMENTS = f", {_SCANS.format(condition='(SELECT is_held FROM whole)')}, {_CHECK_OUTS}"


def _keep(judgements: Sequence[Judgement], orders: Sequence[MovementOrder], sender: Sender) -> None:
    """Write scans, the movements that they make, and what entitled to them, in one statement."""
    moved = {order.movement_id for order in orders}
    parameters: dict[str, str | int] = {
        "scans": json.dumps([_scan_row(j, sender, is_moved=j.scan.id in moved) for j in judgements]),
        "station_id": sender.station_id,
        "day_id": sender.day_id,
    }
    if orders:
        ledger.record_movements(orders, in_savepoint=False, beside=Beside(_BESIDE_MOVEMENTS, parameters))
    else:
        with connection.cursor() as cursor:
            cursor.execute(_KEEP_SCANS, parameters)


def _scan_row(judgement: Judgement, sender: Sender, *, is_moved: bool) -> dict[str, Any]:
    scan, student, device = judgement.scan, judgement.student, judgement.device
    return {
        "id": str(scan.id),
        "sequence": scan.sequence,
        "kind": scan.kind,
        "student_code": scan.student_code,
        "device_code": scan.device_code,
        "happened_at": scan.happened_at.isoformat(),
        "local_code": scan.local_code,
        "raw": scan.raw,
        "result": judgement.result,
        "code": _said(judgement.code),
        "student_id": student.student_id if student else None,
        "device_id": device.device_id if device else None,
        "movement_id": str(scan.id) if is_moved else None,
        "passage_id": student.passage_id if student else None,
        "believed_at": _believed(scan, sender).isoformat(),
    }


def _believed(scan: ScanRecord, sender: Sender) -> datetime:
    return believed_at(scan.happened_at, opened_at=sender.opened_at, now=sender.now)


def _touch_passages(judgements: Sequence[Judgement]) -> None:
    """Tell stations that these students changed: their PC is gone, so no device row says it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE distribution_passage SET changed_in = pg_current_xact_id() WHERE id = ANY(%s)",
            [[j.student.passage_id for j in judgements if j.student]],
        )


def _keep_anomaly(scan: ScanRecord, sender: Sender) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO distribution_scananomaly (scan_id, station_id, content)
            SELECT %s, %s, jsonb_build_object('sequence', %s::int, 'kind', %s::text, 'student_code', %s::text,
                                              'device_code', %s::text)
            """,
            [scan.id, sender.station_id, scan.sequence, str(scan.kind), scan.student_code, scan.device_code],
        )
