"""Acts on many lines: seen before they are done, done once, judged again, never beyond one's scope; without any script."""

import re
from collections.abc import Callable
from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from cartable.accounts.models import Person
from cartable.conftest import Cast
from cartable.desk import bulk_rules
from cartable.desk.commands import bulk as commands
from cartable.desk.models import BulkAct, BulkLine
from cartable.desk.tasks import do_bulk_act
from cartable.desk.tests.pages import read, signed_in
from cartable.distribution.commands.days import freeze_list, plan_day
from cartable.distribution.commands.reminders import remind_class
from cartable.distribution.models import DistributionDay
from cartable.distribution.tests.conftest import enrol
from cartable.distribution.tests.paper_reading import DAY, texts
from cartable.emergency_stock.tests.conftest import Desk
from cartable.emergency_stock.tests.conftest import desk as desk
from cartable.emergency_stock.tests.conftest import written_desk as written_desk
from cartable.fleet.audit import audit_ledger
from cartable.fleet.commands import MovementOrder, pass_custody, set_condition
from cartable.fleet.models import Device, Movement
from cartable.fleet.rules import Condition, Reason
from cartable.fleet.rules import CustodianKind as K
from cartable.notices.models import Notice
from cartable.organisations.models import School
from cartable.returns.models import DisposalSlip, Reimaging, WriteOff
from cartable.rosters.commands.departures import undo_departure
from cartable.rosters.commands.enrolment import NewStudent
from cartable.rosters.models import Departure, Enrolment, Guardian, Student
from cartable.supply.models import Allotment, Shipment

BENCH = {
    "geste": "all", "methode": "overwritten", "image": "2026.09", "vers": "reserve",
    "controles": ["starts", "screen", "keyboard", "battery", "network", "charger"],
}  # fmt: skip
REUSE = {"outlet": "reuse", "receiver": "Ateliers du Bocage", "methode": "overwritten"}


def sent_to(school: School) -> dict[str, str]:
    return {"vers": school.uai, "compte": "emergency_stock", "note": ""}


def choose(client: Client, address: str, geste: str, *codes: str, everything: bool = False, form: str = "") -> str:
    """Send the bar of a list; return where it leads: the page of the act, or the list with what is wrong."""
    sent = {
        "action": form or str(uuid4()), "geste": geste, "portee": "filtre" if everything else "coches", "ligne": codes,
    }  # fmt: skip
    path, _mark, query = address.partition("?")
    return str(client.post(f"{path}actions/?{query}", sent)["Location"])


def preview(client: Client, page: str, options: dict[str, Any] | None = None) -> str:
    """Say the options of an act, if it has any; return what its page says."""
    answer = client.post(page, options, follow=True) if options else client.get(page)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def confirm(client: Client, page: str, *, as_said: str = "") -> str:
    """Press the button of the preview; return what the page says then."""
    shown = as_said or client.get(page).content.decode()
    sent = {name: re.findall(rf'name="{name}" value="(\w+)"', shown)[0] for name in ("count", "said")}
    return client.post(f"{page}faire/", sent, follow=True).content.decode()


def lines(client: Client, page: str) -> list[list[str]]:
    """Return the lines of an act as its file gives them."""
    content = b"".join(client.get(f"{page}lignes.csv").streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]
    return [line.split(";") for line in content.splitlines()[1:]]


def on_the_bench(cast: Cast, count: int) -> list[Device]:
    """Bring PCs onto the bench of the lycée."""
    ids, accounts = cast.devices_in_depot(count), cast.school_accounts
    road = (cast.region_accounts[K.DEPOT], accounts[K.EMERGENCY_STOCK], accounts[K.SCHOOL_BENCH])
    for before, after, reason in zip(road, road[1:], (Reason.TOP_UP, Reason.FAULT), strict=False):
        pass_custody(
            [MovementOrder(uuid4(), pk, before, after, reason, cast.now, cast.sonia.actor_id) for pk in ids]
        )  # fmt: skip
    return list(Device.objects.filter(pk__in=ids).order_by("asset_tag"))


