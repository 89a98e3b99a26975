"""The INE, national number of a student: four kinds in use, two with a known key, kept only as a fingerprint.

No official publication of the RNIE key was found: it was derived from public files and holds on all of them but
one. A wrong key therefore warns and never refuses a student.
"""

from __future__ import annotations

import hmac
import re
from typing import Literal

IneKind = Literal["rnie", "bea", "apprentice", "higher"]

_BEA_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_RNIE_DIGITS = "ABCDEFGHJK"

_RNIE = re.compile(r"[0-9]{9}[A-Z]{2}")
_BEA = re.compile(r"[0-9]{10}[A-Z]")
# First match wins: the base-36 form of higher education would swallow all the others.
_KINDS: tuple[tuple[IneKind, re.Pattern[str]], ...] = (
    ("rnie", _RNIE),
    ("bea", _BEA),
    ("apprentice", re.compile(r"[0-9]{4}A[0-9]{5}[A-Z]")),
    ("higher", re.compile(r"[0-9A-Z]{11}")),
)


def normalised_ine(text: str) -> str:
    """Return the text in upper case without the spaces, underscores and hyphens that school software pads with."""
    return text.upper() if text.isalnum() else re.sub(r"[\s_-]+", "", text).upper()


def ine_kind(text: str) -> IneKind | None:
    """Return the kind of INE that the normalised text looks like, None for no INE at all."""
    ine = normalised_ine(text)
    return next((kind for kind, pattern in _KINDS if pattern.fullmatch(ine)), None)


def has_valid_key(text: str) -> bool | None:
    """Tell whether the key is right; None where the rule of the key is unknown (apprentice, higher, no INE)."""
    ine = normalised_ine(text)
    if _RNIE.fullmatch(ine):
        return ine[9:] == rnie_key(int(ine[:9]))
    if _BEA.fullmatch(ine):
        return ine[10] == bea_key(int(ine[:10]))
    return None


def rnie_key(number: int) -> str:
    """Return the two letters of a RNIE number: 97 − (number mod 97), 01 to 97, digits 0–9 written A–K without I."""
    tens, units = divmod(97 - number % 97, 10)
    return _RNIE_DIGITS[tens] + _RNIE_DIGITS[units]


def bea_key(number: int) -> str:
    """Return the letter of a BEA number: its remainder modulo 23 in the alphabet without I, O and Q."""
    return _BEA_LETTERS[number % len(_BEA_LETTERS)]


def ine_fingerprint(ine: str, *, key: bytes) -> bytes:
    """Return the keyed hash of an INE (HMAC-SHA256, 32 bytes), the only form in which one is kept.

    Spellings of one INE that differ in case, spaces or underscores give one fingerprint. An empty INE or an empty
    key raises ValueError: all students without INE must not share a fingerprint.
    """
    normal = normalised_ine(ine)
    if not normal or not key:
        raise ValueError("a fingerprint needs an INE and a key")
    return hmac.digest(key, normal.encode("utf-8"), "sha256")
