"""Say of each line of another tool's fleet who answers for the PC when the books are opened. Pure.

A student by INE, else by names and birth date within the lycée that the line names; never on names alone. What is
doubtful about the PC is refused, what is doubtful about its holder is queued; neither holds up the others.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from cartable.fleet.rules import SCHOOL_KINDS, Condition, CustodianKind
from cartable.kernel.names import folded, unfit_character
from cartable.rosters.rules.takeover_lines import CONDITION_OF_WORD, KIND_OF_WORD, TakenLine, day_of, name_forms
from cartable.supply.rules import AcceptedLine, LineCode, NoteLine
from cartable.supply.rules import identifiers as identifiers_of_notes
from cartable.supply.rules import judge as judge_devices

LONGEST_LOT = 60


class TakeoverCode(StrEnum):
    """Why a line stays out, beside what supply's `LineCode` says of the PC itself."""

    LOT_MISSING = "lot_missing"
    LOT_UNFIT = "lot_unfit"
    SCHOOL_MISSING = "school_missing"
    SCHOOL_UNKNOWN = "school_unknown"
    STATE_MISSING = "state_missing"
    STATE_UNKNOWN = "state_unknown"
    REPAIRER_UNNAMED = "repairer_unnamed"
    CONDITION_UNKNOWN = "condition_unknown"
    DATE_MISREAD = "date_misread"
    DATE_TO_COME = "date_to_come"
    HOLDER_MISSING = "holder_missing"
    NAMES_ONLY = "names_only"
    STUDENT_UNKNOWN = "student_unknown"
    SEVERAL_STUDENTS = "several_students"
    INE_DISAGREES = "ine_disagrees"
    STUDENT_TWICE = "student_twice"
    STUDENT_HOLDS = "student_holds"


C = TakeoverCode
QUEUE_CODES = frozenset(
    {C.HOLDER_MISSING, C.NAMES_ONLY, C.STUDENT_UNKNOWN, C.SEVERAL_STUDENTS, C.INE_DISAGREES, C.STUDENT_TWICE,
     C.STUDENT_HOLDS}
)  # fmt: skip
ALL_CODES = tuple(dict.fromkeys([*map(str, LineCode), *map(str, TakeoverCode)]))


class KnownHolder(NamedTuple):
    """A student who may hold a PC; `names` are the spellings to compare, `uai` the lycée that the account counts for."""

    student_id: int
    custodian_id: int
    names: frozenset[str]
    birth_on: date | None
    ine_fingerprint: bytes | None
    uai: str
    holds: bool


@dataclass(frozen=True)
class Park:
    """What is known already: PCs, lycées, students; and what was said for lines that say nothing."""

    known_serials: AbstractSet[str]
    known_tags: AbstractSet[str]
    uais: AbstractSet[str]
    today: date
    default_model: str = ""
    default_lot: str = ""
    has_repairer: bool = False
    by_ine: Mapping[bytes, Sequence[KnownHolder]] = field(default_factory=dict)
    by_birth: Mapping[tuple[str, date], Sequence[KnownHolder]] = field(default_factory=dict)


class Place(NamedTuple):
    """Where a line counts: lot, lycée, account; empty where the line does not say it."""

    lot: str
    uai: str
    kind: str


class Opening(NamedTuple):
    """One PC that enters, and who answers for it."""

    device: AcceptedLine
    place: Place
    kind: CustodianKind
    holder: KnownHolder | None
    condition: Condition
    held_since: date | None


class WaitingLine(NamedTuple):
    """One line that stays out: refused, or queued for its holder; `other_line` is the one it repeats."""

    said: TakenLine
    place: Place
    code: str
    is_queued: bool
    other_line: int | None = None


@dataclass(frozen=True)
class TakeoverJudgement:
    """What becomes of each line of a file."""

    entered: tuple[Opening, ...]
    waiting: tuple[WaitingLine, ...]

    def tallies(self) -> dict[Place, "Tally"]:
        """Count the lines by place: what was read is what enters, waits, or is refused."""
        counts: dict[Place, list[int]] = {}
        for opening in self.entered:
            counts.setdefault(opening.place, [0, 0, 0])[0] += 1
        for waiting in self.waiting:
            counts.setdefault(waiting.place, [0, 0, 0])[1 if waiting.is_queued else 2] += 1
        return {place: Tally(sum(three), *three) for place, three in sorted(counts.items())}


class Tally(NamedTuple):
    """How many lines of a place were read, enter, are queued, are refused."""

    read: int
    entered: int
    queued: int
    refused: int


def judge_takeover(
    lines: Sequence[TakenLine], park: Park, *, chosen: Mapping[int, KnownHolder] | None = None
) -> TakeoverJudgement:
    """Say for each line whether its PC enters, and with whom. `chosen` says by line whom a human named."""
    devices = judge_devices(
        [_as_note_line(said) for said in lines],
        default_model=park.default_model, known_serials=park.known_serials, known_tags=park.known_tags,
    )  # fmt: skip
    refusals = {refused.said.line: refused for refused in devices.refused}
    accepted = {device.line: device for device in devices.accepted}
    openings: list[Opening] = []
    waiting: list[WaitingLine] = []
    for said in lines:
        place = _place(said, park)
        if said.line in refusals:
            refusal = refusals[said.line]
            waiting.append(WaitingLine(said, place, str(refusal.code), False, refusal.other_line))
            continue
        judged = _opened(said, accepted[said.line], place, park, (chosen or {}).get(said.line))
        if isinstance(judged, TakeoverCode):
            waiting.append(WaitingLine(said, place, str(judged), judged in QUEUE_CODES))
        else:
            openings.append(judged)
    said_of = {said.line: said for said in lines}
    kept, doubled = _one_device_each(openings, said_of)
    return TakeoverJudgement(tuple(kept), tuple(sorted([*waiting, *doubled], key=lambda one: one.said.line)))


