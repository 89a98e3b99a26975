"""Plan a day, freeze its list two days before, open it; let late changes flow in."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from cartable.distribution.commands.stations import issue_site_card
from cartable.distribution.list_rules import FREEZE_AHEAD
from cartable.distribution.models import DayState, DistributionDay, Passage
from cartable.distribution.queries.charters import charters_of, who_signs
from cartable.distribution.rules import passing_times
from cartable.fleet.commands import open_school_accounts
from cartable.organisations.models import School
from cartable.programme.models import Campaign, CampaignRules
from cartable.programme.queries import current_rules, eligibility_rules
from cartable.programme.rules import EligibilityRules, is_eligible
from cartable.rosters.models import RosterImport, RosterKind, RosterState

# Named here, done in `tasks`: commands hand work to the worker by name.
FOLLOW_TASK = "distribution.follow_school"


class DayRefused(Exception):
    """The day cannot take this step; ``code`` says why."""

    code = "day_refused"


class DayNotPlanned(DayRefused):
    """The list of the day is frozen already."""

    code = "day_not_planned"


class SchoolHasClosed(DayRefused):
    """The lycée has closed: its students are equipped by the one that took over."""

    code = "school_closed"


class DayNotFrozen(DayRefused):
    """The list must be frozen before the day opens."""

    code = "day_not_frozen"


class NobodyEnrolled(DayRefused):
    """The lycée has no student in its list: load the list first."""

    code = "nobody_enrolled"


class NoRulesPublished(DayRefused):
    """The campaign has no published rules: nobody can say who is expected."""

    code = "no_rules_published"


class OverrideNotAllowed(DayRefused):
    """The campaign's rules allow nobody to pass without a charter."""

    code = "override_not_allowed"


# Students of the lycée on the day of the hand-over, with what decides. A PC of an earlier year changes nothing here: the
# answer "déjà équipé" is read from the ledger.
_ENROLLED = """
SELECT student.id, enrolment.division, enrolment.level, enrolment.status, student.birth_on,
    enrolment.ends_on IS NOT NULL AND enrolment.ends_on <= %(held_on)s AS is_gone
FROM rosters_enrolment enrolment JOIN rosters_student student ON student.id = enrolment.student_id
WHERE enrolment.school_id = %(school)s AND enrolment.first_year = %(year)s AND enrolment.is_home
ORDER BY enrolment.division, student.folded_name
"""


def plan_day(
    *, school: School, campaign: Campaign, held_on: date, starts_at: time, target_per_hour: int = 300
) -> DistributionDay:
    """Plan the day of a lycée; the database refuses a second one on the same date. Raises SchoolHasClosed."""
    if School.objects.filter(pk=school.pk, closed_on__isnull=False).exists():
        raise SchoolHasClosed
    with transaction.atomic():
        open_school_accounts(region_id=school.region_id, school_id=school.pk, opened_at=timezone.now())
        return DistributionDay.objects.create(
            school=school, campaign=campaign, held_on=held_on, starts_at=starts_at, target_per_hour=target_per_hour
        )


def cancel_planned_days(*, school_id: int) -> int:
    """Give up the days of a lycée of which nothing is but a date; return how many. A frozen list is never given up here."""
    count, _by_model = DistributionDay.objects.filter(school_id=school_id, state=DayState.PLANNED).delete()
    return count


@transaction.atomic
def freeze_list(*, day: DistributionDay, now: datetime) -> int:
    """Freeze the list of a planned day: who is expected, who signs, when each class comes. Return the expected count.

    Fixes the version of the rules that the day follows. Raises DayNotPlanned, NoRulesPublished, NobodyEnrolled.
    """
    day = DistributionDay.objects.select_for_update().get(pk=day.pk)
    if day.state != DayState.PLANNED:
        raise DayNotPlanned
    try:
        rules = current_rules(day.campaign)
    except CampaignRules.DoesNotExist as error:
        raise NoRulesPublished from error
    enrolled = _enrolled(day, rules)
    if not enrolled:
        raise NobodyEnrolled
    eligibility = eligibility_rules(rules=rules, school_id=day.school_id)
    passages = [_passage(day, row, eligibility, is_added=False) for row in enrolled]
    times = _passing_times(day, passages)
    for passage in passages:
        if passage.is_expected:
            passage.passing_at = times[passage.division]
    Passage.objects.bulk_create(passages)
    day.state, day.frozen_at, day.rules = DayState.FROZEN, now, rules
    day.save(update_fields=["state", "frozen_at", "rules"])
    opening = datetime.combine(day.held_on, time(0), tzinfo=timezone.get_current_timezone())
    issue_site_card(day=day, valid_from=opening - timedelta(days=2), valid_until=opening + timedelta(hours=24))
    return sum(passage.is_expected for passage in passages)


def freeze_due_lists(*, now: datetime) -> int:
    """Freeze the lists of the planned days that are two days away or less; return how many. Repeated without effect.

    A day without list, or whose campaign has no rules, stays planned and stands in the calendar of lists; reviews that
    wait hold nothing up: what is settled later flows in.
    """
    today = timezone.localdate(now)
    due = DistributionDay.objects.filter(
        state=DayState.PLANNED, held_on__range=(today, today + FREEZE_AHEAD)
    ).select_related("campaign")
    frozen = 0
    for day in due.order_by("held_on", "pk"):
        listed = RosterImport.objects.filter(
            school_id=day.school_id, first_year=day.campaign.first_year, kind=RosterKind.STUDENTS,
            state=RosterState.APPLIED,
        )  # fmt: skip
        try:
            if listed.exists():
                freeze_list(day=day, now=now)
                frozen += 1
        except DayRefused:
            continue  # The calendar says why; another run may have been faster.
    return frozen


