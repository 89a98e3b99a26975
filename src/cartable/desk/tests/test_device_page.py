"""One page per PC: where it is, whose, the loan it is part of, what may be done and what may not."""

from uuid import uuid4

from cartable.desk.tests.pages import read, statements
from cartable.emergency_stock.tests.conftest import Desk
from cartable.emergency_stock.tests.conftest import desk as desk
from cartable.emergency_stock.tests.conftest import written_desk as written_desk
from cartable.fleet.commands import set_condition
from cartable.fleet.models import Device
from cartable.fleet.rules import Condition, Reason
from cartable.fleet.rules import CustodianKind as K
from cartable.incidents.commands.declarations import declare
from cartable.incidents.rules import IncidentKind


def page(desk: Desk, device: Device, who: str = "durand") -> str:
    return read(getattr(desk.cast, who), f"/pc/{device.asset_tag}/")


def test_a_fit_pc_of_the_reserve_may_be_handed_over(desk: Desk) -> None:
    text = page(desk, desk.reserve[0])
    assert "Remettre à un élève" in text
    assert 'href="/remettre/"' in text
    assert 'Impossible<span class="hors-vue"> : Remettre à un élève' not in text


def test_a_pc_that_is_not_fit_says_why_it_stays(desk: Desk) -> None:
    set_condition(device_ids=[desk.reserve[0].pk], condition=Condition.FAULTY)
    text = page(desk, desk.reserve[0])
    assert "Ce PC n’est pas en état d’être remis." in text
    assert 'href="/remettre/"' not in text
    assert 'Impossible<span class="hors-vue"> : Remettre à un élève' in text


def test_a_pc_with_a_student_leads_to_them_but_for_whoever_sees_no_students(desk: Desk) -> None:
    desk.hand_over("alice", desk.reserve[0])
    link = f'href="/eleves/{desk.students["alice"].label_code}/"'
    assert link in page(desk, desk.reserve[0])
    for_karim = page(desk, desk.reserve[0], "karim")
    assert "Alice Marchand" in for_karim
    assert link not in for_karim
    assert "De la réserve : Absent le jour de la distribution" in for_karim


def test_both_pcs_of_a_loan_name_each_other(desk: Desk) -> None:
    desk.hand_over("alice", desk.reserve[0])
    desk.check_in("alice", desk.reserve[0])
    desk.lend("alice", desk.reserve[1], desk.reserve[0])
    own, loaner = page(desk, desk.reserve[0]), page(desk, desk.reserve[1])
    assert "Remplacé par un prêt depuis le" in own
    assert f'href="/pc/{desk.reserve[1].asset_tag}/"' in own
    assert "En prêt depuis le" in loaner
    assert f'href="/pc/{desk.reserve[0].asset_tag}/"' in loaner


def test_a_stolen_pc_raises_the_alarm_on_its_page(desk: Desk) -> None:
    reserve, claim = desk.cast.school_accounts[K.EMERGENCY_STOCK], desk.cast.region_accounts[K.CLAIM]
    desk.cast.move(desk.reserve[0].pk, reserve, claim, Reason.CLAIM)
    assert "PC déclaré volé ou perdu" in page(desk, desk.reserve[0], "sonia")


def test_a_pc_s_page_costs_the_same_however_much_happened(desk: Desk) -> None:
    address = f"/pc/{desk.reserve[0].asset_tag}/"
    desk.hand_over("alice", desk.reserve[0])
    few = statements(desk.cast.durand, address)
    for _ in range(3):
        desk.check_in("alice", desk.reserve[0])
        account = desk.students["alice"].custodian_id
        desk.cast.move(desk.reserve[0].pk, desk.cast.school_accounts[K.SCHOOL_BENCH], account, Reason.CHECK_OUT)
    assert statements(desk.cast.durand, address) == few


def test_what_may_be_done_follows_where_the_pc_is(desk: Desk) -> None:
    in_reserve = page(desk, desk.reserve[0])
    assert "Ce PC n’est chez aucun élève : il n’y a rien à reprendre." in in_reserve
    assert f"/declarer/?code={desk.reserve[0].asset_tag}" in in_reserve
    assert "Travailler à l’atelier" not in in_reserve
    desk.hand_over("alice", desk.reserve[0])
    with_alice = page(desk, desk.reserve[0])
    assert f"/restituer/?code={desk.reserve[0].asset_tag}" in with_alice
    assert f"/reparer/?pc={desk.reserve[0].asset_tag}" in with_alice
    desk.check_in("alice", desk.reserve[0])
    assert f"/atelier/{desk.cast.school.uai}/?pc={desk.reserve[0].asset_tag}" in page(desk, desk.reserve[0], "karim")


def test_a_declared_pc_leads_to_its_incident(desk: Desk) -> None:
    desk.hand_over("alice", desk.reserve[0])
    declared = declare(
        incident_id=uuid4(), device=desk.reserve[0], kind=IncidentKind.BREAKAGE, happened_on=desk.cast.now.date(),
        is_here=False, declared_at=desk.cast.now, declared_by_id=desk.cast.durand.actor_id,
    )  # fmt: skip
    text = page(desk, desk.reserve[0])
    assert f"/incidents/{declared.incident_id}/" in text
    assert "Un incident est déjà ouvert pour ce PC." in text
    of_alice = read(desk.cast.durand, f"/eleves/{desk.students['alice'].label_code}/")
    assert f"/incidents/{declared.incident_id}/" in of_alice
