"""What the start page and the school page show, gathered from every package upstream."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cartable.distribution.list_rules import FREEZE_AHEAD, OLDEST_LIST_DAYS, ListStanding
from cartable.distribution.list_words import list_in_words
from cartable.distribution.queries.calendar import ListLine, lists_of_days
from cartable.distribution.queries.control_room import DayLine, Waiting, days_in_scope, waiting_in
from cartable.distribution.queries.students import latest_days
from cartable.fleet.models import CUSTODIAN_KIND_NAMES
from cartable.fleet.queries import custody_counts
from cartable.fleet.rules import CustodianKind
from cartable.rosters.queries.people import find_students
from cartable.supply.queries.deliveries import open_line_count
from cartable.supply.queries.notes import waiting_notes
from cartable.ui.figures import thin


@dataclass(frozen=True)
class Stock:
    """How many devices one kind of custodian answers for."""

    kind: str
    name: str
    count: int


@dataclass(frozen=True)
class ToDo:
    """Something that waits for somebody: what, why, and the way to it."""

    title: str
    reason: str
    tone: str
    icon: str
    url: str
    verb: str


@dataclass(frozen=True)
class FoundStudent:
    """A student whom the search found; `day_id` is the latest day that expects or knows them."""

    name: str
    division: str
    school: str
    label_code: str
    asset_tag: str
    day_id: int | None


# Where a stock is read as a place, the kind's own name would be odd: « Élève : 412 ».
STOCK_NAMES = {
    **CUSTODIAN_KIND_NAMES,
    CustodianKind.DEPOT: gettext_lazy("Au dépôt"),
    CustodianKind.TRANSIT: gettext_lazy("En chemin"),
    CustodianKind.SCHOOL_ALLOTMENT: gettext_lazy("À distribuer"),
    CustodianKind.SCHOOL_BENCH: gettext_lazy("À l’atelier"),
    CustodianKind.EMERGENCY_STOCK: gettext_lazy("En réserve (FUP)"),
    CustodianKind.STUDENT: gettext_lazy("Chez les élèves"),
    CustodianKind.REPAIRER: gettext_lazy("Chez le réparateur"),
}


def stocks() -> tuple[Stock, ...]:
    """Return the stocks in scope, in the order of a device's life; kinds that hold nothing are left out."""
    counts = custody_counts()
    return tuple(Stock(str(kind), str(STOCK_NAMES[kind]), counts[kind]) for kind in CustodianKind if counts.get(kind))


def school_stocks(school_id: int) -> tuple[Stock, ...]:
    """Return the four accounts of a school, empty ones too: an empty reserve is worth knowing."""
    kinds = (
        CustodianKind.SCHOOL_ALLOTMENT,
        CustodianKind.STUDENT,
        CustodianKind.EMERGENCY_STOCK,
        CustodianKind.SCHOOL_BENCH,
    )
    counts = custody_counts(school_id=school_id)
    return tuple(Stock(str(kind), str(STOCK_NAMES[kind]), counts.get(kind, 0)) for kind in kinds)


def days_around(
    today: date, *, region_id: int, school_ids: tuple[int, ...] | None, limit: int = 8
) -> tuple[DayLine, ...]:
    """Return the days that are open or still to come, the nearest first."""
    days = days_in_scope(region_id=region_id, school_ids=school_ids)
    ahead = [day for day in days if day.state == "open" or (day.held_on >= today and day.state != "closed")]
    return tuple(sorted(ahead, key=lambda day: (day.state != "open", day.held_on))[:limit])


def days_to_do(days: Iterable[DayLine], *, today: date) -> tuple[ToDo, ...]:
    """Return what each of these days waits for, the most urgent first."""
    lines = tuple(days)
    waiting = waiting_in([day.id for day in lines if day.state in {"open", "closed"}])
    lists = lists_of_days([day.id for day in lines], today=today)
    items = [item for day in lines for item in _day_items(day, waiting.get(day.id, Waiting(0, 0)), today)]
    items += [item for day in lines if day.id in lists for item in _list_items(day, lists[day.id], today)]
    return tuple(sorted(items, key=lambda item: ("err", "att", "info").index(item.tone)))


