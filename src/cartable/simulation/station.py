"""A scanning station without a screen: the same answers, the same events, the same protocol as the page's.

It mirrors ``distribution/static/distribution/verdicts.js`` and ``answers.js`` in what the staff of a simulated day meet:
a lookup in the prepared list, strict order at workshop B, "not twice on this station". It evaluates no rule.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from cartable.kernel.codes import InvalidLabelCode, parse_label_code

Row = dict[str, Any]
# Card numbers of kernel.codes.COMMAND_CODES.
UNDO, NO_CHARTER, DEVICE_FAULTY, CALL = 1, 2, 3, 4
DEVICE_CODES = frozenset({"already_held", "faulty", "hot", "device_unknown", "other_school", "not_this_day"})


class Road(Protocol):
    """How a station reaches the server."""

    def day(self) -> Row:
        """Return the prepared day."""

    def changes(self, cursor: str, *, sequence: int, workshop: str, clock: datetime) -> Row:
        """Say where the station stands; return what changed since the cursor."""

    def send(self, scans: Sequence[Row]) -> list[Row]:
        """Upload scans; return one result per scan."""


@dataclass
class Station:
    """One station: its list of the day, what it waits for, what it has read so far."""

    road: Road
    workshop: str
    now: Callable[[], datetime]
    new_id: Callable[[], UUID]
    students: dict[str, Row] = field(default_factory=dict)
    devices: dict[str, Row] = field(default_factory=dict)
    cursor: str = ""
    sequence: int = 0
    gesture_count: int = 0
    refusals: list[str] = field(default_factory=list)
    late_refusals: list[str] = field(default_factory=list)
    _polled_at: datetime | None = None
    _pending: str = ""
    _awaits_faulty: bool = False
    _last_arrival: str = ""
    _last_pair: tuple[str, str] = ("", "")
    _last_code: str = ""

    def load(self) -> None:
        """Take the whole list of the day."""
        day = self.road.day()
        self.sequence = int(day["station"]["next_sequence"]) - 1
        self._merge(day)

    def keep_up(self, every: timedelta) -> None:
        """Take what changed where the last question is long enough ago; the page asks every two seconds."""
        now = self.now()
        if self._polled_at is None or now - self._polled_at >= every:
            self._polled_at = now
            self._merge(self.road.changes(self.cursor, sequence=self.sequence, workshop=self.workshop, clock=now))

    def _merge(self, content: Mapping[str, Any]) -> None:
        self.cursor = content["cursor"]
        self.students |= {row["c"]: row for row in content["students"]}
        for row in content["devices"]:
            self.devices[row["c"]] = self.devices[row["s"]] = row

    def read(self, text: str) -> str:
        """Hear one read and return what the screen says: "ok", "student", "again", "undone"…, or a refusal's code.

        What the server refuses afterwards is returned as its code as well: the panel turns red.
        """
        self.gesture_count += 1
        said = self._read(text)
        self._last_code = text
        return said

    def _read(self, text: str) -> str:
        try:
            code = parse_label_code(text)
        except InvalidLabelCode:
            return self._device(text) if text in self.devices else self._refuse("misread", raw=text[:64])
        if code.letter == "C":
            return self._command(code.number)
        if code.letter == "E":
            return self._student_at_a(text) if self.workshop == "A" else self._student_at_b(text)
        return self._device(text)

    def _student_at_a(self, code: str) -> str:
        student = self.students.get(code)
        if student is None:
            return self._refuse("student_unknown", student_code=code)
        if student["a"] == "already_arrived":
            return "again"
        if student["a"] != "ok":
            return self._refuse(student["a"], student_code=code)
        self._last_arrival = code
        student |= {"a": "already_arrived", "b": "ok"}
        return self._record("arrival", student_code=code) or "ok"

    def _student_at_b(self, code: str) -> str:
        student = self.students.get(code)
        if self._pending == code and self._last_code == code:
            return "again"
        self._pending, self._awaits_faulty = "", False
        if student is None:
            return self._refuse("student_unknown", student_code=code)
        if student["b"] != "ok":
            return self._refuse(student["b"], student_code=code)
        self._pending = code
        return "student"

    def _device(self, text: str) -> str:
        device = self.devices.get(text)
        if self.workshop == "A":
            return self._refuse("student_expected", device_code=text)
        if self._awaits_faulty:
            self._awaits_faulty = False
            return self._set_aside(device) if device else self._refuse("device_unknown", device_code=text)
        if not self._pending:
            return "again" if self._last_code == text else self._refuse("student_expected", device_code=text)
        about = {"student_code": self._pending, "device_code": device["c"] if device else text}
        if device is None:
            return self._refuse("device_unknown", **about)
        if device["v"] != "ok":
            return self._refuse(device["v"], **about)
        return self._pair(about, device)

    def _pair(self, about: dict[str, str], device: Row) -> str:
        student = self.students[self._pending]
        self._pending, self._last_pair = "", (about["student_code"], about["device_code"])
        student |= {"a": "already_equipped", "b": "already_equipped"}
        device |= {"v": "already_held"}
        refused = self._record("pair", **about)
        if refused:
            # A code about a PC is its own from now on; any other one is the student's, and the PC goes back.
            is_about_device = refused in DEVICE_CODES
            self._last_pair = ("", "")
            student |= {"b": "ok" if is_about_device else refused}
            device |= {"v": refused if is_about_device else "ok"}
        return refused or "ok"

    def _command(self, number: int) -> str:
        if number == CALL:
            self._record("call", **({"student_code": self._pending} if self._pending else {}))
            return "called"
        if number == DEVICE_FAULTY and self.workshop == "B":
            return self._device_faulty()
        if number == NO_CHARTER and self.workshop == "A" and self._last_arrival:
            code, self._last_arrival = self._last_arrival, ""
            self.students[code] |= {"a": "ok", "b": "charter_missing"}
            return self._record("no_charter", student_code=code) or "no_charter"
        return self._undo() if number == UNDO else "nothing"

    def _undo(self) -> str:
        if self._pending:
            self._pending = ""
            return "dropped"
        if self.workshop == "A" and self._last_arrival:
            code, self._last_arrival = self._last_arrival, ""
            self.students[code] |= {"a": "ok", "b": "charter_missing"}
            return self._record("undo", student_code=code) or "undone"
        student, device = self._last_pair
        if not student:
            return "nothing"
        self._take_back(student, device)
        return self._record("undo", student_code=student, device_code=device) or "undone"

    def _take_back(self, student: str, device: str) -> None:
        self._last_pair = ("", "")
        self.students[student] |= {"a": "already_arrived", "b": "ok"}
        self.devices[device] |= {"v": "ok"}

    def _device_faulty(self) -> str:
        student, device = self._last_pair
        if not student or self._pending or self._last_code != device:
            self._awaits_faulty = True
            return "which"
        # The pair on the screen is undone, and its student waits for another PC.
        self._take_back(student, device)
        self._record("undo", student_code=student, device_code=device)
        self._pending = student
        return self._set_aside(self.devices[device])

    def _set_aside(self, device: Row) -> str:
        device |= {"v": "faulty"}
        about = {"student_code": self._pending} if self._pending else {}
        return self._record("device_faulty", device_code=device["c"], **about) or "set_aside"

    def _refuse(self, code: str, **about: str) -> str:
        self.refusals.append(code)
        self._record("refused", code=code, **about)
        return code

    def _record(self, kind: str, **about: str) -> str:
        """Make an event, send it, and return the code of its refusal ("" where it is recorded)."""
        self.sequence += 1
        scan = {
            "id": str(self.new_id()), "sequence": self.sequence, "kind": kind,
            "happened_at": self.now().isoformat(), **about,
        }  # fmt: skip
        (result,) = self.road.send([scan])
        if result["id"] != scan["id"]:
            raise RuntimeError("the answer does not list the scan: nothing is acknowledged")
        if result["result"] in {"recorded", "exists"}:
            return ""
        self.late_refusals.append(result["code"])
        return str(result["code"])
