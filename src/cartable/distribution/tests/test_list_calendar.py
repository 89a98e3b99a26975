"""The calendar of lists: what each day to come asks for, and the freeze that nobody has to ask for."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cartable.conftest import Cast
from cartable.distribution.commands.days import follow_list, freeze_due_lists, plan_day
from cartable.distribution.list_rules import ListStanding, list_standing
from cartable.distribution.list_words import list_in_words
from cartable.distribution.models import DistributionDay, Passage
from cartable.distribution.queries.calendar import ListLine, list_calendar
from cartable.programme.commands import open_campaign
from cartable.rosters.commands.decisions import decide
from cartable.rosters.commands.enrolment import NewStudent, enrol_students
from cartable.rosters.models import RosterImport, RosterLine, Ruling, StudentSource
from cartable.rosters.tests.test_roster_import import listed, load, preview

HELD_ON = date(2026, 9, 25)
BEFORE = datetime(2026, 9, 23, 4, 0, tzinfo=UTC)


def planned(cast: Cast, held_on: date = HELD_ON) -> DistributionDay:
    return plan_day(school=cast.school, campaign=cast.campaign, held_on=held_on, starts_at=time(8, 30))


def line(cast: Cast, today: date = HELD_ON - timedelta(days=2)) -> ListLine:
    (found,) = list_calendar(today=today, region_id=cast.region.pk, school_ids=(cast.school.pk,))
    return found


def said(cast: Cast, today: date = HELD_ON - timedelta(days=2)) -> str:
    return list_in_words(line(cast, today)).label


def test_a_day_without_list_says_so_and_leads_to_where_it_is_loaded(cast: Cast) -> None:
    planned(cast)
    words = list_in_words(line(cast))
    assert (words.label, words.tone, words.url) == ("Aucune liste", "err", f"/listes/{cast.school.uai}/")


def test_a_list_is_as_old_as_its_export(cast: Cast) -> None:
    planned(cast)
    applied = load(cast, listed("1"))
    exported_at = datetime(2026, 9, 6, 9, 0, tzinfo=UTC)
    RosterImport.objects.filter(pk=applied.pk).update(exported_at=exported_at)
    assert said(cast, date(2026, 9, 20)) == "Chargée"
    assert line(cast, date(2026, 9, 20)).age_days == 14
    assert said(cast, date(2026, 9, 23)) == "Liste de 17 jours"
    assert line(cast, date(2026, 9, 23)).said_on == date(2026, 9, 6)


def test_what_waits_for_a_human_is_counted_and_leads_to_it(cast: Cast) -> None:
    planned(cast)
    load(cast, listed("1"))
    again = preview(cast, listed("2", "Marchant"))
    words = list_in_words(line(cast))
    assert (words.label, words.url) == ("À examiner : 1", f"/listes/import/{again.pk}/")


def test_a_list_that_was_read_only_waits_to_be_applied(cast: Cast) -> None:
    planned(cast)
    load(cast, listed("1"))
    preview(cast, listed("1"), listed("2", "Benali", "Bilal"))
    assert said(cast) == "À appliquer"


def test_a_list_freezes_two_days_before_its_day_by_itself_and_only_once(cast: Cast) -> None:
    day = planned(cast)
    load(cast, listed("1"))
    assert freeze_due_lists(now=BEFORE - timedelta(days=1)) == 0
    assert [freeze_due_lists(now=BEFORE) for _time in range(2)] == [1, 0]
    day.refresh_from_db()
    assert (day.state, day.frozen_at, Passage.objects.count()) == ("frozen", BEFORE, 1)
    assert said(cast) == "Figée"


def test_reviews_that_wait_do_not_hold_the_freeze_up(cast: Cast) -> None:
    planned(cast)
    load(cast, listed("1"))
    preview(cast, listed("2", "Marchant"))
    assert freeze_due_lists(now=BEFORE) == 1
    assert said(cast) == "À examiner : 1"


def test_a_review_settled_after_the_list_was_applied_reaches_the_day_by_itself(cast: Cast) -> None:
    day = planned(cast)
    load(cast, listed("1"))
    applied = load(cast, listed("2", "Marchant"), listed("3", "Benali", "Bilal"))
    RosterImport.objects.filter(pk=applied.pk).update(read_at=applied.read_at + timedelta(minutes=1))
    freeze_due_lists(now=BEFORE)
    assert (said(cast), Passage.objects.count()) == ("À examiner : 1", 2)
    waiting = RosterLine.objects.get(roster_import=applied, outcome="review")
    decide(
        decision_id=uuid4(), line_id=waiting.pk, ruling=Ruling.OTHER, student_id=None,
        decided_by_id=cast.durand.actor_id, decided_at=cast.now, today=HELD_ON - timedelta(days=1),
    )  # fmt: skip
    follow_list(day=day)
    assert Passage.objects.get(student__family_name="Marchant").is_added
    assert said(cast) == "Changements depuis le gel : +1 −0"


def test_a_day_without_list_is_not_frozen_and_the_others_are(cast: Cast) -> None:
    planned(cast)
    plan_day(school=cast.other_school, campaign=cast.campaign, held_on=HELD_ON, starts_at=time(8, 30))
    load(cast, listed("1"), school=cast.other_school)
    assert freeze_due_lists(now=BEFORE) == 1
    assert (line(cast).standing, line(cast).is_frozen) == (ListStanding.MISSING, False)


def test_a_lone_student_typed_in_is_no_list(cast: Cast) -> None:
    planned(cast)
    enrol_students(
        region_id=cast.region.pk, first_year=2026, students=[NewStudent(cast.school.pk, "Marchand", "Alice")],
        source=StudentSource.WALK_UP, entered_at=cast.now, recorded_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    assert freeze_due_lists(now=BEFORE) == 0


def test_a_campaign_without_rules_stays_planned_and_says_why(cast: Cast) -> None:
    planned(cast)
    load(cast, listed("1"))
    # Published rules are append-only: only a campaign that has none yet has none.
    without = open_campaign(region=cast.region, first_year=2025, name="Rentrée 2025")
    DistributionDay.objects.update(campaign=without)
    RosterImport.objects.update(first_year=2025)
    assert freeze_due_lists(now=BEFORE) == 0
    assert said(cast) == "Aucune règle publiée"


def test_what_changed_since_the_freeze_is_said_with_both_signs(cast: Cast) -> None:
    day = planned(cast)
    gone_before = listed("9", "Petit", "Paul", left_on=date(2026, 9, 2))
    load(cast, listed("1"), listed("2", "Benali", "Bilal"), gone_before)
    freeze_due_lists(now=BEFORE)
    new = [listed(str(n), f"Nom{n}", "Prénom") for n in (3, 4, 5)]
    load(cast, listed("1"), listed("2", "Benali", "Bilal", left_on=date(2026, 9, 10)), gone_before, *new)
    follow_list(day=day)
    assert said(cast) == "Changements depuis le gel : +3 −1"


@pytest.mark.parametrize(
    ("changed", "standing"),
    [
        ({"has_list": False}, "missing"),
        ({"has_list": False, "is_frozen": True}, "frozen"),
        ({"has_rules": False}, "no_rules"),
        ({"age_days": 14}, "loaded"),
        ({"age_days": 15, "reviews": 2}, "old"),
        ({"age_days": 15, "is_read_only": True}, "read"),
        ({"reviews": 2, "is_read_only": True}, "review"),
        ({"is_frozen": True, "changes": 4}, "changed"),
    ],
)
def test_the_first_thing_that_asks_for_somebody_is_said(changed: dict[str, bool | int], standing: str) -> None:
    plain = {
        "is_frozen": False, "has_rules": True, "has_list": True, "age_days": 1, "is_read_only": False, "reviews": 0,
        "changes": 0,
    }  # fmt: skip
    assert list_standing(**{**plain, **changed}) == standing  # type: ignore[arg-type]


def test_the_page_asks_the_database_as_often_for_many_days_as_for_one(cast: Cast) -> None:
    sonia = Client()
    sonia.force_login(cast.sonia, backend="django.contrib.auth.backends.ModelBackend")

    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert sonia.get("/distribution/listes/").status_code == 200
        return len(queries)

    planned(cast)
    load(cast, listed("1"))
    counted()
    one = counted()
    for n in range(1, 9):
        planned(cast, HELD_ON + timedelta(days=n))
    assert counted() == one


def test_chips_narrow_the_page_and_a_head_sees_only_the_own_lycee(cast: Cast) -> None:
    planned(cast)
    plan_day(school=cast.other_school, campaign=cast.campaign, held_on=HELD_ON, starts_at=time(8, 30))
    load(cast, listed("1"), school=cast.other_school)
    sonia, durand = Client(), Client()
    sonia.force_login(cast.sonia, backend="django.contrib.auth.backends.ModelBackend")
    durand.force_login(cast.durand, backend="django.contrib.auth.backends.ModelBackend")
    missing = sonia.get("/distribution/listes/?etat=missing").content.decode()
    assert cast.school.name in missing
    assert cast.other_school.name not in missing
    assert cast.other_school.name not in durand.get("/distribution/listes/").content.decode()
    assert sonia.get("/distribution/listes/?etat=%00x").status_code == 200
