"""Read what reserves hold: counts of the ledger against the target of the campaign, never a column."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from cartable.distribution.queries.charters import rules_of_year
from cartable.emergency_stock.rules import Level
from cartable.kernel.school_year import SchoolYear
from cartable.programme.rules import emergency_stock_target

# One row per school, whatever has none of something. Students of the year are those the lists count now.
_LEVELS = """
SELECT school.id,
    (SELECT count(*) FROM rosters_enrolment enrolment
     WHERE enrolment.school_id = school.id AND enrolment.first_year = %(year)s AND enrolment.is_home
       AND (enrolment.ends_on IS NULL OR enrolment.ends_on > %(today)s)),
    (SELECT count(*) FROM fleet_custodian custodian JOIN fleet_device device ON device.custodian_id = custodian.id
     WHERE custodian.school_id = school.id AND custodian.kind = 'emergency_stock' AND device.condition = 'fit'),
    (SELECT count(*) FROM emergency_stock_loan loan WHERE loan.school_id = school.id AND loan.ended_at IS NULL),
    (SELECT count(*) FROM emergency_stock_loan loan
     WHERE loan.school_id = school.id AND loan.ended_at IS NULL AND loan.due_on < %(today)s),
    (SELECT count(*) FROM supply_shipment shipment
     JOIN fleet_custodian goal ON goal.id = shipment.destination_id AND goal.kind = 'emergency_stock'
     JOIN supply_shipmentline line ON line.shipment_id = shipment.id
     WHERE shipment.destination_school_id = school.id AND line.dispatch_id IS NOT NULL AND line.arrival_id IS NULL
       AND line.settled_at IS NULL)
FROM unnest(%(schools)s::bigint[]) AS school(id)
"""


@dataclass(frozen=True)
class ReserveLine:
    """The reserve of one lycée: its level, and how many of its loans last too long."""

    school_id: int
    student_count: int
    level: Level
    overdue: int


def reserves(school_ids: Sequence[int], *, today: date) -> list[ReserveLine]:
    """Return the reserves of these schools, found in scope, in their order: one statement for one and for fifty."""
    rules = rules_of_year(today=today)
    rate = float(rules.fup_rate) if rules else 0.0
    with connection.cursor() as cursor:
        cursor.execute(
            _LEVELS,
            {"schools": list(school_ids), "year": SchoolYear.containing(today).first_year, "today": today},
        )
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    return [_line(school_id, rate, *rows[school_id]) for school_id in school_ids]


def _line(school_id: int, rate: float, students: int, fit: int, lent: int, overdue: int, road: int) -> ReserveLine:
    target = emergency_stock_target(student_count=students, fup_rate=rate)
    return ReserveLine(school_id, students, Level(target=target, fit=fit, lent=lent, on_the_road=road), overdue)
