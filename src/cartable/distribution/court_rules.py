"""How a dispute may be settled, and what is proposed: pure decisions on the testimonies and on what is true now.

Nobody is believed because of a rule: the rules say which rulings the ledger can carry, and which one a person who knows
no more than this page would make. A human rules.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from cartable.distribution.rules import Code, ScanKind
from cartable.fleet.rules import HOT_KINDS, CustodianKind, Reason

_K = CustodianKind
# Two clocks are compared to the minute: their skew is measured over a network, and hands are slower than clocks.
MARGIN = timedelta(seconds=60)
# Of two claims about one subject, only one can be true.
TWICE = frozenset({Code.ALREADY_EQUIPPED, Code.ALREADY_HELD})
_ABOUT_THE_STUDENT = frozenset({Code.ALREADY_EQUIPPED, Code.NOT_ELIGIBLE, Code.GONE, Code.CHARTER_MISSING})


class Settlement(StrEnum):
    """How a dispute ends."""

    STANDS = "stands"
    CLAIM_HOLDS = "claim_holds"
    EXCHANGED = "exchanged"
    ACCEPTED = "accepted"
    SET_ASIDE = "set_aside"
    MISSING = "missing"
    IDENTIFIED = "identified"


class Because(StrEnum):
    """Why a ruling is not possible now."""

    HAS_IT_ALREADY = "has_it_already"
    STUDENT_UNKNOWN = "student_unknown"
    DEVICE_UNKNOWN = "device_unknown"
    DEVICE_IS_GONE = "device_is_gone"
    HELD_ELSEWHERE = "held_elsewhere"
    CHARTER_NEEDED = "charter_needed"
    NOBODY_TO_EXCHANGE_WITH = "nobody_to_exchange_with"
    IS_ASIDE_ALREADY = "is_aside_already"
    IS_MISSING_ALREADY = "is_missing_already"
    NOTHING_TO_TAKE_BACK = "nothing_to_take_back"


class Why(StrEnum):
    """Why a ruling is proposed."""

    TRUE_BY_NOW = "true_by_now"
    NAME_THE_CODE = "name_the_code"
    FOUND_AGAIN = "found_again"
    UNDO_IS_NEWER = "undo_is_newer"
    CROSSED = "crossed"
    READ_LAST = "read_last"
    READ_BEFORE = "read_before"
    UNDECIDABLE = "undecidable"
    KEEPS_THE_FIRST = "keeps_the_first"
    DOES_NOT_WORK = "does_not_work"
    CHARTER_CAME = "charter_came"
    CHARTER_FIRST = "charter_first"
    LIST_CHANGED = "list_changed"
    NO_RIGHT = "no_right"
    IS_HERE = "is_here"
    HANDED_AFTER_RETURN = "handed_after_return"
    CHARTER_IN_HAND = "charter_in_hand"
    NOTHING_MOVES = "nothing_moves"


class Subject(NamedTuple):
    """What a dispute is about: one of the three."""

    device_id: int | None
    student_id: int | None
    unknown_code: str


def subject_of(
    *, code: str, student_id: int | None, device_id: int | None, student_code: str, device_code: str
) -> Subject:
    """Return what a contested scan is about: the student, else the PC, else the code that nobody knows."""
    if code == Code.STUDENT_UNKNOWN:
        return Subject(None, None, student_code)
    if code == Code.DEVICE_UNKNOWN:
        return Subject(None, None, device_code)
    if student_id is not None and (device_id is None or code in _ABOUT_THE_STUDENT):
        return Subject(None, student_id, "")
    if device_id is not None:
        return Subject(device_id, None, "")
    return Subject(None, None, device_code or student_code or "?")


@dataclass(frozen=True)
class Party:
    """A student of the dispute, as things stand now."""

    student_id: int
    custodian_id: int
    passage_id: int
    is_gone: bool
    is_expected: bool
    has_charter: bool
    has_override: bool
    has_arrived: bool
    held_device_id: int | None


@dataclass(frozen=True)
class Exhibit:
    """A PC of the dispute, as the ledger has it now. ``check_out_id``: its last movement is a hand-over of this day."""

    device_id: int
    custodian_id: int
    custodian_kind: CustodianKind
    in_this_school: bool
    condition: str
    last_sequence: int
    last_reason: Reason
    from_custodian_id: int
    from_kind: CustodianKind
    check_out_id: UUID | None = None


@dataclass(frozen=True)
class Testimony:
    """One claim: a scan that was contested, or the movement that stood against it. ``at`` is without the clock's skew."""

    id: int
    at: datetime
    kind: str
    code: str = ""
    student_id: int | None = None
    device_id: int | None = None
    is_contested: bool = True


