import pytest

from cartable.kernel.levels import (
    ENTRY_LEVELS,
    LEVEL_LABELS,
    is_post_bac,
    is_secondary,
    level_label,
    level_of_label,
    level_of_mef,
)


@pytest.mark.parametrize(
    ("code_mef", "level"),
    [
        ("20010018110", "2211"),
        ("20110019110", "2212"),
        ("20211010110", "2213"),
        ("21131016110", "2212"),
        ("21231017110", "2213"),
        ("2213230611", "2212"),
        ("2402331111", "2311"),
        ("24121305210", "2321"),
        ("24121305220", "2322"),
        ("2422235032", "2332"),
        ("2422236333", "2333"),
        ("24731203310", "2381"),
        ("2472340M11A", "2381"),
        ("24731203330", "2383"),
        ("27121401210", "2321"),
        ("27621401320", "2382"),
        ("31131209210", "3221"),
        ("31131209220", "3222"),
    ],
)
def test_level_is_derived_from_the_mef(code_mef: str, level: str) -> None:
    assert level_of_mef(code_mef) == level


@pytest.mark.parametrize(
    "code_mef", ["", "200", "10310019110", "24731203340", "99999999999", "abcdefghijk", "200100181100"]
)
def test_an_unknown_mef_has_no_level(code_mef: str) -> None:
    assert level_of_mef(code_mef) is None


def test_entry_levels_are_named_secondary_levels() -> None:
    assert {"2211", "2311", "2321", "2331", "2381"} == ENTRY_LEVELS
    assert all(code in LEVEL_LABELS and is_secondary(code) for code in ENTRY_LEVELS)


def test_post_bac_is_not_secondary() -> None:
    assert is_post_bac("3221")
    assert not is_secondary("3221")
    assert not is_post_bac("2383")


def test_labels_go_both_ways_in_both_languages() -> None:
    assert level_label("2211") == "2nde GT"
    assert level_label("2383", "en") == "Year 3 vocational"
    assert level_label("9999") == "9999"
    for code, label in LEVEL_LABELS.items():
        assert level_of_label(label.french) == code
        assert level_of_label(label.english) == code
    assert level_of_label("2NDE  gt") == "2211"
    assert level_of_label("maternelle") is None
