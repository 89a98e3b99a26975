"""What the start page and the school page show, gathered from every package upstream."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cartable.distribution.queries.control_room import DayLine, days_in_scope
from cartable.distribution.queries.students import latest_days
from cartable.fleet.models import CUSTODIAN_KIND_NAMES
from cartable.fleet.queries import custody_counts
from cartable.fleet.rules import CustodianKind
from cartable.rosters.queries import find_students
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
