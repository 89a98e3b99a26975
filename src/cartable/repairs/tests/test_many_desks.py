"""Many desks at once: one ticket, one loan, one parcel, whoever comes first."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from cartable.conftest import Cast
from cartable.emergency_stock.models import Loan
from cartable.fleet.audit import audit_ledger
from cartable.fleet.tests.test_concurrency import all_at_once
from cartable.repairs.commands.refusals import RepairRefused
from cartable.repairs.models import RepairBatch, RepairTicket
from cartable.repairs.tests.conftest import Bench, build_bench


@pytest.fixture
def committed_bench(committed_cast: Cast) -> Bench:
    """The bench of the cast, committed."""
    return build_bench(committed_cast)


def answered(act: Callable[[], object]) -> Callable[[], str]:
    """Return an act that says "done", or why it was refused."""

    def told() -> str:
        try:
            act()
        except RepairRefused as refusal:
            return refusal.code
        return "done"

    return told


def test_thirty_two_desks_repair_one_pc_and_one_ticket_is_opened(committed_bench: Bench) -> None:
    said = all_at_once([answered(committed_bench.open) for _ in range(32)])
    assert said["done"] == 1
    assert set(said) <= {"done", "ticket_is_open"}
    assert (RepairTicket.objects.count(), Loan.objects.count()) == (1, 1)
    assert audit_ledger().broken == []


def test_one_act_sent_sixteen_times_at_once_is_one(committed_bench: Bench) -> None:
    act = uuid4()
    said = all_at_once([answered(lambda: committed_bench.open(act=act)) for _ in range(16)])
    assert said == {"done": 16}
    assert (RepairTicket.objects.count(), Loan.objects.count()) == (1, 1)


def test_one_parcel_sent_by_sixteen_desks_leaves_once(committed_bench: Bench) -> None:
    committed_bench.open()
    tag = committed_bench.own.asset_tag
    said = all_at_once([answered(lambda: committed_bench.send(tag)) for _ in range(16)])
    assert said["done"] == 1
    assert set(said) <= {"done", "sent_already", "nothing_to_send"}
    assert RepairBatch.objects.count() == 1
    assert audit_ledger().broken == []
