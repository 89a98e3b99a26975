"""Read who left a lycée and who came to it, as its people said."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind
from cartable.rosters.models import Departure, Enrolment, Student
from cartable.rosters.queries.people import actor_names
from cartable.rosters.queries.reach import region_wide
from cartable.rosters.rules.departures import DepartureObstacle, Leaver, departure_obstacle

# So long both lycées read on their pages that somebody moved; the list of departures keeps the whole school year.
SHOWN_DAYS = 14


@dataclass(frozen=True)
class DepartureLine:
    """A departure: who, from where, whither, and whether the PC went along; ``label_code`` only of a student in scope."""

    departure_id: UUID
    name: str
    label_code: str
    from_school: str
    to_school: str
    left_on: date
    declared_at: datetime
    declared_by: str
    holds_pc: bool
    asset_tag: str
    is_undone: bool


class WaitingKind(StrEnum):
    """What a lycée is told of students who change lycée."""

    ARRIVED = "students_arrived"
    MOVED_ON = "students_moved_on"


@dataclass(frozen=True)
class Waiting:
    """How many students came to a lycée, or left it for another one, in the last days."""

    kind: WaitingKind
    count: int
    oldest_days: int
    school: str
    url: str


def departure_by_id(departure_id: UUID) -> Departure | None:
    """Return a departure from or to a lycée in scope."""
    return Departure.objects.select_related("student__custodian").filter(pk=departure_id).first()


def homes_of(student_ids: Collection[int]) -> dict[int, list[Enrolment]]:
    """Return the enrolments that count of each of these students, the last one first; one query, of every lycée in scope."""
    homes: dict[int, list[Enrolment]] = {pk: [] for pk in student_ids}
    counted = Enrolment.objects.filter(student__in=list(student_ids), is_home=True)
    for one in counted.order_by("-first_year", "-starts_on", "-pk"):
        homes[one.student_id].append(one)
    return homes


def leavers(homes: Mapping[int, Sequence[Enrolment]], *, from_school_id: int) -> dict[int, Leaver]:
    """Return student id → what decides whether the lycée may say that they leave."""
    here = Student.objects.filter(pk__in=list(homes), custodian__school_id=from_school_id)
    answered_for = set(here.values_list("pk", flat=True))
    return {pk: Leaver(pk in answered_for and bool(own), own[0].ends_on if own else None) for pk, own in homes.items()}


def stayers(
    homes: Mapping[int, Sequence[Enrolment]], *, from_school_id: int, today: date
) -> dict[int, DepartureObstacle]:
    """Return student id → why they may not be said to leave the region, for those of these students who may not."""
    judged = {
        pk: departure_obstacle(leaver, None, today=today)
        for pk, leaver in leavers(homes, from_school_id=from_school_id).items()
    }
    return {pk: found for pk, found in judged.items() if found is not None}


def departures(*, since: date, limit: int) -> list[DepartureLine]:
    """Return the departures from and to the schools in scope, the latest first; a fixed number of queries.

    Of a student who has left for another lycée, the old one learns whether the PC went along, and no label.
    """
    found = list(
        Departure.objects.select_related("from_school", "to_school")
        .filter(declared_at__date__gte=since)
        .order_by("-declared_at", "pk")[:limit]
    )
    seen = set(Student.objects.filter(pk__in=[one.student_id for one in found]).values_list("pk", flat=True))
    people = _people(found)
    actors = actor_names([one.declared_by_id for one in found])
    return [_line(one, people[one.student_id], actors, is_seen=one.student_id in seen) for one in found]


def departures_of(student: Student) -> list[Departure]:
    """Return what was said of the departures of a student in scope, those that were taken back too."""
    with region_wide(student.region_id):
        return list(Departure.objects.filter(student=student).select_related("from_school", "to_school"))


def _people(found: Sequence[Departure]) -> dict[int, tuple[Student, str]]:
    if not found:
        return {}
    with region_wide(found[0].from_school.region_id):
        students = Student.objects.in_bulk([one.student_id for one in found])
        held = Device.objects.filter(
            custodian__in=[student.custodian_id for student in students.values()],
            custodian_kind=CustodianKind.STUDENT,
        )
        tags = dict(held.values_list("custodian_id", "asset_tag"))
    return {pk: (student, tags.get(student.custodian_id, "")) for pk, student in students.items()}


def _line(one: Departure, who: tuple[Student, str], actors: dict[int, str], *, is_seen: bool) -> DepartureLine:
    student, tag = who
    return DepartureLine(
        departure_id=one.pk,
        name=student.display_name,
        label_code=student.label_code if is_seen else "",
        from_school=str(one.from_school),
        to_school=str(one.to_school or ""),
        left_on=one.left_on,
        declared_at=one.declared_at,
        declared_by=actors.get(one.declared_by_id, ""),
        holds_pc=tag != "",
        asset_tag=tag if is_seen else "",
        is_undone=one.undone_at is not None,
    )


# Who has moved on since, or came back, is no news any more: the account says where they are.
_NEWS = """
SELECT said.kind, said.school_id, count(*), min(departure.declared_at)
FROM rosters_departure departure
JOIN rosters_student student ON student.id = departure.student_id
JOIN fleet_custodian custodian ON custodian.id = student.custodian_id AND custodian.school_id = departure.to_school_id
CROSS JOIN LATERAL (
    VALUES ('students_arrived', departure.to_school_id), ('students_moved_on', departure.from_school_id)
) AS said(kind, school_id)
WHERE departure.undone_at IS NULL AND departure.declared_at >= %(since)s AND said.school_id = ANY(%(schools)s)
  AND (departure.to_school_id = ANY(%(schools)s) OR departure.from_school_id = ANY(%(schools)s))
GROUP BY said.kind, said.school_id
"""


def waiting(school_ids: Sequence[int]) -> list[Waiting]:
    """Return what these lycées, found in scope, are told of students who came and went lately; two statements."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM organisations_school WHERE id = ANY(%s)", [list(school_ids)])
        names = dict(cursor.fetchall())
        cursor.execute(_NEWS, {"schools": list(school_ids), "since": now - timedelta(days=SHOWN_DAYS)})
        rows = cursor.fetchall()
    url = reverse("rosters:departures")
    return [
        Waiting(WaitingKind(kind), count, (now - since).days, names.get(school_id, ""), url)
        for kind, school_id, count, since in rows
    ]
