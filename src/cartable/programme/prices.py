"""The price list of a campaign as people send it: a table of items and prices, or lines typed into a page. Pure.

A price costs its line what a guess would cost a family: anything but a plain amount in euros is refused with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from cartable.kernel.names import cleaned, folded
from cartable.kernel.spreadsheets import read_table
from cartable.kernel.tables import DateText, NumberText, UnreadableTable

# Compared without case, accents and punctuation.
COLUMNS = {
    "item": ("article", "designation", "libelle", "piece", "item"),
    "price": ("prix", "prix ttc", "prix negocie", "prix (€)", "montant", "price"),
}
MOST_ITEMS = 200
LONGEST_ITEM = 80
# What the table of prices holds: six digits before the comma (`PriceListLine.price_eur`).
HIGHEST_PRICE = Decimal("999999.99")
# Thousands apart by a space, in groups of three; a comma or a point before one or two decimals, never both.
_PRICE = re.compile(r"(-?)(\d{1,3}(?: \d{3})+|\d{1,9})(?:[.,](\d+))?")


class PriceUnfit(ValueError):
    """A text that is no price; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class PriceProblem:
    """A line of a price list that is not taken, and why; ``item`` is what stands there, to find it by eye."""

    line: int
    code: str
    item: str = ""


@dataclass(frozen=True)
class PriceList:
    """What a price list says: prices by item in its order, and the lines that are not taken."""

    prices: Mapping[str, Decimal]
    problems: tuple[PriceProblem, ...] = ()


def price_of(text: str) -> Decimal:
    """Return an amount in euros: "350", "350,5", "1 234,50 €" or "350.00".

    Raises PriceUnfit: price_missing, price_is_a_date, price_unreadable, price_negative, price_too_fine, price_too_high.
    "1.234" and "1,234" are refused: nobody knows whether a thousand is meant.
    """
    if isinstance(text, DateText):
        raise PriceUnfit("price_is_a_date")
    plain = " ".join(text.replace("€", " ").replace("EUR", " ").split())
    if not plain:
        raise PriceUnfit("price_missing")
    match = _PRICE.fullmatch(plain.replace("\N{MINUS SIGN}", "-").replace("- ", "-"))
    if match is None:
        raise PriceUnfit("price_unreadable")
    sign, euros, cents = match[1], match[2].replace(" ", ""), match[3] or ""
    if len(cents) > 2 and cents.rstrip("0")[2:]:
        raise PriceUnfit("price_too_fine")
    if len(cents) == 3 and not isinstance(text, NumberText):
        raise PriceUnfit("price_too_fine")
    price = Decimal(f"{euros}.{cents[:2]:0<2}")
    if sign and price:
        raise PriceUnfit("price_negative")
    if price > HIGHEST_PRICE:
        raise PriceUnfit("price_too_high")
    return price


def read_prices(content: bytes) -> PriceList:
    """Read a price list from a CSV or .xlsx with an item and a price per line.

    Raises `kernel.tables.UnreadableTable`: its own codes, and price_columns_missing, too_many_prices.
    """
    table = read_table(content)
    columns = table.columns(COLUMNS)
    if columns.keys() != COLUMNS.keys():
        raise UnreadableTable("price_columns_missing", line=1)
    return _listed((row.line, row.cells[columns["item"]], row.cells[columns["price"]]) for row in table.rows)


def typed_prices(text: str) -> PriceList:
    """Read a price list that was typed, one « item : price » per line."""
    lines = ((number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip())
    return _listed((number, *_parted(line)) for number, line in lines)


def written(prices: Mapping[str, Decimal]) -> str:
    """Write prices as `typed_prices` reads them: "PC portable : 350,00", one per line."""
    return "\n".join(f"{item} : {str(price).replace('.', ',')}" for item, price in prices.items())


def _parted(line: str) -> tuple[str, str]:
    item, _colon, price = line.rpartition(":")
    return item, price


def _listed(lines: Iterable[tuple[int, str, str]]) -> PriceList:
    prices: dict[str, Decimal] = {}
    problems: list[PriceProblem] = []
    known: set[str] = set()
    for number, item_text, price_text in lines:
        if len(prices) + len(problems) >= MOST_ITEMS:
            raise UnreadableTable("too_many_prices", line=number, detail=str(MOST_ITEMS))
        item = cleaned(item_text)
        try:
            price = price_of(price_text)
            if not item:
                raise PriceUnfit("item_missing")
            if len(item) > LONGEST_ITEM:
                raise PriceUnfit("item_too_long")
            if folded(item) in known:
                raise PriceUnfit("item_doubled")
        except PriceUnfit as unfit:
            problems.append(PriceProblem(number, unfit.code, (item or cleaned(price_text))[:LONGEST_ITEM]))
        else:
            known.add(folded(item))
            prices[item] = price
    return PriceList(MappingProxyType(prices), tuple(problems))
