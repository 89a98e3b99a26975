"""The UAI, national number of a school (ex RNE): seven digits and a check letter.

Source: the 23-letter rule of the apprenticeship catalogue (mission-apprentissage, uaiUtils.js), which holds
without one exception on the 13,903 schools of the ministry's public files. Weighted sums and alphabets with a Q
circulate as well: they are wrong.
"""

from __future__ import annotations

import re

# No I, O or Q: they read as 1 and 0.
CHECK_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_PATTERN = re.compile(r"[0-9]{7}[A-Z]")


def check_letter(digits: str) -> str:
    """Return the check letter of seven ASCII digits; raise ValueError for anything else."""
    if not re.fullmatch(r"[0-9]{7}", digits):
        raise ValueError("a UAI has seven digits before its letter")
    return CHECK_LETTERS[int(digits) % len(CHECK_LETTERS)]


def normalised_uai(text: str) -> str:
    """Return the text in upper case and without any space; it may still be no valid UAI."""
    return "".join(text.split()).upper()


def has_uai_shape(text: str) -> bool:
    """Tell whether a normalised text is seven digits and a letter, as every UAI kept is; its letter may be wrong."""
    return _PATTERN.fullmatch(text) is not None


def is_valid_uai(text: str) -> bool:
    """Tell whether the normalised text is seven digits followed by the right letter."""
    uai = normalised_uai(text)
    return has_uai_shape(uai) and uai[7] == check_letter(uai[:7])
