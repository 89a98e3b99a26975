"""Operators' cards: what a station hears when somebody takes it over."""

from django.utils import translation

from cartable.distribution.paper.operators import operator_cards
from cartable.distribution.tests.paper_reading import PRINTED_AT, codes, codes_by_page, texts
from cartable.kernel.codes import operator_code


def test_twenty_cards_decode_ten_on_a_page() -> None:
    pages = codes_by_page(operator_cards(printed_at=PRINTED_AT))
    assert [len(page) for page in pages] == [10, 10]
    read = sorted(code.text for page in pages for code in page)
    assert read == [operator_code(number) for number in range(1, 21)]


def test_a_poor_printer_still_makes_cards_that_decode() -> None:
    assert len(codes(operator_cards(printed_at=PRINTED_AT), dpi=150)) == 20


def test_each_card_says_whose_number_it_is_in_words_and_in_clear() -> None:
    first, second = texts(operator_cards(printed_at=PRINTED_AT))
    assert "Opérateur 7" in first
    assert "C 9000 0007" in first
    assert "Opérateur 20" in second


def test_the_language_of_the_page_is_that_of_the_cards() -> None:
    with translation.override("en"):
        assert "Operator 7" in texts(operator_cards([7], printed_at=PRINTED_AT))[0]
