"""How much text fits: the largest size for a name, the lines of a paragraph. Sizes and widths in points."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cartable.distribution.paper.faces import DESCENT, Face, letter_height, one_line, text_width

ELLIPSIS = "…"
# From one baseline to the next, as a share of the size: tight, since names are short and labels small. Letters
# that rise higher than capitals (accented capitals, other scripts) get their room in addition.
_LEADING = 0.4
# French sets a space before : ; ? ! and inside « »: it must not end up at a line's beginning or end.
_FIXED_SPACE = re.compile(r"(?<=«) | (?=[:;?!»%€])")


@dataclass(frozen=True, slots=True)
class FittedText:
    """Lines of text and the one size (points) at which all of them fit the space asked for.

    `rise` is the height of the highest letters as a share of the size.
    """

    lines: tuple[str, ...]
    size: float
    rise: float

    @property
    def leading(self) -> float:
        """Distance in points from one baseline to the next."""
        return self.size * (self.rise + _LEADING)

    @property
    def first_baseline(self) -> float:
        """Distance in points from the top to the first baseline."""
        return self.size * self.rise

    @property
    def height(self) -> float:
        """Height in points from the highest letter to the last line's descenders."""
        return self.first_baseline + self.leading * (len(self.lines) - 1) + self.size * DESCENT


def fitted(
    text: str,
    face: Face,
    *,
    width: float,
    height: float,
    largest: float,
    smallest: float,
    line_count: int = 2,
) -> FittedText:
    """Return the text as large as the space allows, on one line or two.

    A text too long even at `smallest` is cut with "…".
    """
    line = _one_set_line(text)
    rise = letter_height(line, face)
    best = FittedText((line,), _largest_size((line,), face, rise, width, height, largest), rise)
    if best.size < largest and line_count > 1:
        for pair in _narrowest_pair(line, face):
            in_two = FittedText(pair, _largest_size(pair, face, rise, width, height, largest), rise)
            best = max(best, in_two, key=lambda candidate: candidate.size)
    if best.size >= smallest:
        return best
    counts = range(1, line_count + 1)
    room = max((n for n in counts if smallest * _relative_height(rise, n) <= height), default=1)
    return FittedText(_cut(line, face, smallest, width, room), smallest, rise)


def ellipsized(text: str, face: Face, size: float, width: float) -> str:
    """Return the text, its end replaced by "…" where it is wider than the width."""
    line = one_line(text)
    if text_width(line, face, size) <= width:
        return line
    short, long = 0, len(line)
    while short < long:
        middle = (short + long + 1) // 2
        if text_width(line[:middle].rstrip() + ELLIPSIS, face, size) <= width:
            short = middle
        else:
            long = middle - 1
    return line[:short].rstrip() + ELLIPSIS


def wrapped(text: str, face: Face, size: float, width: float) -> list[str]:
    """Return the paragraph's lines, broken at spaces and after hyphens; a word wider than a line is cut."""
    return [line.strip(" ") for line in _whole_lines(_one_set_line(text), face, size, width)]


def _whole_lines(line: str, face: Face, size: float, width: float) -> list[str]:
    """Return lines that joined together give the text again, each with the space that ends it."""
    lines = [""]
    for word in _words(line, face, size, width):
        if lines[-1] and text_width((lines[-1] + word).rstrip(" "), face, size) > width:
            lines.append(word)
        else:
            lines[-1] += word
    return lines


def _one_set_line(text: str) -> str:
    return _FIXED_SPACE.sub("\N{NO-BREAK SPACE}", one_line(text))


def _words(line: str, face: Face, size: float, width: float) -> Iterator[str]:
    """Yield the pieces that a line may be broken into, each with the space or hyphen that ends it."""
    for word in re.findall(r"[^ \-]*[ \-]|[^ \-]+", line):
        while len(word) > 1 and text_width(word.rstrip(" "), face, size) > width:
            count = next(n for n in range(len(word) - 1, 0, -1) if n == 1 or text_width(word[:n], face, size) <= width)
            yield word[:count]
            word = word[count:]
        yield word


def _narrowest_pair(line: str, face: Face) -> list[tuple[str, str]]:
    """Return the line broken in two at the space or hyphen that leaves the narrower pair; nothing without any."""
    places = [m.end() for m in re.finditer(r"[ \-]", line) if 0 < m.end() < len(line)]
    pairs = [(line[:place].rstrip(" "), line[place:]) for place in places]
    if len(pairs) < 2:
        return pairs
    return [min(pairs, key=lambda pair: max(text_width(part, face, 1) for part in pair))]


def _largest_size(
    lines: tuple[str, ...], face: Face, rise: float, width: float, height: float, largest: float
) -> float:
    widest = max(text_width(line, face, 1) for line in lines) or 1
    size = min(largest, width / widest, height / _relative_height(rise, len(lines)))
    # Rounded down to a tenth of a point: the sum of rounded glyph widths may exceed the product by a hair.
    return int(size * 10) / 10


def _relative_height(rise: float, line_count: int) -> float:
    return FittedText(("",) * line_count, 1, rise).height


def _cut(line: str, face: Face, size: float, width: float, line_count: int) -> tuple[str, ...]:
    lines = _whole_lines(line, face, size, width)
    if len(lines) <= line_count:
        return tuple(line.strip(" ") for line in lines)
    kept, rest = lines[: line_count - 1], "".join(lines[line_count - 1 :])
    return (*(line.strip(" ") for line in kept), ellipsized(rest, face, size, width))
