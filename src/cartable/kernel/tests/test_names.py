import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartable.kernel.names import cleaned, folded, unfit_character


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Jean-Loup", "JEAN LOUP"),
        ("d'Œuvres", "D OEUVRES"),
        ("d’Œuvres", "D OEUVRES"),
        ("  Le   Goff ", "LE GOFF"),
        ("François", "FRANCOIS"),
        ("Müller-Weiß", "MULLER WEISS"),
        ("Yıldız", "YILDIZ"),
        ("İpek", "IPEK"),
        ("Łukasz", "LUKASZ"),
        ("Conceição", "CONCEICAO"),
        ("", ""),
    ],
)
def test_names_fold_to_what_people_compare(written: str, compared: str) -> None:
    assert folded(written) == compared


@given(st.text())
def test_P11_composed_and_decomposed_accents_are_equal(text: str) -> None:
    assert folded(unicodedata.normalize("NFC", text)) == folded(unicodedata.normalize("NFD", text))
    assert cleaned(unicodedata.normalize("NFD", text)) == cleaned(unicodedata.normalize("NFC", text))


@given(st.text())
def test_folding_and_cleaning_twice_change_nothing_more(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert cleaned(cleaned(text)) == cleaned(text)


def test_P19_names_of_other_scripts_stay_and_bidi_controls_go() -> None:
    assert cleaned("\u202eמרים\u202c") == "מרים"
    assert cleaned("\u2067ليلى\u2069 \u200fبن") == "ليلى بن"
    assert folded("ליאור") == "ליאור"
    assert unfit_character("ليلى בן") is None


@pytest.mark.parametrize("text", ["Léa 😀", "Léa\ud83d", "L\x00a", "L\ue000", "☺", "❤️", "L\ufffda"])
def test_P13_emoji_surrogates_and_controls_are_pointed_at(text: str) -> None:
    assert unfit_character(text) is not None


@pytest.mark.parametrize(
    "text", ["Zoé", "O'Brien", "d’Œuvres", "Nguyễn", "Null", "None", "Jean\tPaul", "José-María", "Ȃ", "二"]
)
def test_P17_real_names_are_fit(text: str) -> None:
    assert unfit_character(text) is None
