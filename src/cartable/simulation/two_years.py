"""An invented region over two school years: who stands in which list, and who they truly are.

A lycée is a function of the seed and its number, so that a region of any size is made lycée by lycée, twice: only
those who go from one lycée to another are remembered in between. Shares are those of the field research (7).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from cartable.kernel.uai import check_letter
from cartable.simulation.invented_names import CLOSE_GIVEN_NAMES
from cartable.simulation.invented_people import invented_ine
from cartable.simulation.invented_students import InventedStudent, invented_students
from cartable.simulation.long_tailed_names import NameBook
from cartable.simulation.spellings import mistype, respell

# Of all students.
NO_INE = 0.03
TWINS = 0.01
REPEATER = 0.03  # Of those at the end of a course; the others end there.
# Of those who go on.
INE_ARRIVES = 0.5  # Of those without.
SURNAME_CHANGED = 0.01
TYPING_ERROR = 0.005
TRANSFER = 0.02
PREVIOUS_SCHOOL_NAMED = 0.7  # Of the transfers.
LEAVER = 0.04
RESPELT = 0.05
NEW_ELEVE_ID = 0.002
# Of the lycées: their list comes from another software this year, or from the same begun anew.
RENUMBERED = 0.1
# One among so many: the accidents of a region.
_HANDFUL = 2_000

MOST_STUDENTS_PER_LYCEE = 2_500
_FIRST_UAI = 570_000
_MOST_LYCEES = 9_999
_COLLEGE = "0579999J"  # Where entrants come from: no lycée of the region.

_NEXT_COURSE = {
    "20010018110": ("20110019110", "1RE"),
    "20110019110": ("20210019110", "TG"),
    "21131016110": ("21231017110", "TSTMG"),
    "24731202310": ("24731202320", "1PRO"),
    "24731202320": ("24731202330", "TPRO"),
    "24122137210": ("24122137220", "2CAP"),
    "31131213210": ("31131213220", "2BTS"),
}


@dataclass(slots=True)
class Listed:
    """One student of one list. `person` is who it truly is; `cases` say what makes them hard to recognise.

    `before` is the same person's line of the year before, in the lycée `before_uai`; None for whom no list knew.
    """

    person: int
    student: InventedStudent
    cases: tuple[str, ...] = ()
    before: InventedStudent | None = None
    before_uai: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """What is invented: so many students in so many lycées. `first_year` is the second of the two school years."""

    lycee_count: int
    student_count: int
    seed: int
    first_year: int

    def __post_init__(self) -> None:
        if not 1 <= self.lycee_count <= _MOST_LYCEES:
            raise ValueError(f"1 to {_MOST_LYCEES} lycées")
        if not self.lycee_count * 10 <= self.student_count <= self.lycee_count * MOST_STUDENTS_PER_LYCEE // 2:
            raise ValueError(f"10 to {MOST_STUDENTS_PER_LYCEE // 2} students per lycée on average")

    def uai(self, number: int) -> str:
        """Return the UAI of a lycée, counted from 0."""
        digits = f"{_FIRST_UAI + number:07d}"
        return digits + check_letter(digits)

    def sizes(self) -> list[int]:
        """Return how many students each lycée has; a large one has four times as many as a small one."""
        dice = Random(f"{self.seed}/sizes")
        weights = [dice.uniform(0.4, 1.6) for _ in range(self.lycee_count)]
        scale = self.student_count / sum(weights)
        sizes = [min(MOST_STUDENTS_PER_LYCEE, int(weight * scale)) for weight in weights]
        for number in range(self.student_count - sum(sizes)):
            sizes[number % self.lycee_count] += 1
        return sizes


class TwoYears:
    """Makes the lists: `first_lists` to its end, then `second_lists`."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self._sizes = region.sizes()
        self._names = NameBook()
        # Who comes to a lycée in the second year: movers, and strangers who resemble somebody of another lycée.
        self._comers: dict[int, list[Listed]] = defaultdict(list)

    def first_lists(self) -> Iterator[tuple[str, list[Listed]]]:
        """Yield UAI and list of each lycée in the first year."""
        self._comers.clear()
        for number, size in enumerate(self._sizes):
            lycee = _Lycee(self.region, number, size, self._names)
            before, _after = lycee.lists()
            for target, comer in lycee.comers:
                self._comers[target].append(comer)
            yield lycee.uai, before

    def second_lists(self) -> Iterator[tuple[str, list[Listed]]]:
        """Yield UAI and list of each lycée in the second year, in an order of its own."""
        for number, size in enumerate(self._sizes):
            lycee = _Lycee(self.region, number, size, self._names)
            _before, after = lycee.lists()
            after += [lycee.settled(comer) for comer in self._comers.pop(number, ())]
            lycee.dice.shuffle(after)
            yield lycee.uai, after


