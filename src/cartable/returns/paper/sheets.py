"""A4 papers of one look: whose, what, a list of facts, perhaps a table, lines to sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from cartable.distribution.paper.document import A4_MM, Document
from cartable.distribution.paper.faces import Face
from cartable.distribution.paper.flow import Block, Column, dealt, draw_blocks, gap, paragraph_block, table_blocks
from cartable.distribution.paper.measures import fitted, wrapped
from cartable.distribution.paper.pen import POINTS_PER_MM, Pen
from cartable.distribution.paper.words import day_and_clock

_MARGIN_MM = 18.0
WIDTH_MM = A4_MM[0] - 2 * _MARGIN_MM
_TOP_MM = 17.0
_ROOM_MM = A4_MM[1] - _TOP_MM - 19.0
_WORD_MM = 48.0
_FACT_PT = 11.0
_FACT_LINE_MM = 5.2


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on a paper: `facts` are a word and its value; a `table` is columns and rows; `signers` sign below."""

    region: str
    place: str
    title: str
    facts: Sequence[tuple[str, str]]
    paragraphs: Sequence[str] = ()
    columns: Sequence[Column] = ()
    rows: Sequence[Sequence[str]] = field(default_factory=tuple)
    signers: Sequence[str] = ()


def sheet_pdf(sheet: Sheet, *, printed_at: datetime) -> bytes:
    """Return the PDF of a paper; pages are numbered where it has several."""
    blocks = [_head(sheet), *(_fact(word, value) for word, value in sheet.facts), gap(4)]
    if sheet.rows:
        blocks += table_blocks(sheet.columns, sheet.rows)
        blocks.append(gap(4))
    blocks += [paragraph_block(text, WIDTH_MM) for text in sheet.paragraphs]
    if sheet.signers:
        blocks += [gap(6), _signatures(sheet.signers)]
    pages = dealt(blocks, _ROOM_MM)
    document = Document(sheet.title, printed_at)
    for number, page_blocks in enumerate(pages, start=1):
        page = document.page().at(_MARGIN_MM, _TOP_MM)
        draw_blocks(page, page_blocks)
        foot = A4_MM[1] - _TOP_MM - 10
        page.text(0, foot, _("Imprimé le %(moment)s") % {"moment": day_and_clock(printed_at)}, Face.TEXT, 8.5)
        count = _("page %(number)s/%(total)s") % {"number": number, "total": len(pages)}
        page.text(WIDTH_MM, foot, count, Face.TEXT, 8.5, "right")
    return document.finished()


def _head(sheet: Sheet) -> Block:
    title = fitted(sheet.title, Face.NAME, width=WIDTH_MM * POINTS_PER_MM, height=46, largest=24, smallest=12)

    def draw(pen: Pen) -> None:
        pen.text(0, 5, sheet.region, Face.STRONG, 13)
        pen.text(0, 11, sheet.place, Face.TEXT, 11)
        pen.fitted_text(0, 17, title, Face.NAME)

    return Block(17 + title.height / POINTS_PER_MM + 8, draw)


def _fact(word: str, value: str) -> Block:
    lines = wrapped(value, Face.STRONG, _FACT_PT, (WIDTH_MM - _WORD_MM) * POINTS_PER_MM) or [""]

    def draw(pen: Pen) -> None:
        pen.text(0, 4.6, word, Face.TEXT, _FACT_PT)
        for i, line in enumerate(lines):
            pen.text(_WORD_MM, 4.6 + i * _FACT_LINE_MM, line, Face.STRONG, _FACT_PT)

    return Block(len(lines) * _FACT_LINE_MM + 2.2, draw)


def _signatures(signers: Sequence[str]) -> Block:
    width = (WIDTH_MM - 6 * (len(signers) - 1)) / len(signers)

    def draw(pen: Pen) -> None:
        for i, signer in enumerate(signers):
            left = i * (width + 6)
            pen.text(left, 4, signer, Face.TEXT, 10)
            pen.box(left, 6.5, width, 28, thickness=0.25, radius=2)

    return Block(36, draw)
