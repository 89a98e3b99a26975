"""The ground of the days: one region, and for each day a lycée of its own with its list, its PCs and its stations.

Set-based and through the product's own commands: a day of a hundred students stands in a third of a second.
"""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from uuid import UUID

from django.db import connections
from django_scopes import scopes_disabled

from cartable.accounts.commands import system_actor
from cartable.distribution.commands.days import freeze_list, open_day, plan_day
from cartable.distribution.commands.stations import accept_station, request_station, site_card_digits
from cartable.distribution.models import DistributionDay, Station, Workshop
from cartable.distribution.rules import first_passing_time
from cartable.fleet import commands as fleet
from cartable.fleet.commands import BirthOrder, MovementOrder
from cartable.fleet.rules import CustodianKind, Reason
from cartable.kernel.codes import DEVICE_LETTER, label_code
from cartable.kernel.uai import check_letter
from cartable.organisations import commands as organisations
from cartable.organisations.models import Departement, Region
from cartable.programme import commands as programme
from cartable.programme.models import Campaign, WaveKind
from cartable.rosters.commands.enrolment import NewStudent, enrol_students
from cartable.rosters.models import Student, StudentSource
from cartable.simulation.faults.agenda import MORNING
from cartable.simulation.plain_campaign import open_plain_campaign

FIRST_YEAR = 2026
_BEFORE = MORNING - timedelta(days=3)
_TAGS_A_DAY = 1_000


@dataclass(frozen=True)
class Ground:
    """What all days of a scratch database share."""

    region: Region
    departement: Departement
    campaign: Campaign
    author_id: int
    depot_id: int
    supplier_id: int
    lot_id: int
    model_id: int


@dataclass(frozen=True)
class StartedStation:
    """A station that the leader accepted, with its token."""

    station: Station
    token: str


@dataclass(frozen=True)
class DayGround:
    """An open day: labels of its students, tags of its PCs, in a fixed order."""

    day: DistributionDay
    students: list[str]
    devices: list[str]
    author_id: int

    def start_station(self, workshop: str) -> StartedStation:
        """Start one more station, accepted by the leader."""
        with scopes_disabled():
            started = request_station(digits=site_card_digits(self.day.pk), workshop=Workshop(workshop), now=MORNING)
            accept_station(station=started.station, accepted_by_id=self.author_id, now=MORNING)
        return StartedStation(started.station, started.token)


def open_ground() -> Ground:
    """Open the region of a new scratch database."""
    with scopes_disabled():
        author_id = system_actor().pk
        region = organisations.open_region(code="44", name="Région des pannes")
        academy = organisations.open_academy(region=region, code="12", name="Nancy-Metz")
        departement = organisations.open_departement(region=region, academy=academy, code="57", name="Moselle")
        supplier = organisations.hire_contractor(region=region, name="Fournitures", trades=["supplier"])
        return Ground(
            region,
            departement,
            open_plain_campaign(region=region, first_year=FIRST_YEAR, published_at=_BEFORE, published_by_id=author_id),
            author_id,
            fleet.open_region_accounts(region_id=region.pk, opened_at=_BEFORE)[CustodianKind.DEPOT],
            fleet.open_contractor_account(
                region_id=region.pk, contractor_id=supplier.pk, kind=CustodianKind.SUPPLIER, opened_at=_BEFORE
            ),
            fleet.open_lot(region_id=region.pk, reference="Lot 1", received_on=_BEFORE).pk,
            fleet.name_device_models(region_id=region.pk, names=["HP 240 G9"])["HP 240 G9"],
        )


def open_a_day(ground: Ground, *, number: int, student_count: int, device_count: int) -> DayGround:
    """Open the day with this number: a lycée of its own, so that no day meets another's students or PCs."""
    with scopes_disabled():
        digits = f"057{number % 10_000:04d}"
        school = organisations.open_school(
            region=ground.region,
            departement=ground.departement,
            uai=digits + check_letter(digits),
            name=f"Lycée {number}",
            town="Metz",
        )
        programme.choose_wave(campaign=ground.campaign, school=school, kind=WaveKind.EVERYONE)
        day = plan_day(
            school=school,
            campaign=ground.campaign,
            held_on=MORNING.date(),
            starts_at=first_passing_time(),
        )
        students = _enrol(ground, school.pk, student_count)
        devices = _allot(ground, school.pk, number, device_count)
        freeze_list(day=day, now=_BEFORE)
        open_day(day=day, now=MORNING)
        count_rows()
        return DayGround(DistributionDay.objects.select_related("school", "campaign", "rules").get(pk=day.pk),
                         students, devices, ground.author_id)  # fmt: skip


def count_rows() -> None:
    """Give the planner statistics: a database that is minutes old has none, and guesses cost half of the day's time."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "ANALYZE fleet_custodian, fleet_device, fleet_movement, rosters_student, rosters_studentmerge,"
            " distribution_passage, distribution_scan, distribution_checkout, distribution_charterproof,"
            " distribution_station, distribution_distributionday, distribution_dispute, distribution_testimony"
        )


def _enrol(ground: Ground, school_id: int, count: int) -> list[str]:
    ids = enrol_students(
        region_id=ground.region.pk,
        first_year=FIRST_YEAR,
        students=[
            NewStudent(school_id, f"Élève{n:03d}", "Camille", division=f"2DE{1 + n // 34}", level="2211")
            for n in range(count)
        ],
        source=StudentSource.LIST,
        entered_at=_BEFORE,
        recorded_by_id=ground.author_id,
    )
    codes = dict(Student.objects.filter(pk__in=ids).values_list("pk", "label_code"))
    return [codes[pk] for pk in ids]


def _allot(ground: Ground, school_id: int, number: int, count: int) -> list[str]:
    allotment_id = fleet.open_school_accounts(
        region_id=ground.region.pk, school_id=school_id, opened_at=_BEFORE
    )[CustodianKind.SCHOOL_ALLOTMENT]  # fmt: skip
    # Tags and ids come from the day's number: a day is the same whichever days were played before it.
    first = number * _TAGS_A_DAY
    tags = [label_code(DEVICE_LETTER, first + n) for n in range(count)]
    dice = Random(f"ids of day {number}")
    ids = fleet.enter_devices(
        [
            BirthOrder(
                _uuid(dice), tag, f"5CG{tag[1:]}", ground.model_id, ground.lot_id, ground.region.pk, "", "",
                ground.supplier_id, ground.depot_id, Reason.RECEIPT, _BEFORE, ground.author_id,
            )
            for tag in tags
        ]
    )  # fmt: skip
    fleet.pass_custody(
        [
            MovementOrder(
                _uuid(dice), pk, ground.depot_id, allotment_id, Reason.ALLOTMENT, _BEFORE, ground.author_id
            )
            for pk in ids
        ]
    )  # fmt: skip
    return tags


def _uuid(dice: Random) -> UUID:
    return UUID(int=dice.getrandbits(128), version=4)
