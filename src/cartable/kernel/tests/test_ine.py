import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartable.kernel.ine import bea_key, has_valid_key, ine_fingerprint, ine_kind, normalised_ine, rnie_key

RNIE = [
    "070832327JA",
    "060375611AC",
    "060446577EA",
    "000000001KG",
    "123456789FJ",
    "999999999GE",
    "000000097KH",
]
BEA = ["0113014881M", "1234567890V", "0123456789M"]


@pytest.mark.parametrize("ine", RNIE)
def test_rnie_vectors_have_a_valid_key(ine: str) -> None:
    assert ine_kind(ine) == "rnie"
    assert has_valid_key(ine) is True


@pytest.mark.parametrize("ine", BEA)
def test_bea_vectors_have_a_valid_key(ine: str) -> None:
    assert ine_kind(ine) == "bea"
    assert has_valid_key(ine) is True


@pytest.mark.parametrize("ine", ["070876696HA", "999999999XX", "1234567890X", "0123456789U"])
def test_wrong_keys_are_seen(ine: str) -> None:
    assert has_valid_key(ine) is False


@pytest.mark.parametrize(
    ("ine", "kind"), [("1234A56789B", "apprentice"), ("1AB23C4D5EF", "higher"), ("123", None), ("", None)]
)
def test_a_key_of_unknown_rule_is_not_judged(ine: str, kind: str | None) -> None:
    assert ine_kind(ine) == kind
    assert has_valid_key(ine) is None


def test_padding_of_school_software_is_stripped() -> None:
    assert normalised_ine(" 070832327ja__ ") == "070832327JA"
    assert has_valid_key("_070832327ja") is True


@given(st.integers(0, 999_999_999))
def test_rnie_key_of_any_number_is_valid(number: int) -> None:
    assert has_valid_key(f"{number:09d}{rnie_key(number)}") is True


@given(st.integers(0, 9_999_999_999))
def test_bea_key_of_any_number_is_valid(number: int) -> None:
    assert has_valid_key(f"{number:010d}{bea_key(number)}") is True


def test_fingerprint_is_the_keyed_hash_of_the_normal_form() -> None:
    fingerprint = ine_fingerprint("070832327JA", key=b"secret of the region")
    assert len(fingerprint) == 32
    assert fingerprint == ine_fingerprint(" 070832327ja_", key=b"secret of the region")
    assert fingerprint != ine_fingerprint("070832327JA", key=b"another secret")
    assert b"070832327JA" not in fingerprint


@pytest.mark.parametrize(("ine", "key"), [("", b"key"), (" __ ", b"key"), ("070832327JA", b"")])
def test_no_fingerprint_without_ine_or_key(ine: str, key: bytes) -> None:
    with pytest.raises(ValueError, match="fingerprint"):
        ine_fingerprint(ine, key=key)