@dataclass(frozen=True)
class Accounts:
    """The accounts to which a ruling can send a PC. ``leftovers``: where the day's rest went, once it is closed."""

    allotment: int
    bench: int
    claim: int
    transit: int
    leftovers: tuple[CustodianKind, int] | None = None


@dataclass(frozen=True)
class Hearing:
    """All that a ruling needs to know, read at once."""

    testimonies: tuple[Testimony, ...]
    students: Mapping[int, Party]
    devices: Mapping[int, Exhibit]
    accounts: Accounts
    is_code_unknown: bool = False
    override_allowed: bool = True

    @property
    def contested(self) -> list[Testimony]:
        """Return the scans that were not taken, the latest first."""
        return sorted((t for t in self.testimonies if t.is_contested), key=lambda t: t.at, reverse=True)

    @property
    def standing(self) -> list[Testimony]:
        """Return the movements that stood against them, the latest first."""
        return sorted((t for t in self.testimonies if not t.is_contested), key=lambda t: t.at, reverse=True)

    def holder_of(self, device: Exhibit) -> Party | None:
        """Return the student of the dispute who holds a PC."""
        return next((p for p in self.students.values() if p.custodian_id == device.custodian_id), None)


class Step(NamedTuple):
    """One movement of a ruling. ``student_id``: whose hand-over it is."""

    device_id: int
    from_custodian_id: int
    to_custodian_id: int
    reason: Reason
    corrects: UUID | None = None
    student_id: int | None = None


@dataclass(frozen=True)
class Option:
    """One way to settle the dispute, or why it is closed now."""

    settlement: Settlement
    testimony_id: int | None = None
    student_id: int | None = None
    device_id: int | None = None
    steps: tuple[Step, ...] = ()
    takes_charter: bool = False
    withdraws_charter: bool = False
    needs_override: bool = False
    impossible: Because | None = None
    others: tuple[int, ...] = ()  # The students who must be called back.


@dataclass(frozen=True)
class Proposal:
    """What is proposed, and why."""

    option: Option
    why: Why


class _Impossible(Exception):
    def __init__(self, because: Because) -> None:
        super().__init__(because)
        self.because = because


