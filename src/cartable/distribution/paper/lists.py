"""The sign-off list on paper: what the day falls back on when no screen works, one class after another.

Each line can be scanned (the student's code) and filled by hand: charter, pouch, number of the PC, time, signature. It is
made to be typed in again afterwards: the columns stand in the order of the screen's fields, each page is counted at its foot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial

from django.utils.translation import gettext as _

from cartable.distribution.paper.document import A4_MM, Document
from cartable.distribution.paper.faces import Face
from cartable.distribution.paper.flow import Block, dealt, draw_blocks
from cartable.distribution.paper.measures import ellipsized, fitted
from cartable.distribution.paper.pen import POINTS_PER_MM, QUIET_MODULES, Align, Pen
from cartable.distribution.paper.words import clock, day_and_clock, long_day
from cartable.kernel.codes import STUDENT_LETTER, InvalidLabelCode, parse_label_code, spaced

_MARGIN_MM = 11.0
_WIDTH_MM = A4_MM[0] - 2 * _MARGIN_MM
_TOP_MM = 34.0
_ROW_MM = 11.6
_PAGE_ROOM_MM = A4_MM[1] - _TOP_MM - 16.0
# Narrower than a label's bars (0.25 mm): a list is printed on a good printer and scanned at hand's length.
_MODULE_MM = 0.25
_BARS_MM = 112 * _MODULE_MM
# Left edges of the columns: name, bars, charter, pouch, number of the PC, time, signature.
_X_NAME = 11.0
_X_BARS = 47.5
_X_CHARTER = _X_BARS + _BARS_MM + 2 * QUIET_MODULES * _MODULE_MM
_X_POUCH = _X_CHARTER + 11.5
_X_DEVICE = _X_POUCH + 14.5
_DIGIT_MM = 4.1
_X_TIME = _X_DEVICE + 11 * _DIGIT_MM + 1.5
_TIME_MM = 13.0
_X_SIGNATURE = _X_TIME + _TIME_MM + 1.5


@dataclass(frozen=True, slots=True)
class SignOffLine:
    """One student's line; raises InvalidLabelCode for a code that is no student's."""

    code: str
    name: str
    passes_at: time | None = None

    def __post_init__(self) -> None:
        if parse_label_code(self.code).letter != STUDENT_LETTER:
            raise InvalidLabelCode("a sign-off line bears a student's code")


@dataclass(frozen=True, slots=True)
class SignOffClass:
    """One class: its name and its students in the order to print."""

    division: str
    lines: tuple[SignOffLine, ...]


@dataclass(frozen=True, slots=True)
class SignOffList:
    """The list of one school's day, frozen at `frozen_at`."""

    school: str
    day: date
    frozen_at: datetime
    classes: tuple[SignOffClass, ...]


def sign_off_list(content: SignOffList, *, printed_at: datetime) -> bytes:
    """Return the PDF of the list: each class begins a page, headings come again, pages are numbered."""
    title = _("Liste d’émargement")
    pages = [(group, blocks) for group in content.classes for blocks in dealt(_blocks(group.lines), _PAGE_ROOM_MM)]
    document = Document(f"{title} · {content.school}", printed_at)
    for number, (group, blocks) in enumerate(pages, start=1):
        page = document.page().at(_MARGIN_MM, 0)
        _draw_heading(page, title, content, group)
        draw_blocks(page.at(0, _TOP_MM), blocks)
        frozen = _("Liste arrêtée le %(moment)s") % {"moment": day_and_clock(content.frozen_at)}
        page.text(0, A4_MM[1] - 9, frozen, Face.TEXT, 8.5)
        _draw_tally(page.at(0, A4_MM[1] - 9))
        count = _("page %(number)s/%(total)s") % {"number": number, "total": len(pages)}
        page.text(_WIDTH_MM, A4_MM[1] - 9, count, Face.TEXT, 8.5, "right")
    return document.finished()


def _blocks(lines: Sequence[SignOffLine]) -> list[Block]:
    return [Block(_ROW_MM, partial(_draw_line, line=line, rank=rank)) for rank, line in enumerate(lines, start=1)]


