import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartable.kernel.codes import (
    CODE_LETTERS,
    COMMAND_CODES,
    OPERATOR_NUMBERS,
    InvalidLabelCode,
    LabelCode,
    label_code,
    operator_code,
    operator_number,
    parse_label_code,
    spaced,
)

letters = st.sampled_from(CODE_LETTERS)
numbers = st.integers(0, 99_999_999)


def is_refused(text: str) -> bool:
    try:
        parse_label_code(text)
    except InvalidLabelCode:
        return True
    return False


@pytest.mark.parametrize("code", ["P0042118759", "E4820157369"])
def test_codes_printed_in_the_scanning_guide_are_read(code: str) -> None:
    assert str(parse_label_code(code)) == code


def test_check_digits_follow_iso_7064_mod_97_10() -> None:
    assert label_code("P", 421187) == "P0042118759"
    assert int("0042118759") % 97 == 1


@given(letters, numbers)
def test_every_code_is_read_back(letter: str, number: int) -> None:
    assert parse_label_code(label_code(letter, number)) == LabelCode(letter, number)


@given(letters, numbers)
def test_B11_one_wrong_digit_is_always_refused(letter: str, number: int) -> None:
    code = label_code(letter, number)
    wrong = [
        code[:place] + digit + code[place + 1 :]
        for place in range(1, 11)
        for digit in "0123456789"
        if digit != code[place]
    ]
    assert len(wrong) == 90
    assert all(is_refused(text) for text in wrong)


@given(letters, numbers)
def test_two_digits_exchanged_are_always_refused_wherever_they_stand(letter: str, number: int) -> None:
    code = label_code(letter, number)
    for first in range(1, 11):
        for second in range(first + 1, 11):
            if code[first] != code[second]:
                digits = list(code)
                digits[first], digits[second] = digits[second], digits[first]
                assert is_refused("".join(digits))


def test_check_digits_of_the_same_remainder_are_refused() -> None:
    # 97 more or less leaves the remainder unchanged: 00, 01 and 99 would otherwise be second spellings.
    doubles = [n for n in range(2_000) if label_code("E", n)[-2:] in ("02", "97", "98")]
    assert doubles
    for number in doubles:
        code = label_code("E", number)
        other = (int(code[-2:]) + 97) if code.endswith("02") else (int(code[-2:]) - 97)
        assert is_refused(f"{code[:-2]}{other:02d}")


@pytest.mark.parametrize(
    "text", ["p0042118759", "P００４２１１８７５９", "P٠٠٤٢١١٨٧٥٩", "Ｐ0042118759", " P 0042 1187 59\r\n"]
)
def test_B09_small_letter_and_foreign_digits_are_normalised(text: str) -> None:
    assert str(parse_label_code(text)) == "P0042118759"


@pytest.mark.parametrize("length", range(11))
def test_B13_truncated_read_is_refused(length: int) -> None:
    assert is_refused("P0042118759"[:length])


@pytest.mark.parametrize(
    "text", ["A0042118759", "P0042118²59", "P00421187590", "00042118759", "5CG1234XYZ", "P-0042118759"]
)
def test_another_shape_is_refused(text: str) -> None:
    assert is_refused(text)


@given(st.text(max_size=80))
def test_B37_any_text_is_read_or_refused_by_name(text: str) -> None:
    if is_refused(text):
        assert InvalidLabelCode.code == "misread"
    else:
        assert str(parse_label_code(text))[1:].isdecimal()


def test_B35_a_pasted_megabyte_is_refused() -> None:
    assert is_refused("P0042118759" + " " * 1_000_000)


@pytest.mark.parametrize(
    ("letter", "number"), [("A", 1), ("é", 1), ("PP", 1), ("", 1), ("p", 1), ("P", -1), ("P", 10**8)]
)
def test_a_letter_or_number_outside_the_scheme_makes_no_code(letter: str, number: int) -> None:
    with pytest.raises(ValueError, match="code"):
        label_code(letter, number)


def test_a_code_is_spaced_for_reading_aloud() -> None:
    assert spaced("P0042118759") == "P 0042 1187 59"
    assert parse_label_code(spaced("E4820157369")) == parse_label_code("E4820157369")


def test_the_scheme_avoids_letters_that_move_between_keyboards() -> None:
    assert set("AQWZM").isdisjoint(CODE_LETTERS)
    assert len(set(CODE_LETTERS)) == 21


def test_command_cards_are_codes_of_their_own_letter() -> None:
    assert {name: parse_label_code(code) for name, code in COMMAND_CODES.items()} == {
        "undo": LabelCode("C", 1),
        "no_charter": LabelCode("C", 2),
        "device_faulty": LabelCode("C", 3),
        "call": LabelCode("C", 4),
    }


def test_operators_have_cards_from_1_to_99_and_no_other_code_is_one() -> None:
    cards = [operator_code(number) for number in OPERATOR_NUMBERS]
    assert cards[6].startswith("C90000007")
    assert [operator_number(parse_label_code(card)) for card in cards] == list(range(1, 100))
    others = [
        *COMMAND_CODES.values(),
        *(label_code(*x) for x in (("C", 90_000_000), ("C", 90_000_100), ("P", 90_000_007))),
    ]
    assert {operator_number(parse_label_code(code)) for code in others} == {None}


@pytest.mark.parametrize("number", [-1, 0, 100])
def test_an_operator_without_a_card_has_no_code(number: int) -> None:
    with pytest.raises(ValueError, match="1 to 99"):
        operator_code(number)
