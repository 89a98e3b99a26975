"""A lycée that gets another number stays the same lycée; the former number goes on naming it."""

from datetime import date

import pytest

from cartable.conftest import Cast
from cartable.organisations.commands import SchoolRefused, change_uai, close_school
from cartable.organisations.models import FormerUai, School
from cartable.organisations.queries import (
    find_schools,
    past_of,
    school_for_uai,
    schools_for_uais,
    standing_uais,
)
from cartable.organisations.tests.test_directory import THE_CAST, found, line, uai

NEW, DAY = uai(570_123), date(2026, 9, 15)


def test_the_same_lycee_bears_the_new_number_and_answers_to_the_former_one(cast: Cast) -> None:
    before = cast.school.uai
    change_uai(school_id=cast.school.pk, uai=f" {NEW.lower()} ", changed_on=DAY)
    assert School.objects.get(pk=cast.school.pk).uai == NEW
    assert past_of(cast.school).former_uais == ((before, DAY),)
    assert school_for_uai(before) == school_for_uai(NEW) == cast.school
    assert {uai: one.pk for uai, one in schools_for_uais([before, NEW, "0579999J"]).items()} == dict.fromkeys(
        (before, NEW), cast.school.pk
    )
    assert [one.uai for one in find_schools(before)] == [NEW]
    assert standing_uais([before, NEW], region_id=cast.region.pk) == {before: NEW}


def test_a_wrong_or_a_taken_number_is_refused_and_nothing_changes(cast: Cast) -> None:
    former_of_other = cast.other_school.uai
    change_uai(school_id=cast.other_school.pk, uai=uai(570_200), changed_on=DAY)
    wrong = {"0570123B": "uai_wrong", "": "uai_wrong", uai(570_200): "uai_taken", former_of_other: "uai_taken"}
    for said, code in wrong.items():
        with pytest.raises(SchoolRefused) as refusal:
            change_uai(school_id=cast.school.pk, uai=said, changed_on=DAY)
        assert refusal.value.code == code
    assert School.objects.get(pk=cast.school.pk).uai == cast.school.uai


def test_the_same_number_again_changes_nothing_and_a_former_one_may_come_back(cast: Cast) -> None:
    before = cast.school.uai
    assert change_uai(school_id=cast.school.pk, uai=before, changed_on=DAY) is None
    change_uai(school_id=cast.school.pk, uai=NEW, changed_on=DAY)
    change_uai(school_id=cast.school.pk, uai=before, changed_on=DAY)
    assert list(FormerUai.objects.values_list("uai", flat=True)) == [NEW]
    assert school_for_uai(NEW) == cast.school


def test_a_closed_lycee_keeps_its_number_and_its_students_stand_under_its_successors(cast: Cast) -> None:
    before = cast.school.uai
    change_uai(school_id=cast.school.pk, uai=NEW, changed_on=DAY)
    close_school(school_id=cast.school.pk, closed_on=DAY, successor_id=cast.other_school.pk)
    with pytest.raises(SchoolRefused, match="school_closed"):
        change_uai(school_id=cast.school.pk, uai=uai(570_300), changed_on=DAY)
    to_other = dict.fromkeys((before, NEW), cast.other_school.uai)
    assert standing_uais([before, NEW], region_id=cast.region.pk) == to_other


def test_the_directory_takes_a_former_number_for_no_new_lycee_and_for_no_news(cast: Cast) -> None:
    change_uai(school_id=cast.school.pk, uai=NEW, changed_on=DAY)
    old_file = found(cast, *THE_CAST)
    assert (old_file.new, old_file.changed, old_file.former_count, old_file.absent_count) == ((), (), 1, 0)
    # The ministry closes the old number and opens the new one: one lycée, open.
    closed = line("0579901C", "Lycée des Trois-Rivières", state="FERME", postal="")
    both = found(cast, closed, line(NEW, "Lycée des Trois-Rivières", postal=""), THE_CAST[1])
    assert (both.new, both.changed, both.former_count, both.unchanged_count) == ((), (), 1, 2)


def test_a_directory_that_is_behind_does_not_open_a_lycee_again_that_was_carried_over(cast: Cast) -> None:
    close_school(school_id=cast.school.pk, closed_on=DAY, successor_id=cast.other_school.pk)
    assert found(cast, *THE_CAST).changed == ()