def _text(pdf: bytes) -> str:
    return "".join(texts(pdf))


def tags(devices: list[Device]) -> list[str]:
    return [device.asset_tag for device in devices]


def places(devices: list[Device]) -> list[str]:
    return [str(Device.objects.get(pk=device.pk).custodian_kind) for device in devices]


@pytest.fixture
def sonia(desk: Desk) -> Client:
    return signed_in(desk.cast.sonia)


@pytest.fixture
def durand(desk: Desk) -> Client:
    return signed_in(desk.cast.durand)


@pytest.fixture
def day(desk: Desk) -> DistributionDay:
    """The day of the three students: its list is frozen, nobody has signed."""
    cast = desk.cast
    planned = plan_day(school=cast.school, campaign=cast.campaign, held_on=DAY, starts_at=time(8, 30))
    freeze_list(day=planned, now=cast.now)
    for number, name in enumerate(("alice", "bilal")):
        Guardian.objects.create(
            student=desk.students[name], person_key=str(number), family_name="Parent", email=f"{name}@example.org",
            is_legal=True,
        )  # fmt: skip
    return DistributionDay.objects.get(pk=planned.pk)


def students_list(desk: Desk) -> str:
    return f"/lycees/{desk.cast.school.uai}/eleves/"


# From the list to what was done.


def test_ticked_pcs_leave_together_after_a_preview_that_moves_nothing(desk: Desk, sonia: Client) -> None:
    shown = read(desk.cast.sonia, "/pc/?detenteur=emergency_stock")
    assert f'name="ligne" value="{desk.reserve[0].asset_tag}" form="lot"' in shown
    assert "Tout ce que montre ce filtre (3)" in shown
    page = choose(sonia, "/pc/?detenteur=emergency_stock", "send", *tags(desk.reserve[:2]))
    said = preview(sonia, page, sent_to(desk.cast.other_school))
    assert "Ce sera fait pour 2 PC." in said
    assert "rien n’est encore fait" in said
    assert places(desk.reserve) == ["emergency_stock"] * 3
    done = confirm(sonia, page)
    assert "Fait pour 2 PC." in done
    assert places(desk.reserve) == ["transit", "transit", "emergency_stock"]
    assert Shipment.objects.get().destination_school == desk.cast.other_school
    assert audit_ledger().violations == 0


def test_every_line_of_a_page_is_ticked_without_script(desk: Desk) -> None:
    assert read(desk.cast.sonia, "/pc/?coche=page").count('form="lot"') == 3
    assert len(re.findall(r'name="ligne"[^>]* checked', read(desk.cast.sonia, "/pc/?coche=page"))) == 3
    assert not re.findall(r'name="ligne"[^>]* checked', read(desk.cast.sonia, "/pc/"))


def test_all_that_a_filter_shows_is_what_it_showed_at_the_preview(desk: Desk, sonia: Client) -> None:
    page = choose(sonia, "/pc/?detenteur=emergency_stock", "send", everything=True)
    said = preview(sonia, page, sent_to(desk.cast.other_school))
    (later,) = desk.fill(1)
    assert "Fait pour 3 PC." in confirm(sonia, page, as_said=said)
    assert places([*desk.reserve, later]) == ["transit"] * 3 + ["emergency_stock"]


def test_each_line_left_out_has_its_reason_and_what_changed_since_is_named(desk: Desk, sonia: Client) -> None:
    first, second, third = desk.reserve
    set_condition(device_ids=[third.pk], condition=Condition.BROKEN)
    page = choose(sonia, "/pc/", "send", *tags(desk.reserve))
    said = preview(sonia, page, sent_to(desk.cast.other_school))
    assert "Ce sera fait pour 2 PC." in said
    assert "N’est pas en état d’être remis à un élève" in said
    assert "Changé depuis l’aperçu" not in said
    desk.hand_over("alice", second)
    done = confirm(sonia, page, as_said=said)
    assert "Fait pour 1 PC." in done
    assert "Chez quelqu’un, ou déjà en chemin" in done
    assert "Changé depuis l’aperçu" in done
    assert places(desk.reserve) == ["transit", "student", "emergency_stock"]
    assert [(line[0], line[1]) for line in lines(sonia, page)] == [
        (first.asset_tag, "Fait"), (second.asset_tag, "Laissé de côté"), (third.asset_tag, "Laissé de côté"),
    ]  # fmt: skip


