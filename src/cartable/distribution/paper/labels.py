"""Labels of students and PCs: sheets of stickers and thermal rolls, as PDF. ZPL is in `zpl`.

One layout for every size: the name as large as it fits, the class, then the bars 12 mm high with the code in
clear under them, and the passing time and day beside them (DESIGN 11).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial

from django.utils.translation import gettext as _

from cartable.distribution.paper.document import Document
from cartable.distribution.paper.faces import CAP_HEIGHT, Face, text_width
from cartable.distribution.paper.measures import ellipsized, fitted
from cartable.distribution.paper.pen import BAR_HEIGHT_MM, MODULE_MM, POINTS_PER_MM, QUIET_MODULES, Pen
from cartable.distribution.paper.sheets import PLAIN_A4, SheetSetup, draw_ruler_page
from cartable.distribution.paper.words import clock, short_day
from cartable.kernel.codes import DEVICE_LETTER, STUDENT_LETTER, InvalidLabelCode, parse_label_code, spaced

LABEL_CODE_MODULES = 112
SMALLEST_NAME_PT = 8.0
INSET_MM = 3.4
_TOP_MM = 2.3
_CLASS_ROW_MM = 6.0
_ROOM_FOR_TIME_MM = 9.5
_MM_PER_INCH = 25.4
# A label that only awaits its place and its size.
_Drawing = Callable[..., None]


class LabelTooSmall(ValueError):
    """The roll's labels have no room for the bars with their white margins."""

    code = "label_too_small"


class WrongCodeLetter(InvalidLabelCode):
    """A PC's code was given for a student, or the other way round."""

    code = "wrong_code_letter"


@dataclass(frozen=True, slots=True)
class StudentLabel:
    """What a student's label says; `code` as in "E0042118759".

    Raises InvalidLabelCode for a code with wrong check digits, WrongCodeLetter for one that is no student's.
    """

    code: str
    name: str
    division: str
    day: date
    passes_at: time | None = None

    def __post_init__(self) -> None:
        _check_letter(self.code, STUDENT_LETTER)


@dataclass(frozen=True, slots=True)
class DeviceLabel:
    """What an asset tag says; `code` as in "P0042118759". Refuses as StudentLabel does."""

    code: str
    owner: str
    model: str = ""
    serial_number: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        _check_letter(self.code, DEVICE_LETTER)


@dataclass(frozen=True, slots=True)
class LabelSize:
    """One label's size and narrow bar, in mm. Raises LabelTooSmall where the bars do not fit."""

    width_mm: float = 63.5
    height_mm: float = 38.1
    module_mm: float = MODULE_MM
    bar_height_mm: float = BAR_HEIGHT_MM

    def __post_init__(self) -> None:
        if self.width_mm < self.code_width_mm or self.height_mm < self.bar_height_mm + 19.0:
            raise LabelTooSmall(f"{self.width_mm} × {self.height_mm} mm: the bars need {self.code_width_mm:.1f} mm")

    @property
    def quiet_mm(self) -> float:
        """The white that the bars need on each side."""
        return QUIET_MODULES * self.module_mm

    @property
    def code_width_mm(self) -> float:
        """Width of the bars of a label code with the white on both sides."""
        return LABEL_CODE_MODULES * self.module_mm + 2 * self.quiet_mm

    @property
    def bars_left_mm(self) -> float:
        """Left edge of the first bar."""
        return max(INSET_MM, self.quiet_mm)

    @property
    def room_beside_bars_mm(self) -> float:
        """Width left on the right of the bars and their white."""
        return self.width_mm - INSET_MM - self.bars_left_mm - self.code_width_mm + self.quiet_mm

    @property
    def bars_top_mm(self) -> float:
        """Top edge of the bars: under them the code in clear and a margin that a crooked feed may eat."""
        return self.height_mm - 6.2 - self.bar_height_mm

    @property
    def code_baseline_mm(self) -> float:
        """Where the code in clear stands."""
        return self.height_mm - 2.7

    @property
    def right_mm(self) -> float:
        """Right edge of what is printed."""
        return self.width_mm - INSET_MM

    @property
    def text_width_pt(self) -> float:
        """Room for a line of text, in points."""
        return (self.width_mm - 2 * INSET_MM) * POINTS_PER_MM


def student_label_sheets(
    labels: Sequence[StudentLabel], *, printed_at: datetime, setup: SheetSetup = PLAIN_A4
) -> bytes:
    """Return the PDF of all labels by class; within a class the order given stays."""
    return _label_sheets(_("Étiquettes élèves"), _student_drawings(labels), printed_at, setup)


