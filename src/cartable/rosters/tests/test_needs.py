"""What the year to come needs: entrants, the reserve's top-up, what comes back; and who is missing from the new list."""

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cartable.conftest import Cast
from cartable.fleet.models import Device
from cartable.fleet.rules import CustodianKind, Reason
from cartable.kernel.spreadsheets import read_table
from cartable.organisations.models import School
from cartable.rosters.models import Student
from cartable.rosters.queries.needs import SchoolNeed, absent_holders, school_needs
from cartable.rosters.rules.needs import OnSite, expected_back, need
from cartable.rosters.tests.test_roster_import import listed
from cartable.rosters.tests.test_year_roll_over import BILAL, LEA, NEXT, ZOE, load, next_campaign, next_year


@pytest.mark.parametrize(
    ("on_site", "top_up", "to_order"),
    [
        (OnSite(), 4, 34),
        (OnSite(reserve=1), 3, 33),
        (OnSite(reserve=9), 0, 30),  # What the reserve holds beyond its target is no return.
        (OnSite(reserve=4, reusable=10), 0, 20),
        (OnSite(reserve=4, allotted=12), 0, 18),
        (OnSite(reusable=50), 4, 0),
    ],
)
def test_entrants_and_top_up_less_what_is_there(on_site: OnSite, top_up: int, to_order: int) -> None:
    found = need(to_equip=30, student_count=100, fup_rate=0.04, on_site=on_site)
    assert (found.reserve_target, found.top_up, found.to_order) == (4, top_up, to_order)


def test_who_has_finished_keeps_the_pc_only_where_the_rules_give_it() -> None:
    leavers = {"2213": 5, "2322": 2, "2212": 1, "": 1}
    assert expected_back(leavers, keeps_unless_refused=True) == 2
    assert expected_back(leavers, keeps_unless_refused=False) == 9


def hand_out(cast: Cast, given_name: str) -> str:
    (device_id,) = cast.devices_allotted(1)
    account = Student.objects.get(given_name=given_name).custodian_id
    cast.move(device_id, cast.school_accounts[CustodianKind.SCHOOL_ALLOTMENT], account, Reason.CHECK_OUT)
    return Device.objects.get(pk=device_id).asset_tag


def of_school(needs: list[SchoolNeed], school: School) -> SchoolNeed:
    return next(one for one in needs if one.uai == school.uai)


def test_a_lycee_needs_a_pc_for_whoever_is_eligible_and_has_none(cast: Cast) -> None:
    load(cast, 2026, listed("1", *LEA), listed("2", *BILAL))
    hand_out(cast, "Léa")
    rules = next_campaign(cast)
    load(
        cast, 2027, next_year("1", *LEA), next_year("2", *BILAL), next_year("3", *ZOE, level="2211"),
        next_year("4", "Muller", "Dylan", level="3111"), next_year("5", "Petit", "Paul", left_on=date(2027, 9, 2)),
    )  # fmt: skip
    found = of_school(school_needs(rules, today=NEXT), cast.school)
    # Four students of the list, of whom Bilal and Zoé have none and are eligible; one PC for the reserve.
    assert (found.student_count, found.need.to_equip, found.need.top_up, found.need.to_order) == (4, 2, 1, 3)
    assert (found.absent, found.expected_back) == (0, 0)
    assert not of_school(school_needs(rules, today=NEXT), cast.other_school).has_list


def test_what_lies_on_the_bench_and_what_is_allotted_is_not_ordered_again(cast: Cast) -> None:
    load(cast, 2026, listed("1", *LEA), listed("2", *BILAL))
    hand_out(cast, "Léa")
    lea = Student.objects.get(given_name="Léa").custodian_id
    device_id = Device.objects.get(custodian_id=lea).pk
    cast.move(device_id, lea, cast.school_accounts[CustodianKind.SCHOOL_BENCH], Reason.CHECK_IN)
    cast.devices_allotted(1)
    rules = next_campaign(cast)
    load(cast, 2027, next_year("1", *LEA), next_year("2", *BILAL))
    found = of_school(school_needs(rules, today=NEXT), cast.school)
    assert (found.on_site, found.need.to_order) == (OnSite(0, 1, 1), 1)
    Device.objects.filter(pk=device_id).update(condition="broken")
    assert of_school(school_needs(rules, today=NEXT), cast.school).need.to_order == 2