def test_confirmed_twice_it_is_done_once_and_the_same_bar_sent_twice_is_one_act(desk: Desk, sonia: Client) -> None:
    form = str(uuid4())
    pages = {choose(sonia, "/pc/", "send", *tags(desk.reserve), form=form) for _ in range(2)}
    assert len(pages) == 1
    (page,) = pages
    said = preview(sonia, page, sent_to(desk.cast.other_school))
    movements = Movement.objects.count()
    for _ in range(2):
        assert "Fait pour 3 PC." in confirm(sonia, page, as_said=said)
    assert (Movement.objects.count() - movements, Shipment.objects.count()) == (3, 1)
    # Somebody else with the same form has an act of their own.
    assert choose(signed_in(desk.cast.karim), "/pc/", "send", *tags(desk.reserve), form=form) not in pages


def test_pcs_go_where_the_preview_said_and_not_where_another_window_said_since(desk: Desk, sonia: Client) -> None:
    page = choose(sonia, "/pc/", "send", *tags(desk.reserve))
    said = preview(sonia, page, sent_to(desk.cast.other_school))
    preview(sonia, page, {**sent_to(desk.cast.other_school), "vers": "depot"})  # As many PCs.
    assert "L’aperçu a changé entre-temps" in confirm(sonia, page, as_said=said)
    assert not Shipment.objects.exists()


def test_a_preview_that_changed_in_another_window_is_not_what_is_done(desk: Desk, sonia: Client) -> None:
    set_condition(device_ids=[desk.reserve[0].pk], condition=Condition.BROKEN)
    page = choose(sonia, "/pc/", "send", *tags(desk.reserve))
    said = preview(sonia, page, {**sent_to(desk.cast.other_school), "vers": "depot"})
    assert "Ce sera fait pour 3 PC." in said
    preview(sonia, page, sent_to(desk.cast.other_school))  # What is broken does not go into a reserve.
    assert "L’aperçu a changé entre-temps" in confirm(sonia, page, as_said=said)
    assert places(desk.reserve) == ["emergency_stock"] * 3


def test_an_act_that_is_not_possible_as_a_whole_does_nothing_and_says_why(desk: Desk, sonia: Client) -> None:
    page = choose(sonia, "/pc/", "send", *tags(desk.reserve))
    said = preview(sonia, page, sent_to(desk.cast.other_school))
    School.objects.filter(pk=desk.cast.other_school.pk).update(closed_on=desk.cast.now.date())
    assert "Rien n’a été fait. Ce lycée est fermé." in confirm(sonia, page, as_said=said)
    assert BulkAct.objects.get().confirmed_at is None
    assert places(desk.reserve) == ["emergency_stock"] * 3


# What stands in the way of beginning.


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"geste": "send"}, "Cochez au moins une ligne"),
        ({"geste": "send", "ligne": ["\0", "' OR 1=1", "P0099999949"]}, "Cochez au moins une ligne"),
        ({"geste": "", "ligne": ["own"]}, "Choisissez quoi faire"),
        ({"geste": "burn", "ligne": ["own"]}, "Choisissez quoi faire"),
        ({"geste": "send", "ligne": ["own"], "action": "x"}, "Choisissez quoi faire"),
        ({"geste": "leave", "ligne": ["own"]}, "Choisissez quoi faire"),
    ],
)
def test_a_bar_that_says_nothing_possible_leads_back_to_its_list(
    desk: Desk, sonia: Client, sent: dict[str, Any], said: str
) -> None:
    given = {"action": str(uuid4()), "portee": "coches", **sent}
    given["ligne"] = [desk.reserve[0].asset_tag if code == "own" else code for code in given.get("ligne", [])]
    answer = sonia.post("/pc/actions/?etat=fit&apres=P0000000000", given, follow=True)
    assert said in answer.content.decode()
    assert answer.redirect_chain == [("/pc/?etat=fit", 302)]
    assert not BulkAct.objects.exists()


