"""How tests read paper: pages rasterised as a printer would, codes read by a real decoder, text taken out again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

import pypdfium2
import zxingcpp

from cartable.distribution.paper.labels import DeviceLabel, StudentLabel
from cartable.kernel.codes import DEVICE_LETTER, STUDENT_LETTER, label_code

PRINTED_AT = datetime(2026, 9, 13, 16, 5, tzinfo=timezone(timedelta(hours=2)))
DAY = date(2026, 9, 15)
NAMES = ("Léa Marchand", "Chloé Lefèvre", "Anne-Cécile Œhmichen", "Ÿves N’Guessan", "Li")
HARD_NAMES = (
    "Maximilien-Ferdinand-Alexandre-Théophile de Castelbajac-Montesquiou-Fezensac d’Artagnan",
    "W" * 60,
    "Gwenaëlle Schœnauer-Hartenstein",
    "محمد الأمين بن عبد الله",
    "Олександр Шевченко",
    "שלום כהן",
    "Nguyễn Thị Minh Ánh",
    "<script>alert('x')</script>",
    "a\nb\tc\x00d\u202ee",
    "",
)


@dataclass(frozen=True)
class ReadCode:
    """A code as a decoder found it: its text, its symbology, its top left corner in mm."""

    text: str
    symbology: str
    x_mm: float
    y_mm: float


def codes_by_page(pdf: bytes, dpi: int = 300) -> list[list[ReadCode]]:
    """Rasterise each page and decode every code on it."""
    pages = []
    for page in pypdfium2.PdfDocument(pdf):
        image = page.render(scale=dpi / 72, grayscale=True).to_pil()
        pages.append([_read(code, 25.4 / dpi) for code in zxingcpp.read_barcodes(image)])
    return pages


def codes(pdf: bytes, dpi: int = 300) -> list[str]:
    """Return every text decoded from the whole document."""
    return [code.text for page in codes_by_page(pdf, dpi) for code in page]


def texts(pdf: bytes) -> list[str]:
    """Return the text of each page as a reader would copy it, its lines joined by spaces."""
    return [" ".join(page.get_textpage().get_text_bounded().split()) for page in pypdfium2.PdfDocument(pdf)]


def student_labels(count: int, names: tuple[str, ...] = NAMES, division: str = "2de 7") -> list[StudentLabel]:
    """Make labels of invented students, one class."""
    return [StudentLabel(student_code(i), names[i % len(names)], division, DAY, time(10, 20)) for i in range(count)]


def device_labels(count: int) -> list[DeviceLabel]:
    """Make asset tags."""
    return [
        DeviceLabel(device_code(i), "Région Grand Est", "HP 240 G7", f"5CG{i:07d}", "Trouvé ? Rapportez-le au lycée.")
        for i in range(count)
    ]


def student_code(i: int) -> str:
    """Return the code of the i-th invented student."""
    return label_code(STUDENT_LETTER, 48201573 + i * 977)


def device_code(i: int) -> str:
    """Return the code of the i-th invented PC."""
    return label_code(DEVICE_LETTER, 421187 + i)


def _read(code: zxingcpp.Barcode, mm: float) -> ReadCode:
    corner = code.position.top_left
    return ReadCode(code.text, str(code.symbology).split(".")[-1], corner.x * mm, corner.y * mm)
