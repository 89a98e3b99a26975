"""How a scan is judged, and what a station may answer: pure decisions on plain values.

One rule book: the answers that a station shows are prepared here before the day, and the scan that comes back is judged
here again, on what is true when it arrives.
"""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from cartable.fleet.rules import HOT_KINDS, CustodianKind


class ScanKind(StrEnum):
    """What happened at the station."""

    ARRIVAL = "arrival"
    PAIR = "pair"
    UNDO = "undo"
    NO_CHARTER = "no_charter"
    DEVICE_FAULTY = "device_faulty"
    CALL = "call"
    OPERATOR = "operator"
    REFUSED = "refused"


class Result(StrEnum):
    """What became of an uploaded scan."""

    RECORDED = "recorded"
    EXISTS = "exists"
    CONFLICT = "conflict"
    REFUSED = "refused"


class Code(StrEnum):
    """Why a scan is not taken, or what an answer says; shared by stations, pages and tests."""

    OK = "ok"
    ALREADY_ARRIVED = "already_arrived"
    CHARTER_MISSING = "charter_missing"
    NOT_ELIGIBLE = "not_eligible"
    ALREADY_EQUIPPED = "already_equipped"
    ALREADY_HELD = "already_held"
    DEVICE_UNKNOWN = "device_unknown"
    STUDENT_UNKNOWN = "student_unknown"
    OTHER_SCHOOL = "other_school"
    OTHER_DAY = "other_day"
    NOT_THIS_DAY = "not_this_day"
    FAULTY = "faulty"
    HOT = "hot"
    GONE = "gone"
    CUSTODY_HAS_MOVED = "custody_has_moved"
    NOTHING_TO_UNDO = "nothing_to_undo"
    ID_REUSED = "id_reused"
    UNREADABLE = "unreadable"
    DAY_CLOSED = "day_closed"


# Kept as they are: they change nothing, so there is nothing to judge.
NOTES = frozenset({ScanKind.CALL, ScanKind.OPERATOR, ScanKind.REFUSED})
# Two claims that cannot both be true: a human rules (a refusal is one claim against a rule).
CONFLICTS = frozenset({Code.ALREADY_EQUIPPED, Code.ALREADY_HELD, Code.CUSTODY_HAS_MOVED})


@dataclass(frozen=True)
class ScanRecord:
    """A scan as a station sent it; codes are normalised, times carry a zone."""

    id: UUID
    sequence: int
    kind: ScanKind
    happened_at: datetime
    student_code: str = ""
    device_code: str = ""
    local_code: str = ""
    raw: str = ""


@dataclass(frozen=True)
class StudentFacts:
    """A student as the day knows them now."""

    student_id: int
    custodian_id: int
    code: str
    passage_id: int
    is_expected: bool
    is_gone: bool
    arrived: bool
    charter_proof_id: int | None
    has_override: bool
    held_device_code: str | None
    signer_kind: str = "guardian"


@dataclass(frozen=True)
class DeviceFacts:
    """A device as the ledger has it now. ``in_this_school``: its custodian counts for the school of the day."""

    device_id: int
    code: str
    custodian_id: int
    custodian_kind: CustodianKind
    in_this_school: bool
    condition: str = "fit"


@dataclass(frozen=True)
class LastAct:
    """The last arrival or pair of a station that still stands: the only one that it can undo."""

    scan_id: UUID
    kind: ScanKind
    student_code: str
    device_code: str


@dataclass(frozen=True)
class Judgement:
    """What becomes of one scan."""

    scan: ScanRecord
    result: Result
    code: Code = Code.OK
    student: StudentFacts | None = None
    device: DeviceFacts | None = None
    undoes: LastAct | None = None


def answer_at_a(student: StudentFacts) -> Code:
    """Return what workshop A answers to a student's label."""
    if student.is_gone:
        return Code.GONE
    if student.held_device_code:
        return Code.ALREADY_EQUIPPED
    if not student.is_expected:
        return Code.NOT_ELIGIBLE
    return Code.ALREADY_ARRIVED if student.arrived else Code.OK


def answer_at_b(student: StudentFacts) -> Code:
    """Return what workshop B answers to a student's label: no charter, no PC."""
    if student.is_gone:
        return Code.GONE
    if student.held_device_code:
        return Code.ALREADY_EQUIPPED
    if not student.is_expected:
        return Code.NOT_ELIGIBLE
    if student.charter_proof_id is None and not student.has_override:
        return Code.CHARTER_MISSING
    return Code.OK


