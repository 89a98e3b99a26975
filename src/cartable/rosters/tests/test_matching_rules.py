"""Who a line of a list is: one test for each situation that a region's lists really contain. Pure values."""

from datetime import date
from typing import NamedTuple

import pytest

from cartable.rosters.rules.likeness import is_near_date, is_one_mistake
from cartable.rosters.rules.matching import match_lines
from cartable.rosters.rules.names import folded_names
from cartable.rosters.rules.people import Known, KnownStudent, ListedLine
from cartable.rosters.rules.rulings import NOTHING_RULED, Ruled

HERE, BEFORE, ELSEWHERE = "0579901C", "0579902D", "0579903E"
BORN, ANOTHER_DAY = date(2009, 5, 7), date(2010, 11, 23)
INE, OTHER_INE = b"a" * 32, b"b" * 32


class Found(NamedTuple):
    """Whom a line was matched with, by what, and why a human must look."""

    line_id: int
    student_id: int
    matched_by: str
    review_code: str


def known(
    student_id: int,
    family: str = "Marchand",
    given: str = "Alice",
    birth_on: date | None = BORN,
    ine: bytes | None = INE,
    uai: str = HERE,
    usage: str = "",
) -> KnownStudent:
    key = folded_names(family, usage, given).match_key
    return KnownStudent(student_id, family, usage, given, key, birth_on, ine, uai)


def line(
    family: str = "Marchand",
    given: str = "Alice",
    birth_on: date | None = BORN,
    ine: bytes | None = INE,
    eleve_id: str = "900",
    previous: str = "",
    usage: str = "",
    line_id: int = 1,
) -> ListedLine:
    names = folded_names(family, usage, given)
    return ListedLine(
        line_id, eleve_id, family, usage, given, *names, birth_on, ine, "2DE7", "2211", "20010015110", "ST",
        date(2026, 9, 1), None, "", previous,
    )  # fmt: skip


def matched(
    *lines: ListedLine,
    students: list[KnownStudent],
    numbers: dict[str, int] | None = None,
    ruled: list[Ruled] | None = None,
) -> list[Found]:
    people = Known(HERE, numbers or {}, {student.student_id: student for student in students}, {})
    found = match_lines(lines, people, ruled or [NOTHING_RULED] * len(lines))
    return [Found(one.line or 0, *match[:3]) for one, match in zip(lines, found, strict=True) if match]


def verdicts(
    *lines: ListedLine,
    students: list[KnownStudent],
    numbers: dict[str, int] | None = None,
    ruled: list[Ruled] | None = None,
) -> list[tuple[int, str, str]]:
    found = matched(*lines, students=students, numbers=numbers, ruled=ruled)
    return [(match.student_id, match.matched_by, match.review_code) for match in found]


# --- the lycée's own number


def test_the_number_of_the_lycee_finds_a_student_whatever_the_spelling() -> None:
    for other in (line("Durand"), line(given="Alixe"), line(birth_on=ANOTHER_DAY), line(given="")):
        for ine in (INE, None):
            asked = other._replace(eleve_id="7", ine_fingerprint=ine)
            assert verdicts(asked, students=[known(1)], numbers={"7": 1}) == [(1, "eleve_id", "")]


def test_a_number_given_anew_to_somebody_with_another_ine_is_nobody_known() -> None:
    newcomer = line("Benali", "Bilal", ANOTHER_DAY, OTHER_INE, eleve_id="7")
    assert matched(newcomer, students=[known(1)], numbers={"7": 1}) == []


def test_a_number_whose_names_and_birth_date_are_others_waits_when_no_ine_decides() -> None:
    newcomer = line("Benali", "Bilal", ANOTHER_DAY, None, eleve_id="7")
    assert verdicts(newcomer, students=[known(1)], numbers={"7": 1}) == [(1, "eleve_id", "somebody_else")]


def test_a_number_given_anew_to_another_known_student_yields_to_the_ine() -> None:
    students = [known(1, "Benali", "Bilal", ANOTHER_DAY, None), known(2)]
    assert verdicts(line(eleve_id="7"), students=students, numbers={"7": 1}) == [(2, "ine", "")]