def test_who_is_missing_from_the_new_list_is_listed_apart_with_the_pc(cast: Cast) -> None:
    load(cast, 2026, listed("1", *LEA), listed("2", *BILAL, level="2213", division="TG1"), listed("3", *ZOE))
    tag = hand_out(cast, "Bilal")
    rules = next_campaign(cast)
    assert of_school(school_needs(rules, today=NEXT), cast.school).absent == 0  # No list yet: nobody is missing.
    load(cast, 2027, next_year("1", *LEA))
    found = of_school(school_needs(rules, today=NEXT), cast.school)
    assert (found.absent, found.expected_back) == (1, 0)
    (holder,) = absent_holders(school_id=cast.school.pk, first_year=2027, today=NEXT)
    assert (holder.name, holder.division, holder.has_finished, holder.asset_tag) == ("Bilal Benali", "TG1", True, tag)


def test_a_student_of_the_new_list_of_another_lycee_is_missing_nowhere(cast: Cast) -> None:
    load(cast, 2026, listed("1", *LEA, ine="070832327JA"), listed("2", *BILAL))
    hand_out(cast, "Léa")
    rules = next_campaign(cast)
    load(cast, 2027, next_year("2", *BILAL))
    load(cast, 2027, next_year("7", *LEA, ine="070832327JA"), school=cast.other_school)
    needs = school_needs(rules, today=NEXT)
    assert [(one.absent, one.expected_back) for one in needs] == [(0, 0), (0, 0)]
    assert of_school(needs, cast.other_school).need.to_equip == 0


@pytest.mark.parametrize(("policy", "back"), [("unless_refused", 1), ("on_request", 2)])
def test_the_pcs_of_leavers_are_said_apart_and_not_counted(cast: Cast, policy: str, back: int) -> None:
    plain = [listed("1", *LEA), listed("2", *BILAL, level="2213"), listed("3", *ZOE)]
    load(cast, 2026, *plain)
    for name in ("Léa", "Bilal"):
        hand_out(cast, name)
    left = date(2027, 7, 5)
    load(
        cast, 2026, listed("1", *LEA, left_on=left), listed("2", *BILAL, level="2213", left_on=left), plain[2],
        today=date(2027, 7, 6),
    )  # fmt: skip
    rules = next_campaign(cast, keep_policy=policy)
    load(cast, 2027, next_year("3", *ZOE))
    found = of_school(school_needs(rules, today=NEXT), cast.school)
    assert (found.expected_back, found.absent, found.on_site.reusable) == (back, 0, 0)


def test_needs_ask_the_database_as_often_for_many_lycees_as_for_one(cast: Cast) -> None:
    rules = next_campaign(cast)
    with CaptureQueriesContext(connection) as few:
        school_needs(rules, today=NEXT, uai=cast.school.uai)
    with CaptureQueriesContext(connection) as many:
        assert len(school_needs(rules, today=NEXT)) == 2
    assert len(few) == len(many) == 5


@pytest.fixture
def sonia(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.sonia, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_order_proposal_leaves_as_csv_and_as_spreadsheet_without_a_formula(cast: Cast, sonia: Client) -> None:
    next_campaign(cast)
    School.objects.filter(pk=cast.school.pk).update(name="=1+1")
    answer = sonia.get("/listes/besoins.csv?annee=2027")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert [row[1] for row in rows] == ["Lycée", "'=1+1", "Lycée du Warndt", "Total"]
    spreadsheet = sonia.get("/listes/besoins.xlsx?annee=2027")
    table = read_table(b"".join(spreadsheet.streaming_content))  # type: ignore[attr-defined]
    assert [row.cells[1] for row in table.rows] == ["=1+1", "Lycée du Warndt", "Total"]
    assert "formulas" not in table.warnings


def test_a_head_sees_the_own_lycee_only_and_a_wrong_year_is_nowhere(cast: Cast, sonia: Client) -> None:
    durand = Client()
    durand.force_login(cast.durand, backend="django.contrib.auth.backends.ModelBackend")
    page = durand.get("/listes/besoins/").content.decode()
    assert cast.school.name in page
    assert cast.other_school.name not in page
    for year in ("1999", "x", "²027", "20260"):
        assert sonia.get(f"/listes/besoins/?annee={year}").status_code == 404
