"""Read the prepared answers of a day: all of them, or what changed since a cursor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from cartable.distribution.rules import DeviceFacts, StudentFacts
from cartable.fleet.rules import HOT_KINDS, CustodianKind


@dataclass(frozen=True)
class PreparedStudent:
    """A student as a station shows them; `other_codes` are the labels of records that were merged into theirs."""

    facts: StudentFacts
    name: str
    division: str
    passing_at: datetime | None
    arrived_at: datetime | None
    medium: str | None
    other_codes: Sequence[str] = ()


@dataclass(frozen=True)
class PreparedDevice:
    """A PC as a station shows it; `old_tags` are those that it bore before a worn one was replaced."""

    facts: DeviceFacts
    serial_number: str
    holder_code: str | None
    old_tags: Sequence[str] = ()


@dataclass(frozen=True)
class PreparedDay:
    """The students and PCs of a day, all or those changed since a cursor, and the cursor for the next question."""

    cursor: str
    students: list[PreparedStudent]
    devices: list[PreparedDevice]

    @property
    def is_empty(self) -> bool:
        """Say whether nothing changed."""
        return not self.students and not self.devices


# A person is one row, whatever records of theirs have a passage: the one who has arrived, else the one who stays.
_STUDENTS = """
SELECT student.id, student.custodian_id, student.label_code, passage.id, passage.is_expected, passage.is_gone,
    passage.arrived_at IS NOT NULL, passage.charter_proof_id, passage.override_reason <> '', device.asset_tag,
    passage.signer_kind,
    trim(student.given_name || ' ' || CASE WHEN student.usage_name <> '' THEN student.usage_name
                                            ELSE student.family_name END),
    passage.division, passage.passing_at, passage.arrived_at, proof.medium,
    ARRAY(SELECT alias.label_code FROM rosters_student alias WHERE alias.merged_into_id = student.id ORDER BY alias.id)
FROM (
    SELECT DISTINCT ON (coalesce(listed.merged_into_id, listed.id)) listed_passage.*,
        coalesce(listed.merged_into_id, listed.id) AS person_id
    FROM distribution_passage listed_passage JOIN rosters_student listed ON listed.id = listed_passage.student_id
    WHERE listed_passage.day_id = %(day)s
    ORDER BY coalesce(listed.merged_into_id, listed.id), listed_passage.arrived_at IS NULL,
        listed.merged_into_id IS NOT NULL, listed_passage.id
) passage
JOIN rosters_student student ON student.id = passage.person_id
LEFT JOIN fleet_device device ON device.custodian_id = student.custodian_id AND device.custodian_kind = 'student'
LEFT JOIN distribution_charterproof proof ON proof.id = passage.charter_proof_id
WHERE %(since)s::xid8 IS NULL OR passage.changed_in >= %(since)s::xid8 OR device.changed_in >= %(since)s::xid8
  -- A merge changes no passage: those of the last week come every time, done or taken back.
  OR student.id IN (
    SELECT unnest(ARRAY[merge.kept_id, merge.absorbed_id]) FROM rosters_studentmerge merge
    WHERE greatest(merge.decided_at, merge.undone_at) > now() - interval '7 days')
"""
_OLD_TAGS = (
    "ARRAY(SELECT changed.old_tag FROM fleet_tagchange changed WHERE changed.device_id = device.id ORDER BY changed.id)"
)
_DEVICES = f"""
SELECT device.id, device.asset_tag, device.serial_number, device.custodian_id, device.custodian_kind,
    true, device.condition, student.label_code, {_OLD_TAGS}
FROM fleet_device device
JOIN fleet_custodian custodian ON custodian.id = device.custodian_id
LEFT JOIN rosters_student student ON student.custodian_id = custodian.id
WHERE custodian.school_id = %(school)s
  AND (custodian.kind IN ('school_allotment', 'school_bench') OR EXISTS (
        SELECT FROM distribution_passage passage WHERE passage.day_id = %(day)s AND passage.student_id IN (
            SELECT student.id UNION ALL
            SELECT alias.id FROM rosters_student alias WHERE alias.merged_into_id = student.id)))
  AND (%(since)s::xid8 IS NULL OR device.changed_in >= %(since)s::xid8)
"""
# No school answers for a PC that is declared stolen or lost; every station of the region must know it, network or not.
# Also what was on this table a moment ago: without it the station would keep its old answer.
_HOT_DEVICES = f"""
SELECT device.id, device.asset_tag, device.serial_number, device.custodian_id, device.custodian_kind,
    false, device.condition, NULL, {_OLD_TAGS}
