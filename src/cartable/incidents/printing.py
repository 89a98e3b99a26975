"""What incidents print: the certificate for the insurer. Plain values in, bytes out."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from cartable.distribution.paper.document import A4_MM, Document
from cartable.distribution.paper.faces import Face
from cartable.distribution.paper.flow import Block, Column, draw_blocks, gap, paragraph_block, table_blocks, title_block
from cartable.distribution.paper.measures import ellipsized
from cartable.distribution.paper.pen import POINTS_PER_MM, Pen
from cartable.distribution.paper.words import long_day
from cartable.incidents.models import Incident
from cartable.incidents.rules import price_of_the_pc
from cartable.kernel.codes import spaced
from cartable.programme.queries import prices_of
from cartable.ui.figures import thin

_MARGIN_MM = 18.0
_WIDTH_MM = A4_MM[0] - 2 * _MARGIN_MM


@dataclass(frozen=True)
class Certificate:
    """What an insurer asks for."""

    region: str
    campaign: str
    school: str
    student: str
    kind: str
    happened_on: date
    declared_on: date
    device_model: str
    asset_tag: str
    serial_number: str
    complaint: str
    price_eur: Decimal | None
    opens: str


def certificate_of(incident: Incident, *, now: datetime) -> bytes:
    """Return the certificate of an incident that was reached through `access`."""
    rules = incident.rules
    complaint = ""
    if incident.complaint_on is not None:
        complaint = f"{incident.complaint_number}, {long_day(incident.complaint_on)}, {incident.complaint_office}"
    said = Certificate(
        region=incident.school.region.name,
        campaign=rules.campaign.name,
        school=str(incident.school),
        student=incident.student.display_name if incident.student else _("Personne : pris dans le lycée"),
        kind=incident.get_kind_display(),
        happened_on=incident.happened_on,
        declared_on=incident.declared_at.astimezone(now.tzinfo).date(),
        device_model=incident.device.device_model.name,
        asset_tag=incident.device.asset_tag,
        serial_number=incident.device.serial_number,
        complaint=complaint,
        price_eur=price_of_the_pc(prices_of(rules), rules.kit),
        opens=incident.get_opens_display(),
    )
    return certificate_pdf(said, printed_at=now)


def certificate_pdf(said: Certificate, *, printed_at: datetime) -> bytes:
    """Return one page: what happened to which PC, what buying it again costs, and where the head signs."""
    document = Document(_("Attestation pour l’assureur"), printed_at)
    page = document.page().at(_MARGIN_MM, 0)
    width = _WIDTH_MM * POINTS_PER_MM
    page.text(0, 20, ellipsized(f"{said.region} · {said.campaign}", Face.STRONG, 11, width), Face.STRONG, 11)
    page.text(0, 33, _("Attestation pour l’assureur"), Face.NAME, 22)
    page.text(0, 42, ellipsized(said.school, Face.STRONG, 13, width), Face.STRONG, 13)
    draw_blocks(page.at(0, 52), _blocks(said))
    _draw_signature(page.at(0, 222), printed_at.date())
    return document.finished()


def _blocks(said: Certificate) -> list[Block]:
    price = _("non publié pour cette campagne")
    if said.price_eur is not None:
        price = _("%(price)s € TTC") % {"price": thin(said.price_eur, 2)}
    rows = [
        (_("Élève"), said.student),
        (_("Ce qui est arrivé"), said.kind),
        (_("Date"), long_day(said.happened_on)),
        (_("Déclaré au lycée"), long_day(said.declared_on)),
        (_("PC"), said.device_model),
        (_("Numéro de série"), said.serial_number),
        (_("Étiquette"), spaced(said.asset_tag)),
        *([(_("Plainte"), said.complaint)] if said.complaint else []),
        (_("Prix négocié du même PC"), price),
        (_("Ce que les règles ouvrent"), said.opens),
    ]
    columns = [Column("", 56, face=Face.STRONG, size=10.5), Column("", _WIDTH_MM - 56, size=10.5, wraps=True)]
    return [
        paragraph_block(
            _("Le lycée atteste que le PC ci-dessous, prêté par la région à l’élève nommé, a été déclaré comme suit."), _WIDTH_MM
        ),
        gap(3),
        title_block(_("Déclaration")),
        *table_blocks(columns, rows),
        gap(5),
        paragraph_block(
            _("Le PC appartient à la région, qui le prête. La famille peut l’assurer comme bien confié."
              " Ce document ne vaut pas facture."),
            _WIDTH_MM,
        ),
    ]  # fmt: skip


def _draw_signature(page: Pen, on: date) -> None:
    page.line(0, 0, _WIDTH_MM, 0, 0.3)
    page.text(0, 8, _("Fait le %(day)s") % {"day": long_day(on)}, Face.TEXT, 11)
    page.text(0, 16, _("Signature et cachet de la direction"), Face.STRONG, 11)
    page.box(0, 20, 80, 30, thickness=0.3, radius=1.5)
