"""Which rulings the ledger can carry, as the movements that each of them is; the others say why not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from uuid import UUID

from cartable.distribution.court_rules.hearing import (
    TWICE,
    Because,
    Exhibit,
    Hearing,
    Option,
    Party,
    Settlement,
    Step,
    Testimony,
    is_true_by_now,
)
from cartable.distribution.rules import ScanKind
from cartable.fleet.rules import HOT_KINDS, CustodianKind, Reason

_K = CustodianKind


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
            if t.student_id is not None and t.kind == ScanKind.PAIR and not is_true_by_now(hearing, t)
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
        if Reason.LOAN in {own.last_reason, other.last_reason}:
            raise _Impossible(Because.IS_A_LOAN)
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
