"""Read what judging an upload needs, in one statement."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from cartable.distribution.rules import (
    DayFacts,
    DeviceFacts,
    LastAct,
    Result,
    ScanKind,
    ScanRecord,
    StudentFacts,
)
from cartable.fleet.rules import CustodianKind

# One statement for a whole upload: who sends, what is known already, and the facts of every code in it. Four queries
# cost three times as much as one (STACK, the hot path).
# What is asked comes as one JSON text, and ARRAY(SELECT …) hides its size from the planner: it plans once per connection.
# Shown an array itself, it planned anew for every scan, at three times the cost of the reading.
_UPLOAD_FACTS = """
WITH asked AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(asked)s) AS asked(id uuid, student_code text, device_code text, before int)
)
SELECT station.id, station.actor_id, station.accepted_at IS NOT NULL, station.revoked_at IS NOT NULL, station.is_practice,
    station.workshop, day.id, day.state, day.rules_id, allotment.id, bench.id,
    (SELECT json_agg(json_build_array(scan.id, scan.result, scan.code, scan.kind, scan.student_code, scan.device_code,
                                      scan.sequence, scan.station_id))
     FROM distribution_scan scan WHERE scan.id = ANY(ARRAY(SELECT id FROM asked))),
    -- A label names a person: whoever stays where records were merged, with the passage of the record that has arrived.
    (SELECT json_agg(json_build_array(scanned.label_code, student.id, student.custodian_id, student.label_code, passage.id,
                                      passage.is_expected, passage.is_gone, passage.arrived_at IS NOT NULL,
                                      passage.charter_proof_id, passage.override_reason <> '',
                                      -- Looked up for each: joined, a plan made before anybody held a PC reads all that are held.
                                      (SELECT held.asset_tag FROM fleet_device held
                                       WHERE held.custodian_id = student.custodian_id AND held.custodian_kind = 'student'),
                                      passage.signer_kind))
     FROM rosters_student scanned
     JOIN rosters_student student ON student.id = coalesce(scanned.merged_into_id, scanned.id)
     JOIN LATERAL (
        SELECT listed.* FROM (SELECT student.id AS record_id UNION ALL
                              SELECT alias.id FROM rosters_student alias WHERE alias.merged_into_id = student.id) record
        JOIN distribution_passage listed ON listed.student_id = record.record_id AND listed.day_id = day.id
        ORDER BY listed.arrived_at IS NULL, record.record_id <> student.id, listed.id LIMIT 1) passage ON true
     WHERE scanned.label_code = ANY(ARRAY(SELECT student_code FROM asked))),
    (SELECT json_agg(json_build_array(device.id, device.asset_tag, device.serial_number, device.custodian_id,
                                      device.custodian_kind, custodian.school_id = day.school_id, device.condition,
                                      ARRAY(SELECT old_tag FROM fleet_tagchange WHERE device_id = device.id)))
     FROM fleet_device device JOIN fleet_custodian custodian ON custodian.id = device.custodian_id
     WHERE device.region_id = school.region_id
       AND (device.asset_tag = ANY(ARRAY(SELECT device_code FROM asked))
            OR device.serial_number = ANY(ARRAY(SELECT device_code FROM asked))
            -- A worn tag that was replaced still names its PC.
            OR device.id = ANY(ARRAY(SELECT changed.device_id FROM fleet_tagchange changed
                                     WHERE changed.old_tag = ANY(ARRAY(SELECT device_code FROM asked)))))),
    (SELECT json_build_array(scan.id, scan.kind, coalesce(
         (SELECT kept.label_code FROM rosters_student scanned JOIN rosters_student kept ON kept.id = scanned.merged_into_id
          WHERE scanned.label_code = scan.student_code), scan.student_code), device.asset_tag)
     FROM distribution_scan scan LEFT JOIN fleet_device device ON device.id = scan.device_id
     WHERE scan.station_id = station.id AND scan.result = 'recorded' AND scan.code = ''
       AND scan.kind IN ('arrival', 'pair', 'undo', 'no_charter')
     ORDER BY scan.sequence DESC LIMIT 1),
    (SELECT json_agg(known.sequence) FROM (
        SELECT scan.sequence FROM distribution_scan scan
        WHERE scan.station_id = station.id AND scan.sequence = ANY(ARRAY(SELECT before FROM asked))
        UNION ALL SELECT aside.sequence FROM distribution_unreadablescan aside
        WHERE aside.station_id = station.id AND aside.sequence = ANY(ARRAY(SELECT before FROM asked))) known),
    day.opened_at, now()
