"""The next gestures on a student or on a PC: those that the rules allow, the others greyed with their reason.

A package that opens a gesture adds one line to a tuple below. The reason comes from the same pure rule that the gesture's
own command obeys, so that the page and the direct request cannot disagree.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cartable.accounts.models import Role
from cartable.desk.audience import HANDS_OVER, SCHOOL, SITE, TECHNICIAN
from cartable.desk.queries.devices import DevicePage
from cartable.desk.queries.students import StudentPage
from cartable.distribution.court_rules.hearing import Because
from cartable.distribution.court_words import BECAUSE_WORDS
from cartable.distribution.queries.court import OpenDispute
from cartable.emergency_stock.rules import device_obstacle, student_obstacle
from cartable.emergency_stock.words import REFUSALS as RESERVE_REFUSALS
from cartable.fleet.rules import CustodianKind
from cartable.incidents.rules import Reported, declaration_obstacle
from cartable.incidents.words import REFUSALS as INCIDENT_REFUSALS
from cartable.repairs.rules import Failed, repair_obstacle
from cartable.repairs.words import REFUSALS as REPAIR_REFUSALS
from cartable.returns.rules import BroughtBack, ReturnObstacle, return_obstacle
from cartable.returns.words import REFUSALS as RETURN_REFUSALS
from cartable.rosters.rules.departures import DepartureObstacle
from cartable.rosters.words import REFUSALS as ROSTER_REFUSALS

Page = TypeVar("Page")
# And whoever sees repairs and benches.
SEES_INCIDENTS = SCHOOL | TECHNICIAN
# Where a gesture begins: the route, its arguments, and what stands in the address; None where there is nothing to do.
Address = tuple[str, list[Any], dict[str, str]] | None


@dataclass(frozen=True)
class Gesture:
    """A gesture as the page shows it; ``refusal`` says why it is greyed."""

    label: str
    icon: str
    url: str
    refusal: str


@dataclass(frozen=True)
class Offer(Generic[Page]):
    """A gesture that a package offers: to whom, where it begins, and why it may not be made now."""

    label: str | Promise
    icon: str
    roles: Iterable[Role]
    begins: Callable[[Page], Address]
    refusal: Callable[[Page], str] = lambda _page: ""


def gestures(offers: Iterable[Offer[Page]], page: Page, roles: frozenset[Role]) -> list[Gesture]:
    """Return the gestures on this page that somebody of these roles may make or see refused."""
    found = []
    for offer in offers:
        address = offer.begins(page) if roles & set(offer.roles) else None
        if address is not None:
            route, args, query = address
            url = reverse(route, args=args) + (f"?{urlencode(query)}" if query else "")
            found.append(Gesture(str(offer.label), offer.icon, url, offer.refusal(page)))
    return found


def _court(dispute: OpenDispute | None) -> Address:
    return ("distribution:dispute", [dispute.day_id, dispute.pk], {}) if dispute else None


def _on_the_list_of_the_day(page: StudentPage) -> Address:
    code = {"code": page.sheet.label_code}
    return ("distribution:student-list", [page.passage.day_id], code) if page.passage else None


def _exchange(page: StudentPage) -> Address:
    passage = page.passage
    if passage is None or not passage.is_expected:
        return None
    return ("distribution:exchange", [passage.day_id, passage.passage_id], {})


def _nothing_to_exchange(page: StudentPage) -> str:
    return str(BECAUSE_WORDS[Because.IS_A_LOAN]) if page.loan else _nothing_to_take_back(page)


def _no_pc_for_student(page: StudentPage) -> str:
    # The charter is received with the gesture: that it is not there yet stops nobody here.
    found = student_obstacle(page.facts.taker(charter_received=True))
    return str(RESERVE_REFUSALS[found]) if found else ""


def _pc_stays(page: DevicePage) -> str:
    found = device_obstacle(page.offered)
    return str(RESERVE_REFUSALS[found]) if found else ""


def _incident(incident_id: UUID | None) -> Address:
    return ("incidents:incident", [incident_id], {}) if incident_id else None


def _nothing_to_take_back(page: StudentPage) -> str:
    if not page.facts.holds_device:
        return str(RETURN_REFUSALS[ReturnObstacle.NOT_HELD])
    return str(RETURN_REFUSALS[ReturnObstacle.CONTESTED]) if page.dispute else ""


def _stays_with_whom_it_is(page: DevicePage) -> str:
    found = return_obstacle(BroughtBack(page.sheet.kind, True, page.dispute is not None))
    return str(RETURN_REFUSALS[found]) if found else ""


def _nothing_to_declare(page: DevicePage) -> str:
    reported = Reported(page.sheet.kind, has_open_incident=page.incident is not None)
    found = declaration_obstacle(reported, happened_on=page.today, today=page.today)
    return str(INCIDENT_REFUSALS[found]) if found else ""


def _ticket(page: DevicePage) -> Address:
    return ("repairs:ticket", [page.ticket.pk], {}) if page.ticket else None


def _nothing_to_repair(page: DevicePage) -> str:
    is_on_its_way = page.ticket is not None and page.ticket.taken_in_at is not None
    found = repair_obstacle(Failed(str(page.sheet.kind), bool(page.sheet.school_uai), is_on_its_way))
    return str(REPAIR_REFUSALS[found]) if found else ""


def _bench(page: DevicePage) -> Address:
    is_there = page.sheet.kind == CustodianKind.SCHOOL_BENCH
    return ("returns:bench", [page.sheet.school_uai], {"pc": page.sheet.asset_tag}) if is_there else None


STUDENT_GESTURES: tuple[Offer[StudentPage], ...] = (
    Offer(_("Régler le litige"), "attention", SITE, lambda page: _court(page.dispute)),
    Offer(
        _("Remettre un PC de la réserve"), "reserve", HANDS_OVER,
        lambda page: ("emergency_stock:hand-over", [], {"eleve": page.sheet.label_code}), _no_pc_for_student,
    ),
    Offer(_("Voir l’incident"), "bouclier", SEES_INCIDENTS, lambda page: _incident(page.incident_id)),
    Offer(
        _("Déclarer un vol, une perte, une casse"), "bouclier", HANDS_OVER,
        lambda page: ("incidents:declare", [], {"code": page.sheet.label_code}) if page.incident_id is None else None,
        lambda page: "" if page.facts.holds_device else str(INCIDENT_REFUSALS["no_device"]),
    ),
    Offer(
        _("Reprendre le PC"), "rouvrir", HANDS_OVER,
        lambda page: ("returns:desk", [], {"code": page.sheet.label_code}), _nothing_to_take_back,
    ),
    Offer(
        _("Quitte la région"), "ecole", SCHOOL,
        lambda page: ("desk:student-leaves", [page.sheet.label_code], {}),
        lambda page: str(ROSTER_REFUSALS[DepartureObstacle.LEFT_ALREADY]) if page.facts.has_left else "",
    ),
    Offer(
        _("Échanger avec le PC d’un autre élève"), "mouvement", (Role.HEAD_OF_SCHOOL, Role.DISTRIBUTION_LEADER), _exchange,
        _nothing_to_exchange,
    ),
    Offer(_("Voir sur la liste de la journée"), "calendrier", SITE, _on_the_list_of_the_day),
    Offer(_("Réunir avec une autre fiche"), "personnes", SITE, lambda page: ("rosters:merge", [page.sheet.label_code], {})),
)  # fmt: skip
DEVICE_GESTURES: tuple[Offer[DevicePage], ...] = (
    Offer(_("Régler le litige"), "attention", SITE, lambda page: _court(page.dispute)),
    Offer(
        _("Voir l’incident"), "bouclier", SEES_INCIDENTS,
        lambda page: _incident(page.incident.pk if page.incident else None),
    ),
    Offer(_("Voir la réparation"), "cle", SEES_INCIDENTS, _ticket),
    Offer(_("Travailler à l’atelier"), "cle", SEES_INCIDENTS, _bench),
    Offer(_("Remettre à un élève"), "reserve", HANDS_OVER, lambda _page: ("emergency_stock:hand-over", [], {}), _pc_stays),
    Offer(
        _("Réparer et prêter"), "cle", HANDS_OVER,
        lambda page: ("repairs:repair", [], {"pc": page.sheet.asset_tag}), _nothing_to_repair,
    ),
    Offer(
        _("Reprendre le PC"), "rouvrir", HANDS_OVER,
        lambda page: ("returns:desk", [], {"code": page.sheet.asset_tag}), _stays_with_whom_it_is,
    ),
    Offer(
        _("Déclarer un vol, une perte, une casse"), "bouclier", HANDS_OVER,
        lambda page: ("incidents:declare", [], {"code": page.sheet.asset_tag}), _nothing_to_declare,
    ),
)  # fmt: skip
