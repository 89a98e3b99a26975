"""A whole distribution day through the product's own addresses, as fast as the server takes it, then the audit.

A real server on a scratch database; the leader and the stations talk HTTP, as browsers do. Nothing waits for a person:
the pace is the one at which the software would be the brake. Gestures and refusals are those of people.
"""

import time
from collections import Counter, deque
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from threading import Thread
from uuid import uuid4

from django.utils import timezone
from django_scopes import scopes_disabled
from tqdm import tqdm

from cartable.accounts.models import Role
from cartable.config.processes import collect_static
from cartable.config.scratch import migrated_database, pointed_at
from cartable.distribution.commands.stations import site_card_digits
from cartable.distribution.models import DistributionDay
from cartable.distribution.queries.closing import leftover_tags
from cartable.distribution.queries.control_room import passages_of
from cartable.distribution.rules import first_passing_time
from cartable.fleet.audit import audit_ledger
from cartable.organisations.models import Ministry, Sector
from cartable.programme.models import WaveKind
from cartable.simulation import delivery_notes, demo_cast
from cartable.simulation.demo_cast import DemoAccount, DemoSchool
from cartable.simulation.demo_days import prepare_day
from cartable.simulation.hall import Gestures, Hall, work_at_a, work_at_b
from cartable.simulation.pages import Leader, PageFailed, start_station
from cartable.simulation.region import DemoRegion, allot, load_list, open_region, receive_note
from cartable.simulation.roads import HttpRoad
from cartable.simulation.siecle_files import write_school_files
from cartable.simulation.station import Station
from cartable.simulation.visitors import Mishap, Visitor, deal
from cartable.simulation.web import web_server

# A day played in seconds: students walk, and stations ask for changes, in the same proportion as on a real morning
# (30 s and 2 s there), only faster. The pauses are short beside the work, so that the server is what is measured.
_WALK, _POLL_EVERY, _IDLE_S = timedelta(milliseconds=300), timedelta(milliseconds=150), 0.004
_SPARE = 8
LEADER = DemoAccount("site@simulation.example", "Paul Meyer", Role.DISTRIBUTION_LEADER, ("simulated",))
_MANAGER = DemoAccount("region@simulation.example", "Sonia Antoine", Role.REGION_MANAGER)


@dataclass(frozen=True)
class Wanted:
    """How large the day is, and where chance starts."""

    students: int = 300
    stations_a: int = 2
    stations_b: int = 4
    seed: int = 1