FROM distribution_station station
JOIN distribution_distributionday day ON day.id = station.day_id
JOIN organisations_school school ON school.id = day.school_id
LEFT JOIN fleet_custodian allotment ON allotment.school_id = school.id AND allotment.kind = 'school_allotment'
LEFT JOIN fleet_custodian bench ON bench.school_id = school.id AND bench.kind = 'school_bench'
WHERE station.token_sha256 = %(token)s
"""


@dataclass(frozen=True)
class KnownScan:
    """A scan that the server has already: its answer, and the content to compare with."""

    result: Result
    code: str
    station_id: int
    content: tuple[str, str, str, int]


@dataclass(frozen=True)
class Sender:
    """The station behind a token."""

    station_id: int
    actor_id: int
    is_accepted: bool
    is_revoked: bool
    is_practice: bool
    workshop: str
    day_id: int
    day_state: str
    rules_id: int | None
    opened_at: datetime | None
    now: datetime


@dataclass(frozen=True)
class UploadFacts:
    """Everything that judging an upload needs."""

    sender: Sender
    known: dict[UUID, KnownScan]
    day: DayFacts
    # Of the events before those asked for, which the server has.
    known_before: frozenset[int]


def upload_facts(*, token_sha256: bytes, scans: Sequence[ScanRecord]) -> UploadFacts | None:
    """Read what judging these scans needs, in one statement; None for an unknown token."""
    sent = {scan.sequence for scan in scans}
    asked = [
        {
            "id": str(scan.id),
            "student_code": scan.student_code,
            "device_code": scan.device_code,
            # Asked for once per run of sequences: within a run the one before is in the batch itself.
            "before": scan.sequence - 1 if scan.sequence - 1 not in sent else None,
        }
        for scan in scans
    ]
    with connection.cursor() as cursor:
        cursor.execute(_UPLOAD_FACTS, {"token": token_sha256, "asked": json.dumps(asked)})
        row = cursor.fetchone()
    if row is None:
        return None
    known = {
        UUID(scan_id): KnownScan(Result(result), code, station, (kind, student, device, sequence))
        for scan_id, result, code, kind, student, device, sequence, station in row[11] or ()
    }
    students = {scanned: StudentFacts(*values) for scanned, *values in row[12] or ()}
    day = DayFacts(
        students={facts.code: facts for facts in students.values()},
        aliases={scanned: facts.code for scanned, facts in students.items() if scanned != facts.code},
        devices=_devices_by_code(row[13] or ()),
        allotment_id=row[9],
        bench_id=row[10],
        last_act=_last_act(row[14]),
        day_is_open=row[7] == "open",
        existing={scan_id: (scan.result, scan.code) for scan_id, scan in known.items()},
    )
    return UploadFacts(Sender(*row[:9], *row[16:18]), known, day, frozenset(row[15] or ()))


def _devices_by_code(rows: Sequence[Sequence[Any]]) -> dict[str, DeviceFacts]:
    """Return facts under all codes that a device answers to: its asset tag, its serial number, the tags that it bore."""
    by_code: dict[str, DeviceFacts] = {}
    for device_id, tag, serial, custodian_id, kind, in_school, condition, old_tags in rows:
        facts = DeviceFacts(device_id, tag, custodian_id, CustodianKind(kind), bool(in_school), condition)
        by_code |= dict.fromkeys([tag, serial, *old_tags], facts)
    return by_code


def _last_act(row: Sequence[Any] | None) -> LastAct | None:
    # After an undo there is nothing to undo: it reaches the last pair only, older ones belong to the leader.
    if row is None or row[1] in {ScanKind.UNDO, ScanKind.NO_CHARTER}:
        return None
    return LastAct(UUID(row[0]), ScanKind(row[1]), row[2], row[3] or "")
