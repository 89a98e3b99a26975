"""À traiter: what waits, how long, the remedy; for each role its own, for a technician lycée by lycée."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import ngettext_lazy

from cartable.accounts.models import Role
from cartable.accounts.tests.world import build_world
from cartable.conftest import Cast
from cartable.desk import waiting
from cartable.desk.audience import TECHNICIAN
from cartable.desk.rules import ToDo, by_school, in_order
from cartable.desk.tests.pages import read, statements
from cartable.desk.waiting import Asker, Kind, waiting_for
from cartable.distribution.commands.closing import close_day
from cartable.distribution.commands.days import freeze_list, open_day, plan_day
from cartable.distribution.tests.conftest import enrol
from cartable.emergency_stock.commands.readings import read_reserves
from cartable.emergency_stock.models import Loan
from cartable.emergency_stock.queries.papers import absent_since_the_day
from cartable.emergency_stock.tests.conftest import Desk
from cartable.emergency_stock.tests.conftest import desk as desk
from cartable.emergency_stock.tests.conftest import written_desk as written_desk
from cartable.rosters.commands.enrolment import NewStudent

pytestmark = pytest.mark.django_db


def item(tone: str, days: int | None = None, school: str = "A") -> ToDo:
    return ToDo(f"{tone} {days}", "", tone, "info", "/", "Faire", school, days)


def test_what_is_urgent_comes_first_then_what_has_waited_longest() -> None:
    given = [item("info", 90), item("att"), item("att", 3), item("err"), item("att", 40)]
    assert [(one.tone, one.days) for one in in_order(given)] == [
        ("err", None), ("att", 40), ("att", 3), ("att", None), ("info", 90)
    ]  # fmt: skip


def test_a_round_goes_from_lycee_to_lycee() -> None:
    assert list(by_school([item("err", school="B"), item("att", school="A"), item("att", school="B")])) == ["B", "A"]


def asker(cast: Cast, *roles: Role, schools: tuple[int, ...] | None = (), today: date | None = None) -> Asker:
    chosen = (cast.school.pk,) if schools == () else schools
    return Asker(cast.region.pk, chosen, frozenset(roles), today or cast.now.date())


def titles(*args: object, **kwargs: object) -> list[str]:
    return [one.title for one in waiting_for(asker(*args, **kwargs))]  # type: ignore[arg-type]


@pytest.fixture
def after_the_day(desk: Desk) -> Desk:
    """The day is over, nobody came."""
    cast = desk.cast
    day = plan_day(school=cast.school, campaign=cast.campaign, held_on=date(2026, 9, 14), starts_at=time(8, 30))
    freeze_list(day=day, now=cast.now - timedelta(days=2))
    open_day(day=day, now=cast.now - timedelta(days=1))
    close_day(
        day=day, closed_by_id=cast.meyer.actor_id, now=cast.now - timedelta(hours=20), leader_name="", head_name="",
        draw_report=lambda _account: b"%PDF-1.4 %%EOF",
    )  # fmt: skip
    return desk


def test_who_was_absent_waits_from_the_day_on_until_they_hold_a_pc(after_the_day: Desk) -> None:
    cast = after_the_day.cast
    absent = next(one for one in waiting_for(asker(cast, Role.HEAD_OF_SCHOOL)) if "absent" in one.title)
    assert absent.days == 1
    assert absent.url == f"/reserve/{cast.school.uai}/"
    for name in list(after_the_day.students)[:3]:
        after_the_day.hand_over(name, after_the_day.reserve.pop())
    left = [title for title in titles(cast, Role.HEAD_OF_SCHOOL) if "absent" in title]
    assert left != [absent.title]


def test_a_low_reserve_waits_and_a_full_one_does_not(desk: Desk) -> None:
    assert not [one for one in titles(desk.cast, Role.HEAD_OF_SCHOOL) if "Réserve basse" in one]
    enrol(desk.cast, {str(n): NewStudent(0, f"Nouveau{n}", "Camille", division="2DE1") for n in range(200)})
    assert [one for one in titles(desk.cast, Role.HEAD_OF_SCHOOL) if "Réserve basse : il manque" in one]


def test_the_region_sees_the_shelves_that_are_empty(desk: Desk) -> None:
    enrol(replace(desk.cast, school=desk.cast.other_school))
    empty = [one for one in waiting_for(asker(desk.cast, Role.REGION_MANAGER, schools=None)) if "vide" in one.title]
    assert [one.school for one in empty] == ["Lycée du Warndt, Forbach"]


def test_a_loan_waits_from_the_day_it_should_have_ended(desk: Desk) -> None:
    desk.hand_over("alice", desk.reserve[0])
    desk.check_in("alice", desk.reserve[0])
    desk.lend("alice", desk.reserve[1], desk.reserve[0])
    due = Loan.objects.get().due_on
    assert "1 prêt dure trop" not in titles(desk.cast, Role.TECHNICIAN, today=due)
    (late,) = (
        one
        for one in waiting_for(asker(desk.cast, Role.TECHNICIAN, today=due + timedelta(days=9)))
        if "prêt" in one.title
    )
    assert (late.title, late.days) == ("1 prêt dure trop", 9)


def test_reviews_of_lists_and_disputes_wait_for_whoever_settles_them(cast: Cast) -> None:
    build_world(cast)
    assert "1 cas de la liste à examiner" in titles(cast, Role.HEAD_OF_SCHOOL)
    assert "1 litige à régler" in titles(cast, Role.DISTRIBUTION_LEADER)
    for_karim = titles(cast, Role.TECHNICIAN)
    assert not [title for title in for_karim if "litige" in title or "liste" in title]


def test_the_head_of_another_lycee_waits_for_nothing_of_this_one(after_the_day: Desk) -> None:
    cast = after_the_day.cast
    assert "absent" not in read(cast.zoe, "/a-traiter/")
    assert cast.school.name not in read(cast.zoe, "/a-traiter/")


def test_the_region_asks_about_one_lycee_in_the_address(after_the_day: Desk) -> None:
    cast = after_the_day.cast
    assert "absents attendent" not in read(cast.sonia, "/a-traiter/")
    assert "absents attendent" in read(cast.sonia, f"/a-traiter/?lycee={cast.school.uai}")
    assert "absents attendent" not in read(cast.sonia, f"/a-traiter/?lycee={cast.other_school.uai}")


def test_a_region_counts_its_low_reserves_and_absent_students_by_what_was_last_read(after_the_day: Desk) -> None:
    cast = after_the_day.cast
    enrol(replace(cast, school=cast.other_school), {str(n): NewStudent(0, f"Autre{n}", "Camille") for n in range(150)})
    assert read_reserves(now=cast.now) == 2
    page = read(cast.sonia, "/a-traiter/")
    waiting_here = len(absent_since_the_day(cast.school.pk))
    assert f"{waiting_here} élèves absents attendent leur PC" in page
    assert "Dans 1 lycée." in page
    assert "1 lycée sous le seuil de sa réserve" in page
    low, absent = read(cast.sonia, "/reserve/?etat=basses"), read(cast.sonia, "/reserve/?etat=absents")
    assert cast.other_school.name in low
    assert cast.school.name not in low
    assert f"/transferts/nouveau/?vers={cast.other_school.uai}&amp;nombre=6&amp;compte=emergency_stock" in low
    assert cast.school.name in absent
    assert cast.other_school.name not in absent
    assert "Voir les élèves" in absent
    # One lycée's own page is no reading: it says what is so now. Others see their own.
    assert cast.school.name not in read(cast.zoe, "/reserve/?etat=absents")
    for name in after_the_day.students:
        after_the_day.hand_over(name, after_the_day.fill(1)[0])
    read_reserves(now=cast.now)
    assert "absents attendent" not in read(cast.sonia, "/a-traiter/")
    assert cast.school.name not in read(cast.sonia, "/reserve/?etat=absents")


def test_the_worker_reads_each_region_in_as_many_statements_whatever_it_holds(
    after_the_day: Desk, django_assert_num_queries: Any
) -> None:
    cast = after_the_day.cast
    with CaptureQueriesContext(connection) as first:
        read_reserves(now=cast.now)
    enrol(replace(cast, school=cast.other_school))
    with django_assert_num_queries(len(first)):
        read_reserves(now=cast.now)


def test_the_start_page_shows_the_top_of_it(after_the_day: Desk) -> None:
    text = read(after_the_day.cast.durand, "/")
    assert "absents attendent leur PC" in text
    assert 'href="/a-traiter/"' in text


def test_a_technician_drives_from_lycee_to_lycee_and_knows_what_to_carry(after_the_day: Desk) -> None:
    enrol(after_the_day.cast, {str(n): NewStudent(0, f"Nouveau{n}", "Camille", division="2DE1") for n in range(200)})
    text = read(after_the_day.cast.karim, "/a-traiter/")
    assert "Ma tournée" in text
    assert "Lycée des Trois-Rivières, Metz" in text
    assert "Emporter" in text
    assert "/distribution/" not in text


def test_a_repairer_starts_with_nothing_of_any_school(after_the_day: Desk) -> None:
    text = read(after_the_day.cast.lina, "/")
    assert "Rien n’attend" in text
    for nothing in ("lycée", "Lycée", "Distribution", "recherche"):
        assert nothing not in text.split("<body")[1], nothing


@dataclass(frozen=True)
class Line:
    """What a package counts."""

    kind: str = "tickets"
    count: int = 2
    oldest_days: int = 12
    school: str = "Lycée X, Metz"
    url: str = "/reparer/"


@pytest.fixture
def with_a_package(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """A package that counts what waits for technicians."""
    asked: list[object] = []
    counted = lambda schools: asked.append(schools.school_ids) or [Line()]  # type: ignore[func-returns-value]  # noqa: E731
    monkeypatch.setattr(waiting, "PACKAGES", ((TECHNICIAN, counted),))
    one = "%(count)s PC à diagnostiquer"
    kind = Kind(TECHNICIAN, ngettext_lazy(one, one, "count"), "err", "cle", "Ouvrir")
    monkeypatch.setattr(waiting, "KINDS", {"tickets": kind})
    return asked  # type: ignore[return-value]


def test_what_a_package_counts_stands_among_the_rest(cast: Cast, with_a_package: list[object]) -> None:
    assert titles(cast, Role.TECHNICIAN)[0] == "2 PC à diagnostiquer"
    assert with_a_package == [(cast.school.pk,)]
    assert "2 PC à diagnostiquer" not in titles(cast, Role.HEAD_OF_SCHOOL)


@pytest.mark.parametrize("who", ["sonia", "durand", "karim"])
def test_what_waits_costs_the_same_number_of_statements_however_much_it_is(after_the_day: Desk, who: str) -> None:
    person = getattr(after_the_day.cast, who)
    few = statements(person, "/a-traiter/"), statements(person, "/")
    enrol(after_the_day.cast, {str(n): NewStudent(0, f"Nouveau{n}", "Camille", division=f"{n}") for n in range(60)})
    enrol(replace(after_the_day.cast, school=after_the_day.cast.other_school))
    assert (statements(person, "/a-traiter/"), statements(person, "/")) == few


def test_every_kind_that_a_package_counts_has_its_words() -> None:
    from cartable.incidents.queries.waiting import Wait
    from cartable.repairs.queries.waiting import WaitingKind as OfRepairs
    from cartable.returns.queries.waiting import WaitingKind
    from cartable.rosters.queries.departures import WaitingKind as OfDepartures

    of_reserves = {
        "absent_student", "overdue_loan", "low_reserve", "top_up_to_decide", "shipment_to_receive",
        "difference_to_settle",
    }  # fmt: skip
    of_packages = {str(one) for kinds in (Wait, WaitingKind, OfRepairs, OfDepartures) for one in kinds}
    assert set(waiting.KINDS) == of_packages | of_reserves
    assert waiting.KINDS["absent_student"].said(1_200) == "1\u202f200 élèves absents attendent leur PC"
    assert waiting.KINDS["absent_student"].said(1) == "1 élève absent attend son PC"


def test_a_whole_region_decides_its_top_ups_on_one_page(cast: Cast) -> None:
    build_world(cast)
    of_region = asker(cast, Role.REGION_MANAGER, schools=None)
    (decide,) = (one for one in waiting_for(of_region) if "réassort" in one.title)
    assert decide.url == "/reserve/reassorts/"
    assert not [one for one in titles(cast, Role.HEAD_OF_SCHOOL) if "à décider" in one]


def test_what_a_package_counts_carries_the_town_of_its_lycee(after_the_day: Desk) -> None:
    found = waiting_for(asker(after_the_day.cast, Role.HEAD_OF_SCHOOL))
    assert {one.school for one in found} == {"Lycée des Trois-Rivières, Metz"}
