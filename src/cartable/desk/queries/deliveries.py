"""Read what the deliveries wait for: notes to receive, lines to settle."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cartable.desk.rules import ToDo
from cartable.supply.queries.deliveries import open_line_count
from cartable.supply.queries.notes import waiting_notes
from cartable.ui.figures import thin


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