@dataclass
class _Table:
    """The PCs as they move under a plan that is being drawn."""

    hearing: Hearing
    where: dict[int, tuple[int, CustodianKind, bool]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    def place(self, device: Exhibit) -> tuple[int, CustodianKind, bool]:
        return self.where.get(device.device_id, (device.custodian_id, device.custodian_kind, device.in_this_school))

    def move(
        self, device: Exhibit, to: tuple[int, CustodianKind, bool], reason: Reason, corrects: UUID | None = None,
        student_id: int | None = None,
    ) -> None:  # fmt: skip
        self.steps.append(Step(device.device_id, self.place(device)[0], to[0], reason, corrects, student_id))
        self.where[device.device_id] = to

    def take_from_student(self, device: Exhibit) -> None:
        """End a student's custody: a hand-over of this day was an error and is corrected, an older one is a return."""
        if device.check_out_id is not None:
            back = (device.from_custodian_id, device.from_kind, True)
            self.move(device, back, Reason.CORRECTION, corrects=device.check_out_id)
        else:
            self.move(device, self._bench, Reason.CHECK_IN)

    @property
    def _bench(self) -> tuple[int, CustodianKind, bool]:
        return (self.hearing.accounts.bench, _K.SCHOOL_BENCH, True)

    @property
    def _allotment(self) -> tuple[int, CustodianKind, bool]:
        return (self.hearing.accounts.allotment, _K.SCHOOL_ALLOTMENT, True)

    def bring_here(self, device: Exhibit) -> None:
        """Bring a PC to this lycée by the movements that the trade knows."""
        _, kind, is_here = self.place(device)
        if kind == _K.STUDENT:
            if not is_here:
                raise _Impossible(Because.HELD_ELSEWHERE)
            self.take_from_student(device)
        elif kind in HOT_KINDS:
            self.move(device, self._bench, Reason.FOUND)
        elif kind == _K.REPAIRER:
            self.move(device, self._bench, Reason.RMA_IN)
        elif kind == _K.DEPOT:
            self.move(device, self._allotment, Reason.ALLOTMENT)
        elif kind == _K.TRANSIT:
            self.move(device, self._allotment, Reason.ARRIVAL)
        elif kind in {_K.SCHOOL_ALLOTMENT, _K.EMERGENCY_STOCK, _K.SCHOOL_BENCH}:
            if not is_here:
                self.move(device, (self.hearing.accounts.transit, _K.TRANSIT, False), Reason.DISPATCH)
                self.move(device, self._allotment, Reason.ARRIVAL)
        else:
            raise _Impossible(Because.DEVICE_IS_GONE)

    def hand_over(self, student: Party, device: Exhibit) -> None:
        self.move(device, (student.custodian_id, _K.STUDENT, True), Reason.CHECK_OUT, student_id=student.student_id)

    def finished(self) -> tuple[Step, ...]:
        """Return the steps. A closed day leaves nothing in the allotment: what comes back follows the rest of the day."""
        rest = self.hearing.accounts.leftovers
        if rest is not None:
            for device in self.hearing.devices.values():
                if self.place(device)[0] == self.hearing.accounts.allotment:
                    self.move(device, (rest[1], rest[0], True), Reason.LEFTOVER)
        return tuple(self.steps)


def options(hearing: Hearing) -> list[Option]:
    """Return every ruling in the order of the page; those that are not possible say why."""
    found = [_stands(hearing)]
    for testimony in hearing.contested:
        found += _claim(hearing, testimony)
    found += _exchanges(hearing)
    for device_id in dict.fromkeys(t.device_id for t in hearing.contested if t.device_id is not None):
        if (device := hearing.devices.get(device_id)) is not None:
            found += [_set_aside(hearing, device), _missing(hearing, device)]
    return found


def _drawn(hearing: Hearing, option: Option, draw: Callable[[_Table], None]) -> Option:
    table = _Table(hearing)
    try:
        draw(table)
        steps = table.finished()
    except _Impossible as refusal:
        return Option(
            option.settlement, option.testimony_id, option.student_id, option.device_id, impossible=refusal.because
        )
    return Option(
        option.settlement, option.testimony_id, option.student_id, option.device_id, steps, option.takes_charter,
        option.withdraws_charter, option.needs_override, None, option.others,
    )  # fmt: skip


def _stands(hearing: Hearing) -> Option:
    claimants = tuple(
        dict.fromkeys(
            t.student_id
            for t in hearing.contested
            if t.student_id is not None and t.kind == ScanKind.PAIR and not _is_true_by_now(hearing, t)
        )
    )
    return _drawn(hearing, Option(Settlement.STANDS, others=claimants), lambda _table: None)


def _claim(hearing: Hearing, testimony: Testimony) -> Iterator[Option]:
    student = hearing.students.get(testimony.student_id or 0)
    device = hearing.devices.get(testimony.device_id or 0)
    if testimony.kind == ScanKind.PAIR and not (hearing.is_code_unknown and None in (student, device)):
        yield hand_over_option(hearing, student, device, testimony_id=testimony.id)
    elif testimony.kind == ScanKind.ARRIVAL and student is not None:
        yield arrival_option(hearing, student, testimony_id=testimony.id)
    elif testimony.kind in {ScanKind.UNDO, ScanKind.NO_CHARTER}:
        yield _taken_back(hearing, testimony, student, device)


def hand_over_option(
    hearing: Hearing, student: Party | None, device: Exhibit | None, *, testimony_id: int | None,
    settlement: Settlement | None = None,
) -> Option:  # fmt: skip
    """Return the option to believe that this student left with this PC."""
    holder = hearing.holder_of(device) if device is not None else None
    others = (holder.student_id,) if holder is not None and student is not None and holder != student else ()
    is_contradicted = bool(others) or (student is not None and student.held_device_id is not None)
    blank = Option(
        settlement or (Settlement.CLAIM_HOLDS if is_contradicted else Settlement.ACCEPTED),
        testimony_id,
        student.student_id if student else None,
        device.device_id if device else None,
        needs_override=student is not None and not (student.has_charter or student.has_override),
        others=others,
    )

    def draw(table: _Table) -> None:
        if student is None:
            raise _Impossible(Because.STUDENT_UNKNOWN)
        if device is None:
            raise _Impossible(Because.DEVICE_UNKNOWN)
        if student.held_device_id == device.device_id:
            raise _Impossible(Because.HAS_IT_ALREADY)
        if blank.needs_override and not hearing.override_allowed:
            raise _Impossible(Because.CHARTER_NEEDED)
        if student.held_device_id is not None:
            table.take_from_student(hearing.devices[student.held_device_id])
        table.bring_here(device)
        table.hand_over(student, device)

    return _drawn(hearing, blank, draw)


def arrival_option(
    hearing: Hearing, student: Party, *, testimony_id: int | None, settlement: Settlement | None = None
) -> Option:
    """Return the option to believe that this student handed the charter in, and holds no PC."""
    holds = student.held_device_id is not None
    blank = Option(
        settlement or (Settlement.CLAIM_HOLDS if holds else Settlement.ACCEPTED), testimony_id, student.student_id,
        student.held_device_id, takes_charter=not student.has_arrived,
    )  # fmt: skip

    def draw(table: _Table) -> None:
        if student.held_device_id is not None:
            table.take_from_student(hearing.devices[student.held_device_id])
        elif student.has_arrived:
            raise _Impossible(Because.HAS_IT_ALREADY)

    return _drawn(hearing, blank, draw)


def _taken_back(hearing: Hearing, testimony: Testimony, student: Party | None, device: Exhibit | None) -> Option:
    is_arrival = testimony.device_id is None
    held = hearing.devices.get(student.held_device_id or 0) if student else None
    blank = Option(
        Settlement.CLAIM_HOLDS, testimony.id, student.student_id if student else None,
        held.device_id if held else testimony.device_id, withdraws_charter=is_arrival,
    )  # fmt: skip

    def draw(table: _Table) -> None:
        if student is None:
            raise _Impossible(Because.STUDENT_UNKNOWN)
        if held is not None and (is_arrival or held == device):
            table.take_from_student(held)
        elif not (is_arrival and student.has_arrived):
            raise _Impossible(Because.NOTHING_TO_TAKE_BACK)

    return _drawn(hearing, blank, draw)


def _exchanges(hearing: Hearing) -> Iterator[Option]:
    seen = set()
    for testimony in hearing.contested:
        student, device = hearing.students.get(testimony.student_id or 0), hearing.devices.get(testimony.device_id or 0)
        if testimony.kind != ScanKind.PAIR or student is None or device is None:
            continue
        neighbour = hearing.holder_of(device)
        own = hearing.devices.get(student.held_device_id or 0)
        if neighbour is None or own is None or neighbour == student:
            continue
        pair = frozenset({student.student_id, neighbour.student_id})
        if pair not in seen:
            seen.add(pair)
            yield exchange_option(hearing, student, neighbour, testimony_id=testimony.id)
    if not seen and any(t.code in TWICE for t in hearing.contested):
        yield Option(Settlement.EXCHANGED, impossible=Because.NOBODY_TO_EXCHANGE_WITH)


def exchange_option(hearing: Hearing, student: Party, neighbour: Party, *, testimony_id: int | None = None) -> Option:
    """Return the option to say that two students left with each other's PC: both hand-overs corrected, both made anew."""
    blank = Option(
        Settlement.EXCHANGED, testimony_id, student.student_id, neighbour.held_device_id, others=(neighbour.student_id,)
    )

    def draw(table: _Table) -> None:
        own, other = (hearing.devices.get(who.held_device_id or 0) for who in (student, neighbour))
        if own is None or other is None or student == neighbour:
            raise _Impossible(Because.NOBODY_TO_EXCHANGE_WITH)
        for device in (own, other):
            table.take_from_student(device)
        table.hand_over(student, other)
        table.hand_over(neighbour, own)

    return _drawn(hearing, blank, draw)


def identified_option(hearing: Hearing, *, student_id: int | None, device_id: int | None) -> Option:
    """Return the option to say which student or PC an unknown code was: what was read then is done now."""
    named_student, named_device = hearing.students.get(student_id or 0), hearing.devices.get(device_id or 0)
    by_weight = sorted(hearing.contested, key=lambda t: _WEIGHT.get(t.kind, 9))
    claim = by_weight[0]
    student = named_student or hearing.students.get(claim.student_id or 0)
    device = named_device or hearing.devices.get(claim.device_id or 0)
    if named_student is None and named_device is None:
        missing = Because.STUDENT_UNKNOWN if student is None else Because.DEVICE_UNKNOWN
        return Option(Settlement.IDENTIFIED, claim.id, impossible=missing)
    if claim.kind == ScanKind.PAIR:
        came = student is not None and not student.has_arrived and any(t.kind == ScanKind.ARRIVAL for t in by_weight)
        if student is not None and came:
            student = replace(student, has_charter=True)
        option = hand_over_option(hearing, student, device, testimony_id=claim.id, settlement=Settlement.IDENTIFIED)
        return replace(option, takes_charter=came)
    if claim.kind == ScanKind.ARRIVAL and student is not None:
        return arrival_option(hearing, student, testimony_id=claim.id, settlement=Settlement.IDENTIFIED)
    if claim.kind == ScanKind.DEVICE_FAULTY and device is not None:
        return replace(_set_aside(hearing, device), settlement=Settlement.IDENTIFIED, testimony_id=claim.id)
    # A taken-back act of a code that nobody knew: that it is named is all there is to say.
    return _drawn(hearing, Option(Settlement.IDENTIFIED, claim.id), lambda _table: None)


_WEIGHT: dict[str, int] = {ScanKind.PAIR: 0, ScanKind.ARRIVAL: 1, ScanKind.DEVICE_FAULTY: 2}


def _set_aside(hearing: Hearing, device: Exhibit) -> Option:
    bench = (hearing.accounts.bench, _K.SCHOOL_BENCH, True)
    holder = hearing.holder_of(device)
    blank = Option(
        Settlement.SET_ASIDE, device_id=device.device_id, student_id=holder.student_id if holder else None,
        others=(holder.student_id,) if holder else (),
    )  # fmt: skip

    def draw(table: _Table) -> None:
        if device.custodian_id == hearing.accounts.bench:
            raise _Impossible(Because.IS_ASIDE_ALREADY)
        if device.custodian_kind == _K.STUDENT:
            if not device.in_this_school:
                raise _Impossible(Because.HELD_ELSEWHERE)
            table.move(device, bench, Reason.CHECK_IN)
            return
        table.bring_here(device)
        if table.place(device)[0] != hearing.accounts.bench:
            table.move(device, bench, Reason.FAULT)

    return _drawn(hearing, blank, draw)


def _missing(hearing: Hearing, device: Exhibit) -> Option:
    holder = hearing.holder_of(device)
    blank = Option(Settlement.MISSING, device_id=device.device_id, student_id=holder.student_id if holder else None)

    def draw(table: _Table) -> None:
        if device.custodian_kind in HOT_KINDS:
            raise _Impossible(Because.IS_MISSING_ALREADY)
        if device.custodian_kind in {_K.GIVEN, _K.DISPOSED, _K.SUPPLIER}:
            raise _Impossible(Because.DEVICE_IS_GONE)
        table.move(device, (hearing.accounts.claim, _K.CLAIM, False), Reason.CLAIM)

    return _drawn(hearing, blank, draw)


def _is_true_by_now(hearing: Hearing, testimony: Testimony) -> bool:
    student = hearing.students.get(testimony.student_id or 0)
    if student is None:
        return False
    if testimony.kind == ScanKind.PAIR:
        return testimony.device_id is not None and student.held_device_id == testimony.device_id
    return testimony.kind == ScanKind.ARRIVAL and student.has_arrived and student.held_device_id is None


def propose(hearing: Hearing) -> Proposal:
    """Return what is proposed: the ruling that follows from the times, the custody and the rules, or that all stays."""
    found = options(hearing)
    stands = found[0]
    contested = hearing.contested
    if not contested:
        return Proposal(stands, Why.NOTHING_MOVES)
    claim = contested[0]
    if all(_is_true_by_now(hearing, t) for t in contested):
        return Proposal(stands, Why.TRUE_BY_NOW)
    if hearing.is_code_unknown:
        return Proposal(Option(Settlement.IDENTIFIED, claim.id), Why.NAME_THE_CODE)
    ruling, why = _ruling_for(hearing, claim, _age(hearing, claim))
    for option in _matching(found, ruling, claim):
        if option.impossible is None:
            return Proposal(option, why)
    return Proposal(stands, Why.NOTHING_MOVES if ruling != Settlement.STANDS else why)


def _matching(found: Iterable[Option], ruling: Settlement | None, claim: Testimony) -> Iterator[Option]:
    """Yield the options of a ruling about this claim; None asks for believing it, under whichever name."""
    wanted = {Settlement.CLAIM_HOLDS, Settlement.ACCEPTED} if ruling is None else {ruling}
    for option in found:
        if option.settlement in wanted and (option.testimony_id in {None, claim.id}):
            yield option


def _age(hearing: Hearing, claim: Testimony) -> Why:
    """Say whether the claim was read after what stands, before it, or too near to tell."""
    if not hearing.standing:
        return Why.READ_LAST
    gap = claim.at - hearing.standing[0].at
    if abs(gap) <= MARGIN:
        return Why.UNDECIDABLE
    return Why.READ_LAST if gap > MARGIN else Why.READ_BEFORE


def _ruling_for(hearing: Hearing, claim: Testimony, age: Why) -> tuple[Settlement | None, Why]:
    student, device = hearing.students.get(claim.student_id or 0), hearing.devices.get(claim.device_id or 0)
    if device is not None and device.custodian_kind in HOT_KINDS:
        return Settlement.SET_ASIDE, Why.FOUND_AGAIN
    if claim.kind == ScanKind.DEVICE_FAULTY:
        return Settlement.SET_ASIDE, Why.DOES_NOT_WORK
    if claim.kind in {ScanKind.UNDO, ScanKind.NO_CHARTER}:
        return (None, Why.UNDO_IS_NEWER) if age == Why.READ_LAST else (Settlement.STANDS, age)
    if _is_crossed(hearing, claim):
        return Settlement.EXCHANGED, Why.CROSSED
    entitled = student is not None and not student.is_gone and student.is_expected
    if claim.code == Code.ALREADY_EQUIPPED:
        return Settlement.STANDS, Why.KEEPS_THE_FIRST
    if claim.kind == ScanKind.ARRIVAL:
        return (None, Why.CHARTER_IN_HAND) if entitled else (Settlement.STANDS, Why.NO_RIGHT)
    if not entitled:
        return Settlement.STANDS, Why.NO_RIGHT
    if student is not None and not (student.has_charter or student.has_override):
        return Settlement.STANDS, Why.CHARTER_FIRST
    if claim.code in _WHY_ACCEPTED:
        return None, _WHY_ACCEPTED[Code(claim.code)]
    if claim.code == Code.FAULTY and (device is None or device.condition != "fit"):
        return Settlement.STANDS, Why.DOES_NOT_WORK
    if age == Why.READ_LAST:
        return None, Why.HANDED_AFTER_RETURN if claim.code == Code.FAULTY else Why.READ_LAST
    return Settlement.STANDS, age


_WHY_ACCEPTED = {
    Code.CHARTER_MISSING: Why.CHARTER_CAME,
    Code.NOT_ELIGIBLE: Why.LIST_CHANGED,
    Code.GONE: Why.LIST_CHANGED,
    Code.OTHER_SCHOOL: Why.IS_HERE,
    Code.NOT_THIS_DAY: Why.IS_HERE,
}


def _is_crossed(hearing: Hearing, claim: Testimony) -> bool:
    """Say whether the student holds one PC and was read with the one of another student, who holds that one."""
    student, device = hearing.students.get(claim.student_id or 0), hearing.devices.get(claim.device_id or 0)
    if claim.kind != ScanKind.PAIR or student is None or device is None or student.held_device_id is None:
        return False
    holder = hearing.holder_of(device)
    return holder is not None and holder != student


def may_settle(*, rules_region: bool, rules_site: bool, is_day_open: bool, is_the_day: bool) -> bool:
    """Say who rules: the region on any day; the head and the leader until the evening of the day, or while it is open."""
    return rules_region or (rules_site and (is_day_open or is_the_day))
