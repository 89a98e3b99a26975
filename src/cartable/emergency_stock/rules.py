"""What the reserve of a lycée should hold, and when a PC may leave it. Pure decisions on plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import ceil

from cartable.fleet.rules import Grade

# DOMAIN 7: 4 % of the students, alarm at 2 %; the seed's own figures, so half of the target whatever the campaign's rate.
LOW_WATER_SHARE = 0.5
# A loan that nobody has ended by then is asked about: the longest repair of the 2019 market is well below.
LOAN_LASTS = timedelta(days=30)
# A request for more is a mistake of typing: the largest lycée of the region has 3,200 students, 4 % of them are 128.
# What is unusable is handed to nobody.
HANDED_OVER_GRADES = (Grade.LIKE_NEW, Grade.USED, Grade.DAMAGED)
MOST_ASKED = 500
# How far ahead the forecast looks: a term, which is what a top-up should last.
MONTHS_AHEAD = 3
# A reserve gives some away when it has this share more than its target, so that it does not ask for them next week.
SPARE_SHARE = 0.1


class Cause(StrEnum):
    """Why a PC leaves the reserve; all but a loan are for keeps, as on the day."""

    ABSENT = "absent"
    WALK_UP = "walk_up"
    THEFT = "theft"
    REPLACEMENT = "replacement"
    LOAN = "loan"


class LoanEnd(StrEnum):
    """How a loan ends: the student's own PC is back, the loaner stays with them, or only comes back, or is gone."""

    EXCHANGE = "exchange"
    SWAP = "swap"
    CHECK_IN = "check_in"
    CLAIMED = "claimed"


class Obstacle(StrEnum):
    """Why a PC may not leave the reserve for this student."""

    STUDENT_ELSEWHERE = "student_elsewhere"
    STUDENT_GONE = "student_gone"
    ALREADY_EQUIPPED = "already_equipped"
    INCIDENT_DECIDES = "incident_decides"
    CHARTER_MISSING = "charter_missing"
    NO_RULES = "no_rules"
    NOT_IN_RESERVE = "not_in_reserve"
    RESERVE_ELSEWHERE = "reserve_elsewhere"
    NOT_FIT = "not_fit"
    CONTESTED = "contested"
    IN_CLAIM = "in_claim"


@dataclass(frozen=True)
class Taker:
    """The student who is to receive a PC, as the lycée of the reserve sees them."""

    is_of_this_school: bool
    has_left: bool
    holds_device: bool
    has_charter: bool
    # What happened to their last PC says whether they get another one: the page of the incident hands it over.
    has_undecided_incident: bool = False


@dataclass(frozen=True)
class Offered:
    """The PC that was scanned."""

    is_in_reserve: bool
    is_of_this_school: bool
    is_fit: bool
    is_contested: bool
    is_in_claim: bool


def student_obstacle(taker: Taker, cause: Cause = Cause.WALK_UP) -> Obstacle | None:
    """Say why this student may receive no PC at all, whatever the PC; None where they may.

    What comes of an incident, and a loan while a PC is away, goes out over that; nothing else goes past it.
    """
    if not taker.is_of_this_school:
        return Obstacle.STUDENT_ELSEWHERE
    if taker.has_left:
        return Obstacle.STUDENT_GONE
    if taker.holds_device:
        return Obstacle.ALREADY_EQUIPPED
    is_at_the_desk = cause in {Cause.ABSENT, Cause.WALK_UP}
    return Obstacle.INCIDENT_DECIDES if is_at_the_desk and taker.has_undecided_incident else None


def device_obstacle(offered: Offered) -> Obstacle | None:
    """Say why this PC may not leave; None where it may. What is stolen or lost comes before everything else."""
    if offered.is_in_claim:
        return Obstacle.IN_CLAIM
    if not offered.is_in_reserve:
        return Obstacle.NOT_IN_RESERVE
    if not offered.is_of_this_school:
        return Obstacle.RESERVE_ELSEWHERE
    if offered.is_contested:
        return Obstacle.CONTESTED
    return None if offered.is_fit else Obstacle.NOT_FIT


