"""What must be true when a day is over, read from the database beside what the stations have on their disks."""

from typing import TYPE_CHECKING, Any

from django.db import connection

from cartable.simulation.faults.books import ALLOTMENT, BENCH, ELSEWHERE

if TYPE_CHECKING:
    from cartable.simulation.faults.day import Day

_SCANS = """
SELECT scan.id::text, scan.station_id, scan.sequence, scan.kind, scan.student_code, scan.device_code,
    scan.result, scan.code, scan.happened_at
FROM distribution_scan scan WHERE scan.day_id = %s ORDER BY scan.station_id, scan.sequence, scan.id
"""
_MOVEMENTS = """
SELECT device.asset_tag, movement.sequence, movement.reason, movement.from_kind, movement.to_kind,
    giver.label_code, taker.label_code, movement.happened_at, scan.id::text
FROM fleet_movement movement JOIN fleet_device device ON device.id = movement.device_id
LEFT JOIN rosters_student giver ON giver.custodian_id = movement.from_custodian_id
LEFT JOIN rosters_student taker ON taker.custodian_id = movement.to_custodian_id
LEFT JOIN distribution_scan scan ON scan.id = movement.id
WHERE device.asset_tag = ANY(%s) ORDER BY device.asset_tag, movement.sequence
"""
_HOLDERS = """
SELECT device.asset_tag, device.custodian_kind, student.label_code
FROM fleet_device device LEFT JOIN rosters_student student ON student.custodian_id = device.custodian_id
WHERE device.asset_tag = ANY(%s)
"""
_HEARD = """
SELECT scan.id::text, scan.code, count(testimony.id) FROM distribution_scan scan
LEFT JOIN distribution_testimony testimony ON testimony.scan_id = scan.id
WHERE scan.day_id = %s AND scan.result <> 'recorded' GROUP BY scan.id HAVING count(testimony.id) <> 1
"""
_PLACES = {"school_allotment": ALLOTMENT, "school_bench": BENCH, "emergency_stock": ELSEWHERE}


def _rows(query: str, parameter: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, [parameter])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def day_violations(day: "Day") -> list[str]:
    """List whatever is not as promised; an empty list is a good day."""
    return [*_lost_or_foreign(day), *_holes(day), *_unheard(day), *_custody(day), *_unseen(day)]


def _lost_or_foreign(day: "Day") -> list[str]:
    """Everything that a station wrote durably is at the server once, with its content; every acknowledged id is known."""
    found = []
    by_station: dict[int, dict[str, tuple[Any, ...]]] = {}
    for pk, station, *content in _rows(_SCANS, day.ground.day.pk):
        by_station.setdefault(station, {})[pk] = tuple(content[:4])
    for post, started in zip(day.posts, day.started, strict=True):
        kept = by_station.get(started.station.pk, {})
        written = {
            pk: tuple(line.event.get(name, "") for name in ("sequence", "kind", "student_code", "device_code"))
            for pk, line in post.disk.lines.items()
        }
        found += [f"station {post.number}: {written[pk]} is lost" for pk in written.keys() - kept.keys()]
        found += [
            f"station {post.number}: the server has {kept[pk]}, the disk not" for pk in kept.keys() - written.keys()
        ]
        found += [
            f"station {post.number}: {written[pk]} came as {kept[pk]}"
            for pk in written.keys() & kept.keys()
            if written[pk] != kept[pk]
        ]
        missing = post.disk.ever_acknowledged - kept.keys()
        found += [f"station {post.number}: {pk} was acknowledged and is not known" for pk in missing]
    return found


def _holes(day: "Day") -> list[str]:
    """Sequences are 1, 2, 3… for each station, and the server claims to know no more than that."""
    found = []
    for post, started in zip(day.posts, day.started, strict=True):
        count = len(post.disk.lines)
        sequences = sorted(line.event["sequence"] for line in post.disk.lines.values())
        if sequences != list(range(1, count + 1)):
            found.append(f"station {post.number}: its own sequences have a hole or come twice")
        # Noted at most every five seconds: it may lag behind what the last answer said, never run ahead.
        started.station.refresh_from_db()
        if (through := started.station.known_through) > count:
            found.append(f"station {post.number} made {count} events, the server says it knows them through {through}")
    return found


def _unheard(day: "Day") -> list[str]:
    """Everybody's outbox is empty, by itself, once the roads are good."""
    return [
        f"station {post.number} still has {len(post.disk.waiting())} events to send, stopped: {post.station.stopped!r}"
        for post in day.posts
        if post.number not in day.carried and not post.is_drained
    ]


def _custody(day: "Day") -> list[str]:
    """Each PC is where the model says, nobody has two."""
    found, holders = [], []
    for tag, kind, student in _rows(_HOLDERS, day.ground.devices):
        place = student if kind == "student" else _PLACES.get(kind, kind)
        if day.books.holder[tag] != place:
            found.append(f"PC {tag} is with {place}, the model says {day.books.holder[tag]}")
        holders += [student] if kind == "student" else []
    found += [f"student {code} has two PCs" for code in set(holders) if holders.count(code) > 1]
    return found


def _unseen(day: "Day") -> list[str]:
    """Each act that was not taken is before the court once, with whatever contradicts it."""
    return [
        f"scan {pk} ({code}) is before the court {times} times" for pk, code, times in _rows(_HEARD, day.ground.day.pk)
    ]


def ledger_content(day: "Day") -> list[list[Any]]:
    """Return what of a day must be the same each time its seed is played: no id of the database, no time of the server."""
    student = {code: place for place, code in enumerate(day.ground.students)}
    station = {started.station.pk: place for place, started in enumerate(day.started)}
    scans = [
        [station[place], sequence, pk, kind, student.get(code), device, result, said, at.isoformat()]
        for pk, place, sequence, kind, code, device, result, said, at in _rows(_SCANS, day.ground.day.pk)
    ]
    movements = [
        # The hour of a movement is the station's where a scan made it; a settlement has the server's.
        [tag, sequence, reason, before, after, student.get(giver), student.get(taker), scan and at.isoformat(), scan]
        for tag, sequence, reason, before, after, giver, taker, at, scan in _rows(_MOVEMENTS, day.ground.devices)
    ]
    return [*sorted(scans, key=str), *movements]
