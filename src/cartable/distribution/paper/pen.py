"""Drawing in millimetres from the top left corner of a box, y downwards: how people measure a label.

Everything is black on white and drawn as vectors: a code stays sharp at any printer's resolution.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import segno
from reportlab.graphics.barcode.code128 import Code128Auto
from reportlab.pdfgen.canvas import Canvas

from cartable.distribution.paper.faces import Face, typeset
from cartable.distribution.paper.measures import FittedText

POINTS_PER_MM = 72 / 25.4
# DESIGN 11: narrow bar 0.33 mm, bars 12 mm high. Ten narrow bars of white on each side (ISO/IEC 15417).
MODULE_MM = 0.33
BAR_HEIGHT_MM = 12.0
QUIET_MODULES = 10

Align = Literal["left", "centre", "right"]


@dataclass(frozen=True, slots=True)
class Pen:
    """A canvas and the corner, in mm from the top left of the page, that counts as (0, 0)."""

    canvas: Canvas
    page_height_mm: float
    left_mm: float = 0.0
    top_mm: float = 0.0

    def at(self, x: float, y: float) -> Pen:
        """Return a pen whose corner lies x mm to the right and y mm below this one's."""
        return Pen(self.canvas, self.page_height_mm, self.left_mm + x, self.top_mm + y)

    def text(self, x: float, y: float, text: str, face: Face, size: float, align: Align = "left") -> None:
        """Write one line with its baseline at y; the size is in points."""
        font, line = typeset(text, face)
        self.canvas.setFont(font, size)
        draw = {
            "left": self.canvas.drawString,
            "centre": self.canvas.drawCentredString,
            "right": self.canvas.drawRightString,
        }[align]
        draw(self._x(x), self._y(y), line)

    def sideways_text(self, x: float, y: float, text: str, face: Face, size: float) -> None:
        """Write one line upwards along x, its middle at y."""
        font, line = typeset(text, face)
        self.canvas.saveState()
        self.canvas.translate(self._x(x), self._y(y))
        self.canvas.rotate(90)
        self.canvas.setFont(font, size)
        self.canvas.drawCentredString(0, 0, line)
        self.canvas.restoreState()

    def fitted_text(self, x: float, top: float, fitted: FittedText, face: Face, align: Align = "left") -> None:
        """Write the fitted lines with the top of the first line's letters at `top`."""
        for i, line in enumerate(fitted.lines):
            baseline = (fitted.first_baseline + fitted.leading * i) / POINTS_PER_MM
            self.text(x, top + baseline, line, face, fitted.size, align)

    def line(self, x1: float, y1: float, x2: float, y2: float, thickness: float = 0.2, *, dash: float = 0.0) -> None:
        """Draw a straight line; `thickness` and `dash` in mm."""
        self._stroke(thickness, dash)
        self.canvas.line(self._x(x1), self._y(y1), self._x(x2), self._y(y2))

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        thickness: float = 0.3,
        radius: float = 0.0,
        dash: float = 0.0,
    ) -> None:
        """Draw the outline of a rectangle, its corners rounded by `radius` mm."""
        self._stroke(thickness, dash)
        corner, size = (self._x(x), self._y(y + height)), (width * POINTS_PER_MM, height * POINTS_PER_MM)
        if radius:
            self.canvas.roundRect(*corner, *size, radius * POINTS_PER_MM)
        else:
            self.canvas.rect(*corner, *size)

    def block(self, x: float, y: float, width: float, height: float) -> None:
        """Fill a rectangle."""
        self.canvas.rect(
            self._x(x), self._y(y + height), width * POINTS_PER_MM, height * POINTS_PER_MM, stroke=0, fill=1
        )

    def shape(self, points: Sequence[tuple[float, float]], *, thickness: float = 0.0, closed: bool = True) -> None:
        """Draw a line through the points, or fill what they enclose when no thickness is given."""
        path = self.canvas.beginPath()
        path.moveTo(self._x(points[0][0]), self._y(points[0][1]))
        for x, y in points[1:]:
            path.lineTo(self._x(x), self._y(y))
        if closed:
            path.close()
        if thickness:
            self._stroke(thickness, 0.0)
        self.canvas.drawPath(path, stroke=int(thickness > 0), fill=int(thickness == 0))

    def circle(self, x: float, y: float, radius: float, *, thickness: float = 0.0) -> None:
        """Draw a circle, or a disc when no thickness is given."""
        if thickness:
            self._stroke(thickness, 0.0)
        self.canvas.circle(
            self._x(x),
            self._y(y),
            radius * POINTS_PER_MM,
            stroke=int(thickness > 0),
            fill=int(thickness == 0),
        )

    def tick_box(self, x: float, y: float, side: float = 4.5) -> None:
        """Draw an empty square to tick by hand."""
        self.box(x, y, side, side, thickness=0.35, radius=0.6)

    def code128(
        self, x: float, y: float, text: str, *, module: float = MODULE_MM, height: float = BAR_HEIGHT_MM
    ) -> None:
        """Draw the bars of a Code 128, the first one at x; the white beside them is the caller's to keep."""
        bars = Code128Auto(
            text,
            barWidth=module * POINTS_PER_MM,
            barHeight=height * POINTS_PER_MM,
            quiet=False,
            humanReadable=False,
        )
        bars.drawOn(self.canvas, self._x(x), self._y(y + height))

    def qr(self, x: float, y: float, text: str, side: float) -> None:
        """Draw a QR code, `side` mm wide without its white margin of four modules."""
        rows = _qr_rows(text)
        module = side / len(rows)
        for i, row in enumerate(rows):
            for start, count in row:
                # A hair taller than its row: viewers would show white seams between rows that merely touch.
                self.block(x + start * module, y + i * module, count * module, module * 1.02)

    def _stroke(self, thickness: float, dash: float) -> None:
        self.canvas.setLineWidth(thickness * POINTS_PER_MM)
        self.canvas.setDash([dash * POINTS_PER_MM] if dash else [])

    def _x(self, x: float) -> float:
        return (self.left_mm + x) * POINTS_PER_MM

    def _y(self, y: float) -> float:
        return (self.page_height_mm - self.top_mm - y) * POINTS_PER_MM


def code128_width(text: str, module: float = MODULE_MM) -> float:
    """Return the width in mm of the bars of a text, without margins: 112 modules for a label code."""
    return float(Code128Auto(text, barWidth=1, quiet=False, humanReadable=False).width) * module


def _qr_rows(text: str) -> list[list[tuple[int, int]]]:
    """Return, per row, the (start, count) runs of dark modules."""
    matrix = segno.make(text, error="m", micro=False).matrix
    return [
        [
            (run[0], len(run))
            for is_dark, group in groupby(range(len(row)), key=row.__getitem__)
            if is_dark
            for run in [list(group)]
        ]
        for row in matrix
    ]