def identifiers(lines: Sequence[TakenLine]) -> tuple[list[str], list[str]]:
    """Return the serial numbers and asset tags of a file, as they are looked up in the park."""
    return identifiers_of_notes(map(_as_note_line, lines))


def _as_note_line(said: TakenLine) -> NoteLine:
    return NoteLine(said.line, said.serial, said.model, said.asset_tag, "", "", said.has_surplus)


def _kind(said: TakenLine) -> CustodianKind | None:
    """Return who answers for the PC; a line that names a person and no place means that person."""
    names_somebody = said.ine_fingerprint or said.family_name
    if not said.state and names_somebody:
        return CustodianKind.STUDENT
    return KIND_OF_WORD.get(folded(said.state))


def _place(said: TakenLine, park: Park) -> Place:
    kind = _kind(said)
    uai = said.uai if said.uai in park.uais else ""
    return Place((said.lot or park.default_lot)[:LONGEST_LOT], uai, str(kind) if kind else "")


def _opened(
    said: TakenLine, device: AcceptedLine, place: Place, park: Park, chosen: KnownHolder | None
) -> Opening | TakeoverCode:
    kind = _kind(said)
    if fault := _own_fault(said, kind, park):
        return fault
    assert kind is not None  # _own_fault says state_missing or state_unknown.
    holder = None
    if kind == CustodianKind.STUDENT:
        found = chosen or _holder(said, park)
        if isinstance(found, TakeoverCode):
            return found
        if found.holds:
            return TakeoverCode.STUDENT_HOLDS
        holder, place = found, place._replace(uai=place.uai or found.uai)
    return Opening(device, place, kind, holder, CONDITION_OF_WORD[folded(said.condition)], day_of(said.held_since))


def _own_fault(said: TakenLine, kind: CustodianKind | None, park: Park) -> TakeoverCode | None:
    """Return what is wrong with where the line says the PC is."""
    lot, day = said.lot or park.default_lot, day_of(said.held_since)
    needs_school = kind in SCHOOL_KINDS - {CustodianKind.STUDENT}
    faults = (
        (not lot, C.LOT_MISSING),
        (len(lot) > LONGEST_LOT or unfit_character(lot) is not None, C.LOT_UNFIT),
        (kind is None and not said.state, C.STATE_MISSING),
        (kind is None, C.STATE_UNKNOWN),
        (bool(said.uai) and said.uai not in park.uais, C.SCHOOL_UNKNOWN),
        (needs_school and not said.uai, C.SCHOOL_MISSING),
        (kind == CustodianKind.REPAIRER and not park.has_repairer, C.REPAIRER_UNNAMED),
        (folded(said.condition) not in CONDITION_OF_WORD, C.CONDITION_UNKNOWN),
        (bool(said.held_since) and day is None, C.DATE_MISREAD),
        (day is not None and day > park.today, C.DATE_TO_COME),
    )
    return next((code for is_wrong, code in faults if is_wrong), None)


def _holder(said: TakenLine, park: Park) -> KnownHolder | TakeoverCode:
    """Return the student whom the line names beyond doubt, or why there is none."""
    names = name_forms((said.family_name, said.given_name))
    bearers = park.by_ine.get(said.ine_fingerprint, ()) if said.ine_fingerprint else ()
    if bearers:
        fitting = [holder for holder in bearers if _fits(said, names, holder)]
        if not fitting:
            return C.INE_DISAGREES
        return fitting[0] if len(fitting) == 1 else C.SEVERAL_STUDENTS
    if not names:
        return C.STUDENT_UNKNOWN if said.ine_fingerprint else C.HOLDER_MISSING
    if said.birth_on is None:
        return C.NAMES_ONLY
    alike = [holder for holder in park.by_birth.get((said.uai, said.birth_on), ()) if names & holder.names]
    if not alike:
        return C.STUDENT_UNKNOWN
    if len(alike) > 1:
        return C.SEVERAL_STUDENTS
    is_other = said.ine_fingerprint and alike[0].ine_fingerprint not in (None, said.ine_fingerprint)
    return C.INE_DISAGREES if is_other else alike[0]


def _fits(said: TakenLine, names: frozenset[str], holder: KnownHolder) -> bool:
    """Say whether what stands beside the INE speaks for this student; an INE alone is believed."""
    if not names and said.birth_on is None:
        return True
    return bool(names & holder.names) or (said.birth_on is not None and said.birth_on == holder.birth_on)


def _one_device_each(
    openings: Sequence[Opening], said_of: Mapping[int, TakenLine]
) -> tuple[list[Opening], list[WaitingLine]]:
    """Queue every line of a student whom several lines name: nobody guesses which PC is in the bag."""
    by_student: dict[int, list[int]] = {}
    for opening in openings:
        if opening.holder:
            by_student.setdefault(opening.holder.student_id, []).append(opening.device.line)
    kept, doubled = [], []
    for opening in openings:
        lines = by_student.get(opening.holder.student_id, ()) if opening.holder else ()
        if len(lines) < 2:
            kept.append(opening)
            continue
        line = opening.device.line
        other = next(number for number in lines if number != line)
        doubled.append(WaitingLine(said_of[line], opening.place, str(C.STUDENT_TWICE), True, other))
    return kept, doubled
