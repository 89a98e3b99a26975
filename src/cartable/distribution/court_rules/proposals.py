"""Which ruling somebody who knows no more than the page would make, and why."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from cartable.distribution.court_rules.hearing import (
    Hearing,
    Option,
    Proposal,
    Settlement,
    Testimony,
    Why,
    is_true_by_now,
)
from cartable.distribution.court_rules.options import options
from cartable.distribution.rules import Code, ScanKind
from cartable.fleet.rules import HOT_KINDS, CustodianKind

_K = CustodianKind
# Two clocks are compared to the minute: their skew is measured over a network, and hands are slower than clocks.
MARGIN = timedelta(seconds=60)


def propose(hearing: Hearing) -> Proposal:
    """Return what is proposed: the ruling that follows from the times, the custody and the rules, or that all stays."""
    found = options(hearing)
    stands = found[0]
    contested = hearing.contested
    if not contested:
        return Proposal(stands, Why.NOTHING_MOVES)
    claim = contested[0]
    if all(is_true_by_now(hearing, t) for t in contested):
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