def test_more_lines_than_one_act_holds_are_refused_plainly(
    desk: Desk, sonia: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_rules, "MOST_LINES", 2)
    assert choose(sonia, "/pc/", "send", everything=True) == "/pc/"
    assert "plus de 2 lignes, et une action groupée en prend 2 au plus" in sonia.get("/pc/").content.decode()
    assert not BulkAct.objects.exists()


def test_nobody_acts_beyond_their_lycee_their_role_or_on_somebody_else_s_preview(desk: Desk, sonia: Client) -> None:
    cast = desk.cast
    (foreign,) = desk.fill(1, school=cast.other_school)
    karim, durand = signed_in(cast.karim), signed_in(cast.durand)
    page = choose(karim, "/pc/", "tags", foreign.asset_tag, desk.reserve[0].asset_tag)
    assert [line[0] for line in lines(karim, page)] == [desk.reserve[0].asset_tag]
    assert choose(durand, "/pc/", "send", desk.reserve[0].asset_tag) == "/pc/"  # A head sends no PC away.
    for client in (durand, sonia, signed_in(cast.zoe)):
        for rest in ("", "lignes.csv", "etiquettes.pdf"):
            assert client.get(f"{page}{rest}").status_code == 404
        assert client.post(f"{page}faire/", {"count": "1"}).status_code == 404
    # Somebody who works for fewer lycées than when they prepared it finds it no more.
    BulkAct.objects.update(school_ids=[cast.school.pk, cast.other_school.pk])
    assert karim.get(page).status_code == 404
    assert 'name="geste"' not in read(cast.meyer, "/pc/")  # Who leads a distribution does nothing to PCs.


def test_a_pc_that_left_one_s_lycee_since_is_left_out(desk: Desk) -> None:
    cast, karim = desk.cast, signed_in(desk.cast.karim)
    first, second = on_the_bench(cast, 2)
    page = choose(karim, "/pc/", "bench", first.asset_tag, second.asset_tag)
    said = preview(karim, page, BENCH)
    assert "Ce sera fait pour 2 PC." in said
    bench, transit = cast.school_accounts[K.SCHOOL_BENCH], _transit(cast)
    cast.move(first.pk, bench, transit, Reason.DISPATCH)
    cast.move(first.pk, transit, cast.other_accounts[K.SCHOOL_BENCH], Reason.ARRIVAL)
    done = confirm(karim, page, as_said=said)
    assert "N’est plus à vous : parti ailleurs depuis." in done
    assert "Fait pour 1 PC." in done


def _transit(cast: Cast) -> int:
    from cartable.fleet.commands import open_transit_account

    return open_transit_account(region_id=cast.region.pk, opened_at=cast.now)


# By the worker.


def let_the_worker_work() -> None:
    for job in ProcrastinateJob.objects.filter(task_name=commands.DO_TASK).order_by("pk"):
        do_bulk_act(**job.args)


def test_many_lines_are_the_worker_s_part_by_part_and_a_second_run_changes_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_rules, "LINES_AT_ONCE", 2)
    karim, pcs = signed_in(desk.cast.karim), on_the_bench(desk.cast, 5)
    page = choose(karim, "/pc/", "bench", *tags(pcs))
    said = preview(karim, page, BENCH)
    for _ in range(2):
        assert "0 lignes traitées sur 5" in confirm(karim, page, as_said=said)
    assert ProcrastinateJob.objects.filter(task_name=commands.DO_TASK).count() == 1
    assert places(pcs) == ["school_bench"] * 5
    real, parts = commands.do, []

    def stops_after_two_parts(*args: Any) -> Any:
        parts.append(args)
        if len(parts) == 3:
            raise RuntimeError("killed")
        return real(*args)

    with monkeypatch.context() as broken:
        broken.setattr(commands, "do", stops_after_two_parts)
        with pytest.raises(RuntimeError):
            let_the_worker_work()
    stopped = read(desk.cast.karim, page)
    assert "Fait pour 4 PC." in stopped
    assert "1 ligne reste à faire." in stopped
    assert "Fait pour 5 PC." in confirm(karim, page)  # What is left goes on, at once: it is a line only.
    movements = Movement.objects.count()
    let_the_worker_work()
    assert (Movement.objects.count(), places(pcs)) == (movements, ["emergency_stock"] * 5)
    assert audit_ledger().violations == 0