def _day_items(day: DayLine, waiting: Waiting, today: date) -> Iterator[ToDo]:
    page, room = reverse("distribution:day", args=[day.id]), reverse("distribution:control-room", args=[day.id])
    place = f"{day.school}, {day.town}"
    missing = day.expected - day.equipped - day.device_count
    if day.state in {"frozen", "open"} and missing > 0:
        title = ngettext("Il manque %(count)s PC", "Il manque %(count)s PC", missing) % {"count": thin(missing)}
        yield ToDo(title, place, "err", "camion", page, _("Voir la journée"))
    if day.state == "open" and day.held_on < today:
        yield ToDo(
            _("Journée à clôturer"), place, "err", "calendrier", reverse("distribution:closing", args=[day.id]),
            _("Clôturer"),
        )  # fmt: skip
    if waiting.stations:
        title = ngettext("%(count)s poste attend", "%(count)s postes attendent", waiting.stations)
        yield ToDo(title % {"count": thin(waiting.stations)}, place, "att", "attention", room, _("Piloter"))
    if waiting.disputes:
        title = ngettext("%(count)s litige à régler", "%(count)s litiges à régler", waiting.disputes)
        court = reverse("distribution:disputes", args=[day.id])
        yield ToDo(title % {"count": thin(waiting.disputes)}, place, "err", "attention", court, _("Régler"))
    if waiting.reviews:
        title = ngettext("%(count)s point à revoir", "%(count)s points à revoir", waiting.reviews)
        yield ToDo(title % {"count": thin(waiting.reviews)}, place, "att", "attention", room, _("Revoir"))
    if day.state == "frozen" and day.held_on <= today:
        yield ToDo(_("Journée à ouvrir"), place, "att", "calendrier", page, _("Ouvrir"))
    elif day.state == "frozen":
        yield ToDo(_("Étiquettes et chartes à imprimer"), place, "info", "imprimer", page, _("Imprimer"))


# Standings of a list that wait for somebody; before the last fortnight a list would be too old by the day.
ASKING = {
    ListStanding.MISSING,
    ListStanding.NO_RULES,
    ListStanding.OLD,
    ListStanding.REVIEW,
    ListStanding.READ,
}


def _list_items(day: DayLine, listed: ListLine, today: date) -> Iterator[ToDo]:
    """Say what the list of a day asks for, in the words of the calendar; a list on its way asks for nothing."""
    words = list_in_words(listed)
    place = f"{day.school}, {day.town}"
    is_late_news = listed.standing == ListStanding.CHANGED and day.state == "frozen"
    if (listed.standing in ASKING or is_late_news) and day.held_on - today <= timedelta(days=OLDEST_LIST_DAYS):
        yield ToDo(words.label, place, words.tone, words.icon, words.url, words.verb)
    elif listed.standing == ListStanding.LOADED and day.held_on - today <= FREEZE_AHEAD:
        yield ToDo(_("Liste à figer"), place, "att", "liste", reverse("distribution:day", args=[day.id]), _("Préparer"))


def students_found(text: str, *, limit: int = 20) -> tuple[FoundStudent, ...]:
    """Return the students in scope whose name holds `text`, or whose label it is."""
    students = find_students(text, limit=limit)
    days = latest_days([student.id for student in students])
    return tuple(
        FoundStudent(one.name, one.division, one.school, one.label_code, one.asset_tag, days.get(one.id))
        for one in students
    )


def region_to_do() -> tuple[ToDo, ...]:
    """Return what waits for the manager of the region."""
    waiting = [_waiting_note(note.pk, note.supplier, note.file_name, queued=note.is_queued) for note in waiting_notes()]
    return (*waiting, *_open_lines(open_line_count()))


def _waiting_note(pk: int, supplier: str, file_name: str, *, queued: bool) -> ToDo:
    return ToDo(
        title=_("Bon de livraison de %(supplier)s à recevoir") % {"supplier": supplier},
        reason=_("Réception en cours : %(file)s.") % {"file": file_name} if queued else file_name,
        tone="info",
        icon="camion",
        url=reverse("supply:note", args=[pk]),
        verb=_("Suivre") if queued else _("Vérifier"),
    )


def _open_lines(count: int) -> tuple[ToDo, ...]:
    if not count:
        return ()
    title = ngettext("%(count)s ligne refusée à régler", "%(count)s lignes refusées à régler", count)
    return (
        ToDo(
            title=title % {"count": thin(count)},
            reason=_("Leurs livraisons restent ouvertes."),
            tone="att",
            icon="boite",
            url=f"{reverse('supply:deliveries')}?etat=ouvertes",
            verb=_("Régler"),
        ),
    )
