"""One page per student: how they stand in one line, what happened in plain words, what may be done and what may not."""

import re
from datetime import timedelta
from uuid import uuid4

from cartable.accounts.models import Role
from cartable.desk.rules import Standing, standing
from cartable.desk.tests.pages import read, signed_in, statements
from cartable.distribution.models import DayState, DistributionDay
from cartable.distribution.tests.conftest import DayScene
from cartable.distribution.tests.conftest import scene as scene
from cartable.distribution.tests.conftest import written_scene as written_scene
from cartable.emergency_stock.commands.allocations import take_back
from cartable.emergency_stock.models import Allocation, Loan
from cartable.emergency_stock.tests.conftest import Desk
from cartable.emergency_stock.tests.conftest import desk as desk
from cartable.emergency_stock.tests.conftest import written_desk as written_desk
from cartable.fleet.audit import audit_ledger
from cartable.rosters.models import Enrolment


def page(desk: Desk, name: str) -> str:
    return read(desk.cast.durand, f"/eleves/{desk.students[name].label_code}/")


def test_what_contradicts_itself_is_said_before_what_somebody_holds() -> None:
    facts = {"is_contested": False, "holds": False, "is_loan": False, "has_left": False, "was_absent": False}
    said = [
        standing(**{**facts, **dict.fromkeys(true, True)})
        for true in (
            ("is_contested", "holds", "has_left"), ("holds", "has_left"), ("holds", "is_loan"), ("holds",),
            ("has_left", "was_absent"), ("was_absent",), (),
        )
    ]  # fmt: skip
    assert said == [
        Standing.CONTESTED, Standing.MUST_RETURN, Standing.ON_LOAN, Standing.EQUIPPED, Standing.GONE, Standing.ABSENT,
        Standing.WAITS,
    ]  # fmt: skip


def test_a_student_without_pc_may_receive_one_of_the_reserve(desk: Desk) -> None:
    text = page(desk, "alice")
    assert "N’a pas encore de PC." in text
    assert f"/remettre/?eleve={desk.students['alice'].label_code}" in text


def test_a_student_with_a_pc_sees_the_reserve_greyed_with_the_reason(desk: Desk) -> None:
    desk.hand_over("alice", desk.reserve[0])
    text = page(desk, "alice")
    assert "A son PC." in text
    assert "Cet élève a déjà un PC. Reprenez-le" in text
    assert "/remettre/?eleve=" not in text
    assert "disabled" in text


def test_a_student_who_has_left_with_the_pc_owes_it(desk: Desk) -> None:
    desk.hand_over("alice", desk.reserve[0])
    Enrolment.objects.filter(student=desk.students["alice"]).update(ends_on=Enrolment.objects.first().starts_on)  # type: ignore[union-attr]
    assert "A quitté le lycée et doit rendre son PC." in page(desk, "alice")


def test_a_loan_says_for_which_pc_since_when_and_until_when(desk: Desk) -> None:
    desk.hand_over("alice", desk.reserve[0])
    desk.check_in("alice", desk.reserve[0])
    desk.lend("alice", desk.reserve[1], desk.reserve[0])
    text = page(desk, "alice")
    assert "A un PC en prêt, en attendant le sien." in text
    assert f"à la place de {desk.reserve[0].asset_tag} ; attendu" in text
    Loan.objects.update(due_on=desk.cast.now.date() - timedelta(days=400))
    assert "attendu depuis le" in page(desk, "alice")


def test_the_timeline_tells_charter_hand_over_correction_and_enrolment(desk: Desk) -> None:
    desk.hand_over("alice", desk.reserve[0])
    take_back(
        allocation=Allocation.objects.get(), movement_id=uuid4(), taken_back_at=desk.cast.now,
        taken_back_by_id=desk.cast.durand.actor_id,
    )  # fmt: skip
    text = page(desk, "alice")
    for said in (
        "Charte reçue", "Remise", "De la réserve : Absent le jour de la distribution", "Correction", "Corrigé ensuite",
        "Inscrit au lycée", str(Role.HEAD_OF_SCHOOL.label), f"/pc/{desk.reserve[0].asset_tag}/",
    ):  # fmt: skip
        assert said in text, said


def test_a_check_out_of_the_day_names_the_station_and_the_day(scene: DayScene) -> None:
    scene.a.arrival(scene.students["alice"])
    scene.b.pair(scene.students["alice"], scene.devices[0])
    text = read(scene.cast.durand, f"/eleves/{scene.students['alice']}/")
    assert "Scan au poste B2, journée du 15/09/2026" in text
    assert "A son PC." in text


def test_two_pcs_exchanged_by_mistake_are_put_right_from_the_student_s_page_after_the_day(scene: DayScene) -> None:
    for name, device in zip(("alice", "bilal"), scene.devices, strict=False):
        scene.a.arrival(scene.students[name])
        scene.b.pair(scene.students[name], device)
    DistributionDay.objects.filter(pk=scene.day.pk).update(
        state=DayState.CLOSED, closed_at=scene.cast.now, closed_by_id=scene.cast.durand.actor_id
    )
    text = read(scene.cast.durand, f"/eleves/{scene.students['alice']}/")
    (address,) = re.findall(r'href="(/journees/\d+/eleves/\d+/echange/)"', text)
    signed_in(scene.cast.durand).post(address, {"code": scene.devices[1]})
    assert f"/pc/{scene.devices[1]}/" in read(scene.cast.durand, f"/eleves/{scene.students['alice']}/")
    assert audit_ledger().broken == []


def test_a_contested_student_says_so_and_the_dispute_is_the_first_gesture(scene: DayScene) -> None:
    scene.b.pair(scene.students["bilal"], scene.devices[0])  # No charter: contested.
    text = read(scene.cast.durand, f"/eleves/{scene.students['bilal']}/")
    assert "En litige : des scans se contredisent." in text
    assert "Régler le litige" in text


def test_whoever_hands_nothing_over_sees_no_such_gesture(desk: Desk) -> None:
    text = read(desk.cast.meyer, f"/eleves/{desk.students['alice'].label_code}/")
    assert "Remettre un PC de la réserve" not in text
    assert "Réunir avec une autre fiche" in text


def test_a_student_s_page_costs_the_same_however_much_happened(desk: Desk) -> None:
    address = f"/eleves/{desk.students['alice'].label_code}/"
    desk.hand_over("alice", desk.reserve[0])
    few = statements(desk.cast.durand, address)
    for _ in range(3):
        desk.check_in("alice", desk.reserve[0])
        desk.cast.move(
            desk.reserve[0].pk, desk.cast.school_accounts["school_bench"], desk.students["alice"].custodian_id,  # type: ignore[index]
            "check_out",  # type: ignore[arg-type]
        )  # fmt: skip
    assert statements(desk.cast.durand, address) == few
