"""Lycées in the middle of their day, as large as a benchmark needs: students past workshop A, PCs on the table."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone
from django_scopes import scopes_disabled
from tqdm import tqdm

from bench.load import post
from cartable.accounts import commands as accounts
from cartable.accounts.models import ActorKind
from cartable.distribution.commands.days import freeze_list, open_day, plan_day
from cartable.distribution.commands.scans import record_scans
from cartable.distribution.commands.stations import accept_station, request_station, site_card_digits, token_sha256
from cartable.distribution.models import DistributionDay, Workshop
from cartable.distribution.protocol import PROTOCOL
from cartable.distribution.rules import ScanKind, ScanRecord
from cartable.fleet import commands as fleet
from cartable.fleet.commands import BirthOrder, MovementOrder
from cartable.fleet.rules import CustodianKind, Reason
from cartable.kernel.codes import DEVICE_LETTER, label_code
from cartable.kernel.school_year import SchoolYear
from cartable.kernel.uai import check_letter
from cartable.organisations import commands as organisations
from cartable.organisations.models import Region, School
from cartable.programme import commands as programme
from cartable.programme.models import Campaign, WaveKind
from cartable.rosters.commands.enrolment import NewStudent, enrol_students
from cartable.rosters.models import Student, StudentSource
from cartable.simulation.plain_campaign import open_plain_campaign

# Eight lycées on the same morning: no single row in which everybody queues.
SCHOOL_COUNT = 8
_CLASS_SIZE = 34 * SCHOOL_COUNT
_ARRIVALS_PER_UPLOAD = 500


@dataclass(frozen=True)
class Pair:
    """One student who is past workshop A, and the PC that will be theirs."""

    student_id: int
    student_code: str
    custodian_id: int
    device_id: int
    device_code: str


@dataclass(frozen=True)
class StationPost:
    """One scanning station at workshop B."""

    station_id: int
    actor_id: int
    token: str


@dataclass(frozen=True)
class RunningDays:
    """Open days in several lycées: pairs that can still be made, each once, and stations that may make them.

    The pair at a place belongs to the lycée ``place % SCHOOL_COUNT`` (or however many were asked for); so do the stations.
    """

    day_ids: list[int]
    pairs: list[Pair]
    posts: list[StationPost]
    # The last event of each station: they are taken in their order only.
    sequences: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def request(self, port: int, places: Iterable[int]) -> bytes:
        """Render one upload of pairs of one station; each goes on where its station stopped."""
        chosen = list(places)
        sender = self.post_for(chosen[0])
        scans = []
        for place in chosen:
            self.sequences[sender.token] += 1
            scans.append(scan_content(self.pairs[place], self.sequences[sender.token]))
        body = json.dumps({"protocol": PROTOCOL, "scans": scans}).encode()
        return post(port, f"/api/v{PROTOCOL}/scans", sender.token, body)

    def post_for(self, place: int) -> StationPost:
        """Return a station of the lycée to which the pair at this place belongs."""
        return self.posts[place % len(self.posts)]


def scan_content(pair: Pair, sequence: int) -> dict[str, Any]:
    """Return a pair as a station sends it."""
    return {
        "id": str(uuid4()),
        "sequence": sequence,
        "kind": "pair",
        "student_code": pair.student_code,
        "device_code": pair.device_code,
        "happened_at": timezone.localtime().isoformat(),
    }


@dataclass(frozen=True)
class _Ground:
    region: Region
    schools: list[School]
    campaign: Campaign
    author_id: int
    now: datetime


def running_days(*, pair_count: int, stations_per_school: int, school_count: int = SCHOOL_COUNT) -> RunningDays:
    """Build the days through the product's own commands, set-based. About a second per thousand pairs."""
    with scopes_disabled(), tqdm(total=4, desc="preparing the days", unit="step", leave=False) as progress:
        ground = _region(timezone.now(), school_count)
        progress.update()
        students = _students(ground, pair_count)
        progress.update()
        devices = _devices(ground, pair_count)
        progress.update()
        days = [_open_day(ground, school) for school in ground.schools]
        posts = [_post(ground, day, Workshop.B) for _ in range(stations_per_school) for day in days]
        codes = [code for _, code, _ in students]
        for number, day in enumerate(days):
            _let_arrive(ground, _post(ground, day, Workshop.A), codes[number::school_count])
        progress.update()
    pairs = [Pair(*student, *device) for student, device in zip(students, devices, strict=True)]
    return RunningDays([day.pk for day in days], pairs, posts)


