"""Long documents: blocks that follow one another down the pages, headings that come again, "page 2/7" below.

Heights are known before anything is drawn: the pages are dealt out first, so the first knows how many come.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from cartable.distribution.paper.faces import Face
from cartable.distribution.paper.measures import ellipsized, wrapped
from cartable.distribution.paper.pen import POINTS_PER_MM, Align, Pen

_LINE_MM = 4.4
_SIZE_PT = 9.5
_CELL_LINE_MM = 3.9


@dataclass(frozen=True, slots=True)
class Block:
    """Something to draw, `height_mm` high, never cut in two.

    `heading` is drawn above the block wherever it begins a page; a `keep_with_next` block ends no page; one
    that `starts_page` begins a page.
    """

    height_mm: float
    draw: Callable[[Pen], None]
    heading: Block | None = None
    keep_with_next: bool = False
    starts_page: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, its width, and how its cells are set.

    A cell wider than its column is cut with "…", or broken into lines where the column `wraps`.
    """

    heading: str
    width_mm: float
    align: Align = "left"
    face: Face = Face.TEXT
    size: float = 9.0
    wraps: bool = False

    def cell_lines(self, text: str) -> list[str]:
        """Return the lines of a cell."""
        width = (self.width_mm - 2) * POINTS_PER_MM
        if self.wraps:
            return wrapped(text, self.face, self.size, width)
        return [ellipsized(text, self.face, self.size, width)]


def dealt(blocks: Sequence[Block], height_mm: float) -> list[list[Block]]:
    """Return the blocks of each page, repeated headings included; a block taller than a page stands alone."""
    pages: list[list[Block]] = []
    room = 0.0
    for group in _groups(blocks):
        needed = sum(block.height_mm for block in group)
        if not pages or needed > room or group[0].starts_page:
            heading = [group[0].heading] if pages and group[0].heading else []
            pages.append([*heading])
            room = height_mm - sum(block.height_mm for block in heading)
        pages[-1].extend(group)
        room -= needed
    return pages


def draw_blocks(pen: Pen, blocks: Sequence[Block]) -> None:
    """Draw the blocks of one page below one another."""
    y = 0.0
    for block in blocks:
        block.draw(pen.at(0, y))
        y += block.height_mm


def gap(height_mm: float) -> Block:
    """Return white space."""
    return Block(height_mm, lambda pen: None)


def title_block(text: str, *, starts_page: bool = False) -> Block:
    """Return the title of a section; it stays with what follows."""
    return Block(12, lambda pen: pen.text(0, 8, text, Face.NAME, 14), keep_with_next=True, starts_page=starts_page)


def paragraph_block(text: str, width_mm: float) -> Block:
    """Return a paragraph in small text."""
    lines = wrapped(text, Face.TEXT, _SIZE_PT, width_mm * POINTS_PER_MM)

    def draw(pen: Pen) -> None:
        for i, line in enumerate(lines):
            pen.text(0, (i + 0.8) * _LINE_MM, line, Face.TEXT, _SIZE_PT)

    return Block(len(lines) * _LINE_MM + 1.5, draw)


def table_blocks(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    *,
    is_last_total: bool = False,
    rows_a_page: int = 0,
) -> list[Block]:
    """Return a table, one block a row; its heading comes again on each page.

    The last row is set strong where it is a total; after every `rows_a_page` rows (if not 0) a page begins.
    """
    heading = Block(6.6, lambda pen: _draw_headings(pen, columns), keep_with_next=True)
    blocks = [heading] if rows else []
    for i, row in enumerate(rows):
        cells = [column.cell_lines(text) for column, text in zip(columns, row, strict=True)]
        height = 5.2 + (max(map(len, cells)) - 1) * _CELL_LINE_MM
        draw = partial(_draw_row, columns=columns, cells=cells, is_total=is_last_total and i == len(rows) - 1)
        starts_page = bool(rows_a_page) and i > 0 and i % rows_a_page == 0
        blocks.append(Block(height, draw, heading, starts_page=starts_page))
    return blocks


def _groups(blocks: Sequence[Block]) -> list[list[Block]]:
    groups: list[list[Block]] = []
    keeps = False
    for block in blocks:
        if keeps:
            groups[-1].append(block)
        else:
            groups.append([block])
        keeps = block.keep_with_next
    return groups


def _draw_headings(pen: Pen, columns: Sequence[Column]) -> None:
    for x, column in _with_positions(columns):
        heading = ellipsized(column.heading, Face.STRONG, 8.5, (column.width_mm - 1) * POINTS_PER_MM)
        pen.text(_anchor(x, column), 4.4, heading, Face.STRONG, 8.5, column.align)
    pen.line(0, 6.0, sum(column.width_mm for column in columns), 6.0, 0.35)


def _draw_row(pen: Pen, columns: Sequence[Column], cells: Sequence[Sequence[str]], is_total: bool) -> None:
    if is_total:
        pen.line(0, 0.2, sum(column.width_mm for column in columns), 0.2, 0.35)
    for (x, column), lines in zip(_with_positions(columns), cells, strict=True):
        for i, line in enumerate(lines):
            face = Face.STRONG if is_total else column.face
            pen.text(_anchor(x, column), 4.0 + i * _CELL_LINE_MM, line, face, column.size, column.align)


def _anchor(x: float, column: Column) -> float:
    return {"left": x, "centre": x + column.width_mm / 2, "right": x + column.width_mm - 2}[column.align]


def _with_positions(columns: Sequence[Column]) -> list[tuple[float, Column]]:
    positions = []
    x = 0.0
    for column in columns:
        positions.append((x, column))
        x += column.width_mm
    return positions
