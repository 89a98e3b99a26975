"""What the trade allows to happen to a device. Pure: the database's CHECK is generated from this page."""

from enum import StrEnum


class CustodianKind(StrEnum):
    """Who can answer for a device; the last four are ends."""

    SUPPLIER = "supplier"
    DEPOT = "depot"
    TRANSIT = "transit"
    SCHOOL_ALLOTMENT = "school_allotment"
    EMERGENCY_STOCK = "emergency_stock"
    SCHOOL_BENCH = "school_bench"
    STUDENT = "student"
    CLAIM = "claim"
    REPAIRER = "repairer"
    STOLEN = "stolen"
    LOST = "lost"
    GIVEN = "given"
    DISPOSED = "disposed"


class Reason(StrEnum):
    """Why custody passes."""

    RECEIPT = "receipt"
    OPENING = "opening"
    ALLOTMENT = "allotment"
    DISPATCH = "dispatch"
    ARRIVAL = "arrival"
    CHECK_OUT = "check_out"
    LOAN = "loan"
    CHECK_IN = "check_in"
    LEFTOVER = "leftover"
    TOP_UP = "top_up"
    FAULT = "fault"
    RMA_OUT = "rma_out"
    RMA_IN = "rma_in"
    REIMAGED = "reimaged"
    CLAIM = "claim"
    THEFT = "theft"
    LOSS = "loss"
    FOUND = "found"
    GIFT = "gift"
    DISPOSAL = "disposal"
    IDENTITY = "identity"
    CORRECTION = "correction"


class Grade(StrEnum):
    """The state in which a PC leaves and comes back, as the letter on the desk."""

    LIKE_NEW = "A"
    USED = "B"
    DAMAGED = "C"
    UNUSABLE = "D"


class Condition(StrEnum):
    """State of the device itself, whoever answers for it."""

    FIT = "fit"
    FAULTY = "faulty"
    BROKEN = "broken"
    BEING_REIMAGED = "being_reimaged"


_K = CustodianKind
BIRTH_REASONS = frozenset({Reason.RECEIPT, Reason.OPENING})
SCHOOL_KINDS = frozenset({_K.SCHOOL_ALLOTMENT, _K.EMERGENCY_STOCK, _K.SCHOOL_BENCH, _K.STUDENT})
END_KINDS = frozenset({_K.STOLEN, _K.LOST, _K.GIVEN, _K.DISPOSED})
HOT_KINDS = frozenset({_K.CLAIM, _K.STOLEN, _K.LOST})

_TRADE: dict[Reason, list[tuple[CustodianKind, CustodianKind]]] = {
    Reason.RECEIPT: [(_K.SUPPLIER, _K.DEPOT)],
    # A region that comes from another tool opens its books with what it has (takeover).
    Reason.OPENING: [(_K.SUPPLIER, kind) for kind in _K if kind not in {_K.SUPPLIER, _K.TRANSIT}],
    Reason.ALLOTMENT: [(_K.DEPOT, _K.SCHOOL_ALLOTMENT)],
    Reason.DISPATCH: [(kind, _K.TRANSIT) for kind in (_K.DEPOT, _K.SCHOOL_ALLOTMENT, _K.EMERGENCY_STOCK, _K.SCHOOL_BENCH)],
    Reason.ARRIVAL: [(_K.TRANSIT, kind) for kind in (_K.DEPOT, _K.SCHOOL_ALLOTMENT, _K.EMERGENCY_STOCK, _K.SCHOOL_BENCH)],
    Reason.CHECK_OUT: [(_K.SCHOOL_ALLOTMENT, _K.STUDENT), (_K.EMERGENCY_STOCK, _K.STUDENT), (_K.SCHOOL_BENCH, _K.STUDENT)],
    Reason.LOAN: [(_K.EMERGENCY_STOCK, _K.STUDENT)],
    Reason.CHECK_IN: [(_K.STUDENT, _K.SCHOOL_BENCH)],
    Reason.LEFTOVER: [(_K.SCHOOL_ALLOTMENT, _K.EMERGENCY_STOCK), (_K.SCHOOL_ALLOTMENT, _K.DEPOT)],
    Reason.TOP_UP: [(_K.DEPOT, _K.EMERGENCY_STOCK)],
    Reason.FAULT: [(_K.SCHOOL_ALLOTMENT, _K.SCHOOL_BENCH), (_K.EMERGENCY_STOCK, _K.SCHOOL_BENCH)],
    Reason.RMA_OUT: [(_K.SCHOOL_BENCH, _K.REPAIRER), (_K.DEPOT, _K.REPAIRER)],
    Reason.RMA_IN: [(_K.REPAIRER, _K.SCHOOL_BENCH), (_K.REPAIRER, _K.DEPOT), (_K.REPAIRER, _K.EMERGENCY_STOCK)],
    Reason.REIMAGED: [(_K.SCHOOL_BENCH, _K.EMERGENCY_STOCK), (_K.SCHOOL_BENCH, _K.DEPOT)],
    Reason.CLAIM: [
        (kind, _K.CLAIM)
        for kind in (
            _K.STUDENT, _K.EMERGENCY_STOCK, _K.SCHOOL_ALLOTMENT, _K.SCHOOL_BENCH, _K.TRANSIT, _K.DEPOT, _K.REPAIRER
        )
    ],
    Reason.THEFT: [(_K.CLAIM, _K.STOLEN)],
    Reason.LOSS: [(_K.CLAIM, _K.LOST)],
    Reason.FOUND: [(kind, place) for kind in (_K.CLAIM, _K.STOLEN, _K.LOST) for place in (_K.SCHOOL_BENCH, _K.DEPOT)],
    Reason.GIFT: [(_K.STUDENT, _K.GIVEN)],
    Reason.DISPOSAL: [(kind, _K.DISPOSED) for kind in (_K.SCHOOL_BENCH, _K.DEPOT, _K.REPAIRER)],
    # Who is who was put right (two accounts were one person, or one was two): the PC counts for the right one.
    Reason.IDENTITY: [(_K.STUDENT, _K.STUDENT)],
}  # fmt: skip


def _allowed() -> frozenset[tuple[Reason, CustodianKind, CustodianKind]]:
    plain = {(reason, before, after) for reason, pairs in _TRADE.items() for before, after in pairs}
    undone = {(Reason.CORRECTION, after, before) for _, before, after in plain}
    # A correction may itself be an error: correcting it goes forward again.
    redone = {(Reason.CORRECTION, before, after) for _, before, after in plain}
    return frozenset(plain | undone | redone)


ALLOWED_MOVEMENTS = _allowed()


def is_allowed(reason: Reason, from_kind: CustodianKind, to_kind: CustodianKind) -> bool:
    """Say whether the trade knows this movement."""
    return (reason, from_kind, to_kind) in ALLOWED_MOVEMENTS
