"""Sheets of stickers: where each label lies, and the ruler page that shows how far a printer misses.

Sizes in mm, from the top left of an A4 page. The two sheets are the common European ones of 21 and 24 labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from cartable.distribution.paper.document import A4_MM
from cartable.distribution.paper.faces import Face
from cartable.distribution.paper.measures import fitted, wrapped
from cartable.distribution.paper.pen import POINTS_PER_MM, Pen


class StartPositionOutOfRange(ValueError):
    """The first label was asked for at a place that the sheet does not have."""

    code = "start_position_out_of_range"


@dataclass(frozen=True, slots=True)
class LabelSheet:
    """A sheet of stickers: its grid, one label's size, the distance between neighbours (all in mm)."""

    key: str
    columns: int
    rows: int
    label_width_mm: float
    label_height_mm: float
    pitch_x_mm: float
    pitch_y_mm: float

    @property
    def label_count(self) -> int:
        """Labels on one sheet."""
        return self.columns * self.rows

    @property
    def left_mm(self) -> float:
        """Left edge of the first column: the grid stands in the middle of the page."""
        return (A4_MM[0] - self.pitch_x_mm * (self.columns - 1) - self.label_width_mm) / 2

    @property
    def top_mm(self) -> float:
        """Top edge of the first row."""
        return (A4_MM[1] - self.pitch_y_mm * (self.rows - 1) - self.label_height_mm) / 2

    def corner(self, position: int) -> tuple[float, float]:
        """Return the top left corner of a label; positions count from 0, row by row."""
        row, column = divmod(position, self.columns)
        return self.left_mm + column * self.pitch_x_mm, self.top_mm + row * self.pitch_y_mm


A4_3X7 = LabelSheet("3x7", 3, 7, 63.5, 38.1, 66.04, 38.1)
A4_3X8 = LabelSheet("3x8", 3, 8, 63.5, 33.9, 66.04, 33.9)
LABEL_SHEETS = {sheet.key: sheet for sheet in (A4_3X7, A4_3X8)}


@dataclass(frozen=True, slots=True)
class PrinterOffset:
    """How far everything is moved to make up for a printer: mm to the right and mm down."""

    x_mm: float = 0.0
    y_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class SheetSetup:
    """How a set of sheets is printed. Raises StartPositionOutOfRange.

    `start_position` is 1 for the first label of the first sheet: labels used before are skipped. The ruler
    page, where asked for, comes first.
    """

    sheet: LabelSheet = A4_3X7
    start_position: int = 1
    offset: PrinterOffset = PrinterOffset()
    has_ruler_page: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.start_position <= self.sheet.label_count:
            raise StartPositionOutOfRange(f"a sheet of {self.sheet.label_count} has no label {self.start_position}")

    def places(self, count: int) -> Iterator[tuple[bool, float, float]]:
        """Yield (a new page begins, x, y) for each of `count` labels."""
        for i in range(self.start_position - 1, self.start_position - 1 + count):
            position = i % self.sheet.label_count
            x, y = self.sheet.corner(position)
            is_new_page = position == 0 or i == self.start_position - 1
            yield is_new_page, x + self.offset.x_mm, y + self.offset.y_mm


PLAIN_A4 = SheetSetup()


def draw_ruler_page(page: Pen, setup: SheetSetup) -> None:
    """Draw the outlines of all labels, two scales that tell the printer's error, and what to do with them."""
    sheet, offset = setup.sheet, setup.offset
    grid = page.at(offset.x_mm, offset.y_mm)
    for position in range(sheet.label_count):
        _draw_outline(grid.at(*sheet.corner(position)), sheet, position + 1, position + 1 == setup.start_position)
    _draw_scales(grid.at(*sheet.corner(0)))
    last_x, last_y = sheet.corner(sheet.label_count - 1)
    _draw_scales(grid.at(last_x + sheet.label_width_mm, last_y + sheet.label_height_mm))
    _draw_instructions(grid, sheet, offset)


def _draw_outline(cell: Pen, sheet: LabelSheet, number: int, is_start: bool) -> None:
    width, height = sheet.label_width_mm, sheet.label_height_mm
    cell.box(0, 0, width, height, thickness=0.15, radius=1.5, dash=1.0)
    cell.text(6.2, height - 3.2, str(number), Face.STRONG, 11, "centre")
    if is_start:
        cell.box(1.5, height - 8.6, 9.5, 7, thickness=0.4, radius=1)
        cell.text(13, height - 3.2, _("première étiquette"), Face.TEXT, 9)


def _draw_scales(corner: Pen) -> None:
    """Draw two crossing rulers of ±5 mm whose zero is the corner of a label."""
    corner.line(-5.5, 0, 5.5, 0, 0.25)
    corner.line(0, -5.5, 0, 5.5, 0.25)
    for mm in range(-5, 6):
        length = 1.6 if mm % 5 == 0 else 0.8
        corner.line(mm, -length, mm, length, 0.15)
        corner.line(-length, mm, length, mm, 0.15)
    corner.text(5.6, 4.0, "x +5", Face.TEXT, 6, "right")
    corner.text(-0.6, 7.2, "y +5", Face.TEXT, 6, "right")


def _draw_instructions(grid: Pen, sheet: LabelSheet, offset: PrinterOffset) -> None:
    width = sheet.label_width_mm - 8
    steps = [
        _("Imprimez à 100 %, sans « ajuster à la page »."),
        _("Posez cette page sur une planche d’étiquettes, devant une fenêtre."),
        _("Lisez l’écart au coin de la première et de la dernière étiquette : un trait vaut 1 mm."),
        _("Ajoutez cet écart au décalage, puis imprimez de nouveau cette page."),
    ]
    title = grid.at(*sheet.corner(1))
    title.fitted_text(
        4,
        8,
        fitted(_("Page de réglage"), Face.NAME, width=width * POINTS_PER_MM, height=40, largest=18, smallest=9),
        Face.NAME,
    )
    _draw_lines(title, 4, 19, _("Décalage réglé, en mm :"), width)
    setting = _("x %(x)s · y %(y)s") % {"x": _signed(offset.x_mm), "y": _signed(offset.y_mm)}
    title.text(4, 24.5, setting, Face.STRONG, 11)
    for i, step in enumerate(steps):
        cell = grid.at(*sheet.corner(4 + sheet.columns * i))
        cell.text(4, 10, f"{i + 1}", Face.NAME, 18)
        _draw_lines(cell, 11, 8.5, step, width - 7)
    bar = grid.at(*sheet.corner(1 + sheet.columns * 5))
    # As long as the three columns allow, to show a page that was shrunk: 97 % would make it 97 mm.
    bar.at(-18.25, sheet.label_height_mm - 8).line(0, 0, 100, 0, 0.4)
    for end in (0, 100):
        bar.at(-18.25 + end, sheet.label_height_mm - 8).line(0, -1.5, 0, 1.5, 0.4)
    bar.text(31.75, sheet.label_height_mm - 11, _("Ce trait mesure 100 mm."), Face.STRONG, 10, "centre")


def _draw_lines(cell: Pen, x: float, y: float, text: str, width: float) -> None:
    for i, line in enumerate(wrapped(text, Face.TEXT, 10, width * POINTS_PER_MM)):
        cell.text(x, y + i * 4.6, line, Face.TEXT, 10)


def _signed(mm: float) -> str:
    sign = "\N{MINUS SIGN}" if mm < 0 else "+"
    return sign + number_format(abs(mm), 1)
