"""Read the account of a day for its closing: who has a PC, who does not, what was left, what went wrong."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from cartable.distribution.models import DistributionDay
from cartable.distribution.queries.court import CONTESTED_DEVICES
from cartable.distribution.queries.people import COUNTED_ONCE, HAS_ARRIVED, PEOPLE


@dataclass(frozen=True)
class ClassAccount:
    """One class on the day."""

    division: str
    expected: int
    equipped: int


@dataclass(frozen=True)
class HandedOver:
    """One PC that went to a student; the student by label code only."""

    asset_tag: str
    serial_number: str
    student_code: str
    division: str
    at: datetime
    override_reason: str


@dataclass(frozen=True)
class Absent:
    """An expected student without a PC at closing."""

    name: str
    division: str
    student_code: str
    has_arrived: bool


@dataclass(frozen=True)
class Leftover:
    """A PC of the allotment that nobody took, and where it went."""

    asset_tag: str
    serial_number: str
    destination_kind: str


@dataclass(frozen=True)
class ExceptionLine:
    """A refused or contradictory scan, a call, or a pass without charter, and how it was settled."""

    happened_at: datetime
    code: str
    student_code: str
    device_code: str
    remedy: str


@dataclass(frozen=True)
class DayCounts:
    """The counts of a day that no list tells."""

    corrections: int
    station_count: int
    paper_charters: int
    online_charters: int
    refused_on_the_spot: int
    best_rate: int
    allotted: int
    movement_count: int


@dataclass(frozen=True)
class DayAccount:
    """Everything that the closing report says."""

    day: DistributionDay
    closed_at: datetime
    ledger_root: bytes
    leader_name: str
    head_name: str
    classes: list[ClassAccount]
    handed_over: list[HandedOver]
    absent: list[Absent]
    leftovers: list[Leftover]
    exceptions: list[ExceptionLine]
    contested: list[str]
    counts: DayCounts

    @property
    def rate(self) -> int:
        """Return PCs per hour between the first and the last hand-over."""
        times = [row.at for row in self.handed_over]
        hours = (max(times) - min(times)).total_seconds() / 3600 if len(times) > 1 else 0
        return round(len(times) / hours) if hours > 1 / 60 else 0

    def figures(self) -> dict[str, Any]:
        """Return the counts that are kept beside the PDF."""
        return {
            "expected": sum(row.expected for row in self.classes),
            "equipped": len(self.handed_over),
            "absent": len(self.absent),
            "leftovers": len(self.leftovers),
            "corrections": self.counts.corrections,
            "exceptions": len(self.exceptions),
            "contested": self.contested,
            "rate": self.rate,
            "stations": self.counts.station_count,
        }


def _rows(sql: str, day: DistributionDay) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"day": day.pk, "school": day.school_id, "evidence": f"day:{day.pk}"})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


_PEOPLE = f"""
FROM {PEOPLE}
WHERE passage.day_id = %(day)s AND passage.is_expected AND NOT passage.is_gone AND {COUNTED_ONCE}
"""


def day_account(
    *,
    day: DistributionDay,
    ledger_root: bytes,
    movement_count: int,
    closed_at: datetime,
    leader_name: str,
    head_name: str,
) -> DayAccount:
    """Read the account of a day as it stands."""
    return DayAccount(
        day=day,
        closed_at=closed_at,
        ledger_root=ledger_root,
        leader_name=leader_name,
        head_name=head_name,
        classes=[
            ClassAccount(*row)
            for row in _rows(
                f"SELECT passage.division, count(*), count(device.id) {_PEOPLE} GROUP BY 1 ORDER BY 1", day
            )
        ],
        handed_over=[HandedOver(*row) for row in _rows(_HANDED_OVER, day)],
        absent=absent_students(day),
        leftovers=sent_leftovers(day),
        exceptions=[ExceptionLine(*row) for row in _rows(_EXCEPTIONS, day)],
        contested=contested_tags(day),
        counts=_counts(day, movement_count),
    )


def _counts(day: DistributionDay, movement_count: int) -> DayCounts:
    names = (
        "corrections", "station_count", "paper_charters", "online_charters", "refused_on_the_spot", "best_rate",
        "allotted",
    )  # fmt: skip
    return DayCounts(**dict(zip(names, _rows(_COUNTS, day)[0], strict=True)), movement_count=movement_count)


def absent_students(day: DistributionDay) -> list[Absent]:
    """Return the expected students who hold no PC, by class and name."""
    return [
        Absent(*row)
        for row in _rows(
            "SELECT trim(student.given_name || ' ' || CASE WHEN student.usage_name <> '' THEN student.usage_name"
            " ELSE student.family_name END), passage.division, student.label_code,"
            f" {HAS_ARRIVED} {_PEOPLE} AND device.id IS NULL ORDER BY passage.division, student.folded_name",
            day,
        )
    ]


_HANDED_OVER = """
SELECT device.asset_tag, device.serial_number, student.label_code, passage.division, c.checked_out_at, c.override_reason
FROM distribution_checkout c
JOIN fleet_movement movement ON movement.id = c.movement_id
JOIN fleet_device device ON device.id = movement.device_id
JOIN rosters_student student ON student.id = c.student_id
JOIN distribution_passage passage ON passage.day_id = c.day_id AND passage.student_id = student.id
WHERE c.day_id = %(day)s AND NOT EXISTS (SELECT FROM fleet_movement m WHERE m.corrects_id = c.movement_id)
ORDER BY c.checked_out_at
"""
# Scanned away at closing, or put on the school's bench during the day because they do not work.
_LEFTOVERS = """
SELECT device.asset_tag, device.serial_number, movement.to_kind
FROM fleet_movement movement JOIN fleet_device device ON device.id = movement.device_id
WHERE (movement.reason = 'leftover' AND movement.evidence = %(evidence)s)
   OR movement.id IN (SELECT movement_id FROM distribution_scan WHERE day_id = %(day)s AND kind = 'device_faulty')
