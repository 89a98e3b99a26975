"""The typefaces of paper: which font draws which character, and how wide a text becomes.

Names come from anywhere: what Atkinson Hyperlegible lacks (Cyrillic, Greek, Arabic, Hebrew, Vietnamese) is
drawn with DejaVu Sans, and what that lacks too as an empty box, so that nothing vanishes in silence.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from functools import cache
from pathlib import Path
from threading import Lock

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from cartable.distribution.paper.scripts import in_visual_order

FONT_DIRECTORY = Path(__file__).parent / "fonts"
MISSING = "\N{WHITE SQUARE}"
_REGISTRATION = Lock()

# Heights as shares of the type size, read in the font files: one family, hence the same in every weight.
CAP_HEIGHT = 0.668
_ACCENTED_CAP_HEIGHT = 0.89
DESCENT = 0.22


class Face(Enum):
    """A font of paper; the value is its name in the PDF and its file without the ending."""

    TEXT = "AtkinsonHyperlegibleNext-Regular"
    STRONG = "AtkinsonHyperlegibleNext-Bold"
    NAME = "AtkinsonHyperlegibleNext-ExtraBold"
    CODE = "AtkinsonHyperlegibleMono-SemiBold"
    FALLBACK = "DejaVuSansCondensed-Bold-names"


def one_line(text: str) -> str:
    """Return the text as one printable line: no line break, control, bidi control or lone surrogate."""
    if text.isascii() and text.isprintable():
        return text
    shown = text if text.isprintable() else "".join(map(_printable, text))
    composed = unicodedata.normalize("NFC", shown)
    return re.sub(" {2,}", " ", composed).strip(" ")


def typeset(text: str, face: Face) -> tuple[str, str]:
    """Return the font that draws the text, and its characters from the left of the paper to the right.

    A line is drawn in one font: a single foreign letter in the middle of a name would stand out like a fault.
    """
    line = one_line(text)
    if _characters(face).issuperset(line):
        return face.value, line
    known = _characters(Face.FALLBACK)
    return Face.FALLBACK.value, "".join(c if c in known else MISSING for c in in_visual_order(line))


def letter_height(text: str, face: Face) -> float:
    """Return how far the text's letters rise above the baseline, as a share of the type size."""
    line = one_line(text)
    if line.isascii():
        return CAP_HEIGHT
    if not _characters(face).issuperset(line):
        # The fallback: a Vietnamese capital bears two accents, an alef its hamza.
        return 1.06
    has_accented_capital = any(c.isupper() and unicodedata.decomposition(c) for c in line)
    return _ACCENTED_CAP_HEIGHT if has_accented_capital else CAP_HEIGHT


def text_width(text: str, face: Face, size: float) -> float:
    """Return the width of the text in points at this type size."""
    font, line = typeset(text, face)
    return float(pdfmetrics.stringWidth(line, font, size))


def _printable(character: str) -> str:
    match unicodedata.category(character):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cf":
            return ""
        case "Cs" | "Co" | "Cn":
            return MISSING
    return character


@cache
def _characters(face: Face) -> frozenset[str]:
    # Registered once only: a font replaced while another thread draws would split that document's subset in two.
    with _REGISTRATION:
        if face.value not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(face.value, str(FONT_DIRECTORY / f"{face.value}.ttf")))
    return frozenset(map(chr, pdfmetrics.getFont(face.value).face.charToGlyph))
