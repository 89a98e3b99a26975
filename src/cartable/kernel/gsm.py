"""Texts of SMS: the alphabet of GSM 03.38, what is written in it instead, and how many messages a text costs."""

from __future__ import annotations

import unicodedata

# GSM 03.38, table 1; the escape character is not written. Characters of the extension cost two places.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("^{}\\[~]|€\f")
_WRITTEN_AS = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "…": "...", "–": "-", "—": "-", "−": "-", "œ": "oe",
     "Œ": "OE", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2011": "-", "•": "-", "ç": "c", "ł": "l", "Ł": "L"}
)  # fmt: skip


def as_gsm(text: str) -> str:
    """Return the text in the GSM alphabet where that keeps it readable: ’ as ', ê as e. Other scripts stay as they are."""
    text = unicodedata.normalize("NFC", text).translate(_WRITTEN_AS)
    return "".join(_nearest(character) for character in text)


def _nearest(character: str) -> str:
    if character in _BASIC or character in _EXTENSION:
        return character
    base = unicodedata.normalize("NFKD", character)[0]
    return base if base in _BASIC else character


def is_gsm(text: str) -> bool:
    """Say whether every character is of the GSM alphabet: one that is not makes the whole text Unicode."""
    return all(character in _BASIC or character in _EXTENSION for character in text)


def length(text: str) -> int:
    """Return how many places a text takes: of 160 in the GSM alphabet, of 70 in Unicode."""
    if is_gsm(text):
        return sum(2 if character in _EXTENSION else 1 for character in text)
    return len(text.encode("utf-16-be")) // 2


def segments(text: str) -> int:
    """Return how many messages a text is sent and paid as."""
    whole, part = (160, 153) if is_gsm(text) else (70, 67)  # A part of a longer text carries a head of its own.
    places = length(text)
    return 1 if places <= whole else -(-places // part)
