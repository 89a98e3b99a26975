"""How fast labels are set: the whole sheet, beside the bare bars of the same codes drawn by the same library.

The bars are what no layout can do without; the rest (names as large as they fit, class, day, fonts embedded) is
ours. Aim: 1,200 labels in three seconds on one core.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from datetime import time as clock_time
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from cartable.distribution.paper.labels import StudentLabel, student_label_sheets
from cartable.distribution.paper.pen import Pen
from cartable.distribution.paper.sheets import SheetSetup
from cartable.kernel.codes import STUDENT_LETTER, label_code

_ROUNDS = 5
_SHEETS = 60
_PRINTED_AT = datetime(2026, 9, 13, 16, 5, tzinfo=UTC)
_GIVEN = ("Léa", "Lucas", "Zoé", "Chloé", "Baptiste", "Anne-Cécile", "Ÿves", "Maximilien-Alexandre")
_FAMILY = ("Marchand", "Diallo", "Œhmichen", "Lefèvre", "Thiébaut", "N’Guessan", "de La Rochefoucauld-Montbel")


def run(size: int = 1200) -> dict[str, object]:
    """Measure `size` labels and the bare bars (median of 5), then one sheet of 21 (p95 and p99 of 60).

    Labels per second count processor time, since one core is the aim; a sheet counts what a person waits.
    """
    labels = _labels(size)
    ours, bare = [], []
    # Alternated, so that a machine that slows down slows both.
    for _ in range(_ROUNDS):
        ours.append(_seconds(lambda: student_label_sheets(labels, printed_at=_PRINTED_AT), time.process_time))
        bare.append(_seconds(lambda: _bare_bars([label.code for label in labels]), time.process_time))
    one_sheet = labels[:21]
    sheets = [
        _seconds(lambda: student_label_sheets(one_sheet, printed_at=_PRINTED_AT), time.perf_counter)
        for _ in range(_SHEETS)
    ]
    cuts = statistics.quantiles(sheets, n=100)
    figure, limit = size / statistics.median(ours), size / statistics.median(bare)
    return {
        "name": "labels",
        "size": size,
        "figure": round(figure),
        "unit": "labels/s",
        "limit": round(limit),
        "ratio": round(figure / limit, 3),
        "p95_ms": round(cuts[94] * 1000, 1),
        "p99_ms": round(cuts[98] * 1000, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "seconds": round(statistics.median(ours), 3),
    }


def _labels(count: int) -> list[StudentLabel]:
    return [
        StudentLabel(
            code=label_code(STUDENT_LETTER, 48_200_000 + 37 * i),
            name=f"{_GIVEN[i % len(_GIVEN)]} {_FAMILY[i // 8 % len(_FAMILY)]}",
            division=f"2de {i // 34 + 1}",
            day=date(2026, 9, 15),
            passes_at=clock_time(8 + i // 240 % 10, i // 4 % 60),
        )
        for i in range(count)
    ]


def _bare_bars(codes: list[str]) -> bytes:
    """Draw the bars of the codes where the labels have them, with no text: the limit."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pageCompression=1, invariant=1)
    pen = Pen(canvas, 297.0)
    for code, (is_new_page, x, y) in zip(codes, SheetSetup().places(len(codes)), strict=True):
        if is_new_page and code is not codes[0]:
            canvas.showPage()
        pen.code128(x, y, code)
    canvas.save()
    return buffer.getvalue()


def _seconds(act: Callable[[], object], clock: Callable[[], float]) -> float:
    start = clock()
    act()
    return clock() - start
