"""A PC whose repair is open stays with its ticket: it does not travel, and no earlier gesture is undone over it."""

from uuid import uuid4

import pytest

from cartable.fleet.audit import audit_ledger
from cartable.fleet.rules import CustodianKind as K
from cartable.incidents.commands.declarations import declare, withdraw
from cartable.incidents.commands.refusal import IncidentRefused
from cartable.incidents.rules import IncidentKind
from cartable.repairs.tests.conftest import Bench
from cartable.returns.commands.check_ins import ReturnRefused, check_in, undo_check_in
from cartable.returns.models import CheckIn
from cartable.returns.rules import Grade, ReturnReason
from cartable.supply.commands import Consignment, ShipmentRefused, dispatch_shipments


def test_a_pc_in_repair_does_not_travel_and_is_named(bench: Bench) -> None:
    bench.open()
    cast = bench.cast
    ends = cast.school_accounts[K.SCHOOL_BENCH], cast.other_accounts[K.SCHOOL_BENCH]
    with pytest.raises(ShipmentRefused) as refusal:
        dispatch_shipments(
            [Consignment(uuid4(), *ends, device_ids=(bench.own.pk,))],
            region_id=cast.region.pk, dispatched_at=cast.now, dispatched_by_id=cast.sonia.actor_id,
        )  # fmt: skip
    assert (refusal.value.code, refusal.value.asset_tags) == ("in_repair", (bench.own.asset_tag,))
    assert bench.device(bench.own).custodian_kind == K.SCHOOL_BENCH


def test_a_return_is_not_undone_once_the_pc_is_in_repair(bench: Bench) -> None:
    cast, bilal, movement = bench.cast, bench.desk.students["bilal"], uuid4()
    check_in(
        movement_id=movement, student=bilal, device=bench.own, grade=Grade.DAMAGED, kit_missing=(), damages=(),
        why=ReturnReason.OTHER, checked_in_at=cast.now, checked_in_by_id=cast.durand.actor_id,
    )  # fmt: skip
    bench.open(bench.device(bench.own), lend=False)
    taken = CheckIn.objects.select_related("student").get(pk=movement)
    with pytest.raises(ReturnRefused) as refusal:
        undo_check_in(check_in=taken, movement_id=uuid4(), undone_at=cast.now, undone_by_id=cast.durand.actor_id)
    assert refusal.value.code == "in_repair"
    assert audit_ledger().broken == []


def test_a_declaration_is_not_withdrawn_once_the_pc_is_in_repair(bench: Bench) -> None:
    cast, incident = bench.cast, uuid4()
    declare(
        incident_id=incident, device=bench.own, kind=IncidentKind.BREAKAGE, happened_on=cast.now.date(), is_here=True,
        declared_at=cast.now, declared_by_id=cast.durand.actor_id,
    )  # fmt: skip
    bench.open(bench.device(bench.own), lend=False)
    with pytest.raises(IncidentRefused) as refusal:
        withdraw(incident_id=incident, movement_id=uuid4(), withdrawn_at=cast.now, withdrawn_by_id=cast.durand.actor_id)
    assert refusal.value.code == "in_repair"
    assert audit_ledger().broken == []
