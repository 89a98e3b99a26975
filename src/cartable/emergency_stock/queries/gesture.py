"""Read what decides one gesture at the desk: who the student is, where the PC is, which rules hold."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from cartable.distribution.models import CharterProof, SignerKind
from cartable.distribution.queries.charters import charter_of, rules_of_student, who_signs
from cartable.distribution.queries.court import dispute_of_device
from cartable.emergency_stock.incidents_first import incident_decides
from cartable.emergency_stock.rules import Cause, Offered, Taker
from cartable.fleet.models import Device, Movement
from cartable.fleet.rules import HOT_KINDS, Condition, CustodianKind, Grade
from cartable.organisations.scoping import scope_values
from cartable.programme.models import CampaignRules
from cartable.rosters.models import Student


@dataclass(frozen=True)
class StudentFacts:
    """What decides whether a student may receive a PC, without the charter."""

    school_id: int | None
    division: str
    holds_device: bool
    has_left: bool
    was_expected: bool
    has_undecided_incident: bool

    def taker(self, *, charter_received: bool) -> Taker:
        """Return the student as the rules see them."""
        return Taker(
            is_of_this_school=self.school_id is not None,
            has_left=self.has_left,
            holds_device=self.holds_device,
            has_charter=charter_received,
            has_undecided_incident=self.has_undecided_incident,
        )


@dataclass(frozen=True)
class GestureFacts:
    """What `rules.obstacle` decides from, and what the movement needs."""

    who: StudentFacts
    reserve_id: int
    rules: CampaignRules | None
    charter: CharterProof | None
    signer: SignerKind
    offered: Offered

    def taker(self, *, charter_received: bool) -> Taker:
        """Return the student as the rules see them, with what lies on the desk."""
        return self.who.taker(charter_received=charter_received or self.charter is not None)

    @property
    def usual_cause(self) -> Cause:
        """Say why this PC most likely leaves: who was expected on the day was absent, anybody else came later."""
        return Cause.ABSENT if self.who.was_expected else Cause.WALK_UP


def facts_of(*, student: Student, device: Device, today: date) -> GestureFacts:
    """Return the facts about a student and a PC, both found in scope by `access`."""
    device = Device.objects.select_related("custodian").get(pk=device.pk)
    rules = rules_of_student(student.pk, today=today)
    who = student_facts(student, today=today)
    return GestureFacts(
        who=who,
        reserve_id=device.custodian_id,
        rules=rules,
        charter=charter_of(student.pk, rules) if rules else None,
        signer=who_signs(student.birth_on, today),
        offered=offered(device, school_id=who.school_id),
    )


# What is seen of the student, of the year and of the days is what is in scope.
_FACTS = """
SELECT custodian.school_id, coalesce(home.division, ''), coalesce(home.ends_on <= %(today)s, false),
    EXISTS (SELECT FROM fleet_device WHERE custodian_id = student.custodian_id),
    EXISTS (
        SELECT FROM distribution_passage passage JOIN distribution_distributionday day ON day.id = passage.day_id
        WHERE passage.student_id = student.id AND passage.is_expected AND day.state = 'closed'
            AND (%(schools)s::bigint[] IS NULL OR day.school_id = ANY(%(schools)s))
    )
FROM rosters_student student JOIN fleet_custodian custodian ON custodian.id = student.custodian_id
LEFT JOIN LATERAL (
    SELECT division, ends_on FROM rosters_enrolment
    WHERE student_id = student.id AND is_home AND (%(schools)s::bigint[] IS NULL OR school_id = ANY(%(schools)s))
    ORDER BY first_year DESC, starts_on DESC, id DESC LIMIT 1
) AS home ON true
WHERE student.id = %(student)s AND (%(region)s::bigint IS NULL OR student.region_id = %(region)s)
    AND (%(schools)s::bigint[] IS NULL OR custodian.school_id = ANY(%(schools)s))
"""


def student_facts(student: Student, *, today: date, has_undecided_incident: bool | None = None) -> StudentFacts:
    """Return what decides whether a student, found in scope by `access`, may receive a PC; their incidents are asked unless said."""
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, {"student": student.pk, "today": today, **scope_values()})
        # Absence from a list ends nothing: only a date of exit does.
        school_id, division, has_left, holds, was_expected = cursor.fetchone() or (None, "", False, False, False)
    return StudentFacts(
        school_id=school_id,
        division=division,
        holds_device=holds,
        has_left=has_left,
        was_expected=was_expected,
        has_undecided_incident=incident_decides(student.pk)
        if has_undecided_incident is None
        else has_undecided_incident,
    )


def offered(device: Device, *, school_id: int | None) -> Offered:
    """Return a PC as the rules of the reserve see it; its custodian must be loaded with it."""
    kind = CustodianKind(device.custodian_kind)
    return Offered(
        is_in_reserve=kind == CustodianKind.EMERGENCY_STOCK,
        is_of_this_school=school_id is not None and device.custodian.school_id == school_id,
        is_fit=device.condition == Condition.FIT,
        is_contested=dispute_of_device(device.pk) is not None,
        is_in_claim=kind in HOT_KINDS,
    )


def usual_grade(device_id: int) -> Grade:
    """Return the state that a PC is most likely handed over in: like new until a student had it."""
    had = Movement.objects.filter(device_id=device_id, to_kind=CustodianKind.STUDENT).exists()
    return Grade.USED if had else Grade.LIKE_NEW
