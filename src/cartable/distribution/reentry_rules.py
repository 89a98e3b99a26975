"""How a line of a paper sheet, typed in again, becomes what a station would have seen. Pure: texts and facts in, scans out.

The student first, then the PC: the fields are strict, so that one forgotten code turns one line red instead of shifting
every PC that follows.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from cartable.distribution.rules import Code, ScanKind, ScanRecord, StudentFacts, answer_at_a
from cartable.kernel.codes import DEVICE_LETTER, STUDENT_LETTER, InvalidLabelCode, LabelCode, parse_label_code

MOST_LINES = 500
PARIS = ZoneInfo("Europe/Paris")
WITHOUT_DEVICE = frozenset({"SANS", "-", "—", "0", "NON", "NONE"})
# What a scanner set to an American keyboard types on a French computer: the digit row without Shift.
_FRENCH_ROW = str.maketrans("&é\"'(-è_çà", "1234567890")
_CLOCK = re.compile(r"(\d{1,2})\s*[:hH.]?\s*(\d{2})")
_SERIAL = re.compile(r"[A-Z0-9][A-Z0-9-]{3,29}")


class LineUnread(ValueError):
    """The line says nothing that can be recorded; ``code`` says why. Nothing is kept: it is on the paper."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class TypedLine:
    """A line as somebody typed, scanned or pasted it."""

    student: str
    device: str = ""
    clock: str = ""
    has_charter: bool = True
    is_without_device: bool = False


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A line that was read: who, which PC (or none), when, and whether the charter came with it."""

    student_code: str
    device_code: str
    happened_at: datetime
    has_charter: bool = True


def read_line(typed: TypedLine, *, held_on: date, sheet_clock: time | None, now: datetime) -> PaperLine:
    """Read a typed line of a day; raise LineUnread. Without a time of its own it has that of its sheet, else now."""
    student = _student_code(typed.student)
    device = "" if typed.is_without_device else _device_code(typed.device)
    if not device and not typed.is_without_device:
        raise LineUnread("device_missing")
    if not device and not typed.has_charter:
        raise LineUnread("nothing_to_record")
    clock = read_clock(typed.clock) or sheet_clock
    happened_at = datetime.combine(held_on, clock, PARIS) if clock else now
    if happened_at > now:
        raise LineUnread("time_to_come")
    return PaperLine(student, device, happened_at, typed.has_charter)


def _label(text: str, letter: str) -> LabelCode | None:
    """Return the code that a text is, with its letter or without (a sheet prints the letter already)."""
    plain = "".join(text.split())
    # As it stands, then as a French keyboard turned it: check digits say which one was meant.
    for spelled in (plain, plain.translate(_FRENCH_ROW)):
        for candidate in (spelled, letter + spelled):
            try:
                return parse_label_code(candidate)
            except InvalidLabelCode:
                continue
    return None


def _student_code(text: str) -> str:
    if not text.strip():
        raise LineUnread("student_missing")
    code = _label(text, STUDENT_LETTER)
    if code is None:
        raise LineUnread("student_misread")
    if code.letter == DEVICE_LETTER:
        raise LineUnread("device_before_student")
    if code.letter != STUDENT_LETTER:
        raise LineUnread("student_misread")
    return str(code)


def _device_code(text: str) -> str:
    plain = "".join(text.split()).upper()
    if not plain:
        return ""
    code = _label(text, DEVICE_LETTER)
    if code is not None and code.letter == STUDENT_LETTER:
        raise LineUnread("student_instead_of_device")
    if code is not None and code.letter == DEVICE_LETTER:
        return str(code)
    # Ten digits, with or without P, are a label whose check digits disagree; anything else may be a serial number.
    if re.fullmatch(r"P?\d{9,11}", plain) or not _SERIAL.fullmatch(plain):
        raise LineUnread("device_misread")
    return plain


def read_clock(text: str) -> time | None:
    """Return a time as people write it (8:42, 8h42, 842); None for nothing written. Raises LineUnread."""
    if not text.strip():
        return None
    found = _CLOCK.fullmatch(text.strip())
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise LineUnread("time_misread")
    return time(int(found[1]), int(found[2]))


def pasted_lines(text: str, *, has_charter: bool) -> Iterator[TypedLine]:
    """Yield the lines of a sheet pasted from a spreadsheet: student, PC, and a time where there is a third column.

    A first line without any digit is the heading. "sans" in the column of PCs means that only the charter came.
    """
    rows = [row for row in text.splitlines() if row.strip()]
    for place, row in enumerate(rows):
        if place == 0 and not any(character.isdecimal() for character in row):
            continue
        cells = [cell.strip().strip('"') for cell in _cells(row)]
        student, device, clock = (*cells, "", "", "")[:3]
        is_without = device.upper() in WITHOUT_DEVICE
        yield TypedLine(student, "" if is_without else device, clock, has_charter, is_without)


def _cells(row: str) -> list[str]:
    for separator in ("\t", ";", ","):
        if separator in row:
            return row.split(separator)
    words = row.split()
    # Codes may be written in groups, "E 4820 1573 69": then only a separator tells columns apart.
    return words if len(words) <= 3 and len(words[0]) > 1 else [row]


def scans_of(
    lines: Sequence[tuple[UUID, PaperLine]],
    *,
    student: Callable[[str], StudentFacts | None],
    known_sequences: Mapping[UUID, int],
    first_sequence: int,
) -> list[list[ScanRecord]]:
    """Return the scans of each line: an arrival where workshop A would have taken it, then the pair.

    The ids come from the line's own id and content: a line sent twice makes the same scans, with the sequence that they
    have already. A student whom A would have stopped makes a pair only: one contradiction, not two.
    """
    sequence, arrived, made = first_sequence, set[str](), []
    for line_id, line in lines:
        scans = []
        for kind in _acts(line, student(line.student_code), arrived):
            device = line.device_code if kind == ScanKind.PAIR else ""
            scan_id = act_id(line_id, kind, line)
            place = known_sequences.get(scan_id)
            if place is None:
                place, sequence = sequence, sequence + 1
            scans.append(ScanRecord(scan_id, place, kind, line.happened_at, line.student_code, device))
        made.append(scans)
    return made


def act_id(line_id: UUID, kind: ScanKind, line: PaperLine) -> UUID:
    """Return the id of what a line did."""
    return uuid5(line_id, f"{kind} {line.student_code} {line.device_code if kind == ScanKind.PAIR else ''}")


def _acts(line: PaperLine, facts: StudentFacts | None, arrived: set[str]) -> Iterable[ScanKind]:
    if not line.device_code:
        return [ScanKind.ARRIVAL]
    can_arrive = facts is not None and answer_at_a(facts) == Code.OK and facts.code not in arrived
    if not line.has_charter or not can_arrive:
        return [ScanKind.PAIR]
    assert facts is not None
    arrived.add(facts.code)
    return [ScanKind.ARRIVAL, ScanKind.PAIR]
