"""What happened after the demo's closed day: a theft that waits for its complaint, one that was proved, a broken PC."""

from random import Random
from uuid import UUID

from cartable.accounts.models import Role
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind
from cartable.incidents.commands.complaints import Complaint, accept_complaint
from cartable.incidents.commands.declarations import declare
from cartable.incidents.rules import IncidentKind
from cartable.simulation.demo_cast import DemoSchool
from cartable.simulation.region import DemoRegion

# In the order of the PCs' tags from the last one back: stories take the first ones.
_HAPPENED = (IncidentKind.THEFT, IncidentKind.THEFT, IncidentKind.BREAKAGE)
_RECEIPT = b"%PDF-1.4 Recepisse de depot de plainte (demonstration) %%EOF"


def declare_some(demo: DemoRegion, school: DemoSchool, dice: Random) -> None:
    """Declare two thefts and a breakage in a lycée whose day is closed; the second theft has its complaint."""
    held = Device.objects.filter(custodian_kind=CustodianKind.STUDENT, custodian__school=demo.schools[school.key])
    head_id = demo.people[school.key, Role.HEAD_OF_SCHOOL].actor_id
    done = []
    for kind, device in zip(_HAPPENED, held.order_by("-asset_tag"), strict=False):
        declared = declare(
            incident_id=UUID(int=dice.getrandbits(128), version=4),
            device=device,
            kind=kind,
            happened_on=demo.today,
            is_here=kind == IncidentKind.BREAKAGE,
            declared_at=demo.now,
            declared_by_id=head_id,
        )
        done.append(declared.incident_id)
    accept_complaint(
        incident_id=done[1],
        movement_id=UUID(int=dice.getrandbits(128), version=4),
        complaint=Complaint("2026/00317", demo.today, f"Commissariat de {school.town}", _RECEIPT),
        accepted_at=demo.now,
        accepted_by_id=head_id,
    )
