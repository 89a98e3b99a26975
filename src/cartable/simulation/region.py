"""Build the demo region through the product's own commands: organisations, rules, people, lists, PCs.

What happens on its three days is in ``demo_days``; the files that lie ready for hands are in ``handouts``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

from django.utils import timezone

from cartable.accounts import commands as accounts
from cartable.accounts.models import Person, Role
from cartable.kernel.school_year import SchoolYear
from cartable.organisations import commands as organisations
from cartable.organisations.models import Contractor, Departement, Region, School
from cartable.programme import commands as programme
from cartable.programme.models import Campaign, WaveKind
from cartable.rosters.commands.files import apply_import, preview_content
from cartable.simulation import demo_cast
from cartable.simulation.demo_cast import DemoAccount, DemoSchool
from cartable.supply import commands as supply
from cartable.supply.rules import Choice


@dataclass
class DemoRegion:
    """The region while it is built: what the next steps need of the steps before."""

    region: Region
    campaign: Campaign
    supplier: Contractor
    repairer: Contractor
    manager: Person
    now: datetime
    schools: dict[str, School] = field(default_factory=dict)
    people: dict[tuple[str, Role], Person] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """Return the day on which the demo was built."""
        return timezone.localdate(self.now)

    def leader(self, school: DemoSchool) -> Person:
        """Return who leads the distribution of a lycée."""
        return self.people[school.key, Role.DISTRIBUTION_LEADER]


def open_region(*, now: datetime, schools: Iterable[DemoSchool], everybody: Sequence[DemoAccount]) -> DemoRegion:
    """Open the region with its people, its rules and its lycées; ``everybody`` starts with the region manager."""
    region = organisations.open_region(code=demo_cast.REGION_CODE, name=demo_cast.REGION_NAME)
    manager = _account(everybody[0])
    campaign = _campaign(region, manager, now)
    supplier = organisations.hire_contractor(region=region, name=demo_cast.SUPPLIER, trades=["supplier"])
    repairer = organisations.hire_contractor(region=region, name=demo_cast.REPAIRER, trades=["repairer"])
    demo = DemoRegion(region, campaign, supplier, repairer, manager, now)
    places = _departements(region, {school.departement for school in schools})
    for school in schools:
        demo.schools[school.key] = _school(demo, places[school.departement], school)
    for account in everybody:
        _appoint(demo, account)
    return demo


def _account(account: DemoAccount) -> Person:
    return accounts.open_account(email=account.email, full_name=account.full_name, password=demo_cast.PASSWORD)


def _appoint(demo: DemoRegion, account: DemoAccount) -> None:
    person = demo.manager if account.role == Role.REGION_MANAGER else _account(account)
    for key in account.school_keys or ("",):
        demo.people[key, account.role] = person
        accounts.appoint(
            person=person,
            role=account.role,
            region_id=demo.region.pk,
            school=demo.schools.get(key),
            contractor=demo.repairer if account.role == Role.REPAIRER else None,
            starts_on=demo.today - timedelta(days=90),
        )


def _campaign(region: Region, manager: Person, now: datetime) -> Campaign:
    year = SchoolYear.containing(timezone.localdate(now)).first_year
    campaign = programme.open_campaign(region=region, first_year=year, name=f"Rentrée {year}")
    programme.publish_rules(
        campaign=campaign,
        published_at=now - timedelta(days=60),
        published_by_id=manager.actor_id,
        # The region's prices and rules of 2023 (DOMAIN 0.1, 7).
        prices={
            "PC portable": Decimal("350.00"), "Écran": Decimal("90.00"), "Clavier": Decimal("40.00"),
            "Chargeur": Decimal("25.00"), "Pochette": Decimal("10.00"),
        },
        eligible_levels=list(demo_cast.EVERY_LEVEL),
        eligible_statuses=["ST"],
        kit=["PC portable et chargeur", "clé USB 128 Go", "pochette"],
        fup_rate=Decimal("0.040"),
        charter_title=demo_cast.CHARTER_TITLE,
        charter_text=demo_cast.CHARTER_TEXT,
        keep_policy="unless_refused",
        theft_opens="replacement",
        breakage_opens="nothing",
        loss_opens="nothing",
        failure_opens="loan",
        leftover_policy="emergency_stock",
    )  # fmt: skip
    return campaign


def _departements(region: Region, codes: Iterable[str]) -> dict[str, Departement]:
    wanted = {code: demo_cast.DEPARTEMENTS[code] for code in sorted(codes)}
    academies = {
        code: organisations.open_academy(region=region, code=code, name=demo_cast.ACADEMIES[code])
        for code in sorted({academy for _, academy in wanted.values()})
    }
    return {
        code: organisations.open_departement(region=region, academy=academies[academy], code=code, name=name)
        for code, (name, academy) in wanted.items()
    }


def _school(demo: DemoRegion, departement: Departement, school: DemoSchool) -> School:
    opened = organisations.open_school(
        region=demo.region,
        departement=departement,
        uai=school.uai,
        name=school.name,
        town=school.town,
        postal_code=school.postal_code,
        sector=school.sector,
        ministry=school.ministry,
    )
    levels = school.wave_levels if school.wave == WaveKind.LEVELS else ()
    programme.choose_wave(campaign=demo.campaign, school=opened, kind=school.wave, levels=levels)
    return opened


def load_list(demo: DemoRegion, *files: Path, now: datetime) -> None:
    """Import SIECLE files as the region manager does: look at the difference, then apply it."""
    actor_id, today = demo.manager.actor_id, timezone.localdate(now)
    for path in files:
        for previewed in preview_content(
            content=path.read_bytes(), first_year=demo.campaign.first_year, read_by_id=actor_id, now=now, today=today,
            name=path.name,
        ):  # fmt: skip
            apply_import(roster_import=previewed, applied_by_id=actor_id, now=now, today=today)


def receive_note(demo: DemoRegion, content: bytes, *, name: str, reference: str, received_at: datetime) -> int:
    """Receive a delivery note; return how many PCs it brought into the depot."""
    note = supply.keep_note(
        region_id=demo.region.pk,
        contractor_id=demo.supplier.pk,
        lot_reference=f"{demo.campaign.first_year}-1",
        received_on=timezone.localdate(received_at),
        file_name=name,
        content=content,
        sent_at=received_at,
        sent_by_id=demo.manager.actor_id,
        reference=reference,
        default_model=demo_cast.DEVICE_MODEL,
    )
    received = supply.receive_delivery(note_id=note.pk, received_at=received_at, received_by_id=demo.manager.actor_id)
    return received.accepted_count


def allot(demo: DemoRegion, school: DemoSchool, *, count: int, happened_at: datetime) -> None:
    """Send PCs of the depot to a lycée, for its day."""
    supply.allot_devices(
        allotment_id=uuid4(),
        region_id=demo.region.pk,
        school_id=demo.schools[school.key].pk,
        choice=Choice(count=count),
        acting_actor_id=demo.manager.actor_id,
        happened_at=happened_at,
    )
