"""A station in its hall: the reference client on a disk that may lose power, a clock that may be wrong, a link that fails."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from cartable.simulation.faults.agenda import Agenda, StationClock
from cartable.simulation.faults.network import PATIENCE_S, Link
from cartable.simulation.faults.packets import pack, unpack
from cartable.simulation.faults.station import Answer, Ask, Journal, Rest, Row, Station, Talk

# Day before, day after, a flat battery's 1970, a typing error's 2099, the end of summer time, a few minutes (F17).
WRONG_CLOCKS = (
    timedelta(days=-1),
    timedelta(days=1),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2099, 12, 31, tzinfo=UTC),
    timedelta(hours=-1),
    timedelta(minutes=7),
)


class PowerCut(Exception):
    """The machine stopped in the middle of a write."""


class Disk(Journal):
    """A disk: what `append` returned for is there for good, a write in progress and late notes may be lost."""

    def __init__(self, dice: Random) -> None:
        super().__init__()
        self._dice = dice
        self.fails_next = ""
        # Every id that was ever acknowledged here, for the checks: a note may be lost, the promise is not.
        self.ever_acknowledged: set[str] = set()

    def append(self, event: Row) -> None:
        """Write, or stop before or after the write took place, before anybody hears of it."""
        fails, self.fails_next = self.fails_next, ""
        if fails != "before":
            super().append(event)
        if fails:
            raise PowerCut

    def note(self, event_id: str, result: Row | None) -> None:
        """Note an acknowledgement."""
        super().note(event_id, result)
        if result:
            self.ever_acknowledged.add(event_id)

    def lose_power(self) -> None:
        """Lose the last notes: they are not written durably, and need not be."""
        noted = [line for line in self.lines.values() if line.result]
        for line in noted[-self._dice.randint(0, 5) :]:
            line.result = None


@dataclass
class Post:
    """One station of the day with everything around it."""

    number: int
    workshop: str
    token: str
    agenda: Agenda
    link: Link
    dice: Random
    pace_s: float
    tabs: int = 1
    is_running: bool = False
    heard_at: float = 0.0
    disk: Disk = field(init=False)
    clock: StationClock = field(init=False)
    station: Station = field(init=False)
    _tabs: list["_Tab"] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Put an empty disk and a right clock in."""
        self.disk, self.clock = Disk(self.dice), StationClock(self.agenda)
        self.station = self._started()

    def boot(self) -> None:
        """Start the page, with the list that the disk kept; two tabs where the day has it so (F15)."""
        before = self.station
        self.station = self._started()
        self.station.students, self.station.devices = before.students, before.devices
        self.station.told, self.station.cursor = before.told, before.cursor
        self.is_running = True
        self._tabs = [_Tab(self, self.station.work()) for _ in range(self.tabs)]
        for tab in self._tabs:
            tab.go()

    def crash(self, back_after_s: float) -> None:
        """Stop without warning: browser killed, battery empty, reboot (F21)."""
        self.is_running, self._tabs = False, []
        self.disk.lose_power()
        self.agenda.after(back_after_s, self.boot)

    def set_clock(self, wrong: timedelta | datetime) -> None:
        """Put the clock wrong, by a difference or to a date."""
        self.clock.offset = wrong - self.agenda.now if isinstance(wrong, datetime) else wrong

    def scan(self, kind: str, **about: str) -> bool:
        """Record an event and wake the sending up; False where the machine stopped instead of showing a verdict."""
        try:
            self.station.record(kind, **about)
        except PowerCut:
            self.crash(back_after_s=self.dice.uniform(20, 400))
            return False
        for tab in self._tabs:
            tab.wake()
        return True

    @property
    def is_offline(self) -> bool:
        """Say whether the screen shows "Hors ligne"."""
        return self.agenda.seconds - self.heard_at > 3 * self.pace_s

    @property
    def is_drained(self) -> bool:
        """Say whether this station has nothing left to say and was told that nothing is missing."""
        return self.is_running and not self.disk.waiting() and self.station.misses_nothing

    def is_of(self, tab: "_Tab") -> bool:
        """Say whether a tab is one of those open now: what a killed one asked for is heard by nobody."""
        return tab in self._tabs

    def _started(self) -> Station:
        def new_id() -> UUID:
            return UUID(int=self.dice.getrandbits(128), version=4)

        return Station(self.token, self.workshop, self.disk, self.clock, new_id, self.dice, self.pace_s)


class _Tab:
    """Drives one conversation of a station over its link."""

    def __init__(self, post: Post, talk: Talk) -> None:
        self._post, self._talk, self._ticket, self._rests = post, talk, 0, False

    def go(self, answer: Answer | None = None) -> None:
        """Hand an answer in and do what the station wants next."""
        post = self._post
        self._ticket += 1
        try:
            wish = self._talk.send(answer)
        except StopIteration:
            return
        self._rests = isinstance(wish, Rest)
        ticket = self._ticket
        if isinstance(wish, Ask):
            post.link.carry(pack(wish, post.token), lambda reply: self._heard(ticket, unpack(reply)))
            post.agenda.after(PATIENCE_S, lambda: self._heard(ticket, None))
        else:
            post.agenda.after(wish.seconds, lambda: self._heard(ticket, None))

    def wake(self) -> None:
        """End a rest: somebody scanned."""
        if self._rests:
            ticket = self._ticket
            self._post.agenda.after(0, lambda: self._heard(ticket, None))

    def _heard(self, ticket: int, answer: Answer | None) -> None:
        # The first thing that comes to a question counts: an answer, or the end of patience.
        if ticket != self._ticket or not self._post.is_of(self):
            return
        if answer and answer.status == 200 and answer.content:
            self._post.heard_at = self._post.agenda.seconds
        self.go(answer)
