import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartable.kernel.uai import check_letter, is_valid_uai, normalised_uai


@pytest.mark.parametrize("uai", ["0080006N", "0670080Y", "0670081Z", "0541268K", "0750680G", "0590181B", "0752387M"])
def test_real_uai_are_valid(uai: str) -> None:
    assert is_valid_uai(uai)


@pytest.mark.parametrize("uai", ["0080006P", "0670081T", "123ABC", "0750001A", "0759999Z", "", "0080006", "00800066N"])
def test_wrong_uai_are_refused(uai: str) -> None:
    assert not is_valid_uai(uai)


def test_spaces_and_small_letters_are_normalised() -> None:
    assert normalised_uai(" 008 0006n ") == "0080006N"
    assert is_valid_uai(" 008 0006n ")


def test_digits_of_another_script_are_no_uai() -> None:
    assert not is_valid_uai("００８０００６N")


@pytest.mark.parametrize("digits", ["", "080006", "00800066", "008000N", "００８０００６"])
def test_no_check_letter_for_anything_but_seven_digits(digits: str) -> None:
    with pytest.raises(ValueError, match="seven digits"):
        check_letter(digits)


@given(st.integers(0, 9_999_999))
def test_one_wrong_digit_is_always_refused(number: int) -> None:
    digits = f"{number:07d}"
    letter = check_letter(digits)
    for place in range(7):
        for digit in "0123456789":
            if digit != digits[place]:
                assert not is_valid_uai(digits[:place] + digit + digits[place + 1 :] + letter)
