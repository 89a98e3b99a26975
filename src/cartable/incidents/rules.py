"""What an incident opens and when, what may be declared, closed, found. Pure decisions on plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from cartable.fleet.rules import HOT_KINDS, SCHOOL_KINDS, CustodianKind


class IncidentKind(StrEnum):
    """What happened to a PC. A failure is no incident: the repairer's side knows it."""

    THEFT = "theft"
    LOSS = "loss"
    BREAKAGE = "breakage"


class Opening(StrEnum):
    """What an incident opens for the student, by the rules of their campaign (`programme.models.Opening`)."""

    NOTHING = "nothing"
    REBUY = "rebuy"
    REPLACEMENT = "replacement"
    LOAN = "loan"


class IncidentState(StrEnum):
    """Where an incident stands: declared; a theft whose complaint is there; closed."""

    DECLARED = "declared"
    ACCEPTED = "accepted"
    CLOSED = "closed"


class IncidentEnd(StrEnum):
    """How an incident was closed."""

    REPLACED = "replaced"
    REBOUGHT = "rebought"
    LENT = "lent"
    NOTHING = "nothing"
    FOUND = "found"
    WITHDRAWN = "withdrawn"


class IncidentObstacle(StrEnum):
    """Why something may not be done about an incident."""

    UNKNOWN_DEVICE = "unknown_device"
    NOT_AT_A_SCHOOL = "not_at_a_school"
    ALREADY_HOT = "already_hot"
    INCIDENT_IS_OPEN = "incident_is_open"
    NOT_YET = "not_yet"
    NO_RULES = "no_rules"
    INCIDENT_IS_CLOSED = "incident_is_closed"
    NOT_A_THEFT = "not_a_theft"
    COMPLAINT_KNOWN = "complaint_known"
    COMPLAINT_MISSING = "complaint_missing"
    NO_STUDENT = "no_student"
    NOTHING_OPENS = "nothing_opens"
    DOOR_CLOSED = "door_closed"
    DOOR_USED = "door_used"
    DOOR_UNUSED = "door_unused"
    NOT_HOT = "not_hot"
    HAS_MOVED_ON = "has_moved_on"
    IN_REPAIR = "in_repair"


@dataclass(frozen=True)
class Reported:
    """The PC that somebody declares something about, as the ledger has it."""

    custodian_kind: CustodianKind
    has_open_incident: bool


def declaration_obstacle(reported: Reported, *, happened_on: date, today: date) -> IncidentObstacle | None:
    """Say why an incident may not be declared; None where it may. What is stolen already comes before everything else."""
    if reported.has_open_incident:
        return IncidentObstacle.INCIDENT_IS_OPEN
    if reported.custodian_kind in HOT_KINDS:
        return IncidentObstacle.ALREADY_HOT
    if reported.custodian_kind not in SCHOOL_KINDS:
        return IncidentObstacle.NOT_AT_A_SCHOOL
    return IncidentObstacle.NOT_YET if happened_on > today else None


@dataclass(frozen=True)
class Standing:
    """An incident as the rules see it."""

    kind: IncidentKind
    state: IncidentState
    opens: Opening
    has_student: bool
    # A PC of the reserve went to the student for it: on loan, while the complaint of a theft is still awaited.
    is_served: bool = False


def complaint_obstacle(incident: Standing) -> IncidentObstacle | None:
    """Say why the receipt of a complaint may not be taken."""
    if incident.kind != IncidentKind.THEFT:
        return IncidentObstacle.NOT_A_THEFT
    if incident.state == IncidentState.CLOSED:
        return IncidentObstacle.INCIDENT_IS_CLOSED
    return IncidentObstacle.COMPLAINT_KNOWN if incident.state == IncidentState.ACCEPTED else None


def door_obstacle(incident: Standing, door: Opening) -> IncidentObstacle | None:
    """Say why the student may not go through this door: another PC for keeps, a loan, the purchase of a new one.

    A stolen PC is replaced, or bought again, only with the receipt of the complaint (DOMAIN 5.4); a loan bridges the time until then
    where the campaign opens one.
    """
    if incident.state == IncidentState.CLOSED:
        return IncidentObstacle.INCIDENT_IS_CLOSED
    if not incident.has_student:
        return IncidentObstacle.NO_STUDENT
    if incident.opens == Opening.NOTHING:
        return IncidentObstacle.NOTHING_OPENS
    if incident.opens != door:
        return IncidentObstacle.DOOR_CLOSED
    if incident.is_served:
        return IncidentObstacle.DOOR_USED
    is_unproved = incident.kind == IncidentKind.THEFT and incident.state != IncidentState.ACCEPTED
    return IncidentObstacle.COMPLAINT_MISSING if is_unproved and door != Opening.LOAN else None


def closing_obstacle(incident: Standing) -> IncidentObstacle | None:
    """Say why an incident may not be closed with nothing: a theft waits for its complaint, a door for the family.

    A family may renounce a purchase or a loan; a PC of the reserve is handed over, not renounced.
    """
    if incident.state == IncidentState.CLOSED:
        return IncidentObstacle.INCIDENT_IS_CLOSED
    if incident.kind == IncidentKind.THEFT and incident.state != IncidentState.ACCEPTED:
        return IncidentObstacle.COMPLAINT_MISSING
    return IncidentObstacle.DOOR_UNUSED if incident.opens == Opening.REPLACEMENT else None


def is_usable(incident: Standing) -> bool:
    """Say whether the door of an incident is open: something waits for the student."""
    return door_obstacle(incident, incident.opens) is None


def price_of_the_pc(prices: Mapping[str, Decimal], kit: Sequence[str]) -> Decimal | None:
    """Return the negotiated price of the PC: the first thing of the kit is the PC. None where the campaign names none."""
    return prices.get(kit[0]) if kit else None


def looks_like(content: bytes) -> str:
    """Return the media type of a receipt by its first bytes, an empty text for what is no PDF, JPEG or PNG."""
    for start, media_type in _STARTS.items():
        if content.startswith(start):
            return media_type
    return ""


# What a browser shows without running anything: no SVG, no HTML.
_STARTS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
LARGEST_RECEIPT_BYTES = 10 * 1024 * 1024
