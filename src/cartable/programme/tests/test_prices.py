"""Prices as people write them: commas are understood, a negative or a doubtful amount costs its line."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from cartable.kernel.tables import DateText, UnreadableTable
from cartable.programme.prices import (
    HIGHEST_PRICE,
    MOST_ITEMS,
    PriceList,
    PriceUnfit,
    price_of,
    read_prices,
    typed_prices,
)


def workbook(*rows: list[Any]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, cells in enumerate(rows):
            sheet.write_row(place, 0, cells)
    return buffer.getvalue()


def refused(listed: PriceList) -> list[tuple[int, str]]:
    return [(problem.line, problem.code) for problem in listed.problems]


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("350", "350.00"),
        ("350,5", "350.50"),
        ("350,00 €", "350.00"),
        ("1 234,50", "1234.50"),
        ("1\N{NARROW NO-BREAK SPACE}234,50\N{NO-BREAK SPACE}€", "1234.50"),
        ("350.25 EUR", "350.25"),
        ("0", "0.00"),
        ("-0,00", "0.00"),
    ],
)
def test_T25_decimals_with_a_comma_or_a_point_are_the_same_price(text: str, price: str) -> None:
    assert price_of(text) == Decimal(price)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("-350,00", "price_negative"),
        ("\N{MINUS SIGN} 0,01", "price_negative"),
        ("1.234", "price_too_fine"),
        ("1,234", "price_too_fine"),
        ("0,005", "price_too_fine"),
        ("1.234,50", "price_unreadable"),
        ("12 34,50", "price_unreadable"),
        ("environ 350", "price_unreadable"),
        ("3,5E+02", "price_unreadable"),
        ("٣٥٠,00x", "price_unreadable"),
        ("NaN", "price_unreadable"),
        ("1000000", "price_too_high"),
        ("", "price_missing"),
        (DateText("2026-01-10"), "price_is_a_date"),
    ],
)
def test_T25_a_negative_or_doubtful_price_is_refused_by_name(text: str, code: str) -> None:
    with pytest.raises(PriceUnfit) as refusal:
        price_of(text)
    assert refusal.value.code == code


def test_T25_a_price_list_keeps_good_lines_and_names_the_others_by_line() -> None:
    listed = read_prices("Article;Prix TTC\nÉcran;90,00\nClavier;-40\n;12\nécran;80\nChargeur;25,5 €\n".encode())
    assert dict(listed.prices) == {"Écran": Decimal("90.00"), "Chargeur": Decimal("25.50")}
    assert refused(listed) == [(3, "price_negative"), (4, "item_missing"), (5, "item_doubled")]


def test_T25_a_workbook_gives_the_same_prices_as_text() -> None:
    listed = read_prices(workbook(["Désignation", "Prix"], ["Écran", 90], ["Clavier", -40], ["Chargeur", 25.5]))
    assert dict(listed.prices) == {"Écran": Decimal("90.00"), "Chargeur": Decimal("25.50")}
    assert refused(listed) == [(3, "price_negative")]


def test_prices_that_are_typed_stand_after_the_last_colon() -> None:
    listed = typed_prices("Écran : 90,00\n\nPochette : cuir : 10\nClavier 40")
    assert dict(listed.prices) == {"Écran": Decimal("90.00"), "Pochette : cuir": Decimal("10.00")}
    assert refused(listed) == [(4, "price_unreadable")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        ("Article;Quantité\nÉcran;2\n".encode(), "price_columns_missing"),
        (b"Article;Prix\n" + b"".join(b"A%d;1\n" % n for n in range(MOST_ITEMS + 1)), "too_many_prices"),
    ],
)
def test_a_file_that_is_no_price_list_is_refused_as_a_whole(content: bytes, code: str) -> None:
    with pytest.raises(UnreadableTable) as refusal:
        read_prices(content)
    assert refusal.value.code == code


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=40))
def test_whatever_stands_in_the_cell_it_is_a_price_that_the_table_holds_or_a_named_refusal(text: str) -> None:
    try:
        price = price_of(text)
    except PriceUnfit:
        return
    assert 0 <= price <= HIGHEST_PRICE
    assert price == price.quantize(Decimal("0.01"))


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200))
def test_whatever_bytes_arrive_under_a_true_header_they_are_read_or_refused_by_name(content: bytes) -> None:
    try:
        read_prices(b"Article;Prix\n" + content)
    except UnreadableTable:
        return
