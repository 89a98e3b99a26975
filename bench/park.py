"""A region with as many PCs as a benchmark asks for, each with the history of years; grown lycée by lycée.

Everything is written by the product's own commands, set-based: births, allotments, check-outs, returns, reimaging. A lycée
has the same size in a small region and in a large one, so that its pages differ by what surrounds it alone. A park that
was grown before is gone on with.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from cartable.accounts import commands as accounts
from cartable.accounts.models import Actor, ActorKind, Person, Role
from cartable.distribution.commands.days import freeze_list, plan_day
from cartable.fleet import commands as fleet
from cartable.fleet.commands import BirthOrder, MovementOrder
from cartable.fleet.models import Custodian, DeviceModel, Lot, Movement
from cartable.fleet.rules import CustodianKind, Reason
from cartable.kernel.codes import DEVICE_LETTER, label_code
from cartable.kernel.school_year import SchoolYear
from cartable.kernel.uai import check_letter
from cartable.organisations import commands as organisations
from cartable.organisations.models import Departement, Region, School
from cartable.programme import commands as programme
from cartable.programme.models import Campaign, WaveKind
from cartable.rosters.commands.enrolment import NewStudent, enrol_students
from cartable.rosters.models import Student, StudentSource
from cartable.simulation.long_tailed_names import NameBook
from cartable.simulation.plain_campaign import open_plain_campaign

# The median lycée of the region: 563 students; with its reserve about as many PCs again as a round number.
DEVICES_PER_SCHOOL = 600
_STUDENTS, _CLASS_SIZE = 570, 35
# Handed out, given back, reimaged, handed out again, in every other lycée once more: ten movements per PC in the end.
_RETURNS = (2, 3)
_K = CustodianKind


@dataclass
class Park:
    """The region as far as it has grown, and the people who read its pages."""

    region: Region
    departement: Departement
    campaign: Campaign
    author_id: int
    now: datetime
    supplier_id: int
    depot_id: int
    lot_id: int
    model_id: int
    schools: list[School] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    names: NameBook = field(default_factory=NameBook)

    @property
    def device_count(self) -> int:
        """Return how many PCs there are."""
        return len(self.schools) * DEVICES_PER_SCHOOL

    def grow(self, device_count: int) -> None:
        """Add whole lycées until the region has at least this many PCs."""
        missing = -(-(device_count - self.device_count) // DEVICES_PER_SCHOOL)
        for _ in tqdm(range(missing), desc="growing the park", unit="lycée", leave=False):
            self._add_school()

    @transaction.atomic
    def _add_school(self) -> None:
        number = len(self.schools)
        school = organisations.open_school(
            region=self.region, departement=self.departement, uai=_uai(number), name=f"Lycée {number}", town="Metz"
        )
        programme.choose_wave(campaign=self.campaign, school=school, kind=WaveKind.EVERYONE)
        self.schools.append(school)
        if number < 5:
            self._appoint(school, is_first=number == 0)
        accounts_of = fleet.open_school_accounts(region_id=self.region.pk, school_id=school.pk, opened_at=self.now)
        students = self._enrol(school)
        self._equip(number, accounts_of, students)
        day = plan_day(
            school=school, campaign=self.campaign, held_on=timezone.localdate(self.now) + timedelta(days=3 + number % 60),
            starts_at=time(8, 30),
        )  # fmt: skip
        freeze_list(day=day, now=self.now)

    def _appoint(self, school: School, *, is_first: bool) -> None:
        """Let a technician go to the first five lycées; the first one has a head."""
        starts_on = timezone.localdate(self.now)
        if is_first:
            for key, role in (("head", Role.HEAD_OF_SCHOOL), ("technician", Role.TECHNICIAN)):
                self.people[key] = accounts.open_account(email=f"{key}@example.org", full_name=key, password="x" * 20)
                accounts.appoint(
                    person=self.people[key], role=role, region_id=self.region.pk, school=school, starts_on=starts_on
                )
        else:
            accounts.appoint(
                person=self.people["technician"], role=Role.TECHNICIAN, region_id=self.region.pk, school=school,
                starts_on=starts_on,
            )  # fmt: skip

    def _enrol(self, school: School) -> list[int]:
        dice = Random(len(self.schools))
        drawn = [self.names.full_name(dice) for _ in range(_STUDENTS)]
        ids = enrol_students(
            region_id=self.region.pk,
            first_year=self.campaign.first_year,
            students=[
                NewStudent(school.pk, name.family, name.given, division=f"2DE{n // _CLASS_SIZE}", level="2211")
                for n, name in enumerate(drawn)
            ],
            source=StudentSource.LIST,
            entered_at=self.now,
            recorded_by_id=self.author_id,
        )
        return list(Student.objects.filter(pk__in=ids).order_by("pk").values_list("custodian_id", flat=True))

    def _equip(self, number: int, places: dict[CustodianKind, int], students: Sequence[int]) -> None:
        """Give each student but the last three a PC after two who had it before; the rest lies in the reserve."""
        tags = [label_code(DEVICE_LETTER, 1 + number * DEVICES_PER_SCHOOL + n) for n in range(DEVICES_PER_SCHOOL)]
        ids = fleet.enter_devices(
            [
                BirthOrder(
                    uuid4(), tag, f"5CG{tag[1:]}", self.model_id, self.lot_id, self.region.pk, f"PAL{number:05d}", "",
                    self.supplier_id, self.depot_id, Reason.RECEIPT, self.now, self.author_id,
                )
                for tag in tags
            ]
        )  # fmt: skip
        allotment, bench, reserve = (
            places[kind] for kind in (_K.SCHOOL_ALLOTMENT, _K.SCHOOL_BENCH, _K.EMERGENCY_STOCK)
        )
        held = list(zip(ids, students[:-3], strict=False))
        self._pass([(pk, self.depot_id, allotment) for pk in ids], Reason.ALLOTMENT)
        self._pass([(pk, allotment, student) for pk, student in held], Reason.CHECK_OUT)
        for _ in range(_RETURNS[number % 2]):
            self._pass([(pk, student, bench) for pk, student in held], Reason.CHECK_IN)
            self._pass([(pk, bench, reserve) for pk, _student in held], Reason.REIMAGED)
            self._pass([(pk, reserve, student) for pk, student in held], Reason.CHECK_OUT)
        self._pass([(pk, allotment, reserve) for pk in ids[len(held) :]], Reason.LEFTOVER)

    def _pass(self, ways: Sequence[tuple[int, int, int]], reason: Reason) -> None:
        self.now += timedelta(milliseconds=1)
        fleet.pass_custody(
            [MovementOrder(uuid4(), pk, before, after, reason, self.now, self.author_id) for pk, before, after in ways]
        )


def park_of(device_count: int) -> Park:
    """Return the region of this database, grown to at least ``device_count`` PCs."""
    park = _known_park() if Region.objects.exists() else _open_park()
    park.grow(device_count)
    return park


def _known_park() -> Park:
    """Find again what was grown before, a lycée at a time."""
    region = Region.objects.get()
    return Park(
        region=region,
        departement=Departement.objects.get(),
        campaign=Campaign.objects.get(),
        author_id=Actor.objects.filter(kind=ActorKind.SYSTEM).earliest("pk").pk,
        now=Movement.objects.latest("position").happened_at,
        supplier_id=Custodian.objects.get(kind=_K.SUPPLIER).pk,
        depot_id=Custodian.objects.get(kind=_K.DEPOT).pk,
        lot_id=Lot.objects.get().pk,
        model_id=DeviceModel.objects.get().pk,
        schools=list(School.objects.order_by("pk")),
        people={person.full_name: person for person in Person.objects.all()},
    )


def _open_park() -> Park:
    """Open the region with its manager, without any lycée yet."""
    now = timezone.now() - timedelta(days=1)
    author_id = accounts.open_actor(ActorKind.SYSTEM).pk
    region = organisations.open_region(code="44", name="Région Grand Est")
    academy = organisations.open_academy(region=region, code="12", name="Nancy-Metz")
    departement = organisations.open_departement(region=region, academy=academy, code="57", name="Moselle")
    year = SchoolYear.containing(timezone.localdate(now)).first_year
    campaign = open_plain_campaign(region=region, first_year=year, published_at=now, published_by_id=author_id)
    supplier = organisations.hire_contractor(region=region, name="Fournitures de l’Est", trades=["supplier"])
    supplier_id = fleet.open_contractor_account(
        region_id=region.pk, contractor_id=supplier.pk, kind=_K.SUPPLIER, opened_at=now
    )
    park = Park(
        region=region,
        departement=departement,
        campaign=campaign,
        author_id=author_id,
        now=now,
        supplier_id=supplier_id,
        depot_id=fleet.open_region_accounts(region_id=region.pk, opened_at=now)[_K.DEPOT],
        lot_id=fleet.open_lot(region_id=region.pk, reference="Lot 1", received_on=timezone.localdate(now)).pk,
        model_id=fleet.name_device_models(region_id=region.pk, names=["HP 240 G9"])["HP 240 G9"],
    )
    manager = accounts.open_account(email="manager@example.org", full_name="manager", password="x" * 20)
    accounts.appoint(person=manager, role=Role.REGION_MANAGER, region_id=region.pk, starts_on=timezone.localdate(now))
    park.people["manager"] = manager
    return park


def _uai(number: int) -> str:
    digits = f"057{number:04d}"
    return digits + check_letter(digits)
