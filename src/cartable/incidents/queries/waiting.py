"""Read what waits in incidents: thefts without receipt, doors that nobody went through, what only needs closing."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Case, CharField, Count, F, Min, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from cartable.incidents.models import Incident, IncidentKind, IncidentState
from cartable.programme.models import Opening


class Wait(StrEnum):
    """What an open incident waits for."""

    RECEIPT = "receipt"
    DOOR = "door"
    CLOSING = "closing"


# A theft is proved first, whatever it opens; a loan that bridges it leaves only the receipt to wait for.
_PROVED = ~Q(kind=IncidentKind.THEFT) | Q(state=IncidentState.ACCEPTED)
WAITS = {
    Wait.RECEIPT: Q(kind=IncidentKind.THEFT, state=IncidentState.DECLARED),
    Wait.DOOR: _PROVED & ~Q(opens=Opening.NOTHING) & ~Q(state=IncidentState.CLOSED),
    Wait.CLOSING: _PROVED & Q(opens=Opening.NOTHING) & ~Q(state=IncidentState.CLOSED),
}


@dataclass(frozen=True)
class WaitingIncidents:
    """The incidents of one lycée that wait for the same thing."""

    kind: Wait
    count: int
    oldest_days: int
    school: str
    url: str


def waiting(school_ids: tuple[int, ...] | None, *, now: datetime | None = None) -> list[WaitingIncidents]:
    """Return what waits in these schools (None: all in scope), the oldest first; one statement."""
    chosen = Incident.objects.exclude(state=IncidentState.CLOSED)
    if school_ids is not None:
        chosen = chosen.filter(school_id__in=school_ids)
    sorted_out = Case(*(When(wait, then=Value(str(kind))) for kind, wait in WAITS.items()), output_field=CharField())
    rows = (
        chosen.order_by()
        .values(wait=sorted_out, uai=F("school__uai"), name=F("school__name"))
        .annotate(count=Count("pk"), oldest=Min("declared_at"))
        .order_by("oldest", "uai")
    )
    moment = now or timezone.now()
    return [
        WaitingIncidents(
            kind=Wait(row["wait"]),
            count=row["count"],
            oldest_days=(moment - row["oldest"]).days,
            school=row["name"],
            url=f"{reverse('incidents:incidents')}?{urlencode({'attend': row['wait'], 'lycee': row['uai']})}",
        )
        for row in rows
    ]
