"""Arabic and Hebrew on paper: letters joined, and put in the order in which the eye meets them.

A PDF draws glyphs where it is told to, from left to right: without this, an Arabic name comes out backwards
and in separate letters. Names are one short line, so Unicode's bidirectional algorithm is reduced to runs of
one direction (no embedding: the controls that ask for it are dropped before). Shapes: presentation forms.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import groupby

_TATWEEL = "\u0640"
_LAM = "\u0644"


def in_visual_order(line: str) -> str:
    """Return the characters of a line from left to right, Arabic letters in their joined forms."""
    directions = [_direction(character) for character in line]
    if "R" not in directions:
        return line
    base = next(direction for direction in directions if direction)
    runs = [
        (direction, "".join(line[i] for i, _ in run))
        for direction, run in groupby(enumerate(_resolved(directions, base)), key=lambda pair: pair[1])
    ]
    if base == "R":
        runs.reverse()
    return "".join(_mirrored(joined(text)) if direction == "R" else text for direction, text in runs)


def joined(text: str) -> str:
    """Return Arabic text in reading order with each letter in the form that its neighbours ask for."""
    letters = _with_lam_alef(text)
    shapes = list(letters)
    bases = [i for i, letter in enumerate(letters) if not unicodedata.combining(letter[0])]
    for before, here, after in zip([None, *bases], bases, [*bases[1:], None], strict=False):
        from_before = before is not None and _join(letters[before], letters[here])
        to_after = after is not None and _join(letters[here], letters[after])
        shapes[here] = _shape(letters[here], from_before, to_after)
    return "".join(shapes)


def _direction(character: str) -> str:
    bidirectional = unicodedata.bidirectional(character)
    if bidirectional in ("R", "AL"):
        return "R"
    return "L" if bidirectional in ("L", "EN", "AN") else ""


def _resolved(directions: list[str], base: str) -> list[str]:
    """Give each neutral character the direction of its neighbours when they agree, else the line's."""
    resolved = list(directions)
    for i, direction in enumerate(directions):
        if not direction:
            before = next((d for d in reversed(directions[:i]) if d), base)
            after = next((d for d in directions[i:] if d), base)
            resolved[i] = before if before == after else base
    return resolved


def _mirrored(text: str) -> str:
    """Reverse the text, each vowel sign staying behind its letter; turn the brackets."""
    clusters: list[str] = []
    for character in text:
        if unicodedata.combining(character) and clusters:
            clusters[-1] += character
        else:
            clusters.append(character.translate(_BRACKETS))
    return "".join(reversed(clusters))


_BRACKETS = str.maketrans("()[]«»<>", ")(][»«><")


def _with_lam_alef(text: str) -> list[str]:
    letters: list[str] = []
    for character in text:
        if letters and letters[-1] == _LAM and f"{_LAM}{character}" in _forms():
            letters[-1] += character
        else:
            letters.append(character)
    return letters


def _join(first: str, second: str) -> bool:
    """Tell whether two neighbours touch: one has a shape open to the next, the other to the one before."""
    return (first == _TATWEEL or "initial" in _forms().get(first, {})) and (
        second == _TATWEEL or "final" in _forms().get(second, {})
    )


def _shape(letter: str, from_before: bool, to_after: bool) -> str:
    wanted = ("medial" if to_after else "final") if from_before else ("initial" if to_after else "isolated")
    return _forms().get(letter, {}).get(wanted, letter)


@cache
def _forms() -> dict[str, dict[str, str]]:
    """Return each Arabic letter's shapes by name, lam-alef too: Unicode calls U+FE91 "<initial> 0628"."""
    forms: dict[str, dict[str, str]] = {}
    for shape in map(chr, (*range(0xFB50, 0xFBB2), *range(0xFBD3, 0xFC00), *range(0xFE80, 0xFEFD))):
        name, *codes = unicodedata.decomposition(shape).split() or [""]
        letters = "".join(chr(int(code, 16)) for code in codes)
        if name and (len(letters) == 1 or letters.startswith(_LAM)):
            forms.setdefault(letters, {})[name.strip("<>")] = shape
    return forms
