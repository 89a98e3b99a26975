"""A plain model of the day: what the server must answer to each upload, written a second time and without a database.

It is told each request in the order in which the server met it, and answers as docs/protocol.md and the rules of the day
say. Where the two differ, one of them is wrong.
"""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Self

from cartable.simulation.faults.station import Row

ALLOTMENT, BENCH, ELSEWHERE = "allotment", "bench", "elsewhere"
Verdict = tuple[str, str]
RECORDED: Verdict = ("recorded", "")
_ACTS = frozenset({"arrival", "pair", "undo", "no_charter"})
_CONFLICTS = frozenset({"already_equipped", "already_held", "custody_has_moved"})
_CONTENT = ("kind", "student_code", "device_code", "sequence")


@dataclass(frozen=True)
class Known:
    """A scan that was judged."""

    station: int
    content: tuple[object, ...]
    verdict: Verdict

    @property
    def kind(self) -> str:
        """Return what kind of act it was."""
        return str(self.content[0])

    @property
    def sequence(self) -> int:
        """Return its place among its station's events."""
        return int(str(self.content[3]))


@dataclass
class Books:
    """Who is expected, who came, who holds which PC, and what each station did last."""

    expected: set[str]
    holder: dict[str, str]
    arrived: set[str] = field(default_factory=set)
    scans: dict[str, Known] = field(default_factory=dict)
    is_closed: bool = False
    # Pairs refused for want of a charter: the student left with the PC on the sight of a pouch.
    left_on_a_pouch: set[tuple[str, str]] = field(default_factory=set)
    settled: set[str] = field(default_factory=set)

    def copy(self) -> Self:
        """Return the books as they are now, for a database that is set back to this moment."""
        return deepcopy(self)

    def pc_of(self, student: str) -> str | None:
        """Return the PC that a student holds."""
        return next((tag for tag, holder in self.holder.items() if holder == student), None)

    def let_keep(self, student: str, tag: str) -> bool:
        """Give a PC to whoever left with it on the sight of a pouch, now that workshop A has spoken; say whether that is right."""
        is_right = (
            (student, tag) in self.left_on_a_pouch
            and student in self.arrived
            and self.pc_of(student) is None
            and self.holder[tag] == ALLOTMENT
        )
        self.holder[tag] = student
        return is_right

    def upload(self, station: int, events: Iterable[Row]) -> dict[str, Verdict]:
        """Judge a batch in the order of its sequences; return the verdict on each id that is taken.

        An event is taken when the one before it is known or comes with it; one that comes too early waits.
        """
        reached = {0} | {scan.sequence for scan in self.scans.values() if scan.station == station}
        verdicts = {}
        for event in sorted(events, key=lambda event: int(event["sequence"])):
            if event["sequence"] - 1 in reached:
                reached.add(event["sequence"])
                verdicts[event["id"]] = self._met(station, event)
        return verdicts

    def _met(self, station: int, event: Row) -> Verdict:
        content = tuple(event.get(name, "") for name in _CONTENT)
        known = self.scans.get(event["id"])
        if known is not None:
            return (
                ("exists", known.verdict[1])
                if (known.station, known.content) == (station, content)
                else _refused("id_reused")
            )
        verdict = self._judged(station, event)
        self.scans[event["id"]] = Known(station, content, verdict)
        return verdict

    def _judged(self, station: int, event: Row) -> Verdict:
        kind, student, device = event["kind"], event.get("student_code", ""), event.get("device_code", "")
        if kind in {"call", "refused", "operator"}:
            return RECORDED
        if self.is_closed:
            return _refused("day_closed")
        if kind == "arrival":
            return self._arrival(student)
        if kind == "pair":
            return self._pair(student, device)
        if kind == "device_faulty":
            return self._faulty(device)
        return self._undo(station, int(event["sequence"]), student, device)

    def _arrival(self, student: str) -> Verdict:
        if student not in self.expected:
            return _refused("student_unknown")
        if self.pc_of(student):
            return _refused("already_equipped")
        if student in self.arrived:
            return ("recorded", "already_arrived")
        self.arrived.add(student)
        return RECORDED

    def _pair(self, student: str, device: str) -> Verdict:
        if student not in self.expected:
            return _refused("student_unknown")
        if device not in self.holder:
            return _refused("device_unknown")
        if self.holder[device] == student:
            return ("recorded", "already_equipped")
        if self.pc_of(student):
            return _refused("already_equipped")
        if student not in self.arrived:
            self.left_on_a_pouch.add((student, device))
            return _refused("charter_missing")
        if self.holder[device] != ALLOTMENT:
            return _refused(self._stands_in_the_way(device))
        self.holder[device] = student
        return RECORDED

    def _faulty(self, device: str) -> Verdict:
        if device not in self.holder:
            return _refused("device_unknown")
        if self.holder[device] == BENCH:
            return ("recorded", "faulty")
        if self.holder[device] != ALLOTMENT:
            return _refused(self._stands_in_the_way(device))
        self.holder[device] = BENCH
        return RECORDED

    def _stands_in_the_way(self, device: str) -> str:
        return {BENCH: "faulty", ELSEWHERE: "not_this_day"}.get(self.holder[device], "already_held")

    def _undo(self, station: int, sequence: int, student: str, device: str) -> Verdict:
        last = self._last_act(station, sequence)
        if last is None or last.content[1] != student:
            return _refused("nothing_to_undo")
        if last.kind == "pair":
            if last.content[2] != device:
                return _refused("nothing_to_undo")
            if self.holder[device] != student:
                return _refused("custody_has_moved")
            self.holder[device] = ALLOTMENT
        elif self.pc_of(student):
            return _refused("already_equipped")
        else:
            self.arrived.discard(student)
        return RECORDED

    def _last_act(self, station: int, before: int) -> Known | None:
        """Return the arrival or pair that this station takes back: its last act before, unless that took one back.

        Before in the station's own order, whatever came later to the server.
        """
        acts = [
            scan for scan in self.scans.values()
            if scan.station == station and scan.verdict == RECORDED and scan.kind in _ACTS and scan.sequence < before
        ]  # fmt: skip
        last = max(acts, key=lambda scan: scan.sequence, default=None)
        return last if last and last.kind in {"arrival", "pair"} else None


def _refused(code: str) -> Verdict:
    return ("conflict" if code in _CONFLICTS else "refused", code)
