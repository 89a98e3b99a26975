"""Who comes, and what goes wrong: dealt the same way for the same seed."""

from collections import Counter
from random import Random

from cartable.kernel.codes import InvalidLabelCode, label_code, parse_label_code
from cartable.simulation.visitors import SHARES, Mishap, Visitor, deal, misread

CODES = [label_code("E", number) for number in range(1, 301)]


def test_every_mishap_happens_and_most_students_meet_none() -> None:
    met = Counter(visitor.mishap for visitor in deal(CODES, Random(1)))
    assert set(SHARES) <= set(met)
    assert met[Mishap.NONE] > 0.85 * len(CODES)
    assert met[Mishap.ABSENT] == 12


def test_the_same_seed_deals_the_same_day() -> None:
    assert deal(CODES, Random(5)) == deal(CODES, Random(5))
    assert deal(CODES, Random(5)) != deal(CODES, Random(6))


def test_few_students_are_not_all_unlucky() -> None:
    met = Counter(visitor.mishap for visitor in deal(CODES[:10], Random(1)))
    assert met[Mishap.NONE] >= 5


def test_a_mishap_happens_once() -> None:
    visitor = Visitor(CODES[0], Mishap.STUTTER)
    assert visitor.meets(Mishap.STUTTER)
    assert not visitor.meets(Mishap.STUTTER)


def test_a_misread_code_is_always_refused_by_its_check_digits() -> None:
    dice = Random(2)
    for code in CODES:
        try:
            parse_label_code(misread(code, dice))
        except InvalidLabelCode:
            continue
        raise AssertionError(code)