def test_a_number_given_anew_to_another_known_student_yields_to_names_and_birth_date() -> None:
    students = [known(1, "Benali", "Bilal", ANOTHER_DAY, OTHER_INE), known(2, ine=None)]
    assert verdicts(line(ine=None, eleve_id="7"), students=students, numbers={"7": 1}) == [(2, "name_and_birth", "")]


def test_a_number_and_an_ine_that_name_two_people_wait() -> None:
    twins = [known(1, given="Léa", ine=None), known(2, given="Léna", ine=INE)]
    assert verdicts(line(given="Léa", eleve_id="7"), students=twins, numbers={"7": 1}) == [
        (1, "eleve_id", "keys_disagree")
    ]


def test_a_number_and_an_ine_with_the_names_of_another_student_wait() -> None:
    twins = [known(1, given="Léa"), known(2, given="Léna", ine=None)]
    assert verdicts(line(given="Léna", eleve_id="7"), students=twins, numbers={"7": 1}) == [
        (1, "eleve_id", "keys_disagree")
    ]


def test_an_ine_that_is_a_stranger_s_makes_even_a_sure_number_wait() -> None:
    students = [known(1, ine=None), known(2, "Benali", "Bilal", ANOTHER_DAY, INE, ELSEWHERE)]
    assert verdicts(line(eleve_id="7"), students=students, numbers={"7": 1}) == [(1, "eleve_id", "one_ine_two_people")]


def test_two_ine_for_one_number_wait() -> None:
    assert verdicts(line(ine=OTHER_INE, eleve_id="7"), students=[known(1)], numbers={"7": 1}) == [
        (1, "eleve_id", "two_ine")
    ]


def test_a_number_with_another_first_name_may_be_the_twin_s_unless_the_ine_agrees() -> None:
    students, numbers = [known(1, given="Nathan")], {"7": 1}
    assert verdicts(line(given="Louise", ine=None, eleve_id="7"), students=students, numbers=numbers) == [
        (1, "eleve_id", "another_given_name")
    ]
    assert verdicts(line(given="Louise", eleve_id="7"), students=students, numbers=numbers) == [(1, "eleve_id", "")]


# --- the INE


def test_an_ine_follows_a_student_into_another_lycee_and_under_another_surname() -> None:
    assert verdicts(line("Durand"), students=[known(1, uai=ELSEWHERE)]) == [(1, "ine", "")]
    assert verdicts(line(birth_on=ANOTHER_DAY), students=[known(1, uai=ELSEWHERE)]) == [(1, "ine", "")]


def test_one_ine_for_two_people_waits() -> None:
    assert verdicts(line("Benali", "Bilal", ANOTHER_DAY), students=[known(1)]) == [(1, "ine", "one_ine_two_people")]


def test_an_ine_entered_for_the_other_twin_waits() -> None:
    assert verdicts(line(given="Léna"), students=[known(1, given="Léa")]) == [(1, "ine", "another_given_name")]


def test_more_of_the_same_first_name_is_no_other_first_name() -> None:
    assert verdicts(line(given="Jean-Pierre"), students=[known(1, given="Jean")]) == [(1, "ine", "")]


def test_an_ine_of_two_known_students_is_that_of_the_one_whose_names_fit() -> None:
    students = [known(1, "Benali", "Bilal", ANOTHER_DAY), known(2)]
    assert verdicts(line(), students=students) == [(2, "ine", "")]
    assert verdicts(line("Caron"), students=students) == [(1, "ine", "several_students")]


# --- names and birth date


def test_names_and_birth_date_match_in_this_lycee_and_in_the_previous_one() -> None:
    assert verdicts(line(ine=None), students=[known(1)]) == [(1, "name_and_birth", "")]
    assert verdicts(line(ine=None, previous=BEFORE), students=[known(1, uai=BEFORE)]) == [(1, "previous_school", "")]


def test_a_student_without_birth_date_with_the_names_of_a_line_waits_and_is_proposed_first() -> None:
    for listed in (line(ine=None), line(), line(ine=None, birth_on=None)):
        said = verdicts(listed, students=[known(1, birth_on=None, ine=None)])
        assert said == [(1, "name_alone", "same_name_no_birth_date")]
    both = [known(1, ine=None, uai=ELSEWHERE), known(2, birth_on=None, ine=None)]
    assert verdicts(line(), students=both) == [(2, "name_alone", "same_name_no_birth_date")]


