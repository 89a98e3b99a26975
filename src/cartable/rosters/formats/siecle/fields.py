"""Single values of a SIECLE file: texts of a record, names, dates, phones, mails."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache

from lxml import etree

from cartable.kernel.majority import PARIS
from cartable.kernel.names import cleaned, unfit_character

# IMPORT_ELEVES' schema allows 100 characters to a name, 254 to a mail, 8 to a class (some software goes further).
LONGEST_NAME = 100
LONGEST_MAIL = 254
LONGEST_CODE = 24
# As long as the table that keeps them (rosters.models): longer is a fault of the file, found here and not by PostgreSQL.
LONGEST_KEY = 20
LONGEST_DIVISION = 20
LONGEST_MEF = 11
LONGEST_SHORT_CODE = 4
LONGEST_LINK_CODE = 2

_DAY_MONTH_YEAR = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TWO_DIGIT_YEAR = re.compile(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}")
_TIMESTAMP = re.compile(r"(\S+) ([0-9]{2}):([0-9]{2}):([0-9]{2})")
# 1 January 1970 to 31 December 2069 as Excel counts days.
_EXCEL_DAYS = range(25_569, 62_093)
_OPEN_END = date(9999, 12, 31)
_FRENCH_PHONE = re.compile(r"0[1-9][0-9]{8}")
_PHONE = re.compile(r"\+[1-9][0-9]{7,14}")
_PHONE_SPACING = re.compile(r"[\s.\-/()]")
_MAIL = re.compile(r"[^\s@,;:<>()\[\]\"\\]+@[^\s@,;:<>()\[\]\"\\]+\.[^\s@,;:<>()\[\]\"\\.]{2,}")


class UnreadableDate(ValueError):
    """A date that is not dd/mm/yyyy; `code` says what it looks like instead."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def texts_of(record: etree._Element, wanted: frozenset[str]) -> dict[str, str]:
    """Return the non-empty texts of the wanted children by tag, prefixes ignored; nothing else is ever read."""
    found: dict[str, str] = {}
    for child in record:
        tag = child.tag
        if tag not in wanted and (tag[0] != "{" or (tag := tag.rpartition("}")[2]) not in wanted):
            continue
        text = child.text
        if text is not None and (text := text.strip()):
            found[tag] = text
    return found


@lru_cache(maxsize=16_384)
def read_date(text: str) -> date | None:
    """Return the date of dd/mm/yyyy (or an unmistakable yyyy-mm-dd), None for SIECLE's open end 31/12/9999.

    Raises UnreadableDate with a code for what it looks like: date_swapped, date_two_digit_year, date_excel_serial,
    date_impossible, date_unreadable. Nothing is guessed: a date read wrongly makes an adult of a child.
    """
    if (match := _DAY_MONTH_YEAR.fullmatch(text)) is not None:
        day, month, year = (int(part) for part in match.groups())
    elif (match := _ISO.fullmatch(text)) is not None:
        year, month, day = (int(part) for part in match.groups())
    else:
        raise UnreadableDate(_looks_like(text))
    try:
        read = date(year, month, day)
    except ValueError:
        raise UnreadableDate("date_swapped" if month > 12 and 1 <= day <= 12 else "date_impossible") from None
    return None if read == _OPEN_END else read


def _looks_like(text: str) -> str:
    if _TWO_DIGIT_YEAR.fullmatch(text):
        return "date_two_digit_year"
    if text.isascii() and text.isdecimal() and len(text) == 5 and int(text) in _EXCEL_DAYS:
        return "date_excel_serial"
    return "date_unreadable"


def read_timestamp(text: str) -> datetime | None:
    """Return HORODATAGE (dd/mm/yyyy hh:mm:ss) or DATE_EXPORT (dd/mm/yyyy) in Paris time, None if it is neither."""
    match = _TIMESTAMP.fullmatch(text)
    try:
        day = read_date(match[1] if match else text)
        if day is None:
            return None
        hour, minute, second = (int(part) for part in match.groups()[1:]) if match else (0, 0, 0)
        return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=PARIS)
    except ValueError:
        return None


@lru_cache(maxsize=16_384)
def read_name(text: str) -> str:
    """Return the name cleaned; raise ValueError when it is too long or holds a character that no name can hold."""
    name = cleaned(text)
    if len(name) > LONGEST_NAME or unfit_character(name) is not None:
        raise ValueError("not a name")
    return name


def read_phone(text: str) -> str | None:
    """Return a phone number in international form (+33612345678), None if it is no number.

    Both +33… and 0… stand in one file; a number without country is French.
    """
    if _FRENCH_PHONE.fullmatch(text):
        return "+33" + text[1:]
    number = _PHONE_SPACING.sub("", text)
    number = "+" + number[2:] if number.startswith("00") else number
    if _FRENCH_PHONE.fullmatch(number):
        return "+33" + number[1:]
    # "+33 (0)6…": the zero is not dialled.
    if number.startswith("+330"):
        number = "+33" + number[4:]
    return number if _PHONE.fullmatch(number) else None


def read_mail(text: str) -> str | None:
    """Return one mail address, None for anything else: a list, a line break, a name around it."""
    return text if len(text) <= LONGEST_MAIL and _MAIL.fullmatch(text) else None
