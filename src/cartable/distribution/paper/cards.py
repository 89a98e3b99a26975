"""What lies on the desks: the command card, the site card that starts a station, labels to practise with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.utils.translation import gettext as _

from cartable.distribution.paper.document import A4_MM, Document
from cartable.distribution.paper.faces import Face
from cartable.distribution.paper.labels import (
    DeviceLabel,
    LabelSize,
    StudentLabel,
    draw_device_label,
    draw_student_label,
    ranked,
)
from cartable.distribution.paper.measures import ellipsized, fitted, wrapped
from cartable.distribution.paper.pen import POINTS_PER_MM, Pen, code128_width
from cartable.distribution.paper.pictograms import draw_pictogram
from cartable.distribution.paper.sheets import A4_3X7, SheetSetup
from cartable.distribution.paper.words import clock, long_day
from cartable.kernel.codes import COMMAND_CODES, spaced

_MARGIN_MM = 16.0
_WIDTH_MM = A4_MM[0] - 2 * _MARGIN_MM
# Cards lie flat and far from the scanner: wider bars than a label's.
_CARD_MODULE_MM = 0.5
_SITE_DIGITS = 24


class NotASiteCode(ValueError):
    """A site card bears 24 digits, no more and no less."""

    code = "not_a_site_code"


@dataclass(frozen=True, slots=True)
class SiteCard:
    """The card that starts a station of one school's day; raises NotASiteCode unless `digits` are 24 digits.

    `address` is what to type in the browser; the times are the window in which the card works.
    """

    digits: str
    title: str
    school: str
    day: date
    valid_from: datetime
    valid_until: datetime
    address: str

    def __post_init__(self) -> None:
        if len(self.digits) != _SITE_DIGITS or not (self.digits.isascii() and self.digits.isdecimal()):
            raise NotASiteCode(f"{_SITE_DIGITS} digits are expected")


def command_card(*, printed_at: datetime) -> bytes:
    """Return the A4 card of the four commands: pictogram, verb, what it does, bars."""
    title = _("Carte des gestes")
    document = Document(title, printed_at)
    page = document.page().at(_MARGIN_MM, 0)
    page.text(0, 24, title, Face.NAME, 24)
    page.text(0, 31.5, _("Scannez un geste au lieu de cliquer."), Face.TEXT, 12)
    for i, (command, (verb, meaning)) in enumerate(_command_words().items()):
        _draw_command(page.at(0, 38 + i * 61), command, verb, meaning)
    return document.finished()


def site_card(card: SiteCard, *, printed_at: datetime) -> bytes:
    """Return the A4 site card: whose day, the two gestures, the 24 digits as QR, as Code 128 and in clear."""
    document = Document(card.title, printed_at)
    page = document.page().at(_MARGIN_MM, 0)
    _draw_site_head(page, card)
    _draw_address(page.at(0, 78), card)
    _draw_site_code(page.at(0, 126), card)
    warning = _("À garder par le responsable : qui a cette carte peut demander à ouvrir un poste ce jour-là.")
    for i, line in enumerate(wrapped(warning, Face.TEXT, 11, _WIDTH_MM * POINTS_PER_MM)):
        page.text(0, 273 + i * 5.2, line, Face.TEXT, 11)
    return document.finished()


def practice_sheet(students: Sequence[StudentLabel], devices: Sequence[DeviceLabel], *, printed_at: datetime) -> bytes:
    """Return sheets of labels to cut out for the practice station; every one says that it is not real."""
    size = LabelSize(A4_3X7.label_width_mm, A4_3X7.label_height_mm)
    document = Document(_("Étiquettes d’entraînement"), printed_at)
    places = SheetSetup(A4_3X7).places(len(students) + len(devices))
    drawings: list[Callable[..., None]] = [
        *(partial(draw_student_label, label=label, rank=rank, class_size=n) for label, rank, n in ranked(students)),
        *(partial(draw_device_label, label=label) for label in devices),
    ]
    for drawing, (is_new_page, x, y) in zip(drawings, places, strict=True):
        if is_new_page:
            page = document.page()
            page.text(105, 9, _("Étiquettes d’entraînement : à découper"), Face.STRONG, 11, "centre")
        cell = page.at(x, y)
        cell.box(0, 0, size.width_mm, size.height_mm, thickness=0.15, dash=1.0)
        drawing(cell, size=size)
        _draw_practice_mark(cell, size)
    return document.finished()


def _command_words() -> dict[str, tuple[str, str]]:
    return {
        "undo": (_("Annuler"), _("Annule le dernier geste de ce poste.")),
        "no_charter": (_("Sans charte"), _("Atelier A : la charte du dernier élève manque.")),
        "device_faulty": (_("PC en défaut"), _("Atelier B : met ce PC de côté. Prenez-en un autre.")),
        "call": (_("Appeler le responsable"), _("Prévient le responsable du site.")),
    }


def _draw_command(panel: Pen, command: str, verb: str, meaning: str) -> None:
    height, code = 56.0, COMMAND_CODES[command]
    panel.box(0, 0, _WIDTH_MM, height, thickness=0.6, radius=4)
    draw_pictogram(panel.at(8, 12), command, 32)
    bars_mm = code128_width(code, _CARD_MODULE_MM)
    left = _WIDTH_MM - bars_mm - 10
    room = (left - 48 - 5) * POINTS_PER_MM
    words = fitted(verb, Face.NAME, width=room, height=46, largest=26, smallest=13)
    top = 14.0
    panel.fitted_text(48, top, words, Face.NAME)
    y = top + words.height / POINTS_PER_MM + 5
    for i, line in enumerate(wrapped(meaning, Face.TEXT, 11.5, room)):
        panel.text(48, y + i * 5.4, line, Face.TEXT, 11.5)
    panel.code128(left, 14, code, module=_CARD_MODULE_MM, height=22)
    panel.text(left + bars_mm / 2, 43, spaced(code), Face.CODE, 13, "centre")


def _draw_site_head(page: Pen, card: SiteCard) -> None:
    page.text(0, 24, _("Carte du site"), Face.STRONG, 13)
    width = _WIDTH_MM * POINTS_PER_MM
    title = fitted(card.title, Face.NAME, width=width, height=60, largest=30, smallest=14)
    page.fitted_text(0, 30, title, Face.NAME)
    y = 30 + title.height / POINTS_PER_MM + 7
    page.text(0, y, ellipsized(card.school, Face.STRONG, 15, width), Face.STRONG, 15)
    words = {"day": long_day(card.day), "start": clock(card.valid_from), "end": clock(card.valid_until)}
    # From midnight to midnight is the whole day: "de 00:00 à 00:00" would say never.
    whole_day = card.valid_from.time() == card.valid_until.time()
    hours = _("Valable le %(day)s") % words if whole_day else _("Valable le %(day)s, de %(start)s à %(end)s") % words
    page.text(0, y + 8.5, ellipsized(hours, Face.TEXT, 13, width), Face.TEXT, 13)


def _draw_gesture(panel: Pen, number: int, words: str, height: float) -> None:
    panel.box(0, 0, _WIDTH_MM, height, thickness=0.6, radius=4)
    panel.circle(14, 14, 6.5)
    panel.canvas.setFillGray(1)
    panel.text(14, 16.6, str(number), Face.NAME, 21, "centre")
    panel.canvas.setFillGray(0)
    panel.text(26, 16.2, words, Face.NAME, 18)


def _draw_address(panel: Pen, card: SiteCard) -> None:
    _draw_gesture(panel, 1, _("Ouvrez cette adresse"), 40)
    panel.qr(_WIDTH_MM - 36, 6, card.address, 28)
    room = (_WIDTH_MM - 26 - 48) * POINTS_PER_MM
    address = fitted(card.address, Face.CODE, width=room, height=24, largest=15, smallest=8)
    panel.fitted_text(26, 23, address, Face.CODE)


def _draw_site_code(panel: Pen, card: SiteCard) -> None:
    _draw_gesture(panel, 2, _("Scannez ce code"), 138)
    panel.text(26, 24, _("Le responsable accepte ensuite le poste."), Face.TEXT, 12)
    panel.qr((_WIDTH_MM - 48) / 2, 33, card.digits, 48)
    bars_mm = code128_width(card.digits, _CARD_MODULE_MM)
    panel.code128((_WIDTH_MM - bars_mm) / 2, 92, card.digits, module=_CARD_MODULE_MM, height=22)
    in_clear = " ".join(card.digits[i : i + 4] for i in range(0, _SITE_DIGITS, 4))
    panel.text(_WIDTH_MM / 2, 126, in_clear, Face.CODE, 20, "centre")


def _draw_practice_mark(cell: Pen, size: LabelSize) -> None:
    # In the margin, read from the side: the one place that no label fills.
    cell.sideways_text(size.width_mm - 0.7, size.height_mm / 2, _("ENTRAÎNEMENT"), Face.STRONG, 5.5)
