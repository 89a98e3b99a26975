"""What waits for somebody: every source that their roles may act on, in the order of urgency and age.

A package that has something waiting adds one line to `PACKAGES`, and the words of each kind to `KINDS`. What desk reads
itself stands in `SOURCES`: what belongs to no package downstream, and what a whole region asks more cheaply.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from cartable.accounts.access import SignedIn
from cartable.accounts.models import Role
from cartable.desk.audience import FLEET, HANDS_OVER, REGION, REPAIRER, SCHOOL, SITE, TECHNICIAN
from cartable.desk.queries import schools
from cartable.desk.queries.closings import closings_into
from cartable.desk.queries.days import days_around, days_to_do
from cartable.desk.queries.deliveries import region_to_do
from cartable.desk.rules import ToDo, in_order
from cartable.distribution.queries.days import DayLine
from cartable.emergency_stock.queries.readings import ReserveState, readings
from cartable.emergency_stock.queries.waiting import waiting as reserves
from cartable.incidents.queries.waiting import waiting as incidents
from cartable.organisations.queries import schools_of
from cartable.repairs.queries.waiting import waiting as repairs
from cartable.repairs.queries.waiting import waiting_for_region as repairs_of_region
from cartable.returns.queries.waiting import waiting as returns
from cartable.rosters.queries.departures import waiting as departures
from cartable.rosters.queries.review import waiting_lines
from cartable.ui.figures import moment, thin

# Of each source, whatever the region holds: the most urgent are among them, and a page is read by a person.
MOST, MOST_DAYS = 50, 20
# So long a lycée is told on its page which one closed into it; its students and PCs tell it for good.
CLOSINGS_SHOWN_DAYS = 30


class _Thin(int):
    """A count that chooses its plural as a number and is written with thin spaces."""

    def __str__(self) -> str:
        return thin(int(self))


@dataclass(frozen=True)
class Asker:
    """Who asks what waits, about which lycées (None: the whole region), and when."""

    region_id: int
    school_ids: tuple[int, ...] | None
    roles: frozenset[Role]
    today: date

    @classmethod
    def of(cls, signed_in: SignedIn, *, school_id: int | None = None) -> "Asker":
        """Return who is signed in, about all that they see or about one lycée of it."""
        asked = signed_in.school_ids if school_id is None else (school_id,)
        return cls(signed_in.region_id, asked, signed_in.roles, timezone.localdate())


class Waiting(Protocol):
    """What a package says waits: how many of which kind, the age of the oldest, where, and the way to it."""

    @property
    def kind(self) -> str: ...
    @property
    def count(self) -> int: ...
    @property
    def oldest_days(self) -> int | None: ...
    @property
    def school(self) -> object: ...
    @property
    def url(self) -> str: ...


@dataclass(frozen=True)
class Kind:
    """What a page says of one kind: to whom, its title for a count, how urgent it is, the remedy.

    ``has_age`` is False where nothing says since when it waits.
    """

    roles: frozenset[Role]
    title: Promise
    tone: str
    icon: str
    verb: str | Promise
    has_age: bool = True

    def said(self, count: int) -> str:
        """Return the title for a count."""
        return str(self.title % {"count": _Thin(count)})  # type: ignore[operator]


Source = tuple[frozenset[Role], Callable[[Asker], Iterable[ToDo]]]
Package = tuple[frozenset[Role], Callable[[Asker], Iterable[Waiting]]]


def waiting_for(asker: Asker, *, days: Iterable[DayLine] | None = None) -> tuple[ToDo, ...]:
    """Return what waits for somebody, the most urgent first; ``days`` where the page has read them already."""
    items: list[ToDo] = []
    if SITE & asker.roles:
        read = days_of(asker) if days is None else days
        items += days_to_do(read, today=asker.today)
    for roles, source in SOURCES:
        if roles & asker.roles:
            items += source(asker)
    counted = [one for roles, package in PACKAGES if roles & asker.roles for one in list(package(asker))[:MOST]]
    places = {row.name: f"{row.name}, {row.town}" for row in schools_of(asker.school_ids or ())} if counted else {}
    items += [_in_words(one, places) for one in counted if KINDS[str(one.kind)].roles & asker.roles]
    return in_order(items)


def days_of(asker: Asker) -> tuple[DayLine, ...]:
    """Return the days that are open or to come, as many as a page of what waits can use."""
    return days_around(asker.today, region_id=asker.region_id, school_ids=asker.school_ids, limit=MOST_DAYS)


def _in_words(one: Waiting, places: dict[str, str]) -> ToDo:
    kind = KINDS[str(one.kind)]
    place = places.get(str(one.school), str(one.school or ""))
    days = one.oldest_days if kind.has_age else None
    return ToDo(kind.said(one.count), "", kind.tone, kind.icon, one.url, str(kind.verb), place, days)


def _disputes(asker: Asker) -> Iterator[ToDo]:
    for one in schools.disputes_of_closed_days(region_id=asker.region_id, school_ids=asker.school_ids, limit=MOST):
        title = ngettext("%(count)s litige à régler", "%(count)s litiges à régler", one.count)
        yield ToDo(
            title % {"count": thin(one.count)}, _("La journée est close."), "err", "attention",
            reverse("distribution:disputes", args=[one.key]), _("Régler"), one.school, _age(one.since, asker.today),
        )  # fmt: skip


def _empty_reserves(asker: Asker) -> Iterator[ToDo]:
    # The target of a lycée counts its students: over a whole region only empty shelves are looked for.
    if asker.school_ids is None:
        for one in schools.empty_reserves(region_id=asker.region_id, today=asker.today, limit=MOST):
            address = reverse("emergency_stock:reserve", args=[one.key])
            yield ToDo(_("Réserve vide"), "", "att", "reserve", address, _("Voir la réserve"), one.school)


def _readings(asker: Asker) -> Iterator[ToDo]:
    # A whole region is counted by the worker; where a lycée is chosen its own page says what it lacks.
    if asker.school_ids is not None:
        return
    known, listed = readings(), reverse("emergency_stock:reserves")
    if known.low_count:
        low = ngettext(
            "%(count)s lycée sous le seuil de sa réserve",
            "%(count)s lycées sous le seuil de leur réserve",
            known.low_count,
        )
        yield ToDo(
            low % {"count": thin(known.low_count)}, _("Relevé le %(at)s.") % {"at": moment(known.read_at)}, "att",
            "reserve", f"{listed}?etat={ReserveState.LOW}", _("Voir les lycées"),
        )  # fmt: skip
    if known.absent_count:
        where = ngettext("Dans %(count)s lycée.", "Dans %(count)s lycées.", known.absent_schools)
        yield ToDo(
            KINDS["absent_student"].said(known.absent_count), where % {"count": thin(known.absent_schools)}, "att",
            "personne", f"{listed}?etat={ReserveState.ABSENT}", _("Voir les lycées"), "",
            _age(known.absent_since, asker.today),
        )  # fmt: skip


def _late_loans(asker: Asker) -> Iterator[ToDo]:
    if asker.school_ids is None:
        for one in schools.overdue_loans(region_id=asker.region_id, today=asker.today, limit=MOST):
            address = reverse("emergency_stock:reserve", args=[one.key])
            kind = KINDS["overdue_loan"]
            age = _age(one.since, asker.today)
            yield ToDo(kind.said(one.count), "", kind.tone, kind.icon, address, str(kind.verb), one.school, age)


def _requests(asker: Asker) -> Iterator[ToDo]:
    """Say once for a whole region how many top-ups and differences wait: they are settled on one page each."""
    if asker.school_ids is None:
        for name, count, since in schools.region_requests(asker.region_id):
            kind, route = KINDS[name], REGION_PAGES[name]
            yield ToDo(
                kind.said(count),
                "",
                kind.tone,
                kind.icon,
                reverse(route),
                str(kind.verb),
                "",
                _age(since, asker.today),
            )


def _reviews(asker: Asker) -> Iterator[ToDo]:
    lines = waiting_lines()
    if asker.school_ids is not None:
        lines = lines.filter(roster_import__school_id__in=asker.school_ids)
    listed = "roster_import__school"
    counted = (
        lines.order_by()
        .values("roster_import_id", f"{listed}__name", f"{listed}__town")
        .annotate(count=Count("pk"), since=Min("roster_import__read_at"))
        .order_by("since")[:MOST]
    )
    for row in counted:
        title = ngettext("%(count)s cas de la liste à examiner", "%(count)s cas de la liste à examiner", row["count"])
        yield ToDo(
            title % {"count": thin(row["count"])}, "", "att", "personnes",
            reverse("rosters:review", args=[row["roster_import_id"]]), _("Examiner"),
            f"{row[f'{listed}__name']}, {row[f'{listed}__town']}", _age(row["since"].date(), asker.today),
        )  # fmt: skip


def _closings(asker: Asker) -> Iterator[ToDo]:
    """Tell a lycée which one closed into it: where its new students and PCs come from."""
    if asker.school_ids is not None:
        for one in closings_into(asker.school_ids, since=asker.today - timedelta(days=CLOSINGS_SHOWN_DAYS)):
            assert one.successor is not None  # Asked by their successors.
            title = _("%(school)s a fermé : ses élèves et ses PC sont chez vous") % {"school": one.school.name}
            yield ToDo(
                title, "", "info", "ecole", reverse("desk:school", args=[one.successor.uai]), _("Voir"),
                str(one.successor), _age(one.decided_at.date(), asker.today),
            )  # fmt: skip


def _deliveries(asker: Asker) -> Iterable[ToDo]:
    # They belong to no lycée: not there where one was chosen.
    return region_to_do() if asker.school_ids is None else ()


def _age(since: date | None, today: date) -> int | None:
    return None if since is None else max(0, (today - since).days)


SOURCES: tuple[Source, ...] = (
    (SITE, _disputes),
    (SITE, _reviews),
    (REGION, _empty_reserves),
    (REGION, _readings),
    (REGION, _late_loans),
    (REGION, _requests),
    (REGION, _deliveries),
    (SCHOOL, _closings),
)
PACKAGES: tuple[Package, ...] = (
    (SCHOOL | TECHNICIAN, lambda asker: incidents(asker.school_ids)),
    (FLEET, lambda asker: reserves(asker.school_ids, today=asker.today) if asker.school_ids else ()),
    (HANDS_OVER, lambda asker: returns(asker.school_ids) if asker.school_ids else ()),
    (SCHOOL, lambda asker: departures(asker.school_ids) if asker.school_ids else ()),
    (
        SCHOOL | TECHNICIAN | REPAIRER,
        lambda asker: repairs_of_region(asker.region_id) if asker.school_ids is None else repairs(asker.school_ids),
    ),
)
# Where a whole region settles at once what each lycée has a page for.
REGION_PAGES = {"top_up_to_decide": "emergency_stock:top-ups", "difference_to_settle": "supply:shipments"}
_STAFF = SCHOOL | TECHNICIAN
KINDS: dict[str, Kind] = {
    "receipt": Kind(
        _STAFF,
        ngettext_lazy("%(count)s vol sans récépissé", "%(count)s vols sans récépissé", "count"),
        "err", "bouclier", gettext_lazy("Compléter"),
    ),
    "door": Kind(
        _STAFF,
        ngettext_lazy("%(count)s élève attend la suite d’un incident", "%(count)s élèves attendent la suite d’un incident", "count"),
        "err", "bouclier", gettext_lazy("Régler"),
    ),
    "closing": Kind(
        _STAFF,
        ngettext_lazy("%(count)s incident à clore", "%(count)s incidents à clore", "count"),
        "info", "bouclier", gettext_lazy("Clore"),
    ),
    "absent_student": Kind(
        REGION | HANDS_OVER,
        ngettext_lazy("%(count)s élève absent attend son PC", "%(count)s élèves absents attendent leur PC", "count"),
        "att", "personne", gettext_lazy("Remettre"),
    ),
    "overdue_loan": Kind(
        FLEET,
        ngettext_lazy("%(count)s prêt dure trop", "%(count)s prêts durent trop", "count"),
        "att", "horloge", gettext_lazy("Voir les prêts"),
    ),
    "low_reserve": Kind(
        FLEET,
        ngettext_lazy("Réserve basse : il manque %(count)s PC", "Réserve basse : il manque %(count)s PC", "count"),
        "att", "reserve", gettext_lazy("Voir la réserve"), has_age=False,
    ),
    "top_up_to_decide": Kind(
        REGION,
        ngettext_lazy("%(count)s réassort à décider", "%(count)s réassorts à décider", "count"),
        "att", "reserve", gettext_lazy("Décider"),
    ),
    "shipment_to_receive": Kind(
        _STAFF,
        ngettext_lazy("%(count)s transfert à recevoir", "%(count)s transferts à recevoir", "count"),
        "att", "camion", gettext_lazy("Recevoir"),
    ),
    "difference_to_settle": Kind(
        _STAFF,
        ngettext_lazy("%(count)s écart de transfert à régler", "%(count)s écarts de transfert à régler", "count"),
        "err", "camion", gettext_lazy("Régler"),
    ),
    "bench_to_reimage": Kind(
        HANDS_OVER,
        ngettext_lazy("%(count)s PC à remastériser", "%(count)s PC à remastériser", "count"),
        "att", "pc", gettext_lazy("Ouvrir l’atelier"),
    ),
    "leavers_with_a_pc": Kind(
        HANDS_OVER,
        ngettext_lazy("%(count)s élève parti a encore un PC", "%(count)s élèves partis ont encore un PC", "count"),
        "err", "personne", gettext_lazy("Réclamer"),
    ),
    "students_arrived": Kind(
        SCHOOL,
        ngettext_lazy("%(count)s élève arrivé d’un autre lycée", "%(count)s élèves arrivés d’un autre lycée", "count"),
        "info", "personne", gettext_lazy("Voir"),
    ),
    "students_moved_on": Kind(
        SCHOOL,
        ngettext_lazy("%(count)s élève parti dans un autre lycée", "%(count)s élèves partis dans un autre lycée", "count"),
        "info", "personne", gettext_lazy("Voir"),
    ),
    "repairs_to_take_in": Kind(
        HANDS_OVER,
        ngettext_lazy("%(count)s PC en panne à prendre en charge", "%(count)s PC en panne à prendre en charge", "count"),
        "att", "cle", gettext_lazy("Voir"),
    ),
    "repairs_to_send": Kind(
        HANDS_OVER,
        ngettext_lazy("%(count)s PC à envoyer au réparateur", "%(count)s PC à envoyer au réparateur", "count"),
        "att", "camion", gettext_lazy("Envoyer"),
    ),
    "repairs_to_receive": Kind(
        HANDS_OVER,
        ngettext_lazy("%(count)s PC réparé à recevoir", "%(count)s PC réparés à recevoir", "count"),
        "att", "camion", gettext_lazy("Recevoir"),
    ),
    "repairs_to_hand_back": Kind(
        HANDS_OVER,
        ngettext_lazy("%(count)s PC réparé à rendre", "%(count)s PC réparés à rendre", "count"),
        "err", "personne", gettext_lazy("Rendre"),
    ),
    "repairs_overdue": Kind(
        _STAFF,
        ngettext_lazy("%(count)s réparation en retard", "%(count)s réparations en retard", "count"),
        "err", "horloge", gettext_lazy("Voir"),
    ),
    "repairs_quotes": Kind(
        REGION,
        ngettext_lazy("%(count)s devis à décider", "%(count)s devis à décider", "count"),
        "att", "liste", gettext_lazy("Décider"),
    ),
    "repairs_to_dispose": Kind(
        REGION,
        ngettext_lazy("%(count)s PC irréparable à décider", "%(count)s PC irréparables à décider", "count"),
        "att", "cle", gettext_lazy("Décider"),
    ),
    "workshop_to_receive": Kind(
        REPAIRER,
        ngettext_lazy("%(count)s PC annoncé à recevoir", "%(count)s PC annoncés à recevoir", "count"),
        "info", "camion", gettext_lazy("Recevoir"),
    ),
    "workshop_to_diagnose": Kind(
        REPAIRER,
        ngettext_lazy("%(count)s PC à diagnostiquer", "%(count)s PC à diagnostiquer", "count"),
        "att", "cle", gettext_lazy("Ouvrir"),
    ),
    "workshop_to_finish": Kind(
        REPAIRER,
        ngettext_lazy("%(count)s PC à réparer", "%(count)s PC à réparer", "count"),
        "att", "cle", gettext_lazy("Ouvrir"),
    ),
    "workshop_to_send_back": Kind(
        REPAIRER,
        ngettext_lazy("%(count)s PC à renvoyer", "%(count)s PC à renvoyer", "count"),
        "att", "camion", gettext_lazy("Renvoyer"),
    ),
}  # fmt: skip
