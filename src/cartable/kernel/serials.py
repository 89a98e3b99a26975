"""Serial numbers of makers, as scanned, typed or sent: one spelling to keep, and the traces of a spreadsheet."""

from __future__ import annotations

import re
import unicodedata

# The same form as the CHECK ``serial_number_is_normalised`` of the fleet.
_PLAUSIBLE = re.compile(r"[A-Z0-9][A-Z0-9/.-]{3,29}")
# 1,23E+11: Excel wrote a long number in scientific notation; the digits behind are gone.
_SCIENTIFIC = re.compile(r"[0-9][.,][0-9]+E[+-]?[0-9]+|[0-9]E[+-][0-9]+")
# 05/03/2026, 2026-03-05, 5-mars, MAR-05: Excel took a serial number for a date.
_MONTHS = (
    "JAN|FEB|FEV|MAR|APR|AVR|MAY|MAI|JUN|JUIN|JUL|JUIL|AUG|AOU|SEP|SEPT|OCT|NOV|DEC"
    "|JANV|FEVR|MARS|AVRIL|AOUT|JANUARY|MARCH|APRIL|JUNE|JULY"
)
_DATE = re.compile(
    rf"[0-9]{{1,2}}[/.-][0-9]{{1,2}}[/.-][0-9]{{2,4}}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}"
    rf"|[0-9]{{1,2}}-({_MONTHS})\.?(-[0-9]{{2,4}})?|({_MONTHS})\.?-[0-9]{{1,4}}"
)


def normalised_serial(text: str) -> str:
    """Return the text in upper case, full-width signs made plain, without any space; it may still be none."""
    if len(text) > 200:  # A pasted megabyte is not worth a Unicode walk.
        return text[:200]
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def is_plausible_serial(serial: str) -> bool:
    """Tell whether a normalised text can be a serial number: 4 to 30 letters, digits, / . -"""
    return _PLAUSIBLE.fullmatch(serial) is not None


def is_spoilt_by_spreadsheet(serial: str) -> bool:
    """Tell whether a normalised text is what a spreadsheet makes of a serial number: 1,23E+11 or a date."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", serial) if not unicodedata.combining(c))
    return _SCIENTIFIC.fullmatch(plain) is not None or _DATE.fullmatch(plain) is not None
