"""Labels: every code on paper is read back from the rasterised page, and nothing leaves its label."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import time

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from cartable.distribution.paper.labels import (
    LABEL_CODE_MODULES,
    DeviceLabel,
    LabelTooSmall,
    StudentLabel,
    WrongCodeLetter,
    device_label_roll,
    device_label_sheets,
    ranked,
    student_label_roll,
    student_label_sheets,
    whole_dots_module_mm,
)
from cartable.distribution.paper.pen import MODULE_MM, code128_width
from cartable.distribution.paper.sheets import (
    A4_3X7,
    A4_3X8,
    LabelSheet,
    PrinterOffset,
    SheetSetup,
    StartPositionOutOfRange,
)
from cartable.distribution.tests.paper_reading import (
    DAY,
    HARD_NAMES,
    NAMES,
    PRINTED_AT,
    codes,
    codes_by_page,
    device_code,
    device_labels,
    student_code,
    student_labels,
    texts,
)
from cartable.kernel.codes import InvalidLabelCode

SHEETS = pytest.mark.parametrize("sheet", [A4_3X7, A4_3X8], ids=lambda sheet: sheet.key)


@SHEETS
def test_every_student_code_decodes_from_the_page(sheet: LabelSheet) -> None:
    labels = student_labels(2 * sheet.label_count + 5)
    pdf = student_label_sheets(labels, printed_at=PRINTED_AT, setup=SheetSetup(sheet))
    assert sorted(codes(pdf)) == sorted(label.code for label in labels)


@SHEETS
def test_every_device_code_decodes_from_the_page(sheet: LabelSheet) -> None:
    labels = device_labels(sheet.label_count + 1)
    pdf = device_label_sheets(labels, printed_at=PRINTED_AT, setup=SheetSetup(sheet))
    assert sorted(codes(pdf)) == sorted(label.code for label in labels)


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize(("width", "height"), [(63.5, 38.1), (57.0, 32.0)])
def test_a_roll_has_one_label_a_page_that_decodes_as_printed(dpi: int, width: float, height: float) -> None:
    labels = student_labels(4)
    pdf = student_label_roll(labels, printed_at=PRINTED_AT, width_mm=width, height_mm=height, dpi=dpi)
    assert [[code.text for code in page] for page in codes_by_page(pdf, dpi)] == [[label.code] for label in labels]


def test_a_device_roll_decodes_at_the_printer_resolution() -> None:
    labels = device_labels(3)
    pdf = device_label_roll(labels, printed_at=PRINTED_AT, dpi=203)
    assert codes(pdf, 203) == [label.code for label in labels]


def test_bars_are_vectors_of_a_third_of_a_millimetre_twelve_high() -> None:
    page = pypdfium2.PdfDocument(student_label_sheets(student_labels(1), printed_at=PRINTED_AT))[0]
    assert not list(page.get_objects([pdfium.FPDF_PAGEOBJ_IMAGE]))
    boxes = [shape.get_bounds() for shape in page.get_objects([pdfium.FPDF_PAGEOBJ_PATH])]
    sizes = [((right - left) * 25.4 / 72, (top - bottom) * 25.4 / 72) for left, bottom, right, top in boxes]
    widths = [width for width, height in sizes if height == pytest.approx(12, abs=0.05)]
    # Start, nine symbols and stop: 3 bars each, the stop has 4.
    assert len(widths) == 3 * 9 + 4
    assert min(widths) == pytest.approx(MODULE_MM, abs=0.01)
    assert code128_width(student_code(0), 1) == LABEL_CODE_MODULES


def test_a_thermal_bar_is_a_whole_number_of_dots() -> None:
    for dpi, dots in ((203, 3), (300, 4), (600, 8)):
        assert whole_dots_module_mm(dpi) * dpi / 25.4 == pytest.approx(dots)


@SHEETS
def test_start_position_leaves_the_used_labels_empty(sheet: LabelSheet) -> None:
    labels = student_labels(sheet.label_count)
    pages = codes_by_page(
        student_label_sheets(labels, printed_at=PRINTED_AT, setup=SheetSetup(sheet, start_position=5))
    )
    assert [len(page) for page in pages] == [sheet.label_count - 4, 4]
    first = next(code for code in pages[0] if code.text == labels[0].code)
    x, y = sheet.corner(4)
    assert x < first.x_mm < x + 8
    assert y < first.y_mm < y + sheet.label_height_mm


@pytest.mark.parametrize("position", [0, -1, 22])
def test_a_start_position_off_the_sheet_is_refused(position: int) -> None:
    with pytest.raises(StartPositionOutOfRange):
        SheetSetup(A4_3X7, start_position=position)


def test_the_printer_offset_moves_every_code_by_as_much() -> None:
    labels = student_labels(21)

    def positions(offset: PrinterOffset) -> dict[str, tuple[float, float]]:
        pdf = student_label_sheets(labels, printed_at=PRINTED_AT, setup=SheetSetup(offset=offset))
        return {code.text: (code.x_mm, code.y_mm) for code in codes_by_page(pdf)[0]}

    plain, moved = positions(PrinterOffset()), positions(PrinterOffset(2.0, -1.5))
    for code, (x, y) in plain.items():
        assert moved[code] == (pytest.approx(x + 2.0, abs=0.2), pytest.approx(y - 1.5, abs=0.2))


def test_the_ruler_page_comes_first_and_bears_no_code() -> None:
    setup = SheetSetup(offset=PrinterOffset(1.5, -2), has_ruler_page=True)
    pdf = student_label_sheets(student_labels(2), printed_at=PRINTED_AT, setup=setup)
    assert [len(page) for page in codes_by_page(pdf)] == [0, 2]
    ruler = texts(pdf)[0]
    assert "100 mm" in ruler
    assert re.search(r"x \+1[.,]5", ruler)


def test_labels_come_by_class_with_numbers_read_as_numbers() -> None:
    labels = [
        StudentLabel(student_code(i), f"Élève {i}", division, DAY)
        for i, division in enumerate(["2de 10", "2de 2", "2de 10", "1ère STMG", "2de 2"])
    ]
    assert [(label.division, label.name, rank, size) for label, rank, size in ranked(labels)] == [
        ("1ère STMG", "Élève 3", 1, 1),
        ("2de 2", "Élève 1", 1, 2),
        ("2de 2", "Élève 4", 2, 2),
        ("2de 10", "Élève 0", 1, 2),
        ("2de 10", "Élève 2", 2, 2),
    ]


def test_the_first_label_of_a_class_bears_the_class_marker() -> None:
    def shape_count(label_count: int) -> int:
        pdf = student_label_sheets(student_labels(label_count), printed_at=PRINTED_AT)
        return len(list(pypdfium2.PdfDocument(pdf)[0].get_objects([pdfium.FPDF_PAGEOBJ_PATH])))

    of_one, of_two = shape_count(1), shape_count(2)
    # The second label has the same bars and box; only the pennant is missing.
    assert of_two == 2 * of_one - 1


@SHEETS
@pytest.mark.parametrize("name", HARD_NAMES, ids=ascii)
def test_no_name_leaves_its_label_or_touches_the_bars(sheet: LabelSheet, name: str) -> None:
    labels = [StudentLabel(student_code(0), name, name or "2de 7", DAY, time(10, 20))]
    pdf = student_label_sheets(labels, printed_at=PRINTED_AT, setup=SheetSetup(sheet, start_position=5))
    assert codes(pdf) == [labels[0].code]
    x, y = sheet.corner(4)
    bars_top = y + sheet.label_height_mm - 18.2
    page = pypdfium2.PdfDocument(pdf)[0]
    text_page = page.get_textpage()
    for i in range(text_page.count_chars()):
        left, bottom, right, top = (points * 25.4 / 72 for points in text_page.get_charbox(i))
        upper, lower = 297 - top, 297 - bottom
        assert x + 3 <= left
        assert right <= x + sheet.label_width_mm - 3
        assert y + 1.5 <= upper
        assert lower <= y + sheet.label_height_mm - 1.5
        is_beside_the_bars = left > x + 3.4 + 36.96 + 3.3
        assert is_beside_the_bars or lower <= bars_top or upper >= bars_top + 12


def test_a_short_name_is_set_larger_than_a_long_one() -> None:
    def largest_letter(name: str) -> float:
        pdf = student_label_sheets([StudentLabel(student_code(0), name, "7", DAY)], printed_at=PRINTED_AT)
        text_page = pypdfium2.PdfDocument(pdf)[0].get_textpage()
        boxes = [text_page.get_charbox(i) for i in range(text_page.count_chars())]
        return max(top - bottom for _left, bottom, _right, top in boxes)

    assert largest_letter("Li") > largest_letter("Baptiste-Emmanuel Thiébaut-Lefrançois") > 5


def test_œ_and_accents_survive_and_markup_stays_text() -> None:
    names = ("Anne-Cécile Œhmichen", "Cœur Ÿsaÿe", "<b>Bobby</b>&amp;")
    [page] = texts(student_label_sheets(student_labels(3, names), printed_at=PRINTED_AT))
    for name in ("Œhmichen", "Cœur Ÿsaÿe", "<b>Bobby</b>&amp;"):
        assert name in page


def test_the_label_says_class_day_time_and_code_in_clear() -> None:
    [page] = texts(student_label_sheets(student_labels(1), printed_at=PRINTED_AT))
    for words in ("Léa Marchand", "2de 7", "15", "10:20", "E 4820 1573 69", "1/1"):
        assert words in page


def test_the_same_labels_give_the_same_bytes() -> None:
    first, again = (student_label_sheets(student_labels(3), printed_at=PRINTED_AT) for _ in range(2))
    assert first == again


def test_threads_that_print_at_once_do_not_mix_their_letters() -> None:
    batches = [student_labels(40, NAMES[i:] + NAMES[:i]) for i in range(4)]

    def pdf_of(labels: list[StudentLabel]) -> bytes:
        return student_label_sheets(labels, printed_at=PRINTED_AT)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(pdf_of, batches)) == [pdf_of(labels) for labels in batches]


def test_the_viewer_is_asked_not_to_shrink_the_page() -> None:
    assert b"/PrintScaling /None" in student_label_sheets(student_labels(1), printed_at=PRINTED_AT)


def test_a_code_with_a_wrong_digit_or_letter_never_reaches_paper() -> None:
    with pytest.raises(InvalidLabelCode):
        StudentLabel("E4820157368", "Léa", "2de 7", DAY)
    with pytest.raises(WrongCodeLetter):
        StudentLabel(device_code(0), "Léa", "2de 7", DAY)
    with pytest.raises(WrongCodeLetter):
        DeviceLabel(student_code(0), "Région Grand Est")


def test_a_roll_too_narrow_for_the_bars_is_refused() -> None:
    with pytest.raises(LabelTooSmall):
        student_label_roll(student_labels(1), printed_at=PRINTED_AT, width_mm=45, height_mm=38)
    with pytest.raises(LabelTooSmall):
        device_label_roll(device_labels(1), printed_at=PRINTED_AT, width_mm=63.5, height_mm=25)
