"""The virtual clock: what is due when, one thing after the other, always in the same order."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count

# Any day will do; the same one, so that a seed gives the same times.
MORNING = datetime(2026, 9, 15, 6, 30, tzinfo=UTC)
Act = Callable[[], None]


class Agenda:
    """Acts in the order of their virtual times; of two at the same time, the one that was put down first."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._due: list[tuple[float, int, Act]] = []
        self._order = count()

    @property
    def now(self) -> datetime:
        """Return the true time of the simulated world."""
        return MORNING + timedelta(seconds=self.seconds)

    def at(self, seconds: float, act: Act) -> None:
        """Put an act down for a time; a time that is past means now."""
        heappush(self._due, (max(seconds, self.seconds), next(self._order), act))

    def after(self, seconds: float, act: Act) -> None:
        """Put an act down for later."""
        self.at(self.seconds + seconds, act)

    def run_until(self, seconds: float, is_over: Callable[[], bool] = lambda: False) -> None:
        """Do what is due until that time, or until it is over."""
        while self._due and self._due[0][0] <= seconds and not is_over():
            self.seconds, _, act = heappop(self._due)
            act()
        if not is_over():
            self.seconds = max(self.seconds, seconds)


class StationClock:
    """A station's clock: set wrong from the start, or jumping during the day (F17)."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda, self.offset = agenda, timedelta()

    def __call__(self) -> datetime:
        """Return what the station believes the time to be."""
        return self._agenda.now + self.offset
