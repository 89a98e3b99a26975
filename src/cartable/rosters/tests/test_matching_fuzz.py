"""Whatever a list says of whomever is known: nobody is matched by itself without a key that agrees, and no two lines with one."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from cartable.rosters.rules.likeness import has_other_birth, has_other_ine, has_same_ine, is_other_person
from cartable.rosters.rules.matching import match_lines
from cartable.rosters.rules.people import Known, KnownStudent, ListedLine
from cartable.rosters.rules.rulings import NOTHING_RULED
from cartable.rosters.tests.test_matching_rules import BEFORE, ELSEWHERE, HERE, known, line

# Few values, so that everything collides with everything.
FAMILIES, GIVEN = ("Marchand", "Marchant", "Diallo"), ("Alice", "Alicia", "Bilal", "")
BIRTHS = (None, date(2009, 5, 7), date(2009, 7, 5), date(2010, 11, 23))
INES = (None, b"a" * 32, b"b" * 32)
NUMBERS = ("", "900", "901", "aaf:7")

PEOPLE = st.tuples(st.sampled_from(FAMILIES), st.sampled_from(GIVEN), st.sampled_from(BIRTHS), st.sampled_from(INES))
LINES = st.lists(
    st.tuples(PEOPLE, st.sampled_from(NUMBERS), st.sampled_from(("", BEFORE, ELSEWHERE))), min_size=1, max_size=5
)
STUDENTS = st.lists(st.tuples(PEOPLE, st.sampled_from((HERE, BEFORE, ELSEWHERE))), max_size=5)


@settings(deadline=None, max_examples=3000)
@given(LINES, STUDENTS, st.dictionaries(st.sampled_from(NUMBERS[1:]), st.integers(1, 5), max_size=3))
def test_no_list_merges_two_people_by_itself(
    listed: list[tuple[tuple[str, str, date | None, bytes | None], str, str]],
    people: list[tuple[tuple[str, str, date | None, bytes | None], str]],
    numbers: dict[str, int],
) -> None:
    students = {pk: known(pk, *person, uai=uai) for pk, (person, uai) in enumerate(people, start=1)}
    lines = [
        line(*person, eleve_id=number, previous=previous, line_id=place)
        for place, (person, number, previous) in enumerate(listed)
    ]
    by_number = {number: pk for number, pk in numbers.items() if pk in students}
    found = match_lines(lines, Known(HERE, by_number, students, {}), [NOTHING_RULED] * len(lines))
    certain = [(one, students[match.student_id]) for one, match in zip(lines, found, strict=True) if is_certain(match)]
    for one, student in certain:
        assert agrees_by_a_key(one, student, by_number), (one, student)
        assert not has_other_ine(one, student)
        assert not is_other_person(one, student)
    taken = [student.student_id for _one, student in certain]
    assert len(taken) == len(set(taken))


def is_certain(match: object) -> bool:
    return match is not None and not match.review_code  # type: ignore[attr-defined]


def agrees_by_a_key(one: ListedLine, student: KnownStudent, by_number: dict[str, int]) -> bool:
    """The lycée's own number, the INE, or names and birth date together where the lycée agrees: names alone never."""
    if by_number.get(one.eleve_id) == student.student_id or has_same_ine(one, student):
        return True
    has_same_birth = one.birth_on is not None and student.birth_on is not None and not has_other_birth(one, student)
    return has_same_birth and one.match_key == student.match_key and student.uai in (HERE, one.previous_uai)
