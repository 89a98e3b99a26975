"""What returns print: reads a row, hands plain values to ``paper``, returns bytes. Names stand on paper only, never in the ledger."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from cartable.distribution.paper.flow import Column
from cartable.distribution.paper.labels import DeviceLabel, device_label_sheets
from cartable.distribution.paper.words import clock, long_day
from cartable.kernel.codes import spaced
from cartable.returns.models import BenchCheck, CheckIn, Damage, DisposalSlip, Outlet, Reimaging
from cartable.returns.paper.sheets import Sheet, sheet_pdf
from cartable.returns.queries.write_offs import written_off_under


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


def certificate_pdf(done: Reimaging) -> bytes:
    """Return the certificate that a PC was wiped: method, date, serial number; no student stands on it."""
    at = timezone.localtime(done.wiped_at)
    facts = [
        (_("Certificat"), done.certificate_number),
        (_("PC"), f"{spaced(done.device.asset_tag)} · {done.device.device_model.name}"),
        (_("Numéro de série"), done.device.serial_number),
        (_("Effacé le"), f"{long_day(at)}, {clock(at)}"),
        (_("Méthode"), str(done.get_wipe_method_display())),
    ]
    if done.imaged_at is not None:
        facts.append((_("Image installée"), f"{done.image_version}, {long_day(timezone.localtime(done.imaged_at))}"))
    if done.checked_at is not None:
        checks = ", ".join(str(BenchCheck(check).label) for check in done.checks)
        facts.append((_("Contrôles faits"), checks))
    sheet = Sheet(
        region=done.school.region.name,
        place=f"{done.school.name}, {done.school.town}",
        title=_("Certificat d’effacement"),
        facts=facts,
        paragraphs=[_("Les données de l’élève ont été effacées de ce PC par la méthode ci-dessus.")],
        signers=[_("Le technicien")],
    )
    return sheet_pdf(sheet, printed_at=timezone.localtime(done.checked_at or done.imaged_at or done.wiped_at))


def slip_pdf(slip: DisposalSlip) -> bytes:
    """Return the slip that goes with what leaves: each PC with its serial number and the proof of its wipe."""
    lines = written_off_under(slip)
    at = timezone.localtime(max([slip.opened_at, *(line.at for line in lines)]))
    columns = [
        Column(_("PC"), 30), Column(_("Numéro de série"), 40), Column(_("Modèle"), 36, wraps=True),
        Column(_("Certificat"), 32), Column(_("Effacement"), 36, wraps=True),
    ]  # fmt: skip
    rows = [(spaced(x.asset_tag), x.serial_number, x.model, x.certificate_number, x.wipe_method) for x in lines[::-1]]
    reuse = _("Le receveur s’engage à réemployer ces PC, ou à les remettre à qui les réemploie.")
    recycling = _("Le receveur traite ces PC comme déchets d’équipements électriques et électroniques.")
    sheet = Sheet(
        region=slip.school.region.name,
        place=f"{slip.school.name}, {slip.school.town}",
        title=_("Bordereau de sortie définitive"),
        facts=[
            (_("Bordereau"), str(slip.pk)[:8].upper()),
            (_("Destination"), str(slip.get_outlet_display())),
            (_("Organisme qui reçoit"), slip.receiver),
            (_("Date"), long_day(at)),
            (_("Nombre de PC"), str(len(lines))),
        ],
        columns=columns,
        rows=rows,
        paragraphs=[reuse if slip.outlet == Outlet.REUSE else recycling],
        signers=[_("Pour le lycée"), _("Pour l’organisme qui reçoit")],
    )
    return sheet_pdf(sheet, printed_at=at)


def tags_pdf(asset_tags: Iterable[str], *, region: str, printed_at: datetime) -> bytes:
    """Return the tags that PCs bear, on sheets of stickers, in the order given."""
    return device_label_sheets([DeviceLabel(asset_tag, region) for asset_tag in asset_tags], printed_at=printed_at)
