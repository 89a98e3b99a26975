"""The operators' cards: whoever takes over a station scans a card to say so. A number, never a name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from cartable.distribution.paper.document import A4_MM, Document
from cartable.distribution.paper.faces import Face
from cartable.distribution.paper.measures import fitted
from cartable.distribution.paper.pen import POINTS_PER_MM, Pen, code128_width
from cartable.kernel.codes import operator_code, spaced

PRINTED_NUMBERS = range(1, 21)
_COLUMNS, _ROWS = 2, 5
# Neighbours share their cutting line.
_WIDTH_MM, _HEIGHT_MM = 88.0, 53.0
_LEFT_MM = (A4_MM[0] - _COLUMNS * _WIDTH_MM) / 2
_TOP_MM = 20.0
_MODULE_MM = 0.45


def operator_cards(numbers: Iterable[int] = PRINTED_NUMBERS, *, printed_at: datetime) -> bytes:
    """Return sheets of cards to cut out, ten on a page: « Opérateur 7 », bars, the code in clear."""
    document = Document(_("Cartes des opérateurs"), printed_at)
    page: Pen | None = None
    for place, number in enumerate(numbers):
        row, column = divmod(place % (_COLUMNS * _ROWS), _COLUMNS)
        if page is None or (row, column) == (0, 0):
            page = document.page()
            advice = _("Cartes des opérateurs : à découper. Qui prend un poste scanne la sienne.")
            page.text(A4_MM[0] / 2, 13, advice, Face.STRONG, 11, "centre")
        _draw_card(page.at(_LEFT_MM + column * _WIDTH_MM, _TOP_MM + row * _HEIGHT_MM), number)
    return document.finished()


def _draw_card(card: Pen, number: int) -> None:
    code = operator_code(number)
    card.box(0, 0, _WIDTH_MM, _HEIGHT_MM, thickness=0.15, dash=1.0)
    words = _("Opérateur %(number)s") % {"number": number}
    title = fitted(words, Face.NAME, width=(_WIDTH_MM - 16) * POINTS_PER_MM, height=30, largest=26, smallest=14)
    card.fitted_text(8, 6, title, Face.NAME)
    bars_mm = code128_width(code, _MODULE_MM)
    left = (_WIDTH_MM - bars_mm) / 2
    card.code128(left, 21, code, module=_MODULE_MM, height=18)
    card.text(_WIDTH_MM / 2, 46, spaced(code), Face.CODE, 13, "centre")
