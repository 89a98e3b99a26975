"""A PDF in the making: its pages, its title, its language, its date. The same input gives the same bytes."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

from django.utils.translation import get_language
from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from cartable.distribution.paper.pen import POINTS_PER_MM, Pen

A4_MM = (210.0, 297.0)
# The ASCII armour of ReportLab's default makes files a quarter larger and nothing better.
rl_config.useA85 = 0


class Document:
    """A PDF of pages of one size.

    `printed_at` becomes the file's date; ReportLab's own clock and random file id are off, so that a file
    sealed by its hash can be made again.
    """

    def __init__(self, title: str, printed_at: datetime, size_mm: tuple[float, float] = A4_MM) -> None:
        self._width_mm, self._height_mm = size_mm
        self._buffer = BytesIO()
        self._page_count = 0
        self._canvas = Canvas(
            self._buffer,
            pagesize=(self._width_mm * POINTS_PER_MM, self._height_mm * POINTS_PER_MM),
            pageCompression=1,
            invariant=1,
            lang=get_language() or "fr",
        )
        self._canvas.setTitle(title)
        self._canvas.setCreator("Cartable")
        self._canvas.setDateFormatter(lambda *_: _pdf_date(printed_at))
        # Labels that miss the sheet are the commonest complaint: viewers shall not offer to shrink the page.
        self._canvas.setViewerPreference("PrintScaling", "None")
        self._canvas.setViewerPreference("DisplayDocTitle", "true")

    def page(self) -> Pen:
        """Begin a page and return the pen at its top left corner."""
        if self._page_count:
            self._canvas.showPage()
        self._page_count += 1
        return Pen(self._canvas, self._height_mm)

    def finished(self) -> bytes:
        """Return the bytes of the PDF; an empty document gets one empty page, since a PDF needs one."""
        if not self._page_count:
            self._canvas.showPage()
        self._canvas.save()
        return self._buffer.getvalue()


def _pdf_date(moment: datetime) -> str:
    # ISO 32000-1, 7.9.4: an offset left out means a local time.
    offset = f"{moment:%z}"
    return f"D:{moment:%Y%m%d%H%M%S}" + (f"{offset[:3]}'{offset[3:5]}'" if offset else "")
