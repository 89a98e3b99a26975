"""Families are told what happened to the PC, each parent alone, once per fact; what is rolled back or stopped is not said."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from cartable.conftest import Cast
from cartable.emergency_stock.commands.allocations import ReserveRefused
from cartable.emergency_stock.commands.reminders import remind_of_loans
from cartable.incidents.commands.reminders import remind_of_receipts
from cartable.incidents.tests.conftest import Counter, build_counter
from cartable.notices.commands import stop_kinds
from cartable.notices.models import Notice
from cartable.notices.queries import address_fingerprint
from cartable.notices.rules import NoticeKind
from cartable.repairs.tests.conftest import Bench, build_bench
from cartable.returns.commands.reminders import remind_of_returns
from cartable.rosters.models import Enrolment, Guardian, Student

MOTHER, FATHER, CONTACT = "mere@example.org", "pere@example.org", "voisin@example.org"


def with_parents(student: Student) -> None:
    """Give a student two parents who live apart, and a neighbour who answers for nothing."""
    for key, (address, is_legal) in enumerate(((MOTHER, True), (FATHER, True), (CONTACT, False))):
        Guardian.objects.create(
            student=student, person_key=str(key), family_name="Exemple", email=address, is_legal=is_legal
        )


@pytest.fixture
def counter(cast: Cast) -> Counter:
    """Alice, sixteen, holds a PC and has parents."""
    counter = build_counter(cast)
    born = cast.now.date().replace(year=cast.now.year - 16)
    Student.objects.filter(pk=counter.desk.students["alice"].pk).update(birth_on=born)
    with_parents(counter.desk.students["alice"])
    return counter


@pytest.fixture
def bench(cast: Cast) -> Bench:
    """The bench of repairs; whoever has a PC there has parents."""
    bench = build_bench(cast)
    for student in bench.desk.students.values():
        with_parents(student)
    return bench


def told(kind: NoticeKind) -> list[tuple[str, str]]:
    """Return address and text of what is queued about one thing."""
    return list(Notice.objects.filter(kind=kind).order_by("queued_at", "address").values_list("address", "body"))


def test_of_two_parents_each_is_told_alone_what_receipt_is_awaited(counter: Counter) -> None:
    act = uuid4()
    for _ in range(2):  # Sent twice, it is one.
        counter.declare("alice", incident=act)
    said = told(NoticeKind.THEFT_DECLARED)
    assert [address for address, _body in said] == [MOTHER, FATHER]
    assert all("récépissé" in body and "Alice" in body for _address, body in said)
    assert not any(other in body for _address, body in said for other in (MOTHER, FATHER, CONTACT))


def test_who_has_no_mail_address_and_accepts_sms_is_told_by_sms_where_the_region_has_a_provider(
    counter: Counter, settings: Any
) -> None:
    Guardian.objects.filter(email=FATHER).update(email="", phone="+33639980001", accepts_sms=True)
    Guardian.objects.filter(email=MOTHER).update(phone="+33639980002", accepts_sms=True)
    settings.CARTABLE_SMS_ROAD = "cartable.notices.sms.http_road"
    counter.declare("alice")
    by_road = dict(Notice.objects.filter(kind=NoticeKind.THEFT_DECLARED).values_list("channel", "address"))
    assert by_road == {"mail": MOTHER, "sms": "+33639980001"}
    assert "Alice" in Notice.objects.get(channel="sms").body


@pytest.mark.parametrize(("road", "accepts"), [("", True), ("cartable.notices.sms.http_road", False)])
def test_nobody_is_told_by_sms_without_a_provider_or_without_accepting_it(
    counter: Counter, settings: Any, road: str, accepts: bool
) -> None:
    Guardian.objects.filter(email=FATHER).update(email="", phone="+33639980001", accepts_sms=accepts)
    settings.CARTABLE_SMS_ROAD = road
    counter.declare("alice")
    assert [address for address, _body in told(NoticeKind.THEFT_DECLARED)] == [MOTHER]


def test_the_parents_of_a_student_who_has_come_of_age_are_told_nothing(counter: Counter) -> None:
    born = counter.cast.now.date().replace(year=counter.cast.now.year - 18)
    Student.objects.filter(pk=counter.desk.students["alice"].pk).update(birth_on=born)
    counter.declare("alice")
    assert told(NoticeKind.THEFT_DECLARED) == []


def test_a_missing_receipt_is_asked_for_after_a_week_once_a_fortnight_until_it_is_there(counter: Counter) -> None:
    incident = counter.declare("alice")
    stop_kinds(fingerprint=address_fingerprint(FATHER), kinds=[NoticeKind.RECEIPT_AWAITED], stopped_at=counter.cast.now)
    for days in (6, 7, 8, 13, 14):
        remind_of_receipts(now=counter.cast.now + timedelta(days=days))
    assert [address for address, _body in told(NoticeKind.RECEIPT_AWAITED)] == [MOTHER] * 2
    counter.accept(incident)
    assert remind_of_receipts(now=counter.cast.now + timedelta(days=40)) == 0


def test_a_pc_of_the_reserve_that_is_handed_over_is_told_and_one_that_is_refused_is_not(counter: Counter) -> None:
    desk, student = counter.desk, counter.desk.students["alice"]
    with pytest.raises(ReserveRefused):
        desk.hand_over("alice", desk.reserve[0])
    assert told(NoticeKind.PC_HANDED_OVER) == []
    incident = counter.declare("alice")
    counter.accept(incident)
    counter.replace(incident, desk.reserve[0])
    assert [address for address, _body in told(NoticeKind.PC_HANDED_OVER)] == [MOTHER, FATHER]
    assert student.given_name in told(NoticeKind.PC_HANDED_OVER)[0][1]


def test_a_loan_says_its_date_is_asked_back_after_it_and_the_repaired_pc_calls_it_home(bench: Bench) -> None:
    bench.repaired()
    bench.take_back(bench.own.asset_tag)
    assert [address for address, _body in told(NoticeKind.LOAN_BEGUN)] == [MOTHER, FATHER]
    assert [address for address, _body in told(NoticeKind.REPAIRED_PC_BACK)] == [MOTHER, FATHER]
    later = bench.cast.now + timedelta(days=400)
    assert remind_of_loans(now=bench.cast.now) == 0
    for _ in range(2):
        remind_of_loans(now=later)
    assert [address for address, _body in told(NoticeKind.LOAN_OVERDUE)] == [MOTHER, FATHER]


def test_nobody_asks_for_the_pc_of_whose_studies_are_finished(counter: Counter) -> None:
    today = counter.cast.now.date()
    enrolment = Enrolment.objects.filter(student=counter.desk.students["alice"])
    enrolment.update(ends_on=today, starts_on=today - timedelta(days=10), level="2213")
    assert remind_of_returns(now=counter.cast.now) == 0


def test_who_has_left_with_a_pc_is_asked_for_it(counter: Counter) -> None:
    today = counter.cast.now.date()
    assert remind_of_returns(now=counter.cast.now) == 0
    enrolment = Enrolment.objects.filter(student=counter.desk.students["alice"])
    enrolment.update(ends_on=today, starts_on=today - timedelta(days=10), level="2211")
    for _ in range(2):
        remind_of_returns(now=counter.cast.now)
    assert [address for address, _body in told(NoticeKind.RETURN_DUE)] == [MOTHER, FATHER]
