"""What goes wrong on a day, dealt from its seed: sizes, spells of bad weather, crashes, wrong clocks, clumsiness."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from cartable.simulation.faults.network import BAD_WEATHER, CUT, DAMAGING, DOUBLING, PORTAL, SLOW, Weather
from cartable.simulation.faults.posts import WRONG_CLOCKS

ALL = "all"
# The faults of the verification programme that a day can be asked to have for sure (``--only``).
FAULTS = {
    "F03": "the server dies between COMMIT and answer", "F05": "the database vanishes within an upload",
    "F10": "the disk of the database is full", "F11": "the road is slow, much is lost",
    "F12": "a site is cut off for hours", "F13": "a captive portal answers in the server's place",
    "F14": "requests arrive up to five times", "F15": "two tabs send for one station",
    "F16": "bodies arrive cut short or spoiled", "F17": "clocks of stations are wrong, and jump",
    "F18": "two stations give the same PC", "F19": "two stations give one student a PC each",
    "F20": "a PC comes back online while stations give it", "F21": "stations lose power",
    "F29": "the database is set back to an earlier moment", "F31": "students leave with the neighbour's PC",
    ALL: "each of them, every day",
}  # fmt: skip
SITE_WEATHER = {"F12": CUT, "F11": SLOW, "F14": DOUBLING, "F16": DAMAGING, "F13": PORTAL}


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
    calls: list[float] = field(default_factory=list)
    one_pc_twice: list[float] = field(default_factory=list)
    one_student_two: list[float] = field(default_factory=list)
    dies_after_commit: float = 0.0
    database_vanishes: float = 0.0
    disk_full: tuple[float, float] | None = None
    copy_at_s: float | None = None
    set_back_at_s: float | None = None
    straggler: int | None = None
    dead: int | None = None
    revoked: tuple[int, float] | None = None
    contacts: int = 25
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
    """Deal a day. ``only`` names a fault that happens for sure; with ``ALL``, every one of them does."""
    plan = Plan(
        students=dice.randint(smallest, largest),
        stations_a=dice.randint(1, 2),
        stations_b=dice.randint(2, 4),
        gap_s=dice.uniform(6, 90),
        clumsiness=dice.choice((0.01, 0.02, 0.06)),
    )
    if only == ALL:  # So much happens to each station that more of them would show no more.
        plan.stations_a, plan.stations_b = 1, 2
        plan.gap_s, plan.contacts = 3.5 * 3_600 / plan.students, 10
    dealt = _Dealing(plan, dice, only)
    dealt.weather()
    dealt.machines()
    dealt.server()
    dealt.people()
    return plan


class _Dealing:
    """Deals what goes wrong, each thing with its share, or for sure where it was asked for."""

    def __init__(self, plan: Plan, dice: Random, only: str) -> None:
        self._plan, self._dice, self._only = plan, dice, only

    def _happens(self, fault: str, share: float) -> bool:
        # Chance is drawn in any case: what else happens on a day does not depend on what is asked for.
        return self._dice.random() < share or self._only in {fault, ALL}

    def weather(self) -> None:
        plan, dice = self._plan, self._dice
        for station in range(plan.stations):
            for _ in range(dice.choice((0, 0, 1, 1, 2, 3))):
                self._spell(station, dice.choice(BAD_WEATHER))
        if self._only == ALL:
            # Two hours cut off, then one kind after the other, over the whole site.
            for place, weather in enumerate(SITE_WEATHER.values()):
                start = 0.6 + 0.08 * place if place else 0.1
                lasts = 0.07 if place else 0.58
                plan.spells.append(Spell(None, plan.length_s * start, plan.length_s * (start + lasts), weather))
                plan.calls += [plan.length_s * (start + lasts * share) for share in (0.1, 0.3, 0.5)]
        elif self._happens(self._only if self._only in SITE_WEATHER else "F12", 0.3):
            weather = SITE_WEATHER.get(self._only, CUT)
            # Two hours, the whole site: nobody hears of anybody.
            plan.spells.append(Spell(None, plan.length_s * 0.1, max(7_200.0, plan.length_s * 0.8), weather))

    def _spell(self, station: int | None, weather: Weather) -> None:
        start = self._dice.uniform(0, self._plan.length_s)
        lasts = self._dice.uniform(60, max(120, self._plan.length_s / 2))
        self._plan.spells.append(Spell(station, start, start + lasts, weather))

    def machines(self) -> None:
        plan, dice, length = self._plan, self._dice, self._plan.length_s
        for station in range(plan.stations):
            if self._happens("F21", 0.4):
                plan.crashes.append((station, dice.uniform(0, length), dice.choice(("", "before", "after"))))
            if self._happens("F17", 0.2):
                plan.clocks.append((station, dice.choice((0.0, dice.uniform(0, length))), dice.choice(WRONG_CLOCKS)))
            if dice.random() < 0.1 or (station == 0 and self._only in {"F15", ALL}):
                plan.tabs[station] = 2

    def server(self) -> None:
        plan, dice, length = self._plan, self._dice, self._plan.length_s
        if self._happens("F03", 0.3):
            plan.dies_after_commit = 0.15 if self._only else 0.04
        if self._happens("F05", 0.3):
            plan.database_vanishes = 0.2 if self._only else 0.04
        if self._happens("F10", 0.05):
            # A while, in fair weather where there is any: until somebody has made room.
            plan.disk_full = (length * 0.751, length * 0.751 + 110)
        # A copy of the database takes a second: not on each of the days that have everything else.
        if dice.random() < (0.15 if self._only == ALL else 0.08) or self._only == "F29":
            plan.set_back_at_s = dice.uniform(length * 0.4, length)
            # Half an hour, or as much of it as there was.
            plan.copy_at_s = max(length * 0.1, plan.set_back_at_s - 1_800)

    def people(self) -> None:
        plan, dice, length = self._plan, self._dice, self._plan.length_s
        if self._happens("F18", 0.3):
            plan.one_pc_twice = [dice.uniform(length * 0.3, length) for _ in range(3)]
        if self._happens("F19", 0.3):
            plan.one_student_two = [dice.uniform(length * 0.3, length) for _ in range(3)]
        if self._happens("F20", 0.4):
            plan.take_backs = [dice.uniform(length * (0.7 if self._only == ALL else 0.3), length) for _ in range(3)]
        if self._happens("F31", 0.1):
            plan.swaps = 0.3 if self._only else 0.15
        late = dice.sample(range(plan.stations), 3)
        if dice.random() < 0.25:
            plan.straggler = late[0]
        if dice.random() < 0.15:
            plan.dead = late[1]
        if dice.random() < 0.1:
            # After a restore: the leader's own acts are in no station's journal.
            plan.revoked = (late[2], dice.uniform(max(length * 0.5, plan.set_back_at_s or 0), length))
