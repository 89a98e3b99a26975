"""Cards of the desks: what the station will hear when they are scanned."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from cartable.distribution.paper.cards import NotASiteCode, SiteCard, command_card, practice_sheet, site_card
from cartable.distribution.tests.paper_reading import (
    DAY,
    PRINTED_AT,
    codes,
    codes_by_page,
    device_labels,
    student_labels,
    texts,
)
from cartable.kernel.codes import COMMAND_CODES

CARD = SiteCard(
    digits="482019307754120986351147",
    title="Distribution des PC",
    school="Lycée des Trois-Rivières, Metz",
    day=DAY,
    valid_from=PRINTED_AT + timedelta(days=2),
    valid_until=PRINTED_AT + timedelta(days=2, hours=2),
    address="https://cartable.example/poste",
)


def test_the_command_card_holds_the_four_commands_in_their_order() -> None:
    [page] = codes_by_page(command_card(printed_at=PRINTED_AT))
    assert [code.text for code in sorted(page, key=lambda code: code.y_mm)] == list(COMMAND_CODES.values())


def test_a_scanner_held_over_one_command_cannot_read_another() -> None:
    [page] = codes_by_page(command_card(printed_at=PRINTED_AT))
    heights = sorted(code.y_mm for code in page)
    assert all(below - above > 40 for above, below in pairwise(heights))


def test_each_command_stands_with_its_verb() -> None:
    [page] = texts(command_card(printed_at=PRINTED_AT))
    for verb in ("Annuler", "Sans charte", "PC en défaut", "Appeler le responsable"):
        assert verb in page


def test_the_site_card_gives_its_digits_as_qr_as_code_128_and_in_clear() -> None:
    pdf = site_card(CARD, printed_at=PRINTED_AT)
    read = {(code.symbology, code.text) for code in codes_by_page(pdf)[0]}
    assert len([text for _symbology, text in read if text == CARD.digits]) == 2
    assert CARD.address in {text for _symbology, text in read}
    assert "4820 1930 7754 1209 8635 1147" in texts(pdf)[0]


def test_the_site_card_says_where_when_and_how_in_two_gestures() -> None:
    [page] = texts(site_card(CARD, printed_at=PRINTED_AT))
    for words in (CARD.school, "15 septembre 2026", "16:05", "18:05", "Ouvrez cette adresse", "Scannez ce code"):
        assert words in page


@pytest.mark.parametrize("digits", ["", "1" * 23, "1" * 25, "E" + "1" * 23, "१" * 24])
def test_a_site_card_without_24_digits_is_refused(digits: str) -> None:
    with pytest.raises(NotASiteCode):
        replace(CARD, digits=digits)


def test_every_practice_label_decodes_and_says_that_it_is_for_practice() -> None:
    students, devices = student_labels(12), device_labels(12)
    pdf = practice_sheet(students, devices, printed_at=PRINTED_AT)
    assert sorted(codes(pdf)) == sorted(label.code for label in (*students, *devices))
    assert sum(page.count("ENTRAÎNEMENT") for page in texts(pdf)) == 24
