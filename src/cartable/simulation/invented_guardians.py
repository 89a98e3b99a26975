"""The invented guardians of one lycée's students: who answers, who lives with whom, who cannot be reached."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import Literal

from cartable.simulation.invented_people import (
    FullName,
    invented_landline,
    invented_mail,
    invented_mobile,
    invented_name,
)
from cartable.simulation.invented_students import InventedStudent
from cartable.simulation.siecle_xml import InventedGuardian, InventedLink

_MOTHER, _FATHER, _OTHER = "10", "20", "90"
# Families with two legal guardians under one roof, two under two, one alone, two and a third person in charge, none.
_HOUSEHOLDS = ("together", "separated", "alone", "with_third", "none")
_SHARES = (58, 85, 95, 99, 100)
_FORCED = {"separated_guardians": "separated", "no_guardian": "none", "no_reachable_guardian": "unreachable"}


class GuardianBook:
    """Invents the guardians of students one by one, and keeps persons and links until they are written."""

    def __init__(self, dice: Random, cases: dict[str, list[str]]) -> None:
        self._dice = dice
        self._forced = {eleve_id: household for case, household in _FORCED.items() for eleve_id in cases.get(case, ())}
        self._third_legal = frozenset(cases.get("three_legal_guardians", ()))
        self._twins = {second: first for first, second in [cases["twins"]]} if "twins" in cases else {}
        self._number = 200_000 + dice.randrange(100_000)
        self.persons: list[InventedGuardian] = []
        self.links: list[InventedLink] = []

    def add_all(self, students: Iterable[InventedStudent]) -> None:
        """Invent the guardians of every student; twins share theirs."""
        for student in students:
            if student.eleve_id not in self._twins:
                self._add(student)
        for second, first in self._twins.items():
            self.links += [replace(link, eleve_id=second) for link in self.links if link.eleve_id == first]

    def _add(self, student: InventedStudent) -> None:
        dice = self._dice
        household = self._forced.get(student.eleve_id) or dice.choices(_HOUSEHOLDS, cum_weights=_SHARES)[0]
        if student.eleve_id in self._third_legal:
            household = "together"
        if household == "none":
            return
        home = self._next()
        mother = self._person("MME", student, home, dice.random() < 0.4, household != "unreachable")
        self._link(student, mother, 1, _MOTHER, lives_with=True)
        if household in ("alone", "unreachable"):
            return
        other_home = self._next() if household == "separated" else home
        father = self._person("M.", student, other_home, True, True)
        self._link(student, father, 1, _FATHER, lives_with=household != "separated")
        if household == "with_third" or student.eleve_id in self._third_legal:
            third = self._person("MME", student, home, False, True)
            self._link(student, third, 1 if student.eleve_id in self._third_legal else 2, _OTHER, lives_with=False)

    def _person(
        self, title: Literal["M.", "MME"], student: InventedStudent, home: str, has_name: bool, is_reachable: bool
    ) -> str:
        """Add a person of the student's family name, or of one of her own; return the PERSONNE_ID."""
        dice = self._dice
        name = invented_name(dice)
        while name.sex != (1 if title == "M." else 2):
            name = invented_name(dice)
        family = student.family_name.split("-")[0] if has_name else name.family
        person_id = self._next()
        mail = invented_mail(FullName(family, name.given, name.sex), int(person_id)) if dice.random() < 0.85 else ""
        self.persons.append(
            InventedGuardian(
                person_id=person_id,
                title=title,
                family_name=family,
                given_name=name.given,
                home_phone=invented_landline(dice) if is_reachable and dice.random() < 0.4 else "",
                mobile=invented_mobile(dice) if is_reachable else "",
                mail=mail if is_reachable else "",
                address_id=home,
            )
        )
        return person_id

    def _link(self, student: InventedStudent, person_id: str, level: int, kinship: str, *, lives_with: bool) -> None:
        self.links.append(InventedLink(student.eleve_id, person_id, level, kinship, lives_with))

    def _next(self) -> str:
        self._number += 1
        return str(self._number)
