"""The gymnasium: two queues, a table of PCs, and what the staff of both workshops do with their scanner.

Each person of the staff is a generator that yields how many seconds a gesture took. A virtual clock turns a morning
into two seconds (`play`); threads that do not wait show how fast the software is (`simulated_day`).
"""

import heapq
from collections import deque
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from threading import Lock

from cartable.kernel.codes import COMMAND_CODES
from cartable.simulation.station import DEVICE_CODES, Station
from cartable.simulation.visitors import Mishap, Visitor, misread

Gestures = Generator[float, None, None]
# Three stations B at 300 PC an hour have 36 s for each student (SCANNING).
READ_S, CHARTER_S, HAND_OVER_S, TALK_S = 1.5, 9.0, 30.0, 20.0


@dataclass
class Hall:
    """Who stands where. Several people of the staff use it at once."""

    line_a: deque[Visitor]
    table: deque[str]
    foreign_device: str
    now: Callable[[], datetime]
    let_pass: Callable[[str], None]
    walk: timedelta = timedelta(seconds=30)
    poll_every: timedelta = timedelta(seconds=2)
    idle_s: float = 4.0
    line_b: deque[tuple[datetime, Visitor]] = field(default_factory=deque)
    pairs: list[tuple[str, str, datetime]] = field(default_factory=list)
    without_pc: list[str] = field(default_factory=list)
    to_serve: int = 0
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.to_serve = len(self.line_a)

    @property
    def is_over(self) -> bool:
        """Say whether everybody who came is served."""
        return self.to_serve <= 0

    def add_visitor(self, visitor: Visitor) -> None:
        """Let somebody come who was on no list."""
        with self.lock:
            self.line_a.append(visitor)
            self.to_serve += 1

    def send_to_b(self, visitor: Visitor, *, walks: bool = True) -> None:
        """Let somebody walk to workshop B; who is there already stands first."""
        with self.lock:
            if walks:
                self.line_b.append((self.now() + self.walk, visitor))
            else:
                self.line_b.appendleft((self.now(), visitor))

    def next_at_a(self) -> Visitor | None:
        """Return who stands first at workshop A."""
        with self.lock:
            return self.line_a.popleft() if self.line_a else None

    def next_at_b(self) -> Visitor | None:
        """Return who stands first at workshop B."""
        with self.lock:
            has_come = bool(self.line_b) and self.line_b[0][0] <= self.now()
            return self.line_b.popleft()[1] if has_come else None

    def take_device(self) -> str:
        """Take the next PC from the table."""
        with self.lock:
            return self.table.popleft()

    def put_back(self, device: str) -> None:
        """Put a PC back on the table."""
        with self.lock:
            self.table.append(device)

    def note_pair(self, visitor: Visitor, device: str) -> None:
        """Note that a student left with a PC."""
        with self.lock:
            self.pairs.append((visitor.code, device, self.now()))
            self.to_serve -= 1

    def give_up(self, visitor: Visitor) -> None:
        """Let somebody go home without a PC: gone from the lycée, not concerned."""
        with self.lock:
            self.to_serve -= 1
            self.without_pc.append(visitor.code)


def work_at_a(hall: Hall, station: Station, dice: Random) -> Gestures:
    """Take charters and give pouches until everybody is served."""
    while not hall.is_over:
        station.keep_up(hall.poll_every)
        visitor = hall.next_at_a()
        if visitor is None:
            yield hall.idle_s
        elif visitor.meets(Mishap.STRAIGHT_TO_B):
            hall.send_to_b(visitor)
        else:
            yield from _receive(hall, station, visitor, dice)


def _receive(hall: Hall, station: Station, visitor: Visitor, dice: Random) -> Gestures:
    if visitor.meets(Mishap.MISREAD_AT_A):
        station.read(misread(visitor.code, dice))
        yield READ_S
    station.read(visitor.code)
    yield dice.uniform(0.6, 1.4) * CHARTER_S
    if visitor.meets(Mishap.NO_CHARTER):
        station.read(COMMAND_CODES["no_charter"])
        hall.line_a.append(visitor)  # Fills in a form, and queues again.
        return
    if visitor.mishap == Mishap.LOST_CHARTER:
        station.read(COMMAND_CODES["no_charter"])
    hall.send_to_b(visitor)