@dataclass(frozen=True)
class SimulatedDay:
    """What a day gave. Times in ms are of one upload, as the station sees it.

    ``max_rate_per_hour`` is the pace of the middle 80 % of the pairs. ``refusals`` counts what stations refused from
    their list, ``refused_afterwards`` what the server refused although the station's list said yes.
    """

    students: int
    expected: int
    absent: int
    pairs: int
    stations_a: int
    stations_b: int
    seed: int
    gestures: int
    gestures_per_pair: float
    server_ms_p50: float
    server_ms_p95: float
    max_rate_per_hour: int
    seconds: float
    refusals: dict[str, int]
    refused_afterwards: dict[str, int]
    report_bytes: int
    audit: dict[str, object] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return plain values for ``--json``."""
        return asdict(self)


@dataclass
class _Post:
    """A station with its connection and whoever works there."""

    station: Station
    road: HttpRoad
    gestures: Gestures


def simulate_day(wanted: Wanted) -> SimulatedDay:
    """Play a day on a server and a database of its own, both gone at the end."""
    collect_static()
    with ExitStack() as stack:
        scratch = stack.enter_context(migrated_database())
        stack.enter_context(pointed_at(scratch))
        stack.enter_context(scopes_disabled())
        day = prepared_school_day(wanted)
        port = stack.enter_context(web_server(scratch)).port
        return _played(wanted, day, port)


def prepared_school_day(wanted: Wanted) -> DistributionDay:
    """Build one lycée with its list and its PCs, and freeze its day."""
    school = DemoSchool(
        "simulated", "0579912", "Lycée de la Simulation", "Metz", "57000", "57", Sector.PUBLIC, Ministry.EDUCATION,
        "LP", wanted.students, WaveKind.EVERYONE, (), "", LEADER.full_name,
    )  # fmt: skip
    now = timezone.now()
    demo = open_region(now=now, schools=[school], everybody=[_MANAGER, LEADER])
    with TemporaryDirectory() as directory:
        _load(demo, school, Path(directory), wanted)
    note = delivery_notes.delivered_lines(
        Random(wanted.seed), count=wanted.students + _SPARE, pallet="A", first_tag=7_000_001
    )
    receive_note(demo, delivery_notes.as_csv(note), name="bon.csv", reference="BL-1", received_at=now)
    allot(demo, school, count=wanted.students + _SPARE, happened_at=now)
    return prepare_day(demo, school, held_on=demo.today, starts_at=first_passing_time())


def _load(demo: DemoRegion, school: DemoSchool, directory: Path, wanted: Wanted) -> None:
    files = write_school_files(
        directory,
        uai=school.uai,
        school_year=demo.campaign.first_year,
        student_count=school.student_count,
        seed=wanted.seed,
        today=demo.today,
        school_form=school.form,
    )
    load_list(demo, files.students_path, files.guardians_path, now=demo.now)


def _played(wanted: Wanted, day: DistributionDay, port: int) -> SimulatedDay:
    dice = Random(f"{wanted.seed}/visitors")
    expected = [line.code for line in passages_of(day, limit=5_000) if line.is_expected]
    visitors = deal(expected, dice)
    leader = Leader(port, email=LEADER.email, password=demo_cast.PASSWORD, day_id=day.pk)
    leader.open_day()
    hall = Hall(
        line_a=deque(visitor for visitor in visitors if visitor.mishap != Mishap.ABSENT),
        table=deque(tag for tag, _ in leftover_tags(day)),
        foreign_device="5CG6AUTRE1",
        now=timezone.now,
        let_pass=leader.let_pass,
        walk=_WALK,
        poll_every=_POLL_EVERY,
        idle_s=_IDLE_S,
    )
    posts = [
        _post(hall, port, day.pk, workshop, number, leader, wanted.seed)
        for workshop, count in (("A", wanted.stations_a), ("B", wanted.stations_b))
        for number in range(count)
    ]
    began = time.perf_counter()
    _work(hall, [post.gestures for post in posts], leader)
    seconds = time.perf_counter() - began
    for post in posts:
        post.road.close()
    for tag in hall.table:
        leader.send_leftover(tag)
    report = leader.close_day()
    return _result(wanted, hall, posts, visitors, seconds, report)


def _post(hall: Hall, port: int, day_id: int, workshop: str, number: int, leader: Leader, seed: int) -> _Post:
    token = start_station(port, digits=site_card_digits(day_id), workshop=workshop, leader=leader)
    road = HttpRoad(port, token)
    station = Station(road, workshop, timezone.now, uuid4)
    station.load()
    work = work_at_a if workshop == "A" else work_at_b
    return _Post(station, road, work(hall, station, Random(f"{seed}/{workshop}{number}")))


def _work(hall: Hall, people: list[Gestures], leader: Leader) -> None:
    """Let everybody work at once until all are served; one student comes who is on no list."""
    failures: list[BaseException] = []
    threads = [Thread(target=_hurry, args=(person, hall, failures), daemon=True) for person in people]
    with tqdm(total=hall.to_serve + 1, desc="Playing the day", unit="student", leave=False) as bar:
        for thread in threads:
            thread.start()
        walk_up = leader.add_student(family_name="Okonkwo", given_name="Grace", division="2PRO 1", level="2381")
        time.sleep(2 * _POLL_EVERY.total_seconds())  # The label is printed meanwhile; the stations have heard.
        hall.add_visitor(Visitor(walk_up))
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.05)
            bar.update(len(hall.pairs) - bar.n)
            if failures:
                hall.to_serve = 0
                raise failures[0]


def _hurry(person: Gestures, hall: Hall, failures: list[BaseException]) -> None:
    try:
        for seconds in person:
            if seconds == hall.idle_s:
                time.sleep(seconds)
    except BaseException as failure:  # Told to the main thread, which raises it.
        failures.append(failure)


def _result(
    wanted: Wanted, hall: Hall, posts: list[_Post], visitors: list[Visitor], seconds: float, report: bytes
) -> SimulatedDay:
    uploads = sorted(ms for post in posts for ms in post.road.upload_ms)
    gestures = sum(post.station.gesture_count for post in posts)
    absent = sum(visitor.mishap == Mishap.ABSENT for visitor in visitors)
    if len(hall.pairs) != len(visitors) - absent + 1:  # The walk-up on top.
        raise PageFailed(f"{len(visitors) - absent + 1} students came, {len(hall.pairs)} left with a PC")
    audit = audit_ledger()
    return SimulatedDay(
        students=wanted.students,
        expected=len(visitors),
        absent=absent,
        pairs=len(hall.pairs),
        stations_a=wanted.stations_a,
        stations_b=wanted.stations_b,
        seed=wanted.seed,
        gestures=gestures,
        gestures_per_pair=round(gestures / len(hall.pairs), 2),
        server_ms_p50=round(median(uploads), 1),
        server_ms_p95=round(uploads[int(0.95 * len(uploads))], 1),
        max_rate_per_hour=_pace(hall),
        seconds=round(seconds, 1),
        refusals=dict(Counter(code for post in posts for code in post.station.refusals).most_common()),
        refused_afterwards=dict(Counter(code for post in posts for code in post.station.late_refusals).most_common()),
        report_bytes=len(report),
        audit={
            "violations": audit.violations,
            "devices": audit.devices,
            "movements": audit.movements,
            "broken": [finding.name for finding in audit.broken],
        },
    )


def _pace(hall: Hall) -> int:
    """Return pairs per hour between the first and the last tenth: neither the first walk nor the last straggler."""
    times = [at for _, _, at in hall.pairs]
    first, last = len(times) // 10, len(times) - 1 - len(times) // 10
    seconds = (times[last] - times[first]).total_seconds()
    return round((last - first) * 3600 / seconds) if seconds > 0 else 0