def test_names_alone_are_nobody_in_another_lycee_nor_against_two_ine() -> None:
    assert matched(line(ine=None), students=[known(1, birth_on=None, uai=ELSEWHERE)]) == []
    assert matched(line(ine=None, previous=BEFORE), students=[known(1, birth_on=None, uai=BEFORE)]) == []
    assert matched(line(ine=OTHER_INE), students=[known(1, birth_on=None)]) == []


def test_two_known_students_of_this_lycee_with_the_same_names_and_birth_date_wait_for_a_choice() -> None:
    students = [known(1, ine=None), known(2, ine=None)]
    assert verdicts(line(ine=None), students=students) == [(1, "name_and_birth", "several_students")]


def test_two_ine_for_the_same_names_and_birth_date_wait() -> None:
    assert verdicts(line(ine=OTHER_INE), students=[known(1)]) == [(1, "name_and_birth", "two_ine")]


def test_somebody_of_another_lycee_that_nobody_names_waits_and_is_shown() -> None:
    assert verdicts(line(ine=None), students=[known(1, uai=ELSEWHERE)]) == [(1, "name_elsewhere", "known_elsewhere")]


def test_namesakes_of_two_lycees_with_an_ine_each_are_two_people() -> None:
    assert matched(line(ine=OTHER_INE), students=[known(1, uai=ELSEWHERE)]) == []


def test_several_namesakes_elsewhere_wait_together() -> None:
    students = [known(1, ine=None, uai=ELSEWHERE), known(2, ine=None, uai=BEFORE)]
    assert verdicts(line(), students=students) == [(1, "name_elsewhere", "several_students")]


# --- nearly the same


@pytest.mark.parametrize(
    "written",
    [
        {"family": "Marchnad"},  # Two letters changed places.
        {"given": "Alic"},
        {"given": "Alixe"},
        {"birth_on": date(2009, 7, 5)},  # Day and month changed places.
        {"birth_on": date(2009, 5, 17)},
        {"family": "Durand"},  # The surname changed.
        {"family": "Durand", "given": "Alise", "usage": "Marchand"},  # It became the usage name, and a mistake.
    ],
)
@pytest.mark.parametrize("uai", [HERE, BEFORE])
def test_one_mistake_away_from_a_student_of_this_or_the_previous_lycee_waits(written: dict, uai: str) -> None:
    asked = line(**{"ine": None, "previous": BEFORE, **written})
    assert verdicts(asked, students=[known(1, uai=uai)]) == [(1, "near_name", "near_name")]


@pytest.mark.parametrize(
    "written",
    [
        {"family": "Durand", "given": "Alise"},
        {"given": "Louise"},
        {"given": "Alixe", "birth_on": date(2009, 7, 5)},
        {"birth_on": date(2009, 6, 17)},
        {"given": ""},
    ],
)
def test_two_differences_away_is_somebody_new(written: dict) -> None:
    assert matched(line(**{"ine": None, **written}), students=[known(1)]) == []


def test_nearness_counts_neither_in_a_third_lycee_nor_against_two_ine() -> None:
    for mistake in ({"given": "Alixe"}, {"birth_on": date(2009, 7, 5)}):
        assert matched(line(**{"ine": None, **mistake}), students=[known(1, uai=ELSEWHERE)]) == []
    assert matched(line(given="Alixe", ine=OTHER_INE), students=[known(1)]) == []


# --- twins, and two lines for one student


def test_a_twin_who_comes_later_is_not_the_twin_who_is_still_in_the_list() -> None:
    stays, comes = line(given="Léa", eleve_id="7", line_id=1), line(given="Léna", ine=None, line_id=2)
    assert verdicts(stays, comes, students=[known(1, given="Léa")], numbers={"7": 1}) == [(1, "eleve_id", "")]


def test_a_twin_who_comes_when_the_other_has_gone_waits() -> None:
    comes = line(given="Léna", ine=None)
    assert verdicts(comes, students=[known(1, given="Léa")]) == [(1, "near_name", "near_name")]


def test_twins_known_and_listed_without_ine_keep_to_themselves() -> None:
    twins = [known(1, given="Léa", ine=None), known(2, given="Léna", ine=None)]
    lines = line(given="Léna", ine=None, line_id=1), line(given="Léa", ine=None, line_id=2)
    assert verdicts(*lines, students=twins) == [(2, "name_and_birth", ""), (1, "name_and_birth", "")]


