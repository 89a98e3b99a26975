"""A lycée closes into another one, in one act: nothing is left behind unseen, and nothing happens that was not looked at."""

import re
from collections.abc import Callable
from datetime import date, time
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone
from django_scopes import scopes_disabled

from cartable.desk.commands.closings import Closed, ClosingRefused, close_lycee
from cartable.desk.models import SchoolClosing
from cartable.desk.queries.closings import closing_plan
from cartable.desk.rules import stock_goal
from cartable.desk.tests.pages import read, signed_in
from cartable.distribution.commands.days import SchoolHasClosed, freeze_list, plan_day
from cartable.distribution.models import DistributionDay
from cartable.emergency_stock.commands.top_ups import ask_for_top_up
from cartable.emergency_stock.models import Loan, TopUp
from cartable.emergency_stock.queries.levels import reserves
from cartable.emergency_stock.tests.conftest import Desk
from cartable.emergency_stock.tests.conftest import committed_desk as committed_desk
from cartable.emergency_stock.tests.conftest import desk as desk
from cartable.emergency_stock.tests.conftest import written_desk as written_desk
from cartable.fleet.audit import audit_ledger
from cartable.fleet.commands import UnknownToTheTrade, set_condition
from cartable.fleet.models import Device
from cartable.fleet.rules import Condition, Reason
from cartable.fleet.rules import CustodianKind as K
from cartable.incidents.commands.declarations import declare
from cartable.incidents.models import Incident
from cartable.incidents.rules import IncidentKind
from cartable.organisations.commands import keep_directory
from cartable.organisations.models import School
from cartable.organisations.queries import directory_difference, reading_of
from cartable.organisations.tests.test_directory import HEADER, THE_CAST
from cartable.repairs.commands.batches import send_out
from cartable.repairs.commands.opening import open_repair
from cartable.repairs.models import RepairTicket
from cartable.repairs.queries.scans import to_send
from cartable.repairs.rules import Symptom
from cartable.rosters.commands.batches import SentFile, read_file, receive_files
from cartable.rosters.commands.departures import DepartureRefused, declare_departure, undo_departure
from cartable.rosters.models import Enrolment, Student
from cartable.rosters.queries.lists import file_refusal
from cartable.rosters.tests.test_roster_import import listed, preview
from cartable.supply.commands import Consignment, close_receipt, dispatch_shipments, receive_devices
from cartable.supply.models import Shipment


def close(desk: Desk, *, into: School | None = None, act: UUID | None = None, seen: str = "") -> Closed:
    """Close the lycée of the cast as the page does: look, then confirm what was seen."""
    cast, today = desk.cast, timezone.localdate()
    seen = seen or closing_plan(cast.school, into, closed_on=today).fingerprint
    return close_lycee(
        closing_id=act or uuid4(),
        school=cast.school,
        successor_id=into.pk if into else None,
        closed_on=today,
        fingerprint=seen,
        closed_at=timezone.now(),
        closed_by_id=cast.sonia.actor_id,
    )


def refusal_of(desk: Desk, **said: Any) -> str:
    with pytest.raises(ClosingRefused) as refusal:
        close(desk, **said)
    return refusal.value.code


def repaired(desk: Desk, device: Device, *, sent: bool) -> RepairTicket:
    """Take a failed PC in; send it to the repairer or leave it on the bench."""
    cast = desk.cast
    ticket = open_repair(
        act_id=uuid4(), device=Device.objects.get(pk=device.pk), repairer_id=cast.repairer.pk,
        symptoms=[Symptom.SCREEN], note="", loaner=None, opened_at=cast.now, opened_by_id=cast.durand.actor_id,
    )  # fmt: skip
    if sent:
        scanned = to_send([device.asset_tag], region_id=cast.region.pk)
        send_out(act_id=uuid4(), scanned=scanned, sent_at=cast.now, sent_by_id=cast.durand.actor_id)
    return ticket


