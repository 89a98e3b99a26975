"""Read the court: open disputes, what each one stands on, what is contested."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from cartable.distribution.court_models import Dispute
from cartable.distribution.court_rules.hearing import Accounts, Exhibit, Hearing, Party, Testimony
from cartable.distribution.models import DayState, station_name
from cartable.distribution.rules import believed_at
from cartable.fleet.rules import CustodianKind, Reason
from cartable.organisations.scoping import scope_values
from cartable.programme.models import LeftoverPolicy

NAME = (
    "trim(student.given_name || ' ' || CASE WHEN student.usage_name <> '' THEN student.usage_name"
    " ELSE student.family_name END)"
)


@dataclass(frozen=True)
class DisputeLine:
    """A dispute in a list."""

    id: int
    day_id: int
    held_on: Any
    school: str
    code: str
    student_name: str
    division: str
    asset_tag: str
    unknown_code: str
    opened_at: datetime
    testimony_count: int
    settlement: str
    reason: str
    settled_at: datetime | None


@dataclass(frozen=True)
class SettledPage:
    """One page of settled disputes, the latest first, and where the neighbours start."""

    rows: tuple[DisputeLine, ...]
    previous_before: int | None
    next_after: int | None


def disputes(
    *, day_id: int | None = None, region_id: int | None = None, school_ids: Sequence[int] | None = None,
    limit: int = 200,
) -> list[DisputeLine]:  # fmt: skip
    """Return the open disputes of a day, or of the schools that somebody may see, oldest first."""
    return _dispute_lines(
        "dispute.settled_at IS NULL", "dispute.opened_at, dispute.id",
        day=day_id, region=region_id, schools=school_ids, limit=limit,
    )  # fmt: skip


def settled_disputes(
    *, day_id: int | None = None, region_id: int | None = None, school_ids: Sequence[int] | None = None,
    after: int | None = None, before: int | None = None, limit: int = 30,
) -> SettledPage:  # fmt: skip
    """Return one page of the disputes that are settled: those after the dispute ``after``, or before ``before``."""
    place, is_back = (before, True) if before is not None else (after, False)
    found = _dispute_lines(
        "dispute.settled_at IS NOT NULL" if place is None else f"(dispute.settled_at, dispute.id) {'>' if is_back else '<'}"
        " (SELECT settled_at, id FROM distribution_dispute WHERE id = %(place)s)",
        "dispute.settled_at, dispute.id" if is_back else "dispute.settled_at DESC, dispute.id DESC",
        day=day_id, region=region_id, schools=school_ids, place=place, limit=limit + 1,
    )  # fmt: skip
    has_more, rows = len(found) > limit, found[:limit][:: -1 if is_back else 1]
    has_previous, has_next = (has_more, True) if is_back else (place is not None, has_more)
    return SettledPage(
        tuple(rows),
        previous_before=rows[0].id if has_previous and rows else None,
        next_after=rows[-1].id if has_next and rows else None,
    )


def _dispute_lines(condition: str, order: str, *, schools: Sequence[int] | None, **asked: Any) -> list[DisputeLine]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT dispute.id, day.id, day.held_on, school.name, heard.code, coalesce({NAME}, ''),
                coalesce(passage.division, ''), coalesce(device.asset_tag, ''), dispute.unknown_code, dispute.opened_at,
                heard.testimonies, dispute.settlement, dispute.reason, dispute.settled_at
            FROM distribution_dispute dispute
            JOIN distribution_distributionday day ON day.id = dispute.day_id
            JOIN organisations_school school ON school.id = day.school_id
            LEFT JOIN fleet_device device ON device.id = dispute.device_id
            LEFT JOIN rosters_student student ON student.id = dispute.student_id
            LEFT JOIN distribution_passage passage ON passage.day_id = day.id AND passage.student_id = student.id
            LEFT JOIN LATERAL (
                SELECT count(*) AS testimonies, (array_agg(scan.code ORDER BY testimony.id DESC)
                    FILTER (WHERE scan.id IS NOT NULL))[1] AS code
                FROM distribution_testimony testimony LEFT JOIN distribution_scan scan ON scan.id = testimony.scan_id
                WHERE testimony.dispute_id = dispute.id) heard ON true
            WHERE {condition}
              AND (%(day)s::bigint IS NULL OR day.id = %(day)s) AND (%(region)s::bigint IS NULL OR school.region_id = %(region)s)
              AND (%(schools)s::bigint[] IS NULL OR school.id = ANY(%(schools)s::bigint[]))
            ORDER BY {order} LIMIT %(limit)s
            """,
            {**asked, "schools": list(schools) if schools is not None else None},
        )
        return [DisputeLine(*row) for row in cursor.fetchall()]


