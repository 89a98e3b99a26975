"""Read what the repairer has to do: the queue by age, the way a PC goes through, the statement of a month. No name in it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from cartable.repairs.models import FaultyPart, RepairOutcome, RepairQuote, RepairTicket
from cartable.repairs.queries.tickets import TicketLine, clock_of, lines, page_of, symptoms_in_words
from cartable.repairs.rules import AGREED_DAYS, AgeBand, age_bands


@dataclass(frozen=True)
class Queue:
    """One page of what the repairer has, the oldest first."""

    rows: list[TicketLine]
    count: int
    next_after: str
    previous_before: str


@dataclass(frozen=True)
class Flow:
    """How many PCs are at each step, and how old those in the workshop are."""

    on_the_way: int
    to_diagnose: int
    in_repair: int
    to_send_back: int
    late: int
    agreed: int
    bands: tuple[AgeBand, ...]


def _here() -> "QuerySet[RepairTicket]":
    """Return what the repairer answers for and has not sent back."""
    return RepairTicket.at_contractor.filter(closed_at=None, sent_at__isnull=False, sent_back_at=None, back_at=None)


def queue(*, after: str = "", before: str = "", today: date, limit: int = 50) -> Queue:
    """Return one page of the queue by age."""
    found, next_after, previous_before = page_of(_here(), "sent_at", after=after, before=before, limit=limit)
    return Queue(lines(found, today=today), _here().count(), next_after, previous_before)


def flow(*, today: date) -> Flow:
    """Count what is at each step."""
    counted = _here().aggregate(
        on_the_way=Count("pk", filter=Q(received_at=None)),
        to_diagnose=Count("pk", filter=Q(received_at__isnull=False, diagnosed_at=None)),
        in_repair=Count("pk", filter=Q(diagnosed_at__isnull=False, finished_at=None)),
        to_send_back=Count("pk", filter=Q(finished_at__isnull=False)),
        agreed=Min("agreed_days"),
    )
    ages = [
        ((today - timezone.localdate(at)).days, agreed)
        for at, agreed in _here().filter(received_at__isnull=False).values_list("received_at", "agreed_days")
        if at is not None
    ]
    agreed = counted.pop("agreed") or AGREED_DAYS
    late = sum(days > limit for days, limit in ages)
    return Flow(**counted, late=late, agreed=agreed, bands=age_bands([days for days, _limit in ages], agreed))


@dataclass(frozen=True)
class Statement:
    """A month in figures."""

    count: int
    in_time: int
    median_days: float | None
    accepted_eur: Decimal
    parts: list[tuple[str, int]]


def _of_month(first: date) -> "QuerySet[RepairTicket]":
    """Return the tickets that the repairer was done with in a month: sent back, or given up."""
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    start, end = (timezone.make_aware(datetime.combine(day, time())) for day in (first, following))
    last = RepairQuote.at_contractor.filter(ticket=OuterRef("pk"), is_accepted=True).order_by("-sent_at")
    done = RepairTicket.at_contractor.annotate(
        done_at=Coalesce("sent_back_at", "closed_at"), accepted_eur=Subquery(last.values("price_eur")[:1])
    )
    return done.filter(
        Q(sent_back_at__isnull=False) | Q(closed_as="disposed"), received_at__isnull=False, done_at__gte=start,
        done_at__lt=end,
    ).order_by("done_at", "pk")  # fmt: skip


def statement(first: date) -> Statement:
    """Return a month of a repairer in figures."""
    rows = list(_of_month(first).values_list("received_at", F("done_at"), "agreed_days", "part"))
    days = [(timezone.localdate(done) - timezone.localdate(received)).days for received, done, *_rest in rows]
    parts = Counter(part for *_rest, part in rows if part)
    return Statement(
        count=len(rows),
        in_time=sum(took <= row[2] for took, row in zip(days, rows, strict=True)),
        median_days=median(days) if days else None,
        accepted_eur=_of_month(first).aggregate(total=Sum("accepted_eur"))["total"] or Decimal(0),
        parts=[(str(FaultyPart(part).label), count) for part, count in parts.most_common()],
    )


def statement_header() -> list[str]:
    """Return the columns of a statement."""
    return [
        _("Réparateur"), _("Étiquette"), _("Numéro de série"), _("Modèle"), _("Lycée"), _("Ville"), _("Symptômes"),
        _("Pièce"), _("Sous garantie"), _("Résultat"), _("Prix accepté (€)"), _("Reçu le"), _("Renvoyé le"), _("Jours"),
        _("Délai convenu"), _("Dans le délai"),
    ]  # fmt: skip


def statement_rows(first: date) -> Iterator[list[str]]:
    """Yield the rows of a statement, one at a time."""
    rows = _of_month(first).select_related("device__device_model", "school", "repairer")
    yield from map(_as_row, rows.iterator(chunk_size=500))


def _as_row(ticket: Any) -> list[str]:
    done_on, received_on = timezone.localdate(ticket.done_at), timezone.localdate(ticket.received_at)
    days = clock_of(ticket, today=done_on).days or 0
    return [
        ticket.repairer.name,
        ticket.device.asset_tag,
        ticket.device.serial_number,
        ticket.device.device_model.name,
        ticket.school.name,
        ticket.school.town,
        symptoms_in_words(ticket),
        str(FaultyPart(ticket.part).label) if ticket.part else "",
        _("oui") if ticket.is_covered else _("non"),
        str(RepairOutcome(ticket.finished_as).label) if ticket.finished_as else _("Devis refusé"),
        str(ticket.accepted_eur or ""),
        received_on.isoformat(),
        done_on.isoformat(),
        str(days),
        str(ticket.agreed_days),
        _("oui") if days <= ticket.agreed_days else _("non"),
    ]