def lived_in(desk: Desk) -> dict[str, Any]:
    """Live a while in the lycée: Alice lent a PC, Bilal robbed, Chloé's at the repairer's, Dylan left with his."""
    cast = desk.cast
    desk.reserve += desk.fill(6)
    own, loaner, bilals, chloes, dylans, on_bench, faulty, *fit = desk.reserve
    for name, device in (("alice", own), ("bilal", bilals), ("chloe", chloes), ("dylan", dylans)):
        desk.hand_over(name, device)
    desk.check_in("alice", own)
    desk.lend("alice", loaner, own)
    declare(
        incident_id=uuid4(), device=Device.objects.get(pk=bilals.pk), kind=IncidentKind.THEFT,
        happened_on=cast.now.date(), is_here=False, declared_at=cast.now, declared_by_id=cast.durand.actor_id,
    )  # fmt: skip
    repaired(desk, chloes, sent=True)
    Enrolment.objects.filter(student=desk.students["dylan"]).update(ends_on=date(2026, 9, 20))
    stock, bench = cast.school_accounts[K.EMERGENCY_STOCK], cast.school_accounts[K.SCHOOL_BENCH]
    cast.move(on_bench.pk, stock, bench, Reason.FAULT)
    set_condition(device_ids=[on_bench.pk], condition=Condition.BEING_REIMAGED)
    set_condition(device_ids=[faulty.pk], condition=Condition.FAULTY)
    ask_for_top_up(top_up_id=uuid4(), school=cast.school, count=5, asked_at=cast.now, asked_by_id=cast.durand.actor_id)
    plan_day(school=cast.school, campaign=cast.campaign, held_on=date(2027, 1, 15), starts_at=time(8, 30))
    return {"own": own, "loaner": loaner, "dylans": dylans, "fit": fit, "bench": [own, on_bench, faulty]}


def test_students_pcs_loans_incidents_repairs_and_stock_go_on_in_the_other_lycee(desk: Desk) -> None:
    cast, pcs = desk.cast, lived_in(desk)
    expected = {
        "students": 3, "leavers": 1, "held": 2, "stock": 5, "loans": 1, "incidents": 1, "repairs": 1, "top_ups": 1,
        "planned_days": 1, "to_emergency_stock": 2, "to_school_bench": 3,
    }  # fmt: skip
    done = close(desk, into=cast.other_school)
    assert {name: count for name, count in done.counts.items() if count} == expected
    # Students: enrolled there from today on, in no class yet; who had left and owes a PC owes it there.
    there = Enrolment.objects.filter(school=cast.other_school, ends_on=None)
    assert set(there.values_list("student_id", "first_year", "division", "starts_on")) == {
        (desk.students[name].pk, 2026, "", timezone.localdate()) for name in ("alice", "bilal", "chloe")
    }
    assert not Enrolment.objects.filter(school=cast.school, ends_on=None).exists()
    assert set(Student.objects.values_list("custodian__school_id", flat=True)) == {cast.other_school.pk}
    # Nothing was closed that goes on; nothing of it is left behind.
    assert Loan.objects.get(ended_at=None).school_id == cast.other_school.pk
    assert Incident.objects.get().school_id == RepairTicket.objects.get().school_id == cast.other_school.pk
    assert "Fermeture de" in TopUp.objects.get().refusal
    assert not DistributionDay.objects.exists()
    # The stock is on the road until it is scanned at the other end.
    [reserve] = reserves([cast.other_school.pk], today=timezone.localdate())
    assert (reserve.level.fit, reserve.level.on_the_road, reserve.student_count) == (0, 2, 3)
    for shipment in Shipment.objects.all():
        ids = list(shipment.lines.values_list("device_id", flat=True))
        receive_devices(shipment_id=shipment.pk, device_ids=ids, received_at=cast.now, received_by_id=cast.zoe.actor_id)
        close_receipt(shipment_id=shipment.pk, expected_missing=0, closed_at=cast.now, closed_by_id=cast.zoe.actor_id)
    stock = Device.objects.filter(custodian_kind=K.EMERGENCY_STOCK, custodian__school=cast.other_school)
    assert set(stock.values_list("pk", flat=True)) == {one.pk for one in pcs["fit"]}
    bench = Device.objects.filter(custodian_kind=K.SCHOOL_BENCH, custodian__school=cast.other_school)
    assert set(bench.values_list("pk", flat=True)) == {one.pk for one in pcs["bench"]}
    assert audit_ledger().broken == []


