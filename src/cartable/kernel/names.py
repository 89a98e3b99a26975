"""Names of people as text: a clean form to keep and print, a folded form to compare and search."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Letters that Unicode does not decompose into a base letter and an accent.
_UNDECOMPOSED = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d",
     "Ð": "D", "þ": "th", "Þ": "TH", "ı": "i", "ħ": "h", "Ħ": "H"}
)  # fmt: skip
# Bidi controls would let a name reorder the text around it; the others are invisible leftovers of copy and paste.
_INVISIBLE = dict.fromkeys(
    [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x00AD, 0x200B, 0x2060, 0xFEFF]
)
# Surrogates, private use, unassigned, controls; pictures, mathematical signs, and the modifiers that colour emoji.
_PUNCTUATION = re.compile(r"[\W_]+")
# Nearly all names pass this one test; the others are looked at character by character.
_PLAIN = re.compile(r"[^\W_]*(?:[ '’-][^\W_]*)*")
_UNFIT_CATEGORIES = frozenset({"Cs", "Co", "Cn", "Cc", "So", "Sm"})


def cleaned(text: str) -> str:
    """Return the text composed (NFC), without bidi controls, its white space folded to single spaces."""
    if text.isascii():
        return " ".join(text.split())
    return " ".join(unicodedata.normalize("NFC", text).translate(_INVISIBLE).split())


@lru_cache(maxsize=16_384)
def folded(text: str) -> str:
    """Return the form in which names are compared: upper case, no accent, punctuation read as a space, œ as OE.

    "Jean-Loup d'Œuvres" and "JEAN LOUP D OEUVRES" fold alike. Letters of other scripts are kept. Remembered: a region has
    far fewer names than students.
    """
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.translate(_INVISIBLE).translate(_UNDECOMPOSED))
        text = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _PUNCTUATION.sub(" ", text.upper()).strip()


def unfit_character(text: str) -> str | None:
    """Return the first character that no name can hold (emoji, lone surrogate, control), None when there is none.

    White space is left to `cleaned`, which folds it.
    """
    if _PLAIN.fullmatch(text):
        return None
    return next((c for c in text if not c.isspace() and _is_unfit(c)), None)


def _is_unfit(character: str) -> bool:
    # U+FE0F asks for the picture form of the character before it: only emoji use it. U+FFFD: the text was broken
    # before it came here.
    return unicodedata.category(character) in _UNFIT_CATEGORIES or character in "\ufe0f\u20e3"
