"""Codes of labels and cards: one letter, eight digits, two check digits, as in "P0042118759".

Check digits: ISO 7064 MOD 97-10 over the ten digits, so that every wrong digit and every exchange of two digits
is seen. The letters are those that stand on the same key of a French and an American keyboard.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

CODE_LETTERS = "BCDEFGHIJKLNOPRSTUVXY"
STUDENT_LETTER = "E"
DEVICE_LETTER = "P"
COMMAND_LETTER = "C"

_STUDENT_LABEL = re.compile(rf"{STUDENT_LETTER}[0-9]{{10}}")
_LARGEST_NUMBER = 99_999_999
# A pasted megabyte is not worth a Unicode walk: no spelling of a code is longer than this.
_LONGEST_TEXT = 64


class InvalidLabelCode(ValueError):
    """The text is no label code: another shape, or check digits that do not agree (a misread)."""

    code = "misread"


@dataclass(frozen=True, slots=True)
class LabelCode:
    """A code whose check digits were right: its letter and its number (0 to 99,999,999)."""

    letter: str
    number: int

    def __str__(self) -> str:
        return label_code(self.letter, self.number)


def label_code(letter: str, number: int) -> str:
    """Return the eleven characters of the code; raise ValueError for a letter or number outside the scheme."""
    if len(letter) != 1 or letter not in CODE_LETTERS:
        raise ValueError("this letter is not the same on every keyboard, so no code begins with it")
    if not 0 <= number <= _LARGEST_NUMBER:
        raise ValueError("a code's number has eight digits")
    return f"{letter}{number:08d}{_check_digits(number):02d}"


def parse_label_code(text: str) -> LabelCode:
    """Read a code as scanned or typed; raise InvalidLabelCode unless letter, length and check digits are right.

    Accepted and normalised: spaces, a small letter, full-width letters and the decimal digits of any script.
    """
    if len(text) > _LONGEST_TEXT:
        raise InvalidLabelCode("too long for a code")
    plain = "".join(_plain(character) for character in text if not character.isspace())
    letter, digits = plain[:1], plain[1:]
    if len(digits) != 10 or not (digits.isascii() and digits.isdecimal()) or letter not in CODE_LETTERS:
        raise InvalidLabelCode("not a letter of the scheme followed by ten digits")
    number = int(digits[:8])
    # Compared as a number from 02 to 98, not by remainder: 99 and 00 share a remainder with 02 and 97.
    if int(digits[8:]) != _check_digits(number):
        raise InvalidLabelCode("the check digits do not agree")
    return LabelCode(letter, number)


def has_student_label_shape(text: str) -> bool:
    """Tell whether a text is the letter of students and ten digits, as every label kept is; its digits may be wrong."""
    return _STUDENT_LABEL.fullmatch(text) is not None


def spaced(code: str) -> str:
    """Return the code as people read it aloud, "P 0042 1187 59"; raise InvalidLabelCode for no code."""
    plain = str(parse_label_code(code))
    return f"{plain[0]} {plain[1:5]} {plain[5:9]} {plain[9:]}"


def _check_digits(number: int) -> int:
    return 98 - number * 100 % 97


def _plain(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return str(digit) if digit is not None else unicodedata.normalize("NFKC", character).upper()


COMMAND_CODES: dict[str, str] = {
    name: label_code(COMMAND_LETTER, number)
    for number, name in enumerate(("undo", "no_charter", "device_faulty", "call"), start=1)
}

OPERATOR_NUMBERS = range(1, 100)
_FIRST_OPERATOR = 90_000_000


def operator_code(number: int) -> str:
    """Return the code of the card that whoever serves a station scans; raise ValueError for a card that is not made."""
    if number not in OPERATOR_NUMBERS:
        raise ValueError("operators' cards are numbered from 1 to 99")
    return label_code(COMMAND_LETTER, _FIRST_OPERATOR + number)


def operator_number(code: LabelCode) -> int | None:
    """Return the number of an operator's card, None for any other code."""
    number = code.number - _FIRST_OPERATOR
    return number if code.letter == COMMAND_LETTER and number in OPERATOR_NUMBERS else None