def obstacle(taker: Taker, offered: Offered, cause: Cause) -> Obstacle | None:
    """Say why the PC may not leave for this student. A loan asks for no charter: it stands in for a PC that had one."""
    found = student_obstacle(taker, cause) or device_obstacle(offered)
    if found is None and cause != Cause.LOAN and not taker.has_charter:
        return Obstacle.CHARTER_MISSING
    return found


@dataclass(frozen=True)
class Level:
    """What a reserve holds against what it should: ``fit`` PCs on the shelf, ``lent`` ones on loan, some on their way."""

    target: int
    fit: int
    lent: int
    on_the_road: int = 0

    @property
    def missing(self) -> int:
        """Return how many PCs it lacks to be full, counting loans as coming back and shipments as arriving."""
        return max(0, self.target - self.fit - self.lent - self.on_the_road)

    @property
    def spare(self) -> int:
        """Return how many PCs it could give away: what it has above its target, once that is well above it."""
        margin = max(1, ceil(self.target * SPARE_SHARE))
        return self.fit - self.target if self.fit > self.target + margin else 0

    @property
    def is_low(self) -> bool:
        """Say whether the shelf is below low water."""
        return self.fit < self.target * LOW_WATER_SHARE

    @property
    def tension(self) -> float:
        """Return which share of the reserve is out on loan, 0 to 1: 1 is a shelf with nothing left to lend."""
        whole = self.fit + self.lent
        return self.lent / whole if whole else 1.0 if self.target else 0.0


def due_on(lent_on: date) -> date:
    """Return the day until which a loan may last before somebody is asked about it."""
    return lent_on + LOAN_LASTS


@dataclass(frozen=True)
class LoanAges:
    """How old the open loans are: of this week, of this month, longer than a loan should last."""

    week: int
    month: int
    overdue: int

    @property
    def total(self) -> int:
        """Return how many loans are open."""
        return self.week + self.month + self.overdue


def loan_ages(days: Sequence[int]) -> LoanAges:
    """Sort the ages of open loans, in days."""
    week = sum(age <= 7 for age in days)
    overdue = sum(age > LOAN_LASTS.days for age in days)
    return LoanAges(week, len(days) - week - overdue, overdue)


def needed_ahead(left_by_month: Sequence[int]) -> int:
    """Return how many PCs leave for keeps over the months ahead, from the months that are past, the oldest first.

    Months before the first one in which something left say nothing: the reserve was not there yet.
    """
    begun = next((n for n, count in enumerate(left_by_month) if count), len(left_by_month))
    known = left_by_month[begun:]
    return ceil(sum(known) / len(known) * MONTHS_AHEAD) if known else 0


@dataclass(frozen=True)
class Neighbour:
    """The reserve of a lycée among those near it: those of one departement."""

    school_id: int
    near: int
    level: Level


@dataclass(frozen=True)
class Proposal:
    """PCs that one reserve has too many and another one lacks."""

    from_school_id: int
    to_school_id: int
    count: int


def proposals(neighbours: Sequence[Neighbour]) -> list[Proposal]:
    """Propose transfers between near reserves, the emptiest one first, out of the fullest one; nothing is taken twice."""
    found: list[Proposal] = []
    for near in dict.fromkeys(one.near for one in neighbours):
        around = [one for one in neighbours if one.near == near]
        spare = {one.school_id: one.level.spare for one in around if one.level.spare}
        for taker in sorted(around, key=lambda one: (-one.level.missing, one.school_id)):
            missing = taker.level.missing
            while missing and spare:
                giver = max(spare, key=lambda school_id: (spare[school_id], -school_id))
                count = min(missing, spare[giver])
                found.append(Proposal(giver, taker.school_id, count))
                missing, spare[giver] = missing - count, spare[giver] - count
                if not spare[giver]:
                    del spare[giver]
    return found
