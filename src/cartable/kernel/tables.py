"""Tables that people send: delimited text of any separator and encoding, read by header name.

What cannot be read without guessing is refused as a whole, with the line where reading stopped; what is merely
untidy (byte-order mark, mixed line ends, blank lines) is put right. Spreadsheets come from `spreadsheets` in the
same shape.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from cartable.kernel.names import folded

LARGEST_FILE_BYTES = 64 * 1024 * 1024
MOST_COLUMNS = 256
MOST_ROWS = 250_000
_SEPARATORS = (";", ",", "\t", "|")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class UnreadableTable(ValueError):
    """The file cannot be read as a table; ``code`` says why, ``line`` where (None: the file as a whole)."""

    def __init__(self, code: str, *, line: int | None = None, detail: str = "") -> None:
        super().__init__(f"{code}, line {line}" if line else code)
        self.code, self.line, self.detail = code, line, detail


class NumberText(str):
    """A cell that a spreadsheet holds as a number: leading zeros and late digits may be gone."""


class DateText(str):
    """A cell that a spreadsheet holds as a date, time or truth value: what was typed is gone."""


@dataclass(frozen=True)
class Row:
    """One line: its number in the file (from 1, header included) and as many cells as the header."""

    line: int
    cells: Sequence[str]
    has_surplus: bool = False


@dataclass
class Table:
    """A header and the rows under it, read once, in order; blank rows are left out.

    ``warnings`` are codes of what was put aside (hidden sheets, filters, formulas): only spreadsheets have any.
    """

    header: tuple[str, ...]
    rows: Iterator[Row]
    warnings: tuple[str, ...] = field(default=())

    def columns(self, synonyms: Mapping[str, Iterable[str]]) -> dict[str, int]:
        """Return field name → position of its column, for each field of which one synonym is a header.

        Headers compare without case, accents and punctuation. Raises UnreadableTable("header_ambiguous") where
        two columns could be the same field.
        """
        places = {folded_header(name): place for place, name in enumerate(self.header)}
        found: dict[str, int] = {}
        for name, words in synonyms.items():
            hits = {places[key] for key in map(folded_header, words) if key in places}
            if len(hits) > 1:
                detail = ", ".join(self.header[place] for place in sorted(hits))
                raise UnreadableTable("header_ambiguous", line=1, detail=detail)
            if hits:
                found[name] = hits.pop()
        return found

    def chosen(self, headers: Mapping[str, str]) -> dict[str, int]:
        """Return field name → position of the column that somebody chose by its header; one that is not there is left out.

        Headers compare as in `columns`.
        """
        places = {folded_header(name): place for place, name in enumerate(self.header) if name}
        return {field: places[key] for field, name in headers.items() if (key := folded_header(name)) in places}


def inert(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula, whatever it begins with: an apostrophe goes before it.

    Full-width signs count as well: some programs read them as plain ones.
    """
    first = text.lstrip()[:1]
    return f"'{text}" if (first and first in "=+-@＝＋－＠") or text[:1] in ("\t", "\r") else text


def folded_header(text: str) -> str:
    """Return the form in which headers compare: "N° de série", "n_de_serie" and "N DE SERIE" are one."""
    return folded(text.replace("°", " "))


def read_delimited(content: bytes, *, has_header: bool = True) -> Table:
    """Read delimited text (; , tab |) in UTF-8, UTF-16 with its mark, or Windows-1252.

    Without header the columns are named 1, 2, 3. Raises UnreadableTable: empty_file, file_too_big, not_text,
    header_doubled, too_many_columns; and while rows are read: unclosed_quote, cell_too_long, too_many_rows.
    """
    text = _decoded(content)
    separator = _separator(text)
    records = _records(text, separator)
    first = next(records, None)
    if first is None:
        raise UnreadableTable("empty_file")
    if len(first.cells) > MOST_COLUMNS:
        raise UnreadableTable("too_many_columns", line=first.line, detail=str(len(first.cells)))
    if has_header:
        header = checked_header(first.cells, line=first.line)
        return Table(header, shaped(records, len(header)))
    header = tuple(str(number + 1) for number in range(len(first.cells)))
    return Table(header, shaped(chain([first], records), len(header)))


def checked_header(cells: Iterable[str], *, line: int) -> tuple[str, ...]:
    """Return the names of the columns; raise UnreadableTable("header_doubled") where two are the same."""
    header = tuple(str(cell).strip() for cell in cells)
    doubled = [key for key, count in Counter(map(folded_header, header)).items() if key and count > 1]
    if doubled:
        names = ", ".join(name for name in header if folded_header(name) in doubled)
        raise UnreadableTable("header_doubled", line=line, detail=names)
    return header


def shaped(records: Iterable[Row], width: int) -> Iterator[Row]:
    """Bring every row to the width of the header; cells beyond it are dropped, and said so if they hold anything."""
    for count, row in enumerate(records, start=1):
        if count > MOST_ROWS:
            raise UnreadableTable("too_many_rows", line=row.line, detail=str(MOST_ROWS))
        cells = row.cells
        if len(cells) == width:
            yield row
        elif len(cells) < width:
            yield Row(row.line, [*cells, *([""] * (width - len(cells)))])
        else:
            yield Row(row.line, cells[:width], has_surplus=any(map(str.strip, cells[width:])))


def _decoded(content: bytes) -> str:
    if len(content) > LARGEST_FILE_BYTES:
        raise UnreadableTable("file_too_big", detail=str(LARGEST_FILE_BYTES))
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)), None)
    try:
        text = content.decode(encoding) if encoding else _utf8_or_windows(content)
    except UnicodeDecodeError as error:
        raise UnreadableTable("not_text") from error
    if "\0" in text:
        raise UnreadableTable("not_text")
    if not text.strip():
        raise UnreadableTable("empty_file")
    # One kind of line end, so that line numbers are those of an editor whatever the mixture.
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _utf8_or_windows(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _separator(text: str) -> str:
    head = text.lstrip("\n").split("\n", 1)[0]
    bare = "".join(head.split('"')[::2])
    return max(_SEPARATORS, key=bare.count)


def _records(text: str, separator: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # A quote that never closes swallows what follows: the line to correct is where the record began.
            raise UnreadableTable(_cause(error, text, line), line=line) from error
        if any(map(str.strip, cells)):
            yield Row(line, cells)


def _cause(error: csv.Error, text: str, line: int) -> str:
    """Tell a cell that is too long from a quote that swallowed the lines after it."""
    record = text.split("\n", line)[line - 1]
    is_long = "field limit" in str(error) and len(record) > csv.field_size_limit()
    return "cell_too_long" if is_long else "unclosed_quote"
