"""What goes wrong on a day, dealt from its seed: sizes, spells of bad weather, crashes, wrong clocks, clumsiness."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from cartable.simulation.faults.network import BAD_WEATHER, CUT, DAMAGING, DOUBLING, PORTAL, SLOW, Weather
from cartable.simulation.faults.posts import WRONG_CLOCKS

# The faults of the verification programme that a day can be asked to have for sure (``--only``).
FAULTS = {
    "F02": "the web server is killed", "F03": "the server dies between COMMIT and answer",
    "F05": "the database vanishes within an upload", "F10": "the disk of the database is full",
    "F11": "answers are slow and many are lost", "F12": "a site is cut off for hours",
    "F13": "a captive portal answers in the server's place", "F14": "every batch arrives five times",
    "F15": "two tabs send, in any order", "F16": "bodies arrive cut short or spoiled",
    "F17": "clocks of stations are wrong, and jump", "F18": "two stations give the same PC",
    "F19": "two stations give one student a PC each", "F20": "a PC comes back online while stations give offline",
    "F21": "stations lose power", "F23": "another version is served meanwhile", "F28": "a rolling deployment",
    "F29": "the database is set back to an earlier moment", "F31": "a student leaves with the neighbour's PC",
}  # fmt: skip
_WEATHER_OF = {"F11": SLOW, "F12": CUT, "F13": PORTAL, "F14": DOUBLING, "F15": DOUBLING, "F16": DAMAGING, "F18": CUT,
               "F19": CUT, "F20": CUT}  # fmt: skip


@dataclass(frozen=True)
class Spell:
    """Bad weather on the link of one station, or of all (None)."""

    station: int | None
    start_s: float
    end_s: float
    weather: Weather


@dataclass
class Plan:
    """A day before it is played. Times are seconds from the morning; stations are counted from 0, workshop A first."""

    students: int
    stations_a: int
    stations_b: int
    gap_s: float
    spells: list[Spell] = field(default_factory=list)
    crashes: list[tuple[int, float, str]] = field(default_factory=list)
    clocks: list[tuple[int, float, timedelta | datetime]] = field(default_factory=list)
    tabs: dict[int, int] = field(default_factory=dict)
    take_backs: list[float] = field(default_factory=list)
    dies_after_commit: float = 0.0
    database_vanishes: float = 0.0
    disk_full: tuple[float, float] | None = None
    copy_at_s: float | None = None
    set_back_at_s: float | None = None
    straggler: int | None = None
    dead: int | None = None
    revoked: tuple[int, float] | None = None
    clumsiness: float = 0.02
    swaps: float = 0.01

    @property
    def length_s(self) -> float:
        """Return when the last student comes in."""
        return self.students * self.gap_s

    @property
    def stations(self) -> int:
        """Count the stations."""
        return self.stations_a + self.stations_b


def deal(dice: Random, *, only: str = "", smallest: int = 40, largest: int = 150) -> Plan:
    """Deal a day; with ``only``, one in which that fault happens for sure, the others as on any day."""
    plan = Plan(
        students=dice.randint(smallest, largest),
        stations_a=dice.randint(1, 2),
        stations_b=dice.randint(2, 4),
        gap_s=dice.uniform(6, 90),
        clumsiness=dice.choice((0.01, 0.02, 0.06)),
    )
    _weather(plan, dice, only)
    _machines(plan, dice, only)
    _people(plan, dice, only)
    return plan


def _weather(plan: Plan, dice: Random, only: str) -> None:
    for station in range(plan.stations):
        for _ in range(dice.choice((0, 0, 1, 1, 2, 3))):
            plan.spells.append(_spell(plan, dice, station, dice.choice(BAD_WEATHER)))
    if dice.random() < 0.3:
        plan.spells.append(_spell(plan, dice, None, CUT))
    if only in _WEATHER_OF:
        # Two hours, the whole site: nobody hears of anybody.
        plan.spells.append(Spell(None, plan.length_s * 0.1, max(7_200.0, plan.length_s * 0.8), _WEATHER_OF[only]))


def _spell(plan: Plan, dice: Random, station: int | None, weather: Weather) -> Spell:
    start = dice.uniform(0, plan.length_s)
    return Spell(station, start, start + dice.uniform(60, max(120, plan.length_s / 2)), weather)


def _machines(plan: Plan, dice: Random, only: str) -> None:
    length = plan.length_s
    for station in range(plan.stations):
        if only == "F21" or dice.random() < 0.4:
            plan.crashes.append((station, dice.uniform(0, length), dice.choice(("", "before", "after"))))
        if only == "F17" or dice.random() < 0.2:
            plan.clocks.append((station, dice.choice((0.0, dice.uniform(0, length))), dice.choice(WRONG_CLOCKS)))
        if only == "F15" or dice.random() < 0.1:
            plan.tabs[station] = 2
    if only == "F03" or dice.random() < 0.3:
        plan.dies_after_commit = 0.15 if only else 0.04
    if only == "F05" or dice.random() < 0.3:
        plan.database_vanishes = 0.2 if only else 0.04
    if only == "F10":
        plan.disk_full = (length * 0.3, length * 0.6)
    if only == "F29" or (not only and dice.random() < 0.08):
        plan.set_back_at_s = dice.uniform(length * 0.4, length)
        # Half an hour, or as much of it as there was.
        plan.copy_at_s = max(length * 0.1, plan.set_back_at_s - 1_800)


def _people(plan: Plan, dice: Random, only: str) -> None:
    length = plan.length_s
    if only in {"F18", "F19"}:
        plan.clumsiness = 0.15
    if only == "F31":
        plan.swaps = 0.1
    late = dice.sample(range(plan.stations), 3)
    if dice.random() < 0.25:
        plan.straggler = late[0]
    if dice.random() < 0.15:
        plan.dead = late[1]
    if dice.random() < 0.1:
        # After a restore: the leader's own acts are in no station's journal.
        plan.revoked = (late[2], dice.uniform(max(length * 0.5, plan.set_back_at_s or 0), length))
    plan.take_backs = [dice.uniform(length * 0.2, length) for _ in range(3 if only == "F20" else dice.randint(0, 2))]
