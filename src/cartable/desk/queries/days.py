"""Read the days that are open or to come, and what each of them waits for."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cartable.desk.rules import ToDo, in_order
from cartable.distribution.list_rules import FREEZE_AHEAD, OLDEST_LIST_DAYS, ListStanding
from cartable.distribution.list_words import list_in_words
from cartable.distribution.queries.calendar import ListLine, lists_of_days
from cartable.distribution.queries.control_room import Waiting, waiting_in
from cartable.distribution.queries.days import DayLine, days_in_scope
from cartable.ui.figures import thin

# What a page shows of the days beside other things; the rest stands on their own page.
SHOWN_DAYS = 8


def days_around(
    today: date, *, region_id: int, school_ids: tuple[int, ...] | None, limit: int = SHOWN_DAYS
) -> tuple[DayLine, ...]:
    """Return the days that are open or still to come, the nearest first."""
    return tuple(
        days_in_scope(region_id=region_id, school_ids=school_ids, now=timezone.now(), ahead_of=today, limit=limit)
    )


def days_to_do(days: Iterable[DayLine], *, today: date) -> tuple[ToDo, ...]:
    """Return what each of these days waits for, the most urgent first."""
    lines = tuple(days)
    waiting = waiting_in([day.id for day in lines if day.state in {"open", "closed"}])
    lists = lists_of_days([day.id for day in lines], today=today)
    items = [item for day in lines for item in _day_items(day, waiting.get(day.id, Waiting(0, 0)), today)]
    items += [item for day in lines if day.id in lists for item in _list_items(day, lists[day.id], today)]
    return in_order(items)


def _day_items(day: DayLine, waiting: Waiting, today: date) -> Iterator[ToDo]:
    page, room = reverse("distribution:day", args=[day.id]), reverse("distribution:control-room", args=[day.id])
    place = f"{day.school}, {day.town}"
    missing = day.expected - day.equipped - day.device_count
    if day.state in {"frozen", "open"} and missing > 0:
        title = ngettext("Il manque %(count)s PC", "Il manque %(count)s PC", missing) % {"count": thin(missing)}
        yield ToDo(title, "", "err", "camion", page, _("Voir la journée"), place)
    if day.state == "open" and day.held_on < today:
        yield ToDo(
            _("Journée à clôturer"), "", "err", "calendrier", reverse("distribution:closing", args=[day.id]),
            _("Clôturer"), place, (today - day.held_on).days,
        )  # fmt: skip
    if waiting.stations:
        title = ngettext("%(count)s poste attend", "%(count)s postes attendent", waiting.stations)
        yield ToDo(title % {"count": thin(waiting.stations)}, "", "att", "attention", room, _("Piloter"), place)
    if waiting.disputes:
        title = ngettext("%(count)s litige à régler", "%(count)s litiges à régler", waiting.disputes)
        court = reverse("distribution:disputes", args=[day.id])
        yield ToDo(title % {"count": thin(waiting.disputes)}, "", "err", "attention", court, _("Régler"), place)
    if waiting.reviews:
        title = ngettext("%(count)s point à revoir", "%(count)s points à revoir", waiting.reviews)
        yield ToDo(title % {"count": thin(waiting.reviews)}, "", "att", "attention", room, _("Revoir"), place)
    if day.state == "frozen" and day.held_on <= today:
        yield ToDo(_("Journée à ouvrir"), "", "att", "calendrier", page, _("Ouvrir"), place)
    elif day.state == "frozen":
        yield ToDo(_("Étiquettes et chartes à imprimer"), "", "info", "imprimer", page, _("Imprimer"), place)


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
        yield ToDo(words.label, "", words.tone, words.icon, words.url, words.verb, place)
    elif listed.standing == ListStanding.LOADED and day.held_on - today <= FREEZE_AHEAD:
        yield ToDo(
            _("Liste à figer"), "", "att", "liste", reverse("distribution:day", args=[day.id]), _("Préparer"), place
        )
