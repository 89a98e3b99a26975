"""The stocks of a region as the worker counts them every minute: a page reads a few rows, not a park."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cartable.conftest import Cast
from cartable.fleet.commands import read_stocks
from cartable.fleet.queries.stocks import custody_counts
from cartable.fleet.rules import CustodianKind, Reason

pytestmark = pytest.mark.django_db
DEPOT, ALLOTMENT = CustodianKind.DEPOT, CustodianKind.SCHOOL_ALLOTMENT


def told(now: datetime) -> tuple[Mapping[CustodianKind, int], datetime | None]:
    """Return what a page tells at that moment, and when it was counted."""
    counts = custody_counts(now=now)
    return counts.by_kind, counts.read_at


def test_before_the_worker_has_counted_a_stock_is_counted_there_and_then(cast: Cast) -> None:
    cast.devices_in_depot(3)
    assert told(cast.now) == ({DEPOT: 3}, None)


def test_then_it_is_what_the_worker_counted_last_with_its_time(cast: Cast) -> None:
    first, *_rest = cast.devices_in_depot(3)
    read_stocks(now=cast.now)
    cast.move(first, cast.region_accounts[DEPOT], cast.school_accounts[ALLOTMENT], Reason.ALLOTMENT)
    assert told(cast.now) == ({DEPOT: 3}, cast.now)
    later = cast.now + timedelta(minutes=1)
    read_stocks(now=later)
    assert told(later) == ({DEPOT: 2, ALLOTMENT: 1}, later)


def test_where_the_worker_has_not_counted_for_long_a_stock_is_counted_there_and_then(cast: Cast) -> None:
    cast.devices_in_depot(1)
    read_stocks(now=cast.now)
    cast.devices_in_depot(1)
    assert told(cast.now + timedelta(minutes=9)) == ({DEPOT: 1}, cast.now)
    assert told(cast.now + timedelta(minutes=10)) == ({DEPOT: 2}, None)


def test_a_stock_that_has_become_empty_is_no_longer_told(cast: Cast) -> None:
    (device,) = cast.devices_in_depot(1)
    read_stocks(now=cast.now)
    cast.move(device, cast.region_accounts[DEPOT], cast.school_accounts[ALLOTMENT], Reason.ALLOTMENT)
    later = cast.now + timedelta(minutes=1)
    read_stocks(now=later)
    assert told(later) == ({ALLOTMENT: 1}, later)


def test_the_start_page_of_the_region_says_when_its_stocks_were_counted(cast: Cast) -> None:
    cast.devices_in_depot(1)
    client = Client()
    client.force_login(cast.sonia, backend="django.contrib.auth.backends.ModelBackend")
    assert "Compté à" not in client.get("/").text
    counted_at = timezone.now()
    read_stocks(now=counted_at)
    assert f"Compté à {timezone.localtime(counted_at):%H:%M}" in client.get("/").text
