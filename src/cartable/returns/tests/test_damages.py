"""Damaged parts, counted by lot, model and lycée for whoever buys the next PCs."""

import re
from datetime import timedelta
from uuid import uuid4

from django.test import Client

from cartable.fleet.models import DeviceModel, Lot
from cartable.fleet.rules import Grade
from cartable.returns.commands.check_ins import undo_check_in
from cartable.returns.models import CheckIn
from cartable.returns.queries.damages import Side, damage_counts
from cartable.returns.rules import Damage
from cartable.returns.tests.conftest import Returns, of


def rows(client: Client, **asked: str) -> dict[str, list[int]]:
    """Return the rows of the table: name → its figures."""
    html = client.get("/restituer/pieces/", asked).content.decode()
    found = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', html, re.DOTALL)
    return {name: [int(n) for n in re.findall(r"<td[^>]*>(\d+)</td>", cells)] for name, cells in found}


def test_each_damaged_part_is_counted_once_per_pc_and_the_worst_lot_stands_first(returns: Returns) -> None:
    cast = returns.cast
    lot = Lot.objects.create(region=cast.region, reference="Lot fragile", received_on=cast.now.date())
    model = DeviceModel.objects.create(region=cast.region, name="Fragile 14")
    for name in ("bilal", "chloe"):
        device = returns.held[name]
        type(device).objects.filter(pk=device.pk).update(lot=lot, device_model=model)
    returns.take("alice")
    returns.take("bilal", grade=Grade.DAMAGED, damages=[Damage.SCREEN, Damage.HINGE])
    returns.take("chloe", grade=Grade.UNUSABLE, damages=[Damage.SCREEN])
    first, second = damage_counts(Side.LOT)
    assert (first.name, first.returned, first.worn, first.damaged) == ("Lot fragile", 2, 2, 2)
    assert {part: n for part, n in first.parts.items() if n} == {Damage.SCREEN: 2, Damage.HINGE: 1}
    assert (second.returned, second.worn, second.damaged, set(second.parts.values())) == (1, 0, 0, {0})
    assert damage_counts(Side.MODEL)[0].name == "Fragile 14"


def test_the_region_reads_every_lycee_and_a_head_their_own(returns: Returns) -> None:
    returns.take("bilal", grade=Grade.DAMAGED, damages=[Damage.KEYBOARD])
    cast = returns.cast
    CheckIn.objects.update(checked_in_at=cast.now + timedelta(days=365 * 40))  # In the school year of any clock.
    for person, expected in ((cast.sonia, {cast.school.name}), (cast.durand, {cast.school.name}), (cast.zoe, set())):
        assert set(rows(of(person), par="lycee", depuis="toujours")) == expected
    [figures] = rows(of(cast.sonia), par="lycee").values()
    assert figures == [1, 1, 1, 0, 1, 0, 0, 0, 0, 0]


def test_a_return_that_was_undone_and_one_of_an_earlier_year_are_not_counted(returns: Returns) -> None:
    cast = returns.cast
    taken = returns.take("bilal", damages=[Damage.SCREEN])
    assert damage_counts(Side.LOT, since=cast.now.date())[0].damaged == 1
    assert damage_counts(Side.LOT, since=cast.now.date() + timedelta(days=1)) == []
    undo_check_in(
        check_in=CheckIn.objects.get(pk=taken.movement_id), movement_id=uuid4(),
        undone_at=cast.now + timedelta(hours=2), undone_by_id=cast.durand.actor_id,
    )  # fmt: skip
    assert damage_counts(Side.LOT) == []