def work_at_b(hall: Hall, station: Station, dice: Random) -> Gestures:
    """Hand over PCs until everybody is served."""
    while not hall.is_over:
        station.keep_up(hall.poll_every)
        visitor = hall.next_at_b()
        if visitor is None:
            yield hall.idle_s
        else:
            yield from _hand_over(hall, station, visitor, dice)


def _hand_over(hall: Hall, station: Station, visitor: Visitor, dice: Random) -> Gestures:
    device = hall.take_device()
    yield from _before_the_student(hall, station, visitor, device, dice)
    said = station.read(visitor.code)
    yield READ_S
    if said != "student":
        hall.put_back(device)
        yield from _turn_away(hall, visitor, said)
        return
    yield from _before_the_device(hall, station, visitor, device, dice)
    said = station.read(device)
    yield dice.uniform(0.6, 1.4) * HAND_OVER_S
    if said != "ok":  # The server knew better: another station was faster, or the PC is not of this day.
        if said not in DEVICE_CODES:
            hall.put_back(device)
        yield from _turn_away(hall, visitor, said)
        return
    device = yield from _after_the_pair(hall, station, visitor, device)
    comes_again = visitor.meets(Mishap.TWICE)
    hall.note_pair(visitor, device)
    if comes_again:
        hall.send_to_b(visitor, walks=False)


def _turn_away(hall: Hall, visitor: Visitor, said: str) -> Gestures:
    if said == "charter_missing" and visitor.meets(Mishap.LOST_CHARTER):
        yield TALK_S
        hall.let_pass(visitor.code)
        hall.send_to_b(visitor)
    elif said == "charter_missing":
        hall.line_a.append(visitor)
    elif said in DEVICE_CODES:
        hall.send_to_b(visitor, walks=False)  # Another PC, then.
    elif said != "already_equipped":
        hall.give_up(visitor)


def _before_the_student(hall: Hall, station: Station, visitor: Visitor, device: str, dice: Random) -> Gestures:
    if visitor.meets(Mishap.DEVICE_FIRST):
        station.read(device)
        yield READ_S
    if visitor.meets(Mishap.MISREAD_STUDENT):
        station.read(misread(visitor.code, dice))
        yield READ_S
    if visitor.meets(Mishap.CALL):
        station.read(COMMAND_CODES["call"])
        yield TALK_S
    if visitor.mishap == Mishap.OTHER_LABEL and hall.line_b:
        visitor.meets(Mishap.OTHER_LABEL)
        station.read(hall.line_b[0][1].code)
        yield READ_S


def _before_the_device(hall: Hall, station: Station, visitor: Visitor, device: str, dice: Random) -> Gestures:
    if visitor.meets(Mishap.MISREAD_DEVICE):
        station.read(misread(device, dice))
        yield READ_S
    if visitor.meets(Mishap.STUTTER):
        station.read(visitor.code)
        yield READ_S
    if visitor.meets(Mishap.FOREIGN_DEVICE):
        station.read(hall.foreign_device)
        yield READ_S


def _after_the_pair(hall: Hall, station: Station, visitor: Visitor, device: str) -> Generator[float, None, str]:
    """Settle what shows once the PC is in the student's hands; return the PC that stays with them."""
    if visitor.meets(Mishap.WRONG_DEVICE):  # The label of the neighbour's PC was read.
        station.read(COMMAND_CODES["undo"])
        hall.put_back(device)
        device = hall.take_device()
        station.read(visitor.code)
        yield READ_S
        station.read(device)
    if visitor.meets(Mishap.FAULTY_DEVICE):
        station.read(COMMAND_CODES["device_faulty"])
        yield TALK_S
        device = hall.take_device()
        station.read(device)
    return device


@dataclass
class Clock:
    """A clock that goes as fast as it is told."""

    moment: datetime

    def now(self) -> datetime:
        """Return the moment that it shows."""
        return self.moment


def play(staff: Iterable[Gestures], clock: Clock, *, until: datetime) -> None:
    """Let everybody work side by side, gesture by gesture, until they are done or the clock has come so far."""
    turns = [(clock.moment, place, person) for place, person in enumerate(staff)]
    heapq.heapify(turns)
    while turns and turns[0][0] < until:
        clock.moment, place, person = heapq.heappop(turns)
        seconds = next(person, None)
        if seconds is not None:
            heapq.heappush(turns, (clock.moment + timedelta(seconds=seconds), place, person))
