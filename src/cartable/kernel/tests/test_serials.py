import pytest

from cartable.kernel.serials import is_plausible_serial, is_spoilt_by_spreadsheet, normalised_serial


@pytest.mark.parametrize("text", ["5cg1234xyz", " 5CG 1234 XYZ ", "５ＣＧ１２３４ＸＹＺ", "5CG1234\u00a0XYZ\t"])
def test_one_serial_number_has_one_spelling(text: str) -> None:
    assert normalised_serial(text) == "5CG1234XYZ"


@pytest.mark.parametrize("text", ["", "ABC", "5CG#1234", "-5CG1234", "X" * 31, "5CG1234É", "=1+1"])
def test_what_cannot_be_a_serial_number_is_told(text: str) -> None:
    assert not is_plausible_serial(text)


@pytest.mark.parametrize(
    "text",
    ["1,23E+11", "1.2E11", "1E+11", "05/03/2026", "2026-03-05", "5-MARS", "05-MAR-26", "SEPT.-26", "MAR-05", "1-AOÛT"],
)
def test_T13_what_a_spreadsheet_makes_of_a_serial_number_is_told(text: str) -> None:
    assert is_spoilt_by_spreadsheet(text)


@pytest.mark.parametrize("text", ["5CG1234XYZ", "00012345", "MARS1234", "1E234567", "PF-3ABCDE", "12-34-5678X"])
def test_a_real_serial_number_is_not_taken_for_one(text: str) -> None:
    assert not is_spoilt_by_spreadsheet(text)


def test_a_pasted_megabyte_is_not_walked() -> None:
    assert len(normalised_serial("x" * 1_000_000)) == 200
