"""A day of the cast: Alice (adult), Bilal (minor), Chloé (without guardian) and PCs on the table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from cartable.config.tests.rows_again import RowsAgain
from cartable.conftest import Cast, once_upon_the_cast
from cartable.distribution.commands.days import freeze_list, open_day, plan_day
from cartable.distribution.commands.scans import ScanAnswer, record_scans
from cartable.distribution.commands.stations import accept_station, request_station, site_card_digits, token_sha256
from cartable.distribution.models import DistributionDay, Workshop
from cartable.distribution.rules import ScanKind, ScanRecord
from cartable.fleet.models import Device
from cartable.kernel.codes import parse_label_code
from cartable.rosters.commands.enrolment import NewStudent, enrol_students
from cartable.rosters.models import Student, StudentSource


@dataclass
class Post:
    """A station as a test uses it: scans in, answers out, its own sequence."""

    token: str
    cast: Cast
    sequence: int = 0
    sent: list[ScanRecord] = field(default_factory=list)

    def scan(self, kind: ScanKind, student: str = "", device: str = "", **changes: Any) -> ScanRecord:
        """Make a scan of this station without sending it."""
        self.sequence += 1
        moment = self.cast.now + timedelta(seconds=self.sequence)
        return ScanRecord(uuid4(), self.sequence, kind, moment, student, device, **changes)

    def send(self, *scans: ScanRecord) -> list[ScanAnswer]:
        """Upload scans together."""
        self.sent.extend(scans)
        return record_scans(token_sha256=token_sha256(self.token), scans=scans)

    def arrival(self, student: str) -> ScanAnswer:
        """Scan a student at workshop A."""
        return self.send(self.scan(ScanKind.ARRIVAL, student))[0]

    def pair(self, student: str, device: str) -> ScanAnswer:
        """Scan a student, then a PC, at workshop B."""
        return self.send(self.scan(ScanKind.PAIR, student, device))[0]

    def undo(self, student: str, device: str = "") -> ScanAnswer:
        """Take back the last act."""
        return self.send(self.scan(ScanKind.UNDO, student, device))[0]


@dataclass
class DayScene:
    """An open day with two stations."""

    cast: Cast
    day: DistributionDay
    students: dict[str, str]
    devices: list[str]
    a: Post
    b: Post
    tokens: dict[str, str] = field(default_factory=dict)

    def custody(self, code: str) -> str:
        """Say who answers for a PC."""
        return str(Device.objects.get(asset_tag=code).custodian_kind)

    def another_station(self, workshop: Workshop = Workshop.B) -> Post:
        """Start one more station."""
        return _post(self.cast, self.day, workshop)


def _post(cast: Cast, day: DistributionDay, workshop: Workshop) -> Post:
    started = request_station(digits=site_card_digits(day.pk), workshop=workshop, now=cast.now)
    accept_station(station=started.station, accepted_by_id=cast.meyer.actor_id, now=cast.now)
    return Post(started.token, cast)


NAMES = {
    "alice": NewStudent(0, "Marchand", "Alice", birth_on=date(2008, 3, 2), division="TG3", level="2213"),
    "bilal": NewStudent(0, "Benali", "Bilal", birth_on=date(2011, 5, 9), division="2DE7", level="2211"),
    "chloe": NewStudent(0, "Lefèvre", "Chloé", birth_on=date(2011, 1, 30), division="2DE7", level="2211"),
    "dylan": NewStudent(0, "Muller", "Dylan", birth_on=date(2005, 1, 30), division="BTS1", level="3111"),
}


def enrol(cast: Cast, names: Mapping[str, NewStudent] = NAMES) -> dict[str, str]:
    """Enrol the students of the cast; return first name → label code."""
    ids = enrol_students(
        region_id=cast.region.pk,
        first_year=2026,
        students=[student._replace(school_id=cast.school.pk) for student in names.values()],
        source=StudentSource.LIST,
        entered_at=cast.now,
        recorded_by_id=cast.sonia.actor_id,
    )
    codes = dict(Student.objects.filter(pk__in=ids).values_list("pk", "label_code"))
    for code in codes.values():
        parse_label_code(code)
    return {name: codes[pk] for name, pk in zip(names, ids, strict=True)}


def build_scene(cast: Cast, device_count: int = 4, names: Mapping[str, NewStudent] = NAMES) -> DayScene:
    """Plan, freeze and open the day of the cast."""
    students = enrol(cast, names)
    device_ids = cast.devices_allotted(device_count)
    day = plan_day(school=cast.school, campaign=cast.campaign, held_on=date(2026, 9, 15), starts_at=time(8, 30))
    freeze_list(day=day, now=cast.now - timedelta(days=1))
    open_day(day=day, now=cast.now)
    tags = dict(Device.objects.filter(pk__in=device_ids).values_list("pk", "asset_tag"))
    return DayScene(
        cast,
        DistributionDay.objects.get(pk=day.pk),
        students,
        [tags[pk] for pk in device_ids],
        _post(cast, day, Workshop.A),
        _post(cast, day, Workshop.B),
    )


written_scene = once_upon_the_cast(build_scene)


@pytest.fixture
def scene(cast: Cast, written_scene: RowsAgain[DayScene]) -> DayScene:
    """The open day of the cast."""
    return written_scene.write(cast)


@pytest.fixture
def committed_scene(committed_cast: Cast) -> DayScene:
    """The same, committed."""
    return build_scene(committed_cast)


def known(answer: ScanAnswer) -> tuple[str, str]:
    """Return result and code of an answer, to compare."""
    return str(answer.result), str(answer.code)


__all__ = ["UUID", "DayScene", "Post", "known"]
