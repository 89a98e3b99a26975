"""From the depot to a school: chosen, looked at, moved once."""

from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from django.db import connections
from django_scopes import scopes_disabled

from cartable.conftest import NOW, Cast
from cartable.fleet.commands import set_condition
from cartable.fleet.models import Device, Movement
from cartable.fleet.rules import Condition, CustodianKind
from cartable.organisations.models import School
from cartable.supply import commands
from cartable.supply.models import Allotment
from cartable.supply.queries import depot
from cartable.supply.rules import Choice
from cartable.supply.tests.notes import deliver, plain_lines


def allot(
    cast: Cast, choice: Choice, *, pk: UUID | None = None, school: School | None = None, **more: int
) -> commands.Allotted:
    """Allot as the manager of the cast."""
    return commands.allot_devices(
        allotment_id=pk or uuid4(),
        region_id=cast.region.pk,
        school_id=(school or cast.school).pk,
        choice=choice,
        acting_actor_id=cast.sonia.actor_id,
        happened_at=NOW,
        **more,
    )


def in_allotment(cast: Cast) -> set[str]:
    """Return the pallets that stand in the school's allotment."""
    held = Device.objects.filter(custodian_id=cast.school_accounts[CustodianKind.SCHOOL_ALLOTMENT])
    return set(held.values_list("pallet", flat=True))


def test_a_number_of_pcs_goes_pallet_by_pallet(cast: Cast) -> None:
    deliver(cast, plain_lines(60))
    assert allot(cast, Choice(count=25)).device_count == 25
    assert in_allotment(cast) == {"PAL000", "PAL001"}
    assert depot.depot_count(cast.region.pk) == 35


def test_whole_pallets_and_cartons_go(cast: Cast) -> None:
    deliver(cast, plain_lines(60))
    assert allot(cast, Choice(pallets=("PAL001", "PAL002"))).device_count == 40
    assert allot(cast, Choice(cartons=("C0001",))).device_count == 5


def test_named_pcs_go(cast: Cast) -> None:
    deliver(cast, plain_lines(3))
    ids, unknown = depot.named_devices(["5CD0000001", "5CD9999999"], region_id=cast.region.pk)
    assert (len(ids), unknown) == (1, ("5CD9999999",))
    assert allot(cast, Choice(device_ids=ids)).device_count == 1


def test_each_movement_names_its_allotment(cast: Cast) -> None:
    deliver(cast, plain_lines(2))
    done = allot(cast, Choice(count=2))
    moves = Movement.objects.filter(reason="allotment")
    assert {move.evidence for move in moves} == {f"allotment:{done.allotment_id}"}


def test_the_same_allotment_again_moves_nothing_more(cast: Cast) -> None:
    deliver(cast, plain_lines(10))
    pk = uuid4()
    first, again = allot(cast, Choice(count=4), pk=pk), allot(cast, Choice(count=4), pk=pk)
    assert (first.already_recorded, again.already_recorded, again.device_count) == (False, True, 4)
    assert depot.depot_count(cast.region.pk) == 6
    with pytest.raises(commands.AllotmentIdReused):
        allot(cast, Choice(count=5), pk=pk)


def test_a_faulty_pc_stays_in_the_depot(cast: Cast) -> None:
    deliver(cast, plain_lines(3))
    set_condition(device_ids=[Device.objects.order_by("pk")[0].pk], condition=Condition.FAULTY)
    assert allot(cast, Choice(count=2)).device_count == 2
    with pytest.raises(commands.NotEnoughDevices):
        allot(cast, Choice(count=1))


@pytest.mark.parametrize(
    ("choice", "refusal"),
    [
        (Choice(count=11), commands.NotEnoughDevices),
        (Choice(pallets=("NOWHERE",)), commands.NothingChosen),
        (Choice(), commands.NothingChosen),
        (Choice(count=-1), commands.NothingChosen),
        (Choice(count=2, pallets=("PAL000",)), commands.NothingChosen),
    ],
)
def test_a_choice_that_cannot_be_kept_moves_nothing(
    cast: Cast, choice: Choice, refusal: type[commands.AllotmentRefusal]
) -> None:
    deliver(cast, plain_lines(10))
    with pytest.raises(refusal):
        allot(cast, choice)
    assert (depot.depot_count(cast.region.pk), Allotment.objects.count()) == (10, 0)


def test_a_choice_that_means_something_else_by_now_is_refused(cast: Cast) -> None:
    deliver(cast, plain_lines(20))
    allot(cast, Choice(count=3))
    with pytest.raises(commands.DepotHasChanged):
        allot(cast, Choice(pallets=("PAL000",)), expected_count=20)


def test_a_closed_school_gets_nothing(cast: Cast) -> None:
    deliver(cast, plain_lines(2))
    School.objects.filter(pk=cast.school.pk).update(closed_on=NOW.date())
    with pytest.raises(commands.SchoolIsClosed):
        allot(cast, Choice(count=1))


def test_the_depot_is_shown_pallet_by_pallet(cast: Cast) -> None:
    deliver(cast, plain_lines(30))
    rows = depot.depot_pallets(cast.region.pk)
    assert [(row.pallet, row.count, row.carton_count, row.models) for row in rows] == [
        ("PAL000", 20, 4, "HP 240 G9"),
        ("PAL001", 10, 2, "HP 240 G9"),
    ]


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_managers_who_allot_together_never_get_the_same_pc(committed_cast: Cast) -> None:
    cast = committed_cast
    deliver(cast, plain_lines(100))
    start, counts = Barrier(2), []

    def run(school: School) -> None:
        with scopes_disabled():
            start.wait()
            counts.append(allot(cast, Choice(count=40), school=school).device_count)
        connections.close_all()

    threads = [Thread(target=run, args=(school,)) for school in (cast.school, cast.other_school)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (counts, depot.depot_count(cast.region.pk)) == ([40, 40], 20)
