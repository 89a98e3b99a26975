"""The plain model of the trade: who holds each PC, which loans, incidents, repairs and shipments are open.

It says by itself what a gesture does and why it is refused; nothing of it is imported from the packages it judges.
`read_world` builds the same from the tables, so that the two can be compared after each step.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

HOT = ("claim", "stolen", "lost")
AT_A_SCHOOL = ("student", "school_bench", "emergency_stock", "school_allotment")
# What each campaign opens, as `stage.set_the_stage` publishes it: theft, loss, breakage, failure.
OPENS = {
    2021: {"theft": "replacement", "loss": "rebuy", "breakage": "rebuy", "failure": "loan"},
    2023: {"theft": "replacement", "loss": "nothing", "breakage": "nothing", "failure": "nothing"},
    2025: {"theft": "loan", "loss": "replacement", "breakage": "loan", "failure": "replacement"},
    2026: {"theft": "replacement", "loss": "loan", "breakage": "replacement", "failure": "loan"},
}
THIS_YEAR = 2026
Place = tuple[str, Any]


@dataclass
class Pc:
    """Where a PC is (a student, a school, a shipment or nobody's), and in what state."""

    kind: str
    holder: Any
    condition: str = "fit"

    @property
    def place(self) -> Place:
        """Return the account in which it is."""
        return self.kind, self.holder


@dataclass
class Incident:
    """What was declared; ``came_from`` is where the PC was taken from, ``loan`` the PC for which it stood in."""

    kind: str
    state: str
    device: int
    student: int | None
    school: int
    opens: str
    came_from: Place | None
    condition_before: str
    loan: int | None
    is_served: bool = False
    ended: str = ""
    is_found: bool = False

    @property
    def is_open(self) -> bool:
        """Say whether it is not closed."""
        return self.state != "closed"


@dataclass
class Ticket:
    """An open repair."""

    device: int
    school: int
    waits_for: int | None
    is_sent: bool = False
    is_received: bool = False
    covered: bool | None = None
    # Of the last quote: "open" until the region decides, then "yes" or "no".
    quote: str | None = None
    outcome: str = ""
    is_reinstalled: bool = False
    is_sent_back: bool = False
    is_back: bool = False

    @property
    def is_good(self) -> bool:
        """Say whether the repairer put it right."""
        return self.outcome in {"repaired", "swapped"}

    @property
    def stage(self) -> str:
        """Say how far it is in the workshop."""
        if not self.is_received or self.is_sent_back or self.is_back:
            return ""
        if self.outcome:
            return "to_dispose" if self.outcome == "unrepairable" else "finished"
        if self.covered is None:
            return "to_diagnose"
        return "to_decide" if self.quote == "open" else "to_repair"


@dataclass
class Line:
    """One PC of a shipment."""

    is_announced: bool
    has_arrived: bool = False
    difference: str = ""
    remedy: str = ""

    @property
    def is_on_the_road(self) -> bool:
        """Say whether the PC is still expected."""
        return self.is_announced and not self.has_arrived and not self.remedy


@dataclass
class Shipment:
    """PCs on the road between two accounts."""

    origin: Place
    goal: Place
    is_closed: bool = False
    lines: dict[int, Line] = field(default_factory=dict)


@dataclass
class Past:
    """A gesture that can be undone: which PC it moved, from where and to where."""

    device: int
    origin: Place
    goal: Place
    is_undone: bool = False
    is_loan: bool = False
    condition: str = ""


@dataclass
class World:
    """All of it. ``given``, ``returned``, ``shelved`` and ``gone`` are the gestures that can be undone, by movement."""

    schools: list[int] = field(default_factory=list)
    students: dict[int, int] = field(default_factory=dict)
    signed: dict[int, int] = field(default_factory=dict)
    pcs: dict[int, Pc] = field(default_factory=dict)
    # Hot PC → the incident that made it so; None where it was lost on the road.
    hot: dict[int, UUID | None] = field(default_factory=dict)
    # Loaner → the student who has it, and the PC for which it stands in.
    loans: dict[int, tuple[int, int]] = field(default_factory=dict)
    # PC on a bench → (imaged, checked, has a disk), once it was wiped during this stay.
    stays: dict[int, tuple[bool, bool, bool]] = field(default_factory=dict)
    incidents: dict[UUID, Incident] = field(default_factory=dict)
    tickets: dict[UUID, Ticket] = field(default_factory=dict)
    shipments: dict[UUID, Shipment] = field(default_factory=dict)
    given: dict[UUID, Past] = field(default_factory=dict)
    returned: dict[UUID, Past] = field(default_factory=dict)
    shelved: dict[UUID, Past] = field(default_factory=dict)
    gone: dict[UUID, Past] = field(default_factory=dict)

    def move(self, device: int, kind: str, holder: Any = None, condition: str = "") -> None:
        """Put a PC somewhere; a stay on the bench ends with it."""
        pc = self.pcs[device]
        pc.kind, pc.holder, pc.condition = kind, holder, condition or pc.condition
        self.stays.pop(device, None)
        if kind not in HOT:
            self.hot.pop(device, None)

    def held_by(self, student: int | None) -> int | None:
        """Return the PC in a student's hands."""
        return next((pk for pk, pc in self.pcs.items() if pc.place == ("student", student)), None)

    def school_of(self, device: int) -> int | None:
        """Return the school that answers for a PC."""
        pc = self.pcs[device]
        return self.students[pc.holder] if pc.kind == "student" else pc.holder if pc.kind in AT_A_SCHOOL else None

    def opens(self, student: int, what: str) -> str:
        """Return what the campaign of a student opens."""
        return OPENS[self.signed.get(student, THIS_YEAR)][what]

    def open_incident(self, device: int) -> UUID | None:
        """Return the open incident of a PC."""
        return next((pk for pk, one in self.incidents.items() if one.device == device and one.is_open), None)

    def ticket_of(self, device: int) -> UUID | None:
        """Return the open ticket of a PC."""
        return next((pk for pk, one in self.tickets.items() if one.device == device), None)

    def loan_for(self, own: int) -> int | None:
        """Return the loaner that stands in for a PC."""
        return next((loaner for loaner, (_student, other) in self.loans.items() if other == own), None)

    def is_barred(self, student: int) -> bool:
        """Say whether an incident decides over a student's next PC: one is open, or the last one gave nothing."""
        theirs = [one for one in self.incidents.values() if one.student == student]
        last = theirs[-1] if theirs else None
        return any(one.is_open for one in theirs) or bool(last and last.ended == "nothing" and not last.is_found)

    def contradictions(self) -> list[str]:
        """Return what cannot be, whatever gestures led there."""
        found = []
        for loaner, (student, own) in self.loans.items():
            if self.pcs[loaner].place != ("student", student):
                found.append(f"the loan of {loaner} is open, the PC is with {self.pcs[loaner].place}")
            if self.pcs[own].place == ("student", student):
                found.append(f"{student} holds {own} beside its loaner {loaner}")
        for ticket in self.tickets.values():
            kind = self.pcs[ticket.device].kind
            right = {"repairer"} if ticket.is_sent and not ticket.is_back else {"school_bench"}
            if kind not in {*right, *HOT}:
                found.append(f"{ticket} is open, the PC is with {self.pcs[ticket.device].place}")
        for incident in self.incidents.values():
            right = {"claim"} if incident.state == "declared" else {"stolen"}
            if incident.is_open and incident.kind != "breakage" and self.pcs[incident.device].kind not in right:
                found.append(f"{incident} is open, the PC is with {self.pcs[incident.device].place}")
        for device, pc in self.pcs.items():
            roads = [
                pk for pk, one in self.shipments.items() if device in one.lines and one.lines[device].is_on_the_road
            ]
            if roads != ([pc.holder] if pc.kind == "transit" else []):
                found.append(f"{device} is with {pc.place}, on the road of {roads}")
        return found


def read_world() -> World:
    """Build the model from the database."""
    world = World()
    world.schools = [pk for (pk,) in _rows("SELECT id FROM organisations_school ORDER BY id")]
    world.students = dict(
        _rows("SELECT s.id, c.school_id FROM rosters_student s JOIN fleet_custodian c ON c.id = s.custodian_id")
    )
    world.signed = dict(_rows(
        "SELECT p.student_id, max(c.first_year) FROM distribution_charterproof p"
        " JOIN programme_campaignrules r ON r.id = p.rules_id JOIN programme_campaign c ON c.id = r.campaign_id GROUP BY 1"
    ))  # fmt: skip
    roads = dict(_rows("SELECT transit_id, id FROM supply_shipment"))
    places = {pk: (kind, roads.get(pk, holder)) for pk, kind, holder in _rows(_PLACES)}
    for pk, custodian, condition in _rows("SELECT id, custodian_id, condition FROM fleet_device ORDER BY id"):
        world.pcs[pk] = Pc(*places[custodian], condition)
    for pk, evidence in _rows(_HOT):
        kind, _colon, key = evidence.partition(":")
        world.hot[pk] = UUID(key) if kind == "incident" else None
    for loaner, student, own in _rows(
        "SELECT loaner_id, student_id, stands_in_for_id FROM emergency_stock_loan WHERE ended_at IS NULL"
    ):
        world.loans[loaner] = (student, own)
    for device, imaged, checked, has_disk in _rows(_STAYS):
        world.stays[device] = (imaged, checked, has_disk)
    for pk, came_from, *facts in _rows(_INCIDENTS):
        said: list[Any] = [*facts[:6], places.get(came_from), *facts[6:]]
        world.incidents[pk] = Incident(*said)
    for pk, *ticket in _rows(_TICKETS):
        world.tickets[pk] = Ticket(*ticket)
    for pk, origin, goal, is_closed in _rows(
        "SELECT id, origin_id, destination_id, closed_at IS NOT NULL FROM supply_shipment ORDER BY dispatched_at, id"
    ):
        world.shipments[pk] = Shipment(places[origin], places[goal], is_closed)
    for pk, device, *line in _rows(
        "SELECT shipment_id, device_id, dispatch_id IS NOT NULL, arrival_id IS NOT NULL, difference, remedy"
        " FROM supply_shipmentline ORDER BY device_id"
    ):
        world.shipments[pk].lines[device] = Line(*line)
    for what, query in _UNDOABLE.items():
        for pk, device, giver, taker, *more in _rows(query):
            getattr(world, what)[pk] = Past(device, places[giver], places[taker], *more)
    return world


def _rows(query: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


_PLACES = """
SELECT custodian.id, custodian.kind, CASE custodian.kind WHEN 'student' THEN student.id ELSE custodian.school_id END
FROM fleet_custodian custodian LEFT JOIN rosters_student student ON student.custodian_id = custodian.id
"""
_HOT = """
SELECT device.id, movement.evidence FROM fleet_device device
JOIN fleet_movement movement ON movement.device_id = device.id AND movement.sequence = device.last_sequence
WHERE device.custodian_kind IN ('claim', 'stolen', 'lost')
"""
_STAYS = """
SELECT device.id, done.imaged_at IS NOT NULL, done.checked_at IS NOT NULL, done.wipe_method <> 'disk_destroyed'
FROM fleet_device device
JOIN fleet_movement movement ON movement.device_id = device.id AND movement.sequence = device.last_sequence
JOIN returns_reimaging done ON done.arrival_id = movement.id
WHERE device.custodian_kind = 'school_bench'
"""
_INCIDENTS = """
SELECT incident.id, movement.from_custodian_id, incident.kind, incident.state, incident.device_id, incident.student_id,
    incident.school_id, incident.opens, incident.condition_before, loan.stands_in_for_id,
    incident.allocation_id IS NOT NULL, incident.closed_as, incident.found_at IS NOT NULL
FROM incidents_incident incident
LEFT JOIN fleet_movement movement ON movement.id = incident.declared_movement_id
LEFT JOIN emergency_stock_loan loan ON loan.allocation_id = incident.ended_loan_id
ORDER BY incident.declared_at
"""
_TICKETS = """
SELECT ticket.id, ticket.device_id, ticket.school_id, student.id, sent_at IS NOT NULL, received_at IS NOT NULL, is_covered,
    (SELECT CASE WHEN quote.decided_at IS NULL THEN 'open' WHEN quote.is_accepted THEN 'yes' ELSE 'no' END
     FROM repairs_repairquote quote WHERE quote.ticket_id = ticket.id ORDER BY quote.sent_at DESC LIMIT 1),
    finished_as, is_reinstalled, sent_back_at IS NOT NULL, back_at IS NOT NULL
FROM repairs_repairticket ticket LEFT JOIN rosters_student student ON student.custodian_id = ticket.taken_from_id
WHERE ticket.closed_at IS NULL ORDER BY ticket.opened_at
"""
_MOVED = "movement.id, movement.device_id, movement.from_custodian_id, movement.to_custodian_id"
_UNDOABLE = {
    "given": f"""SELECT {_MOVED}, given.undone_by_movement_id IS NOT NULL, given.cause = 'loan'
        FROM emergency_stock_allocation given JOIN fleet_movement movement ON movement.id = given.movement_id""",
    "returned": f"""SELECT {_MOVED}, taken.undone_by_movement_id IS NOT NULL, taken.ended_loan_id IS NOT NULL,
        taken.condition_before FROM returns_checkin taken JOIN fleet_movement movement ON movement.id = taken.movement_id""",
    "shelved": f"""SELECT {_MOVED}, done.withdrawn_by_movement_id IS NOT NULL
        FROM returns_reimaging done JOIN fleet_movement movement ON movement.id = done.movement_id""",
    "gone": f"""SELECT {_MOVED}, gone.undone_by_movement_id IS NOT NULL
        FROM returns_writeoff gone JOIN fleet_movement movement ON movement.id = gone.movement_id""",
}