FROM organisations_school school
JOIN fleet_custodian custodian ON custodian.region_id = school.region_id AND custodian.kind = ANY(%(hot)s)
JOIN fleet_device device ON device.custodian_id = custodian.id
WHERE school.id = %(school)s AND (%(since)s::xid8 IS NULL OR device.changed_in >= %(since)s::xid8)
"""

# Read from the newest change on, not "since": whatever a plan for any cursor believes, it reads this many rows at most.
NEWEST = 200
# Whether anything may have changed for a day; yes where too much changed in the region to look at each.
_NEWS = """
SELECT EXISTS (SELECT FROM distribution_passage passage
        WHERE passage.day_id = %(day)s AND passage.changed_in >= %(since)s::xid8)
    OR EXISTS (SELECT FROM rosters_studentmerge merge
        WHERE greatest(merge.decided_at, merge.undone_at) > now() - interval '7 days')
    OR (SELECT count(*) = %(newest)s OR bool_or(
            custodian.school_id = %(school)s OR custodian.kind = ANY(%(hot)s) OR EXISTS (
                SELECT FROM rosters_student student
                LEFT JOIN rosters_student alias ON alias.merged_into_id = student.id
                JOIN distribution_passage passage ON passage.student_id IN (student.id, alias.id)
                WHERE student.custodian_id = custodian.id AND passage.day_id = %(day)s))
        FROM (SELECT changed_in, custodian_id FROM fleet_device ORDER BY changed_in DESC LIMIT %(newest)s) device
        JOIN fleet_custodian custodian ON custodian.id = device.custodian_id
        WHERE device.changed_in >= %(since)s::xid8)
"""


def prepared_day(*, day_id: int, school_id: int, since: str | None = None) -> PreparedDay:
    """Read the students and PCs of a day, or only those that changed since ``since``, and the hot PCs of the region.

    The cursor is the oldest transaction that was still running: a row written by it, or later, comes (again) next time.
    No lock, no clock, nothing missed; what comes twice says the same.
    """
    parameters = {"day": day_id, "school": school_id, "since": since, "hot": sorted(map(str, HOT_KINDS))}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
        next_cursor = cursor.fetchone()[0]
        if since is not None:
            cursor.execute(_NEWS, {**parameters, "newest": NEWEST})
            if not cursor.fetchone()[0]:
                return PreparedDay(next_cursor, [], [])
        cursor.execute(_STUDENTS, parameters)
        students = [PreparedStudent(StudentFacts(*row[:11]), *row[11:]) for row in cursor.fetchall()]
        cursor.execute(f"{_DEVICES} UNION ALL {_HOT_DEVICES}", parameters)
        devices = [
            PreparedDevice(
                DeviceFacts(row[0], row[1], row[3], CustodianKind(row[4]), row[5], row[6]), row[2], row[7], row[8]
            )
            for row in cursor.fetchall()
        ]
    return PreparedDay(next_cursor, students, devices)


@dataclass(frozen=True)
class Snapshot:
    """Where the database stands: which one it is (another after a restore, in place or beside), its next transaction."""

    database: str
    next_transaction: int


def snapshot_of() -> Snapshot:
    """Return where the database stands now: a cursor of another database, or from the future, is not of this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT oid::text FROM pg_database WHERE datname = current_database()) || '.'"
            " || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8),"
            " pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        )
        return Snapshot(*cursor.fetchone())


@dataclass(frozen=True)
class StationPlace:
    """A station with the day and school that it serves."""

    station_id: int
    actor_id: int
    workshop: str
    number: int
    is_practice: bool
    is_accepted: bool
    is_revoked: bool
    last_seen_at: datetime | None
    known_through: int
    next_sequence: int
    day_id: int
    day_state: str
    held_on: date
    target_per_hour: int
    school_id: int
    school_name: str
    town: str


def station_place(*, token_sha256: bytes) -> StationPlace | None:
    """Return where the station of this token stands; None for an unknown token."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT station.id, station.actor_id, station.workshop, station.number, station.is_practice,
                station.accepted_at IS NOT NULL, station.revoked_at IS NOT NULL, station.last_seen_at, station.known_through,
                -- A number that a station declared, or that came with something unreadable, is used: never twice.
                greatest(
                    (SELECT max(scan.sequence) FROM distribution_scan scan WHERE scan.station_id = station.id),
                    (SELECT max(aside.sequence) FROM distribution_unreadablescan aside WHERE aside.station_id = station.id),
                    station.last_sequence) + 1,
                day.id, day.state, day.held_on, day.target_per_hour, school.id, school.name, school.town
            FROM distribution_station station
            JOIN distribution_distributionday day ON day.id = station.day_id
            JOIN organisations_school school ON school.id = day.school_id
            WHERE station.token_sha256 = %s
            """,
            [token_sha256],
        )
        row = cursor.fetchone()
    return StationPlace(*row) if row else None
