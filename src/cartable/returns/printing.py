"""What returns print: reads a row, hands plain values to ``paper``, returns bytes. Names stand on paper only, never in the ledger."""

from django.utils import timezone
from django.utils.translation import gettext as _

from cartable.distribution.paper.words import clock, long_day
from cartable.kernel.codes import spaced
from cartable.returns.models import CheckIn, Damage
from cartable.returns.paper.sheets import Sheet, sheet_pdf


def quitus_pdf(taken: CheckIn) -> bytes:
    """Return the receipt that a family keeps; the same return prints the same bytes."""
    at = timezone.localtime(taken.checked_in_at)
    damages = ", ".join(str(Damage(damage).label) for damage in taken.damages)
    facts = [
        (_("Élève"), taken.student.display_name),
        (_("PC"), f"{spaced(taken.device.asset_tag)} · {taken.device.device_model.name}"),
        (_("Numéro de série"), taken.device.serial_number),
        (_("Rendu le"), f"{long_day(at)}, {clock(at)}"),
        (_("Motif"), str(taken.get_why_display())),
        (_("État"), f"{taken.grade} · {taken.get_grade_display()}"),
        (_("Pièces abîmées"), damages or _("aucune")),
        (_("Manque"), ", ".join(taken.kit_missing) or _("rien, tout est rendu")),
    ]
    complete = _("Le lycée atteste que le PC et tout ce qui l’accompagne ont été rendus. La famille ne doit plus rien.")
    partial = _("Le lycée atteste que le PC a été rendu. Ce qui manque reste à rendre.")
    sheet = Sheet(
        region=taken.school.region.name,
        place=f"{taken.school.name}, {taken.school.town}",
        title=_("Quitus de restitution"),
        facts=facts,
        paragraphs=[partial if taken.kit_missing else complete],
        signers=[_("Pour le lycée"), _("L’élève ou un responsable légal")],
    )
    return sheet_pdf(sheet, printed_at=at)