ORDER BY movement.position
"""
_EXCEPTIONS = """
SELECT scan.happened_at, CASE WHEN scan.kind = 'call' THEN 'call' ELSE scan.code END, scan.student_code,
    coalesce(device.asset_tag, scan.device_code), coalesce(nullif(dispute.settlement, ''), decision.remedy,
        CASE WHEN dispute.id IS NOT NULL THEN 'open_dispute' END, '')
FROM distribution_scan scan LEFT JOIN fleet_device device ON device.id = scan.device_id
LEFT JOIN distribution_testimony testimony ON testimony.scan_id = scan.id
LEFT JOIN distribution_dispute dispute ON dispute.id = testimony.dispute_id
LEFT JOIN distribution_reviewdecision decision ON decision.scan_id = scan.id
WHERE scan.day_id = %(day)s AND (scan.result <> 'recorded' OR scan.kind = 'call')
UNION ALL
SELECT c.checked_out_at, 'override', student.label_code, '', c.override_reason
FROM distribution_checkout c JOIN rosters_student student ON student.id = c.student_id
WHERE c.day_id = %(day)s AND c.override_reason <> ''
ORDER BY 1
"""
_COUNTS = """
SELECT
    (SELECT count(*) FROM distribution_checkout c JOIN fleet_movement m ON m.corrects_id = c.movement_id
     WHERE c.day_id = %(day)s),
    (SELECT count(DISTINCT station_id) FROM distribution_scan WHERE day_id = %(day)s),
    (SELECT count(*) FROM distribution_passage p JOIN distribution_charterproof proof ON proof.id = p.charter_proof_id
     WHERE p.day_id = %(day)s AND p.arrived_at IS NOT NULL AND proof.medium = 'paper'),
    (SELECT count(*) FROM distribution_passage p JOIN distribution_charterproof proof ON proof.id = p.charter_proof_id
     WHERE p.day_id = %(day)s AND p.arrived_at IS NOT NULL AND proof.medium = 'online'),
    (SELECT count(*) FROM distribution_scan WHERE day_id = %(day)s AND kind = 'refused'),
    (SELECT coalesce(max(pairs), 0) * 6 FROM (
        SELECT count(*) AS pairs FROM distribution_checkout WHERE day_id = %(day)s
        GROUP BY date_bin('10 minutes', checked_out_at, timestamptz '2020-01-01')) windows),
    (SELECT count(DISTINCT movement.device_id) FROM fleet_movement movement
     JOIN fleet_custodian allotment ON allotment.id = movement.to_custodian_id
     WHERE allotment.school_id = %(school)s AND movement.to_kind = 'school_allotment'
       AND movement.recorded_at > coalesce((SELECT max(earlier.closed_at) FROM distribution_distributionday earlier
           WHERE earlier.school_id = %(school)s AND earlier.id <> %(day)s), '-infinity'))
"""


def leftover_tags(day: DistributionDay) -> list[tuple[str, str]]:
    """Return asset tag and serial number of the PCs still in the allotment; a contested PC is nobody's stock."""
    return [
        (row[0], row[1])
        for row in _rows(
            "SELECT device.asset_tag, device.serial_number FROM fleet_device device"
            " JOIN fleet_custodian custodian ON custodian.id = device.custodian_id"
            " WHERE custodian.school_id = %(school)s AND device.custodian_kind = 'school_allotment'"
            f" AND device.id NOT IN ({CONTESTED_DEVICES}) ORDER BY 1",
            day,
        )
    ]


def contested_tags(day: DistributionDay) -> list[str]:
    """Return the PCs of the allotment that a dispute holds back."""
    return [
        row[0]
        for row in _rows(
            "SELECT device.asset_tag FROM fleet_device device"
            " JOIN fleet_custodian custodian ON custodian.id = device.custodian_id"
            " WHERE custodian.school_id = %(school)s AND device.custodian_kind = 'school_allotment'"
            f" AND device.id IN ({CONTESTED_DEVICES}) ORDER BY 1",
            day,
        )
    ]


def sent_leftovers(day: DistributionDay) -> list[Leftover]:
    """Return the leftovers already scanned away, in the order of scanning."""
    return [Leftover(*row) for row in _rows(_LEFTOVERS, day)]
