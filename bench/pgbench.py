"""The limit: PostgreSQL's own load generator with one prepared statement on the product's own tables.

The statement does what no implementation can leave out: append the movement, move the device, keep the scan, under
every constraint, trigger and index of the product. No authentication, no rules, no check-out row, no text in or out.
"""

import re
import subprocess
import tempfile

from bench.scene import RunningDays
from bench.scratch import Scratch
from cartable.config.embedded import binary

# Ids of students' accounts and of devices follow one another in a scratch database: arithmetic instead of a lookup.
_SCRIPT = """
\\set place :place + 1
\\set n :first + :client_id * :share + :place
\\set device :first_device + :n
\\set custodian :first_custodian + :n
\\set student :first_student + :n
\\set station :first_station + :n % :stations
\\set day :first_day + :n % :schools
WITH made AS MATERIALIZED (SELECT gen_random_uuid() AS id), held AS (
    SELECT id, last_sequence, head_hash, custodian_id, custodian_kind FROM fleet_device
    WHERE id = :device AND custodian_kind = 'school_allotment' FOR NO KEY UPDATE
), moved AS (
    INSERT INTO fleet_movement (id, device_id, sequence, previous_sequence, from_custodian_id, from_kind,
        to_custodian_id, to_kind, reason, happened_at, recorded_by_id, evidence, previous_hash)
    SELECT made.id, held.id, held.last_sequence + 1, held.last_sequence, held.custodian_id, held.custodian_kind,
        :custodian::bigint, 'student', 'check_out', now(), :actor::bigint, 'scan:' || made.id, held.head_hash
    FROM held, made
    RETURNING id, device_id, sequence, to_custodian_id, to_kind, hash
), pointed AS (
    UPDATE fleet_device device
    SET custodian_id = moved.to_custodian_id, custodian_kind = moved.to_kind, last_sequence = moved.sequence,
        head_hash = moved.hash, changed_in = pg_current_xact_id()
    FROM moved WHERE device.id = moved.device_id
)
INSERT INTO distribution_scan (id, sequence, kind, student_code, device_code, happened_at, local_code, raw, result, code,
    student_id, device_id, movement_id, station_id, day_id)
SELECT moved.id, :n::int, 'pair', 'E0000000000', 'P0000000000', now(), '', '', 'recorded', '', :student::bigint, moved.device_id,
    moved.id, :station::bigint, :day::bigint
FROM moved
"""


def rate(scratch: Scratch, days: RunningDays, *, first: int, clients: int, per_client: int) -> float:
    """Make ``clients * per_client`` pairs from the place ``first`` on; return transactions per second."""
    origin, posts = days.pairs[0], days.posts
    variables = {
        "place": -1,
        "first": first,
        "share": per_client,
        "first_device": origin.device_id,
        "first_custodian": origin.custodian_id,
        "first_student": origin.student_id,
        "first_station": posts[0].station_id,
        "stations": len(posts),
        "first_day": days.day_ids[0],
        "schools": len(days.day_ids),
        "actor": posts[0].actor_id,
    }
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_SCRIPT)
        script.flush()
        completed = subprocess.run(
            [
                str(binary("pgbench")), "-n", "-M", "prepared", "-f", script.name, "-c", str(clients),
                "-j", str(min(2, clients)), "-t", str(per_client),
                *(f"-D{name}={value}" for name, value in variables.items()), scratch.runtime_url,
            ],
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
    found = re.search(r"^tps = ([0-9.]+)", completed.stdout, re.MULTILINE)
    if completed.returncode != 0 or found is None:
        raise RuntimeError(f"pgbench failed:\n{completed.stderr[-2000:]}{completed.stdout[-500:]}")
    return float(found.group(1))


def ids_follow_one_another(days: RunningDays) -> bool:
    """Say whether the arithmetic of the script holds."""
    first = days.pairs[0]
    columns = [
        ([pair.student_id for pair in days.pairs], first.student_id),
        ([pair.custodian_id for pair in days.pairs], first.custodian_id),
        ([pair.device_id for pair in days.pairs], first.device_id),
        ([post.station_id for post in days.posts], days.posts[0].station_id),
        (days.day_ids, days.day_ids[0]),
    ]
    return all(ids == list(range(start, start + len(ids))) for ids, start in columns)
