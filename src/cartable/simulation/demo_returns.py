"""What came back since the demo's closed day: one PC to wipe, one wiped, one damaged, one that has left under a slip."""

from datetime import timedelta
from random import Random
from uuid import UUID

from cartable.accounts.models import Role
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind, Grade
from cartable.returns.commands.bench import work_on
from cartable.returns.commands.check_ins import check_in
from cartable.returns.commands.write_offs import open_slip, write_off
from cartable.returns.rules import BenchAct, Damage, Gesture, Outlet, ReturnReason, WipeMethod
from cartable.rosters.models import Student
from cartable.simulation.demo_cast import DemoSchool
from cartable.simulation.region import DemoRegion

# In the order of the PCs' tags from the last one back: stories take the first ones.
_CAME_BACK = (
    (Grade.USED, ()),
    (Grade.LIKE_NEW, ()),
    (Grade.DAMAGED, (Damage.SCREEN,)),
    (Grade.UNUSABLE, (Damage.LIQUID,)),
)


def take_some_back(demo: DemoRegion, school: DemoSchool, dice: Random) -> None:
    """Take four PCs back in a lycée whose day is closed; wipe the second, write the last one off."""

    def new_id() -> UUID:
        return UUID(int=dice.getrandbits(128), version=4)

    held = Device.objects.filter(custodian_kind=CustodianKind.STUDENT, custodian__school=demo.schools[school.key])
    head_id = demo.people[school.key, Role.HEAD_OF_SCHOOL].actor_id
    devices = list(held.order_by("-asset_tag")[: len(_CAME_BACK)])
    for device, (grade, damages) in zip(devices, _CAME_BACK, strict=True):
        check_in(
            movement_id=new_id(),
            student=Student.objects.select_related("custodian").get(custodian_id=device.custodian_id),
            device=device,
            grade=grade,
            kit_missing=(),
            damages=damages,
            why=ReturnReason.OTHER,
            checked_in_at=demo.now - timedelta(minutes=20),
            checked_in_by_id=head_id,
        )
    work_on(movement_id=new_id(), device=devices[1], gesture=Gesture(BenchAct.WIPE), at=demo.now, by_id=head_id)
    slip = open_slip(
        slip_id=new_id(),
        school=demo.schools[school.key],
        outlet=Outlet.RECYCLING,
        receiver="Ateliers du Bocage",
        opened_at=demo.now,
        opened_by_id=head_id,
    )
    write_off(
        movement_id=new_id(),
        slip=slip,
        device=devices[-1],
        wipe_method=WipeMethod.DISK_DESTROYED,
        written_off_at=demo.now,
        written_off_by_id=head_id,
    )
