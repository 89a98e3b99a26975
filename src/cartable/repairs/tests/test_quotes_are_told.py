"""A quote is told to whoever decides it, and to the family whose charter makes it pay; to nobody else."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction
from django_scopes import scope

from cartable.conftest import Cast
from cartable.incidents.tests.conftest import another_campaign, sign
from cartable.notices.models import Notice
from cartable.repairs.commands.workshop import decide_quote, send_quote
from cartable.repairs.models import RepairQuote, RepairTicket
from cartable.repairs.rules import FaultyPart
from cartable.repairs.tests.conftest import Bench, build_bench
from cartable.rosters.models import Guardian

MANAGER, MOTHER = "sonia@example.org", "mere@example.org"


@pytest.fixture
def bench(cast: Cast) -> Bench:
    """The bench of repairs; Bilal's mother has an address."""
    bench = build_bench(cast)
    student = bench.desk.students["bilal"]
    Guardian.objects.create(student=student, person_key="1", family_name="Exemple", email=MOTHER, is_legal=True)
    return bench


def damaged(bench: Bench) -> RepairTicket:
    """Bring Bilal's PC to the repairer, who finds a damage."""
    ticket = bench.open()
    bench.send(bench.own.asset_tag)
    bench.receive(bench.own.asset_tag)
    bench.diagnose(ticket, covered=False)
    return ticket


def quote(bench: Bench, ticket: RepairTicket) -> RepairQuote:
    """Send a quote as the repairer does: in the scope of somebody who sees no lycée and no student."""
    quote_id, cast = uuid4(), bench.cast
    with scope(_enabled=True, region=cast.region.pk, school=[], contractor=[cast.repairer.pk]):
        send_quote(
            quote_id=quote_id, ticket_id=ticket.pk, part=FaultyPart.SCREEN, price_eur=Decimal("1090.00"), note="",
            sent_at=cast.now, sent_by_id=cast.lina.actor_id,
        )  # fmt: skip
    return RepairQuote.objects.get(pk=quote_id)


def told() -> list[tuple[str, str]]:
    """Return who is written to about quotes, and of what kind."""
    return list(Notice.objects.filter(kind__contains="quote").order_by("kind").values_list("address", "kind"))


def test_who_decides_is_told_of_the_price_and_where_to_decide_and_the_family_of_nothing(bench: Bench) -> None:
    quote(bench, damaged(bench))
    assert told() == [(MANAGER, "quote_to_decide")]
    body = Notice.objects.get(kind="quote_to_decide").body
    assert "1 090,00 €" in body
    assert "/reparations/decisions/" in body
    assert "Bilal" not in body


def test_the_family_is_told_where_its_charter_makes_it_pay(bench: Bench) -> None:
    rules = another_campaign(bench.cast, first_year=2027, breakage_opens="rebuy")
    sign(bench.cast, bench.desk.students["bilal"].pk, rules)
    quote(bench, damaged(bench))
    assert told() == [(MOTHER, "damage_quoted"), (MANAGER, "quote_to_decide")]


def test_who_decides_is_told_again_once_the_last_quote_was_decided_and_once_a_day_while_others_wait(
    bench: Bench,
) -> None:
    ticket = damaged(bench)
    for _ in range(2):
        asked = quote(bench, ticket)
        decide_quote(
            quote_id=asked.pk, is_accepted=False, decided_at=bench.cast.now, decided_by_id=bench.cast.sonia.actor_id
        )
    assert len(told()) == 2
    others = []
    for pc in bench.desk.fill(3):
        others.append(bench.open(pc, lend=False))
        bench.send(pc.asset_tag)
        bench.receive(pc.asset_tag)
        bench.diagnose(others[-1], covered=False)
    for other in others:
        quote(bench, other)
    assert len(told()) == 4


def test_what_is_rolled_back_is_not_told(bench: Bench) -> None:
    ticket = damaged(bench)
    with transaction.atomic():
        quote(bench, ticket)
        transaction.set_rollback(True)
    assert told() == []