def answer_for_device(device: DeviceFacts) -> Code:
    """Return what workshop B answers to a PC's label."""
    if device.custodian_kind in HOT_KINDS:
        return Code.HOT
    if device.custodian_kind == CustodianKind.STUDENT:
        return Code.ALREADY_HELD
    if not device.in_this_school:
        return Code.OTHER_SCHOOL
    if device.custodian_kind == CustodianKind.SCHOOL_BENCH or device.condition != "fit":
        return Code.FAULTY
    if device.custodian_kind != CustodianKind.SCHOOL_ALLOTMENT:
        return Code.NOT_THIS_DAY
    return Code.OK


@dataclass
class DayFacts:
    """All that judging a batch needs, read at once; judging a scan updates it for the next one.

    ``aliases`` lead from the label of a merged record to the code of whoever stays.
    """

    students: dict[str, StudentFacts]
    devices: dict[str, DeviceFacts]
    allotment_id: int
    bench_id: int
    last_act: LastAct | None = None
    day_is_open: bool = True
    existing: dict[UUID, tuple[Result, str]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    def student(self, label: str) -> StudentFacts | None:
        """Return whom a label names."""
        return self.students.get(self.aliases.get(label, label))


def judge(scan: ScanRecord, facts: DayFacts) -> Judgement:
    """Judge one scan on the facts, and carry its effect into them.

    A pair repeated exactly (same student, same PC) is recorded and changes nothing: green, "déjà fait" (B29).
    """
    if scan.kind in NOTES:
        return Judgement(
            scan,
            Result.RECORDED,
            student=facts.student(scan.student_code),
            device=facts.devices.get(scan.device_code),
        )
    if not facts.day_is_open:
        student, device = facts.student(scan.student_code), facts.devices.get(scan.device_code)
        return Judgement(scan, Result.REFUSED, Code.DAY_CLOSED, student, device)
    return _JUDGES[scan.kind](scan, facts)


def _refused(scan: ScanRecord, code: Code, student: StudentFacts | None, device: DeviceFacts | None) -> Judgement:
    result = Result.CONFLICT if code in CONFLICTS else Result.REFUSED
    return Judgement(scan, result, code, student, device)


def _judge_arrival(scan: ScanRecord, facts: DayFacts) -> Judgement:
    student = facts.student(scan.student_code)
    if student is None:
        return _refused(scan, Code.STUDENT_UNKNOWN, None, None)
    code = answer_at_a(student)
    if code == Code.ALREADY_ARRIVED:
        return Judgement(scan, Result.RECORDED, code, student)
    if code != Code.OK:
        return _refused(scan, code, student, None)
    # Facts stay those before the scan in the judgement: the writer needs to know what to change.
    facts.students[student.code] = replace(student, arrived=True, charter_proof_id=student.charter_proof_id or -1)
    facts.last_act = LastAct(scan.id, scan.kind, student.code, "")
    return Judgement(scan, Result.RECORDED, Code.OK, student)


def _judge_pair(scan: ScanRecord, facts: DayFacts) -> Judgement:
    student, device = facts.student(scan.student_code), facts.devices.get(scan.device_code)
    if student is None:
        return _refused(scan, Code.STUDENT_UNKNOWN, None, device)
    if device is None:
        return _refused(scan, Code.DEVICE_UNKNOWN, student, None)
    if device.custodian_id == student.custodian_id:
        return Judgement(scan, Result.RECORDED, Code.ALREADY_EQUIPPED, student, device)
    for code in (answer_at_b(student), answer_for_device(device)):
        if code != Code.OK:
            return _refused(scan, code, student, device)
    facts.students[student.code] = replace(student, held_device_code=device.code)
    facts.devices[scan.device_code] = replace(
        device, custodian_id=student.custodian_id, custodian_kind=CustodianKind.STUDENT
    )
    facts.last_act = LastAct(scan.id, scan.kind, student.code, device.code)
    return Judgement(scan, Result.RECORDED, Code.OK, student, device)


def _judge_undo(scan: ScanRecord, facts: DayFacts) -> Judgement:
    last, student = facts.last_act, facts.student(scan.student_code)
    device = facts.devices.get(scan.device_code)
    if last is None or student is None or last.student_code != student.code:
        return _refused(scan, Code.NOTHING_TO_UNDO, student, device)
    if last.kind == ScanKind.PAIR:
        if device is None or device.code != last.device_code:
            return _refused(scan, Code.NOTHING_TO_UNDO, student, device)
        if device.custodian_id != student.custodian_id:
            return _refused(scan, Code.CUSTODY_HAS_MOVED, student, device)
        facts.students[student.code] = replace(student, held_device_code=None)
        facts.devices[scan.device_code] = replace(
            device, custodian_id=facts.allotment_id, custodian_kind=CustodianKind.SCHOOL_ALLOTMENT
        )
    elif student.held_device_code:
        # The student already went through B: the charter is the ground that the PC stands on.
        return _refused(scan, Code.ALREADY_EQUIPPED, student, None)
    else:
        facts.students[student.code] = replace(student, arrived=False, charter_proof_id=None)
    facts.last_act = None
    return Judgement(scan, Result.RECORDED, Code.OK, student, device, undoes=last)


def _judge_device_faulty(scan: ScanRecord, facts: DayFacts) -> Judgement:
    device = facts.devices.get(scan.device_code)
    if device is None:
        return _refused(scan, Code.DEVICE_UNKNOWN, None, None)
    code = answer_for_device(device)
    if code == Code.FAULTY and device.custodian_kind == CustodianKind.SCHOOL_BENCH:
        return Judgement(scan, Result.RECORDED, Code.FAULTY, None, device)
    if code not in {Code.OK, Code.FAULTY}:
        return _refused(scan, code, None, device)
    facts.devices[scan.device_code] = replace(
        device, custodian_id=facts.bench_id, custodian_kind=CustodianKind.SCHOOL_BENCH, condition="faulty"
    )
    return Judgement(scan, Result.RECORDED, Code.OK, facts.student(scan.student_code), device)


_JUDGES = {
    ScanKind.ARRIVAL: _judge_arrival,
    ScanKind.PAIR: _judge_pair,
    ScanKind.UNDO: _judge_undo,
    # The card "Sans charte" takes back the last arrival of the station: the same act, under another name.
    ScanKind.NO_CHARTER: _judge_undo,
    ScanKind.DEVICE_FAULTY: _judge_device_faulty,
}


def judge_batch(scans: Sequence[ScanRecord], facts: DayFacts) -> list[Judgement]:
    """Judge scans in the order of their station's sequence; an id that is known already is not judged again."""
    judgements = []
    seen: set[UUID] = set()
    for scan in sorted(scans, key=lambda scan: scan.sequence):
        if scan.id not in facts.existing and scan.id not in seen:
            seen.add(scan.id)
            judgements.append(judge(scan, facts))
    return judgements


def believed_at(
    happened_at: datetime, *, opened_at: datetime | None, now: datetime, skew_ms: int | None = None
) -> datetime:
    """Return a station's time, without the skew of its clock where that is known, if it can be true; else now.

    It can be between the opening of the day and now. Its clock is kept as declared in the scan; what charters, paces and
    reports say must not follow a clock of 1970.
    """
    at = happened_at - timedelta(milliseconds=skew_ms or 0)
    return at if (opened_at is None or opened_at <= at) and at <= now else now


def in_their_order(scans: Sequence[ScanRecord], *, known_before: Set[int]) -> list[ScanRecord]:
    """Return the scans that can be judged now: each follows one that is known, or that comes with it, or is the first.

    A station's events mean something in their order only (an undo after its pair): one that comes before its
    predecessor waits at the station, and is sent again.
    """
    taken: list[ScanRecord] = []
    reached = {0} | known_before
    for scan in sorted(scans, key=lambda scan: scan.sequence):
        if scan.sequence - 1 in reached:
            reached.add(scan.sequence)
            taken.append(scan)
    return taken


def passing_times(
    *, class_sizes: Iterable[tuple[str, int]], starts_at: datetime, target_per_hour: int
) -> dict[str, datetime]:
    """Return when each class comes: one after the other at the pace of the site, on round five minutes."""
    times, passed = {}, 0
    for division, size in class_sizes:
        minutes = int(passed * 60 / target_per_hour) // 5 * 5
        times[division] = starts_at + timedelta(minutes=minutes)
        passed += size
    return times


def first_passing_time() -> time:
    """Return when a day starts where nobody says otherwise."""
    return time(8, 30)


def rate_per_hour(recent_count: int, window_minutes: int = 10) -> int:
    """Return PCs per hour from the check-outs of the last minutes (SCANNING 2.7: last 10 min × 6)."""
    return round(recent_count * 60 / window_minutes)


# Beyond a working day a forecast only says that the line has not started, or has stopped.
LONGEST_FORECAST = timedelta(hours=10)


def forecast_end(*, now: datetime, remaining: int, rate: int) -> datetime | None:
    """Return when the last student leaves at the present pace; None while there is no pace worth the name."""
    if remaining <= 0 or rate <= 0:
        return None
    ahead = timedelta(minutes=remaining * 60 / rate)
    return now + ahead if ahead <= LONGEST_FORECAST else None
