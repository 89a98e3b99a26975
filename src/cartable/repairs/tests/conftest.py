"""The desk of the lycée with Bilal's PC in his hands, and the repairer behind it."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from cartable.config.tests.rows_again import RowsAgain
from cartable.conftest import Cast, once_upon_the_cast
from cartable.emergency_stock.rules import LoanEnd
from cartable.emergency_stock.tests.conftest import Desk, build_desk
from cartable.fleet.models import Device
from cartable.programme.commands import publish_rules
from cartable.repairs.commands.batches import receive, send_back, send_out, take_back
from cartable.repairs.commands.ending import settle
from cartable.repairs.commands.opening import open_repair
from cartable.repairs.commands.workshop import diagnose, finish
from cartable.repairs.models import RepairTicket
from cartable.repairs.queries import scans
from cartable.repairs.rules import FaultyPart, RepairOutcome, Symptom


@dataclass
class Bench:
    """A failed PC, its loaner, and everybody who handles them."""

    desk: Desk
    own: Device
    loaner: Device

    @property
    def cast(self) -> Cast:
        """The people of the story."""
        return self.desk.cast

    def open(
        self, device: Device | None = None, *, lend: bool = True, loaner: Device | None = None, act: UUID | None = None
    ) -> RepairTicket:
        """Take a failed PC in at the lycée."""
        return open_repair(
            act_id=act or uuid4(),
            device=Device.objects.get(pk=(device or self.own).pk),
            repairer_id=self.cast.repairer.pk,
            symptoms=[Symptom.SCREEN],
            note="",
            loaner=(loaner or self.loaner) if lend else None,
            opened_at=self.cast.now,
            opened_by_id=self.cast.durand.actor_id,
        )

    def send(self, *texts: str, act: UUID | None = None) -> int:
        """Send PCs from the lycée."""
        found = scans.to_send(texts, region_id=self.cast.region.pk)
        return send_out(
            act_id=act or uuid4(), scanned=found, sent_at=self.cast.now, sent_by_id=self.cast.durand.actor_id
        )

    def receive(self, *texts: str, receipt: UUID | None = None) -> int:
        """Receive PCs at the repairer's."""
        return receive(
            receipt_id=receipt or uuid4(),
            region_id=self.cast.region.pk,
            repairer_id=self.cast.repairer.pk,
            scanned=scans.to_receive(texts, region_id=self.cast.region.pk),
            received_at=self.cast.now,
            received_by_id=self.cast.lina.actor_id,
        )

    def diagnose(self, ticket: RepairTicket, *, covered: bool = True) -> None:
        """Say that the screen is at fault."""
        diagnose(
            ticket_id=ticket.pk, is_covered=covered, part=FaultyPart.SCREEN, diagnosed_at=self.cast.now,
            diagnosed_by_id=self.cast.lina.actor_id,
        )  # fmt: skip

    def finish(
        self,
        ticket: RepairTicket,
        outcome: RepairOutcome = RepairOutcome.REPAIRED,
        *,
        serial: str = "",
        reinstalled: bool = False,
    ) -> None:
        """Say what became of a PC."""
        finish(
            ticket_id=ticket.pk, outcome=outcome, new_serial=serial, is_reinstalled=reinstalled,
            finished_at=self.cast.now, finished_by_id=self.cast.lina.actor_id,
        )  # fmt: skip

    def send_back(self, *texts: str) -> int:
        """Send PCs back from the repairer."""
        found = scans.to_send_back(texts, region_id=self.cast.region.pk)
        at = self.cast.now + timedelta(days=3)
        return send_back(act_id=uuid4(), scanned=found, sent_at=at, sent_by_id=self.cast.lina.actor_id)

    def take_back(self, *texts: str, receipt: UUID | None = None) -> int:
        """Receive PCs in the lycée."""
        return take_back(
            receipt_id=receipt or uuid4(),
            region_id=self.cast.region.pk,
            school_id=self.cast.school.pk,
            scanned=scans.to_take_back(texts, region_id=self.cast.region.pk),
            back_at=self.cast.now + timedelta(days=4),
            back_by_id=self.cast.durand.actor_id,
        )

    def settle(self, ticket: RepairTicket, ended_as: LoanEnd, *, act: UUID | None = None) -> None:
        """End the loan."""
        settle(
            act_id=act or uuid4(),
            ticket_id=ticket.pk,
            ended_as=ended_as,
            settled_at=self.cast.now + timedelta(days=4),
            settled_by_id=self.cast.durand.actor_id,
        )

    def repaired(self, *, lend: bool = True, reinstalled: bool = False) -> RepairTicket:
        """Bring Bilal's PC to the repairer and have it repaired and announced."""
        ticket = self.open(lend=lend)
        self.send(self.own.asset_tag)
        self.receive(self.own.asset_tag)
        self.diagnose(ticket)
        self.finish(ticket, reinstalled=reinstalled)
        self.send_back(self.own.asset_tag)
        return self.again(ticket)

    def publish(self, *, failure_opens: str) -> None:
        """Publish the next version of the campaign's rules, which opens something else for a failure."""
        rules = self.cast.rules
        publish_rules(
            campaign=self.cast.campaign, published_at=self.cast.now, published_by_id=self.cast.sonia.actor_id,
            prices={"PC portable": Decimal("350.00")}, eligible_levels=rules.eligible_levels,
            eligible_statuses=rules.eligible_statuses, kit=rules.kit, fup_rate=rules.fup_rate,
            charter_title=rules.charter_title, charter_text=rules.charter_text, keep_policy=rules.keep_policy,
            theft_opens=rules.theft_opens, breakage_opens=rules.breakage_opens, loss_opens=rules.loss_opens,
            failure_opens=failure_opens, leftover_policy=rules.leftover_policy,
        )  # fmt: skip

    def again(self, ticket: RepairTicket) -> RepairTicket:
        """Read a ticket again."""
        return RepairTicket.objects.get(pk=ticket.pk)

    def device(self, device: Device) -> Device:
        """Read a PC again."""
        return Device.objects.get(pk=device.pk)

    def holder(self, device: Device) -> str | None:
        """Say which student of the cast holds a PC, None where none does."""
        account = self.device(device).custodian_id
        return next((name for name, s in self.desk.students.items() if s.custodian_id == account), None)


def build_bench(cast: Cast) -> Bench:
    """Give Bilal his PC; two more stay in the reserve."""
    desk = build_desk(cast)
    desk.hand_over("bilal", desk.reserve[0])
    return Bench(desk, desk.reserve[0], desk.reserve[1])


written_bench = once_upon_the_cast(build_bench)


@pytest.fixture
def bench(cast: Cast, written_bench: RowsAgain[Bench]) -> Bench:
    """The bench of the cast."""
    return written_bench.write(cast)
