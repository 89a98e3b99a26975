"""Next year's list: who moves up, who comes, who is not named again, and where everybody is enrolled since."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from cartable.conftest import Cast
from cartable.distribution.commands.days import freeze_list, plan_day
from cartable.distribution.models import Passage
from cartable.organisations.models import School
from cartable.programme.commands import choose_wave, open_campaign, publish_rules
from cartable.programme.models import Campaign, CampaignRules, WaveKind
from cartable.rosters.commands.files import preview_content
from cartable.rosters.commands.imports import apply_students, preview_students
from cartable.rosters.formats.records import Header, StudentFile
from cartable.rosters.formats.records import Student as Listed
from cartable.rosters.formats.siecle import FileRefused
from cartable.rosters.models import Enrolment, RosterImport, RosterLine, Student
from cartable.rosters.rules.roll_over import accepted_year
from cartable.rosters.tests.test_batches import list_of
from cartable.rosters.tests.test_roster_import import listed

NEXT = date(2027, 9, 3)
THIS = date(2026, 9, 13)


def load(
    cast: Cast, year: int, *students: Listed, school: School | None = None, today: date | None = None
) -> RosterImport:
    """Preview and apply the list of one school year, as on a day of its September."""
    today = today or (THIS if year == 2026 else NEXT)
    now = datetime(today.year, today.month, today.day, 9, tzinfo=ZoneInfo("Europe/Paris"))
    now += timedelta(minutes=RosterImport.objects.count())
    place = school or cast.school
    file = StudentFile(Header("BEE_ELEVES", place.uai, year, None, "3.0"), students, (), (), len(students), 0)
    previewed = preview_students(
        school=place, first_year=year, listed=file, sha256=b"\0" * 32, now=now, read_by_id=cast.sonia.actor_id,
        today=today,
    )  # fmt: skip
    return apply_students(roster_import=previewed, applied_by_id=cast.durand.actor_id, now=now, today=today)


def next_year(eleve_id: str, *names: str, **changes: object) -> Listed:
    plain: dict[str, object] = {"level": "2212", "division": "1G2", "entered_on": date(2027, 9, 1)}
    return listed(eleve_id, *names, **{**plain, **changes})


def outcomes(roster_import: RosterImport) -> dict[str, str]:
    return dict(RosterLine.objects.filter(roster_import=roster_import).values_list("given_name", "outcome"))


def next_campaign(cast: Cast, **changes: object) -> CampaignRules:
    """Open the campaign of the year after with the same rules and a wave of everybody."""
    campaign = open_campaign(region=cast.region, first_year=2027, name="Rentrée 2027")
    kept = {
        field: getattr(cast.rules, field)
        for field in (
            "eligible_levels", "eligible_statuses", "kit", "fup_rate", "charter_title", "charter_text", "keep_policy",
            "theft_opens", "breakage_opens", "loss_opens", "failure_opens", "leftover_policy",
        )
    }  # fmt: skip
    for school in (cast.school, cast.other_school):
        choose_wave(campaign=campaign, school=school, kind=WaveKind.EVERYONE)
    return publish_rules(
        campaign=campaign, published_at=cast.now, published_by_id=cast.sonia.actor_id, prices={}, **{**kept, **changes}
    )  # fmt: skip


LEA, BILAL, ZOE = ("Marchand", "Léa"), ("Benali", "Bilal"), ("Caron", "Zoé")


@pytest.mark.parametrize("kept", [True, False])
def test_the_next_list_moves_everybody_up_with_the_number_kept_or_given_anew(cast: Cast, kept: bool) -> None:
    load(cast, 2026, listed("1", *LEA), listed("2", *BILAL))
    # Renumbered crosswise: each bears the number that was the other's.
    numbers = ("1", "2") if kept else ("2", "1")
    moved = load(cast, 2027, next_year(numbers[0], *LEA), next_year(numbers[1], *BILAL))
    assert outcomes(moved) == {"Léa": "change", "Bilal": "change"}
    assert Student.objects.count() == 2
    lea = Enrolment.objects.filter(student__given_name="Léa").order_by("first_year")
    assert [(one.first_year, one.division, one.ends_on) for one in lea] == [
        (2026, "2DE7", date(2027, 9, 1)), (2027, "1G2", None),
    ]  # fmt: skip


def test_a_date_of_entry_of_years_ago_leaves_last_years_enrolment_its_year(cast: Cast) -> None:
    load(cast, 2026, listed("1", *LEA))
    load(cast, 2027, next_year("1", *LEA, entered_on=date(2026, 9, 1)))
    assert list(Enrolment.objects.order_by("first_year").values_list("starts_on", "ends_on")) == [
        (date(2026, 9, 1), date(2027, 9, 1)), (date(2027, 9, 1), None),
    ]  # fmt: skip


def test_entrants_are_new_and_who_is_not_named_is_no_departure(cast: Cast) -> None:
    load(cast, 2026, listed("1", *LEA), listed("2", *BILAL))
    moved = load(cast, 2027, next_year("1", *LEA), next_year("3", *ZOE, level="2211", division="2DE1"))
    assert outcomes(moved) == {"Léa": "change", "Zoé": "arrival"}
    assert moved.counts.get("absent", 0) == 0  # Nobody of this year is missing: the other one is of last year.
    bilal = Enrolment.objects.get(student__given_name="Bilal")
    assert (bilal.first_year, bilal.ends_on) == (2026, None)


def test_who_is_not_listed_again_is_not_enrolled_this_year(cast: Cast) -> None:
    load(cast, 2026, listed("1", *LEA), listed("2", *BILAL))
    load(cast, 2027, next_year("1", *LEA))
    rules = next_campaign(cast)
    day = plan_day(
        school=cast.school, campaign=Campaign.objects.get(pk=rules.campaign_id), held_on=date(2027, 9, 10),
        starts_at=time(8, 30),
    )  # fmt: skip
    freeze_list(day=day, now=cast.now)
    assert list(Passage.objects.filter(day=day).values_list("student__given_name", flat=True)) == ["Léa"]


def test_a_leaver_of_last_year_who_turns_up_in_another_lycee_is_a_transfer_and_has_one_home(cast: Cast) -> None:
    load(cast, 2026, listed("1", *LEA, ine="070832327JA"), listed("2", *BILAL))
    load(cast, 2027, next_year("2", *BILAL))
    there = load(cast, 2027, next_year("77", *LEA, ine="070832327JA"), school=cast.other_school)
    assert outcomes(there) == {"Léa": "transfer"}
    lea = Student.objects.get(given_name="Léa")
    assert lea.custodian.school_id == cast.other_school.pk
    homes = Enrolment.objects.filter(student=lea, is_home=True).order_by("starts_on")
    assert [(one.school_id, one.ends_on) for one in homes] == [
        (cast.school.pk, date(2027, 9, 1)), (cast.other_school.pk, None),
    ]  # fmt: skip


def test_the_new_lycee_may_load_before_the_old_one(cast: Cast) -> None:
    load(cast, 2026, listed("1", *LEA, ine="070832327JA"), listed("2", *BILAL))
    load(cast, 2027, next_year("77", *LEA, ine="070832327JA"), school=cast.other_school)
    load(cast, 2027, next_year("2", *BILAL))
    assert Enrolment.objects.filter(first_year=2027).count() == 2


def test_who_comes_back_after_a_year_elsewhere_is_the_same_student(cast: Cast) -> None:
    load(cast, 2026, listed("1", *LEA))
    load(cast, 2026, listed("1", *LEA, left_on=date(2026, 9, 10)))
    back = load(cast, 2027, next_year("9", *LEA))
    assert outcomes(back) == {"Léa": "change"}
    assert Student.objects.count() == 1


def test_repeating_a_year_is_no_difficulty(cast: Cast) -> None:
    load(cast, 2026, listed("1", *LEA))
    again = load(cast, 2027, next_year("1", *LEA, level="2211", division="2DE7"))
    assert outcomes(again) == {"Léa": "change"}
    assert load(cast, 2027, next_year("1", *LEA, level="2211", division="2DE7")).counts == {"same": 1, "enrolled": 1}


def test_a_late_list_of_last_year_does_not_reopen_the_year_that_the_next_one_ended(cast: Cast) -> None:
    june = date(2027, 6, 20)
    load(cast, 2026, listed("1", *LEA))
    load(cast, 2027, next_year("1", *LEA), today=june)
    load(cast, 2026, listed("1", *LEA, division="2DE3"), today=june)
    assert list(Enrolment.objects.order_by("first_year").values_list("division", "ends_on")) == [
        ("2DE3", date(2027, 9, 1)), ("1G2", None),
    ]  # fmt: skip


def test_a_late_list_of_last_year_does_not_fetch_back_who_is_listed_elsewhere_for_the_next_one(cast: Cast) -> None:
    june = date(2027, 6, 20)
    lea = listed("1", *LEA, ine="070832327JA")
    load(cast, 2026, lea)
    load(cast, 2027, next_year("77", *LEA, ine="070832327JA"), school=cast.other_school, today=june)
    assert outcomes(load(cast, 2026, lea, today=june)) == {"Léa": "same"}
    assert Student.objects.get().custodian.school_id == cast.other_school.pk
    assert Enrolment.objects.get(first_year=2027).ends_on is None


@pytest.mark.parametrize(
    ("said", "today", "year"),
    [
        (2027, date(2027, 4, 30), 2026), (2027, date(2027, 5, 1), 2027), (2027, date(2027, 8, 31), 2027),
        (2026, date(2027, 8, 31), 2026), (0, date(2027, 8, 31), 2026), (2028, date(2027, 8, 31), 2026),
        (2027, date(2026, 10, 1), 2026),
    ],
)  # fmt: skip
def test_a_list_of_the_next_year_is_taken_from_may_on(said: int, today: date, year: int) -> None:
    assert accepted_year(said, current=2026, today=today) == year


def test_the_next_years_file_goes_in_before_the_summer_and_is_refused_in_winter(cast: Cast) -> None:
    def read(today: date) -> list[RosterImport]:
        return preview_content(
            content=list_of(cast.school.uai, "Marchand", year=2027), first_year=2026, school=cast.school,
            read_by_id=cast.sonia.actor_id, now=cast.now, today=today,
        )  # fmt: skip

    with pytest.raises(FileRefused):
        read(date(2027, 2, 1))
    (found,) = read(date(2027, 6, 1))
    assert (found.first_year, found.counts["arrival"]) == (2027, 1)