def test_of_two_lines_for_one_student_only_the_one_beyond_doubt_is_taken() -> None:
    sure, other = line(eleve_id="7", line_id=1), line(ine=None, line_id=2)
    assert verdicts(sure, other, students=[known(1)], numbers={"7": 1}) == [
        (1, "eleve_id", ""),
        (1, "name_and_birth", "student_twice"),
    ]


def test_two_lines_for_one_student_both_wait_when_neither_is_beyond_doubt() -> None:
    by_ine, by_name = line("Durand", line_id=1), line(ine=None, line_id=2)
    assert verdicts(by_ine, by_name, students=[known(1)]) == [
        (1, "ine", "student_twice"),
        (1, "name_and_birth", "student_twice"),
    ]


def test_nobody_is_guessed_who_is_in_the_list_already() -> None:
    students = [known(1, ine=None, uai=BEFORE)]
    sure, near = line(line_id=1, eleve_id="7"), line(given="Alixe", ine=None, previous=BEFORE, line_id=2)
    assert verdicts(sure, near, students=students, numbers={"7": 1}) == [(1, "eleve_id", "")]


# --- mistakes


@pytest.mark.parametrize("other", ["LEON", "LEO", "ELAN", "LEEAN", "LEAM", "EAN", "LENA"])
def test_one_letter_is_one_mistake(other: str) -> None:
    assert is_one_mistake("LEAN", other) == is_one_mistake(other, "LEAN") == (other != "LEO")


def test_the_same_is_no_mistake_and_two_letters_are_two() -> None:
    assert not is_one_mistake("LEA", "LEA")
    assert not is_one_mistake("LEA", "LOU")
    assert not is_one_mistake("", "LEA")


def test_dates_are_near_by_one_digit_or_by_day_and_month_swapped() -> None:
    assert is_near_date(date(2009, 5, 7), date(2009, 7, 5))
    assert is_near_date(date(2009, 5, 7), date(2008, 5, 7))
    assert not is_near_date(date(2009, 5, 7), date(2009, 5, 7))
    assert not is_near_date(date(2009, 5, 9), date(2009, 5, 10))


# --- no birth date


@pytest.mark.parametrize(("listed_on", "known_on"), [(None, BORN), (BORN, None), (None, None)])
def test_the_names_of_a_student_without_a_birth_date_wait_for_a_human(
    listed_on: date | None, known_on: date | None
) -> None:
    found = verdicts(line(birth_on=listed_on, ine=None), students=[known(1, birth_on=known_on)])
    assert found == [(1, "name_alone", "same_name_no_birth_date")]


def test_without_birth_date_nobody_of_that_name_here_means_a_new_student() -> None:
    here, elsewhere = known(1, "Diallo", "Bilal"), known(2, uai=ELSEWHERE)
    assert verdicts(line(birth_on=None, ine=None), students=[here, elsewhere]) == []


def test_without_birth_date_all_namesakes_of_the_lycee_are_candidates() -> None:
    students = [known(2, birth_on=ANOTHER_DAY, ine=None), known(1, ine=None)]
    people = Known(HERE, {}, {student.student_id: student for student in students}, {})
    (match,) = match_lines([line(birth_on=None, ine=None)], people, [NOTHING_RULED])
    assert match is not None
    assert (match.review_code, match.candidates) == ("several_students", (1, 2))


def test_without_birth_date_two_ine_are_still_two_people() -> None:
    assert verdicts(line(birth_on=None, ine=OTHER_INE), students=[known(1)]) == []


def test_a_student_of_this_lycee_without_birth_date_is_proposed_before_one_of_another_lycee() -> None:
    both = [known(1, ine=None, uai=ELSEWHERE), known(2, birth_on=None, ine=None)]
    assert verdicts(line(), students=both) == [(2, "name_alone", "same_name_no_birth_date")]


def test_without_birth_date_names_are_nobody_in_another_lycee_not_even_in_the_previous_one() -> None:
    assert verdicts(line(ine=None), students=[known(1, birth_on=None, uai=ELSEWHERE)]) == []
    assert verdicts(line(ine=None, previous=BEFORE), students=[known(1, birth_on=None, uai=BEFORE)]) == []