class _Lycee:
    """One lycée over two years."""

    def __init__(self, region: Region, number: int, size: int, names: NameBook) -> None:
        self.region, self.number, self.size = region, number, size
        self.uai = region.uai(number)
        self.dice = Random(f"{region.seed}/{self.uai}/{region.first_year}")
        self.comers: list[tuple[int, Listed]] = []
        self._names = names
        self._year = region.first_year
        self._next_eleve_id = 3_000_000 + self.dice.randrange(1_000_000)
        self._rank = 0
        self._free_ids: list[str] = []
        self._parted: list[Listed] = []
        self._is_renumbered = self._happens(RENUMBERED)

    def lists(self) -> tuple[list[Listed], list[Listed]]:
        """Return the lists of both years, the second without those who come from elsewhere."""
        before = self._first_year()
        after: list[Listed] = []
        for listed in before:
            followed = self._followed(listed)
            if followed is not None:
                after.append(followed)
        if self._is_renumbered:
            self._renumber(after)
        after += self._entrants(len(before) - sum(listed.student.left_on is None for listed in after))
        return before, after

    def settled(self, comer: Listed) -> Listed:
        """Give somebody from elsewhere a number and a class here."""
        student = comer.student
        student.eleve_id = self._new_eleve_id()
        if not student.ine and "homonym" in comer.cases and self.dice.random() < 0.8:
            student.ine = self._new_ine()
        return comer

    # --- the first year

    def _first_year(self) -> list[Listed]:
        invented = invented_students(self.dice, uai=self.uai, school_year=self._year - 1, count=self.size, form="LPO")
        listed = [self._person(student) for student in invented]
        self._pair_twins(listed)
        return listed

    def _person(self, student: InventedStudent) -> Listed:
        name = self._names.full_name(self.dice)
        student.family_name, student.given_name, student.sex = name.family, name.given, name.sex
        person = self.number * 10_000 + self._rank
        student.ine = self._new_ine()
        cases: tuple[str, ...] = ()
        if self._happens(NO_INE):
            student.ine, cases = "", ("no_ine",)
        if self._happens(0.08):
            student.usage_name = self._names.family_name(self.dice)
        return Listed(person, student, cases)

    def _pair_twins(self, listed: list[Listed]) -> None:
        """Make twins of neighbours: their ELEVE_ID and INE follow each other, unless chance parts them."""
        pairs = zip(listed[::2], listed[1::2], strict=False)
        for first, second in pairs:
            if not self._happens(TWINS):
                continue
            one, other = first.student, second.student
            if self._happens(0.4):
                one.given_name, other.given_name = self.dice.choice(CLOSE_GIVEN_NAMES)
            while other.given_name == one.given_name:
                other.given_name = self._names.given_name(self.dice, other.sex)
            other.family_name, other.usage_name, other.birth_on = one.family_name, one.usage_name, one.birth_on
            if self._happens(0.2):
                other.ine = ""
            first.cases += ("twin",)
            second.cases = ("twin",) if other.ine else ("twin", "no_ine")

    # --- from one year to the next

    def _followed(self, listed: Listed) -> Listed | None:
        """Return the line of the next year in this lycée, None for those whom its list no longer names."""
        student = listed.student
        following = _NEXT_COURSE.get(student.mef)
        if following is None and not self._happens(REPEATER):
            self._part(listed)
            return None
        after = self._a_year_later(listed, following)
        if self._happens(TRANSFER) and self.region.lycee_count > 1:
            return self._moved(after)
        if self._happens(LEAVER):
            return self._left(after)
        if self._happens(NEW_ELEVE_ID):
            after.student.eleve_id = self._new_eleve_id()
            after.cases += ("new_eleve_id",)
        self._let_somebody_resemble(listed)
        return after

    def _a_year_later(self, listed: Listed, following: tuple[str, str] | None) -> Listed:
        student = listed.student
        division = student.divisions[0]
        if following:
            mef, name = following
            after = replace(student, mef=mef, divisions=[f"{name} {division.split()[-1]}"], groups=[])
        else:
            after = replace(student, divisions=student.divisions[:], groups=[])
        after.previous_uai, after.previous_division = self.uai, division
        after.is_new_in_school = False
        later = Listed(listed.person, after, listed.cases, student, self.uai)
        self._differ(later)
        return later

    def _differ(self, listed: Listed) -> None:
        """Let the second list write somebody otherwise than the first did."""
        student, cases = listed.student, []
        if not student.ine and self._happens(INE_ARRIVES):
            student.ine = self._new_ine()
            cases.append("ine_arrived")
        elif student.ine and self._happens(0.001):
            student.ine = ""
            cases.append("ine_lost")
        elif student.ine and self._happens(1 / _HANDFUL):
            student.ine = self._new_ine()
            cases.append("two_ine")
        if self._happens(SURNAME_CHANGED):
            cases.append(self._change_surname(student))
        if self._happens(TYPING_ERROR):
            mistype(student, self.dice)
            cases.append("typing_error")
        if self._happens(RESPELT):
            respell(student, self.dice)
            cases.append("respelt")
        listed.cases += tuple(cases)

    def _change_surname(self, student: InventedStudent) -> str:
        other = self._names.family_name(self.dice)
        way = self.dice.randrange(4)
        if way < 2:
            student.usage_name = other if student.usage_name != other else ""
            return "usage_changed"
        if way == 2:
            student.family_name = f"{student.family_name}-{other}"
        else:
            student.usage_name, student.family_name = student.family_name, other
        return "surname_changed"

    def _moved(self, listed: Listed) -> Listed | None:
        """Send somebody to another lycée; this one's list may still name them, with the day they left."""
        target = (self.number + 1 + self.dice.randrange(3)) % self.region.lycee_count
        target = target if target != self.number else (self.number + 1) % self.region.lycee_count
        is_named = self._happens(PREVIOUS_SCHOOL_NAMED)
        student = replace(
            listed.student,
            previous_uai=self.uai if is_named else "",
            is_new_in_school=False,
            entered_on=date(self._year, 9, 1),
        )
        cases = (*listed.cases, "transfer", "transfer_named" if is_named else "transfer_unnamed")
        self.comers.append((target, Listed(listed.person, student, cases, listed.before, self.uai)))
        return self._exit(listed, "moved_away") if self._happens(1 / 3) else None

    def _left(self, listed: Listed) -> Listed | None:
        if self._happens(0.5):
            return self._exit(listed, "left")
        self._part(listed)
        return None

    def _exit(self, listed: Listed, case: str) -> Listed:
        listed.student.left_on, listed.student.exit_reason = date(self._year, 9, 1 + self.dice.randrange(1, 9)), "7"
        listed.cases += (case,)
        return listed

    def _part(self, listed: Listed) -> None:
        self._free_ids.append(listed.student.eleve_id)
        if listed.before is None:
            listed = Listed(listed.person, listed.student, listed.cases, listed.student)
        self._parted.append(listed)

    def _let_somebody_resemble(self, listed: Listed) -> None:
        """Now and then send a stranger elsewhere who bears this one's names and birth date, or their INE."""
        if self.region.lycee_count < 4:
            return
        if self._happens(1 / _HANDFUL):
            twin = self._stranger("homonym")
            twin.student.family_name, twin.student.given_name = listed.student.family_name, listed.student.given_name
            twin.student.birth_on, twin.student.ine = listed.student.birth_on, ""
        elif self._happens(1 / _HANDFUL) and listed.student.ine:
            self._stranger("ine_of_another").student.ine = listed.student.ine

    def _stranger(self, case: str) -> Listed:
        stranger = self._entrant()
        stranger.cases = (case,)
        self.comers.append(((self.number + 3) % self.region.lycee_count, stranger))
        return stranger

    def _renumber(self, listed: list[Listed]) -> None:
        """Give everybody a new number; in every other such lycée it was somebody else's the year before."""
        if self._happens(0.5):
            numbers = [one.student.eleve_id for one in listed]
            self.dice.shuffle(numbers)
        else:
            numbers = [self._new_eleve_id() for _ in listed]
        for one, number in zip(listed, numbers, strict=True):
            if number != one.student.eleve_id:
                one.student.eleve_id = number
                one.cases += ("new_eleve_id",)

    # --- who is new

    def _entrants(self, count: int) -> list[Listed]:
        entrants = []
        for _ in range(count):
            entrant = self._entrant()
            if self._free_ids and self._happens(2 / _HANDFUL):
                entrant.student.eleve_id = self._free_ids.pop()
                entrant.cases += ("eleve_id_reused",)
            elif self._parted and self._happens(2 / _HANDFUL):
                self._be_twin_of(entrant, self._parted.pop().student)
            entrants.append(entrant)
        return entrants

    def _entrant(self) -> Listed:
        (student,) = invented_students(self.dice, uai=self.uai, school_year=self._year, count=1, form="LPO")
        mef, name = self.dice.choice((("20010018110", "2DE"), ("20010018110", "2DE"), ("24731202310", "2PRO")))
        student.mef, student.divisions = mef, [f"{name} {1 + self.dice.randrange(6)}"]
        student.birth_on = date(self._year - 15, 1, 1) + timedelta(days=self.dice.randrange(365))
        student.eleve_id = self._new_eleve_id()
        student.is_new_in_school, student.previous_uai = True, _COLLEGE
        student.entered_on = date(self._year, 9, 1)
        return self._person(student)

    def _be_twin_of(self, entrant: Listed, sibling: InventedStudent) -> None:
        """Let the twin of somebody who has left come a year later, without INE: the nearest two people can be."""
        student = entrant.student
        student.family_name, student.birth_on, student.ine = sibling.family_name, sibling.birth_on, ""
        while student.given_name == sibling.given_name:
            student.given_name = self._names.given_name(self.dice, student.sex)
        entrant.cases = ("late_twin", "no_ine")

    # --- numbers

    def _happens(self, share: float) -> bool:
        return self.dice.random() < share

    def _new_ine(self) -> str:
        self._rank += 1
        return invented_ine(self.uai, self._rank - 1)

    def _new_eleve_id(self) -> str:
        self._next_eleve_id += self.dice.randrange(1, 9)
        return str(self._next_eleve_id)
