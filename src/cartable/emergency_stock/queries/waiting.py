"""Read what waits at reserves, school by school: students without a PC, low reserves, loans, requests, the road."""

from collections.abc import Sequence
from datetime import date

from django.db import connection
from django.urls import reverse

from cartable.emergency_stock.queries.levels import reserves
from cartable.supply.queries.waiting import Waiting
from cartable.supply.queries.waiting import waiting as on_the_road

# What was expected on the last closed day and holds nothing today, as `papers` lists it.
_ABSENT = """
SELECT 'absent_student', count(*), min(day.held_on), school.name, school.uai, school.id
FROM (
    SELECT DISTINCT ON (day.school_id) day.id, day.school_id, day.held_on FROM distribution_distributionday day
    WHERE day.school_id = ANY(%(schools)s) AND day.state = 'closed' ORDER BY day.school_id, day.held_on DESC
) day
JOIN organisations_school school ON school.id = day.school_id
JOIN distribution_passage passage ON passage.day_id = day.id AND passage.is_expected AND NOT passage.is_gone
JOIN rosters_student student ON student.id = passage.student_id AND student.merged_into_id IS NULL
JOIN fleet_custodian custodian ON custodian.id = student.custodian_id AND custodian.school_id = day.school_id
WHERE NOT EXISTS (SELECT FROM fleet_device device WHERE device.custodian_id = student.custodian_id)
GROUP BY school.id
"""
# One row per school and kind.
_WAITING = f"""
{_ABSENT}
UNION ALL
SELECT 'overdue_loan', count(*), min(loan.due_on), school.name, school.uai, school.id
FROM emergency_stock_loan loan JOIN organisations_school school ON school.id = loan.school_id
WHERE loan.school_id = ANY(%(schools)s) AND loan.ended_at IS NULL AND loan.due_on < %(today)s
GROUP BY school.id
UNION ALL
SELECT 'top_up_to_decide', count(*), min(request.asked_at::date), school.name, school.uai, school.id
FROM emergency_stock_topup request JOIN organisations_school school ON school.id = request.school_id
WHERE request.school_id = ANY(%(schools)s) AND request.decided_at IS NULL
GROUP BY school.id
ORDER BY 1, 3, 5
"""
_LOW = "SELECT id, name, uai FROM organisations_school WHERE id = ANY(%s) ORDER BY uai"


def waiting(school_ids: Sequence[int], *, today: date) -> list[Waiting]:
    """Return what waits at these schools, found in scope; the number of statements does not grow with theirs.

    A low reserve counts the PCs that it lacks; since when it is low, nothing says.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"schools": list(school_ids), "today": today})
        rows = cursor.fetchall()
        cursor.execute(_LOW, [list(school_ids)])
        names = {school_id: (name, uai) for school_id, name, uai in cursor.fetchall()}
    found = [
        Waiting(kind, count, (today - since).days, name, uai, _address(kind, uai))
        for kind, count, since, name, uai, _school_id in rows
    ]
    low = [
        Waiting("low_reserve", line.level.missing, 0, *names[line.school_id], _address("", names[line.school_id][1]))
        for line in reserves(list(names), today=today)
        if line.level.is_low and line.level.missing
    ]
    return [*found, *low, *on_the_road(school_ids, today=today)]


def absent_counts(school_ids: Sequence[int]) -> dict[int, tuple[int, date]]:
    """Return how many students of each of these schools wait since which day; for whole regions: in the worker."""
    with connection.cursor() as cursor:
        cursor.execute(_ABSENT, {"schools": list(school_ids)})
        return {row[5]: (int(row[1]), row[2]) for row in cursor.fetchall()}


def _address(kind: str, uai: str) -> str:
    if kind == "top_up_to_decide":
        return reverse("emergency_stock:top-ups")
    return reverse("emergency_stock:reserve", args=[uai])
