"""One cast for everybody, built through commands: a small region in which every story of the tests happens.

Mme Durand heads the lycée des Trois-Rivières, Mme Weber is in its office, M. Meyer leads its distribution, Karim is its
technician; Sonia manages the fleet of the region, Lina repairs; Zoé heads another lycée and must see nothing. Invented
people, in real towns, with invented but valid UAIs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django_scopes import scopes_disabled

from cartable.accounts.models import Person, Role
from cartable.config.tests.rows_again import Built, RowsAgain, rows_again
from cartable.fleet.rules import CustodianKind, Reason
from cartable.organisations.models import Contractor, Region, School
from cartable.programme.models import Campaign, CampaignRules

NOW = datetime(2026, 9, 15, 8, 0, tzinfo=UTC)
PASSWORD = "un long mot de passe"


@dataclass
class Cast:
    """The region of the tests, with the ids that most stories need."""

    region: Region
    school: School
    other_school: School
    supplier: Contractor
    repairer: Contractor
    campaign: Campaign
    rules: CampaignRules
    sonia: Person
    durand: Person
    weber: Person
    meyer: Person
    karim: Person
    lina: Person
    zoe: Person
    region_accounts: dict[CustodianKind, int]
    school_accounts: dict[CustodianKind, int]
    other_accounts: dict[CustodianKind, int]
    supplier_account: int
    repairer_account: int
    lot_id: int
    model_id: int
    now: datetime = NOW

    def student_account(self, school: School | None = None) -> int:
        """Open the account of one student."""
        from cartable.fleet.commands import open_student_accounts

        return open_student_accounts(
            region_id=self.region.pk,
            school_ids=[(school or self.school).pk],
            opened_at=self.now,
            recorded_by_id=self.sonia.actor_id,
        )[0]

    def devices_in_depot(self, count: int) -> list[int]:
        """Deliver devices to the depot; return their ids."""
        from cartable.fleet.commands import BirthOrder, enter_devices
        from cartable.fleet.models import Device
        from cartable.kernel.codes import DEVICE_LETTER, label_code

        known = Device.objects.count()
        return enter_devices(
            [
                BirthOrder(
                    uuid4(), label_code(DEVICE_LETTER, 1000 + known + n), f"5CG{known + n:07d}", self.model_id,
                    self.lot_id, self.region.pk, "", "", self.supplier_account,
                    self.region_accounts[CustodianKind.DEPOT], Reason.RECEIPT, self.now, self.sonia.actor_id,
                )
                for n in range(count)
            ]
        )  # fmt: skip

    def move(self, device_id: int, before: int, after: int, reason: Reason, **extra: object) -> UUID:
        """Record one movement; return its id."""
        from cartable.fleet.commands import MovementOrder, pass_custody

        movement_id = uuid4()
        pass_custody(
            [MovementOrder(movement_id, device_id, before, after, reason, self.now, self.sonia.actor_id, **extra)]  # type: ignore[arg-type]
        )
        return movement_id

    def devices_allotted(self, count: int) -> list[int]:
        """Deliver devices and allot them to the school; return their ids."""
        ids = self.devices_in_depot(count)
        depot, allotment = (
            self.region_accounts[CustodianKind.DEPOT],
            self.school_accounts[CustodianKind.SCHOOL_ALLOTMENT],
        )
        for device_id in ids:
            self.move(device_id, depot, allotment, Reason.ALLOTMENT)
        return ids


def build_cast() -> Cast:
    """Build the cast through the real commands."""
    from cartable.accounts import commands as accounts
    from cartable.fleet import commands as fleet
    from cartable.organisations import commands as organisations
    from cartable.organisations.models import Sector
    from cartable.programme import commands as programme
    from cartable.programme.models import WaveKind

    region = organisations.open_region(code="44", name="Région Grand Est")
    academy = organisations.open_academy(region=region, code="12", name="Nancy-Metz")
    moselle = organisations.open_departement(region=region, academy=academy, code="57", name="Moselle")
    school = organisations.open_school(
        region=region, departement=moselle, uai="0579901C", name="Lycée des Trois-Rivières", town="Metz"
    )
    other_school = organisations.open_school(
        region=region, departement=moselle, uai="0579902D", name="Lycée du Warndt", town="Forbach",
        sector=Sector.PRIVATE,
    )  # fmt: skip
    supplier = organisations.hire_contractor(region=region, name="Fournitures de l’Est", trades=["supplier"])
    repairer = organisations.hire_contractor(region=region, name="Ateliers de la Seille", trades=["repairer"])
    people = {}
    for key, name, role, place in (
        ("sonia", "Sonia Antoine", Role.REGION_MANAGER, None),
        ("durand", "Hélène Durand", Role.HEAD_OF_SCHOOL, school),
        ("weber", "Claire Weber", Role.SCHOOL_OFFICE, school),
        ("meyer", "Paul Meyer", Role.DISTRIBUTION_LEADER, school),
        ("karim", "Karim Haddad", Role.TECHNICIAN, school),
        ("lina", "Lina Rossi", Role.REPAIRER, repairer),
        ("zoe", "Zoé Caron", Role.HEAD_OF_SCHOOL, other_school),
    ):
        person = accounts.open_account(email=f"{key}@example.org", full_name=name, password=PASSWORD)
        accounts.appoint(
            person=person,
            role=role,
            region_id=region.pk,
            school=place if isinstance(place, School) else None,
            contractor=place if isinstance(place, Contractor) else None,
            starts_on=date(2026, 8, 1),
        )
        people[key] = person
    campaign = programme.open_campaign(region=region, first_year=2026, name="Rentrée 2026")
    rules = programme.publish_rules(
        campaign=campaign,
        published_at=NOW,
        published_by_id=people["sonia"].actor_id,
        prices={"PC portable": Decimal("350.00")},
        eligible_levels=["2211", "2212", "2213", "2381", "2321"],
        eligible_statuses=["ST"],
        kit=["PC portable", "clé USB 128 Go", "pochette"],
        fup_rate=Decimal("0.040"),
        charter_title="Charte de prêt",
        charter_text="Le PC est prêté pour la durée du cycle.\n\nL’élève en prend soin.",
        keep_policy="unless_refused",
        theft_opens="replacement",
        breakage_opens="nothing",
        loss_opens="nothing",
        failure_opens="loan",
        leftover_policy="emergency_stock",
    )
    for place in (school, other_school):
        programme.choose_wave(campaign=campaign, school=place, kind=WaveKind.EVERYONE)
    return Cast(
        region=region,
        school=school,
        other_school=other_school,
        supplier=supplier,
        repairer=repairer,
        campaign=campaign,
        rules=rules,
        **people,
        region_accounts=fleet.open_region_accounts(region_id=region.pk, opened_at=NOW),
        school_accounts=fleet.open_school_accounts(region_id=region.pk, school_id=school.pk, opened_at=NOW),
        other_accounts=fleet.open_school_accounts(region_id=region.pk, school_id=other_school.pk, opened_at=NOW),
        supplier_account=fleet.open_contractor_account(
            region_id=region.pk, contractor_id=supplier.pk, kind=CustodianKind.SUPPLIER, opened_at=NOW
        ),
        repairer_account=fleet.open_contractor_account(
            region_id=region.pk, contractor_id=repairer.pk, kind=CustodianKind.REPAIRER, opened_at=NOW
        ),
        lot_id=fleet.open_lot(region_id=region.pk, reference="Lot 1", received_on=NOW).pk,
        model_id=fleet.name_device_models(region_id=region.pk, names=["HP 240 G9"])["HP 240 G9"],
    )


@pytest.fixture(scope="session")
def written_cast(django_db_setup: None, django_db_blocker: Any) -> RowsAgain[Cast]:
    """The cast, built once in this process."""
    with django_db_blocker.unblock():
        return rows_again(build_cast)


def once_upon_the_cast(build: Callable[[Cast], Built]) -> Any:
    """Return a fixture: what ``build`` adds to the cast, built once in this process."""

    @pytest.fixture(scope="session")
    def written(written_cast: RowsAgain[Cast], django_db_blocker: Any) -> RowsAgain[Built]:
        with django_db_blocker.unblock():
            return rows_again(build, on=(written_cast,))

    return written


@pytest.fixture
def cast(db: None, written_cast: RowsAgain[Cast]) -> Iterator[Cast]:
    """The cast, inside the test's transaction; queries see the whole region."""
    with scopes_disabled():
        yield written_cast.write()


@pytest.fixture
def committed_cast(transactional_db: None) -> Iterator[Cast]:
    """The cast, committed: for tests with several connections."""
    with scopes_disabled():
        yield build_cast()