def device_label_sheets(labels: Sequence[DeviceLabel], *, printed_at: datetime, setup: SheetSetup = PLAIN_A4) -> bytes:
    """Return the PDF of asset tags in the order given."""
    return _label_sheets(_("Étiquettes PC"), _device_drawings(labels), printed_at, setup)


def student_label_roll(
    labels: Sequence[StudentLabel],
    *,
    printed_at: datetime,
    width_mm: float = 63.5,
    height_mm: float = 38.1,
    dpi: int = 203,
) -> bytes:
    """Return a PDF of one label per page, by class, for a thermal printer of `dpi`; raise LabelTooSmall."""
    size = LabelSize(width_mm, height_mm, whole_dots_module_mm(dpi))
    return _label_roll(_("Étiquettes élèves"), _student_drawings(labels), printed_at, size)


def device_label_roll(
    labels: Sequence[DeviceLabel],
    *,
    printed_at: datetime,
    width_mm: float = 63.5,
    height_mm: float = 38.1,
    dpi: int = 203,
) -> bytes:
    """Return a PDF of one asset tag per page for a thermal printer of `dpi`; raise LabelTooSmall."""
    size = LabelSize(width_mm, height_mm, whole_dots_module_mm(dpi))
    return _label_roll(_("Étiquettes PC"), _device_drawings(labels), printed_at, size)


def whole_dots_module_mm(dpi: int) -> float:
    """Return the narrow bar nearest to 0.33 mm that is a whole number of printer dots: 0.375 mm at 203 dpi.

    A thermal head cannot print part of a dot: bars of 2.6 dots would come out as 2 or 3 at random.
    """
    return max(1, round(MODULE_MM * dpi / _MM_PER_INCH)) * _MM_PER_INCH / dpi


def by_class(labels: Sequence[StudentLabel]) -> list[StudentLabel]:
    """Return the labels class by class, "2de 2" before "2de 10"; within a class the order given stays."""
    return sorted(labels, key=lambda label: _natural(label.division))


def ranked(labels: Sequence[StudentLabel]) -> list[tuple[StudentLabel, int, int]]:
    """Return each label by class with its rank in the class (from 1) and the class's number of labels."""
    class_sizes = Counter(label.division for label in labels)
    seen: Counter[str] = Counter()
    result = []
    for label in by_class(labels):
        seen[label.division] += 1
        result.append((label, seen[label.division], class_sizes[label.division]))
    return result


def draw_student_label(pen: Pen, label: StudentLabel, size: LabelSize, rank: int, class_size: int) -> None:
    """Draw one student's label; the first of a class carries the class marker."""
    has_room_beside = size.room_beside_bars_mm >= _ROOM_FOR_TIME_MM
    _draw_name(pen, label.name, size)
    _draw_class(pen, label, size, is_first=rank == 1, has_day=not has_room_beside)
    _draw_code(pen, label.code, size)
    if has_room_beside:
        _draw_day_beside_bars(pen, label, size)
    pen.text(size.right_mm, size.code_baseline_mm, f"{rank}/{class_size}", Face.TEXT, 8, "right")


def draw_device_label(pen: Pen, label: DeviceLabel, size: LabelSize) -> None:
    """Draw one asset tag: owner, note, model and serial number, bars, code."""
    width, baseline = size.text_width_pt, size.bars_top_mm - 2.0
    owner = fitted(label.owner, Face.NAME, width=width, height=16, largest=13, smallest=SMALLEST_NAME_PT, line_count=1)
    pen.fitted_text(INSET_MM, _TOP_MM, owner, Face.NAME)
    serial = _("N° de série %(serial)s") % {"serial": label.serial_number} if label.serial_number else ""
    line = " · ".join(part for part in (label.model, serial) if part)
    pen.text(INSET_MM, baseline, ellipsized(line, Face.STRONG, 8.5, width), Face.STRONG, 8.5)
    if label.note:
        top = _TOP_MM + owner.height / POINTS_PER_MM + 0.6
        space = (baseline - 2.6 - top) * POINTS_PER_MM
        note = fitted(label.note, Face.TEXT, width=width, height=space, largest=8.5, smallest=6.5)
        pen.fitted_text(INSET_MM, top, note, Face.TEXT)
    _draw_code(pen, label.code, size)


