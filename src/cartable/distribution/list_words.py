"""What the standing of a list is called, and the way to its remedy: for the calendar and for the start page."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cartable.distribution.list_rules import ListStanding
from cartable.distribution.queries.calendar import ListLine

STANDING_NAMES: dict[ListStanding, Promise] = {
    ListStanding.MISSING: gettext_lazy("Aucune liste"),
    ListStanding.NO_RULES: gettext_lazy("Aucune règle publiée"),
    ListStanding.OLD: gettext_lazy("Liste trop ancienne"),
    ListStanding.REVIEW: gettext_lazy("À examiner"),
    ListStanding.READ: gettext_lazy("À appliquer"),
    ListStanding.CHANGED: gettext_lazy("Changée depuis le gel"),
    ListStanding.LOADED: gettext_lazy("Chargée"),
    ListStanding.FROZEN: gettext_lazy("Figée"),
}
# Tone and icon of the chip.
_LOOKS: dict[ListStanding, tuple[str, str]] = {
    ListStanding.MISSING: ("err", "croix"),
    ListStanding.NO_RULES: ("err", "croix"),
    ListStanding.OLD: ("att", "attention"),
    ListStanding.REVIEW: ("att", "attention"),
    ListStanding.READ: ("att", "attention"),
    ListStanding.CHANGED: ("info", "info"),
    ListStanding.LOADED: ("neutre", ""),
    ListStanding.FROZEN: ("ok", "coche"),
}


@dataclass(frozen=True)
class ListWords:
    """A list in words: what it is, how it looks, what to do, where."""

    label: str
    tone: str
    icon: str
    verb: str
    url: str


def list_in_words(line: ListLine) -> ListWords:
    """Return the standing of a list as the calendar and the start page say it."""
    return ListWords(_label(line), *_LOOKS[line.standing], *_remedy(line))


def _label(line: ListLine) -> str:
    if line.standing == ListStanding.OLD:
        return ngettext("Liste de %(n)s jour", "Liste de %(n)s jours", line.age_days) % {"n": line.age_days}
    if line.standing == ListStanding.REVIEW:
        return _("À examiner : %(n)s") % {"n": line.reviews}
    if line.standing == ListStanding.CHANGED:
        return _("Changements depuis le gel : +%(added)s −%(gone)s") % {"added": line.added, "gone": line.gone}
    return str(STANDING_NAMES[line.standing])


def _remedy(line: ListLine) -> tuple[str, str]:
    day = reverse("distribution:day", args=[line.day_id])
    if line.standing == ListStanding.MISSING and line.latest_import_id is None:
        return _("Charger la liste"), reverse("rosters:roster", args=[line.uai])
    if line.standing == ListStanding.OLD:
        return _("Charger une liste récente"), reverse("rosters:roster", args=[line.uai])
    if line.standing == ListStanding.NO_RULES:
        return _("Voir la journée"), day
    if line.standing in {ListStanding.REVIEW, ListStanding.READ, ListStanding.MISSING}:
        verb = _("Examiner") if line.reviews else _("Voir la différence")
        return verb, reverse("rosters:import", args=[line.latest_import_id])
    return _("Voir la journée"), day
