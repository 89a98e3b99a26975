"""What waits for somebody: every source that their roles may act on, in the order of urgency and age.

A package that has something waiting adds one line: to `SOURCES` where desk reads it itself, to `PACKAGES` where the package
counts it (`queries.waiting.waiting`), with the words of each kind in `KINDS`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cartable.accounts.access import SignedIn
from cartable.accounts.models import Role
from cartable.desk.audience import FLEET, HANDS_OVER, REGION, SITE
from cartable.desk.queries import schools
from cartable.desk.queries.days import days_around, days_to_do
from cartable.desk.queries.deliveries import region_to_do
from cartable.desk.rules import ToDo, in_order
from cartable.distribution.queries.control_room import DayLine
from cartable.emergency_stock.queries.levels import reserves
from cartable.organisations.queries import schools_of
from cartable.rosters.queries.review import waiting_lines
from cartable.ui.figures import thin

# Of each source, whatever the region holds: the most urgent are among them, and a page is read by a person.
MOST, MOST_DAYS = 50, 20
Words = Callable[[int], str]


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
    """What a page says of one kind: its title for a count, how urgent it is, the remedy."""

    title: Words
    tone: str
    icon: str
    verb: Callable[[], str]


Source = tuple[frozenset[Role], Callable[[Asker], Iterable[ToDo]]]
Package = tuple[frozenset[Role], Callable[[tuple[int, ...] | None], Iterable[Waiting]]]


def waiting_for(asker: Asker, *, days: Iterable[DayLine] | None = None) -> tuple[ToDo, ...]:
    """Return what waits for somebody, the most urgent first; ``days`` where the page has read them already."""
    items: list[ToDo] = []
    if SITE & asker.roles:
        read = days_of(asker) if days is None else days
        items += days_to_do(read, today=asker.today)
    for roles, source in SOURCES:
        if roles & asker.roles:
            items += source(asker)
    for roles, package in PACKAGES:
        if roles & asker.roles:
            items += map(_in_words, package(asker.school_ids))
    return in_order(items)


def days_of(asker: Asker) -> tuple[DayLine, ...]:
    """Return the days that are open or to come, as many as a page of what waits can use."""
    return days_around(asker.today, region_id=asker.region_id, school_ids=asker.school_ids, limit=MOST_DAYS)


def _in_words(one: Waiting) -> ToDo:
    kind = KINDS[one.kind]
    return ToDo(
        kind.title(one.count), "", kind.tone, kind.icon, one.url, kind.verb(), str(one.school or ""), one.oldest_days
    )


def _disputes(asker: Asker) -> Iterator[ToDo]:
    for one in schools.disputes_of_closed_days(region_id=asker.region_id, school_ids=asker.school_ids, limit=MOST):
        title = ngettext("%(count)s litige à régler", "%(count)s litiges à régler", one.count)
        yield ToDo(
            title % {"count": thin(one.count)}, _("La journée est close."), "err", "attention",
            reverse("distribution:disputes", args=[one.key]), _("Régler"), one.school, _age(one.since, asker.today),
        )  # fmt: skip


def _absent(asker: Asker) -> Iterator[ToDo]:
    for one in schools.absent_counts(asker.school_ids or ()):
        title = ngettext(
            "%(count)s élève absent attend son PC", "%(count)s élèves absents attendent leur PC", one.count
        )
        yield ToDo(
            title % {"count": thin(one.count)}, _("Depuis la journée de distribution."), "att", "personne",
            reverse("emergency_stock:reserve", args=[one.key]), _("Remettre"), one.school, _age(one.since, asker.today),
        )  # fmt: skip


def _reserves(asker: Asker) -> Iterator[ToDo]:
    if asker.school_ids is None:
        # The target of a lycée counts its students: over a whole region only empty shelves are looked for.
        for one in schools.empty_reserves(region_id=asker.region_id, today=asker.today, limit=MOST):
            yield _reserve(one.key, one.school, _("Réserve vide"), "")
        return
    rows = schools_of(asker.school_ids)
    lines = reserves([row.school_id for row in rows], today=asker.today)
    for row, line in zip(rows, lines, strict=True):
        if line.level.is_low:
            words = {"fit": thin(line.level.fit), "target": thin(line.level.target)}
            reason = _("%(fit)s PC prêts pour une cible de %(target)s.") % words
            yield _reserve(row.uai, f"{row.name}, {row.town}", _("Réserve basse"), reason)


def _reserve(uai: str, school: str, title: str, reason: str) -> ToDo:
    return ToDo(
        title, reason, "att", "reserve", reverse("emergency_stock:reserve", args=[uai]), _("Voir la réserve"), school
    )


def _loans(asker: Asker) -> Iterator[ToDo]:
    found = schools.overdue_loans(
        region_id=asker.region_id, school_ids=asker.school_ids, today=asker.today, limit=MOST_DAYS
    )
    for one in found:
        title = ngettext("%(count)s prêt dure trop", "%(count)s prêts durent trop", one.count)
        yield ToDo(
            title % {"count": thin(one.count)}, "", "att", "horloge", reverse("emergency_stock:reserve", args=[one.key]),
            _("Voir les prêts"), one.school, _age(one.since, asker.today),
        )  # fmt: skip


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


def _deliveries(asker: Asker) -> Iterable[ToDo]:
    # They belong to no lycée: not there where one was chosen.
    return region_to_do() if asker.school_ids is None else ()


def _age(since: date | None, today: date) -> int | None:
    return None if since is None else max(0, (today - since).days)


SOURCES: tuple[Source, ...] = (
    (SITE, _disputes),
    (SITE, _reviews),
    (REGION | HANDS_OVER, _absent),
    (FLEET, _reserves),
    (FLEET, _loans),
    (REGION, _deliveries),
)
PACKAGES: tuple[Package, ...] = ()
KINDS: dict[str, Kind] = {}
