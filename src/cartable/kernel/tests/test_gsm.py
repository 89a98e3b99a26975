"""What an SMS costs, and what is written in its alphabet instead of what it lacks."""

import pytest

from cartable.kernel.gsm import as_gsm, is_gsm, length, segments


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("L’élève à Noël", "L'élève à Noel"),
        ("« prêt » … 5 €", '" pret " ... 5 €'),
        ("Ça, Łukasz", "Ça, Lukasz"),
        ("e\u0301te\u0301", "été"),
        ("Здравствуйте", "Здравствуйте"),
        ("\u202f10\u00a0h", " 10 h"),
    ],
)
def test_a_text_is_written_in_the_alphabet_of_sms_where_it_stays_readable(text: str, written: str) -> None:
    assert as_gsm(text) == written


@pytest.mark.parametrize(
    ("text", "places", "messages"),
    [
        ("", 0, 1),
        ("a" * 160, 160, 1),
        ("a" * 161, 161, 2),
        ("a" * 306, 306, 2),
        ("a" * 307, 307, 3),
        ("€" * 80, 160, 1),
        ("€" * 81, 162, 2),
        ("ж" * 70, 70, 1),
        ("ж" * 71, 71, 2),
        ("😀" * 36, 72, 2),
    ],
)
def test_a_text_is_paid_as_so_many_messages(text: str, places: int, messages: int) -> None:
    assert (length(text), segments(text)) == (places, messages)


def test_one_letter_of_another_alphabet_makes_all_of_it_dear() -> None:
    assert is_gsm("Lycée")
    assert not is_gsm("Lycée ж")
