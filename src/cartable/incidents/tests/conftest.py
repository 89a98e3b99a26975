"""The desk of the lycée with two cohorts: Bilal's campaign gives nothing after a breakage, Alice's of 2021 sells one."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from cartable.config.tests.rows_again import RowsAgain
from cartable.conftest import Cast, once_upon_the_cast
from cartable.distribution.commands.charters import receive_charter
from cartable.distribution.models import SignerKind
from cartable.emergency_stock.commands.allocations import Allocated
from cartable.emergency_stock.tests.conftest import Desk, build_desk
from cartable.fleet.models import Device
from cartable.incidents.commands.closing import close_with_nothing
from cartable.incidents.commands.complaints import Complaint, accept_complaint
from cartable.incidents.commands.declarations import declare
from cartable.incidents.commands.doors import Purchase, lend_meanwhile, record_rebuy, replace
from cartable.incidents.commands.finds import Found, find_again
from cartable.incidents.models import Incident
from cartable.incidents.rules import IncidentKind
from cartable.programme.commands import open_campaign, publish_rules
from cartable.programme.models import Campaign, CampaignRules

RECEIPT = b"%PDF-1.4 recepisse de depot de plainte %%EOF"


def complaint(**changes: Any) -> Complaint:
    """A whole complaint, or one with something wrong."""
    whole = {"number": "2026/01234", "lodged_on": date(2026, 9, 14), "office": "Police, Metz", "content": RECEIPT}
    return Complaint(**{**whole, **changes})


@dataclass
class Counter:
    """Where incidents are declared, proved and settled; Alice, Bilal and Chloé each hold a PC, and the reserve has three."""

    desk: Desk
    cast: Cast
    pcs: dict[str, Device]

    def declare(
        self,
        name: str,
        kind: IncidentKind = IncidentKind.THEFT,
        *,
        incident: UUID | None = None,
        device: Device | None = None,
        **changes: Any,
    ) -> Incident:
        """Declare what happened to somebody's PC."""
        given = {
            "happened_on": date(2026, 9, 14), "is_here": False, "declared_at": self.cast.now,
            "declared_by_id": self.cast.durand.actor_id,
        }  # fmt: skip
        done = declare(
            incident_id=incident or uuid4(), device=device or self.pcs[name], kind=kind, **{**given, **changes}
        )
        return Incident.objects.get(pk=done.incident_id)

    def accept(self, incident: Incident, *, movement: UUID | None = None, **changes: Any) -> None:
        """Take the receipt of the complaint."""
        accept_complaint(
            incident_id=incident.pk, movement_id=movement or uuid4(), complaint=complaint(**changes),
            accepted_at=self.cast.now, accepted_by_id=self.cast.durand.actor_id,
        )  # fmt: skip

    def replace(
        self, incident: Incident, device: Device, *, movement: UUID | None = None, charter: bool = False
    ) -> Allocated:
        """Hand a PC of the reserve over."""
        return replace(
            incident_id=incident.pk, movement_id=movement or uuid4(), device=device, charter_received=charter,
            replaced_at=self.cast.now, replaced_by_id=self.cast.durand.actor_id,
        )  # fmt: skip

    def lend(self, incident: Incident, device: Device) -> Allocated:
        """Lend a PC of the reserve."""
        return lend_meanwhile(
            incident_id=incident.pk, movement_id=uuid4(), loaner=device, lent_at=self.cast.now,
            lent_by_id=self.cast.durand.actor_id,
        )  # fmt: skip

    def rebuy(self, incident: Incident, serial: str, tag: str = "") -> None:
        """Note a purchase."""
        record_rebuy(
            incident_id=incident.pk, movement_id=uuid4(), purchase=Purchase(serial, date(2026, 9, 15), tag),
            recorded_at=self.cast.now, recorded_by_id=self.cast.durand.actor_id,
        )  # fmt: skip

    def close(self, incident: Incident) -> None:
        """Close with nothing."""
        close_with_nothing(incident_id=incident.pk, closed_at=self.cast.now, closed_by_id=self.cast.durand.actor_id)

    def find(self, device: Device, *, movement: UUID | None = None, at: int | None = None) -> Found:
        """Find a PC again, on the bench of a lycée or of the one that declared it."""
        return find_again(
            movement_id=movement or uuid4(), asset_tag=device.asset_tag, region_id=self.cast.region.pk,
            bench_of_school_id=at, found_at=self.cast.now + timedelta(hours=1), found_by_id=self.cast.sonia.actor_id,
        )  # fmt: skip

    def custody(self, device: Device) -> str:
        """Say who answers for a PC."""
        return self.desk.custody(device)

    def now_of(self, incident: Incident) -> Incident:
        """Read an incident again."""
        return Incident.objects.get(pk=incident.pk)


def another_campaign(cast: Cast, *, first_year: int, **opens: str) -> CampaignRules:
    """Publish a campaign whose incidents open something else."""
    campaign: Campaign = open_campaign(region=cast.region, first_year=first_year, name=f"Rentrée {first_year}")
    return publish_rules(
        campaign=campaign,
        published_at=cast.now,
        published_by_id=cast.sonia.actor_id,
        prices={"PC portable": Decimal("349.90"), "Chargeur": Decimal("25.00")},
        eligible_levels=["2213"],
        eligible_statuses=["ST"],
        kit=["PC portable"],
        fup_rate=Decimal("0.040"),
        charter_title=f"Charte {first_year}",
        charter_text=f"Charte de {first_year} : une casse ou une perte se rachète.",
        keep_policy="on_request",
        leftover_policy="emergency_stock",
        **{
            "theft_opens": "replacement",
            "breakage_opens": "rebuy",
            "loss_opens": "rebuy",
            "failure_opens": "loan",
            **opens,
        },
    )


def sign(cast: Cast, student_id: int, rules: CampaignRules) -> None:
    """Sign the charter of a campaign."""
    receive_charter(
        student_id=student_id, rules=rules, signer_kind=SignerKind.GUARDIAN, received_at=cast.now - timedelta(days=300),
        received_by_id=cast.sonia.actor_id,
    )  # fmt: skip


def build_counter(cast: Cast, *, reserve: int = 3) -> Counter:
    """Give three students a PC each; Alice is of the cohort of 2024."""
    desk = build_desk(cast, reserve=reserve + 3)
    sign(cast, desk.students["alice"].pk, another_campaign(cast, first_year=2024))
    pcs = {}
    for name in ("alice", "bilal", "chloe"):
        pcs[name] = desk.reserve.pop()
        if name == "alice":
            desk.hand_over(name, pcs[name], charter=False)
        else:
            desk.hand_over(name, pcs[name])
    return Counter(desk, cast, pcs)


written_counter = once_upon_the_cast(build_counter)


@pytest.fixture
def counter(cast: Cast, written_counter: RowsAgain[Counter]) -> Counter:
    """The counter of the cast."""
    return written_counter.write(cast)


@pytest.fixture
def committed_counter(committed_cast: Cast) -> Counter:
    """The same, committed, with one PC left in the reserve."""
    return build_counter(committed_cast, reserve=1)
