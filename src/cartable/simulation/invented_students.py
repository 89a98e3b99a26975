"""The invented students of one lycée: levels, classes, ages and INE as in a real September."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import Literal, NamedTuple

from cartable.kernel.uai import check_letter
from cartable.simulation.invented_people import invented_birthday, invented_ine, invented_name

SchoolForm = Literal["LEGT", "LP", "LPO"]


class Course(NamedTuple):
    """A year of a course: its real CODE_MEF, share in thousandths, class name and size, age in December."""

    mef: str
    share: int
    class_name: str
    class_size: int
    age: int


_GENERAL = (
    Course("20010018110", 345, "2DE", 33, 15),
    Course("20110019110", 245, "1RE", 33, 16),
    Course("21131016110", 88, "1STMG", 30, 16),
    Course("20210019110", 240, "TG", 33, 17),
    Course("21231017110", 82, "TSTMG", 30, 17),
)
_VOCATIONAL = (
    Course("24731202310", 290, "2PRO", 24, 15),
    Course("24731202320", 265, "1PRO", 24, 16),
    Course("24731202330", 255, "TPRO", 24, 17),
    Course("24122137210", 100, "1CAP", 12, 15),
    Course("24122137220", 90, "2CAP", 12, 16),
)
_BTS = (Course("31131213210", 600, "1BTS", 30, 18), Course("31131213220", 400, "2BTS", 30, 19))
_COURSES: dict[SchoolForm, tuple[tuple[tuple[Course, ...], float], ...]] = {
    "LEGT": ((_GENERAL, 0.97), (_BTS, 0.03)),
    "LP": ((_VOCATIONAL, 1.0),),
    "LPO": ((_GENERAL, 0.68), (_VOCATIONAL, 0.29), (_BTS, 0.03)),
}
_DEPARTEMENTS = ("008", "010", "051", "052", "054", "055", "057", "067", "068", "088")


@dataclass(slots=True)
class InventedStudent:
    """One ELEVE to be written, with classes (type D) and groups (type G); edge cases change it before it is."""

    eleve_id: str
    ine: str
    family_name: str
    given_name: str
    sex: int
    birth_on: date
    mef: str
    divisions: list[str]
    groups: list[str]
    entered_on: date
    previous_uai: str
    previous_division: str
    usage_name: str = ""
    status: str = "ST"
    left_on: date | None = None
    exit_reason: str = ""
    is_new_in_school: bool = True


def invented_students(
    dice: Random, *, uai: str, school_year: int, count: int, form: SchoolForm
) -> Iterator[InventedStudent]:
    """Yield `count` students of the school, in the order of their ELEVE_ID."""
    courses, weights = _weighted(form)
    class_counts = [max(1, round(count * share / weights[-1] / course.class_size)) for course, share in courses]
    starts_on = date(school_year, 9, 1)
    number = 1_000_000 + dice.randrange(800_000)
    places = range(len(courses))
    born: set[tuple[str, date]] = set()
    for rank in range(count):
        number += dice.randrange(1, 9)
        (place,) = dice.choices(places, cum_weights=weights)
        course = courses[place][0]
        year = school_year - course.age - dice.choices((0, 1, -1), cum_weights=(89, 98, 100))[0]
        name, birth_on = invented_name(dice), invented_birthday(dice, year)
        while (name.family, birth_on) in born:
            # Twins are planted, never met by chance: a test must know every problem of its file.
            birth_on = invented_birthday(dice, year)
        born.add((name.family, birth_on))
        division = f"{course.class_name} {1 + dice.randrange(class_counts[place])}"
        is_new = course.class_name[0] in "2" or course.class_name in ("1CAP", "1BTS")
        yield InventedStudent(
            eleve_id=str(number),
            ine=invented_ine(uai, rank),
            family_name=name.family,
            given_name=name.given,
            sex=name.sex,
            birth_on=birth_on,
            mef=course.mef,
            divisions=[division],
            groups=[f"{division.replace(' ', '')}GR{1 + rank % 2}"],
            entered_on=starts_on if is_new else starts_on - timedelta(days=365 * (course.age - 15)),
            previous_uai=invented_uai(dice) if is_new else uai,
            previous_division="3E " + dice.choice("ABCDEF") if is_new else "2DE 1",
            is_new_in_school=is_new,
        )


def invented_uai(dice: Random) -> str:
    """Return the UAI of some school of the region, right letter included; it need not exist."""
    digits = f"{dice.choice(_DEPARTEMENTS)}{dice.randrange(3_000, 9_999):04d}"
    return digits + check_letter(digits)


def _weighted(form: SchoolForm) -> tuple[list[tuple[Course, float]], list[float]]:
    shares = [(course, course.share * part) for courses, part in _COURSES[form] for course in courses]
    return shares, list(accumulate(share for _, share in shares))
