"""How two secretaries write one person: differences that mean nothing, and those that are mistakes."""

from __future__ import annotations

import unicodedata
from datetime import date
from random import Random

from cartable.kernel.names import folded
from cartable.simulation.invented_students import InventedStudent

_LETTERS = "ABCDEFGHIJKLMNOPRSTUV"


def respell(student: InventedStudent, dice: Random) -> None:
    """Write the names otherwise: case, accents, ligatures, hyphens, apostrophes, composed or not. They fold alike."""
    student.family_name = _respelt(student.family_name, dice).upper()
    student.given_name = _respelt(student.given_name, dice)


def _respelt(name: str, dice: Random) -> str:
    way = dice.randrange(4)
    if way == 0:
        return _without_accents(name).upper()
    if way == 1:
        return name.replace("-", " ").replace("'", "\u2019")
    if way == 2:
        return unicodedata.normalize("NFD", name)
    return name.replace("œ", "oe").replace("Œ", "OE").replace("-", " - ")


def _without_accents(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def mistype(student: InventedStudent, dice: Random) -> None:
    """Make one mistake in the family name, the given name or the birth date."""
    field = dice.randrange(3)
    if field == 0:
        student.family_name = _mistyped(student.family_name, dice).upper()
    elif field == 1:
        student.given_name = _mistyped(student.given_name, dice)
    else:
        student.birth_on = _mistyped_date(student.birth_on, dice)


def _mistyped(name: str, dice: Random) -> str:
    while True:
        place = dice.randrange(len(name))
        before, letter, after = name[:place], name[place], name[place + 1 :]
        wrong = (
            before + dice.choice(_LETTERS).lower() + after,
            before + after,
            before + letter + letter + after,
            before + after[:1] + letter + after[1:],
        )[dice.randrange(4)]
        if folded(wrong) and folded(wrong) != folded(name):
            return wrong


def _mistyped_date(day: date, dice: Random) -> date:
    if day.day <= 12 and day.day != day.month and dice.random() < 0.5:
        return date(day.year, day.day, day.month)
    # One digit of the day; 1 to 28 exist in every month.
    digits = f"{day.day:02d}"
    near = [d for d in range(1, 29) if sum(a != b for a, b in zip(f"{d:02d}", digits, strict=True)) == 1]
    return day.replace(day=dice.choice(near))
