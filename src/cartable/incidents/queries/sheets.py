"""Read one incident as its page shows it, and the incidents of the lycées in scope."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from cartable.incidents.models import Incident, IncidentState, Rebuy
from cartable.incidents.queries.subject import standing_of, theft_count
from cartable.incidents.rules import Opening, closing_obstacle, door_obstacle, price_of_the_pc
from cartable.programme.queries import prices_of, school_year_label
from cartable.rosters.queries.people import actor_names

PAGE = 50


@dataclass(frozen=True)
class RuleSaid:
    """What a version of the rules opens after one kind of incident, with where it is written."""

    opens: Opening
    campaign: str
    version: int
    school_year: str
    charter_title: str
    charter_paragraphs: tuple[str, ...]
    price_eur: Decimal | None


@dataclass(frozen=True)
class Happening:
    """One thing that was done about an incident."""

    code: str
    at: datetime
    who: str


@dataclass(frozen=True)
class IncidentSheet:
    """All about one incident that was reached through `access`."""

    incident: Incident
    rule: RuleSaid
    thefts_of_student: int
    door: Opening | None
    door_obstacle: str
    closing_obstacle: str
    rebuy: Rebuy | None
    happenings: tuple[Happening, ...]

    @property
    def is_open(self) -> bool:
        """Say whether something can still be done."""
        return self.incident.state != IncidentState.CLOSED


def incident_sheet(incident: Incident) -> IncidentSheet:
    """Return an incident with what may be done next, and why the rest may not."""
    standing = standing_of(incident)
    obstacle = door_obstacle(standing, standing.opens)
    return IncidentSheet(
        incident=incident,
        rule=rule_said(incident),
        thefts_of_student=theft_count(incident.student_id) if incident.student_id else 0,
        door=standing.opens if obstacle is None else None,
        door_obstacle=str(obstacle or ""),
        closing_obstacle=str(closing_obstacle(standing) or ""),
        rebuy=Rebuy.objects.select_related("device").filter(pk=incident.pk).first(),
        happenings=tuple(_happenings(incident)),
    )


def rule_said(incident: Incident) -> RuleSaid:
    """Return the rule under which an incident was declared, with its text."""
    rules = incident.rules
    return RuleSaid(
        opens=Opening(incident.opens),
        campaign=rules.campaign.name,
        version=rules.version,
        school_year=school_year_label(rules.campaign.first_year),
        charter_title=rules.charter_title,
        charter_paragraphs=tuple(part.strip() for part in rules.charter_text.split("\n\n") if part.strip()),
        price_eur=price_of_the_pc(prices_of(rules), rules.kit),
    )


def _happenings(incident: Incident) -> Iterable[Happening]:
    done = [
        ("declared", incident.declared_at, incident.declared_by_id),
        ("accepted", incident.accepted_at, incident.accepted_by_id),
        (f"closed_{incident.closed_as}", incident.closed_at, incident.closed_by_id),
    ]
    if incident.found_at != incident.closed_at:
        done.append(("found", incident.found_at, incident.found_by_id))
    names = actor_names(by for _code, _at, by in done)
    known = [Happening(code, at, names.get(by or 0, "")) for code, at, by in done if at is not None]
    return sorted(known, key=lambda one: one.at, reverse=True)


@dataclass(frozen=True)
class IncidentLine:
    """An incident in a list."""

    id: UUID
    kind: str
    kind_code: str
    state: str
    state_code: str
    opens: str
    asset_tag: str
    name: str
    school: str
    happened_on: date
    days: int


@dataclass(frozen=True)
class IncidentPage:
    """One page of a list of incidents, and where its neighbours begin."""

    rows: tuple[IncidentLine, ...]
    previous_before: UUID | None
    next_after: UUID | None


def list_incidents(
    *,
    today: date,
    wait: Q | None = None,
    school_uai: str = "",
    is_open: bool = True,
    after: UUID | None = None,
    before: UUID | None = None,
) -> IncidentPage:
    """Return a page of the incidents in scope: open ones the oldest first, or closed ones the latest first."""
    chosen = Incident.objects.select_related("device", "student", "school")
    chosen = chosen.filter(~Q(state=IncidentState.CLOSED) if is_open else Q(state=IncidentState.CLOSED))
    if school_uai:
        chosen = chosen.filter(school__uai=school_uai)
    if wait is not None:
        chosen = chosen.filter(wait)
    # A place that is not there any more is the beginning of the list.
    wanted = before or after
    place = Incident.objects.filter(pk=wanted).first() if wanted else None
    is_back = place is not None and before is not None
    rises = is_open != is_back
    if place is not None:
        chosen = chosen.filter(_beyond(place, rises=rises))
    ordered = chosen.order_by("declared_at", "pk") if rises else chosen.order_by("-declared_at", "-pk")
    found = list(ordered[: PAGE + 1])
    has_more, found = len(found) > PAGE, found[:PAGE]
    if is_back:
        found.reverse()
    has_previous, has_next = (has_more, True) if is_back else (place is not None, has_more)
    return IncidentPage(
        rows=tuple(_line(one, today) for one in found),
        previous_before=found[0].pk if found and has_previous else None,
        next_after=found[-1].pk if found and has_next else None,
    )


def _beyond(place: Incident, *, rises: bool) -> Q:
    if rises:
        return Q(declared_at__gt=place.declared_at) | Q(declared_at=place.declared_at, pk__gt=place.pk)
    return Q(declared_at__lt=place.declared_at) | Q(declared_at=place.declared_at, pk__lt=place.pk)


def _line(incident: Incident, today: date) -> IncidentLine:
    ended = incident.get_closed_as_display() if incident.closed_as else incident.get_state_display()
    return IncidentLine(
        id=incident.pk,
        kind=incident.get_kind_display(),
        kind_code=incident.kind,
        state=ended,
        state_code=incident.state,
        opens=incident.get_opens_display(),
        asset_tag=incident.device.asset_tag,
        name=incident.student.display_name if incident.student else "",
        school=str(incident.school),
        happened_on=incident.happened_on,
        days=(today - incident.declared_at.date()).days,
    )


def last_complaint_office(school_id: int) -> str:
    """Return where the last complaint of a lycée was lodged: most go to the same office."""
    known = Incident.objects.filter(school_id=school_id).exclude(complaint_office="").order_by("-declared_at")
    return known.values_list("complaint_office", flat=True).first() or ""