def test_a_pc_that_does_not_arrive_is_a_difference_and_never_goes_back_to_the_closed_lycee(desk: Desk) -> None:
    cast = desk.cast
    close(desk, into=cast.other_school)
    shipment = Shipment.objects.get()
    close_receipt(shipment_id=shipment.pk, expected_missing=3, closed_at=cast.now, closed_by_id=cast.zoe.actor_id)
    page = read(cast.sonia, f"/transferts/{shipment.pk}/")
    assert 'value="found"' in page
    assert 'value="claimed"' in page
    assert 'value="returned"' not in page


def test_confirmed_twice_it_is_one_and_another_confirmation_comes_too_late(desk: Desk) -> None:
    act, into = uuid4(), desk.cast.other_school
    seen = closing_plan(desk.cast.school, into, closed_on=timezone.localdate()).fingerprint
    first, again = (close(desk, into=into, act=act, seen=seen) for _ in range(2))
    assert (first.is_repeated, again.is_repeated, again.counts) == (False, True, first.counts)
    assert refusal_of(desk, into=into, seen=seen) == "already_closed"
    assert Shipment.objects.count() == SchoolClosing.objects.count() == 1


def test_where_the_books_moved_since_the_preview_nothing_happens(desk: Desk) -> None:
    into = desk.cast.other_school
    seen = closing_plan(desk.cast.school, into, closed_on=timezone.localdate()).fingerprint
    desk.hand_over("alice", desk.reserve[0])
    assert refusal_of(desk, into=into, seen=seen) == "books_moved"
    assert School.objects.get(pk=desk.cast.school.pk).closed_on is None
    assert not Shipment.objects.exists()


def _frozen_day(desk: Desk) -> str:
    cast = desk.cast
    day = plan_day(school=cast.school, campaign=cast.campaign, held_on=date(2027, 1, 15), starts_at=time(8, 30))
    freeze_list(day=day, now=cast.now)
    return f"/journees/{day.pk}/"


def _on_the_road(desk: Desk) -> str:
    cast, shipment = desk.cast, uuid4()
    sent = Consignment(shipment, cast.other_accounts[K.EMERGENCY_STOCK], cast.school_accounts[K.EMERGENCY_STOCK], 1)
    desk.fill(1, school=cast.other_school)
    dispatch_shipments(
        [sent], region_id=cast.region.pk, dispatched_at=cast.now, dispatched_by_id=cast.zoe.actor_id
    )  # fmt: skip
    return f"/transferts/{shipment}/"


def _list_to_apply(desk: Desk) -> str:
    preview(desk.cast, listed("1"))
    return f"/listes/{desk.cast.school.uai}/"


def _on_the_bench(desk: Desk) -> str:
    repaired(desk, desk.reserve[0], sent=False)
    return f"/pc/{desk.reserve[0].asset_tag}/"


@pytest.mark.parametrize("plant", [_frozen_day, _on_the_road, _list_to_apply, _on_the_bench])
def test_what_stands_in_the_way_is_named_with_the_way_to_its_remedy(desk: Desk, plant: Callable[[Desk], str]) -> None:
    remedy, cast = plant(desk), desk.cast
    page = read(cast.sonia, f"/lycees/{cast.school.uai}/fermer/?vers={cast.other_school.uai}&le={timezone.localdate()}")
    assert "Ce qui empêche encore la fermeture" in page
    assert f'href="{remedy}"' in page
    assert 'name="fermeture"' not in page
    assert refusal_of(desk, into=cast.other_school) == "in_the_way"