def test_what_nobody_confirmed_is_forgotten_after_two_days_and_what_was_done_stays(desk: Desk, sonia: Client) -> None:
    kept = choose(sonia, "/pc/", "tags", desk.reserve[0].asset_tag)
    confirm(sonia, kept)
    choose(sonia, "/pc/", "tags", desk.reserve[1].asset_tag)
    assert commands.forget_prepared_acts(asked_before=timezone.now() - timedelta(days=2)) == 0
    assert commands.forget_prepared_acts(asked_before=timezone.now() + timedelta(days=2)) == 1
    assert [line.device_id for line in BulkLine.objects.all()] == [desk.reserve[0].pk]


# Each act.


def test_pcs_of_the_depot_are_allotted_to_a_lycee_and_others_are_not(desk: Desk, sonia: Client) -> None:
    ids = desk.cast.devices_in_depot(3)
    pcs = list(Device.objects.filter(pk__in=ids))
    page = choose(sonia, "/pc/", "allot", *tags(pcs), desk.reserve[0].asset_tag)
    said = preview(sonia, page, {"vers": desk.cast.school.uai})
    assert "N’est pas au dépôt : envoyez-le plutôt vers le lycée." in said
    assert "Fait pour 3 PC." in confirm(sonia, page, as_said=said)
    assert (Allotment.objects.get().device_count, set(places(pcs))) == (3, {"school_allotment"})
    assert audit_ledger().violations == 0


def test_what_was_done_on_a_bench_is_said_once_and_each_pc_has_its_certificate(desk: Desk) -> None:
    karim, pcs = signed_in(desk.cast.karim), on_the_bench(desk.cast, 4)
    set_condition(device_ids=[pcs[3].pk], condition=Condition.BROKEN)
    page = choose(karim, "/pc/?detenteur=school_bench", "bench", everything=True)
    said = preview(karim, page, {**BENCH, "controles": BENCH["controles"][:2]})
    assert "Tous les contrôles doivent être faits." in said
    assert "Rien à faire" in said
    said = preview(karim, page, BENCH)
    assert "Ce PC est en panne ou cassé" in said
    assert "Fait pour 3 PC." in confirm(karim, page, as_said=said)
    assert places(pcs) == ["emergency_stock"] * 3 + ["school_bench"]
    done = Reimaging.objects.all()
    assert {one.certificate_number for one in done} == {f"{pc.asset_tag}-003" for pc in pcs[:3]}
    assert all(one.checked_by_id == desk.cast.karim.actor_id and one.finished_at for one in done)
    assert audit_ledger().violations == 0


def test_pcs_leave_the_park_under_one_slip_per_lycee_and_never_unwiped(desk: Desk, sonia: Client) -> None:
    pcs = on_the_bench(desk.cast, 3)
    page = choose(sonia, "/pc/", "write_off", *tags(pcs), desk.reserve[0].asset_tag)
    assert "Ce PC n’est pas effacé" in preview(sonia, page, {**REUSE, "methode": ""})
    said = preview(sonia, page, REUSE)
    assert "Ce PC n’est pas à l’atelier" in said
    accounts = desk.cast.school_accounts
    desk.cast.move(
        pcs[0].pk, accounts[K.SCHOOL_BENCH], accounts[K.EMERGENCY_STOCK], Reason.REIMAGED
    )  # Somebody was faster.
    assert "Fait pour 2 PC." in confirm(sonia, page, as_said=said)
    assert (DisposalSlip.objects.count(), WriteOff.objects.count()) == (1, 2)
    assert places(pcs) == ["emergency_stock", "disposed", "disposed"]
    assert audit_ledger().violations == 0


