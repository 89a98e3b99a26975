"""Fonts and fitting: every name is drawn with something, and never wider than its room."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartable.distribution.paper.faces import FONT_DIRECTORY, MISSING, Face, one_line, text_width, typeset
from cartable.distribution.paper.labels import student_label_sheets
from cartable.distribution.paper.measures import ELLIPSIS, ellipsized, fitted, wrapped
from cartable.distribution.paper.scripts import in_visual_order
from cartable.distribution.tests.paper_reading import PRINTED_AT, student_labels

FRENCH = "àâäçéèêëîïôöùûüÿñœæÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸÑŒÆ€«»’…–—·°\u00a0\u202f0123456789"


@pytest.mark.parametrize("face", [Face.TEXT, Face.STRONG, Face.NAME])
def test_the_family_draws_all_of_french_itself(face: Face) -> None:
    assert typeset(FRENCH, face) == (face.value, FRENCH)


def test_codes_have_a_monospaced_face() -> None:
    widths = {text_width(character, Face.CODE, 10) for character in "ABCDEFGHIJKLNOPRSTUVXY0123456789 "}
    assert len(widths) == 1


@pytest.mark.parametrize("face", [Face.TEXT, Face.STRONG])
def test_digits_of_tables_are_as_wide_as_one_another(face: Face) -> None:
    assert len({text_width(digit, face, 10) for digit in "0123456789"}) == 1


@pytest.mark.parametrize("name", ["Олександр", "Ελένη", "שלום", "محمد", "Nguyễn", "გიორგი", "Արամ"])
def test_other_scripts_are_drawn_with_the_fallback(name: str) -> None:
    font, line = typeset(name, Face.NAME)
    assert font == Face.FALLBACK.value
    assert MISSING not in line


def test_what_no_font_knows_shows_as_a_box_and_is_not_lost() -> None:
    assert typeset("王小明", Face.NAME)[1] == MISSING * 3


def test_arabic_letters_are_joined_and_run_from_right_to_left() -> None:
    # Muhammad: meem initial, hah medial, meem medial, dal final; the eye meets the dal first on the left.
    assert in_visual_order("محمد") == "\ufeaa\ufee4\ufea4\ufee3"


def test_lam_and_alef_become_one_letter() -> None:
    assert in_visual_order("لا") == "\ufefb"


def test_hebrew_runs_from_right_to_left_and_latin_beside_it_does_not() -> None:
    assert in_visual_order("Ali שלום (2)") == "Ali םולש (2)"
    assert in_visual_order("Léa Marchand") == "Léa Marchand"


def test_a_vowel_sign_stays_behind_its_letter() -> None:
    assert in_visual_order("בּג") == "ג" + "ב" + "\u05bc"


@given(st.text())
def test_any_text_becomes_one_printable_line(text: str) -> None:
    line = one_line(text)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]", line)
    # Drawn with something: one character for one, but for the joined lam and alef.
    assert bool(typeset(text, Face.NAME)[1]) == bool(line)


@given(st.text(max_size=200), st.floats(20, 300), st.floats(10, 60))
def test_fitted_text_is_never_wider_than_its_room(text: str, width: float, height: float) -> None:
    result = fitted(text, Face.NAME, width=width, height=height, largest=22, smallest=8)
    assert 8 <= result.size <= 22
    assert all(text_width(line, Face.NAME, result.size) <= width + 0.01 or line == ELLIPSIS for line in result.lines)
    # At the smallest size one line is printed even where no line has room: a name is never dropped.
    assert result.height <= height or (result.size == 8 and len(result.lines) == 1)


@given(st.text(max_size=200), st.floats(30, 300))
def test_a_shortened_text_says_so_and_fits(text: str, width: float) -> None:
    short = ellipsized(text, Face.TEXT, 10, width)
    assert text_width(short, Face.TEXT, 10) <= width
    assert short == one_line(text) or short.endswith(ELLIPSIS)


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Zs"]), max_size=300))
def test_wrapping_loses_no_letter_and_keeps_to_the_width(text: str) -> None:
    lines = wrapped(text, Face.TEXT, 10, 120)
    assert all(text_width(line, Face.TEXT, 10) <= 120 for line in lines)
    assert "".join("".join(lines).split()) == "".join(one_line(text).split())


def test_french_punctuation_never_begins_a_line() -> None:
    for width in range(70, 200, 5):
        lines = wrapped("Trouvé ? Rapportez-le : « merci » ! Bien sûr ; à 100 % !", Face.TEXT, 10, width)
        assert not any(re.match(r"[?:;!»%]", line) for line in lines)


def test_the_pdf_embeds_only_the_letters_that_it_uses() -> None:
    pdf = student_label_sheets(student_labels(1), printed_at=PRINTED_AT)
    assert pdf.count(b"/FontFile2") == 4
    assert len(pdf) < 60_000


def test_font_files_are_those_that_the_vendor_page_names() -> None:
    listed = dict(re.findall(r"`([\w.-]+\.ttf)`.*?`([0-9a-f]{64})`", (FONT_DIRECTORY / "VENDOR.md").read_text()))
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FONT_DIRECTORY.glob("*.ttf")}
    assert files == listed
    assert {f"{face.value}.ttf" for face in Face} == set(files)
