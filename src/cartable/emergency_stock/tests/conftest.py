"""The desk of the lycée: three students, one of them equipped, and a reserve of three PCs."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest

from cartable.config.tests.rows_again import RowsAgain
from cartable.conftest import Cast, once_upon_the_cast
from cartable.distribution.tests.conftest import enrol
from cartable.emergency_stock.commands.allocations import Allocated, allocate
from cartable.emergency_stock.commands.loans import lend
from cartable.emergency_stock.rules import Cause
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.rules import Reason
from cartable.organisations.models import School
from cartable.rosters.models import Student


@dataclass
class Desk:
    """What lies on the desk, and who stands before it."""

    cast: Cast
    students: dict[str, Student]
    reserve: list[Device] = field(default_factory=list)

    def fill(self, count: int, *, school: School | None = None) -> list[Device]:
        """Send PCs from the depot into a reserve."""
        of_other = school is not None and school.pk == self.cast.other_school.pk
        accounts = self.cast.other_accounts if of_other else self.cast.school_accounts
        ids = self.cast.devices_in_depot(count)
        for device_id in ids:
            self.cast.move(device_id, self.cast.region_accounts[K.DEPOT], accounts[K.EMERGENCY_STOCK], Reason.TOP_UP)
        return list(Device.objects.filter(pk__in=ids).order_by("pk"))

    def hand_over(
        self,
        name: str,
        device: Device,
        *,
        cause: Cause = Cause.ABSENT,
        charter: bool = True,
        movement: UUID | None = None,
    ) -> Allocated:
        """Give a PC of the reserve to a student."""
        return allocate(
            movement_id=movement or uuid4(),
            student=self.students[name],
            device=device,
            cause=cause,
            charter_received=charter,
            allocated_at=self.cast.now,
            allocated_by_id=self.cast.durand.actor_id,
        )

    def lend(self, name: str, loaner: Device, own: Device, *, movement: UUID | None = None) -> Allocated:
        """Lend a PC of the reserve."""
        return lend(
            movement_id=movement or uuid4(),
            student=self.students[name],
            loaner=loaner,
            stands_in_for=own,
            lent_at=self.cast.now,
            lent_by_id=self.cast.durand.actor_id,
        )

    def check_in(self, name: str, device: Device) -> None:
        """Take a PC back from a student, onto the bench."""
        account, bench = self.students[name].custodian_id, self.cast.school_accounts[K.SCHOOL_BENCH]
        self.cast.move(device.pk, account, bench, Reason.CHECK_IN)

    def custody(self, device: Device) -> str:
        """Say who answers for a PC."""
        return str(Device.objects.get(pk=device.pk).custodian_kind)


def build_desk(cast: Cast, *, reserve: int = 3) -> Desk:
    """Enrol the students of the cast, and fill the reserve of their lycée."""
    codes = enrol(cast)
    by_code = {student.label_code: student for student in Student.objects.select_related("custodian")}
    desk = Desk(cast, {name: by_code[code] for name, code in codes.items()})
    desk.reserve = desk.fill(reserve)
    return desk


written_desk = once_upon_the_cast(build_desk)


@pytest.fixture
def desk(cast: Cast, written_desk: RowsAgain[Desk]) -> Desk:
    """The desk of the cast."""
    return written_desk.write(cast)


@pytest.fixture
def committed_desk(committed_cast: Cast) -> Desk:
    """The same, committed, with one PC left in the reserve."""
    return build_desk(committed_cast, reserve=1)
