"""What waits in returns, by lycée: the bench to reimage, leavers who still hold a PC. One statement for one and for fifty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db import connection
from django.urls import reverse
from django.utils import timezone


class WaitingKind(StrEnum):
    """What waits."""

    BENCH = "bench_to_reimage"
    LEAVERS = "leavers_with_a_pc"


@dataclass(frozen=True)
class Waiting:
    """A kind of work that waits in a lycée: how much, since how many days, where it is done."""

    kind: WaitingKind
    count: int
    oldest_days: int
    school: str
    url: str


# A leaver is somebody whose last enrolment has an end that is past: absence from a list ends nothing. Read from the ends,
# which are few, not from the PCs held, which are all.
_GONE = """
FROM rosters_enrolment gone
JOIN rosters_student student ON student.id = gone.student_id
JOIN fleet_device device ON device.custodian_id = student.custodian_id AND device.custodian_kind = 'student'
WHERE gone.school_id = ANY(%(schools)s) AND gone.is_home AND gone.ends_on <= %(today)s
  AND NOT EXISTS (
    SELECT FROM rosters_enrolment later WHERE later.student_id = gone.student_id AND later.is_home
    AND (later.first_year, later.starts_on, later.id) > (gone.first_year, gone.starts_on, gone.id))
"""
# A broken PC waits for the repairer or for its slip, not for an image.
_WAITING = f"""
SELECT 'bench_to_reimage', custodian.school_id, count(*), min(arrival.happened_at)::date
FROM fleet_custodian custodian JOIN fleet_device device ON device.custodian_id = custodian.id
JOIN fleet_movement arrival ON arrival.device_id = device.id AND arrival.sequence = device.last_sequence
WHERE custodian.kind = 'school_bench' AND custodian.school_id = ANY(%(schools)s)
  AND device.condition IN ('fit', 'being_reimaged')
  AND NOT EXISTS (SELECT FROM repairs_repairticket ticket WHERE ticket.device_id = device.id AND ticket.closed_at IS NULL)
GROUP BY custodian.school_id
UNION ALL
SELECT 'leavers_with_a_pc', gone.school_id, count(*), min(gone.ends_on) {_GONE} GROUP BY gone.school_id
"""
_LEAVERS = f"""
SELECT student.label_code,
    trim(student.given_name || ' ' || CASE WHEN student.usage_name <> '' THEN student.usage_name
                                           ELSE student.family_name END),
    gone.division, device.asset_tag, gone.ends_on
{_GONE} ORDER BY gone.ends_on, student.folded_name
"""


@dataclass(frozen=True)
class Leaver:
    """A student who has left and still holds a PC."""

    label_code: str
    name: str
    division: str
    asset_tag: str
    left_on: date
    days: int


def waiting(school_ids: Sequence[int]) -> list[Waiting]:
    """Return what waits in these lycées, found in scope, the oldest first."""
    today = timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name, uai FROM organisations_school WHERE id = ANY(%s)", [list(school_ids)])
        schools = {pk: (name, uai) for pk, name, uai in cursor.fetchall()}
        cursor.execute(_WAITING, {"schools": list(school_ids), "today": today})
        rows = cursor.fetchall()
    found = []
    for kind, school_id, count, since in rows:
        if school_id in schools:
            name, uai = schools[school_id]
            route = "returns:bench" if kind == WaitingKind.BENCH else "returns:leavers"
            found.append(Waiting(WaitingKind(kind), count, (today - since).days, name, reverse(route, args=[uai])))
    return sorted(found, key=lambda one: -one.oldest_days)


def leavers_of(school_id: int, *, today: date) -> list[Leaver]:
    """Return the students of a lycée in scope who have left and still hold a PC, the longest gone first."""
    with connection.cursor() as cursor:
        cursor.execute(_LEAVERS, {"schools": [school_id], "today": today})
        return [
            Leaver(label_code, name, division, asset_tag, left_on, (today - left_on).days)
            for label_code, name, division, asset_tag, left_on in cursor.fetchall()
        ]