def _region(now: datetime, school_count: int) -> _Ground:
    author_id = accounts.open_actor(ActorKind.SYSTEM).pk
    region = organisations.open_region(code="44", name="Région Grand Est")
    academy = organisations.open_academy(region=region, code="12", name="Nancy-Metz")
    moselle = organisations.open_departement(region=region, academy=academy, code="57", name="Moselle")
    schools = [
        organisations.open_school(
            region=region, departement=moselle, uai=_uai(number), name=f"Lycée {number}", town="Metz"
        )
        for number in range(school_count)
    ]
    year = SchoolYear.containing(timezone.localdate(now)).first_year
    campaign = open_plain_campaign(region=region, first_year=year, published_at=now, published_by_id=author_id)
    for school in schools:
        programme.choose_wave(campaign=campaign, school=school, kind=WaveKind.EVERYONE)
    return _Ground(region, schools, campaign, author_id, now)


def _uai(number: int) -> str:
    digits = f"05799{number:02d}"
    return digits + check_letter(digits)


def _students(ground: _Ground, count: int) -> list[tuple[int, str, int]]:
    """Enrol students; return (id, label code, custodian id) in the order of ids."""
    enrol_students(
        region_id=ground.region.pk,
        first_year=ground.campaign.first_year,
        students=[
            NewStudent(
                ground.schools[n % len(ground.schools)].pk, f"Élève{n:06d}", "Camille", division=f"2DE{n // _CLASS_SIZE}",
                level="2211",
            )
            for n in range(count)
        ],
        source=StudentSource.LIST,
        entered_at=ground.now,
        recorded_by_id=ground.author_id,
    )  # fmt: skip
    return list(Student.objects.order_by("pk").values_list("pk", "label_code", "custodian_id"))


def _devices(ground: _Ground, count: int) -> list[tuple[int, str]]:
    """Deliver PCs and allot them to the lycées in turn; return (id, asset tag) each."""
    region_id, now, author_id = ground.region.pk, ground.now, ground.author_id
    supplier = organisations.hire_contractor(region=ground.region, name="Fournitures de l’Est", trades=["supplier"])
    supplier_id = fleet.open_contractor_account(
        region_id=region_id, contractor_id=supplier.pk, kind=CustodianKind.SUPPLIER, opened_at=now
    )
    depot_id = fleet.open_region_accounts(region_id=region_id, opened_at=now)[CustodianKind.DEPOT]
    allotments = [
        fleet.open_school_accounts(region_id=region_id, school_id=school.pk, opened_at=now)[
            CustodianKind.SCHOOL_ALLOTMENT
        ]
        for school in ground.schools
    ]
    lot = fleet.open_lot(region_id=region_id, reference="Lot 1", received_on=now)
    model_id = fleet.name_device_models(region_id=region_id, names=["HP 240 G9"])["HP 240 G9"]
    tags = [label_code(DEVICE_LETTER, 1 + n) for n in range(count)]
    ids = fleet.enter_devices(
        [
            BirthOrder(
                uuid4(), tag, f"5CG{tag[1:]}", model_id, lot.pk, region_id, "", "", supplier_id, depot_id,
                Reason.RECEIPT, now, author_id,
            )
            for tag in tags
        ]
    )  # fmt: skip
    fleet.pass_custody(
        [
            MovementOrder(
                uuid4(), pk, depot_id, allotments[n % len(allotments)], Reason.ALLOTMENT, now, author_id
            )
            for n, pk in enumerate(ids)
        ]
    )  # fmt: skip
    return list(zip(ids, tags, strict=True))


def _open_day(ground: _Ground, school: School) -> DistributionDay:
    day = plan_day(
        school=school, campaign=ground.campaign, held_on=timezone.localdate(ground.now), starts_at=time(8, 30)
    )
    freeze_list(day=day, now=ground.now)
    open_day(day=day, now=ground.now)
    return day


def _post(ground: _Ground, day: DistributionDay, workshop: Workshop) -> StationPost:
    started = request_station(digits=site_card_digits(day.pk), workshop=workshop, now=ground.now)
    accept_station(station=started.station, accepted_by_id=ground.author_id, now=ground.now)
    return StationPost(started.station.pk, started.station.actor_id, started.token)


def _let_arrive(ground: _Ground, post: StationPost, codes: list[str]) -> None:
    for batch in _arrivals(codes, ground.now):
        answers = record_scans(token_sha256=token_sha256(post.token), scans=batch)
        if any(answer.result != "recorded" for answer in answers):
            raise RuntimeError("an arrival was refused: the day is not as the benchmark needs it")


def _arrivals(codes: list[str], now: datetime) -> Iterator[list[ScanRecord]]:
    for first in range(0, len(codes), _ARRIVALS_PER_UPLOAD):
        yield [
            ScanRecord(uuid4(), first + n + 1, ScanKind.ARRIVAL, now + timedelta(milliseconds=first + n), code)
            for n, code in enumerate(codes[first : first + _ARRIVALS_PER_UPLOAD])
        ]