def test_without_another_lycee_students_must_have_left_and_the_stock_goes_to_the_depot(desk: Desk) -> None:
    cast = desk.cast
    desk.hand_over("alice", desk.reserve[0])
    page = read(cast.sonia, f"/lycees/{cast.school.uai}/fermer/?vers=aucun&le={timezone.localdate()}")
    assert "4 élèves sont encore inscrits" in page
    assert f"/lycees/{cast.school.uai}/eleves/" in page
    assert f"/pc/{desk.reserve[0].asset_tag}/" in page
    assert refusal_of(desk) == "in_the_way"
    desk.check_in("alice", desk.reserve[0])
    Enrolment.objects.update(ends_on=date(2026, 10, 1))
    done = close(desk)
    assert {name: count for name, count in done.counts.items() if count} == {"stock": 3, "to_depot": 3}
    assert set(Shipment.objects.values_list("destination__kind", flat=True)) == {"depot"}
    assert audit_ledger().broken == []


def test_whoever_stands_in_an_earlier_list_alone_is_no_student_of_this_year_over_there(desk: Desk) -> None:
    cast = desk.cast
    Enrolment.objects.filter(student=desk.students["dylan"]).update(first_year=2025, starts_on=date(2025, 9, 1))
    close(desk, into=cast.other_school)
    [reserve] = reserves([cast.other_school.pk], today=timezone.localdate())
    assert reserve.student_count == 3
    assert Enrolment.objects.get(student=desk.students["dylan"], school=cast.other_school).first_year == 2025


def test_whoever_was_in_the_other_lycee_this_year_begins_there_again(desk: Desk) -> None:
    cast, alice = desk.cast, desk.students["alice"]
    was = Enrolment.objects.get(student=alice)
    Enrolment.objects.create(
        student=alice, school=cast.other_school, first_year=2026, starts_on=date(2026, 9, 1), ends_on=was.starts_on,
        division="1G2",
    )  # fmt: skip
    close(desk, into=cast.other_school)
    again = Enrolment.objects.get(student=alice, school=cast.other_school)
    assert (again.starts_on, again.ends_on, again.division) == (timezone.localdate(), None, "1G2")


def test_after_it_every_door_of_the_closed_lycee_is_shut_by_name(desk: Desk) -> None:
    cast = desk.cast
    left = declare_departure(
        departure_id=uuid4(), student=desk.students["dylan"], from_school_id=cast.school.pk,
        to_school_id=cast.other_school.pk, declared_at=timezone.now(), declared_by_id=cast.durand.actor_id,
    )  # fmt: skip
    close(desk, into=cast.other_school)
    cast.school.refresh_from_db()
    sent = receive_files(
        batch_id=uuid4(), region_id=cast.region.pk, school=cast.school, first_year=2026,
        files=[SentFile("liste.csv", b"Nom;Pr\xc3\xa9nom;Classe\nMarchand;Alice;TG3")], sent_at=cast.now,
        sent_by_id=cast.sonia.actor_id,
    )  # fmt: skip
    said = file_refusal(read_file(file_id=sent[0].pk, now=cast.now, today=cast.now.date()))
    assert said.startswith(f"{cast.school} a fermé le ")
    assert f"ses élèves sont à : {cast.other_school}" in said
    with pytest.raises(SchoolHasClosed):
        plan_day(school=cast.school, campaign=cast.campaign, held_on=date(2027, 1, 15), starts_at=time(8, 30))
    (device,) = cast.devices_in_depot(1)
    with pytest.raises(UnknownToTheTrade):
        cast.move(
            device, cast.region_accounts[K.DEPOT], cast.school_accounts[K.EMERGENCY_STOCK], Reason.TOP_UP
        )  # fmt: skip
    with pytest.raises(DepartureRefused, match="left_school_closed"):
        undo_departure(departure=left, undone_at=timezone.now(), undone_by_id=cast.sonia.actor_id)
    for address in ("/affectations/nouvelle/", "/transferts/nouveau/", "/journees/prevoir/", "/listes/"):
        page = read(cast.sonia, address)
        assert cast.other_school.name in page or address == "/listes/"
        assert cast.school.name not in page, address


