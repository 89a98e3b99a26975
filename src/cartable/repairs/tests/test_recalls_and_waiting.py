"""A recall opens one ticket per PC of a lycée, once; what waits is counted, with its remedy."""

from uuid import UUID, uuid4

import pytest
from django_scopes import scope

from cartable.fleet.rules import CustodianKind as K
from cartable.fleet.rules import Reason
from cartable.repairs.commands.recalls import open_recall
from cartable.repairs.models import RepairTicket
from cartable.repairs.queries.recalls import preview, recalls
from cartable.repairs.queries.waiting import Waiting, WaitingKind, waiting, waiting_for_region
from cartable.repairs.rules import RepairOutcome
from cartable.repairs.tests.conftest import Bench


def call_back(bench: Bench, *, recall: UUID | None = None, lot: bool = False) -> int:
    """Call the model, or the lot, of the cast back."""
    return open_recall(
        recall_id=recall or uuid4(),
        region_id=bench.cast.region.pk,
        repairer_id=bench.cast.repairer.pk,
        model_id=None if lot else bench.cast.model_id,
        lot_id=bench.cast.lot_id if lot else None,
        reason="Batterie qui gonfle",
        opened_at=bench.cast.now,
        opened_by_id=bench.cast.sonia.actor_id,
    )


def kinds(bench: Bench) -> dict[WaitingKind, int]:
    """Return what waits in the lycée."""
    return {one.kind: one.count for one in waiting([bench.cast.school.pk])}


@pytest.mark.parametrize("lot", [False, True])
def test_a_recall_opens_what_its_preview_counted(bench: Bench, lot: bool) -> None:
    bench.desk.fill(2, school=bench.cast.other_school)
    bench.cast.devices_in_depot(4)
    bench.open(bench.desk.reserve[2], lend=False)
    values = {"model_id": None if lot else bench.cast.model_id, "lot_id": bench.cast.lot_id if lot else None}
    seen = preview(region_id=bench.cast.region.pk, **values)
    assert {(one.count, one.with_students) for one in seen.schools} == {(2, 0), (2, 1)}
    assert (seen.count, seen.elsewhere) == (4, 4)
    recall = uuid4()
    assert call_back(bench, recall=recall, lot=lot) == 4
    assert call_back(bench, recall=recall, lot=lot) == 0
    assert call_back(bench, lot=lot) == 0
    assert (4, 4) in [(one.count, one.open_count) for one in recalls()]


def test_a_recalled_pc_that_comes_in_gets_no_second_ticket(bench: Bench) -> None:
    call_back(bench)
    act = uuid4()
    first, again = bench.open(act=act), bench.open(act=act)
    assert first.pk == again.pk
    assert first.recall_id is not None
    assert first.symptoms == ["other", "screen"]
    assert RepairTicket.objects.filter(device=bench.own).count() == 1
    assert bench.holder(bench.loaner) == "bilal"


def test_what_waits_follows_a_pc_through_its_repair(bench: Bench) -> None:
    ticket = bench.open()
    assert kinds(bench) == {WaitingKind.TO_SEND: 1}
    bench.send(bench.own.asset_tag)
    assert kinds(bench) == {}
    bench.receive(bench.own.asset_tag)
    bench.diagnose(ticket)
    bench.finish(ticket)
    bench.send_back(bench.own.asset_tag)
    assert kinds(bench) == {WaitingKind.TO_RECEIVE: 1}
    bench.take_back(bench.own.asset_tag)
    assert kinds(bench) == {WaitingKind.TO_HAND_BACK: 1}


def test_what_waits_says_where_how_long_and_the_remedy(bench: Bench) -> None:
    bench.open()
    call_back(bench)
    found = {one.kind: one for one in waiting([bench.cast.school.pk])}
    assert found[WaitingKind.TO_SEND].url == "/reparations/envoyer/"
    assert found[WaitingKind.TO_SEND].school == "Lycée des Trois-Rivières"
    assert found[WaitingKind.TO_TAKE_IN].count == 2
    assert waiting([bench.cast.other_school.pk]) == []


def test_the_region_hears_of_quotes_disposals_and_what_is_late(bench: Bench) -> None:
    ticket = bench.open()
    bench.send(bench.own.asset_tag)
    bench.receive(bench.own.asset_tag)
    bench.diagnose(ticket)
    bench.finish(ticket, RepairOutcome.UNREPAIRABLE)
    RepairTicket.objects.filter(pk=ticket.pk).update(received_at="2020-01-01 08:00+00", sent_at="2020-01-01 08:00+00")
    found: dict[WaitingKind, Waiting] = {one.kind: one for one in waiting_for_region(bench.cast.region.pk)}
    assert found[WaitingKind.TO_DISPOSE].count == 1
    assert found[WaitingKind.OVERDUE].oldest_days > 300
    assert WaitingKind.TO_SEND not in found


def test_the_repairer_hears_what_waits_in_the_workshop(bench: Bench) -> None:
    cast = bench.cast
    bench.open()
    bench.open(bench.desk.reserve[2], lend=False)
    bench.send(bench.own.asset_tag, bench.desk.reserve[2].asset_tag)
    bench.receive(bench.own.asset_tag)
    with scope(region=cast.region.pk, school=[], contractor=[cast.repairer.pk]):
        found = {one.kind: (one.count, one.url) for one in waiting(())}
    assert found == {
        WaitingKind.WORKSHOP_TO_RECEIVE: (1, "/sav/recevoir/"),
        WaitingKind.WORKSHOP_TO_DIAGNOSE: (1, "/sav/"),
    }
    with scope(region=cast.region.pk, school=[], contractor=[cast.supplier.pk]):
        assert waiting(()) == []
    with scope(region=cast.region.pk, school=None, contractor=None):
        assert waiting(None) == waiting_for_region(cast.region.pk)


def test_a_pc_that_was_stolen_meanwhile_is_not_recalled(bench: Bench) -> None:
    cast = bench.cast
    third = bench.desk.reserve[2]
    cast.move(third.pk, cast.school_accounts[K.EMERGENCY_STOCK], cast.region_accounts[K.CLAIM], Reason.CLAIM)
    assert call_back(bench) == 2
