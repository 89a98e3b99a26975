"""Read one lycée: how far each class is equipped, and its reserve."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from cartable.kernel.school_year import SchoolYear

# Whoever the lists of this year count today, class by class, and who of them holds a PC.
_CLASSES = """
SELECT enrolment.division, count(*), count(device.id)
FROM rosters_enrolment enrolment
JOIN rosters_student student ON student.id = enrolment.student_id AND student.merged_into_id IS NULL
LEFT JOIN fleet_device device ON device.custodian_id = student.custodian_id AND device.custodian_kind = 'student'
WHERE enrolment.school_id = %s AND enrolment.first_year = %s AND enrolment.is_home
  AND (enrolment.ends_on IS NULL OR enrolment.ends_on > %s)
GROUP BY enrolment.division ORDER BY enrolment.division
"""


@dataclass(frozen=True)
class ClassRing:
    """A class of this year: how many students it has, and how many of them hold a PC."""

    division: str
    students: int
    equipped: int

    @property
    def share(self) -> float:
        """Return which share of the class holds a PC."""
        return self.equipped / self.students


def class_rings(school_id: int, *, today: date) -> list[ClassRing]:
    """Return the classes of a lycée in scope by name: one statement for all of them."""
    with connection.cursor() as cursor:
        cursor.execute(_CLASSES, [school_id, SchoolYear.containing(today).first_year, today])
        return [ClassRing(*row) for row in cursor.fetchall()]


_OVERDUE = """
SELECT school.uai, school.name, school.town, count(*), min(loan.due_on)
FROM emergency_stock_loan loan JOIN organisations_school school ON school.id = loan.school_id
WHERE loan.ended_at IS NULL AND loan.due_on < %(today)s AND school.region_id = %(region)s
GROUP BY school.id ORDER BY min(loan.due_on) LIMIT %(limit)s
"""
# A reserve without one PC to hand over. Cheap for a whole region: one account each, and the first fit PC ends the search.
_EMPTY = """
SELECT school.uai, school.name, school.town FROM fleet_custodian custodian
JOIN organisations_school school ON school.id = custodian.school_id
WHERE custodian.kind = 'emergency_stock' AND school.region_id = %(region)s AND school.closed_on IS NULL
  AND NOT EXISTS (SELECT FROM fleet_device device WHERE device.custodian_id = custodian.id AND device.condition = 'fit')
  AND EXISTS (SELECT FROM rosters_enrolment enrolment
              WHERE enrolment.school_id = school.id AND enrolment.first_year = %(year)s)
ORDER BY school.town, school.name LIMIT %(limit)s
"""
_DISPUTES = """
SELECT day.id, school.name, school.town, count(*), min(dispute.opened_at)
FROM distribution_dispute dispute
JOIN distribution_distributionday day ON day.id = dispute.day_id AND day.state = 'closed'
JOIN organisations_school school ON school.id = day.school_id
WHERE dispute.settled_at IS NULL AND school.region_id = %(region)s
  AND (%(schools)s::bigint[] IS NULL OR school.id = ANY(%(schools)s::bigint[]))
GROUP BY day.id, school.id ORDER BY min(dispute.opened_at) LIMIT %(limit)s
"""


_REQUESTS = """
SELECT 'top_up_to_decide', count(*), min(request.asked_at)::date
FROM emergency_stock_topup request JOIN organisations_school school ON school.id = request.school_id
WHERE request.decided_at IS NULL AND school.region_id = %(region)s HAVING count(*) > 0
UNION ALL
SELECT 'difference_to_settle', count(*), min(shipment.dispatched_at)::date
FROM supply_shipmentline line JOIN supply_shipment shipment ON shipment.id = line.shipment_id
WHERE line.difference <> '' AND line.settled_at IS NULL AND shipment.region_id = %(region)s HAVING count(*) > 0
"""


@dataclass(frozen=True)
class SchoolCount:
    """How many of something wait in a lycée, and since when; ``key`` is its UAI, or the day of a dispute."""

    key: str
    school: str
    count: int
    since: date | None


def overdue_loans(*, region_id: int, today: date, limit: int) -> list[SchoolCount]:
    """Return the lycées of a region with loans that last too long, the oldest first."""
    return _counts(_OVERDUE, {"region": region_id, "today": today, "limit": limit})


def region_requests(region_id: int) -> list[tuple[str, int, date]]:
    """Return how many top-ups and differences wait in a whole region, and since when the oldest does."""
    with connection.cursor() as cursor:
        cursor.execute(_REQUESTS, {"region": region_id})
        return [(str(kind), int(count), since) for kind, count, since in cursor.fetchall()]


def empty_reserves(*, region_id: int, today: date, limit: int) -> list[SchoolCount]:
    """Return the lycées of a region with students and nothing in reserve."""
    with connection.cursor() as cursor:
        year = SchoolYear.containing(today).first_year
        cursor.execute(_EMPTY, {"region": region_id, "year": year, "limit": limit})
        return [SchoolCount(uai, f"{name}, {town}", 0, None) for uai, name, town in cursor.fetchall()]


def disputes_of_closed_days(*, region_id: int, school_ids: Sequence[int] | None, limit: int) -> list[SchoolCount]:
    """Return the closed days with disputes that nobody has settled, the oldest first; open days say it themselves."""
    asked = None if school_ids is None else list(school_ids)
    return _counts(_DISPUTES, {"region": region_id, "schools": asked, "limit": limit})


def _counts(statement: str, parameters: object) -> list[SchoolCount]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)  # type: ignore[arg-type]
        return [
            SchoolCount(str(key), f"{name}, {town}", count, since.date() if hasattr(since, "date") else since)
            for key, name, town, count, since in cursor.fetchall()
        ]