@dataclass(frozen=True)
class TestimonyLine:
    """A claim as a person reads it."""

    id: int
    is_contested: bool
    kind: str
    code: str
    at: datetime
    station: str
    skew_seconds: int
    student_id: int | None
    device_id: int | None
    student_code: str
    device_code: str


@dataclass(frozen=True)
class Named:
    """A student of a dispute in words."""

    name: str
    division: str
    code: str


@dataclass(frozen=True)
class Docket:
    """A dispute with all that was claimed, who is concerned, and what a ruling needs to know."""

    dispute: Dispute
    hearing: Hearing
    lines: tuple[TestimonyLine, ...]
    people: dict[int, Named]
    tags: dict[int, str]

    @property
    def seen(self) -> str:
        """Return what a ruling stands on, to compare: how much was heard, and how far each PC has come."""
        return seen(self.hearing)


def seen(hearing: Hearing) -> str:
    """Return the count of testimonies and the length of each PC's chain: they change with whatever a ruling stands on."""
    chains = sorted((e.device_id, e.last_sequence) for e in hearing.devices.values())
    return f"{len(hearing.testimonies)}." + ".".join(f"{device}-{length}" for device, length in chains)


_TESTIMONIES = """
SELECT testimony.id, testimony.scan_id IS NOT NULL, coalesce(scan.kind, movement.reason), coalesce(scan.code, ''),
    coalesce(scan.happened_at, making.happened_at), coalesce(movement.recorded_at, scan.received_at),
    station.workshop, station.number, station.is_paper, station.clock_skew_ms,
    coalesce(kept.merged_into_id, kept.id), coalesce(scan.device_id, movement.device_id),
    coalesce(scan.student_code, ''), coalesce(scan.device_code, '')
FROM distribution_testimony testimony
LEFT JOIN distribution_scan scan ON scan.id = testimony.scan_id
LEFT JOIN fleet_movement movement ON movement.id = testimony.movement_id
LEFT JOIN distribution_scan making ON making.id = movement.id
LEFT JOIN distribution_station station ON station.id = coalesce(scan.station_id, making.station_id)
LEFT JOIN rosters_student kept ON kept.id = scan.student_id
    OR (movement.to_kind = 'student' AND kept.custodian_id = movement.to_custodian_id AND kept.merged_into_id IS NULL)
WHERE testimony.dispute_id = %s ORDER BY testimony.id
"""
_PARTIES = f"""
WITH named AS (
    SELECT id FROM rosters_student WHERE id = ANY(%(students)s::bigint[])
    UNION SELECT holder.id FROM fleet_device device JOIN rosters_student holder ON holder.custodian_id = device.custodian_id
    WHERE device.id = ANY(%(devices)s::bigint[]) AND holder.merged_into_id IS NULL
)
SELECT student.id, student.custodian_id, passage.id, passage.is_gone, passage.is_expected,
    passage.charter_proof_id IS NOT NULL, passage.override_reason <> '', passage.arrived_at IS NOT NULL, held.id,
    {NAME}, passage.division, student.label_code
FROM named JOIN rosters_student student ON student.id = named.id
JOIN LATERAL (
    SELECT listed.* FROM distribution_passage listed
    WHERE listed.day_id = %(day)s AND (listed.student_id = student.id
        OR listed.student_id IN (SELECT id FROM rosters_student alias WHERE alias.merged_into_id = student.id))
    ORDER BY listed.arrived_at IS NULL, listed.id LIMIT 1) passage ON true
LEFT JOIN fleet_device held ON held.custodian_id = student.custodian_id AND held.custodian_kind = 'student'
"""
_EXHIBITS = """
SELECT device.id, device.custodian_id, device.custodian_kind, coalesce(custodian.school_id = %(school)s, false),
    device.condition, device.last_sequence, movement.reason, movement.from_custodian_id, movement.from_kind,
    check_out.movement_id, device.asset_tag
FROM fleet_device device JOIN fleet_custodian custodian ON custodian.id = device.custodian_id
JOIN fleet_movement movement ON movement.device_id = device.id AND movement.sequence = device.last_sequence
LEFT JOIN distribution_checkout check_out ON check_out.movement_id = movement.id AND check_out.day_id = %(day)s
WHERE device.id = ANY(%(devices)s::bigint[])
"""
# Of the accounts of what is on its way, one per shipment, any will do: a ruling sends a PC through it at once.
_ACCOUNTS = """
SELECT kind, min(id) FROM fleet_custodian
WHERE (school_id = %s AND kind IN ('school_allotment', 'emergency_stock', 'school_bench'))
   OR (region_id = %s AND school_id IS NULL AND kind IN ('depot', 'claim', 'transit'))
GROUP BY kind
"""


