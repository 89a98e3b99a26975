"""The pictograms of cards: strokes on a grid of 24, drawn at any size, black on white."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi, sin

from cartable.distribution.paper.pen import Pen

_GRID = 24.0
_STROKE = 1.8
_Points = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class _Brush:
    """A pen on the grid of 24."""

    pen: Pen
    scale: float

    def stroke(self, points: _Points, *, closed: bool = False) -> None:
        self.pen.shape(
            [(x * self.scale, y * self.scale) for x, y in points],
            thickness=_STROKE * self.scale,
            closed=closed,
        )

    def dot(self, x: float, y: float, radius: float) -> None:
        self.pen.circle(x * self.scale, y * self.scale, radius * self.scale)

    def ring(self, x: float, y: float, radius: float) -> None:
        self.pen.circle(x * self.scale, y * self.scale, radius * self.scale, thickness=_STROKE * self.scale)

    def frame(self, x: float, y: float, width: float, height: float, radius: float) -> None:
        s = self.scale
        self.pen.box(x * s, y * s, width * s, height * s, thickness=_STROKE * s, radius=radius * s)


def draw_pictogram(pen: Pen, command: str, side_mm: float) -> None:
    """Draw the pictogram of a command (a key of `kernel.codes.COMMAND_CODES`) in a square of this side."""
    pen.canvas.saveState()
    pen.canvas.setLineCap(1)
    pen.canvas.setLineJoin(1)
    _PICTOGRAMS[command](_Brush(pen, side_mm / _GRID))
    pen.canvas.restoreState()


def _undo(brush: _Brush) -> None:
    brush.stroke([(8.5, 3.5), (3.5, 8.5), (8.5, 13.5)])
    brush.stroke([(3.5, 8.5), (14, 8.5), *_arc(14, 14, 5.5, -pi / 2, pi / 2), (10, 19.5)])


def _no_charter(brush: _Brush) -> None:
    brush.stroke([(13, 2.5), (5, 2.5), (5, 21.5), (10.5, 21.5)])
    brush.stroke([(13, 2.5), (18.5, 8), (18.5, 10.5)])
    brush.stroke([(13, 2.5), (13, 8), (18.5, 8)])
    brush.stroke([(8.5, 12), (12, 12)])
    brush.stroke([(8.5, 16), (10.5, 16)])
    brush.stroke([(14, 14.5), (20.5, 21)])
    brush.stroke([(20.5, 14.5), (14, 21)])


def _device_faulty(brush: _Brush) -> None:
    brush.frame(4.5, 3.5, 15, 11.5, 1.6)
    brush.stroke([(4.5, 15), (2, 19.5), (22, 19.5), (19.5, 15)])
    brush.stroke([(12, 6.3), (12, 9.6)])
    brush.dot(12, 12.3, 1.1)


def _call(brush: _Brush) -> None:
    brush.ring(9.5, 7, 3.6)
    brush.stroke([(2.5, 21), *_arc(7, 19, 4.5, pi, 3 * pi / 2), *_arc(12, 19, 4.5, -pi / 2, 0), (16.5, 21)])
    brush.stroke(_arc(13, 7, 5, -pi / 4, pi / 4))
    brush.stroke(_arc(13, 7, 8.5, -pi / 4, pi / 4))


def _arc(x: float, y: float, radius: float, start: float, end: float) -> _Points:
    """Return points on an arc; angles in radians, clockwise from the right, since y goes down."""
    steps = 16
    angles = [start + (end - start) * i / steps for i in range(steps + 1)]
    return [(x + radius * cos(angle), y + radius * sin(angle)) for angle in angles]


_PICTOGRAMS: dict[str, Callable[[_Brush], None]] = {
    "undo": _undo,
    "no_charter": _no_charter,
    "device_faulty": _device_faulty,
    "call": _call,
}
