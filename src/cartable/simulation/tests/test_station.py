"""The station without a screen says what the page's station says (SCANNING 2.5)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from cartable.kernel.codes import COMMAND_CODES, label_code
from cartable.simulation.station import Row, Station

NOW = datetime(2026, 9, 15, 8, 0, tzinfo=UTC)
LEA, RAYAN = label_code("E", 1), label_code("E", 2)
PC, OTHER_PC = label_code("P", 1), label_code("P", 2)


class Memory:
    """A server that records everything, unless told what to refuse."""

    def __init__(self) -> None:
        self.kept: list[Row] = []
        self.refuses = ""

    def day(self) -> Row:
        """Two students, one of whom brought a charter, and two PCs."""
        students = [
            {"c": LEA, "a": "already_arrived", "b": "ok"},
            {"c": RAYAN, "a": "ok", "b": "charter_missing"},
        ]
        devices = [{"c": PC, "s": "5CG6AQWZM1", "v": "ok"}, {"c": OTHER_PC, "s": "5CG6AQWZM2", "v": "ok"}]
        return {"station": {"next_sequence": 1}, **self._rows(students, devices)}

    def changes(self, cursor: str, *, sequence: int, workshop: str, clock: datetime) -> Row:
        """Nothing."""
        return self._rows([], [])

    def send(self, scans: Sequence[Row]) -> list[Row]:
        """Record, or refuse."""
        self.kept += scans
        result = "refused" if self.refuses else "recorded"
        return [{"id": scan["id"], "result": result, "code": self.refuses} for scan in scans]

    def _rows(self, students: list[Row], devices: list[Row]) -> Row:
        return {"cursor": "1", "students": students, "devices": devices}


def station(workshop: str) -> tuple[Station, Memory]:
    """Return a loaded station and its server."""
    memory = Memory()
    one = Station(memory, workshop, lambda: NOW, uuid4)
    one.load()
    return one, memory


def kinds(memory: Memory) -> list[str]:
    """Return what was sent."""
    return [f"{scan['kind']}:{scan['code']}" if "code" in scan else scan["kind"] for scan in memory.kept]


def test_an_arrival_is_one_read_and_a_pair_is_two() -> None:
    a, at_a = station("A")
    assert a.read(RAYAN) == "ok"
    b, at_b = station("B")
    assert [b.read(LEA), b.read("5CG6AQWZM1")] == ["student", "ok"]
    assert (kinds(at_a), kinds(at_b)) == (["arrival"], ["pair"])
    assert at_b.kept[0]["device_code"] == PC


@pytest.mark.parametrize(
    ("reads", "said", "sent"),
    [
        ([PC], "student_expected", ["refused:student_expected"]),
        ([RAYAN], "charter_missing", ["refused:charter_missing"]),
        (["E0000000199"], "misread", ["refused:misread"]),
        ([label_code("E", 9)], "student_unknown", ["refused:student_unknown"]),
        ([LEA, label_code("P", 9)], "device_unknown", ["refused:device_unknown"]),
        ([LEA, LEA], "again", []),
        ([LEA, PC, PC], "again", ["pair"]),
        ([LEA, PC, LEA], "already_equipped", ["pair", "refused:already_equipped"]),
        ([LEA, COMMAND_CODES["undo"]], "dropped", []),
        ([LEA, PC, COMMAND_CODES["undo"]], "undone", ["pair", "undo"]),
        ([LEA, PC, COMMAND_CODES["device_faulty"], OTHER_PC], "ok", ["pair", "undo", "device_faulty", "pair"]),
        ([COMMAND_CODES["device_faulty"], PC], "set_aside", ["device_faulty"]),
        ([COMMAND_CODES["call"]], "called", ["call"]),
    ],
)
def test_each_case_of_workshop_B_gives_its_verdict_and_its_events(reads: list[str], said: str, sent: list[str]) -> None:
    b, memory = station("B")
    assert [b.read(text) for text in reads][-1] == said
    assert kinds(memory) == sent
    assert b.gesture_count == len(reads)


def test_the_card_sans_charte_takes_the_last_arrival_back() -> None:
    a, memory = station("A")
    a.read(RAYAN)
    assert a.read(COMMAND_CODES["no_charter"]) == "no_charter"
    assert kinds(memory) == ["arrival", "no_charter"]
    assert a.students[RAYAN]["b"] == "charter_missing"


def test_a_student_whom_the_server_refuses_afterwards_leaves_the_pc_to_the_next() -> None:
    b, memory = station("B")
    b.read(LEA)
    memory.refuses = "already_equipped"
    assert b.read(PC) == "already_equipped"
    assert b.late_refusals == ["already_equipped"]
    assert (b.students[LEA]["b"], b.devices[PC]["v"]) == ("already_equipped", "ok")


def test_a_pc_that_the_server_refuses_afterwards_leaves_the_student_to_another_pc() -> None:
    b, memory = station("B")
    b.read(LEA)
    memory.refuses = "already_held"
    assert b.read(PC) == "already_held"
    memory.refuses = ""
    assert [b.read(LEA), b.read(PC), b.read(OTHER_PC)] == ["student", "already_held", "ok"]


def test_a_station_asks_for_changes_no_more_often_than_it_is_told() -> None:
    b, _ = station("B")
    asked: list[str] = []
    answered = b.road.changes
    b.road.changes = lambda cursor, **stand: asked.append(cursor) or answered(cursor, **stand)  # type: ignore[method-assign, func-returns-value]
    b.keep_up(timedelta(seconds=2))
    b.keep_up(timedelta(seconds=2))
    assert asked == ["1"]