def test_tags_of_ticked_pcs_are_one_sheet(desk: Desk, durand: Client) -> None:
    page = choose(durand, "/pc/", "tags", *tags(desk.reserve[:2]))
    assert durand.get(f"{page}etiquettes.pdf").status_code == 404  # Nothing is printed before it is confirmed.
    assert "Ouvrir les étiquettes (PDF)" in confirm(durand, page)
    printed = _text(durand.get(f"{page}etiquettes.pdf").content)
    written = "".join(printed.split())
    assert [tag in written for tag in tags(desk.reserve)] == [True, True, False]


def test_students_who_leave_the_region_are_said_at_once_and_each_departure_is_undone_alone(
    desk: Desk, durand: Client
) -> None:
    desk.hand_over("alice", desk.reserve[0])
    alice, bilal, chloe = (desk.students[name] for name in ("alice", "bilal", "chloe"))
    Enrolment.objects.filter(student=chloe).update(ends_on=timezone.localdate() + timedelta(days=3))
    page = choose(durand, f"{students_list(desk)}", "leave", everything=True)
    said = preview(durand, page)
    assert "Ce sera fait pour 4 élèves." in said
    assert "1 d’entre eux a encore un PC." in said
    Enrolment.objects.filter(student=bilal).update(ends_on=timezone.localdate())  # A list was faster.
    done = confirm(durand, page, as_said=said)
    assert "Fait pour 3 élèves." in done
    assert "Cet élève a déjà quitté le lycée." in done
    assert bilal.pk not in Departure.objects.values_list("student_id", flat=True)
    assert "1 élève parti a encore un PC" in read(desk.cast.durand, "/a-traiter/")
    for departure in Departure.objects.all():
        undo_departure(
            departure=departure, undone_at=timezone.now(), undone_by_id=desk.cast.durand.actor_id
        )  # fmt: skip
    ends = dict(Enrolment.objects.values_list("student_id", "ends_on"))
    assert (ends[alice.pk], ends[chloe.pk]) == (None, timezone.localdate() + timedelta(days=3))


@pytest.mark.usefixtures("day")
def test_the_families_of_ticked_students_are_reminded_as_those_of_a_class_are(desk: Desk, durand: Client) -> None:
    day, everybody = DistributionDay.objects.get(), [one.label_code for one in desk.students.values()]
    guardian = Guardian.objects.create(
        student=desk.students["chloe"], person_key="9", family_name="Parent", email="chloe@example.org", is_legal=True
    )
    page = choose(durand, students_list(desk), "remind", *everybody)
    said = preview(durand, page)
    assert "Ce sera fait pour 3 élèves." in said
    assert "N’est pas attendu à la distribution" in said
    Guardian.objects.filter(pk=guardian.pk).update(email="")
    remind_class(act_id=uuid4(), day=day, division="2DE7", language="fr", asked_at=desk.cast.now)
    of_the_class = {(notice.address, notice.body) for notice in Notice.objects.all()}
    Notice.objects.all().delete()
    for _ in range(2):
        done = confirm(durand, page, as_said=said)
        assert "Fait pour 2 élèves." in done
        assert "Aucun responsable légal n’a d’adresse de courriel." in done
    written = {(notice.address, notice.body) for notice in Notice.objects.all()}
    assert of_the_class
    assert of_the_class <= written
    assert {address for address, _body in written} == {"alice@example.org", "bilal@example.org"}
    assert choose(signed_in(desk.cast.sonia), students_list(desk), "remind", everything=True) == students_list(desk)