def docket_of(
    dispute: Dispute, *, student_ids: Sequence[int] = (), device_ids: Sequence[int] = (), now: datetime | None = None
) -> Docket:
    """Read a dispute whole, as things stand now; the ids beside it are those that somebody names in it."""
    now = now or timezone.now()
    day = dispute.day
    with connection.cursor() as cursor:
        cursor.execute(_TESTIMONIES, [dispute.pk])
        lines = [_line(row, day.opened_at, now) for row in cursor.fetchall()]
    asked_students = {dispute.student_id, *student_ids, *(line.student_id for line in lines)} - {None}
    asked_devices = {dispute.device_id, *device_ids, *(line.device_id for line in lines)} - {None}
    parties, people, devices, tags = concerned(day, asked_students, asked_devices)  # type: ignore[arg-type]
    hearing = Hearing(
        testimonies=tuple(
            Testimony(t.id, t.at, t.kind, t.code, t.student_id, t.device_id, t.is_contested) for t in lines
        ),
        students=parties,
        devices=devices,
        accounts=accounts_of(day),
        is_code_unknown=bool(dispute.unknown_code),
        override_allowed=day.rules is not None and day.rules.charter_override_allowed,
    )
    return Docket(dispute, hearing, tuple(lines), people, tags)


def concerned(
    day: Any, student_ids: set[int], device_ids: set[int]
) -> tuple[dict[int, Party], dict[int, Named], dict[int, Exhibit], dict[int, str]]:
    """Return the students and PCs asked for, with who holds these PCs and what these students hold."""
    with connection.cursor() as cursor:
        cursor.execute(_PARTIES, {"students": list(student_ids), "devices": list(device_ids), "day": day.pk})
        rows = cursor.fetchall()
        parties = {row[0]: Party(*row[:9]) for row in rows}
        held = {party.held_device_id for party in parties.values()} - {None}
        asked = {"devices": list(device_ids | held), "day": day.pk, "school": day.school_id}
        cursor.execute(_EXHIBITS, asked)
        found = cursor.fetchall()
    devices = {
        row[0]: Exhibit(
            row[0], row[1], CustodianKind(row[2]), row[3], row[4], row[5], Reason(row[6]), row[7],
            CustodianKind(row[8]), row[9],
        )
        for row in found
    }  # fmt: skip
    return parties, {row[0]: Named(*row[9:]) for row in rows}, devices, {row[0]: row[10] for row in found}


def _line(row: Sequence[Any], opened_at: datetime | None, now: datetime) -> TestimonyLine:
    declared, recorded, workshop, number, is_paper, skew = row[4:10]
    at = believed_at(declared, skew_ms=skew, opened_at=opened_at, now=now) if declared else recorded
    station = station_name(workshop, number, is_paper=is_paper) if number is not None else ""
    return TestimonyLine(
        row[0], row[1], row[2], row[3], at, station, round((skew or 0) / 1000), row[10], row[11], row[12], row[13]
    )


def accounts_of(day: Any) -> Accounts:
    """Return where a ruling of this day can send a PC. The account of what is on its way may not be open yet: 0."""
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNTS, [day.school_id, day.campaign.region_id])
        found = {CustodianKind(kind): pk for kind, pk in cursor.fetchall()}
    leftovers = None
    if day.state == DayState.CLOSED and day.rules is not None:
        to_depot = day.rules.leftover_policy == LeftoverPolicy.DEPOT
        kind = CustodianKind.DEPOT if to_depot else CustodianKind.EMERGENCY_STOCK
        leftovers = (kind, found[kind])
    return Accounts(
        allotment=found[CustodianKind.SCHOOL_ALLOTMENT],
        bench=found[CustodianKind.SCHOOL_BENCH],
        claim=found.get(CustodianKind.CLAIM, 0),
        transit=found.get(CustodianKind.TRANSIT, 0),
        leftovers=leftovers,
    )