def _draw_name(pen: Pen, name: str, size: LabelSize) -> None:
    bottom = size.bars_top_mm - _CLASS_ROW_MM - 0.7
    space = (bottom - _TOP_MM) * POINTS_PER_MM
    text = fitted(name, Face.NAME, width=size.text_width_pt, height=space, largest=22, smallest=SMALLEST_NAME_PT)
    # A single line stands in the middle of its space; two lines fill it.
    pen.fitted_text(INSET_MM, _TOP_MM + (space - text.height) / 2 / POINTS_PER_MM, text, Face.NAME)


def _draw_class(pen: Pen, label: StudentLabel, size: LabelSize, *, is_first: bool, has_day: bool) -> None:
    top, height, left, right = size.bars_top_mm - _CLASS_ROW_MM, 4.9, INSET_MM, size.right_mm
    if has_day:
        moment = short_day(label.day) + (f" · {clock(label.passes_at)}" if label.passes_at is not None else "")
        pen.text(right, top + 3.5, moment, Face.STRONG, 8.5, "right")
        right -= text_width(moment, Face.STRONG, 8.5) / POINTS_PER_MM + 1.5
    if is_first:
        # Where a class begins in a pile of sheets: a pennant, black like the rest.
        pen.shape([(left, top), (left + 3.2, top + height / 2), (left, top + height)])
        left += 4.0
    room = (right - left - 4) * POINTS_PER_MM
    division = fitted(label.division, Face.STRONG, width=room, height=11, largest=11, smallest=6, line_count=1)
    text_mm = text_width(division.lines[0], Face.STRONG, division.size) / POINTS_PER_MM
    pen.box(left, top, text_mm + 4, height, thickness=0.3, radius=1.2)
    # The baseline that centres capitals, with or without accents.
    baseline = top + (height + division.size * CAP_HEIGHT / POINTS_PER_MM) / 2
    pen.text(left + 2, baseline, division.lines[0], Face.STRONG, division.size)


def _draw_day_beside_bars(pen: Pen, label: StudentLabel, size: LabelSize) -> None:
    width, top = size.room_beside_bars_mm * POINTS_PER_MM, size.bars_top_mm
    if label.passes_at is not None:
        passing = fitted(
            clock(label.passes_at), Face.NAME, width=width, height=20, largest=18, smallest=9, line_count=1
        )
        pen.fitted_text(size.right_mm, top, passing, Face.NAME, "right")
        top += passing.size * CAP_HEIGHT / POINTS_PER_MM + 1.6
    day = fitted(short_day(label.day), Face.STRONG, width=width, height=20, largest=8.5, smallest=6)
    pen.fitted_text(size.right_mm, top, day, Face.STRONG, "right")


def _draw_code(pen: Pen, code: str, size: LabelSize) -> None:
    pen.code128(size.bars_left_mm, size.bars_top_mm, code, module=size.module_mm, height=size.bar_height_mm)
    pen.text(size.bars_left_mm, size.code_baseline_mm, spaced(code), Face.CODE, 11)


def _student_drawings(labels: Sequence[StudentLabel]) -> list[_Drawing]:
    return [
        partial(draw_student_label, label=label, rank=rank, class_size=class_size)
        for label, rank, class_size in ranked(labels)
    ]


def _device_drawings(labels: Sequence[DeviceLabel]) -> list[_Drawing]:
    return [partial(draw_device_label, label=label) for label in labels]


def _label_sheets(title: str, drawings: Sequence[_Drawing], printed_at: datetime, setup: SheetSetup) -> bytes:
    document = Document(title, printed_at)
    if setup.has_ruler_page:
        draw_ruler_page(document.page(), setup)
    size = LabelSize(setup.sheet.label_width_mm, setup.sheet.label_height_mm)
    for drawing, (is_new_page, x, y) in zip(drawings, setup.places(len(drawings)), strict=True):
        if is_new_page:
            page = document.page()
        drawing(page.at(x, y), size=size)
    return document.finished()


def _label_roll(title: str, drawings: Sequence[_Drawing], printed_at: datetime, size: LabelSize) -> bytes:
    document = Document(title, printed_at, (size.width_mm, size.height_mm))
    for drawing in drawings:
        drawing(document.page(), size=size)
    return document.finished()


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Return a sorting key in which numbers count as numbers."""
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.findall(r"\d+|\D+", text.casefold())
    ]


def _check_letter(code: str, letter: str) -> None:
    if parse_label_code(code).letter != letter:
        raise WrongCodeLetter(f"a code that begins with {letter} is expected")