@pytest.mark.usefixtures("day")
def test_labels_of_ticked_students_are_one_sheet_and_who_is_on_no_list_is_named(desk: Desk) -> None:
    meyer, cast = signed_in(desk.cast.meyer), desk.cast
    (late,) = enrol(cast, {"x": NewStudent(0, "Tardif", "Ugo", division="2DE7")}).values()
    page = choose(meyer, students_list(desk), "labels", desk.students["alice"].label_code, late)
    said = preview(meyer, page)
    assert "N’est sur la liste d’aucune journée de distribution." in said
    confirm(meyer, page, as_said=said)
    printed = _text(meyer.get(f"{page}etiquettes.pdf").content)
    assert "Alice" in printed
    assert "Ugo" not in printed


# The same number of statements for ten lines and for a hundred.


def _many_students(desk: Desk, count: int) -> str:
    names = {str(n): NewStudent(0, f"Nom{n}", "Ana", division=f"Q{count}", level="2211") for n in range(count)}
    enrol(desk.cast, names)
    return f"{students_list(desk)}?classe=Q{count}"


def _many_in_depot(desk: Desk, count: int) -> str:
    ids = desk.cast.devices_in_depot(count)
    Device.objects.filter(pk__in=ids).update(pallet=f"PAL-{count}")
    return f"/pc/?q=PAL-{count}"


def _many_on_bench(desk: Desk, count: int) -> str:
    ids = [device.pk for device in on_the_bench(desk.cast, count)]
    Device.objects.filter(pk__in=ids).update(pallet=f"PAL-{count}")
    return f"/pc/?q=PAL-{count}"


@pytest.mark.parametrize(
    ("who", "geste", "make", "options"),
    [
        ("sonia", "send", _many_in_depot, {"vers": "0579902D", "compte": "emergency_stock", "note": ""}),
        ("sonia", "allot", _many_in_depot, {"vers": "0579902D"}),
        ("sonia", "bench", _many_on_bench, BENCH),
        ("sonia", "write_off", _many_on_bench, REUSE),
        ("durand", "leave", _many_students, None),
        ("durand", "remind", _many_students, None),
    ],
)
def test_an_act_costs_the_same_for_ten_lines_and_for_a_hundred(
    desk: Desk, who: str, geste: str, make: Callable[[Desk, int], str], options: dict[str, Any] | None
) -> None:
    client, cast, spent = signed_in(getattr(desk.cast, who)), desk.cast, []
    for count in (10, 100):
        address = make(desk, count)
        if geste == "remind":
            _with_a_day(desk, count)
        ProcrastinateJob.objects.all().delete()  # A round of mails that waits already is asked for in another way.
        with CaptureQueriesContext(connection) as statements:
            page = choose(client, address, geste, everything=True)
            said = preview(client, page, options)
            assert f"Ce sera fait pour {count}" in said
            done = confirm(client, page, as_said=said)
        assert f"Fait pour {count}" in done
        spent.append(len(statements))
    assert spent[1] == spent[0], cast.region


def _with_a_day(desk: Desk, count: int) -> None:
    """Freeze a day that expects everybody, and give each new student a guardian with an address."""
    held_on = DAY + timedelta(days=count)
    day = plan_day(school=desk.cast.school, campaign=desk.cast.campaign, held_on=held_on, starts_at=time(8, 30))
    freeze_list(day=day, now=desk.cast.now)
    new = Student.objects.filter(enrolment__division=f"Q{count}")
    Guardian.objects.bulk_create(
        [
            Guardian(student=one, person_key=str(one.pk), family_name="P", email=f"{one.pk}@example.org", is_legal=True)
            for one in new
        ]
    )


def test_the_bar_costs_no_statement_and_is_the_same_for_whoever_may_act(desk: Desk) -> None:
    roles: dict[str, Person] = {"region": desk.cast.sonia, "tech": desk.cast.karim, "head": desk.cast.durand}
    selects = {
        role: re.search(r'<select name="geste".*?</select>', read(person, "/pc/"), re.DOTALL)
        for role, person in roles.items()
    }
    offered = {role: re.findall(r'<option value="([a-z_]+)"', found[0]) for role, found in selects.items() if found}
    assert offered == {
        "region": ["send", "allot", "bench", "write_off", "tags"], "tech": ["send", "bench", "write_off", "tags"],
        "head": ["tags"],
    }  # fmt: skip
