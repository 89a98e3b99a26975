"""What fails after the demo's closed day: a PC on the bench with its loaner out, one in the workshop, one on its way back."""

from datetime import timedelta
from random import Random
from uuid import UUID

from cartable.accounts.models import Role
from cartable.fleet.models import Device
from cartable.fleet.rules import Condition, CustodianKind
from cartable.repairs.commands.batches import receive, send_back, send_out
from cartable.repairs.commands.opening import open_repair
from cartable.repairs.commands.workshop import diagnose, finish
from cartable.repairs.models import RepairTicket
from cartable.repairs.queries.scans import to_receive, to_send, to_send_back
from cartable.repairs.rules import FaultyPart, RepairOutcome, Symptom
from cartable.simulation.demo_cast import DemoSchool
from cartable.simulation.region import DemoRegion

_SYMPTOMS = (Symptom.KEYBOARD, Symptom.BATTERY, Symptom.SCREEN)
# From the middle of the lycée's PCs: stories take the first and the last ones.
_PLACE = 40
# `demo_returns` takes the loaner back within the hour.
_BEFORE_RETURNS = timedelta(hours=2)


def let_some_fail(demo: DemoRegion, school: DemoSchool, dice: Random) -> None:
    """Open three repairs in a lycée whose day is closed, one with a loan; the repairer has one and sent one back."""
    head_id = demo.people[school.key, Role.HEAD_OF_SCHOOL].actor_id
    lina_id = demo.people["", Role.REPAIRER].actor_id
    region_id = demo.region.pk
    here = Device.objects.filter(custodian__school=demo.schools[school.key])
    held = here.filter(custodian_kind=CustodianKind.STUDENT).order_by("asset_tag")[_PLACE : _PLACE + 3]
    shelf = here.filter(custodian_kind=CustodianKind.EMERGENCY_STOCK, condition=Condition.FIT).order_by("-asset_tag")

    def act() -> UUID:
        return UUID(int=dice.getrandbits(128), version=4)

    tickets: list[RepairTicket] = []
    for device, symptom, loaner in zip(held, _SYMPTOMS, [shelf.first(), None, None], strict=False):
        ticket = open_repair(
            act_id=act(), device=device, repairer_id=demo.repairer.pk, symptoms=[symptom], note="", loaner=loaner,
            opened_at=demo.now - _BEFORE_RETURNS, opened_by_id=head_id,
        )  # fmt: skip
        tickets.append(ticket)
    away = [ticket.device.asset_tag for ticket in tickets[1:]]
    sent = to_send(away, region_id=region_id)
    send_out(act_id=act(), scanned=sent, sent_at=demo.now, sent_by_id=head_id)
    arrived = to_receive(away, region_id=region_id)
    receive(
        receipt_id=act(), region_id=region_id, repairer_id=demo.repairer.pk, scanned=arrived, received_at=demo.now,
        received_by_id=lina_id,
    )  # fmt: skip
    done = tickets[2]
    diagnose(ticket_id=done.pk, is_covered=True, part=FaultyPart.SCREEN, diagnosed_at=demo.now, diagnosed_by_id=lina_id)
    finish(
        ticket_id=done.pk, outcome=RepairOutcome.REPAIRED, new_serial="", is_reinstalled=False, finished_at=demo.now,
        finished_by_id=lina_id,
    )  # fmt: skip
    back = to_send_back([done.device.asset_tag], region_id=region_id)
    send_back(act_id=act(), scanned=back, sent_at=demo.now, sent_by_id=lina_id)
