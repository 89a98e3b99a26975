"""What waits in returns: the bench to reimage, and who left with a PC."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cartable.fleet.rules import Condition, Grade
from cartable.returns.queries.waiting import WaitingKind, waiting
from cartable.returns.tests.conftest import Returns
from cartable.rosters.models import Enrolment


def test_the_bench_waits_with_what_can_be_reimaged(returns: Returns) -> None:
    returns.take("bilal")
    returns.take("chloe", grade=Grade.UNUSABLE)
    [one] = waiting([returns.cast.school.pk, returns.cast.other_school.pk])
    assert (one.kind, one.count, one.url) == (WaitingKind.BENCH, 1, f"/atelier/{returns.cast.school.uai}/")
    assert one.school == returns.cast.school.name
    assert one.oldest_days == (timezone.localdate() - (returns.cast.now + timedelta(hours=1)).date()).days
    assert returns.condition(returns.held["chloe"]) == Condition.BROKEN


def test_a_leaver_who_holds_a_pc_waits_until_it_is_back(returns: Returns, head: Client) -> None:
    left = timezone.localdate() - timedelta(days=12)
    Enrolment.objects.filter(student=returns.students["bilal"]).update(ends_on=left)
    [one] = waiting([returns.cast.school.pk])
    assert (one.kind, one.count, one.oldest_days) == (WaitingKind.LEAVERS, 1, 12)
    html = head.get(one.url).content.decode()
    assert "Bilal Benali" in html
    assert f"?code={returns.students['bilal'].label_code}" in html
    returns.take("bilal")
    assert [one.kind for one in waiting([returns.cast.school.pk])] == [WaitingKind.BENCH]


def test_an_announced_departure_does_not_wait_yet(returns: Returns) -> None:
    later = timezone.localdate() + timedelta(days=3)
    Enrolment.objects.filter(student=returns.students["bilal"]).update(ends_on=later)
    assert waiting([returns.cast.school.pk]) == []


@pytest.mark.parametrize("count", [1, 50])
def test_one_lycee_and_fifty_cost_the_same(returns: Returns, count: int, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(2):  # type: ignore[operator]
        waiting([returns.cast.school.pk] * count)
