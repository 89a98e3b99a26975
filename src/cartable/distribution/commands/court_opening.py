"""Bring what a station's scans contradict before the court, in the transaction that keeps the scans."""

import json
from collections.abc import Sequence

from django.db import connection

from cartable.distribution.court_rules.hearing import TWICE, subject_of
from cartable.distribution.rules import Judgement, Result

# The open dispute of the same subject is joined: the conflict on its index holds it until this transaction ends, so that
# whoever settles it meanwhile waits and then sees the new testimony; one that was just settled leaves room for a new one.
_OPEN_OR_JOIN = """
WITH asked AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(contested)s) AS asked(scan_id uuid, device_id bigint, student_id bigint,
        unknown_code text, scan_device_id bigint, scan_student_id bigint, is_twice boolean)
), opened AS (
    INSERT INTO distribution_dispute (day_id, device_id, student_id, unknown_code, settlement, reason)
    SELECT DISTINCT %(day)s::bigint, device_id, student_id, unknown_code, '', '' FROM asked
    ORDER BY device_id, student_id, unknown_code
    ON CONFLICT (day_id, device_id, student_id, unknown_code) WHERE settled_at IS NULL
    DO UPDATE SET day_id = excluded.day_id
    RETURNING id, device_id, student_id, unknown_code
), joined AS (
    SELECT opened.id AS dispute_id, asked.* FROM asked JOIN opened ON opened.unknown_code = asked.unknown_code
        AND opened.device_id IS NOT DISTINCT FROM asked.device_id
        AND opened.student_id IS NOT DISTINCT FROM asked.student_id
), heard AS (
    INSERT INTO distribution_testimony (dispute_id, scan_id) SELECT dispute_id, scan_id FROM joined
)
-- What stands against the scan: who has its PC, and the PC that its student has. What only waits in the lot claims nothing.
INSERT INTO distribution_testimony (dispute_id, movement_id)
SELECT DISTINCT joined.dispute_id, movement.id
FROM joined
LEFT JOIN rosters_student student ON student.id = joined.scan_student_id
JOIN fleet_device device ON device.id = joined.scan_device_id
    OR (device.custodian_id = student.custodian_id AND device.custodian_kind = 'student')
JOIN fleet_custodian custodian ON custodian.id = device.custodian_id
JOIN fleet_movement movement ON movement.device_id = device.id AND movement.sequence = device.last_sequence
WHERE joined.is_twice OR device.custodian_kind <> 'school_allotment'
   OR custodian.school_id <> (SELECT school_id FROM distribution_distributionday WHERE id = %(day)s)
ON CONFLICT DO NOTHING
"""


def is_contested(judgement: Judgement) -> bool:
    """Say whether a scan was not taken: somebody acted, and the server could not follow."""
    return judgement.result in {Result.CONFLICT, Result.REFUSED}


def open_disputes(contested: Sequence[Judgement], *, day_id: int) -> None:
    """Open the dispute of each contested scan, or join the one that is open on the same subject. One statement.

    Called last in the transaction: custody is locked before disputes, everywhere, so that nobody waits in a ring.
    """
    rows = []
    for judgement in contested:
        student_id = judgement.student.student_id if judgement.student else None
        device_id = judgement.device.device_id if judgement.device else None
        subject = subject_of(
            code=judgement.code,
            student_id=student_id,
            device_id=device_id,
            student_code=judgement.scan.student_code,
            device_code=judgement.scan.device_code,
        )
        row = {"scan_id": str(judgement.scan.id), "scan_device_id": device_id, "scan_student_id": student_id}
        rows.append({**subject._asdict(), **row, "is_twice": judgement.code in TWICE})
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_OR_JOIN, {"contested": json.dumps(rows), "day": day_id})
