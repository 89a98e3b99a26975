"""The limit: PostgreSQL's own load generator with one prepared statement on the product's own tables.

A pair: the statement does what no implementation can leave out: append the movement, move the device, keep the scan, under
every constraint, trigger and index of the product. No authentication, no rules, no check-out row, no text in or out.

An upload: the same for 200 pairs of one lycée at once, with their check-outs, in one set-based statement.
"""

import re
import subprocess
import tempfile

from bench.scene import RunningDays
from cartable.config.embedded import binary
from cartable.config.scratch import Scratch

# Ids of students' accounts and of devices follow one another in a scratch database: arithmetic instead of a lookup.
_PAIR = """
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


# The pairs of an upload stand :schools places apart: those of one lycée.
_UPLOAD = """
\\set place :place + 1
\\set upload :client_id * :share + :place
\\set start :first + (:upload / :schools) * :schools * :pairs + :upload % :schools
\\set station :first_station + :start % :stations
\\set day :first_day + :start % :schools
WITH asked AS MATERIALIZED (
    SELECT gen_random_uuid() AS id, :start + :schools * i AS n FROM generate_series(0, :pairs - 1) AS i
), held AS (
    SELECT asked.id, asked.n, device.id AS device_id, last_sequence, head_hash, custodian_id, custodian_kind
    FROM asked JOIN fleet_device device ON device.id = :first_device + asked.n
    WHERE custodian_kind = 'school_allotment' ORDER BY device.id FOR NO KEY UPDATE OF device
), moved AS (
    INSERT INTO fleet_movement (id, device_id, sequence, previous_sequence, from_custodian_id, from_kind,
        to_custodian_id, to_kind, reason, happened_at, recorded_by_id, evidence, previous_hash)
    SELECT id, device_id, last_sequence + 1, last_sequence, custodian_id, custodian_kind,
        :first_custodian + n, 'student', 'check_out', now(), :actor::bigint, 'scan:' || id, head_hash
    FROM held
    RETURNING id, device_id, sequence, to_custodian_id, to_kind, hash
), pointed AS (
    UPDATE fleet_device device
    SET custodian_id = moved.to_custodian_id, custodian_kind = moved.to_kind, last_sequence = moved.sequence,
        head_hash = moved.hash, changed_in = pg_current_xact_id()
    FROM moved WHERE device.id = moved.device_id
), checked_out AS (
    INSERT INTO distribution_checkout
        (movement_id, day_id, student_id, checked_out_at, charter_proof_id, override_reason)
    SELECT held.id, passage.day_id, passage.student_id, now(), passage.charter_proof_id, ''
    FROM held JOIN distribution_passage passage
        ON passage.day_id = :day AND passage.student_id = :first_student + held.n
)
INSERT INTO distribution_scan (id, sequence, kind, student_code, device_code, happened_at, local_code, raw, result, code,
    student_id, device_id, movement_id, station_id, day_id)
SELECT id, n, 'pair', 'E0000000000', 'P0000000000', now(), '', '', 'recorded', '', :first_student + n, device_id, id,
    :station::bigint, :day::bigint
FROM held
"""


def pair_rate(scratch: Scratch, days: RunningDays, *, first: int, clients: int, per_client: int) -> float:
    """Make ``clients * per_client`` pairs from the place ``first`` on; return pairs per second."""
    return _rate(scratch, days, _PAIR, {"first": first}, clients, per_client)


def upload_rate(scratch: Scratch, days: RunningDays, *, first: int, pairs: int, clients: int, per_client: int) -> float:
    """Make ``clients * per_client`` uploads of so many pairs from the place ``first`` on; return uploads per second."""
    return _rate(scratch, days, _UPLOAD, {"first": first, "pairs": pairs}, clients, per_client)


def _rate(
    scratch: Scratch, days: RunningDays, script_text: str, more: dict[str, int], clients: int, per_client: int
) -> float:
    origin, posts = days.pairs[0], days.posts
    variables = {
        "place": -1,
        "share": per_client,
        "first_device": origin.device_id,
        "first_custodian": origin.custodian_id,
        "first_student": origin.student_id,
        "first_station": posts[0].station_id,
        "stations": len(posts),
        "first_day": days.day_ids[0],
        "schools": len(days.day_ids),
        "actor": posts[0].actor_id,
        **more,
    }
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(script_text)
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
