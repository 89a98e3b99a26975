"""What happened, in plain words: one shape for the movements of the ledger, charters, enrolments and merges."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from cartable.desk.models import SchoolClosing
from cartable.distribution.models import Scan
from cartable.emergency_stock.models import Allocation
from cartable.fleet.queries.device import Event
from cartable.ui.figures import moment, short_date


@dataclass(frozen=True)
class Moment:
    """One thing that happened: what, when, who, and the paper or scan that proves it."""

    title: str
    at: datetime
    when: str
    icon: str
    tone: str = ""
    text: str = ""
    who: str = ""
    proof: str = ""
    asset_tag: str = ""
    recorded_later_at: datetime | None = None
    is_corrected: bool = False


def on_day(title: str, day: date, icon: str, *, text: str = "", proof: str = "") -> Moment:
    """Return something of which the day is known and no hour."""
    at = timezone.make_aware(datetime.combine(day, time.min))
    return Moment(title, at, short_date(day), icon, text=text, proof=proof)


def latest_first(moments: Iterable[Moment]) -> tuple[Moment, ...]:
    """Return what happened, the latest first."""
    return tuple(sorted(moments, key=lambda one: one.at, reverse=True))


def moments_of(events: Sequence[Event], *, names_the_pc: bool = False) -> list[Moment]:
    """Return movements with the scan, the closing of a lycée or the cause behind them: three queries."""
    proofs = {**_scans(events), **_closings(events)}
    causes = _causes([event.movement_id for event in events])
    return [_moment(event, proofs, causes.get(event.movement_id, ""), names_the_pc=names_the_pc) for event in events]


def _moment(event: Event, proofs: dict[str, str], cause: str, *, names_the_pc: bool) -> Moment:
    return Moment(
        title=event.title,
        at=event.at,
        when=moment(event.at),
        icon=event.icon,
        tone=event.tone,
        text=f"{event.before} → {event.after}",
        who=event.who,
        proof=cause or proofs.get(event.reference, "") or event.evidence,
        asset_tag=event.asset_tag if names_the_pc else "",
        recorded_later_at=event.recorded_later_at,
        is_corrected=event.is_corrected,
    )


def _scans(events: Sequence[Event]) -> dict[str, str]:
    """Return "scan:…" → the station that saw it, and on which day."""
    ids = {key: event.reference for event in events if (key := _id_of("scan", event.reference)) is not None}
    found = Scan.objects.filter(pk__in=list(ids)).select_related("station", "day") if ids else []
    words = _("Scan au poste %(station)s, journée du %(day)s")
    return {ids[one.pk]: words % {"station": one.station.name, "day": short_date(one.day.held_on)} for one in found}


def _closings(events: Sequence[Event]) -> dict[str, str]:
    """Return "shipment:…" → which lycée closed, where that is why the PC travelled."""
    ids = {key: event.reference for event in events if (key := _id_of("shipment", event.reference)) is not None}
    found = SchoolClosing._base_manager.filter(shipment_ids__overlap=list(ids)).select_related("school") if ids else []
    words = _("Fermeture de %(school)s le %(day)s")
    return {
        ids[key]: words % {"school": one.school.name, "day": short_date(one.closed_on)}
        for one in found
        for key in one.shipment_ids
        if key in ids
    }


def of_closing(one: SchoolClosing) -> Moment:
    """Return that a lycée closed, on the page of whom or what went on in another one."""
    text = f"{one.school.name} → {one.successor.name}" if one.successor else one.school.name
    title = _("Lycée fermé : la suite est dans un autre lycée")
    return Moment(title, one.decided_at, moment(one.decided_at), "ecole", text=text)


def _id_of(kind: str, reference: str) -> UUID | None:
    found, _colon, key = reference.partition(":")
    try:
        return UUID(key) if found == kind else None
    except ValueError:
        return None


def _causes(movement_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return movement → why the PC left a reserve: « De la réserve : absent le jour de la distribution »."""
    allocations = Allocation.objects.filter(pk__in=movement_ids)
    return {one.pk: _("De la réserve : %(cause)s") % {"cause": one.get_cause_display()} for one in allocations}