def test_the_audit_finds_what_somebody_leaves_at_a_closed_lycee(desk: Desk) -> None:
    cast = desk.cast
    with connection.cursor() as cursor:
        cursor.execute("UPDATE organisations_school SET closed_on = '2026-09-15' WHERE id = %s", [cast.school.pk])
    ask_for_top_up(top_up_id=uuid4(), school=cast.school, count=5, asked_at=cast.now, asked_by_id=cast.durand.actor_id)
    assert {finding.name for finding in audit_ledger().broken} == {
        "nothing_is_left_at_a_closed_lycee", "nobody_is_enrolled_at_a_closed_lycee", "a_closed_lycee_has_nothing_open",
    }  # fmt: skip


def test_the_audit_finds_a_closing_that_was_undone_by_hand_and_a_successor_that_closed(desk: Desk) -> None:
    cast = desk.cast
    close(desk, into=cast.other_school)
    School.objects.filter(pk=cast.other_school.pk).update(closed_on=date(2026, 9, 15))
    assert "a_closing_is_what_the_lycee_says" in {finding.name for finding in audit_ledger().broken}
    School.objects.update(closed_on=None, successor=None)
    assert [
        finding.subjects for finding in audit_ledger().broken if finding.name == "a_closing_is_what_the_lycee_says"
    ] == [[f"school {cast.school.uai}"]]


