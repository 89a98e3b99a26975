"""What waits in repairs, for « À traiter »: counted per lycée, or over the region, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection
from django.urls import reverse
from django_scopes import get_scope

from cartable.repairs.queries import tickets


class WaitingKind(StrEnum):
    """What somebody has to do."""

    TO_TAKE_IN = "repairs_to_take_in"
    TO_SEND = "repairs_to_send"
    TO_RECEIVE = "repairs_to_receive"
    TO_HAND_BACK = "repairs_to_hand_back"
    OVERDUE = "repairs_overdue"
    QUOTES = "repairs_quotes"
    TO_DISPOSE = "repairs_to_dispose"
    WORKSHOP_TO_RECEIVE = "workshop_to_receive"
    WORKSHOP_TO_DIAGNOSE = "workshop_to_diagnose"
    WORKSHOP_TO_FINISH = "workshop_to_finish"
    WORKSHOP_TO_SEND_BACK = "workshop_to_send_back"


@dataclass(frozen=True)
class Waiting:
    """So many of a kind wait, the oldest for so many days; ``school`` is empty over the whole region."""

    kind: WaitingKind
    count: int
    oldest_days: int
    school: str
    url: str


_OPEN = """
SELECT ticket.school_id, ticket.region_id, waits.kind, waits.since
FROM repairs_repairticket ticket CROSS JOIN LATERAL (VALUES
    ('repairs_to_take_in', ticket.opened_at, ticket.taken_in_at IS NULL),
    ('repairs_to_send', ticket.taken_in_at, ticket.taken_in_at IS NOT NULL AND ticket.sent_at IS NULL),
    ('repairs_to_receive', ticket.sent_back_at, ticket.sent_back_at IS NOT NULL AND ticket.back_at IS NULL),
    ('repairs_to_hand_back', ticket.back_at, ticket.back_at IS NOT NULL),
    ('repairs_overdue', ticket.received_at, ticket.received_at IS NOT NULL AND ticket.sent_back_at IS NULL
        AND ticket.back_at IS NULL AND ticket.received_at < now() - make_interval(days => ticket.agreed_days + 1)),
    ('repairs_to_dispose', ticket.finished_at, ticket.finished_as = 'unrepairable' AND ticket.sent_back_at IS NULL
        AND ticket.back_at IS NULL)
) AS waits (kind, since, is_so)
WHERE ticket.closed_at IS NULL AND waits.is_so
UNION ALL
SELECT ticket.school_id, ticket.region_id, 'repairs_quotes', quote.sent_at
FROM repairs_repairquote quote JOIN repairs_repairticket ticket ON ticket.id = quote.ticket_id
WHERE quote.decided_at IS NULL AND ticket.closed_at IS NULL
"""
_OF_SCHOOLS = f"""
SELECT waiting.kind, count(*), extract(day FROM now() - min(waiting.since))::int, school.name
FROM ({_OPEN}) waiting JOIN organisations_school school ON school.id = waiting.school_id
WHERE waiting.school_id = ANY(%(schools)s) AND waiting.kind <> ALL(%(not_ours)s)
GROUP BY waiting.kind, school.id ORDER BY 3 DESC, 1, 4
"""
_OF_REGION = f"""
SELECT waiting.kind, count(*), extract(day FROM now() - min(waiting.since))::int, ''
FROM ({_OPEN}) waiting WHERE waiting.region_id = %(region)s AND waiting.kind = ANY(%(ours)s)
GROUP BY waiting.kind ORDER BY 3 DESC, 1
"""
_AT_REPAIRER = """
SELECT waits.kind, count(*), extract(day FROM now() - min(waits.since))::int, ''
FROM repairs_repairticket ticket CROSS JOIN LATERAL (VALUES
    ('workshop_to_receive', ticket.sent_at, ticket.received_at IS NULL),
    ('workshop_to_diagnose', ticket.received_at, ticket.received_at IS NOT NULL AND ticket.diagnosed_at IS NULL),
    ('workshop_to_finish', ticket.received_at, ticket.diagnosed_at IS NOT NULL AND ticket.finished_at IS NULL),
    ('workshop_to_send_back', ticket.received_at, ticket.finished_at IS NOT NULL)
) AS waits (kind, since, is_so)
WHERE ticket.closed_at IS NULL AND ticket.sent_at IS NOT NULL AND ticket.sent_back_at IS NULL
  AND ticket.back_at IS NULL AND ticket.repairer_id = ANY(%(repairers)s) AND waits.is_so
GROUP BY waits.kind ORDER BY 3 DESC, 1
"""
# What only the region decides; what is late concerns both.
_OF_THE_REGION = [WaitingKind.QUOTES, WaitingKind.TO_DISPOSE]


def waiting(school_ids: Sequence[int] | None) -> list[Waiting]:
    """Return what waits in these lycées, found in scope, the oldest first.

    None asks for the whole region: what only it decides, and what its repairers are late with. Somebody who works for a
    repairer is told what waits in the workshop.
    """
    asked = get_scope()
    if asked.get("contractor"):
        return _read(_AT_REPAIRER, {"repairers": list(asked["contractor"])})
    if school_ids is None:
        return waiting_for_region(asked["region"])
    return _read(_OF_SCHOOLS, {"schools": list(school_ids), "not_ours": [str(kind) for kind in _OF_THE_REGION]})


def waiting_for_region(region_id: int) -> list[Waiting]:
    """Return what waits for the region to decide, and what its repairers are late with."""
    ours = [str(kind) for kind in (*_OF_THE_REGION, WaitingKind.OVERDUE)]
    return _read(_OF_REGION, {"region": region_id, "ours": ours})


def _read(query: str, values: dict[str, Any]) -> list[Waiting]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        rows = cursor.fetchall()
    return [
        Waiting(WaitingKind(kind), count, days, school, _url(WaitingKind(kind))) for kind, count, days, school in rows
    ]


def _url(kind: WaitingKind) -> str:
    """Return the page with the remedy."""
    listed = reverse("repairs:tickets")
    return {
        WaitingKind.TO_TAKE_IN: f"{listed}?etat={tickets.TO_SEND}",
        WaitingKind.TO_SEND: reverse("repairs:send"),
        WaitingKind.TO_RECEIVE: reverse("repairs:take-back"),
        WaitingKind.TO_HAND_BACK: reverse("repairs:settle"),
        WaitingKind.OVERDUE: f"{listed}?etat={tickets.LATE}",
        WaitingKind.QUOTES: reverse("repairs:decisions"),
        WaitingKind.TO_DISPOSE: reverse("repairs:decisions"),
        WaitingKind.WORKSHOP_TO_RECEIVE: reverse("repairs:workshop-receive"),
        WaitingKind.WORKSHOP_TO_DIAGNOSE: reverse("repairs:workshop"),
        WaitingKind.WORKSHOP_TO_FINISH: reverse("repairs:workshop"),
        WaitingKind.WORKSHOP_TO_SEND_BACK: reverse("repairs:workshop-send-back"),
    }[kind]