def ask_for_following(school_id: int) -> None:
    """Hand a lycée whose enrolments changed to the worker, in the transaction that changes them."""
    app.configure_task(FOLLOW_TASK).defer(school_id=school_id)


def follow_lists(*, school_id: int | None = None) -> int:
    """Let late changes flow into the frozen and open days of one lycée, or of all; return how many passages changed."""
    days = DistributionDay.objects.filter(state__in=[DayState.FROZEN, DayState.OPEN])
    if school_id is not None:
        days = days.filter(school_id=school_id)
    return sum(follow_list(day=day) for day in days.select_related("campaign"))


@transaction.atomic
def follow_list(*, day: DistributionDay) -> int:
    """Let late changes of the list flow into a frozen or open day; return how many passages changed.

    New students are added, departed ones are gone, a class change follows; nobody who has a PC is touched in the ledger.
    """
    day = DistributionDay.objects.select_for_update().get(pk=day.pk)
    if day.state not in {DayState.FROZEN, DayState.OPEN} or day.rules is None:
        return 0
    eligibility = eligibility_rules(rules=day.rules, school_id=day.school_id)
    known = {passage.student_id: passage for passage in Passage.objects.filter(day=day)}
    enrolled = _enrolled(day, day.rules)
    added = [_passage(day, row, eligibility, is_added=True) for row in enrolled if row["id"] not in known]
    Passage.objects.bulk_create(added)
    still_here = {row["id"]: row for row in enrolled}
    changed = [p for p in known.values() if _follow(p, still_here.get(p.student_id), eligibility)]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE distribution_passage passage
            SET division = asked.division, is_expected = asked.is_expected, is_gone = asked.is_gone,
                changed_in = pg_current_xact_id()
            FROM unnest(%s::bigint[], %s::text[], %s::bool[], %s::bool[]) AS asked(id, division, is_expected, is_gone)
            WHERE passage.id = asked.id
            """,
            [
                [p.pk for p in changed],
                [p.division for p in changed],
                [p.is_expected for p in changed],
                [p.is_gone for p in changed],
            ],
        )
    return len(added) + len(changed)


@transaction.atomic
def open_day(*, day: DistributionDay, now: datetime) -> None:
    """Open a frozen day: stations may record. Raises DayNotFrozen."""
    day = DistributionDay.objects.select_for_update().get(pk=day.pk)
    if day.state != DayState.FROZEN:
        raise DayNotFrozen
    follow_list(day=day)
    day.state, day.opened_at = DayState.OPEN, now
    day.save(update_fields=["state", "opened_at"])


def let_pass_without_charter(*, passage: Passage, reason: str, allowed_by_id: int) -> None:
    """Let one student pass without charter, with a reason and an author. Raises OverrideNotAllowed."""
    rules = passage.day.rules
    if rules is None or not rules.charter_override_allowed:
        raise OverrideNotAllowed
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE distribution_passage SET override_reason = %s, override_by_id = %s, changed_in = pg_current_xact_id()"
            " WHERE id = %s",
            [reason.strip()[:200], allowed_by_id, passage.pk],
        )


def _enrolled(day: DistributionDay, rules: CampaignRules) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            _ENROLLED,
            {
                "held_on": day.held_on,
                "school": day.school_id,
                "year": day.campaign.first_year,
            },
        )
        columns = [column.name for column in cursor.description or ()]
        enrolled = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    signed = charters_of([row["id"] for row in enrolled], rules)
    return [{**row, "charter_proof_id": signed.get(row["id"])} for row in enrolled]


def _passage(day: DistributionDay, row: dict[str, Any], eligibility: EligibilityRules, *, is_added: bool) -> Passage:
    return Passage(
        day=day,
        student_id=row["id"],
        division=row["division"],
        is_expected=_is_expected(row, eligibility),
        is_gone=row["is_gone"],
        is_added=is_added,
        signer_kind=who_signs(row["birth_on"], day.held_on),
        charter_proof_id=row["charter_proof_id"],
    )


def _is_expected(row: dict[str, Any], eligibility: EligibilityRules) -> bool:
    return not row["is_gone"] and is_eligible(
        level=row["level"], status=row["status"], division=row["division"], rules=eligibility
    )


def _follow(passage: Passage, row: dict[str, Any] | None, eligibility: EligibilityRules) -> bool:
    """Bring a passage to what the list says now; say whether anything changed."""
    before = (passage.division, passage.is_expected, passage.is_gone)
    if row is None:  # Enrolled elsewhere now: the list that answers for the student says so, not an absence.
        passage.is_gone = True
    else:
        passage.division, passage.is_gone = row["division"], row["is_gone"]
        passage.is_expected = _is_expected(row, eligibility)
    return before != (passage.division, passage.is_expected, passage.is_gone)


def _passing_times(day: DistributionDay, passages: list[Passage]) -> dict[str, datetime]:
    sizes: dict[str, int] = {}
    for passage in passages:
        if passage.is_expected:
            sizes[passage.division] = sizes.get(passage.division, 0) + 1
    starts_at = datetime.combine(day.held_on, day.starts_at, tzinfo=timezone.get_current_timezone())
    return passing_times(class_sizes=sorted(sizes.items()), starts_at=starts_at, target_per_hour=day.target_per_hour)
