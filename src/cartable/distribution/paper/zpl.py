"""Labels as ZPL II, the language of most thermal printers: the text of a print job, sizes in printer dots.

The printer's own scalable font draws the text, so its widths are unknown here: they are taken from Atkinson
Hyperlegible, which is wider than that font, so that a name can only come out narrower than its room.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_letters, digits

from django.utils.translation import gettext as _

from cartable.distribution.paper.faces import Face, one_line
from cartable.distribution.paper.labels import (
    INSET_MM,
    SMALLEST_NAME_PT,
    DeviceLabel,
    LabelSize,
    StudentLabel,
    ranked,
    whole_dots_module_mm,
)
from cartable.distribution.paper.measures import ellipsized, fitted
from cartable.distribution.paper.words import clock, short_day
from cartable.kernel.codes import spaced

_MM_PER_INCH = 25.4
_POINTS_PER_INCH = 72
_PLAIN = frozenset(ascii_letters + digits + " ")


def student_label_zpl(
    labels: Sequence[StudentLabel], *, dpi: int = 203, width_mm: float = 63.5, height_mm: float = 38.1
) -> str:
    """Return the ZPL of all labels by class, for a printer of 203 or 300 dpi; raise LabelTooSmall."""
    job = _Job(LabelSize(width_mm, height_mm, whole_dots_module_mm(dpi)), dpi)
    return "".join(_student_label(job, label, rank, class_size) for label, rank, class_size in ranked(labels))


def device_label_zpl(
    labels: Sequence[DeviceLabel], *, dpi: int = 203, width_mm: float = 63.5, height_mm: float = 38.1
) -> str:
    """Return the ZPL of asset tags in the order given; raise LabelTooSmall."""
    job = _Job(LabelSize(width_mm, height_mm, whole_dots_module_mm(dpi)), dpi)
    return "".join(_device_label(job, label) for label in labels)


def field_data(text: str) -> str:
    """Return the text as ^FH field data: only letters, digits and spaces stand as they are.

    The rest is written as the hexadecimal of its UTF-8 bytes, so that no name can begin a command (^ and ~),
    end its field or feed a line.
    """
    return "".join(c if c in _PLAIN else _hexadecimal(c) for c in one_line(text))


@dataclass(frozen=True, slots=True)
class _Job:
    size: LabelSize
    dpi: int

    def dots(self, mm: float) -> int:
        return round(mm * self.dpi / _MM_PER_INCH)

    def label(self, *commands: str) -> str:
        # ^CI28: UTF-8. ^PA: the printer's own Arabic and Hebrew layout, ignored by firmware that lacks it.
        width, height = self.dots(self.size.width_mm), self.dots(self.size.height_mm)
        head = f"^XA^CI28^PA0,1,1,1^PW{width}^LL{height}^LH0,0"
        return "\n".join([head, *commands, "^XZ"]) + "\n"

    def text(self, x_mm: float, top_mm: float, text: str, size_pt: float) -> str:
        return self._field(f"^FO{self.dots(x_mm)},{self.dots(top_mm)}", text, size_pt)

    def text_at_right(self, top_mm: float, text: str, size_pt: float) -> str:
        # A block of one line as wide as the label, its text set right: all firmware knows this way.
        origin = f"^FO{self.dots(INSET_MM)},{self.dots(top_mm)}"
        return self._field(f"{origin}^FB{self.dots(self.size.right_mm - INSET_MM)},1,0,R", text, size_pt)

    def _field(self, origin: str, text: str, size_pt: float) -> str:
        height = round(size_pt * self.dpi / _POINTS_PER_INCH)
        return f"{origin}^A0N,{height},{height}^FH^FD{field_data(text)}^FS"

    def name(self, text: str, top_mm: float, bottom_mm: float) -> list[str]:
        width, room = self.size.text_width_pt, _points(bottom_mm - top_mm)
        name = fitted(text, Face.NAME, width=width, height=room, largest=22, smallest=SMALLEST_NAME_PT)
        line_mm = name.leading * _MM_PER_INCH / _POINTS_PER_INCH
        return [self.text(INSET_MM, top_mm + i * line_mm, line, name.size) for i, line in enumerate(name.lines)]

    def code(self, code: str) -> list[str]:
        x, y = self.dots(self.size.bars_left_mm), self.dots(self.size.bars_top_mm)
        module, height = self.dots(self.size.module_mm), self.dots(self.size.bar_height_mm)
        # ">:" begins in set B for the letter, ">5" goes on in set C, two digits a symbol: 112 modules.
        bars = f"^FO{x},{y}^BY{module}^BCN,{height},N,N,N^FD>:{code[0]}>5{code[1:]}^FS"
        clear_top_mm = self.size.bars_top_mm + self.size.bar_height_mm + 0.8
        return [bars, self.text(self.size.bars_left_mm, clear_top_mm, spaced(code), 11)]


def _student_label(job: _Job, label: StudentLabel, rank: int, class_size: int) -> str:
    size = job.size
    division = ellipsized(label.division, Face.STRONG, 10, _points(size.width_mm * 0.4))
    marker = "> " if rank == 1 else ""
    moment = short_day(label.day) + (f" {clock(label.passes_at)}" if label.passes_at else "")
    return job.label(
        *job.name(label.name, 2.3, size.bars_top_mm - 5.5),
        job.text(INSET_MM, size.bars_top_mm - 4.8, marker + division, 11),
        job.text_at_right(size.bars_top_mm - 4.5, moment, 9),
        *job.code(label.code),
        job.text_at_right(size.code_baseline_mm - 2.5, f"{rank}/{class_size}", 8),
    )


def _device_label(job: _Job, label: DeviceLabel) -> str:
    size, width = job.size, job.size.text_width_pt
    serial = _("N° de série %(serial)s") % {"serial": label.serial_number} if label.serial_number else ""
    line = " · ".join(part for part in (label.model, serial) if part)
    return job.label(
        job.text(INSET_MM, 2.3, ellipsized(label.owner, Face.NAME, 12, width), 12),
        job.text(INSET_MM, size.bars_top_mm - 8.6, ellipsized(label.note, Face.TEXT, 8, width), 8),
        job.text(INSET_MM, size.bars_top_mm - 4.6, ellipsized(line, Face.STRONG, 9, width), 9),
        *job.code(label.code),
    )


def _points(mm: float) -> float:
    return mm * _POINTS_PER_INCH / _MM_PER_INCH


def _hexadecimal(character: str) -> str:
    return "".join(f"_{byte:02X}" for byte in character.encode("utf-8"))