# The PC that a dispute is about, and those that its scans name: nobody knows where these are until somebody rules.
CONTESTED_DEVICES = """
SELECT dispute.device_id FROM distribution_dispute dispute
WHERE dispute.settled_at IS NULL AND dispute.device_id IS NOT NULL
UNION SELECT scan.device_id FROM distribution_dispute dispute
JOIN distribution_testimony testimony ON testimony.dispute_id = dispute.id
JOIN distribution_scan scan ON scan.id = testimony.scan_id
WHERE dispute.settled_at IS NULL AND scan.device_id IS NOT NULL
"""


def contested_devices(among: Collection[int] | None = None) -> list[int]:
    """Return the PCs, all or among some, of every open dispute: a PC stands still for a court out of scope too."""
    with connection.cursor() as cursor:
        cursor.execute(CONTESTED_DEVICES)
        found = [row[0] for row in cursor.fetchall()]
    return found if among is None else sorted(set(found).intersection(among))


class OpenDispute(NamedTuple):
    """An open dispute, and the day that it is settled in."""

    day_id: int
    pk: int


# From the few that are open to what is heard in them; no index leads from a PC or a student to all their scans.
_OPEN = """
SELECT dispute.day_id, dispute.id FROM distribution_dispute dispute
JOIN distribution_distributionday day ON day.id = dispute.day_id
JOIN organisations_school school ON school.id = day.school_id
LEFT JOIN distribution_testimony testimony ON testimony.dispute_id = dispute.id
LEFT JOIN distribution_scan scan ON scan.id = testimony.scan_id
WHERE dispute.settled_at IS NULL AND (dispute.{subject}_id = %(subject)s OR scan.{subject}_id = %(subject)s)
    AND (%(region)s::bigint IS NULL OR school.region_id = %(region)s)
    AND (%(schools)s::bigint[] IS NULL OR school.id = ANY(%(schools)s))
ORDER BY dispute.{subject}_id IS NOT DISTINCT FROM %(subject)s DESC, dispute.id LIMIT 1
"""
_OPEN_OF_DEVICE, _OPEN_OF_STUDENT = _OPEN.format(subject="device"), _OPEN.format(subject="student")


def dispute_of_device(device_id: int) -> OpenDispute | None:
    """Return the open dispute in scope that is about a PC, or in which a scan of it is heard."""
    return _open_dispute(_OPEN_OF_DEVICE, device_id)


def dispute_of_student(student_id: int) -> OpenDispute | None:
    """Return the open dispute in scope that is about a student, or in which a scan of them is heard."""
    return _open_dispute(_OPEN_OF_STUDENT, student_id)


def _open_dispute(query: str, subject_id: int) -> OpenDispute | None:
    with connection.cursor() as cursor:
        cursor.execute(query, {"subject": subject_id, **scope_values()})
        found = cursor.fetchone()
    return OpenDispute(*found) if found else None


def address_of_dispute(device_id: int) -> str:
    """Return the address of the open dispute about a PC, empty where there is none in scope."""
    dispute = dispute_of_device(device_id)
    return reverse("distribution:dispute", args=[dispute.day_id, dispute.pk]) if dispute else ""


def open_disputes_by_student(day_id: int) -> dict[int, int]:
    """Return passage id → open dispute, for every student whom an open dispute of the day concerns."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH concerned AS (
                SELECT dispute.id, student_id FROM distribution_dispute dispute
                WHERE settled_at IS NULL AND day_id = %(day)s AND student_id IS NOT NULL
                UNION SELECT dispute.id, coalesce(scan.student_id, holder.id) FROM distribution_dispute dispute
                JOIN distribution_testimony testimony ON testimony.dispute_id = dispute.id
                LEFT JOIN distribution_scan scan ON scan.id = testimony.scan_id
                LEFT JOIN fleet_movement movement ON movement.id = testimony.movement_id
                LEFT JOIN rosters_student holder ON holder.custodian_id = movement.to_custodian_id
                WHERE dispute.settled_at IS NULL AND dispute.day_id = %(day)s
            )
            SELECT passage.id, min(concerned.id) FROM concerned
            JOIN distribution_passage passage ON passage.student_id = concerned.student_id AND passage.day_id = %(day)s
            GROUP BY passage.id
            """,
            {"day": day_id},
        )
        return dict(cursor.fetchall())


def open_dispute_counts(day_ids: Sequence[int]) -> dict[int, int]:
    """Return day id → how many disputes wait."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT day_id, count(*) FROM distribution_dispute WHERE settled_at IS NULL AND day_id = ANY(%s) GROUP BY 1",
            [list(day_ids)],
        )
        return dict(cursor.fetchall())