def _draw_heading(page: Pen, title: str, content: SignOffList, group: SignOffClass) -> None:
    name = fitted(group.division, Face.NAME, width=75 * POINTS_PER_MM, height=20, largest=22, smallest=9)
    page.fitted_text(0, 12, name, Face.NAME)
    students = _("%(count)s élèves") % {"count": len(group.lines)} if len(group.lines) > 1 else _("1 élève")
    page.text(0, 23.5, students, Face.TEXT, 9.5)
    where = f"{content.school} · {long_day(content.day)}"
    page.text(_WIDTH_MM, 15, title, Face.STRONG, 12, "right")
    room = (_WIDTH_MM - 40) * POINTS_PER_MM
    page.text(_WIDTH_MM, 23.5, ellipsized(where, Face.TEXT, 9.5, room), Face.TEXT, 9.5, "right")
    headings: list[tuple[float, str, Align]] = [
        (_X_NAME, _("Élève"), "left"),
        (_X_BARS + QUIET_MODULES * _MODULE_MM, _("Code"), "left"),
        (_X_CHARTER + 5.5, _("Charte"), "centre"),
        (_X_POUCH + 6.5, _("Pochette"), "centre"),
        (_X_DEVICE, _("Numéro du PC"), "left"),
        (_X_TIME, _("Heure"), "left"),
        (_X_SIGNATURE, _("Signature"), "left"),
    ]
    for x, word, align in headings:
        page.text(x, 31.5, word, Face.STRONG, 8, align)
    page.line(0, _TOP_MM - 0.6, _WIDTH_MM, _TOP_MM - 0.6, 0.5)


def _draw_line(pen: Pen, line: SignOffLine, rank: int) -> None:
    pen.text(8, 4.8, str(rank), Face.TEXT, 8.5, "right")
    if line.passes_at is not None:
        pen.text(8, 9.4, clock(line.passes_at), Face.TEXT, 8, "right")
    width, height = (_X_BARS - _X_NAME - 1) * POINTS_PER_MM, (_ROW_MM - 2) * POINTS_PER_MM
    name = fitted(line.name, Face.STRONG, width=width, height=height, largest=12, smallest=7)
    pen.fitted_text(_X_NAME, (_ROW_MM - name.height / POINTS_PER_MM) / 2, name, Face.STRONG)
    left = _X_BARS + QUIET_MODULES * _MODULE_MM
    pen.code128(left, 1.4, line.code, module=_MODULE_MM, height=6)
    pen.text(left + _BARS_MM / 2, 10.2, spaced(line.code), Face.CODE, 7.5, "centre")
    pen.tick_box(_X_CHARTER + 3, 3.3, 5)
    pen.tick_box(_X_POUCH + 4, 3.3, 5)
    _draw_device_comb(pen.at(_X_DEVICE, 2.2))
    _draw_time_box(pen.at(_X_TIME, 2.2))
    pen.box(_X_SIGNATURE, 1.2, _WIDTH_MM - _X_SIGNATURE, _ROW_MM - 2.4, thickness=0.2, radius=0.8)
    pen.line(0, _ROW_MM, _WIDTH_MM, _ROW_MM, 0.15)


def _draw_time_box(pen: Pen) -> None:
    """Draw the place of a time: two digits, a colon, two digits."""
    pen.box(0, 0, _TIME_MM, 7.0, thickness=0.2, radius=0.6)
    pen.text(_TIME_MM / 2, 5.0, ":", Face.CODE, 11, "centre")


def _draw_tally(pen: Pen) -> None:
    """Draw what is counted on each sheet: both figures are compared with the screen once it was typed in."""
    places = [(_("PC remis"), 56.0), (_("Chartes"), 92.0), (_("Ressaisie"), 128.0)]
    for word, x in places[:-1]:
        pen.text(x, 0, word, Face.STRONG, 8.5)
        pen.line(x + 17, 0.6, x + 31, 0.6, 0.25)
    word, x = places[-1]
    pen.text(x, 0, word, Face.STRONG, 8.5)
    pen.tick_box(x + 18, -3.6, 4.2)


def _draw_device_comb(pen: Pen) -> None:
    """Draw a comb for the eleven characters of a PC's code, its P printed, grouped as people read it."""
    height = 7.0
    pen.box(0, 0, 11 * _DIGIT_MM, height, thickness=0.25, radius=0.6)
    for i in range(1, 11):
        is_group = i in (1, 5, 9)
        pen.line(i * _DIGIT_MM, 0 if is_group else height - 2.2, i * _DIGIT_MM, height, 0.3 if is_group else 0.15)
    pen.text(_DIGIT_MM / 2, 5.2, "P", Face.CODE, 11, "centre")