def test_the_directory_closes_no_lycee_in_which_somebody_or_something_is_left(desk: Desk) -> None:
    cast = desk.cast
    content = "\n".join([HEADER, THE_CAST[0].replace("OUVERT", "FERME"), THE_CAST[1]]).encode()
    directory = keep_directory(region=cast.region, file_name="annuaire.csv", content=content, sent_at=cast.now)
    difference = directory_difference(cast.region, reading_of(directory))
    assert (difference.changed, difference.to_close) == ((), ((cast.school.uai, cast.school.name),))
    assert f'href="/lycees/{cast.school.uai}/fermer/"' in read(cast.sonia, f"/lycees/annuaire/{directory.pk}/")
    close(desk, into=cast.other_school)
    assert directory_difference(cast.region, reading_of(directory)).to_close == ()


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of the confirmation."""
    return dict(re.findall(r'<input type="hidden" name="(vers|le|fermeture|empreinte)" value="([^"]*)"', page))


def test_from_the_lycee_s_page_to_the_receipt_and_what_the_other_head_reads(desk: Desk) -> None:
    cast, client = desk.cast, signed_in(desk.cast.sonia)
    desk.hand_over("alice", desk.reserve[0])
    address = f"/lycees/{cast.school.uai}/fermer/"
    assert f'href="{address}"' in read(cast.sonia, f"/lycees/{cast.school.uai}/")
    asked = client.get(address, {"vers": cast.other_school.uai, "le": str(timezone.localdate())}).content.decode()
    assert f"{cast.other_school.name} reprend." in asked
    assert "Réserve (FUP) → Réserve (FUP)<small>En état</small>" in asked
    # Somebody hands a PC over while the page is open: nothing is done, and the new preview is shown.
    desk.hand_over("bilal", desk.reserve[1])
    moved = client.post(address, hidden(asked))
    assert moved.status_code == 422
    assert "Les livres ont changé depuis cette page" in moved.content.decode()
    confirmed = client.post(address, hidden(moved.content.decode()), follow=True).content.decode()
    assert f"ses élèves sont à : {cast.other_school.name}" in confirmed
    shipment = Shipment.objects.get()
    assert f'href="/transferts/{shipment.pk}/"' in confirmed
    assert client.post(address, hidden(moved.content.decode()), follow=True).status_code == 200
    # The other head: where students and PCs come from, on the start page, on the lycée's, the student's and the PC's page.
    assert f"{cast.school.name} a fermé" in read(cast.zoe, "/a-traiter/")
    assert "1 transfert à recevoir" in read(cast.zoe, "/a-traiter/")
    page = read(cast.zoe, f"/lycees/{cast.other_school.uai}/")
    assert "Élèves de l’année : 4. PC chez les élèves : 2." in page
    assert f'href="/transferts/{shipment.pk}/"' in page
    told = f"{cast.school.name} → {cast.other_school.name}"
    for sheet in (f"/eleves/{desk.students['alice'].label_code}/", f"/pc/{desk.reserve[0].asset_tag}/"):
        text = read(cast.zoe, sheet)
        assert "Lycée fermé" in text, sheet
        assert told in text, sheet
    assert (
        "Liste du lycée"
        not in read(cast.zoe, f"/eleves/{desk.students['alice'].label_code}/").split("Sorti du lycée")[0]
    )
    assert "Fermeture de" in read(cast.sonia, f"/pc/{desk.reserve[2].asset_tag}/")
    # The people of the closed lycée read its history, and no student any more.
    own = read(cast.durand, f"/lycees/{cast.school.uai}/")
    assert f"Ses élèves sont à : {cast.other_school}" in own
    assert signed_in(cast.durand).get(f"/eleves/{desk.students['alice'].label_code}/").status_code == 404
    assert audit_ledger().broken == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"vers": "0579999J"}, "Choisissez un lycée de la liste."),
        ({"vers": "own"}, "Choisissez un lycée de la liste."),
        ({"le": str(date(2099, 1, 1))}, "Ce jour n’est pas encore venu."),
        ({"le": str(date(2001, 1, 1))}, "passé depuis plus d’un an"),
        ({"le": "demain"}, ""),
    ],
)
def test_a_lycee_or_a_day_that_is_none_is_said_and_moves_nothing(desk: Desk, said: dict[str, str], words: str) -> None:
    cast = desk.cast
    asked = {"vers": cast.other_school.uai, "le": str(timezone.localdate()), **said}
    asked["vers"] = cast.school.uai if asked["vers"] == "own" else asked["vers"]
    answer = signed_in(cast.sonia).get(f"/lycees/{cast.school.uai}/fermer/", asked)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_plan_costs_the_same_with_three_students_and_with_sixty(desk: Desk) -> None:
    from django.test.utils import CaptureQueriesContext

    from cartable.distribution.tests.conftest import enrol
    from cartable.rosters.commands.enrolment import NewStudent

    def cost() -> int:
        with CaptureQueriesContext(connection) as spent:
            closing_plan(desk.cast.school, desk.cast.other_school, closed_on=timezone.localdate())
        return len(spent)

    few = cost()
    enrol(desk.cast, {str(n): NewStudent(0, f"Nouveau{n}", "Camille", division="2DE9") for n in range(57)})
    desk.fill(20)
    assert cost() == few


def test_where_what_is_fit_goes_is_where_it_can_be_handed_out() -> None:
    def goal(kind: K, condition: Condition = Condition.FIT, *, day: bool = False, depot: bool = False) -> K:
        return stock_goal(kind, condition, to_depot=depot, goal_has_a_day=day)

    assert goal(K.SCHOOL_ALLOTMENT, day=True) == K.SCHOOL_ALLOTMENT
    assert goal(K.SCHOOL_ALLOTMENT) == goal(K.EMERGENCY_STOCK, day=True) == K.EMERGENCY_STOCK
    assert goal(K.SCHOOL_BENCH) == goal(K.EMERGENCY_STOCK, Condition.BROKEN) == K.SCHOOL_BENCH
    assert goal(K.SCHOOL_BENCH, depot=True) == K.DEPOT


@pytest.mark.django_db(transaction=True)
def test_of_two_confirmations_at_the_same_moment_one_closes_the_lycee(committed_desk: Desk) -> None:
    desk, answers, barrier = committed_desk, list[str](), Barrier(2)
    into = desk.cast.other_school
    with scopes_disabled():
        seen = closing_plan(desk.cast.school, into, closed_on=timezone.localdate()).fingerprint

    def confirm() -> None:
        try:
            with scopes_disabled():
                barrier.wait(timeout=20)
                close(desk, into=into, seen=seen)
                answers.append("closed")
        except ClosingRefused as refusal:
            answers.append(refusal.code)
        finally:
            connection.close()

    threads = [Thread(target=confirm) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=180)
    assert sorted(answers) == ["already_closed", "closed"]
    with scopes_disabled():
        assert Shipment.objects.count() == 1
        assert audit_ledger().broken == []
