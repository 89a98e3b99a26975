"""Edge cases planted among invented students: those of a real list that software forgets.

Each planter changes the students it is given and returns them; the truth record keeps their ELEVE_ID by case.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from cartable.kernel.ine import rnie_key
from cartable.kernel.levels import ENTRY_LEVELS, level_of_mef
from cartable.simulation.invented_names import CLOSE_GIVEN_NAMES
from cartable.simulation.invented_students import InventedStudent

_Students = list[InventedStudent]
_HARD_NAMES = (("LEBŒUF", "Cœlia"), ("D'HENNEZEL", "Françoise"), ("L'HÔTE-GRŒLL", "Anne-Sophie"), ("MAÇON", "Noël"))


def plant(students: _Students, *, dice: Random, today: date) -> dict[str, list[str]]:
    """Plant every case for which there are students enough; return the ELEVE_ID concerned, by case.

    A student bears one case at most, so that each can be tested alone.
    """
    free = [student for student in students if student.status == "ST" and not student.mef.startswith("3")]
    planted = _find_post_bac(students)
    for cases in (_GROWN_UP, _CASES):
        # Entry levels first: they are those whom most distribution days call. Grown-ups are rather met in CAP.
        dice.shuffle(free)
        free.sort(key=lambda student: (_is_entry(student), cases is _GROWN_UP and student.mef.startswith("24")))
        for case, (wanted, change) in cases.items():
            if len(free) < wanted:
                return planted
            chosen = [free.pop() for _ in range(wanted)]
            change(chosen, today)
            planted[case] = [student.eleve_id for student in chosen]
    return planted


def _is_entry(student: InventedStudent) -> bool:
    return level_of_mef(student.mef) in ENTRY_LEVELS


def _find_post_bac(students: _Students) -> dict[str, list[str]]:
    found = [student.eleve_id for student in students if student.mef.startswith("3")]
    return {"post_bac": found} if found else {}


def _adult_today(chosen: _Students, today: date) -> None:
    # Born on 29 February somebody has no birthday 18 years later: then the day before will do.
    day = today if (today.month, today.day) != (2, 29) else today - timedelta(days=1)
    chosen[0].birth_on = day.replace(year=day.year - 18)


def _adult_tomorrow(chosen: _Students, today: date) -> None:
    _adult_today(chosen, today + timedelta(days=1))


def _adult(chosen: _Students, today: date) -> None:
    for student in chosen:
        student.birth_on = date(today.year - 19, 3, 14)


def _twins(chosen: _Students, today: date) -> None:
    first, second = chosen
    first.given_name, second.given_name = CLOSE_GIVEN_NAMES[int(first.eleve_id) % len(CLOSE_GIVEN_NAMES)]
    second.family_name, second.birth_on, second.mef = first.family_name, first.birth_on, first.mef
    second.divisions, second.groups = first.divisions[:], first.groups[:]


def _written_hard(chosen: _Students, today: date) -> None:
    for student, (family, given) in zip(chosen, _HARD_NAMES, strict=True):
        student.family_name, student.given_name = family, given


def _usage_name(chosen: _Students, today: date) -> None:
    chosen[0].usage_name = f"{chosen[0].family_name.split('-')[0]}-HUMBERT"


def _without_ine(chosen: _Students, today: date) -> None:
    chosen[0].ine = ""
    chosen[0].previous_uai = ""


def _wrong_key(chosen: _Students, today: date) -> None:
    number = int(chosen[0].ine[:9])
    chosen[0].ine = f"{number:09d}{rnie_key(number + 1)}"


def _shared_ine(chosen: _Students, today: date) -> None:
    chosen[1].ine = chosen[0].ine


def _two_divisions(chosen: _Students, today: date) -> None:
    division = chosen[0].divisions[0]
    other = division[:-1] + ("2" if division.endswith("1") else "1")
    chosen[0].divisions.append(other)


def _left(chosen: _Students, today: date) -> None:
    chosen[0].left_on, chosen[0].exit_reason = today - timedelta(days=4), "7"


def _leaving(chosen: _Students, today: date) -> None:
    chosen[0].left_on, chosen[0].exit_reason = today + timedelta(days=21), "7"


def _without_division(chosen: _Students, today: date) -> None:
    chosen[0].divisions.clear()


def _inactive(chosen: _Students, today: date) -> None:
    chosen[0].divisions[:] = ["Inactifs"]


def _apprentice(chosen: _Students, today: date) -> None:
    for student in chosen:
        student.status = "AP"


def _unchanged(chosen: _Students, today: date) -> None:
    """Only the guardians' file shows the case."""


# How many students a case takes, and what it does to them.
_Case = tuple[int, Callable[[_Students, date], None]]
_GROWN_UP: dict[str, _Case] = {
    "adult_today": (1, _adult_today),
    "adult_tomorrow": (1, _adult_tomorrow),
    "adult": (2, _adult),
}
_CASES: dict[str, _Case] = {
    "twins": (2, _twins),
    "written_hard": (4, _written_hard),
    "usage_name": (1, _usage_name),
    "no_ine": (1, _without_ine),
    "wrong_ine_key": (1, _wrong_key),
    "shared_ine": (2, _shared_ine),
    "two_divisions": (1, _two_divisions),
    "left": (1, _left),
    "leaving": (1, _leaving),
    "no_division": (1, _without_division),
    "inactive": (1, _inactive),
    "apprentice": (2, _apprentice),
    "separated_guardians": (1, _unchanged),
    "no_guardian": (1, _unchanged),
    "three_legal_guardians": (1, _unchanged),
    "no_reachable_guardian": (1, _unchanged),
}
